import uuid
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.errors import WrongState
from media.errors import WrongPurpose
from media.states import Purpose
from media.tests.factories import ReadyImageFactory
from orders import errors
from orders.actions import (
    accept_order,
    attach_label,
    cancel_order,
    confirm_received,
    dispatch_order,
    mark_ready,
    note_tracking,
)
from orders.carriers import TrackingEvent
from orders.models import Order, Shipment
from orders.states import DisputeAxis, FulfilmentAxis
from orders.tests.dealing import axes, delivered, held, hold_of, in_cash, put, refused, sent, timeline, world
from orders.tests.factories import OrderFactory
from orders.tests.shopping import news

pytestmark = pytest.mark.django_db
EIGHT = datetime(2026, 11, 2, 8, tzinfo=UTC)


def seen(hour: int, state: str, **more: str) -> TrackingEvent:
    return TrackingEvent(id=f"{hour}:{state}", at=EIGHT + timedelta(hours=hour), state=state, **more)


def parcel(**at) -> Shipment:
    order = sent(**at)
    return Shipment.objects.create(order=order, carrier="Fast", adapter="http", carrier_reference=uuid.uuid4().hex)


def test_the_seller_takes_it_on_and_has_it_ready():
    order = held()
    accept_order(seller=order.seller, order_id=order.pk)
    assert axes(order)[2] == "preparing"
    before = world()
    accept_order(seller=order.seller, order_id=order.pk)
    assert world() == before
    mark_ready(seller=order.seller, order_id=order.pk)
    assert axes(order)[2] == "ready"
    assert news()[-2:] == ["orders.order_prepared"] * 2


@pytest.mark.parametrize("action", [accept_order, mark_ready])
def test_only_the_seller_of_a_confirmed_order_prepares_it(action):
    order = held()
    refused(errors.NotYourSideOfIt, action, seller=order.buyer, order_id=order.pk)
    refused(errors.OrderNotFound, action, seller=UserFactory(), order_id=order.pk)
    done = sent()
    refused(WrongState, action, seller=done.seller, order_id=done.pk)
    disputed = held(dispute_state=DisputeAxis.CHARGEBACK)
    refused(errors.InDispute, action, seller=disputed.seller, order_id=disputed.pk)


def test_by_hand_it_is_on_its_way_at_once():
    order = held(ship=True)
    shipment = dispatch_order(
        seller=order.seller, order_id=order.pk, carrier="Emirates Post", tracking_number=" EE123 "
    )
    assert axes(order) == ("confirmed", "held", "dispatched", "none")
    assert (shipment.state, shipment.carrier, shipment.tracking_number) == ("in_transit", "Emirates Post", "EE123")
    assert order.arrive_by - order.dispatched_at == timedelta(days=21)
    assert news()[-1] == "orders.order_dispatched"


def test_own_courier_needs_no_number_and_others_do():
    order = held(ship=True)
    refused(errors.TrackingNumberNeeded, dispatch_order, seller=order.seller, order_id=order.pk, carrier="Aramex")
    dispatch_order(seller=order.seller, order_id=order.pk, carrier="Own courier")
    assert axes(order)[2] == "dispatched"


def test_what_is_met_for_is_not_sent():
    order = held()
    refused(
        errors.MetInPerson, dispatch_order, seller=order.seller, order_id=order.pk, carrier="x", tracking_number="1"
    )


def test_a_carrier_that_is_not_set_up_is_refused():
    order = held(ship=True)
    refused(errors.NoCarrier, dispatch_order, seller=order.seller, order_id=order.pk, adapter="http")
    refused(errors.NoCarrier, dispatch_order, seller=order.seller, order_id=order.pk, adapter="pigeon")


def test_sent_twice_is_told():
    order = sent()
    said = {"carrier": "x", "tracking_number": "1"}
    refused(WrongState, dispatch_order, seller=order.seller, order_id=order.pk, **said)


def test_a_label_is_kept_with_its_parcel_and_may_be_replaced():
    order = held(ship=True)
    first, second = (ReadyImageFactory(owner=order.seller, purpose=Purpose.LABEL) for _n in range(2))
    said = {"carrier": "x", "tracking_number": "1"}
    shipment = dispatch_order(seller=order.seller, order_id=order.pk, label_id=first.pk, **said)
    assert shipment.label == first
    attach_label(seller=order.seller, order_id=order.pk, label_id=second.pk)
    for asset in (first, second):
        asset.refresh_from_db()
    assert (first.attached_at, second.attached_at is not None) == (None, True)


def test_a_label_is_a_label():
    order = held(ship=True)
    picture = ReadyImageFactory(owner=order.seller, purpose=Purpose.MESSAGE)
    said = {"carrier": "x", "tracking_number": "1", "label_id": picture.pk}
    refused(WrongPurpose, dispatch_order, seller=order.seller, order_id=order.pk, **said)


STORY = (
    seen(1, "in_transit", place="Dubai", note="Collected"),
    seen(5, "out_for_delivery"),
    seen(6, "failed", note="Nobody home"),
    seen(9, "delivered", note="Left with the guard"),
)


@pytest.mark.parametrize("order_of_news", list(permutations(STORY)))
def test_whatever_order_a_carrier_tells_it_in_the_end_is_the_same(order_of_news):
    shipment = parcel(fulfilment_state=FulfilmentAxis.READY)
    for event in order_of_news:
        shipment = note_tracking(shipment_id=shipment.pk, events=[event])
        note_tracking(shipment_id=shipment.pk, events=[event, *order_of_news[:1]])  # told again
    assert shipment.state == "delivered"
    assert shipment.delivered_at == EIGHT + timedelta(hours=9)
    assert [line["state"] for line in shipment.history] == ["in_transit", "out_for_delivery", "failed", "delivered"]
    order = shipment.order
    assert axes(order) == ("confirmed", "held", "delivered", "none")
    assert news().count("orders.order_delivered") == 1
    assert news().count("orders.order_dispatched") == 1


def test_delivered_starts_the_time_to_look_at_it_by_our_clock():
    shipment = parcel()
    note_tracking(shipment_id=shipment.pk, events=[STORY[-1]])
    order = put(shipment.order)
    assert order.inspection_ends_at - order.delivered_at == timedelta(hours=order.inspection_hours)
    assert abs(order.delivered_at - timezone.now()) < timedelta(minutes=1)


def test_an_older_word_does_not_move_it_back():
    shipment = parcel()
    note_tracking(shipment_id=shipment.pk, events=[STORY[1]])
    assert note_tracking(shipment_id=shipment.pk, events=[STORY[0]]).state == "out_for_delivery"


def test_what_a_carrier_could_not_deliver_did_not_arrive_and_may_arrive_yet():
    shipment = parcel()
    note_tracking(shipment_id=shipment.pk, events=[STORY[2]])
    assert axes(shipment.order)[2] == "missed"
    assert news()[-1] == "orders.order_missed"
    note_tracking(shipment_id=shipment.pk, events=[STORY[3]])
    assert axes(shipment.order)[2] == "delivered"


def test_the_buyer_who_has_it_ends_the_wait():
    order = delivered()
    confirm_received(buyer=order.buyer, order_id=order.pk)
    assert axes(order) == ("completed", "released", "delivered", "none")
    assert hold_of(order).state == "released"
    before = world()
    confirm_received(buyer=order.buyer, order_id=order.pk)
    assert world() == before


def test_the_buyer_may_have_it_before_the_carrier_says_so():
    order = sent()
    confirm_received(buyer=order.buyer, order_id=order.pk)
    assert axes(order) == ("completed", "released", "delivered", "none")


def test_two_who_met_without_the_code_are_believed_by_the_buyers_word():
    order = held()
    confirm_received(buyer=order.buyer, order_id=order.pk)
    assert axes(order) == ("completed", "released", "handed_over", "none")


@pytest.mark.parametrize("make", [in_cash, lambda: OrderFactory(trade=True)])
def test_what_was_not_paid_through_us_is_not_complete_by_the_buyers_word_alone(make):
    order = make()
    refused(errors.HandoverCodeNeeded, confirm_received, buyer=order.buyer, order_id=order.pk)


def test_nobody_has_what_was_not_sent():
    order = held(ship=True)
    refused(errors.NotOnItsWay, confirm_received, buyer=order.buyer, order_id=order.pk)
    refused(errors.NotYourSideOfIt, confirm_received, buyer=order.seller, order_id=order.pk)


def test_the_seller_declines_before_it_is_sent_and_the_money_goes_back():
    order = held(ship=True, fulfilment_state=FulfilmentAxis.PREPARING)
    cancel_order(person=order.seller, order_id=order.pk, reason="It broke")
    assert axes(order) == ("cancelled", "refunded", "called_off", "none")
    assert Order.objects.get().cancelled_because == "seller"
    assert "refunded" in timeline(order)
