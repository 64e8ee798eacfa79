"""What the house says of an order in the conversation of its two people."""

import uuid

from messaging.actions import post_notice
from messaging.selectors import conversation_between
from orders.models import Dispute, Meeting, Order


def say_of_order(*, order_id: uuid.UUID, notice: str) -> bool:
    """Say something of an order where its buyer and its seller talk about the thing. False: they never did.

    Not for what was never paid: nobody was told of that. Locks the conversation.
    """
    order = Order.objects.select_related("buyer").get(pk=order_id)
    thing = order.items.filter(is_traded=False).order_by("id").first()
    if thing is None or order.confirmed_at is None:
        return False
    talk = conversation_between(order.buyer, order.seller_id, thing.product_id)
    if talk is None:
        return False
    post_notice(conversation_id=talk.pk, notice=notice, facts={"code": order.code})
    return True


def say_of_meeting(*, meeting_id: uuid.UUID, notice: str) -> bool:
    """The same of a meeting: that there is one, and not where."""
    return say_of_order(order_id=Meeting.objects.values_list("order_id", flat=True).get(pk=meeting_id), notice=notice)


def say_of_dispute(*, dispute_id: uuid.UUID, notice: str) -> bool:
    """The same of a dispute: that there is one, and not about what."""
    return say_of_order(order_id=Dispute.objects.values_list("order_id", flat=True).get(pk=dispute_id), notice=notice)
