from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.errors import NotAllowed
from core.models import AuditEntry
from core.money import Money
from core.testing import deliver_everything
from media.states import Purpose
from media.tests.factories import ReadyImageFactory
from orders import errors
from orders.actions import (
    accept_decision,
    add_evidence,
    answer_dispute,
    appeal_dispute,
    claim_dispute,
    confirm_received,
    confirm_return,
    decide_appeal,
    decide_dispute,
    escalate_dispute,
    hand_over,
    note_on_dispute,
    open_dispute,
    refund_order,
    reject_return,
    release_dispute,
    release_due,
    run_dispute_clocks,
    send_back,
    take_settlement,
    withdraw_dispute,
)
from orders.models import Dispute, DisputeEvidence
from orders.states import DisputeState
from orders.tests.dealing import axes, delivered, held, hold_of, in_cash, put, sent, timeline, world
from orders.tests.shopping import news
from payments.actions import approve_refund, refuse_refund
from payments.models import Refund
from payments.tests.money import answered, staff_with

pytestmark = pytest.mark.django_db


def aed(minor: int) -> Money:
    return Money(minor, "AED")


def refused(refusal, action, **said):
    before = world()
    with pytest.raises(refusal):
        action(**said)
    assert world() == before


def clerk():
    """One of our staff who decides disputes."""
    person = UserFactory(staff=True)
    person.user_permissions.add(Permission.objects.get(codename="decide_dispute"))
    return person


def opened(order=None, **said) -> Dispute:
    order = order or delivered()
    said = {"reason": "damaged", "text": "The leg is broken.", **said}
    return open_dispute(buyer=order.buyer, order_id=order.pk, **said)


def reviewed(**said) -> Dispute:
    dispute = opened(**said)
    return answer_dispute(seller=dispute.order.seller, dispute_id=dispute.pk, answer="refuses")


def decided(outcome="full", **said) -> Dispute:
    dispute = reviewed()
    return decide_dispute(staff=clerk(), dispute_id=dispute.pk, outcome=outcome, words="We looked at it.", **said)


def later(**span):
    return time_machine.travel(timezone.now() + timedelta(**span), tick=False)


def sum_back(order) -> int:
    return sum(Refund.objects.filter(hold__reference=f"order:{order.pk}").values_list("amount_minor", flat=True))


# --- opening ------------------------------------------------------------------------------------------------------


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
        (in_cash, errors.NothingHeld),
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


# --- our staff ----------------------------------------------------------------------------------------------------


def test_nothing_moves_before_the_time_to_appeal_is_over():
    dispute = decided("full")
    order = dispute.order
    assert (dispute.state, dispute.refund_minor) == ("decided", 250_00)
    assert axes(order) == ("confirmed", "held", "delivered", "open")
    with later(days=6):
        assert run_dispute_clocks() == 0
    with later(days=7, minutes=1):
        assert run_dispute_clocks() == 1
    dispute.refresh_from_db()
    assert (dispute.state, dispute.outcome) == ("closed", "full")
    assert axes(order) == ("cancelled", "refunded", "delivered", "closed")


def test_no_money_back_pays_the_seller_when_it_is_final():
    dispute = decided("none")
    order = dispute.order
    accept_decision(person=order.buyer, dispute_id=dispute.pk)
    assert axes(order) == ("completed", "released", "delivered", "closed")
    assert sum_back(order) == 0


def test_a_part_back_leaves_the_rest_to_the_seller():
    dispute = decided("partial", refund=aed(80_00))
    order = dispute.order
    refused(errors.OnlyTheLoserAppeals, accept_decision, person=order.seller, dispute_id=dispute.pk)
    with later(days=8):
        run_dispute_clocks()
        release_due()
    assert axes(order) == ("completed", "released", "delivered", "closed")
    assert order.refunded_minor == 80_00


@pytest.mark.parametrize("refund", [None, aed(0), aed(250_00), Money(10, "USD")])
def test_a_part_is_a_part(refund):
    dispute = reviewed()
    said = {"staff": clerk(), "dispute_id": dispute.pk, "outcome": "partial", "refund": refund, "words": "x"}
    refused(errors.DisputeAmount, decide_dispute, **said)


def test_only_staff_with_the_permission_decide_and_say_why():
    dispute = reviewed()
    said = {"dispute_id": dispute.pk, "outcome": "full", "words": "Broken."}
    refused(NotAllowed, decide_dispute, staff=UserFactory(staff=True), **said)
    refused(NotAllowed, claim_dispute, staff=UserFactory(staff=True), dispute_id=dispute.pk)
    refused(NotAllowed, note_on_dispute, staff=dispute.order.seller, dispute_id=dispute.pk, text="x")
    refused(errors.EvidenceNeeded, decide_dispute, staff=clerk(), **(said | {"words": " "}))
    early = opened()
    refused(errors.DisputeClosedAlready, decide_dispute, staff=clerk(), **(said | {"dispute_id": early.pk}))


def test_a_decision_is_audited_and_told_both():
    dispute = decided("full", reason="photo 2")
    entry = AuditEntry.objects.get(action="orders.dispute_decided")
    assert (entry.reason, entry.after["outcome"], entry.actor_id) == ("photo 2", "full", dispute.decided_by_id)
    assert news()[-1] == "orders.dispute_decided"


def test_nobody_decides_about_an_order_of_their_own():
    dispute = reviewed()
    for person in (dispute.order.buyer, dispute.order.seller):
        person.user_permissions.add(Permission.objects.get(codename="decide_dispute"))
        said = {"staff": type(person).objects.get(pk=person.pk), "dispute_id": dispute.pk}
        refused(errors.OtherEyesNeeded, decide_dispute, outcome="none", words="x", **said)


def test_one_claims_it_and_others_wait():
    dispute = reviewed()
    first, second = clerk(), clerk()
    claim_dispute(staff=first, dispute_id=dispute.pk)
    refused(errors.ClaimedByAnother, claim_dispute, staff=second, dispute_id=dispute.pk)
    said = {"staff": second, "dispute_id": dispute.pk, "outcome": "none", "words": "x"}
    refused(errors.ClaimedByAnother, decide_dispute, **said)
    release_dispute(staff=first, dispute_id=dispute.pk)
    claim_dispute(staff=second, dispute_id=dispute.pk)
    with later(minutes=31):
        claim_dispute(staff=first, dispute_id=dispute.pk)


def test_a_large_sum_waits_for_a_second_person_and_the_order_with_it(settings):
    settings.PAYMENTS = settings.PAYMENTS | {"approval_from": 100}
    dispute = decided("full")
    order = dispute.order
    accept_decision(person=order.seller, dispute_id=dispute.pk)
    refund = Refund.objects.get()
    assert refund.state == "awaiting_approval"
    assert axes(order) == ("confirmed", "held", "delivered", "closed")
    assert release_due() == 0

    approve_refund(staff=staff_with("approve_refund"), refund_id=refund.pk)
    answered(Refund.objects.get())
    deliver_everything()
    assert axes(order) == ("cancelled", "refunded", "delivered", "closed")
    assert timeline(order).count("refunded") == 1


def test_a_sum_that_the_second_person_refuses_is_decided_again(settings):
    settings.PAYMENTS = settings.PAYMENTS | {"approval_from": 100}
    dispute = decided("full")
    order = dispute.order
    accept_decision(person=order.seller, dispute_id=dispute.pk)

    refuse_refund(staff=staff_with("approve_refund"), refund_id=Refund.objects.get().pk, reason="too much")
    deliver_everything()
    assert axes(order) == ("confirmed", "held", "delivered", "open")
    assert hold_of(order).frozen_because == "dispute"
    dispute.refresh_from_db()
    assert (dispute.state, dispute.outcome, dispute.refund_minor) == ("under_review", "", None)
    assert dispute.decide_by > timezone.now()
    assert release_due() == 0
    decide_dispute(staff=clerk(), dispute_id=dispute.pk, outcome="none", words="It was whole.")
    with later(days=8):
        run_dispute_clocks()
    assert axes(order) == ("completed", "released", "delivered", "closed")


def test_what_staff_asked_for_and_nobody_approved_leaves_the_clocks_as_they_were(settings):
    settings.PAYMENTS = settings.PAYMENTS | {"approval_from": 100}
    order, staff = delivered(), UserFactory(staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="refund_order"))
    refund = refund_order(staff=staff, order_id=order.pk, amount=aed(150_00), reason="goodwill")
    refuse_refund(staff=staff_with("approve_refund"), refund_id=refund.pk, reason="no")
    deliver_everything()
    assert hold_of(order).frozen_at is None
    with later(days=4):
        assert release_due() == 1


# --- appeal -------------------------------------------------------------------------------------------------------


def test_who_lost_appeals_and_another_decides():
    dispute = decided("full")
    order, first = dispute.order, dispute.decided_by
    refused(errors.OnlyTheLoserAppeals, appeal_dispute, person=order.buyer, dispute_id=dispute.pk, text="x")
    appeal_dispute(person=order.seller, dispute_id=dispute.pk, text="It was whole.")
    dispute.refresh_from_db()
    assert (dispute.state, dispute.appealed_by, dispute.first_outcome) == ("appealed", "seller", "full")
    refused(errors.OtherEyesNeeded, decide_appeal, staff=first, dispute_id=dispute.pk, outcome="none", words="x")
    decide_appeal(staff=clerk(), dispute_id=dispute.pk, outcome="none", words="The photos are of another chair.")
    dispute.refresh_from_db()
    assert (dispute.state, dispute.outcome) == ("closed", "none")
    assert dispute.first_decided_by == first
    assert dispute.decided_by != first
    assert axes(order) == ("completed", "released", "delivered", "closed")


def test_the_database_holds_the_two_apart_too():
    dispute = decided("full")
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispute.objects.filter(pk=dispute.pk).update(first_decided_by=dispute.decided_by)


def test_an_appeal_has_a_week_and_needs_words():
    dispute = decided("none")
    refused(errors.EvidenceNeeded, appeal_dispute, person=dispute.order.buyer, dispute_id=dispute.pk, text="")
    with later(days=8):
        refused(errors.AppealIsOver, appeal_dispute, person=dispute.order.buyer, dispute_id=dispute.pk, text="x")


def test_either_appeals_a_part_and_nobody_twice():
    dispute = decided("partial", refund=aed(10_00))
    appeal_dispute(person=dispute.order.buyer, dispute_id=dispute.pk, text="All of it is broken.")
    refused(errors.DisputeClosedAlready, appeal_dispute, person=dispute.order.seller, dispute_id=dispute.pk, text="x")


# --- back to the seller -------------------------------------------------------------------------------------------


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
