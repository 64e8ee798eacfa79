"""A purchase becomes a deal: by the payment, or at once where nothing is paid through us."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.events import publish, publish_many
from core.money import Money
from core.states import Step, move, move_all
from orders import rules
from orders.actions.locks import lock_checkout, lock_orders_of, lock_things
from orders.actions.stock import give_stock_back, holds_of, is_there, sell
from orders.actions.timeline import note_event, note_events
from orders.actions.voucher_uses import release_vouchers
from orders.events import OrderCancelled, OrderConfirmed, OrderRefunded
from orders.models import Checkout, Order
from orders.states import (
    CHECKOUT_MOVES,
    FULFILMENT_MOVES,
    ORDER_MOVES,
    PAYMENT_MOVES,
    CancelledBecause,
    CheckoutState,
    FulfilmentAxis,
    OrderState,
    PayBy,
    PaymentAxis,
    Side,
)
from orders.words import in_money
from payments import actions as payments
from payments.models import Payment
from payments.states import HoldState, PaymentState, RefundState


@transaction.atomic
def confirm_paid_checkout(*, payment_id: uuid.UUID) -> Checkout | None:
    """The payment of a checkout is captured: its orders are confirmed and their things sold. None for a payment of something else, or
    one that is not captured.

    What is not to be had any more (its hold is gone, moderators took it down, the seller was suspended) is cancelled, and its money
    goes back by itself; so does all of it when the checkout was called off, or agreed in cash, before the money came. Called again it
    changes nothing. Locks the checkout, its orders, listings, stock, ledger. Publishes OrderConfirmed or OrderCancelled for each order.
    """
    payment = Payment.objects.filter(pk=payment_id).first()
    checkout_id = rules.id_in(payment.reference, "checkout") if payment else None
    if payment is None or checkout_id is None or payment.state != PaymentState.CAPTURED:
        return None
    checkout = lock_checkout(checkout_id)
    orders = lock_orders_of(checkout)
    now = timezone.now()
    if checkout.state == CheckoutState.PAID:
        if checkout.pay_by != PayBy.CARD:
            _refund_stray(payment)
        return checkout
    if checkout.state == CheckoutState.CANCELLED:
        for order in orders:
            _give_back_late_money(order, at=now)
        return checkout
    stock = lock_things(orders)
    move(checkout, CheckoutState.PAID, CHECKOUT_MOVES, paid_at=now)
    holds = holds_of(orders)
    there = [order for order in orders if is_there(order, holds[order.pk], stock)]
    sell([hold for order in there for hold in holds[order.pk]], stock)
    _confirm(there, Step(PaymentAxis.HELD, PAYMENT_MOVES, axis="payment_state"), at=now)
    note_events([(order, {"amount": in_money(order.total)}) for order in there], "paid", Side.BUYER, at=now)
    for order in orders:
        if order not in there:
            _cancel_gone(order, at=now)
    if all(order.state == OrderState.CANCELLED for order in orders):
        release_vouchers(checkout)
    return checkout


def confirm_at_once(checkout: Checkout, orders: Sequence[Order], *, at: datetime) -> None:
    """A locked checkout in cash, or of things alone: agreed as of now. The things stay set aside until they change hands.

    Publishes OrderConfirmed for each order.
    """
    move(checkout, CheckoutState.PAID, CHECKOUT_MOVES, paid_at=at)
    _confirm(orders, at=at)
    for order in orders:
        kind = "agreed_cash" if order.pay_by == PayBy.CASH else "agreed_trade"
        note_event(order, kind, Side.SYSTEM, at=at, amount=in_money(order.total))


def _confirm(orders: Sequence[Order], *also: Step, at: datetime) -> None:
    move_all(
        orders,
        Step(OrderState.CONFIRMED, ORDER_MOVES),
        *also,
        confirmed_at=at,
        dispatch_by=rules.dispatch_due(at),
        expires_at=None,
    )
    publish_many([OrderConfirmed(order_id=order.pk, source_reference=order.source_reference) for order in orders])


def _cancel_gone(order: Order, *, at: datetime) -> None:
    """It was paid, but somebody took it away meanwhile."""
    give_stock_back(order)
    move(order, PaymentAxis.HELD, PAYMENT_MOVES, axis="payment_state")
    move(order, FulfilmentAxis.CALLED_OFF, FULFILMENT_MOVES, axis="fulfilment_state")
    move(
        order,
        OrderState.CANCELLED,
        ORDER_MOVES,
        cancelled_at=at,
        cancelled_because=CancelledBecause.GONE,
        expires_at=None,
    )
    note_event(order, "gone", Side.SYSTEM, at=at)
    publish(
        OrderCancelled(order_id=order.pk, source_reference=order.source_reference, because=CancelledBecause.GONE.value)
    )
    give_all_back(order, reason=CancelledBecause.GONE)


def _give_back_late_money(order: Order, *, at: datetime) -> None:
    """The money came after the order was called off."""
    if order.payment_state != PaymentAxis.VOID:
        return
    note_event(order, "gone", Side.SYSTEM, at=at)
    give_all_back(order, reason=CancelledBecause.GONE)


def _refund_stray(payment: Payment) -> None:
    """The card was charged although the two agreed on cash meanwhile."""
    for hold in payment.holds.filter(state=HoldState.HELD):
        payments.refund_hold(
            reference=hold.reference,
            amount=hold.amount,
            reason=CancelledBecause.GONE.value,
            requested_by=None,
            by_staff=False,
        )


def give_all_back(order: Order, *, reason: CancelledBecause, staff: User | None = None, note: str = "") -> None:
    """All that is held for a locked order goes back to the buyer: by the system, or by one of our `staff`, where a large sum waits for
    a second person. Publishes OrderRefunded unless it waits.
    """
    left = Money(order.total_minor - order.refunded_minor, order.currency)
    if left.minor <= 0:
        return
    refund = payments.refund_hold(
        reference=rules.reference_of(order),
        amount=left,
        reason=reason.value,
        note=note[:500],
        requested_by=staff,
        by_staff=staff is not None,
    )
    side = Side.SYSTEM if staff is None else Side.STAFF
    if refund.state == RefundState.AWAITING_APPROVAL:
        note_event(order, "refund_requested", side, actor=staff, amount=in_money(left))
        return
    move(order, PaymentAxis.REFUNDED, PAYMENT_MOVES, axis="payment_state", refunded_minor=order.total_minor)
    note_event(order, "refunded", side, actor=staff, amount=in_money(left))
    publish(OrderRefunded(order_id=order.pk, refund_id=refund.pk))
