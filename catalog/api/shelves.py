"""Categories and brands."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.selectors import person_brief
from catalog import selectors
from catalog.api.answers import (
    BrandOut,
    CategoryDetailOut,
    CategoryListOut,
    category_answer,
    question_answer,
)
from catalog.api.serializers import BrandsIn
from catalog.shapes import product_card
from core.rest.pagination import CursorPages
from core.rest.query import read_query, refuse_unknown
from core.rest.views import SoukView


class Categories(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="categories_list", responses=CategoryListOut)
    def get(self, request: Request) -> Response:
        """The whole tree with its counts."""
        refuse_unknown(request, set())
        counts = selectors.shelf_counts()
        roots = selectors.category_tree()
        return Response({"results": [category_answer(root, below=root.below, counts=counts) for root in roots]})


class CategoryDetail(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="categories_retrieve", responses=CategoryDetailOut)
    def get(self, request: Request, slug: str) -> Response:
        """A category: what it asks, who sells most in it, what people look at."""
        refuse_unknown(request, set())
        shelf = selectors.shelf(slug)
        sellers = selectors.top_sellers(viewer=request.user, category_ids=shelf.ids_below)
        trending = selectors.trending_products(viewer=request.user, category_ids=shelf.ids_below)
        return Response(
            {
                **category_answer(shelf.category, below=shelf.below, counts=selectors.shelf_counts()),
                "path": [{"slug": c.slug, "name": c.name} for c in shelf.path],
                "attributes": [question_answer(question) for question in selectors.questions_of(shelf)],
                "top_sellers": [{**person_brief(person), "listings_here": here} for person, here in sellers],
                "trending": [product_card(row) for row in trending],
            }
        )


class BrandsByName(CursorPages):
    ordering = ("name_en", "id")


class Brands(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="brands_list", parameters=[BrandsIn], responses=BrandOut(many=True))
    def get(self, request: Request) -> Response:
        """Brands by name; `q` finds a part of it in either language."""
        wanted = read_query(BrandsIn, request)
        pages = BrandsByName()
        found = selectors.brands(q=wanted.get("q", ""), luxury=wanted["luxury"])
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response(
            [
                {
                    "slug": brand.slug,
                    "name": brand.name,
                    "name_en": brand.name_en,
                    "name_ar": brand.name_ar,
                    "is_luxury": brand.is_luxury,
                }
                for brand in page
            ]
        )
