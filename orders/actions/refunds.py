"""Money back from an order's side: asked for by its seller or by staff, and what payments says became of it."""

import uuid

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from catalog.states import ProductState
from core import audit
from core.errors import NotAllowed
from core.events import publish
from core.money import Money
from core.states import move
from orders.actions.cancelling import call_off, cancel_unpaid
from orders.actions.locks import lock_order, lock_own_order, lock_things
from orders.actions.stock import give_stock_back
from orders.actions.timeline import note_event
from orders.errors import AlreadyPaying, CannotCancelNow, InDispute, NotConfirmed
from orders.events import DisputeEscalated, OrderCancelled, OrderRefunded
from orders.models import Order
from orders.rules import BEFORE_DISPATCH, MAY_BE_CALLED_OFF, check_undisputed, id_in, left_of, reference_of
from orders.states import (
    DISPUTE_AXIS_MOVES,
    DISPUTE_MOVES,
    FULFILMENT_MOVES,
    ORDER_MOVES,
    PAYMENT_MOVES,
    CancelledBecause,
    DisputeAxis,
    DisputeState,
    FulfilmentAxis,
    OrderState,
    PaymentAxis,
    Side,
)
from orders.words import in_money
from payments.actions import freeze_hold, refund_hold
from payments.models import PaymentHold, Refund
from payments.selectors import hold_for
from payments.states import RefundState

MAY_REFUND = "orders.refund_order"
MAY_CANCEL = "orders.cancel_order"
BY_DISPUTE = "dispute"  # reasons of refunds, beside those of `CancelledBecause`
BY_SELLER = "seller"
BY_STAFF = "staff"


@transaction.atomic
def refund_order(
    *,
    order_id: uuid.UUID,
    amount: Money | None,
    reason: str = "",
    seller: User | None = None,
    staff: User | None = None,
) -> Refund:
    """The seller, or one of our staff, gives the buyer some of the money back, or (`amount` None) all that is left.

    From a threshold on what staff ask for waits for a second person. An order of which all goes back before it is complete ends. Locks
    the order, its hold, ledger balances. Publishes OrderRefunded where nobody has to agree, and OrderCancelled.

    Raises:
        OrderNotFound, NotYourSideOfIt, NotAllowed, NotConfirmed.
        InDispute: for the seller, who answers the dispute instead.
        payments' RefundTooLarge, RefundTooLate, AmountMustBePositive.
    """
    if seller is not None:
        order, _side = lock_own_order(person=seller, order_id=order_id, side=Side.SELLER)
        if order.dispute_state in (DisputeAxis.OPEN, DisputeAxis.CHARGEBACK):
            raise InDispute
    else:
        if staff is None or not staff.has_perm(MAY_REFUND):
            raise NotAllowed
        order = lock_order(order_id)
    if order.payment_state not in (PaymentAxis.HELD, PaymentAxis.RELEASED):
        raise NotConfirmed(state=order.get_payment_state_display())
    refund = give_back(
        order,
        amount or left_of(order),
        reason=BY_SELLER if seller is not None else BY_STAFF,
        note=reason,
        by=seller or staff,
        by_staff=seller is None,
    )
    if staff is not None:
        audit.record(
            action="orders.refunded",
            target_kind="order",
            target_id=order.pk,
            actor=staff,
            reason=reason,
            after={"refund": str(refund.pk), "amount": in_money(refund.amount)},
        )
    return refund


@transaction.atomic
def cancel_order_by_staff(*, staff: User, order_id: uuid.UUID, reason: str) -> Order:
    """One of our staff ends an order at once: what was not sent is for sale again, and all money goes back, from a threshold on only
    when a second person agrees. What is on its way ends when its money goes back.

    An unpaid one ends with its whole checkout. Cancelled already is the same answer. Audited. Publishes OrderCancelled.

    Raises:
        NotAllowed, OrderNotFound.
        CannotCancelNow: it is complete, in dispute, or on its way in cash. AlreadyPaying: it is being paid this moment.
    """
    if not staff.has_perm(MAY_CANCEL):
        raise NotAllowed
    order = _end_by_staff(staff, order_id, reason)
    audit.record(
        action="orders.cancelled_by_staff",
        target_kind="order",
        target_id=order.pk,
        actor=staff,
        reason=reason,
        after={"state": order.state, "payment_state": order.payment_state},
    )
    return order


def _end_by_staff(staff: User, order_id: uuid.UUID, reason: str) -> Order:
    glance = Order.objects.filter(pk=order_id).first()
    if glance is not None and glance.state == OrderState.AWAITING_PAYMENT:
        if not cancel_unpaid(checkout_id=glance.checkout_id, because=CancelledBecause.STAFF):
            raise AlreadyPaying(checkout_id=str(glance.checkout_id))
        return lock_order(order_id)
    order = lock_order(order_id)
    if order.state == OrderState.CANCELLED:
        return order
    check_undisputed(order)
    if order.fulfilment_state in MAY_BE_CALLED_OFF:
        call_off(order, because=CancelledBecause.STAFF, side=Side.STAFF, by=staff, reason=reason)
    elif order.state == OrderState.CONFIRMED and order.payment_state == PaymentAxis.HELD:
        give_back(order, left_of(order), reason=BY_STAFF, note=reason, by=staff, by_staff=True)
    else:
        raise CannotCancelNow
    return order


def give_back(order: Order, amount: Money, *, reason: str, note: str, by: User | None, by_staff: bool) -> Refund:
    """Ask for a refund of a locked order and note it; `by` None: the system. Publishes OrderRefunded unless a second person must
    agree.
    """
    if order.fulfilment_state in BEFORE_DISPATCH:
        lock_things([order])  # of which it may be the end; stock is locked before the ledger
    refund = refund_hold(
        reference=reference_of(order), amount=amount, reason=reason, note=note[:500], requested_by=by, by_staff=by_staff
    )
    side = Side.STAFF if by_staff else Side.SYSTEM if by is None else Side.SELLER
    if refund.state == RefundState.AWAITING_APPROVAL:
        note_event(order, "refund_requested", side, actor=by, amount=in_money(amount))
        return refund
    _tell_of(order, refund, side=side, by=by)
    return refund


def _tell_of(order: Order, refund: Refund, *, side: Side, by: User | None = None) -> None:
    note_event(order, "refunded", side, actor=by, amount=in_money(refund.amount))
    publish(OrderRefunded(order_id=order.pk, refund_id=refund.pk))
    follow_hold(order)


def follow_hold(order: Order) -> None:
    """Let a locked order's payment axis say what its hold says; one of which nothing is left ends. Publishes OrderCancelled."""
    hold = hold_for(reference_of(order))
    was_released = hold.released_at is not None
    stands = PaymentAxis.RELEASED if was_released else PaymentAxis.HELD
    wanted = stands if hold.left_minor else PaymentAxis.REFUNDED
    if order.payment_state not in (PaymentAxis.HELD, PaymentAxis.RELEASED, PaymentAxis.REFUNDED):
        return
    if wanted != order.payment_state:
        move(order, wanted, PAYMENT_MOVES, axis="payment_state", refunded_minor=hold.refunded_minor)
    elif order.refunded_minor != hold.refunded_minor:
        order.refunded_minor = hold.refunded_minor
        order.save(update_fields=["refunded_minor", "updated_at"])
    if wanted == PaymentAxis.REFUNDED and order.state == OrderState.CONFIRMED:
        _end(order, hold)


def _end(order: Order, hold: PaymentHold) -> None:
    last = Refund.objects.filter(hold=hold).order_by("-id").first()
    by_seller = last is not None and last.reason == BY_SELLER
    because = CancelledBecause.SELLER if by_seller else CancelledBecause.STAFF
    at = last.created_at if last is not None else order.updated_at
    if order.fulfilment_state in BEFORE_DISPATCH:
        lock_things([order])
        give_stock_back(order, then=ProductState.PAUSED if by_seller else ProductState.ACTIVE)
        move(order, FulfilmentAxis.CALLED_OFF, FULFILMENT_MOVES, axis="fulfilment_state", dispatch_by=None)
    move(order, OrderState.CANCELLED, ORDER_MOVES, cancelled_at=at, cancelled_because=because)
    note_event(order, "cancelled", Side.SELLER if by_seller else Side.STAFF)
    publish(OrderCancelled(order_id=order.pk, source_reference=order.source_reference, because=because.value))


@transaction.atomic
def note_refund_sent(*, refund_id: uuid.UUID, reference: str) -> None:
    """The provider took a refund on. One that waited for a second person is news only now. Publishes OrderRefunded for it."""
    order = _order_in(reference)
    if order is None:
        return
    refund = Refund.objects.select_related("hold").get(pk=refund_id)
    if refund.needs_approval and not _told_already(order, refund):
        note_event(order, "refunded", Side.STAFF, amount=in_money(refund.amount), refund=str(refund.pk))
        publish(OrderRefunded(order_id=order.pk, refund_id=refund.pk))
    follow_hold(order)


@transaction.atomic
def note_refund_failed(*, refund_id: uuid.UUID, reference: str) -> None:
    """A refund came to nothing: the money is with us again, and stays until one of our staff has sent it once more."""
    order = _order_in(reference)
    if order is None:
        return
    refund = Refund.objects.select_related("hold").get(pk=refund_id)
    if refund.state != RefundState.FAILED:
        return  # it is tried again already
    note_event(order, "refund_failed", Side.SYSTEM, amount=in_money(refund.amount))
    follow_hold(order)


@transaction.atomic
def note_refund_refused(*, refund_id: uuid.UUID, reference: str) -> None:
    """The second person did not agree: the order's clocks go on. A dispute of which it was the outcome is before our staff again, and
    nothing moves meanwhile. Publishes DisputeEscalated for it.
    """
    order = _order_in(reference)
    if order is None:
        return
    refund = Refund.objects.select_related("hold").get(pk=refund_id)
    note_event(order, "refund_refused", Side.STAFF, amount=in_money(refund.amount))
    if refund.reason == BY_DISPUTE:
        decide_again(order)


def decide_again(order: Order) -> None:
    """A locked order's last dispute, which was closed, is before our staff, what is held frozen. Publishes DisputeEscalated."""
    dispute = order.disputes.order_by("-id").first()
    if dispute is None or dispute.state != DisputeState.CLOSED:
        return  # another is open, and settles it
    move(
        dispute,
        DisputeState.UNDER_REVIEW,
        DISPUTE_MOVES,
        decide_by=timezone.now() + settings.ORDERS["dispute_decision_window"],
        outcome="",
        refund_minor=None,
        needs_return=False,
        decided_by=None,
        decided_at=None,
        closed_at=None,
    )
    if order.dispute_state == DisputeAxis.CLOSED:
        freeze_hold(reference=reference_of(order), because="dispute")
        move(order, DisputeAxis.OPEN, DISPUTE_AXIS_MOVES, axis="dispute_state")
    note_event(order, "dispute_escalated", Side.STAFF)
    publish(DisputeEscalated(dispute_id=dispute.pk))


def _told_already(order: Order, refund: Refund) -> bool:
    return order.events.filter(kind="refunded", facts__refund=str(refund.pk)).exists()


def _order_in(reference: str) -> Order | None:
    order_id = id_in(reference, "order")
    if order_id is None or not Order.objects.filter(pk=order_id).exists():
        return None
    return lock_order(order_id)
