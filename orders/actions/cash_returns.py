"""Cash that went back to the buyer. The two do it between them: we never held it, so all that we move is our commission.

The seller's word alone is not enough, or every commission of a cash sale could be talked away: the buyer says that they have it back,
or one of our staff decides that the sale did not stand, and then the seller owes it to the buyer. For the same reason silence is no
consent: a buyer who says nothing is reminded, and then our staff look at it. What is owed by a decision (`cash_debts`) ends in the same
way; there nothing but the word is waited for, because the commission went back when it was decided.
"""

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.errors import NotAllowed
from core.events import publish
from core.money import Money
from core.states import move
from orders.actions.cash_debts import find_unpaid, owe, settle
from orders.actions.locks import lock_free_order, lock_order, lock_own_order
from orders.actions.timeline import note_event
from orders.errors import NoCashToGiveBack, NothingSaidOfCash
from orders.events import (
    CashBackDenied,
    CashBackEscalated,
    CashBackSaid,
    CashBackUnanswered,
    CashOwed,
    CashSaleKept,
    CashSaleUndone,
)
from orders.models import Order
from orders.rules import (
    REMIND_OF_CASH_BEFORE,
    cash_back_answer_by,
    cash_back_waits,
    check_undisputed,
    left_of,
    reference_of,
)
from orders.states import PAYMENT_MOVES, PayBy, PaymentAxis, Side
from orders.words import in_money
from payments.actions import return_cash_commission

MAY_REFUND = "orders.refund_order"


@transaction.atomic
def say_cash_given_back(*, seller: User, order_id: uuid.UUID) -> Order:
    """The seller says that the buyer has all the cash back, or what they owe of it; the buyer is asked. Again is the same answer.
    Publishes CashBackSaid.

    Raises:
        OrderNotFound, NotYourSideOfIt, NoCashToGiveBack.
        InDispute: they answer the dispute instead.
    """
    order, _side = lock_own_order(person=seller, order_id=order_id, side=Side.SELLER)
    if order.pay_by == PayBy.CASH and order.cash_back_said_at is not None:
        return order
    _check_waits_for_cash(order)
    check_undisputed(order)
    _note(order, said=True)
    line = note_event(order, "cash_back_said", Side.SELLER, actor=seller, amount=in_money(_asked(order)))
    publish(CashBackSaid(order_id=order.pk, line_id=line.pk))
    return order


@transaction.atomic
def confirm_cash_back(*, buyer: User, order_id: uuid.UUID) -> Order:
    """The buyer has the cash back: the sale did not stand, and its commission is owed no more; or they have what was owed to them,
    whether the seller said so or not. Again is the same answer.

    Locks the order, ledger balances. Publishes CashSaleUndone, or CashGiven.

    Raises:
        OrderNotFound, NotYourSideOfIt, NothingSaidOfCash.
    """
    order, _side = lock_own_order(person=buyer, order_id=order_id, side=Side.BUYER)
    if order.cash_owed_minor:
        settle(order, side=Side.BUYER, by=buyer)
        return order
    if order.cash_back_said_at is None:
        if order.cash_owed_at is not None:
            return order
        raise NothingSaidOfCash
    if order.payment_state == PaymentAxis.REFUNDED:
        return order
    _undo(order, side=Side.BUYER, by=buyer)
    return order


@transaction.atomic
def deny_cash_back(*, buyer: User, order_id: uuid.UUID) -> Order:
    """The buyer has not got it: nothing moves, and the seller may say it again when it is so. Publishes CashBackDenied.

    Raises:
        OrderNotFound, NotYourSideOfIt, NothingSaidOfCash.
        NoCashToGiveBack: they said before that they have it.
    """
    order, _side = lock_own_order(person=buyer, order_id=order_id, side=Side.BUYER)
    if order.cash_back_said_at is None:
        raise NothingSaidOfCash
    _check_waits_for_cash(order)
    _note(order, said=False)
    line = note_event(order, "cash_back_denied", Side.BUYER, actor=buyer, amount=in_money(_asked(order)))
    publish(CashBackDenied(order_id=order.pk, line_id=line.pk))
    return order


@transaction.atomic
def undo_cash_sale(*, staff: User, order_id: uuid.UUID, reason: str) -> Order:
    """One of our staff decides that a cash sale did not stand: the seller owes the buyer the money, and us no commission. In the audit
    log. Undone already is the same answer. Publishes CashSaleUndone.

    Raises:
        NotAllowed, OrderNotFound, NoCashToGiveBack.
        InDispute: they decide the dispute instead.
    """
    order = _lock_for_staff(staff, order_id)
    if order.pay_by == PayBy.CASH and order.payment_state == PaymentAxis.REFUNDED:
        return order
    _check_paid_in_cash(order)
    check_undisputed(order)
    more = left_of(order)
    _undo(order, side=Side.STAFF, by=staff)
    owe(order, more)
    _record("orders.cash_sale_undone", order, staff, reason)
    return order


@transaction.atomic
def find_cash_back(*, staff: User, order_id: uuid.UUID, reason: str) -> Order:
    """One of our staff finds that the buyer has the cash back, as the seller says, or what was owed: as if the buyer had said so. In
    the audit log. Publishes CashSaleUndone, or CashGiven.

    Raises:
        NotAllowed, OrderNotFound, NothingSaidOfCash, NoCashToGiveBack.
    """
    order = _lock_for_staff(staff, order_id)
    if order.cash_owed_minor:
        settle(order, side=Side.STAFF, by=staff)
        _record("orders.cash_given", order, staff, reason)
        return order
    if order.cash_back_said_at is None:
        raise NothingSaidOfCash
    _check_paid_in_cash(order)
    _undo(order, side=Side.STAFF, by=staff, kind="cash_back_found")
    _record("orders.cash_back_found", order, staff, reason)
    return order


@transaction.atomic
def keep_cash_sale(*, staff: User, order_id: uuid.UUID, reason: str) -> Order:
    """One of our staff finds that the cash did not go back, whatever the seller says: the sale and its commission stand, and what was
    owed stays so, unpaid. In the audit log. Publishes CashSaleKept, or CashNotGiven.

    Raises:
        NotAllowed, OrderNotFound, NothingSaidOfCash, NoCashToGiveBack.
    """
    order = _lock_for_staff(staff, order_id)
    if order.cash_owed_minor:
        if order.cash_owed_unpaid_at is None:
            find_unpaid(order, by=staff)
            _record("orders.cash_not_given", order, staff, reason)
        return order
    if order.cash_back_said_at is None:
        raise NothingSaidOfCash
    _check_paid_in_cash(order)
    _note(order, said=False)
    line = note_event(order, "cash_sale_kept", Side.STAFF, actor=staff, amount=in_money(order.total))
    _record("orders.cash_sale_kept", order, staff, reason)
    publish(CashSaleKept(order_id=order.pk, line_id=line.pk))
    return order


@transaction.atomic
def remind_of_cash_back(*, order_id: uuid.UUID) -> bool:
    """Ask a silent buyer once more whether they have it, and a seller who owes it to give it. False: they have said it, or were
    reminded. Publishes CashBackUnanswered.
    """
    order, now = lock_free_order(order_id), timezone.now()
    if order is None or not cash_back_waits(order) or order.cash_back_reminded_at is not None:
        return False
    due = cash_back_answer_by(order)
    if due is None or not due - REMIND_OF_CASH_BEFORE <= now < due:
        return False
    order.cash_back_reminded_at = now
    order.save(update_fields=["cash_back_reminded_at", "updated_at"])
    publish(CashBackUnanswered(order_id=order.pk))
    return True


@transaction.atomic
def escalate_cash_back(*, order_id: uuid.UUID) -> bool:
    """A buyer's time to say whether they have it is over: our staff look at it, and the buyer may still say it meanwhile. False: they
    have said it. Publishes CashBackEscalated.
    """
    order, now = lock_free_order(order_id), timezone.now()
    if order is None or not cash_back_waits(order) or order.cash_back_staff_at is not None:
        return False
    due = cash_back_answer_by(order)
    if due is None or now < due:
        return False
    order.cash_back_staff_at = now
    order.save(update_fields=["cash_back_staff_at", "updated_at"])
    kind = "cash_owed_escalated" if order.cash_owed_minor else "cash_back_escalated"
    line = note_event(order, kind, Side.SYSTEM, amount=in_money(_asked(order)))
    publish(CashBackEscalated(order_id=order.pk, line_id=line.pk))
    return True


def owe_cash_back(order: Order, amount: Money, *, side: Side, by: User | None) -> None:
    """A dispute about a locked cash sale ended: the seller owes the buyer `amount`, all that is left or a part. The commission of it is
    returned, and that is all that we can move; from then on it is asked whether the buyer has it. Publishes CashOwed.
    """
    _give_up(order, order.refunded_minor + amount.minor)
    owe(order, amount)
    line = note_event(order, "cash_owed", side, actor=by, amount=in_money(amount))
    publish(CashOwed(order_id=order.pk, line_id=line.pk))


def _check_paid_in_cash(order: Order) -> None:
    if order.payment_state != PaymentAxis.CASH_PAID:
        raise NoCashToGiveBack


def _check_waits_for_cash(order: Order) -> None:
    if not order.cash_owed_minor:
        _check_paid_in_cash(order)


def _asked(order: Order) -> Money:
    """Of what it is asked whether the buyer has it: what is owed, else all that was paid."""
    return order.cash_owed if order.cash_owed_minor else order.total


def forget_what_was_said(order: Order) -> None:
    """A buyer who reports a problem says with it that they have not got their money back. The order is locked."""
    if order.cash_back_said_at is not None:
        _note(order, said=False)


def _note(order: Order, *, said: bool) -> None:
    """What the seller says is new each time: so are the buyer's clocks."""
    order.cash_back_said_at = timezone.now() if said else None
    order.cash_back_reminded_at = order.cash_back_staff_at = None
    order.save(update_fields=["cash_back_said_at", "cash_back_reminded_at", "cash_back_staff_at", "updated_at"])
    if said and order.cash_owed_unpaid_at is not None:  # they gave it after all: the buyer is asked again
        order.cash_owed_unpaid_at = None
        order.save(update_fields=["cash_owed_unpaid_at"])


def _undo(order: Order, *, side: Side, by: User, kind: str = "cash_sale_undone") -> None:
    _give_up(order, order.total_minor)
    note_event(order, kind, side, actor=by, amount=in_money(order.total))
    publish(CashSaleUndone(order_id=order.pk, by_staff=side == Side.STAFF))


def _give_up(order: Order, refunded_minor: int) -> None:
    """So much of a cash sale does not stand, in all."""
    if refunded_minor == order.total_minor:
        move(order, PaymentAxis.REFUNDED, PAYMENT_MOVES, axis="payment_state", refunded_minor=refunded_minor)
    else:
        order.refunded_minor = refunded_minor
        order.save(update_fields=["refunded_minor", "updated_at"])
    given_back = Money(refunded_minor, order.currency)
    return_cash_commission(reference=reference_of(order), given_back=given_back, of=order.total)


def _lock_for_staff(staff: User, order_id: uuid.UUID) -> Order:
    if not staff.has_perm(MAY_REFUND):
        raise NotAllowed
    order = lock_order(order_id)
    if staff.pk in (order.buyer_id, order.seller_id):
        raise NotAllowed
    return order


def _record(action: str, order: Order, staff: User, reason: str) -> None:
    audit.record(
        action=action,
        target_kind="order",
        target_id=order.pk,
        actor=staff,
        reason=reason,
        after={"payment_state": order.payment_state, "commission": in_money(order.commission)},
    )
