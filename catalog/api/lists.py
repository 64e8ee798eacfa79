"""Lists of cards: everything for sale, a shelf, a person's, one's own, one's favourites."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from accounts.selectors import visible_person
from catalog import selectors
from catalog.api.filters import (
    ANSWER_PARAMETER,
    FILTER_PARAMETERS,
    ORDERS,
    EverythingFilter,
    ProductFilter,
    ShelfFilterBackend,
)
from catalog.api.serializers import OwnProductsIn, PagingIn
from catalog.models import CategoryAttribute, Product
from catalog.shapes import ProductCardOut, product_card
from core.geo import LatLng
from core.rest.pagination import CursorPages
from core.rest.query import read_query
from core.rest.views import SoukView


class FilteredCards(SoukView, GenericAPIView):
    """Cards of some listings, narrowed and ordered by the query, in pages."""

    permission_classes = (AllowAny,)
    serializer_class = ProductCardOut
    filter_backends = (ShelfFilterBackend,)
    filters: type[ProductFilter] = ProductFilter
    queryset = Product.objects.none()

    def questions(self) -> list[CategoryAttribute]:
        """Whose answers one filters by here."""
        return []

    @property
    def cursor_ordering(self) -> tuple[str, ...]:
        return ORDERS[self.request.query_params.get("sort") or "recent"]

    def cards(self, products: QuerySet[Product]) -> Response:
        narrowed = self.filter_queryset(products)
        origin = _origin(self.request)
        page = self.paginate_queryset(selectors.card_rows(narrowed, viewer=self.request.user))
        return self.get_paginated_response([product_card(row, origin=origin) for row in page or []])


def _origin(request: Request) -> LatLng | None:
    """Where the reader stands; the filters have checked the numbers already."""
    latitude, longitude = request.query_params.get("latitude"), request.query_params.get("longitude")
    if bool(latitude) != bool(longitude):
        raise ValidationError({"longitude" if latitude else "latitude": _("Send both or neither.")}, code="required")
    return LatLng(float(latitude), float(longitude)) if latitude and longitude else None


class ShelfProducts(FilteredCards):
    def questions(self) -> list[CategoryAttribute]:
        return [] if getattr(self, "swagger_fake_view", False) else selectors.questions_of(self.shelf)

    @extend_schema(
        operation_id="categories_products",
        parameters=[*FILTER_PARAMETERS, ANSWER_PARAMETER],
        responses=ProductCardOut(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """What is for sale in a category and below it."""
        self.shelf = selectors.shelf(slug)
        return self.cards(selectors.visible_products(request.user).filter(category_id__in=self.shelf.ids_below))


class PersonProducts(FilteredCards):
    @extend_schema(operation_id="users_products", parameters=FILTER_PARAMETERS, responses=ProductCardOut(many=True))
    def get(self, request: Request, user_id: uuid.UUID) -> Response:
        """What a person has for sale."""
        person = visible_person(request.user, user_id)
        return self.cards(selectors.visible_products(request.user).filter(seller=person))


class AllProducts(FilteredCards):
    """The part of `/products` that reads; `products.ProductList` writes."""

    filters = EverythingFilter

    def questions(self) -> list[CategoryAttribute]:
        slug = self.request.query_params.get("category") if self.request else None
        return selectors.questions_of(selectors.shelf_named(slug)) if slug else []

    @extend_schema(
        operation_id="products_list",
        parameters=[
            OpenApiParameter("category", str, description="A category's slug; what stands below it is included."),
            *FILTER_PARAMETERS,
            ANSWER_PARAMETER,
        ],
        responses=ProductCardOut(many=True),
    )
    def get(self, request: Request) -> Response:
        """What is for sale, newest first unless sorted otherwise. By distance: `GET /feeds/community`."""
        products = selectors.visible_products(request.user)
        slug = request.query_params.get("category")
        if slug:
            products = products.filter(category_id__in=selectors.shelf_named(slug).ids_below)
        return self.cards(products)


class NewestFirst(CursorPages):
    ordering = "-id"


class SavedLast(CursorPages):
    ordering = "-saved_id"


class OwnProducts(SoukView):
    @extend_schema(operation_id="users_me_products", parameters=[OwnProductsIn], responses=ProductCardOut(many=True))
    def get(self, request: Request) -> Response:
        """One's own listings, newest first: all but the removed ones, or those of the named states."""
        wanted = read_query(OwnProductsIn, request)
        own = selectors.products_of_seller(request.user, states=wanted.get("state", ()))
        return _pages(self, NewestFirst(), selectors.card_rows(own, viewer=request.user))


class Favourites(SoukView):
    @extend_schema(operation_id="users_me_favourites", parameters=[PagingIn], responses=ProductCardOut(many=True))
    def get(self, request: Request) -> Response:
        """What one saved and may still open, last saved first."""
        read_query(PagingIn, request)
        saved = selectors.favourites(request.user)
        return _pages(self, SavedLast(), selectors.card_rows(saved, viewer=request.user, also=("saved_id",)))


def _pages(view: Any, pages: CursorPages, rows: Any) -> Response:
    page = pages.paginate_queryset(rows, view.request, view=view)
    return pages.get_paginated_response([product_card(row) for row in page or []])
