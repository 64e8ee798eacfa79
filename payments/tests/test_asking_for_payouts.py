import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.errors import Suspended
from accounts.tests.factories import UserFactory
from core.errors import NotAllowed, WrongState
from core.models import AuditEntry
from payments.actions import (
    approve_payout,
    change_payout_settings,
    freeze_payouts,
    order_manual_payout,
    refuse_payout,
    request_payout,
    run_due_payouts,
    thaw_payouts,
)
from payments.errors import (
    InstantNotOffered,
    NotEnoughToPayOut,
    NotReadyForPayouts,
    PayoutOpen,
    PayoutsFrozen,
    PayoutTooSmall,
    SecondPersonNeeded,
)
from payments.models import Payout
from payments.rules import payout_fee, smallest_payout
from payments.selectors import balance_of
from payments.states import PayoutState, Schedule
from payments.tests.money import SHARE, aed, earned, free, seller_ready, staff_with, transferred

pytestmark = pytest.mark.django_db


def test_asking_pays_all_that_is_free():
    seller = seller_ready(takes_instant=True)
    earned(seller)
    payout = request_payout(seller=seller)
    assert (payout.amount_minor, payout.fee_minor, payout.net.minor) == (SHARE, 5_08, 249_07)
    with pytest.raises(PayoutOpen):
        request_payout(seller=seller)
    assert Payout.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "amount", "refusal"),
    [
        ({"takes_instant": False}, 299_00, InstantNotOffered),
        ({"payouts_enabled": False}, 299_00, NotReadyForPayouts),
        ({"frozen_at": timezone.now()}, 299_00, PayoutsFrozen),
        ({}, 0, NotEnoughToPayOut),
        ({}, 51_00, PayoutTooSmall),
    ],
)
def test_refuses_what_cannot_be_paid_at_once(facts, amount, refusal):
    seller = seller_ready(**({"takes_instant": True} | facts))
    if amount:
        earned(seller, amount, commission=0)
    with pytest.raises(refusal):
        request_payout(seller=seller)
    assert not Payout.objects.exists()
    assert free(seller) == amount


def test_a_suspended_seller_asks_in_vain():
    seller = seller_ready(takes_instant=True)
    earned(seller)
    seller.suspended_at = timezone.now()
    seller.save()
    with pytest.raises(Suspended):
        request_payout(seller=seller)
    assert not Payout.objects.exists()


def test_the_fee_of_an_instant_payout_is_rounded_half_up():
    assert [payout_fee(aed(n), "instant").minor for n in (24, 25, 74, 75, 100_00)] == [0, 1, 1, 2, 2_00]
    assert payout_fee(aed(100_00), "standard") == aed(0)


# By the team


def test_the_team_pays_some_of_it_and_much_needs_two():
    seller = seller_ready()
    earned(seller, 1000_00, commission=150_00)
    one, two = staff_with("add_payout", "approve_payout"), staff_with("approve_payout")
    with pytest.raises(NotAllowed):
        order_manual_payout(staff=staff_with(), seller=seller, amount=aed(10_00), note="")
    small = order_manual_payout(staff=one, seller=seller, amount=aed(10_00), note="Rent")
    assert (small.state, free(seller)) == (PayoutState.PENDING, 840_00)
    transferred(small)
    with pytest.raises(NotEnoughToPayOut):
        order_manual_payout(staff=one, seller=seller, amount=aed(840_01), note="")
    large = order_manual_payout(staff=one, seller=seller, amount=aed(500_00), note="Rent")
    assert (large.state, free(seller)) == (PayoutState.AWAITING_APPROVAL, 840_00)
    with pytest.raises(SecondPersonNeeded):
        approve_payout(staff=one, payout_id=large.pk)
    with pytest.raises(NotAllowed):
        approve_payout(staff=staff_with(), payout_id=large.pk)
    large.refresh_from_db()
    assert large.state == PayoutState.AWAITING_APPROVAL
    assert run_due_payouts(at=timezone.now()).ordered == 0  # one at a time
    approve_payout(staff=two, payout_id=large.pk)
    assert free(seller) == 340_00
    with pytest.raises(WrongState):
        refuse_payout(staff=two, payout_id=large.pk, reason="no")
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "payments.payout_ordered",
        "payments.payout_approved",
    }


def test_a_second_person_may_refuse_a_payout():
    seller = seller_ready()
    earned(seller, 1000_00, commission=150_00)
    payout = order_manual_payout(staff=staff_with("add_payout"), seller=seller, amount=aed(500_00), note="")
    refuse_payout(staff=staff_with("approve_payout"), payout_id=payout.pk, reason="Not agreed")
    payout.refresh_from_db()
    assert (payout.state, free(seller)) == (PayoutState.REFUSED, 850_00)


def test_the_database_wants_two_people_for_payouts_too():
    seller = seller_ready()
    earned(seller, 1000_00, commission=150_00)
    payout = order_manual_payout(staff=staff_with("add_payout"), seller=seller, amount=aed(500_00), note="")
    for change, name in (
        ("state = 'pending', approved_by_id = requested_by_id", "payments_payout_four_eyes"),
        ("state = 'pending'", "payments_payout_approved"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE payments_payout SET {change} WHERE id = %s", [payout.pk])  # noqa: S608


def test_frozen_payouts_wait_until_they_are_thawed():
    seller = seller_ready()
    earned(seller)
    with pytest.raises(NotAllowed):
        freeze_payouts(staff=staff_with(), seller=seller, reason="?")
    person = staff_with("freeze_payouts")
    for _again in range(2):
        freeze_payouts(staff=person, seller=seller, reason="Two cards of one name")
    assert run_due_payouts(at=timezone.now()).ordered == 0
    assert balance_of(seller, "AED").next_payout_on is None
    thaw_payouts(staff=person, seller=seller, reason="Explained")
    assert run_due_payouts(at=timezone.now()).ordered == 1
    assert list(AuditEntry.objects.values_list("action", flat=True).order_by("id")) == [
        "payments.payouts_frozen", "payments.payouts_thawed",
    ]  # fmt: skip


def test_a_minimum_from_before_there_was_a_highest_one_counts_as_that():
    seller = seller_ready(minimum_minor=99_999_999_00)
    earned(seller, amount=10_000_00, commission=0)
    assert smallest_payout(seller.seller_account, "AED") == aed(10_000_00)
    assert run_due_payouts(at=timezone.now()).ordered == 1


def test_settings_stay_where_nothing_is_said():
    seller = UserFactory()
    change_payout_settings(seller=seller, schedule=Schedule.MONTHLY, minimum=aed(100_00), tax_number="100123456700003")
    account = change_payout_settings(seller=seller, legal_name="Layla Trading")
    assert (account.schedule, account.minimum_minor, account.tax_number, account.legal_name) == (
        "monthly", 100_00, "100123456700003", "Layla Trading",
    )  # fmt: skip
