"""Where and when two people meet: proposed, agreed, kept or missed. The place is theirs alone."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.events import publish
from core.geo import LatLng
from core.ratelimits import Limit, take
from core.states import move
from orders.actions.cancelling import call_off
from orders.actions.locks import lock_order, lock_own_order
from orders.actions.timeline import note_event
from orders.errors import (
    MeetingNeedsPlace,
    MeetingNotFound,
    MeetingNotOver,
    NotYourSideOfIt,
    SentByCarrier,
    TooManyMeetings,
)
from orders.events import MeetingAgreed, MeetingCalledOff, MeetingMissed, MeetingProposed
from orders.models import Meeting, Order
from orders.rules import (
    BEFORE_DISPATCH,
    LATE_AFTER,
    PROMISE_KEPT_FOR,
    check_confirmed,
    check_meeting_time,
    check_undisputed,
    side_of,
)
from orders.states import (
    FULFILMENT_MOVES,
    MEETING_MOVES,
    CancelledBecause,
    Delivery,
    FulfilmentAxis,
    MeetingState,
    Side,
)
from places.selectors import meeting_point

OPEN = (MeetingState.PROPOSED, MeetingState.AGREED)
PROPOSALS = Limit.parse("30/h")
TIME_TO_ANSWER = timedelta(days=1)  # for whoever is said not to have come
_OTHER = {Side.BUYER: Side.SELLER, Side.SELLER: Side.BUYER}


@transaction.atomic
def propose_meeting(
    *,
    person: User,
    order_id: uuid.UUID,
    starts_at: datetime,
    point_id: uuid.UUID | None = None,
    place: str = "",
    location: LatLng | None = None,
    note: str = "",
) -> Meeting:
    """Propose where and when to meet, in place of what was proposed or agreed before. Locks the order. Publishes MeetingProposed.

    Raises:
        OrderNotFound, NotConfirmed, InDispute, SentByCarrier.
        MeetingTimeOver, MeetingTooFar, MeetingNeedsPlace, MeetingPointNotFound: naming the field. TooManyMeetings.
    """
    now = timezone.now()
    order, side = lock_own_order(person=person, order_id=order_id)
    _check_meets(order)
    check_meeting_time(order, starts_at, at=now)
    point = meeting_point(point_id) if point_id else None
    if point is None and not place.strip():
        raise MeetingNeedsPlace
    take(f"meetings:{person.pk}", PROPOSALS, refusal=TooManyMeetings)
    before = _open_meeting(order)
    if before is not None:
        move(before, MeetingState.REPLACED, MEETING_MOVES, answered_at=now)
    meeting = Meeting.objects.create(
        order=order,
        proposed_by=side,
        point=point,
        place=place.strip(),
        location=location.point if location else point.location if point else None,
        starts_at=starts_at,
        note=note.strip(),
        created_at=now,
    )
    note_event(order, "meeting_proposed", side, actor=person)
    publish(MeetingProposed(meeting_id=meeting.pk))
    return meeting


@transaction.atomic
def agree_meeting(*, person: User, meeting_id: uuid.UUID) -> Meeting:
    """Promise to come. The seller's deadline moves behind the meeting. Again is the same answer. Publishes MeetingAgreed.

    Raises:
        MeetingNotFound, NotConfirmed, InDispute, SentByCarrier, MeetingTimeOver.
        NotYourSideOfIt: one's own proposal.
        WrongState: another was proposed since, or it was called off.
    """
    now = timezone.now()
    order, meeting, side = _lock(person, meeting_id)
    if meeting.state == MeetingState.AGREED:
        return meeting
    _check_meets(order)
    if meeting.proposed_by == side:
        raise NotYourSideOfIt
    if meeting.state == MeetingState.PROPOSED:
        check_meeting_time(order, meeting.starts_at, at=now)
    move(meeting, MeetingState.AGREED, MEETING_MOVES, answered_at=now)
    promised = meeting.starts_at + PROMISE_KEPT_FOR
    if order.dispatch_by is None or order.dispatch_by < promised:
        order.dispatch_by = promised
        order.save(update_fields=["dispatch_by", "updated_at"])
    if order.fulfilment_state == FulfilmentAxis.MISSED:
        move(order, FulfilmentAxis.READY, FULFILMENT_MOVES, axis="fulfilment_state")
    note_event(order, "meeting_agreed", side, actor=person)
    publish(MeetingAgreed(meeting_id=meeting.pk))
    return meeting


@transaction.atomic
def decline_meeting(*, person: User, meeting_id: uuid.UUID) -> Meeting:
    """Say no to a meeting, take one's own proposal back, or call off what was agreed, before its time. Publishes MeetingCalledOff.

    Raises:
        MeetingNotFound.
        MeetingNotOver, WrongState: it is over: say that somebody did not come.
    """
    now = timezone.now()
    order, meeting, side = _lock(person, meeting_id)
    if meeting.state == MeetingState.CALLED_OFF:
        return meeting
    if meeting.state == MeetingState.AGREED and meeting.starts_at <= now:
        raise MeetingNotOver(after=_over_at(meeting).isoformat(timespec="minutes"))
    move(meeting, MeetingState.CALLED_OFF, MEETING_MOVES, answered_at=now)
    note_event(order, "meeting_declined", side, actor=person)
    publish(MeetingCalledOff(meeting_id=meeting.pk))
    return meeting


@transaction.atomic
def report_no_show(*, person: User, meeting_id: uuid.UUID) -> Meeting:
    """Say that the other did not come. They have a day to say otherwise (`contest_no_show`).

    If they say nothing: a seller who did not come loses the sale and the buyer has the money back by itself; where the buyer did not
    come the seller may call the order off (`cancel_after_no_show`), or both meet another time. Publishes MeetingMissed.

    Raises:
        MeetingNotFound, NotConfirmed, InDispute.
        MeetingNotOver: half an hour has not passed.
        WrongState: it was never agreed on, or it took place.
    """
    now = timezone.now()
    order, meeting, side = _lock(person, meeting_id)
    if meeting.state == MeetingState.MISSED and meeting.reported_by:
        if meeting.reported_by == side:
            return meeting
        return _contest(order, meeting, side, person, at=now)
    check_confirmed(order)
    check_undisputed(order)
    if meeting.state == MeetingState.AGREED and now < _over_at(meeting):
        raise MeetingNotOver(after=_over_at(meeting).isoformat(timespec="minutes"))
    move(
        meeting,
        MeetingState.MISSED,
        MEETING_MOVES,
        missed_by=_OTHER[side],
        reported_by=side,
        reported_at=now,
    )
    if order.fulfilment_state in BEFORE_DISPATCH:
        move(order, FulfilmentAxis.MISSED, FULFILMENT_MOVES, axis="fulfilment_state")
    note_event(order, "no_show", side, actor=person)
    publish(MeetingMissed(meeting_id=meeting.pk))
    return meeting


@transaction.atomic
def contest_no_show(*, person: User, meeting_id: uuid.UUID) -> Meeting:
    """Say that one was there. Nothing happens by itself then: the two meet again, call it off, or the deadline ends it.

    Raises:
        MeetingNotFound, NotYourSideOfIt; WrongState: nobody says that one did not come.
    """
    order, meeting, side = _lock(person, meeting_id)
    if meeting.state != MeetingState.MISSED:
        move(meeting, MeetingState.MISSED, {})  # raises
    if meeting.missed_by != side:
        raise NotYourSideOfIt
    return _contest(order, meeting, side, person, at=timezone.now())


def _contest(order: Order, meeting: Meeting, side: Side, person: User, *, at: datetime) -> Meeting:
    if meeting.contested_at is None:
        meeting.contested_at = at
        meeting.save(update_fields=["contested_at"])
        note_event(order, "no_show_contested", side, actor=person)
    return meeting


@transaction.atomic
def cancel_after_no_show(*, seller: User, meeting_id: uuid.UUID) -> Order:
    """The buyer did not come, and has not said otherwise within a day: the seller calls the order off, and the money goes back.

    Publishes OrderCancelled, OrderRefunded.

    Raises:
        MeetingNotFound, NotYourSideOfIt, NotConfirmed, InDispute.
        MeetingNotOver: the buyer has still time to answer, or has answered.
    """
    order, meeting, side = _lock(seller, meeting_id)
    if side != Side.SELLER or meeting.missed_by != Side.BUYER:
        raise NotYourSideOfIt
    check_confirmed(order)
    check_undisputed(order)
    due = no_show_settles_at(meeting)
    if due is None or timezone.now() < due:
        raise MeetingNotOver(after=(due or _over_at(meeting)).isoformat(timespec="minutes"))
    call_off(order, because=CancelledBecause.NO_SHOW, side=Side.SELLER, by=seller)
    return order


@transaction.atomic
def settle_no_show(*, meeting_id: uuid.UUID) -> bool:
    """The seller did not come and has not said otherwise within a day: the buyer has the money back. False: that is no longer so."""
    order_id = Meeting.objects.filter(pk=meeting_id).values_list("order_id", flat=True).get()
    order = lock_order(order_id)
    meeting = Meeting.objects.get(pk=meeting_id)
    due = no_show_settles_at(meeting)
    waits = order.fulfilment_state == FulfilmentAxis.MISSED and _open_meeting(order) is None
    if due is None or timezone.now() < due or meeting.missed_by != Side.SELLER or not waits:
        return False
    check_confirmed(order)
    check_undisputed(order)
    call_off(order, because=CancelledBecause.NO_SHOW, side=Side.SYSTEM)
    return True


def no_show_settles_at(meeting: Meeting) -> datetime | None:
    """When a meeting that somebody missed has its consequence; None where it was contested, or took place."""
    if meeting.state != MeetingState.MISSED or meeting.contested_at or meeting.reported_at is None:
        return None
    return meeting.reported_at + TIME_TO_ANSWER


def _check_meets(order: Order) -> None:
    check_confirmed(order)
    check_undisputed(order)
    if order.delivery != Delivery.MEET or order.fulfilment_state not in (*BEFORE_DISPATCH, FulfilmentAxis.MISSED):
        raise SentByCarrier


def _over_at(meeting: Meeting) -> datetime:
    return meeting.starts_at + LATE_AFTER


def _open_meeting(order: Order) -> Meeting | None:
    return Meeting.objects.filter(order=order, state__in=OPEN).first()


def _lock(person: User, meeting_id: uuid.UUID) -> tuple[Order, Meeting, Side]:
    """A meeting under its order's lock, for one of the two. Raises MeetingNotFound."""
    glance = Meeting.objects.select_related("order__seller").filter(pk=meeting_id).first()
    if glance is None or person.pk not in (glance.order.buyer_id, glance.order.seller_id):
        raise MeetingNotFound
    order = lock_order(glance.order_id)
    return order, Meeting.objects.select_related("point").get(pk=meeting_id), side_of(order, person)
