"""What a reader wants to see of a feed, read from plain values and said as SQL."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from accounts.selectors import SOLD_BY_SQL
from accounts.states import SellerType
from catalog.models import CategoryAttribute
from catalog.selectors import questions_of, shelf_named
from catalog.states import AttributeKind
from core.money import MAX_MINOR, Money
from core.text import is_storable
from feeds.errors import AttributeNeedsCategory, AttributeUnknown, AttributeValueUnknown, PriceRangeUpsideDown

DEFAULT_CURRENCY = "AED"  # that prices in a filter are in when the reader names none


@dataclass(frozen=True)
class Filters:
    """Conditions on listings; empty ones let everything pass. Prices are minor units of `currency`, both ends included."""

    category_ids: tuple[int, ...] = ()
    lowest: int | None = None
    highest: int | None = None
    currency: str = ""
    conditions: tuple[str, ...] = ()
    seller_type: str = ""
    attributes: tuple["AttributeFilter", ...] = field(default=())

    @property
    def has_price(self) -> bool:
        return self.lowest is not None or self.highest is not None

    def sql(self, *also: str, by_price: bool = False) -> str:
        """What follows AND in a statement about product `p` and seller `u` (the category apart, which leads the index).

        `by_price`: the statement walks an index of prices, whose ends the range becomes. All else, and `also`, stands in a CASE, behind
        which the planner assumes that half of the rows pass. Left to guess, it takes every filter for a rare one and sorts
        whole cells instead of walking them in order.
        """
        said = list(also)
        range_sql = "p.price_minor BETWEEN (SELECT lowest FROM q) AND (SELECT highest FROM q)"
        if self.has_price and not by_price:
            said.append(range_sql)
        if self.currency:
            said.append("p.currency = (SELECT currency FROM q)")
        if self.conditions:
            said.append("p.condition = ANY ((SELECT conditions FROM q)::text[])")
        if self.seller_type:
            said.append(SOLD_BY_SQL[SellerType(self.seller_type)])
        said.extend(
            one.sql(f"((SELECT attributes FROM q)::jsonb -> {number})")  # noqa: S608 - a number of ours
            for number, one in enumerate(self.attributes)
        )
        walked = f" AND {range_sql}" if self.has_price and by_price else ""
        return walked + (f" AND CASE WHEN {' AND '.join(said)} THEN true ELSE false END" if said else "")

    @property
    def columns(self) -> dict[str, tuple[str, Any]]:
        """Name, type and value of what the SQL reads from `q`."""
        found: dict[str, tuple[str, Any]] = {}
        if self.category_ids:
            found["categories"] = "bigint[]", sorted(self.category_ids)
        if self.has_price:
            found["lowest"] = "bigint", self.lowest or 0
            found["highest"] = "bigint", MAX_MINOR if self.highest is None else self.highest
        if self.currency:
            found["currency"] = "text", self.currency
        if self.conditions:
            found["conditions"] = "text[]", sorted(self.conditions)
        if self.attributes:
            found["attributes"] = "jsonb", json.dumps([one.vars for one in self.attributes])
        return found


@dataclass(frozen=True)
class AttributeFilter:
    """One attribute: one of some values, one of some texts in capitals or not, or within a range."""

    key: str
    values: tuple[Any, ...] = ()
    texts: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None

    @property
    def vars(self) -> dict[str, Any]:
        """What the jsonpath reads: nothing that a reader wrote stands in the statement itself."""
        return {
            "key": self.key,
            "values": list(self.values),
            "texts": list(self.texts),
            "lowest": self.lowest,
            "highest": self.highest,
        }

    def sql(self, variables: str) -> str:
        said = []
        answer = f"(p.attributes -> ({variables} ->> 'key'))"
        if self.values:
            said.append(f"{variables} -> 'values' @> {answer}")
        if self.texts:
            said.append(f"lower(({variables} -> 'texts')::text)::jsonb @> to_jsonb(lower({answer} #>> '{{}}'))")
        if self.lowest is not None:
            said.append(f"jsonb_path_exists({answer}, '$ ? (@ >= $lowest)', {variables})")
        if self.highest is not None:
            said.append(f"jsonb_path_exists({answer}, '$ ? (@ <= $highest)', {variables})")
        return " AND ".join(said)


def read_filters(
    *,
    category: str = "",
    min_price: str | Decimal | None = None,
    max_price: str | Decimal | None = None,
    currency: str = "",
    conditions: Sequence[str] = (),
    seller_type: str = "",
    attributes: Mapping[str, Sequence[str]] | None = None,
) -> Filters:
    """Conditions from what a reader sent. A category means what stands below it too.

    `attributes` are by key, any of several values, texts whole but in capitals or not; a number's or year's key with `_min` or `_max`
    is an end of a range. Prices are in `currency`, or else in DEFAULT_CURRENCY; without prices, a currency alone narrows too.

    Raises:
        CategoryUnknown, NotAnAmount, UnknownCurrency, PriceRangeUpsideDown, AttributeNeedsCategory, AttributeUnknown,
        AttributeValueUnknown.
    """
    category_ids: tuple[int, ...] = ()
    asked: tuple[AttributeFilter, ...] = ()
    if category:
        shelf = shelf_named(category)
        category_ids = tuple(sorted(shelf.ids_below))
        if attributes:
            asked = _read_attributes(attributes, questions_of(shelf), category)
    elif attributes:
        name = next(iter(attributes))
        raise AttributeNeedsCategory(name=name, attr=f"attr_{name}")
    if not currency and (min_price is not None or max_price is not None):
        currency = DEFAULT_CURRENCY
    lowest = None if min_price is None else Money.parse(min_price, currency, attr="min_price").minor
    highest = None if max_price is None else Money.parse(max_price, currency, attr="max_price").minor
    if lowest is not None and highest is not None and lowest > highest:
        raise PriceRangeUpsideDown
    if currency:
        Money.parse(0, currency)  # refuses what we do not trade in
    return Filters(category_ids, lowest, highest, currency, tuple(sorted(set(conditions))), seller_type, asked)


def _read_attributes(
    attributes: Mapping[str, Sequence[str]], questions: Sequence[CategoryAttribute], category: str
) -> tuple[AttributeFilter, ...]:
    known = {question.key: question for question in questions if question.is_filter}
    found: list[AttributeFilter] = []
    for name in sorted(attributes):
        given = [value for value in attributes[name] if value != ""]
        question, end = _question_named(name, known)
        if question is None:
            raise AttributeUnknown(name=name, category=category, attr=f"attr_{name}")
        values = tuple(sorted({_value(question, value, name) for value in given}, key=str))
        if question.kind == AttributeKind.TEXT and values:
            found.append(AttributeFilter(question.key, texts=values))
        elif end and values:
            found.append(AttributeFilter(question.key, **{end: max(values) if end == "lowest" else min(values)}))
        elif values:
            found.append(AttributeFilter(question.key, values))
    return tuple(found)


def _question_named(name: str, known: Mapping[str, CategoryAttribute]) -> tuple[CategoryAttribute | None, str]:
    if name in known:
        return known[name], ""
    key, _, end = name.rpartition("_")
    question = known.get(key)
    if question is not None and question.kind in (AttributeKind.NUMBER, AttributeKind.YEAR) and end in ("min", "max"):
        return question, {"min": "lowest", "max": "highest"}[end]
    return None, ""


def _value(question: CategoryAttribute, text: str, name: str) -> Any:
    """A value as the catalogue stores it. Raises AttributeValueUnknown."""
    if question.kind == AttributeKind.CHOICE and text in [choice["value"] for choice in question.choices]:
        return text
    if question.kind == AttributeKind.TEXT and is_storable(text):
        return text.strip()
    if question.kind == AttributeKind.FLAG and text in ("true", "false"):
        return text == "true"
    if question.kind in (AttributeKind.NUMBER, AttributeKind.YEAR) and (number := number_in(text)) is not None:
        return number
    raise AttributeValueUnknown(value=text[:60] if is_storable(text) else "", name=name, attr=f"attr_{name}")


def number_in(text: str) -> int | float | None:
    """The number that somebody wrote, in Arabic digits too; None where it is none that a listing may have."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) > 10**12:
        return None
    return int(number) if number == number.to_integral_value() else float(round(number, 3))
