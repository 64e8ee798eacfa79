"""What follows the payment: the seller prepares and sends, the two meet or the buyer says that they have it."""

import uuid
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.rest.serializers import StrictSerializer
from core.rest.views import SoukView
from media.errors import NotYourMedia
from media.selectors import private_file
from media.shapes import AssetIdField, PrivateFileOut
from orders import actions, carriers, selectors
from orders.errors import WrongCarrierSignature, WrongCarrierWords
from orders.proofs import picture_of
from orders.shapes import OrderOut
from orders.states import FulfilmentAxis, ShipmentState, Side

HANDED_OVER = "delivered"
SPEC_STATUSES = ("processing", "preparing", "ready", "shipped", "in_transit", "dispatched", "cancelled")


class DispatchIn(StrictSerializer):
    """By hand: a carrier and its tracking number (or the carrier “own courier”). By a carrier that we order: its `adapter`."""

    carrier = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    tracking_number = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    tracking_url = serializers.URLField(required=False, allow_blank=True, default="", max_length=300)
    label_id = AssetIdField(required=False, allow_null=True, default=None)
    adapter = serializers.CharField(required=False, default=carriers.MANUAL, max_length=20)
    service = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    weight_grams = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=200_000
    )


class StatusIn(DispatchIn):
    """One word for where an order is to be, as shops' programs say it; what a dispatch needs beside it."""

    status = serializers.ChoiceField(choices=SPEC_STATUSES)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class DeclineIn(StrictSerializer):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class HandOverIn(StrictSerializer):
    code = serializers.CharField(max_length=20, help_text=_("The six digits that the buyer shows."))


class LabelIn(StrictSerializer):
    label_id = AssetIdField(help_text=_("An upload with the purpose “label”: a PDF or a picture."))


class HandoverCodeOut(serializers.Serializer):
    code = serializers.CharField()
    qr = serializers.CharField(help_text=_("The same as a picture: SVG."))


class TrackedOut(serializers.Serializer):
    at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=ShipmentState.choices)
    place = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)


class ShipmentOut(serializers.Serializer):
    """A parcel, and what its carrier told of it, oldest first."""

    id = serializers.UUIDField()
    is_return = serializers.BooleanField()
    adapter = serializers.CharField()
    carrier = serializers.CharField()
    service = serializers.CharField(allow_blank=True)
    tracking_number = serializers.CharField(allow_blank=True)
    tracking_url = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=ShipmentState.choices)
    has_label = serializers.BooleanField(help_text=_("For the seller: GET /seller/orders/{id}/label."))
    history = TrackedOut(many=True)
    booked_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)


def sold(request: Request, order_id: uuid.UUID) -> Response:
    """The order as its seller sees it now."""
    return Response(selectors.order_shape(selectors.order_sold_by(request.user, order_id), reader=Side.SELLER))


class SellerAccept(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="seller_orders_accept", request=None, responses=OrderOut)
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """Take an order on: it is being prepared."""
        actions.accept_order(seller=request.user, order_id=order_id)
        return sold(request, order_id)


class CashBackIn(StrictSerializer):
    received = serializers.BooleanField(help_text=_("Whether you have your money back."))


class SellerCashBack(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="seller_orders_cash_back", request=None, responses=OrderOut)
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """Say that the buyer of a cash sale has all the money back, or what you owe of it (`cash_owed`). Your fee is returned when
        they say so too; of what is owed by a decision it was.
        """
        actions.say_cash_given_back(seller=request.user, order_id=order_id)
        return sold(request, order_id)


class OrderCashBack(SoukView):
    @extend_schema(operation_id="orders_cash_back", request=CashBackIn, responses=OrderOut)
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """Say whether you have the cash back that the seller says to have given you, or what they owe you (`cash_owed`)."""
        body = CashBackIn(data=request.data)
        body.is_valid(raise_exception=True)
        act = actions.confirm_cash_back if body.validated_data["received"] else actions.deny_cash_back
        act(buyer=request.user, order_id=order_id)
        order = selectors.order_for(request.user, order_id)
        return Response(selectors.order_shape(order, reader=Side.BUYER))


class SellerReady(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="seller_orders_ready", request=None, responses=OrderOut)
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """It waits for the carrier or the meeting."""
        actions.mark_ready(seller=request.user, order_id=order_id)
        return sold(request, order_id)


class SellerDecline(SoukView):
    @extend_schema(operation_id="seller_orders_decline", request=DeclineIn, responses=OrderOut)
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """Call an order off before anything is on its way: the buyer gets all money back."""
        body = DeclineIn(data=request.data)
        body.is_valid(raise_exception=True)
        selectors.order_sold_by(request.user, order_id)
        actions.cancel_order(person=request.user, order_id=order_id, **body.validated_data)
        return sold(request, order_id)


class SellerDispatch(SoukView):
    @extend_schema(
        operation_id="seller_orders_dispatch",
        request=DispatchIn,
        responses=OrderOut,
        examples=[
            OpenApiExample(
                "By hand", request_only=True, value={"carrier": "Emirates Post", "tracking_number": "EE123456789AE"}
            )
        ],
    )
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """It is with a carrier now; or a carrier is to fetch it."""
        body = DispatchIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.dispatch_order(seller=request.user, order_id=order_id, **body.validated_data)
        return sold(request, order_id)


class SellerStatus(SoukView):
    @extend_schema(operation_id="seller_orders_status", request=StatusIn, responses=OrderOut)
    def patch(self, request: Request, order_id: uuid.UUID) -> Response:
        """The same in one word: processing and preparing take it on, shipped, in_transit and dispatched send it, cancelled declines."""
        body = StatusIn(data=request.data)
        body.is_valid(raise_exception=True)
        said: dict[str, Any] = dict(body.validated_data)
        status, reason = said.pop("status"), said.pop("reason")
        selectors.order_sold_by(request.user, order_id)
        if status in ("processing", FulfilmentAxis.PREPARING):
            actions.accept_order(seller=request.user, order_id=order_id)
        elif status == FulfilmentAxis.READY:
            actions.mark_ready(seller=request.user, order_id=order_id)
        elif status == "cancelled":
            actions.cancel_order(person=request.user, order_id=order_id, reason=reason)
        else:
            actions.dispatch_order(seller=request.user, order_id=order_id, **said)
        return sold(request, order_id)


class SellerHandOver(SoukView):
    """A wrong code must stay counted, so no answer is kept for a key."""

    unkeyed = None

    @extend_schema(operation_id="seller_orders_handover", request=HandOverIn, responses=OrderOut)
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """Enter the buyer's code: handed over, and paid at once. Five wrong ones lock it for a quarter of an hour."""
        body = HandOverIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.hand_over(seller=request.user, order_id=order_id, **body.validated_data)
        return sold(request, order_id)


class SellerLabel(SoukView):
    @extend_schema(operation_id="seller_orders_label", responses=PrivateFileOut)
    def get(self, request: Request, order_id: uuid.UUID) -> Response:
        """Where the label of the last parcel is; the address is good for its asker, for five minutes."""
        shipment = selectors.label_of(person=request.user, order_id=order_id)
        shown = private_file(shipment.label, viewer=request.user) if shipment.label else None
        if shown is None:
            raise NotYourMedia  # it is still being examined
        return Response(shown)

    @extend_schema(operation_id="seller_orders_attach_label", request=LabelIn, responses=OrderOut)
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """Keep a label with the last parcel, in place of another."""
        body = LabelIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.attach_label(seller=request.user, order_id=order_id, **body.validated_data)
        return sold(request, order_id)


class OrderReceived(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="orders_received", request=None, responses=OrderOut)
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """The buyer has it and all is well: the seller is paid now."""
        actions.confirm_received(buyer=request.user, order_id=order_id)
        return Response(selectors.order_shape(selectors.order_for(request.user, order_id), reader=Side.BUYER))


class OrderHandoverCode(SoukView):
    """Asking makes the code, so it is a POST; its answer is a secret and is kept for no key."""

    unkeyed = None
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="orders_handover_code", request=None, responses=HandoverCodeOut)
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """The buyer's code. Whoever enters it is paid: show it only with the thing in your hands."""
        code = actions.show_handover_code(buyer=request.user, order_id=order_id)
        response = Response({"code": code, "qr": picture_of(code)})
        response["Cache-Control"] = "no-store"
        return response


class OrderShipments(SoukView):
    @extend_schema(operation_id="orders_shipments", responses=ShipmentOut(many=True))
    def get(self, request: Request, order_id: uuid.UUID) -> Response:
        """The parcels of an order, the newest first."""
        order = selectors.order_for(request.user, order_id)
        reader = selectors.reader_of(order, request.user)
        return Response([selectors.shipment_shape(one, reader=reader) for one in selectors.shipments_of(order)])


class CarrierNews(APIView):
    """Where carriers ring. Their signature is all the proof that it asks for."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    @extend_schema(
        operation_id="webhooks_carrier",
        request={"application/json": {"type": "object"}},
        parameters=[OpenApiParameter("X-Carrier-Signature", str, OpenApiParameter.HEADER, required=True)],
        responses={204: None},
        auth=[],
    )
    def post(self, request: Request, adapter: str) -> Response:
        """What a carrier saw of a parcel: `{"parcel", "events": [{"id", "at", "state", "place", "note"}]}`, in any order, any
        number of times.
        """
        said = signed_words(request._request, adapter)
        shipment = selectors.shipment_with_reference(adapter=adapter, reference=str(said.get("parcel") or ""))
        try:
            events = carriers.read_events(said)
        except carriers.CarrierUnclear:
            raise WrongCarrierWords from None
        actions.note_tracking(shipment_id=shipment.pk, events=events)
        return Response(status=204)


def signed_words(request: HttpRequest, adapter: str) -> dict[str, Any]:
    """What a carrier signed. Raises WrongCarrierSignature, WrongCarrierWords."""
    header = request.headers.get("X-Carrier-Signature", "")
    if not carriers.is_signed(adapter, header, request.body, now=timezone.now().timestamp()):
        raise WrongCarrierSignature
    said = carriers.words_in(request.body)
    if said is None:
        raise WrongCarrierWords
    return said
