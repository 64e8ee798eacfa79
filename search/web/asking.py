"""A search from the address of a page. What makes no sense is left out: a page is for people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.states import SellerType
from catalog import selectors as catalog
from catalog.errors import CategoryUnknown
from catalog.models import CategoryAttribute
from catalog.states import AttributeKind, Condition, FeedType
from core.currencies import EXPONENTS
from core.filters import FilterForm
from core.geo import LatLng, NotAPlaceOnEarth
from core.text import fold
from feeds.selectors.filters import number_in
from places.errors import NeighborhoodNotFound
from places.selectors import Standpoint, neighborhood_with_slug
from search.rules import MOST_CHARACTERS, tidy
from search.selectors import Asked, Chip, Dictionary, as_parameters, chips, query_of
from search.selectors.parameters import ATTRIBUTE
from search.states import Availability, DistanceBand, PriceBand, SearchSort

_SETS = {"condition": Condition.values, "price_band": PriceBand.values}
_ONE_OF = {
    "seller_type": SellerType.values,
    "feed_type": FeedType.values,
    "distance": DistanceBand.values,
    "sort": SearchSort.values,
}
_RANGES = (AttributeKind.NUMBER, AttributeKind.YEAR)
_WIDEST = 50.0  # km


@dataclass(frozen=True)
class Range:
    """A number or year that a category asks, with what was asked of it."""

    name: str
    label: str
    unit: str
    low: str
    high: str


@dataclass
class Asking:
    """What a page asks. `kept` are the parameters that made sense, as the address has them."""

    asked: Asked
    kept: dict[str, Any]
    form: FilterForm
    shelf: catalog.Shelf | None
    questions: Sequence[CategoryAttribute] = field(default=())

    @property
    def itself(self) -> Asked:
        """What is asked wherever its reader is: with a place only where the address has one."""
        return self.asked if "latitude" in self.kept else replace(self.asked, place=None)

    @property
    def is_empty(self) -> bool:
        """Nothing was asked but an order or a way to look at it; signs alone ask nothing."""
        return not (self.kept.keys() - {"sort", "q", "verbatim"}) and (not self.asked.q.strip() or self.has_no_word)

    @property
    def has_no_word(self) -> bool:
        q = self.asked.q.strip()
        return bool(q) and q.isprintable() and not any(character.isalnum() for character in q)

    @property
    def filter_count(self) -> int:
        return len(self.chips)

    @cached_property
    def names(self) -> Dictionary:
        return Dictionary()

    @cached_property
    def chips(self) -> list[tuple[Chip, str]]:
        """What is asked beside the words, each with the address without it."""
        said = chips(as_parameters(self.asked), self.names)
        return [(chip, f"?{query_of(self._without(chip))}") for chip in said]

    @property
    def circle(self) -> str:
        """What bounds the distance where no band does; "" where nothing does."""
        km = self.kept.get("radius_km")
        return _("Within {km} km").format(km=f"{km:g}") if km else ""

    def carried(self, shown: Iterable[str]) -> list[tuple[str, str]]:
        """What was asked that a form with the filters `shown`, the words and the category has no field for."""
        fields = {*shown, "q", "category", "min_price", "max_price"}
        fields |= {f"{one.name}_{end}" for one in self.ranges for end in ("min", "max")}
        left = {name: said for name, said in self.kept.items() if name not in fields}
        return parse_qsl(query_of(left))

    @property
    def ranges(self) -> list[Range]:
        def end(key: str) -> str:
            return (self.asked.attributes.get(key) or [""])[0]

        return [
            Range(f"{ATTRIBUTE}{q.key}", q.name, q.unit, end(f"{q.key}_min"), end(f"{q.key}_max"))
            for q in self.questions
            if q.is_filter and q.kind in _RANGES
        ]

    def _without(self, chip: Chip) -> dict[str, Any]:
        left = dict(self.kept)
        for name in chip.names:
            if isinstance(left.get(name), list) and chip.value in left[name] and len(chip.names) == 1:
                left[name] = [value for value in left[name] if value != chip.value]
            else:
                left.pop(name, None)
        return left


def read_asking(query: QueryDict, *, place: Standpoint | None) -> Asking:
    """The search of an address. Without a place of its own, distances count from where the visitor looks around, and only a chosen
    `distance` bounds it.
    """
    query = _storable(query)
    form = FilterForm(query)
    shelf = _shelf(query.get("category", ""))
    questions = catalog.questions_of(shelf) if shelf else []
    kept: dict[str, Any] = {"q": tidy(query.get("q", "")), "category": shelf.category.slug if shelf else ""}
    kept = {name: said for name, said in kept.items() if said}
    kept |= {name: str(form.asked[name]) for name in ("min_price", "max_price") if name in form.asked}
    kept |= _currency(query) | _choices(query) | _attributes(query, questions)
    if "verbatim" in query:
        kept["verbatim"] = True
    own = _own_place(query)
    if own is not None:
        kept |= {"latitude": query["latitude"], "longitude": query["longitude"]}
        if radius := _radius(query.get("radius_km", "")):
            kept["radius_km"] = radius
    return Asking(_asked(kept, own, place), kept, form, shelf, questions)


def _storable(query: QueryDict) -> QueryDict:
    """Without what no column holds, the character NUL; in the words it is refused by name instead."""
    if not any("\0" in value for _name, values in query.lists() for value in values):
        return query
    clean = QueryDict(mutable=True)
    for name, values in query.lists():
        storable = [value for value in values if name == "q" or "\0" not in value]
        if storable:  # a name without a value would read as an empty list
            clean.setlist(name, storable)
    return clean


def _currency(query: QueryDict) -> dict[str, Any]:
    """Of the prices, where they are not in the usual one; without prices it narrows by itself."""
    said = query.get("currency", "").upper()
    return {"currency": said} if said in EXPONENTS else {}


def _choices(query: QueryDict) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, values in _SETS.items():
        found[name] = [value for value in dict.fromkeys(query.getlist(name)) if value in values]
    for name, values in _ONE_OF.items():
        found[name] = query[name] if query.get(name) in values else ""
    found["availability"] = str(Availability.SOLD) if query.get("availability") == Availability.SOLD else ""
    found["brand"] = _brands(query.getlist("brand"))
    found["neighborhood"] = _neighborhood(query.get("neighborhood", ""))
    return {name: said for name, said in found.items() if said}


def _asked(kept: dict[str, Any], own: LatLng | None, place: Standpoint | None) -> Asked:
    here = own or (place.at if place else None)
    if here is None:
        kept.pop("distance", None)
    sort = kept.get("sort", "")
    if here is None and sort == SearchSort.NEAREST:
        sort = ""
    bounded = "distance" in kept or "radius_km" in kept
    prices = {name: Decimal(kept[name]) for name in ("min_price", "max_price") if name in kept}
    return Asked(
        q=kept.get("q", ""),
        category=kept.get("category", ""),
        brands=kept.get("brand", ()),
        price_bands=kept.get("price_band", ()),
        currency=kept.get("currency", ""),
        conditions=kept.get("condition", ()),
        seller_type=kept.get("seller_type", ""),
        feed_type=kept.get("feed_type", ""),
        availability=kept.get("availability", Availability.AVAILABLE),
        neighborhood=kept.get("neighborhood", ""),
        place=here,
        radius_km=kept.get("radius_km"),
        distance=kept.get("distance", ""),
        anywhere=here is not None and not bounded,
        attributes={name.removeprefix(ATTRIBUTE): v for name, v in kept.items() if name.startswith(ATTRIBUTE)},
        sort=sort,
        **prices,
    )


def _shelf(slug: str) -> catalog.Shelf | None:
    try:
        return catalog.shelf_named(slug) if slug else None
    except CategoryUnknown:
        return None


def _brands(slugs: list[str]) -> list[str]:
    wanted = [slug for slug in dict.fromkeys(slugs) if slug][:40]
    if not wanted:
        return []
    known = set(catalog.brands().filter(slug__in=wanted).values_list("slug", flat=True))
    return [slug for slug in wanted if slug in known]


def _neighborhood(slug: str) -> str:
    try:
        return neighborhood_with_slug(slug[:80]).slug if slug else ""
    except NeighborhoodNotFound:
        return ""


def _attributes(query: QueryDict, questions: Sequence[CategoryAttribute]) -> dict[str, list[str]]:
    """Answers that the questions know."""
    found: dict[str, list[str]] = {}
    for question in questions:
        if not question.is_filter:
            continue
        name = f"{ATTRIBUTE}{question.key}"
        if question.kind in _RANGES:
            for end in (f"{name}_min", f"{name}_max"):
                if number_in(value := fold(query.get(end, ""))) is not None:
                    found[end] = [value]
            if exact := [value for value in map(fold, query.getlist(name)) if number_in(value) is not None]:
                found[name] = exact
            continue
        known = {"true", "false"} if question.kind == AttributeKind.FLAG else {c["value"] for c in question.choices}
        given = [value for value in dict.fromkeys(query.getlist(name)) if value]
        if chosen := [value for value in given if question.kind == AttributeKind.TEXT or value in known]:
            found[name] = [value[:MOST_CHARACTERS] for value in chosen]
    return found


def _own_place(query: QueryDict) -> LatLng | None:
    try:
        return LatLng(float(query["latitude"]), float(query["longitude"]))
    except (KeyError, ValueError, NotAPlaceOnEarth, ValidationError):
        return None


def _radius(text: str) -> float | None:
    try:
        km = float(text)
    except ValueError:
        return None
    return km if 0 < km <= _WIDEST else None
