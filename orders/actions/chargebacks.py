"""A buyer took the payment up with their bank. Payments fights it out; the order says so, and nothing moves meanwhile."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalog.states import ProductState
from core.events import publish
from core.states import move
from orders.actions.dispute_ends import give_time_back
from orders.actions.locks import lock_checkout, lock_orders_of, lock_things
from orders.actions.refunds import follow_hold
from orders.actions.stock import give_stock_back
from orders.actions.timeline import note_event
from orders.events import DisputeClosed, OrderCancelled
from orders.models import Checkout, Dispute, Order
from orders.rules import BEFORE_DISPATCH, id_in, reference_of
from orders.states import (
    DISPUTE_AXIS_MOVES,
    DISPUTE_MOVES,
    FULFILMENT_MOVES,
    ORDER_MOVES,
    CancelledBecause,
    DisputeAxis,
    DisputeOutcome,
    DisputeState,
    FulfilmentAxis,
    OrderState,
    PayBy,
    Side,
)
from payments.actions import freeze_hold, unfreeze_hold
from payments.models import Chargeback
from payments.selectors import hold_for
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
    """The bank has decided. Where it took all, the order ends and a dispute of ours with it. Else the order goes on, about what is left
    of the money: with the time that was left, or with a dispute of ours where one was open. Publishes OrderCancelled, DisputeClosed.
    """
    chargeback = Chargeback.objects.get(pk=chargeback_id)
    now = timezone.now()
    orders = [order for order in _orders_in(reference) if order.dispute_state == DisputeAxis.CHARGEBACK]
    if chargeback.state == ChargebackState.LOST:
        lock_things(orders)
    for order in orders:
        ours = Dispute.objects.filter(order=order).exclude(state=DisputeState.CLOSED).first()
        lost = chargeback.state == ChargebackState.LOST and not hold_for(reference_of(order)).left_minor
        back_to = DisputeAxis.OPEN if ours and not lost else DisputeAxis.CLOSED
        move(order, back_to, DISPUTE_AXIS_MOVES, axis="dispute_state")
        note_event(order, "chargeback_closed", Side.SYSTEM)
        if lost:
            _lose(order, ours, at=now)
        elif not ours and order.state in (OrderState.CONFIRMED, OrderState.COMPLETED):
            unfreeze_hold(reference=reference_of(order))
            give_time_back(order, since=chargeback.created_at, at=now)
        follow_hold(order)


def _lose(order: Order, ours: Dispute | None, *, at: datetime) -> None:
    """The buyer has all the money from the bank: nothing is left to quarrel about, or to send."""
    if ours is not None:
        move(
            ours,
            DisputeState.CLOSED,
            DISPUTE_MOVES,
            outcome=DisputeOutcome.FULL,
            closed_at=at,
            answer_by=None,
            decide_by=None,
            appeal_by=None,
            return_by=None,
        )
        note_event(order, "dispute_closed", Side.SYSTEM)
        publish(DisputeClosed(dispute_id=ours.pk))
    if order.state != OrderState.CONFIRMED:
        return
    if order.fulfilment_state in BEFORE_DISPATCH:
        give_stock_back(order, then=ProductState.PAUSED)
        move(order, FulfilmentAxis.CALLED_OFF, FULFILMENT_MOVES, axis="fulfilment_state")
    because = CancelledBecause.CHARGEBACK
    move(order, OrderState.CANCELLED, ORDER_MOVES, cancelled_at=at, cancelled_because=because)
    publish(OrderCancelled(order_id=order.pk, source_reference=order.source_reference, because=because.value))


def _orders_in(reference: str) -> list[Order]:
    checkout_id = id_in(reference, "checkout")
    if checkout_id is None or not Checkout.objects.filter(pk=checkout_id).exists():
        return []
    return lock_orders_of(lock_checkout(checkout_id))
