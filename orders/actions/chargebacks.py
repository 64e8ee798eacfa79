"""A buyer took the payment up with their bank. Payments fights it out; the order says so, and nothing moves meanwhile."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalog.states import ProductState
from core.events import publish
from core.states import move
from orders.actions.confirming import give_all_back
from orders.actions.dispute_ends import give_time_back, stopped_by_bank
from orders.actions.locks import lock_checkout, lock_orders_of, lock_things
from orders.actions.refunds import decide_again, follow_hold
from orders.actions.stock import give_stock_back
from orders.actions.timeline import note_event
from orders.events import DisputeClosed, OrderCancelled, OrderReinstated
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
    PaymentAxis,
    Side,
)
from payments.actions import freeze_hold, unfreeze_hold
from payments.models import Chargeback, PaymentHold
from payments.selectors import hold_for
from payments.states import REINSTATED, ChargebackState

UNDECIDED = (ChargebackState.OPEN, ChargebackState.ANSWERED)
WITH_US = (PaymentAxis.HELD, PaymentAxis.RELEASED)
DISPUTE_CLOCKS = ("answer_by", "decide_by", "appeal_by", "return_by")


@transaction.atomic
def note_chargeback_opened(*, chargeback_id: uuid.UUID, reference: str) -> None:
    """Every order that the disputed payment paid stands still: nothing is released, nothing should be sent. Said again it
    changes nothing.
    """
    chargeback = Chargeback.objects.get(pk=chargeback_id)
    if chargeback.state not in UNDECIDED:
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
    """The bank has decided, or thought again. Where it took all, the order ends and a dispute of ours with it. Else the order goes on,
    about what is left of the money: with the time that was left, or with a dispute of ours where one was open.

    What the bank took and sends back later finds its order again: one that was sent goes on where it stood, one of which nothing was
    sent stays off, and the money goes back to the buyer. What is noted follows the chargeback and the hold as they stand, so that news
    may come late, twice and in any order. Publishes OrderCancelled, DisputeClosed, OrderReinstated, OrderRefunded.
    """
    chargeback = Chargeback.objects.get(pk=chargeback_id)
    if Chargeback.objects.filter(payment=chargeback.payment_id, state__in=UNDECIDED).exists():
        return  # this one, or another about the same payment: the last that is decided lets the orders go
    now = timezone.now()
    took = Chargeback.objects.filter(payment=chargeback.payment_id, state=ChargebackState.LOST).exists()
    orders = [order for order in _orders_in(reference) if order.pay_by == PayBy.CARD]
    lock_things(orders)
    for order in orders:
        hold = hold_for(reference_of(order))
        lost = took and not hold.left_minor
        if order.dispute_state == DisputeAxis.CHARGEBACK:
            _settle(order, lost=lost, at=now)
        elif lost and order.payment_state in WITH_US:
            _settle(order, lost=True, at=now)  # it was decided before anybody here had heard of it
        follow_hold(order)
        if hold.left_minor and _sent_back(hold, chargeback):
            _come_back(order, chargeback, at=now)


def _settle(order: Order, *, lost: bool, at: datetime) -> None:
    ours = Dispute.objects.filter(order=order).exclude(state=DisputeState.CLOSED).first()
    if order.dispute_state != DisputeAxis.CHARGEBACK:
        move(order, DisputeAxis.CHARGEBACK, DISPUTE_AXIS_MOVES, axis="dispute_state")
    since = stopped_by_bank(order) or at
    back_to = DisputeAxis.OPEN if ours and not lost else DisputeAxis.CLOSED
    move(order, back_to, DISPUTE_AXIS_MOVES, axis="dispute_state")
    note_event(order, "chargeback_closed", Side.SYSTEM, at=at)
    if lost:
        _lose(order, ours, at=at)
    elif ours:
        _give_dispute_time_back(ours, since=since, at=at)  # the order's own clocks stand as long as it is open
    elif order.state in (OrderState.CONFIRMED, OrderState.COMPLETED):
        unfreeze_hold(reference=reference_of(order))
        give_time_back(order, since=since, at=at)


def _give_dispute_time_back(dispute: Dispute, *, since: datetime, at: datetime) -> None:
    clocks = [name for name in DISPUTE_CLOCKS if getattr(dispute, name) is not None]
    for name in clocks:
        setattr(dispute, name, getattr(dispute, name) + (at - since))
    dispute.save(update_fields=[*clocks, "updated_at"])


def _come_back(order: Order, chargeback: Chargeback, *, at: datetime) -> None:
    """The bank had taken the money of an order, and sent it back: once, however often it is told."""
    if order.events.filter(kind="chargeback_reinstated", facts__chargeback=str(chargeback.pk)).exists():
        return
    note_event(order, "chargeback_reinstated", Side.SYSTEM, at=at, chargeback=str(chargeback.pk))
    ended = order.events.filter(kind="chargeback_closed").order_by("-id").first()
    if order.state == OrderState.CANCELLED:
        ended_it = order.cancelled_because == CancelledBecause.CHARGEBACK
        if not ended_it or order.fulfilment_state == FulfilmentAxis.CALLED_OFF:
            give_all_back(order, reason=CancelledBecause.GONE)  # nothing was sent, or all was settled before
            return
        move(order, OrderState.CONFIRMED, ORDER_MOVES, cancelled_at=None, cancelled_because="")
        give_time_back(order, since=stopped_by_bank(order) or at, at=at)
    if ended and order.disputes.filter(closed_at=ended.at).exists():
        decide_again(order)  # the bank's word had ended it
    publish(OrderReinstated(order_id=order.pk))


def _sent_back(hold: PaymentHold, chargeback: Chargeback) -> bool:
    """Whether the bank had taken some of this part and returned it."""
    return hold.refunds.filter(failure_code=REINSTATED, provider_id__startswith=f"{chargeback.provider_id}:").exists()


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
