from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.errors import WrongState
from core.geo import LatLng
from orders import errors
from orders.actions import (
    agree_meeting,
    cancel_after_no_show,
    contest_no_show,
    decline_meeting,
    mark_ready,
    propose_meeting,
    remind_of_meetings,
    report_no_show,
    settle_no_shows,
)
from orders.models import Meeting
from orders.states import DisputeAxis, FulfilmentAxis, MeetingState, Side
from orders.tests.dealing import axes, held, put, refused, timeline, world
from orders.tests.shopping import news
from places.errors import MeetingPointNotFound
from places.models import MeetingPoint

pytestmark = pytest.mark.django_db


def hours(count: float):
    return timezone.now() + timedelta(hours=count)


def propose(order, person, *, at=None, **more):
    where = more or {"point_id": MeetingPoint.objects.get(slug="dubai-marina-mall").pk}
    return propose_meeting(person=person, order_id=order.pk, starts_at=at or hours(5), **where)


def agreed(*, at=None, **order_at) -> Meeting:
    order = held(**order_at)
    meeting = propose(order, order.buyer, at=at)
    return agree_meeting(person=order.seller, meeting_id=meeting.pk)


def missed(by: str) -> Meeting:
    """Agreed on for an hour ago; the other said that `by` did not come, a moment ago."""
    meeting = agreed()
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=hours(-1))
    other = meeting.order.seller if by == Side.BUYER else meeting.order.buyer
    return report_no_show(person=other, meeting_id=meeting.pk)


def test_one_proposes_and_the_other_agrees():
    order = held()
    meeting = propose(order, order.buyer, at=hours(50))
    assert (meeting.state, meeting.proposed_by) == ("proposed", "buyer")
    assert meeting.location is not None
    refused(errors.NotYourSideOfIt, agree_meeting, person=order.buyer, meeting_id=meeting.pk)
    agree_meeting(person=order.seller, meeting_id=meeting.pk)
    meeting.refresh_from_db()
    assert meeting.state == "agreed"
    assert put(order).dispatch_by == meeting.starts_at + timedelta(days=1)
    assert news()[-2:] == ["orders.meeting_proposed", "orders.meeting_agreed"]
    before = world()
    agree_meeting(person=order.seller, meeting_id=meeting.pk)
    assert world() == before


def test_a_meeting_soon_leaves_the_deadline_where_it_was():
    order = held()
    until = order.dispatch_by
    agree_meeting(person=order.seller, meeting_id=propose(order, order.buyer).pk)
    assert put(order).dispatch_by == until


def test_another_time_takes_the_place_of_the_first():
    order = held()
    first = propose(order, order.buyer)
    second = propose(order, order.seller, place="By the fountain", location=LatLng(25.07, 55.14), note="blue shirt")
    first.refresh_from_db()
    assert (first.state, second.proposed_by, second.place) == ("replaced", "seller", "By the fountain")
    refused(WrongState, agree_meeting, person=order.seller, meeting_id=first.pk)


def test_a_time_must_lie_ahead_and_not_too_far():
    order = held()
    refused(errors.MeetingTimeOver, propose, order=order, person=order.buyer, at=hours(-1))
    refused(errors.MeetingTooFar, propose, order=order, person=order.buyer, at=hours(24 * 7))
    refused(errors.MeetingNeedsPlace, propose, order=order, person=order.buyer, place="  ")
    MeetingPoint.objects.update(is_active=False)
    refused(MeetingPointNotFound, propose, order=order, person=order.buyer)


def test_only_the_two_meet_and_only_where_nothing_is_sent():
    order = held()
    meeting = propose(order, order.buyer)
    stranger = UserFactory()
    refused(errors.OrderNotFound, propose, order=order, person=stranger)
    for action in (agree_meeting, decline_meeting, report_no_show, contest_no_show):
        refused(errors.MeetingNotFound, action, person=stranger, meeting_id=meeting.pk)
    by_post = held(ship=True)
    refused(errors.SentByCarrier, propose, order=by_post, person=by_post.buyer)
    disputed = held(dispute_state=DisputeAxis.CHARGEBACK)
    refused(errors.InDispute, propose, order=disputed, person=disputed.buyer)


@pytest.mark.parametrize("who", ["buyer", "seller"])
def test_either_calls_it_off_before_its_time(who):
    meeting = agreed()
    decline_meeting(person=getattr(meeting.order, who), meeting_id=meeting.pk)
    meeting.refresh_from_db()
    assert meeting.state == "called_off"
    assert news()[-1] == "orders.meeting_called_off"


def test_nobody_is_late_before_half_an_hour():
    meeting = agreed()
    refused(errors.MeetingNotOver, report_no_show, person=meeting.order.buyer, meeting_id=meeting.pk)
    Meeting.objects.update(starts_at=hours(-0.4))
    refused(errors.MeetingNotOver, report_no_show, person=meeting.order.buyer, meeting_id=meeting.pk)
    refused(errors.MeetingNotOver, decline_meeting, person=meeting.order.buyer, meeting_id=meeting.pk)


def test_what_was_never_agreed_on_is_missed_by_nobody():
    order = held()
    meeting = propose(order, order.buyer)
    Meeting.objects.update(starts_at=hours(-1))
    refused(WrongState, report_no_show, person=order.buyer, meeting_id=meeting.pk)


def test_a_seller_who_did_not_come_and_says_nothing_loses_the_sale():
    meeting = missed(Side.SELLER)
    order = meeting.order
    assert (meeting.state, meeting.missed_by, meeting.reported_by) == ("missed", "seller", "buyer")
    assert axes(order) == ("confirmed", "held", "missed", "none")
    assert settle_no_shows() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1), tick=False):
        assert settle_no_shows() == 1
        assert settle_no_shows() == 0
    assert axes(order) == ("cancelled", "refunded", "called_off", "none")
    assert order.cancelled_because == "no_show"


@pytest.mark.parametrize("say", [contest_no_show, report_no_show])
def test_a_seller_who_says_otherwise_keeps_it_open(say):
    meeting = missed(Side.SELLER)
    say(person=meeting.order.seller, meeting_id=meeting.pk)
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        assert settle_no_shows() == 0
    assert axes(meeting.order)[0] == "confirmed"
    assert timeline(meeting.order)[-1] == "no_show_contested"


def test_who_reported_has_nothing_to_contest():
    meeting = missed(Side.SELLER)
    refused(errors.NotYourSideOfIt, contest_no_show, person=meeting.order.buyer, meeting_id=meeting.pk)


def test_the_seller_whose_buyer_did_not_come_may_call_it_off_a_day_later():
    meeting = missed(Side.BUYER)
    order = meeting.order
    refused(errors.MeetingNotOver, cancel_after_no_show, seller=order.seller, meeting_id=meeting.pk)
    refused(errors.NotYourSideOfIt, cancel_after_no_show, seller=order.buyer, meeting_id=meeting.pk)
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert settle_no_shows() == 0  # nothing happens by itself
        cancel_after_no_show(seller=order.seller, meeting_id=meeting.pk)
    assert axes(order) == ("cancelled", "refunded", "called_off", "none")


def test_a_buyer_who_says_otherwise_is_not_called_off():
    meeting = missed(Side.BUYER)
    contest_no_show(person=meeting.order.buyer, meeting_id=meeting.pk)
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        refused(errors.MeetingNotOver, cancel_after_no_show, seller=meeting.order.seller, meeting_id=meeting.pk)


def test_they_may_meet_again():
    meeting = missed(Side.SELLER)
    order = meeting.order
    again = propose(order, order.seller, at=hours(10))
    with time_machine.travel(timezone.now() + timedelta(hours=5), tick=False):
        agree_meeting(person=order.buyer, meeting_id=again.pk)
    assert axes(order)[2] == "ready"
    with time_machine.travel(timezone.now() + timedelta(hours=30), tick=False):
        assert settle_no_shows() == 0


def test_the_seller_may_say_that_it_is_ready_again():
    meeting = missed(Side.BUYER)
    mark_ready(seller=meeting.order.seller, order_id=meeting.order_id)
    assert axes(meeting.order)[2] == "ready"


def test_both_are_reminded_once():
    meeting = agreed(at=hours(10))
    assert remind_of_meetings() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=8), tick=False):
        assert remind_of_meetings() == 1
        assert remind_of_meetings() == 0
    assert news()[-1] == "orders.meeting_comes_up"
    meeting.refresh_from_db()
    assert meeting.reminded_at is not None


def test_one_open_meeting_at_a_time_says_the_database_too():
    order = held()
    propose(order, order.buyer)
    propose(order, order.buyer, at=hours(6))
    assert Meeting.objects.filter(state=MeetingState.PROPOSED).count() == 1
    assert order.fulfilment_state == FulfilmentAxis.WAITING
