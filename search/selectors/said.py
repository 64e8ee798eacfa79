"""What a search asks, in the reader's words: chips above results, the line under a saved search, its name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.states import SellerType
from catalog.models import CategoryAttribute
from catalog.selectors import brands, category_tree, choice_name, questions_of_all
from catalog.states import Condition, FeedType
from core.amounts import amount_words, currency_words
from core.geo import LatLng
from core.money import Money
from feeds.selectors.filters import DEFAULT_CURRENCY
from places.models import Neighborhood
from places.selectors import neighborhoods
from search.selectors.catalogue import everything
from search.selectors.parameters import ATTRIBUTE, Parameters
from search.states import Availability, DistanceBand, PriceBand

_WORDS: dict[str, Any] = {
    "condition": dict(Condition.choices),
    "price_band": dict(PriceBand.choices),
    "seller_type": dict(SellerType.choices),
    "feed_type": dict(FeedType.choices),
    "distance": dict(DistanceBand.choices),
    "availability": dict(Availability.choices),
}


@dataclass(frozen=True)
class Chip:
    """One thing that a search asks beside its words. Without the parameters `names` (of a list: without `value`) it is not asked."""

    names: tuple[str, ...]
    value: str
    says: str


@dataclass
class Dictionary:
    """Names of shelves, brands, questions and neighbourhoods, each kind read once and only when a search needs it."""

    _questions: dict[str, dict[str, CategoryAttribute]] = field(default_factory=dict)

    @cached_property
    def categories(self) -> dict[str, Any]:
        return {one.slug: one for one in everything(self._roots)}

    @cached_property
    def _roots(self) -> list[Any]:
        return category_tree()

    @cached_property
    def brands(self) -> dict[str, str]:
        return {brand.slug: brand.name for brand in brands()}

    @cached_property
    def places(self) -> dict[str, Neighborhood]:
        return {one.slug: one for one in neighborhoods()}

    @cached_property
    def _asked(self) -> dict[int, list[CategoryAttribute]]:
        return questions_of_all(self._roots)

    def question(self, category: str, key: str) -> CategoryAttribute | None:
        shelf = self.categories.get(category)
        if shelf is None:
            return None
        if category not in self._questions:
            self._questions[category] = {one.key: one for one in self._asked[shelf.pk]}
        return self._questions[category].get(key)

    def around(self, place: LatLng) -> str:
        """The neighbourhood whose middle is nearest; "" where we know none."""
        known = self.places.values()
        nearest = min(known, key=lambda one: place.metres_to(LatLng.of(one.centre)), default=None)
        return nearest.name if nearest else ""


def chips(said: Mapping[str, Any], names: Dictionary | None = None) -> list[Chip]:
    """What parameters ask beside the words, in an order that people read well."""
    names = names or Dictionary()
    return [
        *_kind_of_thing(said, names),
        *_prices(said),
        *_choices(said),
        *_attributes(said, names),
        *_where(said, names),
    ]


def name_of(said: Parameters, names: Dictionary | None = None) -> str:
    """What a saved search is called until its owner says otherwise: its words, else what it asks first."""
    q = str(said.get("q", ""))
    return (q or ", ".join(chip.says for chip in chips(said, names)[:2]) or _("Everything"))[:80]


def _kind_of_thing(said: Mapping[str, Any], names: Dictionary) -> Iterator[Chip]:
    if slug := said.get("category"):
        category = names.categories.get(slug)
        # Answers belong to their category and go with it.
        also = tuple(name for name in said if name.startswith(ATTRIBUTE))
        yield Chip(("category", *also), slug, category.name if category else slug)
    for slug in said.get("brand", ()):
        yield Chip(("brand",), slug, names.brands.get(slug, slug))


def _prices(said: Mapping[str, Any]) -> Iterator[Chip]:
    code = said.get("currency", DEFAULT_CURRENCY)
    low, high = (
        price and amount_words(Money.parse(price, code)) for price in (said.get("min_price"), said.get("max_price"))
    )
    currency = currency_words(code)
    if low and high:
        words = _("{low} to {high} {currency}").format(low=low, high=high, currency=currency)
        yield Chip(("min_price", "max_price"), "", words)
    elif low:
        yield Chip(("min_price",), "", _("From {low} {currency}").format(low=low, currency=currency))
    elif high:
        yield Chip(("max_price",), "", _("Up to {high} {currency}").format(high=high, currency=currency))
    elif "currency" in said and "price_band" not in said:
        yield Chip(("currency",), "", currency)
    for band in said.get("price_band", ()):
        yield Chip(("price_band",), band, f"{_WORDS['price_band'].get(band, band)} {currency}")


def _choices(said: Mapping[str, Any]) -> Iterator[Chip]:
    for name in ("condition", "seller_type", "feed_type", "availability"):
        given = said.get(name, ())
        for value in [given] if isinstance(given, str) else given:
            yield Chip((name,), value, capfirst(str(_WORDS[name].get(value, value))))


def _attributes(said: Mapping[str, Any], names: Dictionary) -> Iterator[Chip]:
    for name, values in said.items():
        if not name.startswith(ATTRIBUTE):
            continue
        key = name.removeprefix(ATTRIBUTE)
        question = names.question(said.get("category", ""), key)
        if question is None and key.endswith(("_min", "_max")):
            question = names.question(said.get("category", ""), key[:-4])
            wording = _("{name} from {value}") if key.endswith("_min") else _("{name} up to {value}")
        else:
            wording = _("{name}: {value}")
        for value in values:
            known = {choice["value"]: choice_name(choice) for choice in question.choices} if question else {}
            known |= {"true": _("yes"), "false": _("no")}
            label = question.name if question else key
            yield Chip((name,), value, wording.format(name=label, value=known.get(value, value)))


def _where(said: Mapping[str, Any], names: Dictionary) -> Iterator[Chip]:
    if slug := said.get("neighborhood"):
        place = names.places.get(slug)
        yield Chip(("neighborhood",), slug, place.name if place else slug)
    if "latitude" not in said or said.get("anywhere"):
        return
    around = ("latitude", "longitude", "radius_km", "distance")
    if band := said.get("distance"):
        yield Chip(around, band, str(_WORDS["distance"].get(band, band)))
    elif radius := said.get("radius_km"):
        near = names.around(LatLng(said["latitude"], said["longitude"]))
        wording = _("Within {km} km of {place}") if near else _("Within {km} km")
        yield Chip(around, "", wording.format(km=f"{radius:g}", place=near))
