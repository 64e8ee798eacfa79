"""What can be done to neighbourhoods: loaded from boundaries, switched off and on by staff."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils.text import slugify

from core import audit
from core.events import publish
from core.text import fold
from places.boundaries import Boundary
from places.events import NeighborhoodsLoaded
from places.models import MeetingPoint, Neighborhood, NeighborhoodSource

LOADER_LOCK = 0x5011_0101  # one load at a time: two could choose the same slug


@dataclass
class Loaded:
    """What a load did.

    `missing` are known ones of that source and city that the file does not name; they were left alone.
    """

    added: list[Neighborhood] = field(default_factory=list)
    changed: list[Neighborhood] = field(default_factory=list)
    unchanged: int = 0
    retired: list[Neighborhood] = field(default_factory=list)
    missing: list[Neighborhood] = field(default_factory=list)


@transaction.atomic
def load_neighborhoods(
    *,
    boundaries: Sequence[Boundary],
    city: str,
    source: str,
    country: str = "AE",
    replace_illustrative: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Loaded:
    """Add the boundaries of a city, or bring known ones up to date, all or none.

    A neighbourhood is known again by its source, city and the source's id, keeps its own id and slug for ever, and an
    inactive one stays inactive. With `replace_illustrative` the drawn ones of the city are retired: inactive but still
    there, so that what refers to them holds until listeners of `places.neighborhoods_loaded` have looked their places
    up again. A retired one gives its slug to its namesake.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOADER_LOCK])
    loaded = Loaded()
    if replace_illustrative:
        loaded.retired = _retire_illustrative(city)
    known = {n.external_id: n for n in Neighborhood.objects.filter(source=source, city=city).exclude(external_id="")}
    taken = set(Neighborhood.objects.values_list("slug", flat=True))
    for done, boundary in enumerate(boundaries, start=1):
        neighborhood = known.pop(boundary.external_id, None)
        if neighborhood is None:
            loaded.added.append(_add(boundary, city=city, source=source, country=country, taken=taken))
        elif _bring_up_to_date(neighborhood, boundary):
            loaded.changed.append(neighborhood)
        else:
            loaded.unchanged += 1
        progress(done)
    loaded.missing = list(known.values())
    if loaded.added or loaded.changed or loaded.retired:
        publish(
            NeighborhoodsLoaded(
                city=city,
                source=source,
                loaded_ids=[str(n.id) for n in (*loaded.added, *loaded.changed)],
                retired_ids=[str(n.id) for n in loaded.retired],
            )
        )
        audit.record(
            action="places.load_neighborhoods",
            target_kind="city",
            target_id=city,
            after={
                "source": source,
                "added": len(loaded.added),
                "changed": len(loaded.changed),
                "retired": len(loaded.retired),
            },
        )
    return loaded


def _retire_illustrative(city: str) -> list[Neighborhood]:
    retired = list(
        Neighborhood.objects.select_for_update(of=("self",)).filter(
            source=NeighborhoodSource.ILLUSTRATIVE, city=city, is_active=True
        )
    )
    for neighborhood in retired:
        neighborhood.is_active = False
        neighborhood.slug = f"{neighborhood.slug[:60]}-{neighborhood.id.hex[-8:]}"
        neighborhood.save(update_fields=["is_active", "slug", "updated_at"])
    return retired


def _add(boundary: Boundary, *, city: str, source: str, country: str, taken: set[str]) -> Neighborhood:
    neighborhood = Neighborhood(city=city, source=source, country=country, external_id=boundary.external_id)
    neighborhood.slug = _free_slug(boundary, city=city, taken=taken)
    taken.add(neighborhood.slug)
    _describe(neighborhood, boundary)
    neighborhood.save(force_insert=True)
    return neighborhood


def _bring_up_to_date(neighborhood: Neighborhood, boundary: Boundary) -> bool:
    same_names = (neighborhood.name_en, neighborhood.name_ar) == (boundary.name_en, boundary.name_ar)
    if same_names and neighborhood.boundary.equals_exact(boundary.polygons):
        return False
    _describe(neighborhood, boundary)
    neighborhood.save()
    return True


def _describe(neighborhood: Neighborhood, boundary: Boundary) -> None:
    neighborhood.name_en = boundary.name_en
    neighborhood.name_ar = boundary.name_ar
    neighborhood.folded_names = f"{fold(boundary.name_en)} {fold(boundary.name_ar)}".strip()
    neighborhood.boundary = boundary.polygons
    neighborhood.centre = boundary.centre
    neighborhood.area_km2 = boundary.area_km2


def _free_slug(boundary: Boundary, *, city: str, taken: set[str]) -> str:
    """The name, else the name and the city, else the name and the source's id."""
    name = boundary.slug or slugify(boundary.name_en)[:40] or "area"
    for slug in (name, f"{name}-{slugify(city)}"[:80], f"{name}-{slugify(boundary.external_id)}"[:80]):
        if slug not in taken:
            return slug
    return f"{name}-{len(taken)}"


@transaction.atomic
def switch_neighborhood(*, staff: Any, neighborhood: Neighborhood, active: bool) -> Neighborhood:
    """Take a neighbourhood out of every list and lookup, or put it back. What refers to it keeps its reference."""
    locked = Neighborhood.objects.select_for_update(of=("self",)).get(pk=neighborhood.pk)
    if locked.is_active == active:
        return locked
    locked.is_active = active
    locked.save(update_fields=["is_active", "updated_at"])
    audit.record(
        action="places.switch_neighborhood",
        target_kind="neighborhood",
        target_id=locked.pk,
        actor=staff,
        before={"is_active": not active},
        after={"is_active": active},
    )
    return locked


@transaction.atomic
def save_meeting_point(*, staff: Any, point: MeetingPoint) -> MeetingPoint:
    """Write a meeting point as it was edited, a new one too. Audited with what it was before."""
    before = MeetingPoint.objects.filter(pk=point.pk).first()
    point.save()
    audit.record(
        action="places.meeting_point_saved",
        target_kind="meeting_point",
        target_id=point.pk,
        actor=staff,
        before=_as_told(before) if before else None,
        after=_as_told(point),
    )
    return point


def _as_told(point: MeetingPoint) -> dict[str, Any]:
    return {
        "slug": point.slug,
        "name_en": point.name_en,
        "name_ar": point.name_ar,
        "hint_en": point.hint_en,
        "hint_ar": point.hint_ar,
        "latitude": point.location.y,
        "longitude": point.location.x,
        "is_active": point.is_active,
    }
