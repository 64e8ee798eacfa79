"""Questions about neighbourhoods. Only active ones are ever answered, unless a question says otherwise."""

import hashlib
import re
import uuid
from dataclasses import dataclass, replace

from django.conf import settings
from django.contrib.gis.db.models import MultiPolygonField, PointField
from django.contrib.gis.db.models.functions import AsGeoJSON, GeometryDistance
from django.db.models import Case, Count, F, Func, IntegerField, Max, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from core.errors import Refusal
from core.geo import LatLng
from core.text import fold
from places.errors import MeetingPointNotFound, NeighborhoodNotFound
from places.models import MeetingPoint, Neighborhood, NeighborhoodSource

OUTLINE_TOLERANCE = 0.0002  # degrees, some 20 m: finer than a finger on a city map
_MUNICIPAL_FIRST = Case(When(source=NeighborhoodSource.MUNICIPAL, then=0), default=1, output_field=IntegerField())


def neighborhoods(*, city: str = "", q: str = "") -> QuerySet[Neighborhood]:
    """Active neighbourhoods by name, without their boundaries.

    `q` finds a part of a name in either language, however it is spelt.
    """
    found = Neighborhood.objects.filter(is_active=True).defer("boundary").order_by("city", "name_en", "id")
    if city:
        found = found.filter(city__iexact=city)
    for word in fold(q).split():
        found = found.filter(folded_names__contains=word)
    return found


def neighborhood_with_slug(slug: str) -> Neighborhood:
    """One active neighbourhood with its boundary.

    Raises:
        NeighborhoodNotFound: there is none, or it was replaced by another.
    """
    # NUL comes in addresses, and no column takes it.
    found = Neighborhood.objects.filter(is_active=True, slug=slug).first() if "\0" not in slug else None
    if found is None:
        raise NeighborhoodNotFound
    return found


def neighborhood_at(place: LatLng) -> Neighborhood | None:
    """The neighbourhood that holds the point: municipal before illustrative, then the smallest.

    None where we know of none.
    """
    return _covering(Value(place.point, output_field=PointField(srid=4326))).first()


def neighborhood_id_at(point: str) -> Subquery:
    """The id of the neighbourhood that holds a geography column of the outer query, by the same choice as
    `neighborhood_at`.

    For looking up many rows in one statement: `Address.objects.update(neighborhood_id=neighborhood_id_at("place"))`.
    """
    as_geometry = Func(OuterRef(point), template="%(expressions)s::geometry", output_field=PointField(srid=4326))
    return Subquery(_covering(as_geometry).values("id")[:1])


def _covering(point: Combinable) -> QuerySet[Neighborhood]:
    return (
        Neighborhood.objects.filter(is_active=True, boundary__covers=point)
        .defer("boundary")
        .order_by(_MUNICIPAL_FIRST, F("area_km2"), "id")
    )


class _Simplified(Func):
    function = "ST_SimplifyPreserveTopology"
    output_field = MultiPolygonField(srid=4326)


def outlines(*, city: str = "") -> QuerySet[Neighborhood]:
    """Active neighbourhoods with `outline`: their boundary as GeoJSON text,
    corners within some 20 m of the true line.
    """
    simplified = _Simplified(F("boundary"), Value(OUTLINE_TOLERANCE))
    return neighborhoods(city=city).annotate(outline=AsGeoJSON(simplified, precision=5))


def outlines_version(*, city: str = "") -> str:
    """A short text that changes whenever `outlines` would answer differently."""
    facts = neighborhoods(city=city).order_by().aggregate(many=Count("id"), newest=Max("updated_at"))
    newest = facts["newest"].timestamp() if facts["newest"] else 0
    return hashlib.sha256(f"{city}|{facts['many']}|{newest}".encode()).hexdigest()[:20]


# --- where a visitor looks around from ----------------------------------------------------------------------------

RADII_KM = (1, 2, 5, 10, 25, 50)
DEFAULT_RADIUS_KM = 5
_POINT = re.compile(r"(-?\d{1,2}(?:\.\d+)?)[,_](-?\d{1,3}(?:\.\d+)?)")
_DIGITS = 3  # of a degree: about 100 m, no finer than the public cell


@dataclass(frozen=True)
class Standpoint:
    """The middle that a visitor looks around from, and how far (kilometres)."""

    name: str
    at: LatLng
    radius_km: int
    slug: str = ""  # of the neighbourhood chosen by name; empty when the middle is a point
    city: str = ""

    @property
    def words(self) -> str:
        return _("within {km} km").format(km=self.radius_km)

    @property
    def written(self) -> str:
        """As `read_standpoint` reads it again; fit for a cookie."""
        return self.slug or f"{self.at.latitude:.{_DIGITS}f}_{self.at.longitude:.{_DIGITS}f}"

    def within(self, radius_km: int) -> "Standpoint":
        return replace(self, radius_km=radius_km)


def standpoint(*named: str, radius: str = "", own: Neighborhood | None = None) -> Standpoint | None:
    """The first of the named places that exists, else the person's own, else the market's.

    None where no neighbourhood is loaded yet. `radius` is rounded to one on offer.
    """
    radius_km = read_radius(radius)
    for place in named:
        if found := place and read_standpoint(place, radius_km):
            return found
    if own is not None:
        return _in(own, radius_km)
    return read_standpoint(settings.DEFAULT_NEIGHBORHOOD, radius_km)


def read_standpoint(named: str, radius_km: int) -> Standpoint | None:
    """A neighbourhood's slug, or a point as "25.080,55.140" or "25.080_55.140"; None for anything else."""
    point = _POINT.fullmatch(named)
    if point is None:
        try:
            return _in(neighborhood_with_slug(named[:80]), radius_km)
        except NeighborhoodNotFound:
            return None
    try:
        at = LatLng(round(float(point[1]), _DIGITS), round(float(point[2]), _DIGITS))
    except Refusal:
        return None
    around = neighborhood_at(at)
    name, city = (around.name, around.city) if around else (_("Near me"), "")
    return Standpoint(name=name, at=at, radius_km=radius_km, city=city)


def read_radius(given: str) -> int:
    """The nearest radius on offer, in kilometres."""
    try:
        km = float(given)
        return min(RADII_KM, key=lambda radius: abs(radius - round(km)))
    except (ValueError, OverflowError):
        return DEFAULT_RADIUS_KM


def _in(neighborhood: Neighborhood, radius_km: int) -> Standpoint:
    return Standpoint(
        name=neighborhood.name,
        at=LatLng.of(neighborhood.centre),
        radius_km=radius_km,
        slug=neighborhood.slug,
        city=neighborhood.city,
    )


# --- where two strangers may meet -----------------------------------------------------------------------------------

MEETING_POINTS = 50  # at most in one answer


def meeting_points(*, near: LatLng | None = None, limit: int = 20) -> list[MeetingPoint]:
    """Meeting points in use with their `metres` from `near`, the nearest first; by name, without metres, where no point is given."""
    found = MeetingPoint.objects.filter(is_active=True)
    if near is None:
        return list(found.order_by("name_en", "id")[:limit])
    by_distance = found.annotate(metres=GeometryDistance("location", near.point)).order_by("metres", "id")
    return list(by_distance[:limit])


def meeting_point(point_id: uuid.UUID) -> MeetingPoint:
    """One that is in use. Raises MeetingPointNotFound."""
    found = MeetingPoint.objects.filter(is_active=True, pk=point_id).first()
    if found is None:
        raise MeetingPointNotFound
    return found
