"""A buyer took the payment up with their bank. Payments fights it out; the order says so, and nothing moves meanwhile."""

import uuid

from django.db import transaction
from django.utils import timezone

from core.events import publish
from core.states import move
from orders.actions.locks import lock_checkout, lock_orders_of
from orders.actions.timeline import note_event
from orders.events import OrderCancelled
from orders.models import Checkout, Dispute, Order
from orders.rules import BEFORE_DISPATCH, id_in, reference_of
from orders.states import (
    DISPUTE_AXIS_MOVES,
    FULFILMENT_MOVES,
    ORDER_MOVES,
    CancelledBecause,
    DisputeAxis,
    DisputeState,
    FulfilmentAxis,
    OrderState,
    PayBy,
    Side,
)
from payments.actions import freeze_hold, unfreeze_hold
from payments.models import Chargeback
from payments.states import ChargebackState


@transaction.atomic
def note_chargeback_opened(*, chargeback_id: uuid.UUID, reference: str) -> None:
    """Every order that the disputed payment paid stands still: nothing is released, nothing should be sent. Said again it
    changes nothing.
    """
    chargeback = Chargeback.objects.get(pk=chargeback_id)
    if chargeback.state not in (ChargebackState.OPEN, ChargebackState.ANSWERED):
        return
    for order in _orders_in(reference):
        if order.dispute_state == DisputeAxis.CHARGEBACK or order.pay_by != PayBy.CARD:
            continue
        move(order, DisputeAxis.CHARGEBACK, DISPUTE_AXIS_MOVES, axis="dispute_state")
        if order.state in (OrderState.CONFIRMED, OrderState.COMPLETED):
            freeze_hold(reference=reference_of(order), because="chargeback")
        note_event(order, "chargeback_opened", Side.SYSTEM)


@transaction.atomic
def note_chargeback_closed(*, chargeback_id: uuid.UUID, reference: str) -> None:
    """The bank has decided. Won: the order goes on, with a dispute of ours where one was open. Lost: what was not complete ends,
    because the buyer has the money. Publishes OrderCancelled.
    """
    chargeback = Chargeback.objects.get(pk=chargeback_id)
    for order in _orders_in(reference):
        if order.dispute_state != DisputeAxis.CHARGEBACK:
            continue
        ours = Dispute.objects.filter(order=order).exclude(state=DisputeState.CLOSED).exists()
        lost = chargeback.state == ChargebackState.LOST
        back_to = DisputeAxis.OPEN if ours and not lost else DisputeAxis.CLOSED
        move(order, back_to, DISPUTE_AXIS_MOVES, axis="dispute_state")
        note_event(order, "chargeback_closed", Side.SYSTEM)
        if lost:
            _lose(order)
        elif not ours and order.state in (OrderState.CONFIRMED, OrderState.COMPLETED):
            unfreeze_hold(reference=reference_of(order))


def _lose(order: Order) -> None:
    """The hold stays frozen: payments has posted where its money went."""
    if order.state != OrderState.CONFIRMED:
        return
    if order.fulfilment_state in BEFORE_DISPATCH:
        move(order, FulfilmentAxis.CALLED_OFF, FULFILMENT_MOVES, axis="fulfilment_state")
    because = CancelledBecause.CHARGEBACK
    move(order, OrderState.CANCELLED, ORDER_MOVES, cancelled_at=timezone.now(), cancelled_because=because)
    publish(OrderCancelled(order_id=order.pk, source_reference=order.source_reference, because=because.value))


def _orders_in(reference: str) -> list[Order]:
    checkout_id = id_in(reference, "checkout")
    if checkout_id is None or not Checkout.objects.filter(pk=checkout_id).exists():
        return []
    return lock_orders_of(lock_checkout(checkout_id))
