"""The seller takes an order on, and says when it is ready."""

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.events import publish
from core.states import move
from orders.actions.locks import lock_own_order
from orders.actions.timeline import note_event
from orders.events import OrderPrepared
from orders.models import Order
from orders.rules import check_confirmed, check_undisputed, dispatch_due
from orders.states import FULFILMENT_MOVES, FulfilmentAxis, Side


@transaction.atomic
def accept_order(*, seller: User, order_id: uuid.UUID) -> Order:
    """The seller has taken an order on. Again is the same answer. Publishes OrderPrepared.

    Raises:
        OrderNotFound, NotYourSideOfIt, NotConfirmed, InDispute.
        WrongState: it is further than that.
    """
    return _prepared(seller, order_id, FulfilmentAxis.PREPARING, "accepted")


@transaction.atomic
def mark_ready(*, seller: User, order_id: uuid.UUID) -> Order:
    """An order waits for the carrier or the meeting, also for another try. Again is the same answer. Publishes OrderPrepared.

    Raises:
        What `accept_order` refuses.
    """
    return _prepared(seller, order_id, FulfilmentAxis.READY, "ready")


def _prepared(seller: User, order_id: uuid.UUID, to: FulfilmentAxis, kind: str) -> Order:
    order, _side = lock_own_order(person=seller, order_id=order_id, side=Side.SELLER)
    if order.fulfilment_state == to:
        return order
    check_confirmed(order)
    check_undisputed(order)
    # Another try has a time of its own: the first one's is over.
    again = {"dispatch_by": dispatch_due(timezone.now())} if order.fulfilment_state == FulfilmentAxis.MISSED else {}
    move(order, to, FULFILMENT_MOVES, axis="fulfilment_state", **again)
    note_event(order, kind, Side.SELLER, actor=seller)
    publish(OrderPrepared(order_id=order.pk))
    return order
