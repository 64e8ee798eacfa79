from datetime import timedelta

import pytest

from accounts.tests.factories import UserFactory
from media.states import Purpose
from media.tests.factories import ReadyImageFactory
from orders import errors
from orders.actions import (
    add_evidence,
    answer_dispute,
    confirm_received,
    escalate_dispute,
    hand_over,
    open_dispute,
    release_due,
    run_dispute_clocks,
    send_back,
    take_settlement,
    withdraw_dispute,
)
from orders.models import DisputeEvidence
from orders.tests.dealing import axes, delivered, held, hold_of, in_cash, put, refused, timeline
from orders.tests.disputing import later, opened, reviewed, sum_back
from orders.tests.shopping import news
from payments.models import Refund
from payments.tests.money import aed

pytestmark = pytest.mark.django_db


def test_what_is_held_is_frozen_from_the_first_word():
    order = delivered()
    picture = ReadyImageFactory(owner=order.buyer, purpose=Purpose.EVIDENCE)
    dispute = opened(order, wanted=aed(100_00), picture_ids=[picture.pk])
    assert (dispute.state, dispute.wanted_minor) == ("open", 100_00)
    assert dispute.answer_by - dispute.created_at == timedelta(days=3)
    assert axes(order) == ("confirmed", "held", "delivered", "open")
    assert hold_of(order).frozen_because == "dispute"
    assert DisputeEvidence.objects.get().picture == picture
    with later(days=10):
        assert release_due() == 0
    assert news()[-1] == "orders.dispute_opened"


def test_all_that_is_left_is_wanted_where_nothing_is_said():
    assert opened().wanted_minor == 250_00


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (held, errors.CancelInstead),
        (in_cash, errors.CancelInstead),
        (
            lambda: put(in_cash(), pay_by="nothing", total_minor=0, items_minor=0, payout_minor=0, commission_minor=0),
            errors.NothingHeld,
        ),
        (lambda: delivered(dispute_state="chargeback"), errors.InDispute),
    ],
)
def test_there_are_orders_without_disputes(make, refusal):
    order = make()
    refused(refusal, opened, order=order)


def test_only_the_buyer_reports_a_problem():
    order = delivered()
    said = {"reason": "damaged", "text": "x"}
    refused(errors.NotYourSideOfIt, open_dispute, buyer=order.seller, order_id=order.pk, **said)
    refused(errors.OrderNotFound, open_dispute, buyer=UserFactory(), order_id=order.pk, **said)


@pytest.mark.parametrize("minor", [0, -5, 250_01])
def test_nobody_wants_more_than_was_paid(minor):
    refused(errors.DisputeAmount, opened, order=delivered(), wanted=aed(minor))


def test_words_are_needed_and_pictures_counted():
    order = delivered()
    refused(errors.EvidenceNeeded, opened, order=order, text="  ")
    pictures = [ReadyImageFactory(owner=order.buyer, purpose=Purpose.EVIDENCE).pk for _n in range(7)]
    refused(errors.TooManyPictures, opened, order=order, picture_ids=pictures)


def test_one_at_a_time():
    order = delivered()
    opened(order)
    refused(errors.InDispute, opened, order=order)


def test_after_the_release_there_is_a_month():
    order = delivered()
    confirm_received(buyer=order.buyer, order_id=order.pk)
    with later(days=31):
        refused(errors.TooLateToDispute, opened, order=order)
    dispute = opened(order)
    assert axes(order) == ("completed", "released", "delivered", "open")
    answer_dispute(seller=order.seller, dispute_id=dispute.pk, answer="accepts")
    assert axes(order) == ("completed", "refunded", "delivered", "closed")


def test_nothing_else_moves_meanwhile():
    order = delivered()
    opened(order)
    refused(errors.InDispute, confirm_received, buyer=order.buyer, order_id=order.pk)
    refused(errors.InDispute, hand_over, seller=order.seller, order_id=order.pk, code="123456")


# --- between the two ----------------------------------------------------------------------------------------------


def test_the_seller_agrees_and_the_money_goes_back_at_once():
    dispute = opened()
    order = dispute.order
    answer_dispute(seller=order.seller, dispute_id=dispute.pk, answer="accepts", text="Sorry!")
    dispute.refresh_from_db()
    assert (dispute.state, dispute.outcome) == ("closed", "settled")
    assert axes(order) == ("cancelled", "refunded", "delivered", "closed")
    assert sum_back(order) == 250_00
    assert Refund.objects.get().state == "requested"  # the two agree: nobody else has to


def test_a_part_is_given_back_and_the_rest_released_by_the_clock():
    dispute = opened(wanted=aed(100_00))
    order = dispute.order
    answer_dispute(seller=order.seller, dispute_id=dispute.pk, answer="accepts")
    assert axes(order) == ("confirmed", "held", "delivered", "closed")
    assert (order.refunded_minor, sum_back(order)) == (100_00, 100_00)
    assert release_due() == 1
    assert axes(order) == ("completed", "released", "delivered", "closed")


def test_an_offer_waits_for_the_buyer_who_takes_it():
    dispute = opened()
    order = dispute.order
    answer_dispute(seller=order.seller, dispute_id=dispute.pk, answer="offers", offered=aed(50_00))
    refused(errors.NotYourSideOfIt, take_settlement, buyer=order.seller, dispute_id=dispute.pk)
    take_settlement(buyer=order.buyer, dispute_id=dispute.pk)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.outcome, dispute.refund_minor) == ("closed", "settled", 50_00)
    assert sum_back(order) == 50_00


def test_an_offer_that_nobody_takes_comes_before_our_staff():
    dispute = opened()
    answer_dispute(seller=dispute.order.seller, dispute_id=dispute.pk, answer="offers", offered=aed(50_00))
    with later(days=3, minutes=1):
        assert run_dispute_clocks() == 1
    dispute.refresh_from_db()
    assert dispute.state == "under_review"


@pytest.mark.parametrize("offered", [None, aed(0), aed(250_01)])
def test_an_offer_is_an_amount(offered):
    dispute = opened()
    said = {"seller": dispute.order.seller, "dispute_id": dispute.pk, "answer": "offers", "offered": offered}
    refused(errors.DisputeAmount, answer_dispute, **said)


def test_there_is_nothing_to_take_where_nothing_was_offered():
    dispute = opened()
    refused(errors.NothingOffered, take_settlement, buyer=dispute.order.buyer, dispute_id=dispute.pk)


def test_a_refusal_comes_before_our_staff():
    dispute = reviewed()
    assert (dispute.state, dispute.seller_answer) == ("under_review", "refuses")
    assert dispute.decide_by is not None
    assert news()[-1] == "orders.dispute_escalated"
    refused(
        errors.DisputeClosedAlready,
        answer_dispute,
        seller=dispute.order.seller,
        dispute_id=dispute.pk,
        answer="accepts",
    )


def test_silence_comes_before_our_staff_after_three_days():
    dispute = opened()
    refused(errors.NotToBeEscalated, escalate_dispute, person=dispute.order.buyer, dispute_id=dispute.pk)
    with later(days=2):
        assert run_dispute_clocks() == 0
    with later(days=3, minutes=1):
        assert run_dispute_clocks() == 1
        assert run_dispute_clocks() == 0
    assert timeline(dispute.order)[-1] == "dispute_escalated"


def test_a_withdrawal_gives_the_time_back_that_was_left():
    order = delivered()
    until = order.inspection_ends_at
    dispute = opened(order)
    with later(days=2):
        withdraw_dispute(buyer=order.buyer, dispute_id=dispute.pk)
        order = put(order)
        assert abs(order.inspection_ends_at - until - timedelta(days=2)) < timedelta(minutes=1)
        assert axes(order) == ("confirmed", "held", "delivered", "closed")
        assert hold_of(order).frozen_at is None
        assert opened(order).state == "open"  # nobody has decided anything


def test_what_was_sent_back_cannot_be_taken_back():
    dispute = opened()
    order = dispute.order
    answer_dispute(seller=order.seller, dispute_id=dispute.pk, answer="accepts", needs_return=True)
    send_back(buyer=order.buyer, dispute_id=dispute.pk, carrier="Aramex", tracking_number="A1")
    assert axes(order)[2] == "returning"
    refused(errors.ReturnUnderWay, withdraw_dispute, buyer=order.buyer, dispute_id=dispute.pk)


def test_both_show_evidence_and_strangers_do_not():
    dispute = opened()
    order = dispute.order
    picture = ReadyImageFactory(owner=order.seller, purpose=Purpose.EVIDENCE)
    add_evidence(person=order.seller, dispute_id=dispute.pk, text="It was whole.", picture_ids=[picture.pk])
    add_evidence(person=order.buyer, dispute_id=dispute.pk, text="It was not.")
    assert list(DisputeEvidence.objects.values_list("side", flat=True)) == ["seller", "seller", "buyer"]
    refused(errors.EvidenceNeeded, add_evidence, person=order.buyer, dispute_id=dispute.pk)
    refused(errors.DisputeNotFound, add_evidence, person=UserFactory(), dispute_id=dispute.pk, text="x")
