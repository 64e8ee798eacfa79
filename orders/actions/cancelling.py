"""Calling a purchase off: unpaid by its buyer or by the clock, paid before anything is on its way."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from catalog.actions import Stock
from catalog.states import ProductState
from core.events import publish
from core.states import move
from core.sweeps import each
from orders import errors, rules
from orders.actions.confirming import give_all_back
from orders.actions.locks import lock_checkout, lock_checkouts, lock_orders_of, lock_things
from orders.actions.stock import give_stock_back
from orders.actions.timeline import note_event
from orders.actions.voucher_uses import release_vouchers
from orders.events import OrderCancelled
from orders.models import Checkout, Order
from orders.selectors.checkouts import due_checkouts, open_checkouts_with
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
    Source,
)
from payments import actions as payments
from payments.errors import AlreadyCaptured
from payments.states import PaymentState

SWEEP_BATCH = 200  # each is a transaction of its own
NOTE_LENGTH = 200
WORDS_OF = {  # kinds of lines in the timeline; else "cancelled"
    CancelledBecause.NOT_PAID: "not_paid",
    CancelledBecause.LATE: "late",
    CancelledBecause.SUSPENDED: "called_off_suspended",
}


@transaction.atomic
def cancel_unpaid(
    *, checkout_id: uuid.UUID, because: str = CancelledBecause.NOT_PAID, person: User | None = None
) -> bool:
    """Call an open checkout off: its things are for sale again and its vouchers may be used again. False: it is paid.

    Cancelled already is the same answer as cancelling. The provider is asked after the commit; money that came all the same goes back
    by itself (`confirm_paid_checkout`). Locks the checkout, its orders, listings, stock, vouchers. Publishes OrderCancelled for each.

    Raises:
        CheckoutNotFound: there is none, or it is not `person`'s.
    """
    checkout = lock_checkout(checkout_id)
    if person is not None and checkout.buyer_id != person.pk:
        raise errors.CheckoutNotFound
    orders = lock_orders_of(checkout)
    if checkout.state == CheckoutState.CANCELLED:
        return True
    if checkout.state == CheckoutState.PAID:
        return False
    return _call_off_unpaid(checkout, orders, because=CancelledBecause(because), by=person)


@transaction.atomic
def cancel_unpaid_order(*, reference: str) -> bool:
    """Call off the unpaid order that an offer came to, for whoever keeps its clock. False: it is paid. See `cancel_unpaid_orders`."""
    return reference in cancel_unpaid_orders(references=[reference])


@transaction.atomic
def cancel_unpaid_orders(*, references: Collection[str], also: Collection[uuid.UUID] = ()) -> set[str]:
    """Call off the unpaid orders that these offers came to; those whose order is off now (or never was) come back, the others are paid.

    Nothing is given back of the stock: it is held under the offers' names and let go by their holder, in the same transaction. The
    caller holds nothing yet: this locks the checkouts, the orders, and the listings of theirs and of the variants `also`, which the
    caller needs next: locked after those of the orders they would be out of order. Publishes OrderCancelled for each.
    """
    last = {
        order.source_reference: order for order in Order.objects.filter(source_reference__in=references).order_by("pk")
    }
    locked = lock_checkouts({order.checkout_id for order in last.values()})
    lock_things([order for _checkout, orders in locked for order in orders], also=also)
    paid = set()
    for checkout, orders in locked:
        is_off = checkout.state == CheckoutState.CANCELLED or (
            checkout.state == CheckoutState.OPEN
            and _call_off_unpaid(checkout, orders, because=CancelledBecause.NOT_PAID, by=None)
        )
        if not is_off:
            paid |= {order.source_reference for order in orders}
    return set(references) - paid


def call_off_earlier(*, buyer: User, variant_ids: Collection[uuid.UUID], joined: Collection[str] = ()) -> Stock:
    """Call off the buyer's own checkouts that wait for a payment for some of these things: whoever begins again means it.

    One that came from an offer is left alone, and its thing stays reserved. Locks those checkouts, their orders, and all listings of
    theirs and of `variant_ids`, by primary key inside a kind; the answer is the stock of these, as it is then. `joined`: what is read
    with their listings.

    Raises:
        AlreadyPaying: one of them is being paid this moment.
    """
    earlier = lock_checkouts(open_checkouts_with(buyer=buyer, variant_ids=variant_ids))
    stock = lock_things([order for _checkout, orders in earlier for order in orders], also=variant_ids, joined=joined)
    called_off = False
    for checkout, orders in earlier:
        if checkout.state != CheckoutState.OPEN:
            continue
        in_the_air = checkout.payment is not None and checkout.payment.state == PaymentState.PROCESSING
        if in_the_air or not _call_off_unpaid(checkout, orders, because=CancelledBecause.BUYER, by=buyer):
            raise errors.AlreadyPaying(checkout_id=str(checkout.pk))
        called_off = True
    return lock_things([], also=variant_ids, joined=joined) if called_off else stock


def expire_due_checkouts(*, limit: int = SWEEP_BATCH) -> int:
    """Call off checkouts that nobody paid in time, each in its own transaction, and return how many. Those of offers are left to the
    offers' clock. Any number of sweeps may run at once: each takes what no other holds.
    """
    return each(due_checkouts(at=timezone.now(), limit=limit), _expire)


@transaction.atomic
def _expire(checkout_id: uuid.UUID) -> bool:
    now = timezone.now()
    checkout = (
        Checkout.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("buyer", "payment")
        .filter(pk=checkout_id, state=CheckoutState.OPEN, expires_at__lte=now)
        .first()
    )
    if checkout is None:
        return False
    orders = lock_orders_of(checkout)
    return _call_off_unpaid(checkout, orders, because=CancelledBecause.NOT_PAID, by=None)


def _call_off_unpaid(
    checkout: Checkout,
    orders: Sequence[Order],
    *,
    because: CancelledBecause,
    by: User | None,
) -> bool:
    """A locked open checkout and its locked orders are over. False, and nothing has changed: its payment is captured.

    What is held for an offer its offer gives back: in the transaction that asked for this, or when it hears OrderCancelled.
    """
    now = timezone.now()
    lock_things(orders)
    try:
        payments.cancel_payment(reference=rules.checkout_reference(checkout))
    except AlreadyCaptured:  # the news of it is on its way here
        return False
    move(checkout, CheckoutState.CANCELLED, CHECKOUT_MOVES, cancelled_at=now)
    for order in orders:
        if order.source != Source.OFFER:
            give_stock_back(order)
        move(order, PaymentAxis.VOID, PAYMENT_MOVES, axis="payment_state")
        kind = WORDS_OF.get(because, "cancelled")
        note_event(order, kind, Side.BUYER if by is not None else Side.SYSTEM, actor=by, at=now)
        _end(order, because=because, at=now)
    release_vouchers(checkout)
    return True


@transaction.atomic
def cancel_order(*, person: User, order_id: uuid.UUID, reason: str = "") -> Order:
    """One of the two calls an order off before anything is on its way: all money goes back, and the things are for sale again (after
    the seller's cancellation they are paused, for the seller to look at).

    An unpaid order is called off with its whole checkout, by its buyer alone. Cancelled already is the same answer. Locks the checkout,
    the order, listings, stock, ledger. Publishes OrderCancelled, and OrderRefunded where it was paid.

    Raises:
        OrderNotFound, NotYourSideOfIt, CannotCancelNow.
    """
    checkout, orders, order = _lock_with_checkout(order_id)
    side = rules.side_of(order, person)
    if order.state == OrderState.CANCELLED:
        return order
    if not rules.may_cancel(order, side):
        raise errors.NotYourSideOfIt if order.state == OrderState.AWAITING_PAYMENT else errors.CannotCancelNow
    if order.state == OrderState.AWAITING_PAYMENT:
        if not _call_off_unpaid(checkout, orders, because=CancelledBecause.BUYER, by=person):
            raise errors.AlreadyPaying(checkout_id=str(checkout.pk))
        return order
    call_off(order, because=rules.because_of(side), side=side, by=person, reason=reason)
    return order


def _lock_with_checkout(order_id: uuid.UUID) -> tuple[Checkout, list[Order], Order]:
    """An order with all that was bought with it. Raises OrderNotFound."""
    checkout_id = Order.objects.filter(pk=order_id).values_list("checkout_id", flat=True).first()
    if checkout_id is None:
        raise errors.OrderNotFound
    checkout = lock_checkout(checkout_id)
    orders = lock_orders_of(checkout)
    return checkout, orders, next(order for order in orders if order.pk == order_id)


def call_off(order: Order, *, because: CancelledBecause, side: Side, by: User | None = None, reason: str = "") -> None:
    """A locked confirmed order of which nothing is on its way is over: stock and money go back. The caller knows that it may be.

    Locks listings, stock, ledger, vouchers. Publishes OrderCancelled, and OrderRefunded where it was paid; a large sum that our staff
    give back waits for a second person first.

    Raises:
        CannotCancelNow: it is in dispute, or on its way.
    """
    now = timezone.now()
    if order.state != OrderState.CONFIRMED or order.fulfilment_state not in rules.MAY_BE_CALLED_OFF:
        raise errors.CannotCancelNow
    lock_things([order])
    kept = because in (CancelledBecause.BUYER, CancelledBecause.STAFF, CancelledBecause.SUSPENDED)
    give_stock_back(order, then=ProductState.ACTIVE if kept else ProductState.PAUSED)
    facts: dict[str, Any] = {"reason": reason[:NOTE_LENGTH]} if reason else {}
    kind = WORDS_OF.get(because, "cancelled")
    note_event(order, kind, side, actor=by, at=now, **facts)
    if order.pay_by != PayBy.CARD:
        move(order, PaymentAxis.VOID, PAYMENT_MOVES, axis="payment_state")
    _end(order, because=because, at=now)
    if order.payment_state == PaymentAxis.HELD:
        give_all_back(order, reason=because, staff=by if side == Side.STAFF else None, note=reason)
    if not order.checkout.orders.exclude(state=OrderState.CANCELLED).exists():
        release_vouchers(order.checkout)


def _end(order: Order, *, because: CancelledBecause, at: datetime) -> None:
    move(order, FulfilmentAxis.CALLED_OFF, FULFILMENT_MOVES, axis="fulfilment_state")
    move(
        order,
        OrderState.CANCELLED,
        ORDER_MOVES,
        cancelled_at=at,
        cancelled_because=because,
        expires_at=None,
        dispatch_by=None,
    )
    publish(OrderCancelled(order_id=order.pk, source_reference=order.source_reference, because=because.value))
