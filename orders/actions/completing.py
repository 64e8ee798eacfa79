"""The end of an order: with the buyer, looked at, paid out to the seller."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.events import publish
from core.money import Money
from core.states import move
from orders.actions.locks import lock_own_order, lock_things
from orders.actions.stock import holds_of, sell
from orders.actions.timeline import note_event
from orders.errors import HandoverCodeNeeded, NotOnItsWay
from orders.events import OrderCompleted, OrderDelivered
from orders.models import Order
from orders.rules import BEFORE_DISPATCH, check_confirmed, check_undisputed, reference_of
from orders.states import (
    FULFILMENT_MOVES,
    ORDER_MOVES,
    PAYMENT_MOVES,
    Delivery,
    FulfilmentAxis,
    OrderState,
    PayBy,
    PaymentAxis,
    Side,
)
from orders.words import in_money
from payments.actions import charge_cash_commission, release_hold
from payments.rules import share_left
from payments.selectors import hold_for


@transaction.atomic
def confirm_received(*, buyer: User, order_id: uuid.UUID) -> Order:
    """The buyer has it and all is well: the seller is paid now. Again is the same answer.

    Only where the money is with us: that cash or another thing changed hands is the hand-over code's to prove. Locks the order, ledger
    balances. Publishes OrderCompleted, and OrderDelivered where nobody had said so.

    Raises:
        OrderNotFound, NotYourSideOfIt, NotConfirmed, InDispute.
        HandoverCodeNeeded: it is paid in cash, or a trade.
        NotOnItsWay: it was to be sent, and was not.
    """
    order, _side = lock_own_order(person=buyer, order_id=order_id, side=Side.BUYER)
    if order.state == OrderState.COMPLETED:
        return order
    check_confirmed(order)
    check_undisputed(order)
    if order.pay_by != PayBy.CARD:
        raise HandoverCodeNeeded
    if order.delivery == Delivery.SHIP and order.fulfilment_state in BEFORE_DISPATCH:
        raise NotOnItsWay
    now = timezone.now()
    if order.fulfilment_state not in (FulfilmentAxis.DELIVERED, FulfilmentAxis.HANDED_OVER):
        to = FulfilmentAxis.HANDED_OVER if order.delivery == Delivery.MEET else FulfilmentAxis.DELIVERED
        arrive(order, to, kind="delivered", side=Side.BUYER, at=now, actor=buyer)
    complete(order, side=Side.BUYER, at=now, actor=buyer)
    return order


def arrive(order: Order, to: FulfilmentAxis, *, kind: str, side: Side, at: datetime, actor: User | None = None) -> None:
    """A locked order is with its buyer, by whoever's word; the time to look at it begins. Publishes OrderDelivered."""
    facts = {"delivered_at": at}
    if to == FulfilmentAxis.DELIVERED:
        facts["inspection_ends_at"] = at + timedelta(hours=order.inspection_hours)
    move(order, to, FULFILMENT_MOVES, axis="fulfilment_state", **facts)
    note_event(order, kind, side, actor=actor, at=at)
    publish(OrderDelivered(order_id=order.pk))


def complete(order: Order, *, side: Side, at: datetime, actor: User | None = None) -> None:
    """Finish a locked order that is with its buyer: release what is held, or note the cash. Publishes OrderCompleted.

    Raises:
        payments' HoldFrozen, HoldGivenBack, HoldNotCaptured.
    """
    if order.payment_state in (PaymentAxis.CASH_DUE, PaymentAxis.NOTHING_DUE):
        stock = lock_things([order])
        sell(holds_of([order])[order.pk], stock)
    if order.payment_state == PaymentAxis.CASH_DUE:
        move(order, PaymentAxis.CASH_PAID, PAYMENT_MOVES, axis="payment_state")
        note_event(order, "cash_paid", side, actor=actor, at=at, amount=in_money(order.total))
        charge_cash_commission(seller=order.seller, reference=reference_of(order), commission=order.commission)
    elif order.payment_state == PaymentAxis.HELD:
        release(order, at=at)
    move(order, OrderState.COMPLETED, ORDER_MOVES, completed_at=at)
    note_event(order, "completed", side, actor=actor, at=at)
    publish(OrderCompleted(order_id=order.pk))


def release(order: Order, *, at: datetime) -> None:
    """What is held for a locked order is its seller's."""
    reference = reference_of(order)
    hold = hold_for(reference)
    release_hold(reference=reference, at=at)
    share = Money(share_left(hold), order.currency)
    move(order, PaymentAxis.RELEASED, PAYMENT_MOVES, axis="payment_state")
    note_event(order, "released", Side.SYSTEM, at=at, amount=in_money(share))
