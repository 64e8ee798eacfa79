"""Lists of what is for sale, before they become rows of cards, and the filters that pages offer beside them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import CategoryAttribute, Product
from catalog.selectors.shelves import Shelf
from catalog.selectors.visibility import Viewer, products_with_a_page, visible_products
from catalog.states import AttributeKind, Condition, ProductState
from core.filters import ChoiceGroup
from core.money import Money

FILTER_CURRENCY = "AED"  # of prices in a filter
_ATTRIBUTE = "attr_"  # before the key of an attribute in an address


def products_on_shelf(
    *,
    viewer: Viewer,
    shelf: Shelf,
    min_price: Decimal | None = None,
    max_price: Decimal | None = None,
    conditions: Sequence[str] = (),
    attributes: Mapping[str, Sequence[str]] | None = None,
    currency: str = "",
) -> QuerySet[Product]:
    """What is for sale in a category and everything below it, anywhere.

    Prices, both ends included, are in `currency` or else in FILTER_CURRENCY, and leave other currencies out; whoever sorts by price
    names the currency. `attributes`: any of some values by key.
    """
    found = visible_products(viewer).filter(category_id__in=shelf.ids_below)
    if min_price is not None or max_price is not None:
        currency = currency or FILTER_CURRENCY
    if currency:
        found = found.filter(currency=currency)
    if min_price is not None:
        found = found.filter(price_minor__gte=Money.parse(min_price, currency).minor)
    if max_price is not None:
        found = found.filter(price_minor__lte=Money.parse(max_price, currency).minor)
    if conditions:
        found = found.filter(condition__in=conditions)
    for key, values in (attributes or {}).items():
        found = found.filter(**{f"attributes__{key}__in": list(values)})
    return found


def products_shown_by(seller: User, *, viewer: Viewer) -> QuerySet[Product]:
    """What a seller has for sale, as `viewer` may see it."""
    return visible_products(viewer).filter(seller=seller)


def products_sold_by(seller: User, *, viewer: Viewer) -> QuerySet[Product]:
    """What a seller sold and that keeps its page."""
    return products_with_a_page(viewer).filter(seller=seller, state=ProductState.SOLD)


def filter_groups(questions: Sequence[CategoryAttribute]) -> list[ChoiceGroup]:
    """Condition, and what a category asks with a list of answers: the check boxes beside a list."""
    return [
        ChoiceGroup("condition", _("Condition"), tuple(Condition.choices)),
        *(
            ChoiceGroup(_ATTRIBUTE + q.key, q.name, tuple((c["value"], choice_name(c)) for c in q.choices))
            for q in questions
            if q.is_filter and q.kind == AttributeKind.CHOICE
        ),
    ]


def asked_attributes(asked: Mapping[str, Any]) -> dict[str, list[str]]:
    """The answers of `FilterForm.asked` that are about attributes, by key."""
    return {name.removeprefix(_ATTRIBUTE): v for name, v in asked.items() if name.startswith(_ATTRIBUTE)}


def choice_name(choice: Mapping[str, str]) -> str:
    """One answer of a list, in the reader's language."""
    arabic = (get_language() or "en").startswith("ar")
    return (arabic and choice.get("name_ar")) or choice.get("name_en") or choice["value"]
