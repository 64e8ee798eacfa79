"""What is told over the socket about orders."""

from rest_framework import serializers

from core.realtime.registry import announce
from orders.actions.telling import UPDATED
from orders.states import DisputeAxis, FulfilmentAxis, OrderState, PaymentAxis, Side


class OrderUpdatedOut(serializers.Serializer):
    """How an order stands; the rest is read at `GET /orders/{id}`."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    role = serializers.ChoiceField(choices=[Side.BUYER.value, Side.SELLER.value], help_text="The reader's.")
    state = serializers.ChoiceField(choices=OrderState.choices)
    payment_state = serializers.ChoiceField(choices=PaymentAxis.choices)
    fulfilment_state = serializers.ChoiceField(choices=FulfilmentAxis.choices)
    dispute_state = serializers.ChoiceField(choices=DisputeAxis.choices)
    updated_at = serializers.DateTimeField()


announce(UPDATED, shape=OrderUpdatedOut, stream="me", summary="Something happened to an order of the reader's.")
