"""Cash that went back to the buyer. The two do it between them: we never held it, so all that we move is our commission.

The seller's word alone is not enough, or every commission of a cash sale could be talked away: the buyer says that they have it back,
or one of our staff decides that the sale did not stand, and then the seller owes it to the buyer.
"""

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.errors import NotAllowed
from core.events import publish
from core.states import move
from orders.actions.locks import lock_order, lock_own_order
from orders.actions.refunds import MAY_REFUND
from orders.actions.timeline import note_event
from orders.errors import NoCashToGiveBack, NothingSaidOfCash
from orders.events import CashBackDenied, CashBackSaid, CashSaleUndone
from orders.models import Order
from orders.rules import reference_of
from orders.states import PAYMENT_MOVES, PayBy, PaymentAxis, Side
from orders.words import in_money
from payments.actions import return_cash_commission


@transaction.atomic
def say_cash_given_back(*, seller: User, order_id: uuid.UUID) -> Order:
    """The seller says that the buyer has all the cash back; the buyer is asked. Again is the same answer. Publishes CashBackSaid.

    Raises:
        OrderNotFound, NotYourSideOfIt, NoCashToGiveBack.
    """
    order, _side = lock_own_order(person=seller, order_id=order_id, side=Side.SELLER)
    if order.pay_by == PayBy.CASH and order.cash_back_said_at is not None:
        return order
    _check_paid_in_cash(order)
    _note(order, said=True)
    line = note_event(order, "cash_back_said", Side.SELLER, actor=seller, amount=in_money(order.total))
    publish(CashBackSaid(order_id=order.pk, line_id=line.pk))
    return order


@transaction.atomic
def confirm_cash_back(*, buyer: User, order_id: uuid.UUID) -> Order:
    """The buyer has the cash back: the sale did not stand, and its commission is owed no more. Again is the same answer.

    Locks the order, ledger balances. Publishes CashSaleUndone.

    Raises:
        OrderNotFound, NotYourSideOfIt, NothingSaidOfCash.
    """
    order, _side = lock_own_order(person=buyer, order_id=order_id, side=Side.BUYER)
    if order.cash_back_said_at is None:
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
    _check_paid_in_cash(order)
    _note(order, said=False)
    line = note_event(order, "cash_back_denied", Side.BUYER, actor=buyer, amount=in_money(order.total))
    publish(CashBackDenied(order_id=order.pk, line_id=line.pk))
    return order


@transaction.atomic
def undo_cash_sale(*, staff: User, order_id: uuid.UUID, reason: str) -> Order:
    """One of our staff decides that a cash sale did not stand: the seller owes the buyer the money, and us no commission. In the audit
    log. Undone already is the same answer. Publishes CashSaleUndone.

    Raises:
        NotAllowed, OrderNotFound, NoCashToGiveBack.
    """
    if not staff.has_perm(MAY_REFUND):
        raise NotAllowed
    order = lock_order(order_id)
    if staff.pk in (order.buyer_id, order.seller_id):
        raise NotAllowed
    if order.pay_by == PayBy.CASH and order.payment_state == PaymentAxis.REFUNDED:
        return order
    _check_paid_in_cash(order)
    _note(order, said=False)
    _undo(order, side=Side.STAFF, by=staff)
    audit.record(
        action="orders.cash_sale_undone",
        target_kind="order",
        target_id=order.pk,
        actor=staff,
        reason=reason,
        after={"payment_state": order.payment_state, "commission": in_money(order.commission)},
    )
    return order


def _check_paid_in_cash(order: Order) -> None:
    if order.payment_state != PaymentAxis.CASH_PAID:
        raise NoCashToGiveBack


def _note(order: Order, *, said: bool) -> None:
    order.cash_back_said_at = timezone.now() if said else None
    order.save(update_fields=["cash_back_said_at", "updated_at"])


def _undo(order: Order, *, side: Side, by: User) -> None:
    move(order, PaymentAxis.REFUNDED, PAYMENT_MOVES, axis="payment_state", refunded_minor=order.total_minor)
    return_cash_commission(reference=reference_of(order))
    note_event(order, "cash_sale_undone", side, actor=by, amount=in_money(order.total))
    publish(CashSaleUndone(order_id=order.pk, by_staff=side == Side.STAFF))
