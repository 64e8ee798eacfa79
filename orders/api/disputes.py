"""Disputes, for the buyer and the seller. What our staff do with them is in the console."""

import uuid
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.money import Money
from core.rest.serializers import AmountField, StrictSerializer
from core.rest.views import SoukView
from media.shapes import AssetIdField, PictureOut
from orders import actions, selectors
from orders.api.orders import transaction
from orders.errors import NotYourSideOfIt
from orders.rules import DISPUTE_PICTURES
from orders.shapes import TransactionOut
from orders.states import DisputeOutcome, DisputeReason, DisputeState, SellerAnswer, Side

ACTIONS = (
    "evidence",
    "escalate",
    "withdraw",
    "answer",
    "settle",
    "send_back",
    "confirm_return",
    "reject_return",
    "appeal",
    "accept",
)


class EvidenceIn(StrictSerializer):
    text = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)
    picture_ids = serializers.ListField(
        child=AssetIdField(), required=False, default=list, max_length=DISPUTE_PICTURES,
        help_text=_("Uploads with the purpose “evidence”."),
    )  # fmt: skip


class OpenDisputeIn(EvidenceIn):
    reason = serializers.ChoiceField(choices=DisputeReason.choices)
    text = serializers.CharField(max_length=2000, help_text=_("What happened."))
    amount = AmountField(required=False, allow_null=True, default=None, help_text=_("Wanted back; without it, all."))

    def said(self, currency: str) -> dict[str, Any]:
        said = dict(self.validated_data)
        return {"wanted": in_currency(said.pop("amount"), currency), **said}


class AnswerDisputeIn(EvidenceIn):
    answer = serializers.ChoiceField(choices=SellerAnswer.choices)
    offered = AmountField(required=False, allow_null=True, default=None, help_text=_("Where a part is offered."))
    needs_return = serializers.BooleanField(default=False, help_text=_("Agreed, once it is sent back."))

    def said(self, currency: str) -> dict[str, Any]:
        said = dict(self.validated_data)
        return said | {"offered": in_currency(said["offered"], currency, at="offered")}


class RefundIn(EvidenceIn):
    """What a seller gives back, or a buyer asks for."""

    amount = AmountField(required=False, allow_null=True, default=None, help_text=_("Without it, all that is left."))
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)


class SendBackIn(StrictSerializer):
    carrier = serializers.CharField(max_length=60)
    tracking_number = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    tracking_url = serializers.URLField(required=False, allow_blank=True, default="", max_length=300)


class WordsIn(StrictSerializer):
    text = serializers.CharField(max_length=2000)


class EvidenceOut(serializers.Serializer):
    id = serializers.UUIDField()
    side = serializers.ChoiceField(choices=Side.choices)
    text = serializers.CharField(allow_blank=True)
    picture = PictureOut(allow_null=True)
    at = serializers.DateTimeField()


class DisputeOut(serializers.Serializer):
    """A dispute as one of the two sees it."""

    id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    order_code = serializers.CharField()
    side = serializers.ChoiceField(choices=Side.choices, help_text=_("The reader's."))
    reason = serializers.ChoiceField(choices=DisputeReason.choices)
    text = serializers.CharField()
    wanted = serializers.CharField()
    currency = serializers.CharField()
    state = serializers.ChoiceField(choices=DisputeState.choices)
    seller_answer = serializers.ChoiceField(choices=SellerAnswer.choices, allow_blank=True)
    offered = serializers.CharField(allow_null=True)
    answer_by = serializers.DateTimeField(allow_null=True)
    decide_by = serializers.DateTimeField(allow_null=True)
    appeal_by = serializers.DateTimeField(allow_null=True)
    return_by = serializers.DateTimeField(allow_null=True)
    outcome = serializers.ChoiceField(choices=DisputeOutcome.choices, allow_blank=True)
    refund = serializers.CharField(allow_null=True)
    needs_return = serializers.BooleanField()
    words = serializers.CharField(allow_blank=True, help_text=_("Of the decision, for both sides."))
    decided_at = serializers.DateTimeField(allow_null=True)
    appealed_by = serializers.ChoiceField(choices=Side.choices, allow_blank=True)
    appeal_text = serializers.CharField(allow_blank=True)
    evidence = EvidenceOut(many=True)
    actions = serializers.ListField(
        child=serializers.ChoiceField(choices=ACTIONS), help_text=_("What the reader may do now.")
    )
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


def in_currency(amount: str | None, currency: str, *, at: str = "amount") -> Money | None:
    """Raises NotAnAmount, naming the field."""
    return None if amount is None else Money.parse(amount, currency, attr=at)


def told(request: Request, dispute_id: uuid.UUID, *, status: int = 200) -> Response:
    dispute = selectors.dispute_for(request.user, dispute_id)
    return Response(selectors.dispute_shape(dispute, viewer=request.user), status=status)


class OrderDisputes(SoukView):
    @extend_schema(operation_id="orders_disputes", responses=DisputeOut(many=True))
    def get(self, request: Request, order_id: uuid.UUID) -> Response:
        """The disputes about an order, the newest first."""
        order = selectors.order_for(request.user, order_id)
        return Response([selectors.dispute_shape(one, viewer=request.user) for one in selectors.disputes_of(order)])

    @extend_schema(
        operation_id="orders_open_dispute",
        request=OpenDisputeIn,
        responses={201: DisputeOut},
        examples=[
            OpenApiExample(
                "A part back",
                request_only=True,
                value={"reason": "damaged", "text": "One leg is broken.", "amount": "80.00"},
            )
        ],
    )
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """Report a problem and ask for money back. What is held stays held until it is settled."""
        body = OpenDisputeIn(data=request.data)
        body.is_valid(raise_exception=True)
        order = selectors.order_for(request.user, order_id)
        dispute = actions.open_dispute(buyer=request.user, order_id=order_id, **body.said(order.currency))
        response = told(request, dispute.pk, status=201)
        response["Location"] = reverse("dispute", args=[dispute.pk])
        return response


class DisputeDetail(SoukView):
    @extend_schema(operation_id="disputes_retrieve", responses=DisputeOut)
    def get(self, request: Request, dispute_id: uuid.UUID) -> Response:
        """One dispute, for its two sides."""
        return told(request, dispute_id)


class DisputeAnswer(SoukView):
    @extend_schema(operation_id="disputes_answer", request=AnswerDisputeIn, responses=DisputeOut)
    def post(self, request: Request, dispute_id: uuid.UUID) -> Response:
        """The seller agrees, offers a part, or disagrees, which brings it before our staff."""
        body = AnswerDisputeIn(data=request.data)
        body.is_valid(raise_exception=True)
        currency = selectors.dispute_for(request.user, dispute_id).order.currency
        actions.answer_dispute(seller=request.user, dispute_id=dispute_id, **body.said(currency))
        return told(request, dispute_id)


class DisputeSettle(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="disputes_settle", request=None, responses=DisputeOut)
    def post(self, request: Request, dispute_id: uuid.UUID) -> Response:
        """The buyer takes what the seller offers."""
        actions.take_settlement(buyer=request.user, dispute_id=dispute_id)
        return told(request, dispute_id)


class DisputeWithdraw(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="disputes_withdraw", request=None, responses=DisputeOut)
    def post(self, request: Request, dispute_id: uuid.UUID) -> Response:
        """The buyer takes it back; the order goes on with the time that was left."""
        actions.withdraw_dispute(buyer=request.user, dispute_id=dispute_id)
        return told(request, dispute_id)


class DisputeEvidence(SoukView):
    @extend_schema(operation_id="disputes_evidence", request=EvidenceIn, responses=DisputeOut)
    def post(self, request: Request, dispute_id: uuid.UUID) -> Response:
        """Say or show something more, for both sides and our staff to see."""
        body = EvidenceIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.add_evidence(person=request.user, dispute_id=dispute_id, **body.validated_data)
        return told(request, dispute_id)


class DisputeEscalate(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="disputes_escalate", request=None, responses=DisputeOut)
    def post(self, request: Request, dispute_id: uuid.UUID) -> Response:
        """Bring it before our staff, once the seller has answered or did not in time."""
        actions.escalate_dispute(person=request.user, dispute_id=dispute_id)
        return told(request, dispute_id)


class DisputeAppeal(SoukView):
    @extend_schema(operation_id="disputes_appeal", request=WordsIn, responses=DisputeOut)
    def post(self, request: Request, dispute_id: uuid.UUID) -> Response:
        """Who lost asks for another look, by somebody else."""
        body = WordsIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.appeal_dispute(person=request.user, dispute_id=dispute_id, **body.validated_data)
        return told(request, dispute_id)


class DisputeAccept(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="disputes_accept", request=None, responses=DisputeOut)
    def post(self, request: Request, dispute_id: uuid.UUID) -> Response:
        """Who lost does not want to wait for the time to appeal."""
        actions.accept_decision(person=request.user, dispute_id=dispute_id)
        return told(request, dispute_id)


class DisputeReturn(SoukView):
    @extend_schema(operation_id="disputes_send_back", request=SendBackIn, responses=DisputeOut)
    def post(self, request: Request, dispute_id: uuid.UUID) -> Response:
        """The buyer has sent it back."""
        body = SendBackIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.send_back(buyer=request.user, dispute_id=dispute_id, **body.validated_data)
        return told(request, dispute_id)


class DisputeReturned(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="disputes_confirm_return", request=None, responses=DisputeOut)
    def post(self, request: Request, dispute_id: uuid.UUID) -> Response:
        """The seller has it back: the buyer's money goes back now."""
        actions.confirm_return(seller=request.user, dispute_id=dispute_id)
        return told(request, dispute_id)


class DisputeReturnRejected(SoukView):
    @extend_schema(operation_id="disputes_reject_return", request=WordsIn, responses=DisputeOut)
    def post(self, request: Request, dispute_id: uuid.UUID) -> Response:
        """What came back is not what was sent: our staff look at it."""
        body = WordsIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.reject_return(seller=request.user, dispute_id=dispute_id, **body.validated_data)
        return told(request, dispute_id)


class TransactionRefund(SoukView):
    keyed = frozenset({"post"})

    @extend_schema(operation_id="transactions_refund", request=RefundIn, responses=TransactionOut)
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """The seller gives money back. A buyer's request opens a dispute, whose reason is one of its own or else “other”."""
        body = RefundIn(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        order = selectors.order_for(request.user, order_id)
        amount = in_currency(said["amount"], order.currency)
        if selectors.reader_of(order, request.user) == Side.BUYER:
            known = said["reason"] in DisputeReason.values
            actions.open_dispute(
                buyer=request.user,
                order_id=order_id,
                reason=said["reason"] if known else DisputeReason.OTHER,
                text=said["text"] or said["reason"],
                wanted=amount,
                picture_ids=said["picture_ids"],
            )
        elif said["picture_ids"]:
            raise NotYourSideOfIt
        else:
            actions.refund_order(
                seller=request.user, order_id=order_id, amount=amount, reason=said["reason"] or said["text"]
            )
        return Response(transaction(request, selectors.order_for(request.user, order_id)))
