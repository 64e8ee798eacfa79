"""Listings by `/api/v1/products/…`."""

import uuid
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import actions, selectors
from catalog.api.answers import (
    FavouriteOut,
    PriceChangeOut,
    ProductOut,
    ProductReportOut,
    SimilarListOut,
    VariantsOut,
    product_answer,
    variants_answer,
)
from catalog.api.lists import AllProducts
from catalog.api.serializers import (
    CreateProductIn,
    EditProductIn,
    FromWhereIn,
    PagingIn,
    ReplaceProductIn,
    ReportProductIn,
    SetVariantsIn,
)
from catalog.shapes import amount, product_card
from core.middleware import caller_ip
from core.rest.etags import IF_MATCH, etag, revision_wanted
from core.rest.pagination import CursorPages
from core.rest.query import read_query
from core.rest.views import SoukView
from moderation.selectors import report_told

NEW_LISTINGS = [
    OpenApiExample(
        "For sale at once",
        request_only=True,
        value={
            "title": "Oak desk with two drawers",
            "description": "140 x 70 cm. A scratch on the left side, else as new.",
            "price": "450.00",
            "currency": "AED",
            "category": "furniture",
            "condition": "good",
            "attributes": {"material": "wood", "needs_assembly": False},
            "tags": ["desk", "home office"],
            "image_ids": ["01912d5e-7c3a-7b1e-9f00-2a4b6c8d0e1f"],
            "location": {"latitude": 25.0805, "longitude": 55.1403},
        },
    ),
    OpenApiExample("A draft, to be finished later", request_only=True, value={"title": "Oak desk", "publish": False}),
]


def page_of(request: Request, product_id: uuid.UUID, *, status: int = 200, **origin: Any) -> Response:
    """A listing's page as the answer, with its revision as ETag."""
    product = selectors.product_page(viewer=request.user, product_id=product_id)
    response = Response(product_answer(product, viewer=request.user, **origin), status=status)
    response["ETag"] = etag(product.pk, product.revision)
    return response


class ProductList(AllProducts):
    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.request.method in ("GET", "HEAD", "OPTIONS") else [IsAuthenticated()]

    @extend_schema(
        operation_id="products_create", request=CreateProductIn, responses={201: ProductOut}, examples=NEW_LISTINGS
    )
    def post(self, request: Request) -> Response:
        """Put something up for sale; it may wait for a moderator first. With `publish: false` it stays a draft."""
        body = CreateProductIn(data=request.data)
        body.is_valid(raise_exception=True)
        write = actions.publish_new_product if body.validated_data["publish"] else actions.create_draft
        product = write(
            seller=request.user, feed_type=body.validated_data["feed_type"], **body.fields_for(currency="AED")
        )
        response = page_of(request, product.pk, status=201)
        response["Location"] = reverse("product", args=[product.pk])
        return response


class ProductDetail(SoukView):
    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.request.method in ("GET", "HEAD", "OPTIONS") else [IsAuthenticated()]

    @extend_schema(operation_id="products_retrieve", parameters=[FromWhereIn], responses=ProductOut)
    def get(self, request: Request, product_id: uuid.UUID) -> Response:
        """A listing's page. Counts a view, once an hour for each reader; one's own looks count nothing."""
        origin = read_query(FromWhereIn, request)["origin"]
        response = page_of(request, product_id, origin=origin)
        if not response.data["is_mine"]:
            viewer = str(request.user.pk) if request.user.is_authenticated else caller_ip(request) or "?"
            actions.record_view(product_id=product_id, viewer=viewer)
        return response

    @extend_schema(
        operation_id="products_replace", parameters=[IF_MATCH], request=ReplaceProductIn, responses=ProductOut
    )
    def put(self, request: Request, product_id: uuid.UUID) -> Response:
        """Write the core of a listing anew. See PATCH."""
        return self._edit(request, product_id, ReplaceProductIn(data=request.data))

    @extend_schema(operation_id="products_edit", parameters=[IF_MATCH], request=EditProductIn, responses=ProductOut)
    def patch(self, request: Request, product_id: uuid.UUID) -> Response:
        """Change some of a listing. What a moderator must read first waits as `own.pending_edit`."""
        return self._edit(request, product_id, EditProductIn(data=request.data))

    def _edit(self, request: Request, product_id: uuid.UUID, body: EditProductIn) -> Response:
        body.is_valid(raise_exception=True)
        actions.edit_product(
            seller=request.user,
            product_id=product_id,
            revision=revision_wanted(request, product_id),
            feed_type=body.validated_data.get("feed_type"),
            **body.fields_for(currency=selectors.currency_of(product_id)),
        )
        return page_of(request, product_id)

    @extend_schema(operation_id="products_remove", parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, product_id: uuid.UUID) -> Response:
        """Take a listing away. Refused while somebody is buying it."""
        actions.remove_product(
            seller=request.user, product_id=product_id, revision=revision_wanted(request, product_id)
        )
        return Response(status=204)


class Publish(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="products_publish", request=None, parameters=[IF_MATCH], responses=ProductOut)
    def post(self, request: Request, product_id: uuid.UUID) -> Response:
        """Put a draft, or a listing that was sent back, up for sale or before a moderator."""
        actions.publish_product(
            seller=request.user, product_id=product_id, revision=revision_wanted(request, product_id)
        )
        return page_of(request, product_id)


class Pause(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="products_pause", request=None, responses=ProductOut)
    def post(self, request: Request, product_id: uuid.UUID) -> Response:
        """Take it off show for now."""
        actions.pause_product(seller=request.user, product_id=product_id)
        return page_of(request, product_id)


class Resume(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="products_resume", request=None, responses=ProductOut)
    def post(self, request: Request, product_id: uuid.UUID) -> Response:
        """Show a paused listing again."""
        actions.resume_product(seller=request.user, product_id=product_id)
        return page_of(request, product_id)


class Renew(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="products_renew", request=None, responses=ProductOut)
    def post(self, request: Request, product_id: uuid.UUID) -> Response:
        """Give it a full term from now; an expired one is for sale again."""
        actions.renew_product(seller=request.user, product_id=product_id)
        return page_of(request, product_id)


class MarkSold(SoukView):
    bodyless = frozenset({"patch"})

    @extend_schema(operation_id="products_mark_sold", request=None, responses=ProductOut)
    def patch(self, request: Request, product_id: uuid.UUID) -> Response:
        """It was sold elsewhere: its page stays, whoever saved it is told."""
        actions.mark_sold(seller=request.user, product_id=product_id)
        return page_of(request, product_id)


class Similar(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="products_similar", parameters=[FromWhereIn], responses=SimilarListOut)
    def get(self, request: Request, product_id: uuid.UUID) -> Response:
        """Up to ten listings of its category, within 30 % of its price and near it, most alike first."""
        origin = read_query(FromWhereIn, request)["origin"]
        product = selectors.product_page(viewer=request.user, product_id=product_id)
        alike = selectors.similar_products(viewer=request.user, product=product)
        return Response(
            {"results": [{**product_card(one.row, origin=origin), "relevance": one.relevance} for one in alike]}
        )


class ChangesNewestFirst(CursorPages):
    ordering = ("-at", "-id")


class PriceHistory(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="products_price_history", parameters=[PagingIn], responses=PriceChangeOut(many=True))
    def get(self, request: Request, product_id: uuid.UUID) -> Response:
        """What it cost before, newest change first."""
        read_query(PagingIn, request)
        product = selectors.product_page(viewer=request.user, product_id=product_id)
        pages = ChangesNewestFirst()
        page = pages.paginate_queryset(selectors.price_history(product), request, view=self) or []
        return pages.get_paginated_response(
            [
                {
                    "at": change.at,
                    "old_price": amount(change.old_minor, change.currency),
                    "new_price": amount(change.new_minor, change.currency),
                    "currency": change.currency,
                }
                for change in page
            ]
        )


class Favourite(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="products_favourite", request=None, responses=FavouriteOut)
    def post(self, request: Request, product_id: uuid.UUID) -> Response:
        """Save it; again changes nothing."""
        actions.add_favourite(user=request.user, product_id=product_id)
        return Response({"is_favourite": True, "favourite_count": selectors.favourite_count(product_id)})

    @extend_schema(operation_id="products_unfavourite", responses=FavouriteOut)
    def delete(self, request: Request, product_id: uuid.UUID) -> Response:
        """Forget it; again changes nothing."""
        actions.remove_favourite(user=request.user, product_id=product_id)
        return Response({"is_favourite": False, "favourite_count": selectors.favourite_count(product_id)})


class ReportProduct(SoukView):
    @extend_schema(
        operation_id="products_report",
        request=ReportProductIn,
        responses={
            201: ProductReportOut,
            200: OpenApiResponse(ProductReportOut, description="You reported this listing already."),
        },
    )
    def post(self, request: Request, product_id: uuid.UUID) -> Response:
        """Tell the moderators what is wrong with it."""
        body = ReportProductIn(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        report = actions.report_product(
            reporter=request.user,
            product_id=product_id,
            reason=said["reason"],
            description=said["description"],
            evidence_ids=said["evidence_ids"],
            related_id=said["related_conversation_id"],
        )
        told = {
            "id": report.pk,
            "product_id": product_id,
            "reason": report.reason,
            "description": report.description,
            "status": report_told(report).status,
            "created_at": report.created_at,
        }
        return Response(told, status=201 if report.is_new else 200)


class Variants(SoukView):
    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.request.method in ("GET", "HEAD", "OPTIONS") else [IsAuthenticated()]

    @extend_schema(operation_id="products_variants", responses=VariantsOut)
    def get(self, request: Request, product_id: uuid.UUID) -> Response:
        """What can be chosen and how many are left."""
        return self._answer(request, product_id)

    @extend_schema(
        operation_id="products_set_variants", parameters=[IF_MATCH], request=SetVariantsIn, responses=VariantsOut
    )
    def put(self, request: Request, product_id: uuid.UUID) -> Response:
        """Replace options, stock and own prices. A row is known by its options."""
        body = SetVariantsIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.set_variants(
            seller=request.user,
            product_id=product_id,
            revision=revision_wanted(request, product_id),
            variants=body.rows_for(currency=selectors.currency_of(product_id)),
        )
        return self._answer(request, product_id)

    def _answer(self, request: Request, product_id: uuid.UUID) -> Response:
        product = selectors.product_page(viewer=request.user, product_id=product_id)
        response = Response({"variants": variants_answer(product, mine=request.user.pk == product.seller_id)})
        response["ETag"] = etag(product.pk, product.revision)
        return response
