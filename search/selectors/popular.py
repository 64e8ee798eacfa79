"""What many people look for."""

import uuid

from django.db.models import QuerySet

from search.models import PopularSearch
from search.rules import folded

TRENDING = 10  # the specification, 2.4


def popular(*, neighborhood_id: uuid.UUID | None = None) -> QuerySet[PopularSearch]:
    """Everywhere or in one neighbourhood, the most looked for first; what staff hid is left out."""
    found = PopularSearch.objects.filter(is_hidden=False).order_by("-score", "id")
    return found.filter(neighborhood_id=neighborhood_id) if neighborhood_id else found.filter(neighborhood=None)


def trending(*, neighborhood_id: uuid.UUID | None = None, limit: int = TRENDING) -> list[PopularSearch]:
    return list(popular(neighborhood_id=neighborhood_id)[:limit])


def popular_with(q: str, *, limit: int) -> tuple[str, ...]:
    """Other popular searches that begin like this one."""
    said = folded(q)
    if not said:
        return ()
    found = popular().filter(folded__startswith=said.split()[0]).exclude(folded=said)
    return tuple(found.values_list("q", flat=True)[:limit])
