"""All that a search can be narrowed by: the specification's list of filters, made from the catalogue's own schema."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.states import SellerType
from catalog.models import Category, CategoryAttribute
from catalog.selectors import brands, category_tree, choice_name, questions_of_all, shelf
from catalog.states import AttributeKind, Condition, FeedType
from search.selectors.catalogue import everything
from search.states import Availability, DistanceBand, PriceBand, SearchSort


@dataclass(frozen=True)
class Option:
    value: str
    label: Any
    parent: str = ""


@dataclass(frozen=True)
class Filter:
    """A filter by the name of its parameter. `kind` says what may be sent: one or many of the options, a range (the name with `_min`
    and `_max`), yes or no, or a text.
    """

    name: str
    label: Any
    kind: str
    options: tuple[Option, ...] = ()
    unit: str = ""
    minimum: str | None = None
    maximum: str | None = None


@dataclass(frozen=True)
class Schema:
    """`points` is how many different choices there are, as the specification counts its ninety."""

    filters: tuple[Filter, ...]
    by_category: dict[str, tuple[Filter, ...]]
    sorts: tuple[Option, ...]
    points: int


def search_schema(category: str = "") -> Schema:
    """The filters of every search, and those of each category (with `category`: of that one). Raises CategoryNotFound."""
    roots = category_tree()
    common = (
        Filter("category", _("Category"), "one", tuple(_categories(roots))),
        _choices("price_band", _("Price"), "many", PriceBand),
        Filter("price", _("Price from and to"), "range"),
        _choices("condition", _("Condition"), "many", Condition),
        _choices("distance", _("Distance"), "one", DistanceBand),
        Filter("radius_km", _("Radius"), "number", unit="km", minimum="0", maximum="50"),
        _choices("seller_type", _("Sold by"), "one", SellerType),
        _choices("feed_type", _("Feed"), "one", FeedType),
        Filter(
            "availability",
            _("Availability"),
            "one",
            tuple(Option(v, said) for v, said in Availability.choices if v != Availability.NONE),
        ),
        Filter("brand", _("Brand"), "many", tuple(Option(brand.slug, brand.name) for brand in brands())),
        Filter("neighborhood", _("Neighbourhood"), "text"),
    )
    asked = questions_of_all(roots)
    wanted = [shelf(category).category] if category else list(everything(roots))
    by_category = {one.slug: tuple(_of_question(q) for q in asked.get(one.pk, ()) if q.is_filter) for one in wanted}
    every = {one.slug: one for one in everything(roots)}
    own = (q for one in every.values() for q in asked.get(one.pk, ()) if q.is_filter and q.category_id == one.pk)
    points = sum(_points(one) for one in common if one.name != "brand") + sum(_points(_of_question(q)) for q in own)
    return Schema(common, by_category, tuple(Option(v, said) for v, said in SearchSort.choices), points)


def _choices(name: str, label: Any, kind: str, words: Any) -> Filter:
    return Filter(name, label, kind, tuple(Option(value, said) for value, said in words.choices))


def _categories(categories: list[Category], parent: str = "") -> Iterator[Option]:
    for category in categories:
        yield Option(category.slug, category.name, parent)
        yield from _categories(category.below, category.slug)


def _of_question(question: CategoryAttribute) -> Filter:
    name = f"attr_{question.key}"
    if question.kind == AttributeKind.CHOICE:
        options = tuple(Option(choice["value"], choice_name(choice)) for choice in question.choices)
        return Filter(name, question.name, "many", options, question.unit)
    if question.kind == AttributeKind.FLAG:
        return Filter(name, question.name, "flag", (Option("true", _("Yes")), Option("false", _("No"))))
    if question.kind == AttributeKind.TEXT:
        return Filter(name, question.name, "text")
    low, high = (None if end is None else f"{end.normalize():f}" for end in (question.minimum, question.maximum))
    return Filter(name, question.name, "range", (), question.unit, low, high)


def _points(one: Filter) -> int:
    return len(one.options) or 1
