"""All that a search can be narrowed by: the specification's list of filters, made from the catalogue's own schema."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.states import SellerType
from catalog.models import Category, CategoryAttribute
from catalog.selectors import brands, category_tree, choice_name, questions_of_all, shelf
from catalog.states import AttributeKind, Condition, FeedType
from feeds.rules import MAX_RADIUS_KM
from places.selectors import neighborhoods
from search.selectors.catalogue import everything
from search.states import Availability, DistanceBand, PriceBand, SearchSort

_OF_THE_TOWN = ("brand", "neighborhood")  # whose choices are no work of ours: they are not among the points


@dataclass(frozen=True)
class Option:
    value: str
    label: Any
    parent: str = ""


@dataclass(frozen=True)
class Filter:
    """A filter by the name of its facet. `kind` says what may be sent under its `parameters`: one or many of the options, the ends of a
    range, yes or no, or a text.
    """

    name: str
    label: Any
    kind: str
    parameters: tuple[str, ...]
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
        Filter("category", _("Category"), "one", ("category",), tuple(_categories(roots))),
        _choices("price_band", _("Price"), "many", PriceBand),
        Filter("price", _("Price from and to"), "range", ("min_price", "max_price")),
        _choices("condition", _("Condition"), "many", Condition),
        _choices("distance", _("Distance"), "one", DistanceBand),
        Filter(
            "radius_km", _("Radius"), "number", ("radius_km",), unit="km", minimum="0", maximum=f"{MAX_RADIUS_KM:g}"
        ),
        _choices("seller_type", _("Sold by"), "one", SellerType),
        _choices("feed_type", _("Feed"), "one", FeedType),
        Filter(
            "availability",
            _("Availability"),
            "one",
            ("availability",),
            tuple(Option(v, said) for v, said in Availability.choices if v != Availability.NONE),
        ),
        Filter("brand", _("Brand"), "many", ("brand",), tuple(Option(brand.slug, brand.name) for brand in brands())),
        Filter("neighborhood", _("Neighbourhood"), "one", ("neighborhood",), tuple(_neighborhoods())),
    )
    asked = questions_of_all(roots)
    wanted = [shelf(category).category] if category else list(everything(roots))
    by_category = {one.slug: tuple(_of_question(q) for q in asked.get(one.pk, ()) if q.is_filter) for one in wanted}
    every = {one.slug: one for one in everything(roots)}
    own = (q for one in every.values() for q in asked.get(one.pk, ()) if q.is_filter and q.category_id == one.pk)
    points = sum(_points(one) for one in common if one.name not in _OF_THE_TOWN) + sum(
        _points(_of_question(q)) for q in own
    )
    return Schema(common, by_category, tuple(Option(v, said) for v, said in SearchSort.choices), points)


def _choices(name: str, label: Any, kind: str, words: Any) -> Filter:
    return Filter(name, label, kind, (name,), tuple(Option(value, said) for value, said in words.choices))


def _categories(categories: list[Category], parent: str = "") -> Iterator[Option]:
    for category in categories:
        yield Option(category.slug, category.name, parent)
        yield from _categories(category.below, category.slug)


def _neighborhoods() -> Iterator[Option]:
    return (Option(one.slug, one.name, one.city) for one in neighborhoods())


def _of_question(question: CategoryAttribute) -> Filter:
    name = f"attr_{question.key}"
    if question.kind == AttributeKind.CHOICE:
        options = tuple(Option(choice["value"], choice_name(choice)) for choice in question.choices)
        return Filter(name, question.name, "many", (name,), options, question.unit)
    if question.kind == AttributeKind.FLAG:
        return Filter(name, question.name, "flag", (name,), (Option("true", _("Yes")), Option("false", _("No"))))
    if question.kind == AttributeKind.TEXT:
        return Filter(name, question.name, "text", (name,))
    low, high = (None if end is None else f"{end.normalize():f}" for end in (question.minimum, question.maximum))
    return Filter(name, question.name, "range", (f"{name}_min", f"{name}_max"), (), question.unit, low, high)


def _points(one: Filter) -> int:
    return len(one.options) or 1
