from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from core.errors import NotAllowed, WrongState
from core.models import AuditEntry, OutboxEvent
from payments.actions import (
    approve_refund,
    note_command_refused,
    note_refund,
    refund_hold,
    refuse_refund,
    release_hold,
    retry_refund,
)
from payments.errors import (
    AmountMustBePositive,
    NotCaptured,
    RefundNotFound,
    RefundTooLarge,
    RefundTooLate,
    SecondPersonNeeded,
)
from payments.models import PaymentHold, ProviderCommand, Refund, SellerAccount
from payments.ports import RefundView
from payments.rules import largest_remainder, refund_parts, returned_at, share_left
from payments.selectors import hold_for
from payments.states import CommandKind, HoldState, RefundState
from payments.tests.money import aed, answered, asked, balances, captured, lines_of, part, staff_with

pytestmark = pytest.mark.django_db
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a machine may be busy
ORDER = "order:a"


@pytest.fixture
def seller():
    person = UserFactory()
    SellerAccount.objects.create(user=person, reserve_percent=0)
    return person


def told(name):
    return OutboxEvent.objects.filter(name=f"payments.{name}").count()


def refunded(amount, *, by=None, staff=False):
    return refund_hold(reference=ORDER, amount=aed(amount), reason="gone", requested_by=by, by_staff=staff)


def released():
    return release_hold(reference=ORDER, at=timezone.now())


def test_before_the_release_it_comes_from_the_hold(seller):
    captured(part(seller, reference=ORDER))
    refund = refunded(100_00, by=seller)
    assert (refund.state, refund.commission_minor, refund.after_release) == (RefundState.REQUESTED, 15_00, False)
    assert balances() == {"clearing": 299_00, "hold": -199_00, "refund": -100_00}
    command = ProviderCommand.objects.get(kind=CommandKind.REFUND)
    assert (command.idempotency_key, command.params["amount"]) == (f"re:{refund.pk}", 100_00)
    for _again in range(2):
        answered(refund, "pending")
    assert balances() == {"clearing": 199_00, "hold": -199_00}
    assert answered(refund).state == RefundState.SUCCEEDED
    released()
    assert balances() == {"clearing": 199_00, "seller": -169_15, "revenue:commission": -29_85}


def test_after_the_release_it_comes_from_the_seller_and_from_us(seller):
    captured(part(seller, amount=250_00, subsidy=49_00, commission=44_85, reference=ORDER))
    released()
    refund = refunded(125_00)
    assert (refund.after_release, refund.subsidy_minor, refund.commission_minor) == (True, 24_50, 22_43)
    assert lines_of("refund_ordered", f"{refund.pk}:1") == {
        f"seller:{seller.pk}:AED": 127_07,
        "revenue:commission:AED": 22_43,
        "expense:vouchers:AED": -24_50,
        f"refund:{refund.pk}:AED": -125_00,
    }
    answered(refund)
    answered(refunded(125_00))
    assert balances() == {}
    assert hold_for(ORDER).state == HoldState.REFUNDED


def test_all_of_it_leaves_nothing_held(seller):
    captured(part(seller, reference=ORDER))
    answered(refunded(299_00))
    hold = hold_for(ORDER)
    assert (hold.state, hold.commission_returned_minor, hold.left_minor, share_left(hold)) == (
        HoldState.REFUNDED, 44_85, 0, 0,
    )  # fmt: skip
    assert balances() == {}


@pytest.mark.parametrize(
    ("amount", "refusal"), [(299_01, RefundTooLarge), (0, AmountMustBePositive), (-1, AmountMustBePositive)]
)
def test_refuses_more_than_there_is_and_less_than_something(seller, amount, refusal):
    captured(part(seller, reference=ORDER))
    with pytest.raises(refusal):
        refunded(amount)
    assert not Refund.objects.exists()
    assert balances() == {"clearing": 299_00, "hold": -299_00}


def test_several_refunds_never_come_to_more_than_was_paid(seller):
    captured(part(seller, reference=ORDER))
    refunded(200_00)
    with pytest.raises(RefundTooLarge) as refusal:
        refunded(99_01)
    assert refusal.value.facts["left"] == "99.00"
    assert Refund.objects.count() == 1


def test_refuses_what_is_not_paid(seller):
    asked(part(seller, reference=ORDER))
    with pytest.raises(NotCaptured):
        refunded(1_00)
    assert not Refund.objects.exists()


def test_a_seller_may_refund_for_thirty_days_and_the_team_after_them(seller):
    captured(part(seller, reference=ORDER))
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        with pytest.raises(RefundTooLate):
            refunded(1_00, by=seller)
        assert not Refund.objects.exists()
        refunded(1_00, by=staff_with(), staff=True)
        refunded(1_00)
    assert Refund.objects.count() == 2


def test_a_large_one_by_the_team_waits_for_a_second_person(seller):
    captured(part(seller, amount=600_00, commission=90_00, reference=ORDER))
    first, second = staff_with("approve_refund"), staff_with("approve_refund")
    refund = refunded(500_00, by=first, staff=True)
    assert (refund.state, refund.needs_approval) == (RefundState.AWAITING_APPROVAL, True)
    assert not ProviderCommand.objects.filter(kind=CommandKind.REFUND).exists()
    assert balances() == {"clearing": 600_00, "hold": -600_00}
    for person, refusal in ((first, SecondPersonNeeded), (staff_with(), NotAllowed)):
        for decide in (approve_refund, refuse_refund):
            words = {"reason": "no"} if decide is refuse_refund else {}
            with pytest.raises(refusal):
                decide(staff=person, refund_id=refund.pk, **words)
    refund.refresh_from_db()
    assert refund.state == RefundState.AWAITING_APPROVAL
    assert approve_refund(staff=second, refund_id=refund.pk).state == RefundState.REQUESTED
    assert balances() == {"clearing": 600_00, "hold": -100_00, "refund": -500_00}
    assert AuditEntry.objects.get(action="payments.refund_approved").actor_id == second.pk
    with pytest.raises(WrongState):
        approve_refund(staff=second, refund_id=refund.pk)


def test_just_below_the_limit_the_team_needs_nobody(seller):
    captured(part(seller, amount=600_00, commission=90_00, reference=ORDER))
    assert refunded(499_99, by=staff_with(), staff=True).state == RefundState.REQUESTED


def test_a_second_person_may_refuse(seller):
    captured(part(seller, amount=600_00, commission=90_00, reference=ORDER))
    refund = refunded(500_00, by=staff_with(), staff=True)
    refuse_refund(staff=staff_with("approve_refund"), refund_id=refund.pk, reason="The parcel arrived.")
    refund.refresh_from_db()
    assert refund.state == RefundState.REFUSED
    assert AuditEntry.objects.get(action="payments.refund_refused").reason == "The parcel arrived."
    assert balances() == {"clearing": 600_00, "hold": -600_00}


def test_what_waited_too_long_is_refused_when_little_is_left(seller):
    captured(part(seller, amount=600_00, commission=90_00, reference=ORDER))
    refund = refunded(500_00, by=staff_with(), staff=True)
    refunded(200_00)
    with pytest.raises(RefundTooLarge):
        approve_refund(staff=staff_with("approve_refund"), refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.state == RefundState.AWAITING_APPROVAL


def test_the_database_wants_two_people_too(seller):
    captured(part(seller, amount=600_00, commission=90_00, reference=ORDER))
    person = staff_with("approve_refund")
    refund = refunded(500_00, by=person, staff=True)
    for change, name in (
        ("state = 'requested', approved_by_id = requested_by_id", "payments_refund_four_eyes"),
        ("state = 'requested'", "payments_refund_approved"),
        ("state = 'succeeded'", "payments_refund_approved"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE payments_refund SET {change} WHERE id = %s", [refund.pk])  # noqa: S608
    refund.refresh_from_db()
    assert refund.state == RefundState.AWAITING_APPROVAL


def test_one_that_comes_back_before_the_release_is_held_again(seller):
    captured(part(seller, reference=ORDER))
    refund = answered(refunded(299_00))
    for _again in range(2):
        refund = answered(refund, "failed", failure="expired_or_canceled_card")
    assert (refund.state, refund.failure_code) == (RefundState.FAILED, "expired_or_canceled_card")
    hold = hold_for(ORDER)
    assert (hold.state, hold.refunded_minor, hold.commission_returned_minor) == (HoldState.HELD, 0, 0)
    assert balances() == {"clearing": 299_00, "hold": -299_00}


def test_one_that_comes_back_after_the_release_is_the_sellers_again(seller):
    captured(part(seller, reference=ORDER))
    refund = answered(refunded(100_00), "pending")
    released()
    answered(refund, "failed")
    assert hold_for(ORDER).state == HoldState.RELEASED
    assert balances() == {"clearing": 299_00, "seller": -254_15, "revenue:commission": -44_85}


def test_one_that_the_provider_refuses_never_left(seller):
    captured(part(seller, reference=ORDER))
    refund = refunded(299_00)
    command = ProviderCommand.objects.get(kind=CommandKind.REFUND)
    for _again in range(2):
        note_command_refused(command=command, code="charge_already_refunded")
    refund.refresh_from_db()
    assert refund.state == RefundState.FAILED
    assert balances() == {"clearing": 299_00, "hold": -299_00}


def test_what_failed_is_tried_again_with_another_key(seller):
    captured(part(seller, reference=ORDER))
    refund = answered(refunded(100_00), "failed", provider_id="re_1")
    with pytest.raises(NotAllowed):
        retry_refund(staff=staff_with(), refund_id=refund.pk)
    refund = retry_refund(staff=staff_with("approve_refund"), refund_id=refund.pk)
    assert refund.state == RefundState.REQUESTED
    answered(refund, "failed", provider_id="re_1")  # heard once more, of the first try
    refund.refresh_from_db()
    assert refund.state == RefundState.REQUESTED
    answered(refund, provider_id="re_2")
    keys = ProviderCommand.objects.filter(kind=CommandKind.REFUND).order_by("id")
    assert [row.idempotency_key for row in keys] == [f"re:{refund.pk}", f"re:{refund.pk}:2"]
    assert balances() == {"clearing": 199_00, "hold": -199_00}


def test_what_waits_at_the_provider_for_our_money_has_not_left_us(seller):
    captured(part(seller, reference=ORDER))
    refund = refunded(100_00)
    for _ in range(2):
        answered(refund, "pending", has_left=False)
    refund.refresh_from_db()
    assert refund.state == RefundState.REQUESTED
    assert balances() == {"clearing": 299_00, "hold": -199_00, "refund": -100_00}
    assert told("refund_sent") == 0
    answered(refund, "pending")
    assert balances() == {"clearing": 199_00, "hold": -199_00}
    assert told("refund_sent") == 1
    answered(refund, "pending", has_left=False)  # an older look
    answered(refund)
    refund.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED
    assert balances() == {"clearing": 199_00, "hold": -199_00}


def test_what_never_left_us_comes_back_without_a_line_of_the_provider(seller):
    captured(part(seller, reference=ORDER))
    refund = refunded(100_00)
    first = ProviderCommand.objects.get(kind=CommandKind.REFUND)
    answered(refund, "pending", has_left=False, provider_id="re_1")
    answered(refund, "failed", has_left=False, provider_id="re_1")
    assert balances() == {"clearing": 299_00, "hold": -299_00}
    assert lines_of("refund_failed", "re_1") == {}
    again = retry_refund(staff=staff_with("approve_refund"), refund_id=refund.pk)
    view = RefundView(
        "re_1", "failed", 100_00, metadata={"command": str(first.pk)}
    )  # heard once more, of the first try
    note_refund(refund_id=refund.pk, view=view)
    again.refresh_from_db()
    assert again.state == RefundState.REQUESTED


def test_unknown_ones_are_not_found():
    with pytest.raises(RefundNotFound):
        approve_refund(staff=staff_with("approve_refund"), refund_id=UserFactory().pk)


@PATIENT
@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=6))
def test_parts_come_to_the_whole(whole, weights):
    parts = largest_remainder(whole, weights)
    assert sum(parts) == whole
    total = sum(weights)
    if total:
        assert all(abs(p * total - whole * w) < total for p, w in zip(parts, weights, strict=True))


@PATIENT
@given(st.data(), st.integers(1, 10**7), st.integers(0, 10**6))
def test_however_a_hold_is_given_back_everybody_gets_their_own_back(data, amount, subsidy):
    commission = data.draw(st.integers(0, amount + subsidy))
    hold = PaymentHold(
        amount_minor=amount,
        subsidy_minor=subsidy,
        commission_minor=commission,
        share_minor=amount + subsidy - commission,
        currency="AED",
    )
    while hold.left_minor:
        parts = refund_parts(hold, data.draw(st.integers(max(1, hold.left_minor // 4), hold.left_minor)))
        assert min(parts.commission, parts.subsidy, parts.from_seller) >= 0
        hold.refunded_minor += parts.amount
        hold.subsidy_returned_minor += parts.subsidy
        hold.commission_returned_minor += parts.commission
        assert share_left(hold) >= 0
    assert (hold.subsidy_returned_minor, hold.commission_returned_minor, share_left(hold)) == (subsidy, commission, 0)


def test_all_of_it_gives_all_of_the_fee_back_at_every_price():
    for amount in range(1, 2000):
        commission = -(-amount * 15 // 100)
        assert returned_at(amount, amount=amount, subsidy=0, commission=commission) == (0, commission)
        assert returned_at(0, amount=amount, subsidy=0, commission=commission) == (0, 0)
