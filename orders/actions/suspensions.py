"""What becomes of orders when somebody is suspended, and when they may trade again (ADR 0025).

All of it looks at how the person stands now, not at what the news said: news may come late, twice and in any order. Each checkout and
order is a transaction of its own, so that whoever dies in the middle is followed by the next one.
"""

import uuid
from dataclasses import dataclass

import structlog
from django.db import transaction

from accounts.models import User
from core.errors import NotAllowed, Refusal
from core.events import publish
from orders import rules
from orders.actions.cancelling import call_off, cancel_unpaid
from orders.actions.locks import lock_order
from orders.actions.refunds import MAY_CANCEL, cancel_order_by_staff
from orders.actions.timeline import note_event
from orders.errors import PersonNotSuspended
from orders.events import PartyRestored, PartySuspended
from orders.models import Order
from orders.selectors import suspensions
from orders.states import CancelledBecause, DisputeAxis, OrderState, PaymentAxis, Side

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class CalledOff:
    """`left`: what was refused meanwhile, because it is on its way, in dispute or over."""

    orders: int
    left: int


def follow_standing(*, user_id: uuid.UUID) -> int:
    """Let a person's purchases and sales follow whether they are suspended; return how many changed.

    Suspended: what is not paid is called off and is for sale again, what is paid goes on and the other is told. Not any more: the other
    is told of what is still under way. Again changes nothing. Publishes OrderCancelled, PartySuspended, PartyRestored.
    """
    person = User.objects.filter(pk=user_id).first()
    if person is None:
        return 0
    if person.suspended_at is None:
        return sum(_restore(pk, person) for pk in suspensions.told_of_suspension(person))
    done = sum(_call_off_checkout(pk, person) for pk in suspensions.checkouts_to_call_off(person))
    done += sum(_call_off_deal(pk, person) for pk in suspensions.deals_to_call_off(person))
    under_way = suspensions.paid_under_way(person).values_list("pk", flat=True)
    return done + sum(_note_suspended(pk, person) for pk in list(under_way))


def call_off_orders_of(*, staff: User, person_id: uuid.UUID, reason: str) -> CalledOff:
    """One of our staff ends all that somebody suspended bought or sold, that is paid and was not sent: the buyers get all back, from a
    threshold on when a second person agrees. One after the other, each audited, so again goes on with what is left.

    Raises:
        NotAllowed.
        PersonNotSuspended: nobody is, by that name, or not any more.
    """
    if not staff.has_perm(MAY_CANCEL):
        raise NotAllowed
    person = User.objects.filter(pk=person_id).exclude(suspended_at=None).first()
    if person is None:
        raise PersonNotSuspended
    done = left = 0
    for order_id in list(suspensions.paid_and_not_sent(person).values_list("pk", flat=True)):
        try:
            cancel_order_by_staff(staff=staff, order_id=order_id, reason=reason)
        except Refusal as refusal:
            log.warning("order_of_suspended_not_called_off", order=str(order_id), code=refusal.code)
            left += 1
        else:
            done += 1
    return CalledOff(done, left)


def _is_suspended(person: User) -> bool:
    """As it is this moment: an appeal may have been won meanwhile."""
    return User.objects.filter(pk=person.pk, suspended_at__isnull=False).exists()


@transaction.atomic
def _call_off_checkout(checkout_id: uuid.UUID, person: User) -> bool:
    """What is paid this very moment is confirmed or given back by whoever hears of it."""
    return _is_suspended(person) and cancel_unpaid(checkout_id=checkout_id, because=CancelledBecause.SUSPENDED)


@transaction.atomic
def _call_off_deal(order_id: uuid.UUID, person: User) -> bool:
    order = lock_order(order_id)
    is_due = order.state == OrderState.CONFIRMED and order.payment_state in suspensions.UNPAID
    is_disputed = order.dispute_state in (DisputeAxis.OPEN, DisputeAxis.CHARGEBACK)
    if not is_due or is_disputed or order.fulfilment_state not in rules.MAY_BE_CALLED_OFF or not _is_suspended(person):
        return False
    call_off(order, because=CancelledBecause.SUSPENDED, side=Side.SYSTEM)
    return True


@transaction.atomic
def _note_suspended(order_id: uuid.UUID, person: User) -> bool:
    order = lock_order(order_id)
    side = rules.side_of(order, person)
    is_held = order.state == OrderState.CONFIRMED and order.payment_state == PaymentAxis.HELD
    if not is_held or suspensions.is_told_of_suspension(order, side) or not _is_suspended(person):
        return False
    _note(order, side, suspensions.SUSPENDED, PartySuspended)
    return True


@transaction.atomic
def _restore(order_id: uuid.UUID, person: User) -> bool:
    order = lock_order(order_id)
    side = rules.side_of(order, person)
    if order.state != OrderState.CONFIRMED or not suspensions.is_told_of_suspension(order, side):
        return False
    if _is_suspended(person):
        return False
    _note(order, side, suspensions.RESTORED, PartyRestored)
    return True


def _note(order: Order, side: Side, kind: str, news: type[PartySuspended | PartyRestored]) -> None:
    line = note_event(order, kind, side)
    publish(news(order_id=order.pk, line_id=line.pk))
