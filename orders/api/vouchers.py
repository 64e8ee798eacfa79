"""Vouchers by `/api/v1/vouchers…` for buyers and `/api/v1/seller/vouchers…` for shops."""

import uuid

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors import product_page
from core.money import Money
from core.rest.etags import IF_MATCH, etag, revision_wanted, with_etag
from core.rest.pagination import CursorPages
from core.rest.query import read_query
from core.rest.tagged import TaggedView
from core.rest.views import SoukView
from orders import actions, selectors
from orders.actions.vouchers import revision_of
from orders.api.checkouts import wanted_by
from orders.api.serializers import AvailableVouchersIn, IssueVoucherIn, PagingIn, ValidateVoucherIn, VoucherTermsIn
from orders.models import Voucher
from orders.quotes import quote_checkout
from orders.shapes import OwnVoucherOut, VoucherOut, VoucherWorthOut

EXAMPLES = [
    OpenApiExample(
        "Ten percent, at most AED 50",
        request_only=True,
        value={"code": "SUMMER10", "kind": "percent", "percent": "10.00", "cap": "50.00", "total_limit": 100},
    ),
    OpenApiExample(
        "AED 25 from AED 100 on",
        request_only=True,
        value={"code": "WELCOME25", "kind": "fixed", "amount": "25.00", "minimum": "100.00"},
    ),
]


class ValidateVoucher(SoukView):
    unkeyed = None

    @extend_schema(operation_id="vouchers_validate", request=ValidateVoucherIn, responses=VoucherWorthOut)
    def post(self, request: Request) -> Response:
        """What a code takes off `items`, or off the cart. Nothing is used by it."""
        body = ValidateVoucherIn(data=request.data)
        body.is_valid(raise_exception=True)
        quote = quote_checkout(
            buyer=request.user,
            wanted=wanted_by(request, body),
            delivery=body.validated_data["delivery"],
            voucher_codes=body.codes(),
            at=timezone.now(),
        )
        [(voucher, off)] = quote.vouchers
        return Response(
            {
                "voucher": selectors.voucher_shape(voucher),
                "discount": str(Money(off, quote.currency)),
                "total": str(Money(quote.total_minor, quote.currency)),
                "currency": quote.currency,
            }
        )


class AvailableVouchers(SoukView):
    @extend_schema(operation_id="vouchers_available", parameters=[AvailableVouchersIn], responses=VoucherOut(many=True))
    def get(self, request: Request) -> Response:
        """Vouchers that are shown to buyers of a listing's shop, or of the shops in the cart, and ours."""
        wanted = read_query(AvailableVouchersIn, request)
        if "product_id" in wanted:
            sellers = {product_page(viewer=request.user, product_id=wanted["product_id"]).seller_id}
        else:
            lines = selectors.cart_lines(selectors.cart_for(selectors.Owner(request.user)))
            sellers = {line.variant.product.seller_id for line in lines}
        found = selectors.vouchers_on_show(sellers=sellers, currency=wanted["currency"], at=timezone.now())
        pages = CursorPages()
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response([selectors.voucher_shape(voucher) for voucher in page])


class SellerVouchers(SoukView):
    @extend_schema(operation_id="seller_vouchers_list", parameters=[PagingIn], responses=OwnVoucherOut(many=True))
    def get(self, request: Request) -> Response:
        """The vouchers of one's shop, newest first."""
        read_query(PagingIn, request)
        pages = CursorPages()
        page = pages.paginate_queryset(selectors.vouchers_of(request.user), request, view=self) or []
        return pages.get_paginated_response([selectors.own_voucher_shape(voucher) for voucher in page])

    @extend_schema(
        operation_id="seller_vouchers_issue", request=IssueVoucherIn, responses={201: OwnVoucherOut}, examples=EXAMPLES
    )
    def post(self, request: Request) -> Response:
        """Promise money off one's own things; the shop pays it."""
        body = IssueVoucherIn(data=request.data)
        body.is_valid(raise_exception=True)
        currency = body.validated_data["currency"]
        voucher = actions.issue_voucher(
            seller=request.user, code=body.validated_data["code"], fields=body.fields_said(currency=currency)
        )
        response = told(request, voucher, status=201)
        response["Location"] = reverse("seller-voucher", args=[voucher.pk])
        return response


class SellerVoucher(TaggedView):
    guarded = frozenset({"delete"})

    @extend_schema(operation_id="seller_vouchers_retrieve", responses=OwnVoucherOut)
    def get(self, request: Request, voucher_id: uuid.UUID) -> Response:
        """One voucher of one's shop."""
        return told(request, selectors.own_voucher(request.user, voucher_id))

    @extend_schema(
        operation_id="seller_vouchers_change", request=VoucherTermsIn, parameters=[IF_MATCH], responses=OwnVoucherOut
    )
    def patch(self, request: Request, voucher_id: uuid.UUID) -> Response:
        """Change a voucher. Once somebody used it, what it is worth stays."""
        body = VoucherTermsIn(data=request.data)
        body.is_valid(raise_exception=True)
        voucher = selectors.own_voucher(request.user, voucher_id)
        fields = body.fields_said(currency=body.validated_data.get("currency", voucher.currency))
        changed = actions.change_voucher(
            seller=request.user,
            voucher_id=voucher_id,
            fields=fields,
            revision=revision_wanted(request, voucher_id),
        )
        return told(request, changed)

    @extend_schema(operation_id="seller_vouchers_drop", parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, voucher_id: uuid.UUID) -> Response:
        """Take a voucher away; one that somebody used is switched off."""
        actions.drop_voucher(seller=request.user, voucher_id=voucher_id)
        return Response(status=204)


def told(request: Request, voucher: Voucher, *, status: int = 200) -> Response:
    response = Response(selectors.own_voucher_shape(voucher), status=status)
    return with_etag(request, response, etag(voucher.pk, revision_of(voucher)))
