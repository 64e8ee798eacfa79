import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.errors import NotAllowed
from core.models import AuditEntry
from core.money import Money
from core.testing import deliver_everything
from orders import errors
from orders.actions import (
    accept_decision,
    appeal_dispute,
    claim_dispute,
    decide_appeal,
    decide_dispute,
    note_on_dispute,
    refund_order,
    release_dispute,
    release_due,
    run_dispute_clocks,
)
from orders.models import Dispute
from orders.tests.dealing import axes, delivered, hold_of, refused, timeline
from orders.tests.disputing import clerk, decided, later, opened, reviewed, sum_back
from orders.tests.shopping import news
from payments.actions import approve_refund, refuse_refund
from payments.models import Refund
from payments.tests.money import aed, answered, staff_with

pytestmark = pytest.mark.django_db


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
