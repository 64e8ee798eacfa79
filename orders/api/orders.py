"""Orders by `/api/v1/orders…` and `/api/v1/seller/orders…`, their money by `/api/v1/transactions…`."""

import uuid
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.pagination import CursorPages
from core.rest.query import read_query
from core.rest.views import SoukView
from orders import actions, selectors
from orders.actions import Put
from orders.api.checkouts import Checkouts
from orders.api.paying import PayingView, wanted_of
from orders.api.serializers import BuyIn, CancelIn, CheckoutIn, OrdersIn, SoldIn, TransactionsIn
from orders.errors import OrderNotFound
from orders.models import Order
from orders.shapes import CheckoutOut, OrderEventOut, OrderLineOut, OrderOut, TransactionOut
from orders.states import Side


class Orders(Checkouts):
    @extend_schema(operation_id="orders_list", parameters=[OrdersIn], responses=OrderLineOut(many=True))
    def get(self, request: Request) -> Response:
        """What one bought, newest first."""
        wanted = read_query(OrdersIn, request)
        pages = CursorPages()
        found = selectors.orders_bought(
            request.user, state=wanted.get("status", ""), fulfilment=wanted.get("fulfilment", "")
        )
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response([selectors.order_line(order, reader=Side.BUYER) for order in page])

    @extend_schema(operation_id="orders_open", request=CheckoutIn, responses={201: CheckoutOut})
    def post(self, request: Request) -> Response:
        """The same as POST /checkout."""
        return super().post(request)


class OrderDetail(SoukView):
    @extend_schema(operation_id="orders_retrieve", responses=OrderOut)
    def get(self, request: Request, order_id: uuid.UUID) -> Response:
        """One order that one bought or sold."""
        order = selectors.order_for(request.user, order_id)
        return Response(selectors.order_shape(order, reader=selectors.reader_of(order, request.user)))


class OrderCancel(SoukView):
    @extend_schema(operation_id="orders_cancel", request=CancelIn, responses=OrderOut)
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """Call an order off before anything is on its way; what was paid goes back. What is not paid goes with its whole checkout."""
        body = CancelIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.cancel_order(person=request.user, order_id=order_id, **body.validated_data)
        order = selectors.order_for(request.user, order_id)
        return Response(selectors.order_shape(order, reader=selectors.reader_of(order, request.user)))


class OrderEvents(SoukView):
    @extend_schema(operation_id="orders_events", responses=OrderEventOut(many=True))
    def get(self, request: Request, order_id: uuid.UUID) -> Response:
        """What happened to an order, oldest first, in words for the reader."""
        order = selectors.order_for(request.user, order_id)
        reader = selectors.reader_of(order, request.user)
        return Response(selectors.timeline(selectors.timeline_of(order), reader=reader))


class SellerOrders(SoukView):
    @extend_schema(operation_id="seller_orders_list", parameters=[SoldIn], responses=OrderLineOut(many=True))
    def get(self, request: Request) -> Response:
        """What one sold, newest first."""
        wanted = read_query(SoldIn, request)
        pages = CursorPages()
        found = selectors.orders_sold(
            request.user,
            state=wanted.get("status", ""),
            fulfilment=wanted.get("fulfilment", ""),
            search=wanted.get("search", ""),
        )
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response([selectors.order_line(order, reader=Side.SELLER) for order in page])


class SellerOrderDetail(SoukView):
    @extend_schema(operation_id="seller_orders_retrieve", responses=OrderOut)
    def get(self, request: Request, order_id: uuid.UUID) -> Response:
        """One order that one sold."""
        order = selectors.order_sold_by(request.user, order_id)
        return Response(selectors.order_shape(order, reader=Side.SELLER))


class Transactions(PayingView):
    keyed = frozenset({"post"})

    @extend_schema(operation_id="transactions_list", parameters=[TransactionsIn], responses=TransactionOut(many=True))
    def get(self, request: Request) -> Response:
        """The money of what one bought and sold, newest first."""
        wanted = read_query(TransactionsIn, request)
        pages = CursorPages()
        found = selectors.transactions_of(
            request.user,
            as_buyer=wanted["as_buyer"],
            as_seller=wanted["as_seller"],
            status=wanted.get("status", ""),
        )
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response([transaction(request, order) for order in page])

    @extend_schema(operation_id="transactions_open", request=BuyIn, responses={201: TransactionOut})
    def post(self, request: Request) -> Response:
        """Buy one thing at once, or pay for an accepted offer; the answer has the secret of the card form."""
        body = BuyIn(data=request.data)
        body.is_valid(raise_exception=True)
        order = self._open(request, body.validated_data)
        response = Response(transaction(request, selectors.order_for(request.user, order.pk)), status=201)
        response["Location"] = reverse("transaction", args=[order.pk])
        return response

    def waiting_checkout(self, request: Request, **kwargs: Any) -> uuid.UUID | None:
        del kwargs
        offer_id = request.data.get("offer_id")
        return selectors.order_of_reference(request.user, f"offer:{offer_id}").checkout_id if offer_id else None

    def _open(self, request: Request, said: dict[str, Any]) -> Order:
        how = {name: said[name] for name in ("pay_by", "delivery", "address_id", "note")}
        if said.get("offer_id"):
            order = selectors.order_of_reference(request.user, f"offer:{said['offer_id']}")
            actions.prepare_to_pay(buyer=request.user, order_id=order.pk, **how)
            return order
        thing = Put(said["product_id"], said["variant_id"], said["quantity"])
        checkout = actions.open_checkout(
            buyer=request.user,
            lines=wanted_of(request.user, [thing]),
            voucher_codes=[said["voucher_code"]],
            **how,
        )
        return checkout.orders.get()


class TransactionDetail(SoukView):
    @extend_schema(operation_id="transactions_retrieve", responses=TransactionOut)
    def get(self, request: Request, order_id: uuid.UUID) -> Response:
        """The money of one order."""
        return Response(transaction(request, selectors.order_for(request.user, order_id)))


class TransactionConfirm(SoukView):
    """Looks at the provider, so it runs outside any transaction: nothing is kept for a key, and again is the same answer."""

    unkeyed = None
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="transactions_confirm", request=None, responses=TransactionOut)
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """The buyer came back from the card form: look whether it is paid, and confirm the order if so."""
        order = selectors.order_for(request.user, order_id)
        if order.buyer_id != request.user.pk:
            raise OrderNotFound
        actions.settle_checkout(buyer=request.user, checkout_id=order.checkout_id)
        return Response(transaction(request, selectors.order_for(request.user, order_id)))


def transaction(request: Request, order: Order) -> dict[str, Any]:
    return selectors.transaction_shape(order, reader=selectors.reader_of(order, request.user))
