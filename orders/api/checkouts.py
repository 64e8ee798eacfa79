"""Buying by `/api/v1/checkout…`."""

import uuid
from contextlib import suppress
from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.selectors import person_brief
from core.money import Money
from core.rest.views import SoukView
from orders import actions, selectors
from orders.api.paying import PayingView, checkout_answer, wanted_of
from orders.api.serializers import CheckoutIn, PayIn, PreviewIn
from orders.errors import CannotCancelNow
from orders.quotes import CheckoutQuote, Wanted, quote_checkout
from orders.shapes import CheckoutOut, PreviewOut
from orders.states import CancelledBecause
from payments.errors import ProviderAway

EXAMPLES = [
    OpenApiExample(
        "What is in the cart, delivered",
        request_only=True,
        value={"pay_by": "card", "delivery": "ship", "address_id": "01912d5e-7c3a-7b1e-9f00-2a4b6c8d0e1f"},
    ),
    OpenApiExample(
        "One thing, in cash at the hand-over",
        request_only=True,
        value={
            "items": [{"product_id": "01912d5e-7c3a-7b1e-9f00-2a4b6c8d0e1f", "quantity": 1}],
            "pay_by": "cash",
            "delivery": "meet",
        },
    ),
]


def wanted_by(request: Request, body: PreviewIn) -> list[Wanted]:
    """What a body names, or else what is in the cart."""
    things = body.things()
    if things is not None:
        return wanted_of(request.user, things)
    lines = selectors.cart_lines(selectors.cart_for(selectors.Owner(request.user)))
    return [Wanted(variant_id=line.variant_id, quantity=line.quantity) for line in lines]


def preview_shape(quote: CheckoutQuote) -> dict[str, Any]:
    """A quote as its buyer sees it, without fees."""

    def money(minor: int) -> str:
        return str(Money(minor, quote.currency))

    return {
        "currency": quote.currency,
        "parts": [
            {
                "seller": person_brief(part.seller),
                "lines": [
                    {
                        "product_id": line.product.pk,
                        "variant_id": line.variant.pk,
                        "title": line.product.title,
                        "quantity": line.quantity,
                        "unit_price": money(line.unit_minor),
                        "amount": money(line.amount_minor),
                    }
                    for line in part.lines
                ],
                "items": money(part.items_minor),
                "delivery": money(part.delivery_minor),
                "parcel": None if part.parcel_minor is None else money(part.parcel_minor),
                "discount": money(part.shop_discount_minor + part.platform_discount_minor),
                "total": money(part.total_minor),
                "takes_cash": selectors.seller_takes_cash(part.seller, quote.currency),
            }
            for part in quote.parts
        ],
        "vouchers": [
            {"code": voucher.code, "funder": voucher.funder, "discount": money(off)} for voucher, off in quote.vouchers
        ],
        "items": money(quote.items_minor),
        "delivery": money(quote.delivery_minor),
        "discount": money(quote.discount_minor),
        "total": money(quote.total_minor),
    }


class Preview(SoukView):
    unkeyed = None

    @extend_schema(operation_id="checkout_preview", request=PreviewIn, responses=PreviewOut)
    def post(self, request: Request) -> Response:
        """What a purchase would come to, line by line. Nothing is set aside or used."""
        body = PreviewIn(data=request.data)
        body.is_valid(raise_exception=True)
        quote = quote_checkout(
            buyer=request.user,
            wanted=wanted_by(request, body),
            delivery=body.validated_data["delivery"],
            voucher_codes=body.codes(),
            at=timezone.now(),
        )
        return Response(preview_shape(quote))


class Checkouts(PayingView):
    keyed = frozenset({"post"})

    @extend_schema(operation_id="checkout_open", request=CheckoutIn, responses={201: CheckoutOut}, examples=EXAMPLES)
    def post(self, request: Request) -> Response:
        """Buy `items`, or what is in the cart: one order for each seller, one payment for all. Its things are set aside meanwhile."""
        body = CheckoutIn(data=request.data)
        body.is_valid(raise_exception=True)
        things = body.things()
        lines = None if things is None else wanted_of(request.user, things)
        checkout = actions.open_checkout(buyer=request.user, lines=lines, **body.said())
        response = Response(checkout_answer(request.user, checkout.pk), status=201)
        response["Location"] = reverse("checkout", args=[checkout.pk])
        return response


class CheckoutDetail(SoukView):
    @extend_schema(operation_id="checkout_retrieve", responses=CheckoutOut)
    def get(self, request: Request, checkout_id: uuid.UUID) -> Response:
        """A purchase of one's own and how its payment stands."""
        return Response(checkout_answer(request.user, checkout_id))


class CheckoutPay(PayingView):
    keyed = frozenset({"post"})

    def waiting_checkout(self, request: Request, **kwargs: Any) -> uuid.UUID | None:
        says = request.data.get("delivery") or request.data.get("pay_by")
        return kwargs["checkout_id"] if says else None

    @extend_schema(operation_id="checkout_pay", request=PayIn, responses=CheckoutOut)
    def post(self, request: Request, checkout_id: uuid.UUID) -> Response:
        """Say how it is handed over and paid, where that is still open; the answer has the secret of the card form. After the card
        form, the same request without a body looks whether it is paid.
        """
        body = PayIn(data=request.data)
        body.is_valid(raise_exception=True)
        checkout = selectors.checkout_of(request.user, checkout_id)
        said = body.preparing()
        if said is not None:
            order = selectors.orders_of_checkout(checkout.pk)[0]
            actions.prepare_to_pay(buyer=request.user, order_id=order.pk, **said)
        self.test_method = body.validated_data.get("test_method", "")
        return Response(checkout_answer(request.user, checkout_id))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """After the commit: pay with the test method, or look at the payment. A replayed answer looks again and pays nothing."""
        if response.status_code == 200 and response.data.get("payment"):
            response = self._settled(request, response)
        return super().finalize_response(request, response, *args, **kwargs)

    def _settled(self, request: Request, response: Response) -> Response:
        checkout_id = uuid.UUID(str(response.data["id"]))
        try:
            if getattr(self, "test_method", ""):
                actions.pay_by_test_method(buyer=request.user, checkout_id=checkout_id, method=self.test_method)
            else:
                with suppress(ProviderAway):  # the answer then says how it stood when it was last heard of
                    actions.settle_checkout(buyer=request.user, checkout_id=checkout_id)
        except Exception as error:  # noqa: BLE001 - DRF decides what is an answer and what is a bug
            return self.handle_exception(error)
        response.data = checkout_answer(request.user, checkout_id)
        return response


class CheckoutCancel(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="checkout_cancel", request=None, responses=CheckoutOut)
    def post(self, request: Request, checkout_id: uuid.UUID) -> Response:
        """Call a purchase off that is not paid: its things are for sale again. Again is the same answer."""
        if not actions.cancel_unpaid(checkout_id=checkout_id, because=CancelledBecause.BUYER, person=request.user):
            raise CannotCancelNow
        return Response(checkout_answer(request.user, checkout_id))
