"""What time does to orders that were paid: late ones end, what is long on its way counts as there, what was looked at is paid out.

Any number of sweeps may run at once: each order is a transaction of its own, and one that somebody holds is left to the next sweep.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.events import publish
from core.states import move
from core.sweeps import each
from orders import selectors
from orders.actions.cancelling import call_off
from orders.actions.cash_returns import escalate_cash_back, remind_of_cash_back
from orders.actions.completing import arrive, complete
from orders.actions.decisions import end_appeal_time
from orders.actions.dispute_ends import end_return
from orders.actions.disputes import escalate_unanswered
from orders.actions.locks import lock_free_order
from orders.actions.meetings import TIME_TO_ANSWER, settle_no_show
from orders.events import MeetingComesUp
from orders.models import Meeting
from orders.rules import BEFORE_DISPATCH, check_undisputed
from orders.states import (
    FULFILMENT_MOVES,
    CancelledBecause,
    DisputeState,
    FulfilmentAxis,
    MeetingState,
    OrderState,
    PayBy,
    Side,
)

SWEEP_BATCH = 200


def cancel_late(*, limit: int = SWEEP_BATCH) -> int:
    """Call off what was not sent or handed over in time, or never arrived, and give all money back; return how many."""
    now = timezone.now()
    return each(selectors.late_orders(at=now, limit=limit), _cancel_late)


def deliver_overdue(*, limit: int = SWEEP_BATCH) -> int:
    """Count as delivered what is on its way for longer than anything takes, unless the buyer disputes; return how many.

    A cash sale of which neither of the two ever said that it was paid ends instead, and nothing is charged for it.
    """
    now = timezone.now()
    return each(selectors.overdue_arrivals(at=now, limit=limit), _deliver)


def release_due(*, limit: int = SWEEP_BATCH) -> int:
    """Pay the sellers of what was looked at for long enough; return how many orders are complete by it."""
    now = timezone.now()
    return each(selectors.due_releases(at=now, limit=limit), _release)


def remind_of_meetings(*, limit: int = SWEEP_BATCH) -> int:
    """Tell both of a meeting that is in a few hours, once; return of how many."""
    now = timezone.now()
    return each(selectors.meetings_to_remind_of(at=now, limit=limit), _remind)


def settle_no_shows(*, limit: int = SWEEP_BATCH) -> int:
    """Give buyers their money back whose seller did not come and said nothing to it; return how many."""
    before = timezone.now() - TIME_TO_ANSWER
    return each(selectors.no_shows_to_settle(before=before, limit=limit), lambda pk: settle_no_show(meeting_id=pk))


def run_dispute_clocks(*, limit: int = SWEEP_BATCH) -> int:
    """Bring unanswered disputes before our staff, carry out what nobody appealed, end returns; return how many."""
    now = timezone.now()
    clocks: Sequence[tuple[str, DisputeState, Callable[[uuid.UUID], bool]]] = (
        ("answer_by", DisputeState.OPEN, lambda pk: escalate_unanswered(dispute_id=pk)),
        ("appeal_by", DisputeState.DECIDED, lambda pk: end_appeal_time(dispute_id=pk)),
        ("return_by", DisputeState.AWAITING_RETURN, lambda pk: end_return(dispute_id=pk)),
    )
    return sum(each(selectors.disputes_due(field, state, at=now, limit=limit), end) for field, state, end in clocks)


def run_cash_back_clocks(*, limit: int = SWEEP_BATCH) -> int:
    """Bring before our staff what silent buyers did not say of their cash, remind those whose time is nearly over; return how many."""
    now = timezone.now()
    to_staff = selectors.cash_back_unanswered(at=now, limit=limit)
    to_remind = selectors.cash_back_to_remind_of(at=now, limit=limit)
    return each(to_staff, lambda pk: escalate_cash_back(order_id=pk)) + each(
        to_remind, lambda pk: remind_of_cash_back(order_id=pk)
    )


@transaction.atomic
def _cancel_late(order_id: uuid.UUID) -> bool:
    order, now = lock_free_order(order_id), timezone.now()
    if order is None or order.state != OrderState.CONFIRMED:
        return False
    check_undisputed(order)
    not_sent = order.fulfilment_state in BEFORE_DISPATCH and _is_over(order.dispatch_by, at=now)
    missed = order.fulfilment_state == FulfilmentAxis.MISSED and _is_over(order.arrive_by or order.dispatch_by, at=now)
    if not (not_sent or missed):
        return False
    met = missed and Meeting.objects.filter(order=order, state=MeetingState.MISSED).exists()
    call_off(order, because=CancelledBecause.NO_SHOW if met else CancelledBecause.LATE, side=Side.SYSTEM)
    return True


@transaction.atomic
def _deliver(order_id: uuid.UUID) -> bool:
    order, now = lock_free_order(order_id), timezone.now()
    if order is None or order.state != OrderState.CONFIRMED or order.fulfilment_state != FulfilmentAxis.DISPATCHED:
        return False
    check_undisputed(order)
    if not _is_over(order.arrive_by, at=now):
        return False
    if order.pay_by == PayBy.CARD:
        arrive(order, FulfilmentAxis.DELIVERED, kind="delivered_by_clock", side=Side.SYSTEM, at=now)
    else:
        move(order, FulfilmentAxis.MISSED, FULFILMENT_MOVES, axis="fulfilment_state")
        call_off(order, because=CancelledBecause.LATE, side=Side.SYSTEM)
    return True


@transaction.atomic
def _release(order_id: uuid.UUID) -> bool:
    order, now = lock_free_order(order_id), timezone.now()
    if order is None or order.state != OrderState.CONFIRMED or order.pay_by != PayBy.CARD:
        return False
    check_undisputed(order)
    if not _is_over(order.inspection_ends_at, at=now):
        return False
    complete(order, side=Side.SYSTEM, at=now)
    return True


@transaction.atomic
def _remind(meeting_id: uuid.UUID) -> bool:
    now = timezone.now()
    due = Q(pk=meeting_id, state=MeetingState.AGREED, reminded_at=None, starts_at__gt=now)
    meeting = Meeting.objects.select_for_update(of=("self",), skip_locked=True).filter(due).first()
    if meeting is None:
        return False
    meeting.reminded_at = now
    meeting.save(update_fields=["reminded_at"])
    publish(MeetingComesUp(meeting_id=meeting.pk))
    return True


def _is_over(due: datetime | None, *, at: datetime) -> bool:
    return due is not None and due <= at
