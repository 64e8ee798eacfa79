"""What may happen after it was paid: the hand-over, meetings, cash that goes back, disputes."""

from datetime import datetime, timedelta

from django.conf import settings

from core.money import Money
from orders import errors
from orders.models import Dispute, Order
from orders.rules.buying import BEFORE_DISPATCH, inspection_hours
from orders.states import (
    Delivery,
    DisputeAxis,
    DisputeOutcome,
    FulfilmentAxis,
    OrderState,
    PayBy,
    PaymentAxis,
    Side,
)

HANDED_BY_CODE = (*BEFORE_DISPATCH, FulfilmentAxis.DISPATCHED, FulfilmentAxis.MISSED)
WITH_THE_BUYER = (FulfilmentAxis.DELIVERED, FulfilmentAxis.HANDED_OVER)
PROMISE_KEPT_FOR = timedelta(days=1)  # after a meeting that was agreed, to enter the code or to say that nobody came
LATE_AFTER = timedelta(minutes=30)  # somebody who is not there by then did not come
DISPUTE_PICTURES = 6  # of one side, at once


def check_confirmed(order: Order) -> None:
    """Raises NotConfirmed."""
    if order.state != OrderState.CONFIRMED:
        raise errors.NotConfirmed(state=order.get_state_display())


def check_undisputed(order: Order) -> None:
    """Raises InDispute."""
    if order.dispute_state in (DisputeAxis.OPEN, DisputeAxis.CHARGEBACK):
        raise errors.InDispute


def takes_code(order: Order) -> bool:
    """Whether a code proves the hand-over. Not where a carrier brings what was paid by card: a code would pay the seller too soon."""
    return order.delivery == Delivery.MEET or order.pay_by == PayBy.CASH


def check_takes_code(order: Order) -> None:
    """Raises NotConfirmed, InDispute, NoCodeForThis."""
    check_confirmed(order)
    check_undisputed(order)
    if not takes_code(order) or order.fulfilment_state not in HANDED_BY_CODE:
        raise errors.NoCodeForThis


def latest_meeting(order: Order) -> datetime:
    """No meeting is later: a promise may move the seller's deadline, and not for ever."""
    since = order.confirmed_at or order.created_at
    latest: datetime = since + settings.ORDERS["dispatch_window"] + settings.ORDERS["meeting_window"]
    return latest


def check_meeting_time(order: Order, starts_at: datetime, *, at: datetime) -> None:
    """Raises MeetingTimeOver, MeetingTooFar."""
    if starts_at <= at:
        raise errors.MeetingTimeOver
    if starts_at > latest_meeting(order):
        raise errors.MeetingTooFar(latest=latest_meeting(order).isoformat(timespec="minutes"))


REMIND_OF_CASH_BEFORE = timedelta(days=2)  # the end of the buyer's time to say whether they have it back


def cash_back_waits(order: Order) -> bool:
    """Whether a word of the buyer is waited for: the seller says that the cash is back, or owes it by a decision."""
    if order.cash_owed_minor > 0:
        return order.cash_owed_unpaid_at is None
    return order.payment_state == PaymentAxis.CASH_PAID and order.cash_back_said_at is not None


def cash_back_answer_by(order: Order) -> datetime | None:
    """Until when the buyer says whether the cash is back; None where the seller neither said so nor owes it."""
    owes = order.cash_owed_minor > 0 and order.cash_owed_unpaid_at is None
    since = order.cash_back_said_at or (order.cash_owed_at if owes else None)
    return None if since is None else since + settings.ORDERS["cash_back_window"]


def cash_dispute_until(order: Order) -> datetime | None:
    """How long after the hand-over the buyer of a cash sale may report a problem: as long as others have to look at what came."""
    if order.completed_at is None:
        return None
    return order.completed_at + timedelta(hours=inspection_hours(is_luxury=order.is_luxury))


def left_of(order: Order) -> Money:
    """What the buyer paid and has not got back, delivery with it: who gets all back, after a return too, gets this."""
    return Money(order.total_minor - order.refunded_minor, order.currency)


def check_may_dispute(order: Order, *, at: datetime) -> None:
    """A buyer may report a problem once it is on its way, and for some time after all was settled. What was paid in cash they may look
    at for as long after the hand-over; of a trade there is no money to decide about.

    Raises:
        NothingHeld, InDispute, CancelInstead, TooLateToDispute, NotConfirmed.
    """
    if order.pay_by == PayBy.NOTHING:
        raise errors.NothingHeld
    check_undisputed(order)
    if order.state not in (OrderState.CONFIRMED, OrderState.COMPLETED):
        raise errors.NotConfirmed(state=order.get_state_display())
    if order.state == OrderState.CONFIRMED and order.fulfilment_state in BEFORE_DISPATCH:
        raise errors.CancelInstead
    if order.pay_by == PayBy.CASH:
        if order.state == OrderState.CONFIRMED:  # missed, or not handed over yet
            raise errors.CancelInstead
        until = cash_dispute_until(order)
        is_late = until is None or at > until
    else:
        window = settings.PAYMENTS["refund_window"]
        is_late = order.state == OrderState.COMPLETED and at > (order.confirmed_at or order.created_at) + window
    if is_late or left_of(order).minor <= 0:
        raise errors.TooLateToDispute


def check_dispute_amount(order: Order, amount: Money) -> None:
    """Raises DisputeAmount."""
    most = left_of(order)
    if amount.currency != order.currency or not 0 < amount.minor <= most.minor:
        raise errors.DisputeAmount(most=f"{most.currency} {most}")


def check_not_with_bank(order: Order) -> None:
    """Raises WithTheBank."""
    if order.dispute_state == DisputeAxis.CHARGEBACK:
        raise errors.WithTheBank


def check_dispute_in(dispute: Dispute, *states: str) -> None:
    """Raises DisputeClosedAlready."""
    if dispute.state not in states:
        raise errors.DisputeClosedAlready(state=dispute.get_state_display())


def may_appeal(dispute: Dispute, side: Side) -> bool:
    """Who did not get all that they wanted; once, and only against what our staff decided."""
    if dispute.decided_by_id is None or dispute.first_decided_by_id is not None:
        return False
    lost = {DisputeOutcome.FULL: (Side.SELLER,), DisputeOutcome.NONE: (Side.BUYER,)}
    if dispute.outcome == DisputeOutcome.PARTIAL:
        return side in (Side.BUYER, Side.SELLER)
    return side in lost.get(DisputeOutcome(dispute.outcome), ())
