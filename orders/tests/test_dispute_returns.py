import pytest

from orders import errors
from orders.actions import (
    accept_decision,
    answer_dispute,
    appeal_dispute,
    confirm_return,
    decide_dispute,
    reject_return,
    release_due,
    run_dispute_clocks,
    send_back,
)
from orders.states import DisputeState
from orders.tests.dealing import axes, put, refused, sent
from orders.tests.disputing import clerk, decided, later, opened
from payments.models import Refund
from payments.tests.money import aed

pytestmark = pytest.mark.django_db


def test_money_follows_the_thing_back():
    dispute = decided("full", needs_return=True)
    order = dispute.order
    assert dispute.state == "awaiting_return"
    refused(errors.TrackingNumberNeeded, send_back, buyer=order.buyer, dispute_id=dispute.pk, carrier="Aramex")
    shipment = send_back(buyer=order.buyer, dispute_id=dispute.pk, carrier="Aramex", tracking_number="R1")
    assert shipment.is_return
    assert axes(order) == ("confirmed", "held", "returning", "open")
    refused(errors.NotYourSideOfIt, confirm_return, seller=order.buyer, dispute_id=dispute.pk)
    confirm_return(seller=order.seller, dispute_id=dispute.pk)
    assert axes(order) == ("cancelled", "refunded", "returned", "closed")
    shipment.refresh_from_db()
    assert shipment.state == "delivered"


def test_a_seller_who_says_nothing_has_it_back_by_the_clock():
    dispute = decided("full", needs_return=True)
    send_back(buyer=dispute.order.buyer, dispute_id=dispute.pk, carrier="Aramex", tracking_number="R1")
    with later(days=7, minutes=1):
        assert run_dispute_clocks() == 1
    assert axes(dispute.order) == ("cancelled", "refunded", "returned", "closed")


def test_a_buyer_who_sends_nothing_back_keeps_it_and_pays():
    dispute = decided("full", needs_return=True)
    with later(days=7, minutes=1):
        assert run_dispute_clocks() == 1
    dispute.refresh_from_db()
    assert (dispute.outcome, dispute.refund_minor) == ("none", 0)
    assert axes(dispute.order) == ("completed", "released", "delivered", "closed")


def test_what_came_back_wrong_comes_before_our_staff_again():
    dispute = decided("full", needs_return=True)
    order = dispute.order
    refused(errors.NothingComesBack, reject_return, seller=order.seller, dispute_id=dispute.pk, text="A brick")
    send_back(buyer=order.buyer, dispute_id=dispute.pk, carrier="Aramex", tracking_number="R1")
    reject_return(seller=order.seller, dispute_id=dispute.pk, text="A brick")
    dispute.refresh_from_db()
    assert (dispute.state, dispute.outcome) == ("under_review", "")
    decide_dispute(staff=clerk(), dispute_id=dispute.pk, outcome="none", words="It is a brick.")
    with later(days=8):
        run_dispute_clocks()
    assert axes(order)[1] == "released"


def test_the_seller_may_appeal_before_anything_is_sent_back():
    dispute = decided("full", needs_return=True)
    appeal_dispute(person=dispute.order.seller, dispute_id=dispute.pk, text="It was whole.")
    dispute.refresh_from_db()
    assert dispute.state == DisputeState.APPEALED


def test_two_who_agree_may_want_it_back_first():
    dispute = opened()
    order = dispute.order
    answer_dispute(seller=order.seller, dispute_id=dispute.pk, answer="accepts", needs_return=True)
    assert Refund.objects.count() == 0
    send_back(buyer=order.buyer, dispute_id=dispute.pk, carrier="Aramex", tracking_number="R1")
    confirm_return(seller=order.seller, dispute_id=dispute.pk)
    assert axes(order) == ("cancelled", "refunded", "returned", "closed")
    assert Refund.objects.get().requested_by is None


def test_what_never_came_and_is_not_given_back_is_the_sellers():
    order = sent()
    dispute = opened(order, reason="not_received")
    answer_dispute(seller=order.seller, dispute_id=dispute.pk, answer="refuses", text="Signed for.")
    decide_dispute(staff=clerk(), dispute_id=dispute.pk, outcome="none", words="The carrier has a signature.")
    accept_decision(person=order.buyer, dispute_id=dispute.pk)
    assert axes(order) == ("completed", "released", "dispatched", "closed")


def test_a_decided_dispute_is_the_last_one():
    dispute = decided("partial", refund=aed(10_00))
    with later(days=8):
        run_dispute_clocks()
        release_due()
        refused(errors.DisputedBefore, opened, order=put(dispute.order))
