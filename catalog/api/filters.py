"""What lists of listings may be narrowed by, and in which order they come. Every name must be known."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter

from accounts.selectors import sold_by
from accounts.states import SellerType
from catalog import selectors
from catalog.models import Brand, CategoryAttribute, Product
from catalog.rules import CURRENCIES
from catalog.states import AttributeKind, Condition, FeedType
from core.money import Money
from core.rest.query import StrictFilterBackend

ORDERS: dict[str, tuple[str, ...]] = {
    "recent": ("-published_at", "-id"),
    "price_low": ("price_minor", "id"),
    "price_high": ("-price_minor", "-id"),
    "popular": ("-favourite_count", "-id"),
}
BY_PRICE = ("price_low", "price_high")


class ProductFilter(django_filters.FilterSet):
    """Prices are of one currency: `currency`, AED where a price is filtered or sorted by and none is named."""

    min_price = django_filters.NumberFilter(method="in_money", min_value=0)
    max_price = django_filters.NumberFilter(method="in_money", min_value=0)
    currency = django_filters.ChoiceFilter(choices=[(c, c) for c in CURRENCIES], method="taken_together")
    condition = django_filters.MultipleChoiceFilter(choices=Condition.choices)
    brand = django_filters.ModelMultipleChoiceFilter(
        queryset=lambda _request: selectors.brands(), to_field_name="slug", method="of_brands"
    )
    feed_type = django_filters.ChoiceFilter(choices=FeedType.choices)
    seller_type = django_filters.ChoiceFilter(choices=SellerType.choices, method="of_sellers")
    neighborhood = django_filters.CharFilter(field_name="neighborhood__slug", max_length=80)
    sort = django_filters.ChoiceFilter(choices=[(name, name) for name in ORDERS], method="taken_together")
    latitude = django_filters.NumberFilter(method="taken_together", min_value=-90, max_value=90)
    longitude = django_filters.NumberFilter(method="taken_together", min_value=-180, max_value=180)

    class Meta:
        model = Product
        fields = ()

    def filter_queryset(self, queryset: QuerySet[Product]) -> QuerySet[Product]:
        wanted = self.form.cleaned_data
        by_price = wanted["min_price"] is not None or wanted["max_price"] is not None or wanted["sort"] in BY_PRICE
        if by_price or wanted["currency"]:
            queryset = queryset.filter(currency=self._currency)
        return super().filter_queryset(queryset)

    def taken_together(self, queryset: QuerySet[Product], name: str, value: Any) -> QuerySet[Product]:
        return queryset  # read elsewhere: by the order, the distances, the currency

    def in_money(self, queryset: QuerySet[Product], name: str, value: Decimal) -> QuerySet[Product]:
        minor = Money.parse(value, self._currency).minor
        return queryset.filter(**{"price_minor__gte" if name == "min_price" else "price_minor__lte": minor})

    def of_brands(self, queryset: QuerySet[Product], name: str, value: Sequence[Brand]) -> QuerySet[Product]:
        return queryset.filter(brand__in=list(value)) if value else queryset

    def of_sellers(self, queryset: QuerySet[Product], name: str, value: str) -> QuerySet[Product]:
        return queryset.filter(sold_by(value))

    @property
    def _currency(self) -> str:
        return self.form.cleaned_data["currency"] or CURRENCIES[0]


class EverythingFilter(ProductFilter):
    """The same across all categories, or within the one named by `category`, which the view reads."""

    category = django_filters.CharFilter(method="taken_together")


class AnswerFilter(django_filters.Filter):
    """By an answer to a question of the category; the kind of the question says how."""

    def __init__(self, *, key: str, how: str, **kwargs: Any) -> None:
        self.key, self.how = key, how
        super().__init__(**kwargs)

    def filter(self, queryset: QuerySet[Product], value: Any) -> QuerySet[Product]:
        if value in (None, "", []):
            return queryset
        if self.how == "contains":
            chosen = value if isinstance(value, list) else [value]
            wanted = Q()
            for one in chosen:
                wanted |= Q(attributes__contains={self.key: one})
            return queryset.filter(wanted)
        return queryset.filter(**{f"attributes__{self.key}__{self.how}": _json_number(value)})


class ChoiceAnswerFilter(AnswerFilter, django_filters.MultipleChoiceFilter):
    def filter(self, queryset: QuerySet[Product], value: Any) -> QuerySet[Product]:
        return AnswerFilter.filter(self, queryset, value)


class FlagAnswerFilter(AnswerFilter, django_filters.BooleanFilter):
    pass


class NumberAnswerFilter(AnswerFilter, django_filters.NumberFilter):
    pass


class TextAnswerFilter(AnswerFilter, django_filters.CharFilter):
    pass


def _json_number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def answer_filters(questions: Sequence[CategoryAttribute]) -> dict[str, django_filters.Filter]:
    """`attr_<key>` for every question that one filters by; numbers and years also from and to."""
    filters: dict[str, django_filters.Filter] = {}
    for question in questions:
        if not question.is_filter:
            continue
        name, key = f"attr_{question.key}", question.key
        if question.kind == AttributeKind.CHOICE:
            choices = [(choice["value"], choice["name_en"]) for choice in question.choices]
            filters[name] = ChoiceAnswerFilter(key=key, how="contains", choices=choices)
        elif question.kind == AttributeKind.FLAG:
            filters[name] = FlagAnswerFilter(key=key, how="contains")
        elif question.kind == AttributeKind.TEXT:
            filters[name] = TextAnswerFilter(key=key, how="iexact", max_length=80)
        else:
            filters[name] = NumberAnswerFilter(key=key, how="exact")
            filters[f"{name}_min"] = NumberAnswerFilter(key=key, how="gte")
            filters[f"{name}_max"] = NumberAnswerFilter(key=key, how="lte")
    return filters


class ShelfFilterBackend(StrictFilterBackend):
    """The filters of every list, and those of the view's category (`view.questions()`)."""

    def get_filterset_class(self, view: Any, queryset: QuerySet[Product] | None = None) -> type[ProductFilter]:
        return type("ShelfFilter", (view.filters,), answer_filters(view.questions()))


FILTER_PARAMETERS = [
    OpenApiParameter("min_price", {"type": "string", "format": "decimal"}),
    OpenApiParameter("max_price", {"type": "string", "format": "decimal"}),
    OpenApiParameter("currency", str, enum=CURRENCIES),
    OpenApiParameter("condition", str, enum=Condition.values, many=True),
    OpenApiParameter("brand", str, many=True, description="Slugs of brands."),
    OpenApiParameter("feed_type", str, enum=FeedType.values),
    OpenApiParameter("seller_type", str, enum=SellerType.values),
    OpenApiParameter("neighborhood", str, description="A neighbourhood's slug."),
    OpenApiParameter("sort", str, enum=list(ORDERS), description="`recent` where none is named."),
    OpenApiParameter("latitude", float, description="Where the reader stands, for distances; with `longitude`."),
    OpenApiParameter("longitude", float),
    OpenApiParameter("cursor", str),
    OpenApiParameter("per_page", {"type": "integer", "minimum": 1, "maximum": 100}),
]
ANSWER_PARAMETER = OpenApiParameter(
    "attr_{key}",
    str,
    description="An answer to a question of the category (`filter` in `GET /categories/{slug}`); numbers also `…_min`, `…_max`.",
)
