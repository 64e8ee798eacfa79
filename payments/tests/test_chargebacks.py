from dataclasses import replace

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.errors import NotAllowed
from core.models import OutboxEvent
from payments.actions import (
    answer_chargeback,
    confirm_test_payment,
    cover_loss,
    note_refund,
    refund_hold,
    release_hold,
    run_command,
    run_due_commands,
)
from payments.actions.chargebacks import note_dispute
from payments.errors import ChargebackClosed, HoldFrozen
from payments.models import Chargeback, Payment, PaymentHold, ProviderCommand, Refund
from payments.provider import provider
from payments.selectors import audit_ledger
from payments.states import ChargebackState, HoldState
from payments.tests.money import aed, asked, balances, part, staff_with

pytestmark = pytest.mark.django_db

AMOUNT, COMMISSION = 299_00, 44_85


@pytest.fixture
def seller():
    return UserFactory()


@pytest.fixture
def payment(stripe_sim, seller):
    opened = asked(part(seller, reference="order:1"))
    run_command(command_id=ProviderCommand.objects.get(subject=f"payment:{opened.pk}").pk)
    return confirm_test_payment(payment_id=opened.pk, method="pm_card_visa")


def disputed(stripe_sim, payment, **how):
    return stripe_sim.control.dispute_charge(payment.charge_id, **how)["id"]


def look(dispute):
    return note_dispute(view=provider().dispute(dispute))


def told(name):
    return OutboxEvent.objects.filter(name=f"payments.{name}").count()


def test_the_bank_takes_the_money_and_the_hold_is_frozen(stripe_sim, payment):
    dispute = disputed(stripe_sim, payment)
    before = balances()
    for _ in range(3):
        chargeback = look(dispute)
    after = balances()
    assert (chargeback.state, chargeback.amount_minor) == (ChargebackState.OPEN, AMOUNT)
    assert chargeback.evidence_due_at
    assert after["chargeback"] == AMOUNT
    assert after["clearing"] == before["clearing"] - AMOUNT - chargeback.fee_minor
    assert after["expense:chargeback_fees"] == chargeback.fee_minor > 0
    assert told("chargeback_opened") == 1
    with pytest.raises(HoldFrozen):
        release_hold(reference="order:1", at=timezone.now())


def test_lost_before_the_release_the_hold_is_empty(stripe_sim, payment):
    dispute = disputed(stripe_sim, payment)
    look(dispute)
    stripe_sim.control.dispute(dispute, "lost")
    for _ in range(2):
        look(dispute)
    hold = PaymentHold.objects.get()
    assert (hold.state, hold.refunded_minor, hold.commission_returned_minor) == (
        HoldState.REFUNDED,
        AMOUNT,
        COMMISSION,
    )
    assert hold.frozen_at is None
    assert not {"hold", "chargeback", "seller"} & set(balances())
    assert told("chargeback_closed") == 1


def test_lost_after_the_release_the_seller_owes_it(stripe_sim, payment, seller):
    release_hold(reference="order:1", at=timezone.now())
    PaymentHold.objects.update(reserve_minor=0, reserve_until=None)
    dispute = disputed(stripe_sim, payment)
    look(dispute)
    stripe_sim.control.dispute(dispute, "lost")
    look(dispute)
    now = balances()
    assert not {"hold", "chargeback", "seller", "revenue:commission"} & set(now)  # 254.15 earned, 254.15 taken back
    assert PaymentHold.objects.get().state == HoldState.REFUNDED


def test_a_part_that_is_lost_is_taken_in_proportion(stripe_sim, payment):
    dispute = disputed(stripe_sim, payment, amount=100_00)
    look(dispute)
    stripe_sim.control.dispute(dispute, "lost")
    look(dispute)
    hold = PaymentHold.objects.get()
    assert (hold.state, hold.refunded_minor) == (HoldState.HELD, 100_00)
    assert balances()["hold"] == -(AMOUNT - 100_00)
    assert Refund.objects.get().reason == "chargeback"


def test_won_everything_is_as_before_but_for_the_fee(stripe_sim, payment):
    before = balances()
    dispute = disputed(stripe_sim, payment)
    look(dispute)
    stripe_sim.control.dispute(dispute, "won")
    chargeback = look(dispute)
    after = balances()
    fee = after.pop("expense:chargeback_fees")
    assert chargeback.state == ChargebackState.WON
    assert after | {"clearing": after["clearing"] + fee} == before
    assert release_hold(reference="order:1", at=timezone.now()).state == HoldState.RELEASED


def test_an_old_look_changes_nothing(stripe_sim, payment):
    dispute = disputed(stripe_sim, payment)
    old = provider().dispute(dispute)
    stripe_sim.control.dispute(dispute, "won")
    look(dispute)
    before = balances()
    chargeback = note_dispute(view=old)
    assert chargeback.state == ChargebackState.WON
    assert balances() == before


def test_money_that_came_back_before_the_verdict_was_seen_is_posted_whole(stripe_sim, payment):
    dispute = disputed(stripe_sim, payment)
    stripe_sim.control.dispute(dispute, "won")
    assert look(dispute).state == ChargebackState.WON
    assert "chargeback" not in balances()


def test_the_desk_answers_the_bank(stripe_sim, payment):
    dispute = disputed(stripe_sim, payment)
    chargeback = look(dispute)
    with pytest.raises(NotAllowed):
        answer_chargeback(staff=UserFactory(is_staff=True), chargeback_id=chargeback.pk, statement="No", submit=True)
    staff = staff_with("approve_refund")
    answer_chargeback(staff=staff, chargeback_id=chargeback.pk, statement="It was handed over.", submit=False)
    assert Chargeback.objects.get().state == ChargebackState.OPEN
    answer_chargeback(staff=staff, chargeback_id=chargeback.pk, statement="It was handed over.", submit=True)
    assert Chargeback.objects.get().state == ChargebackState.ANSWERED
    stripe_sim.control.dispute(dispute, "lost")
    look(dispute)
    with pytest.raises(ChargebackClosed):
        answer_chargeback(staff=staff, chargeback_id=chargeback.pk, statement="But", submit=True)


def test_a_dispute_of_somebody_elses_charge_is_not_ours(stripe_sim, payment):
    dispute = disputed(stripe_sim, payment)
    Payment.objects.update(charge_id="ch_other", provider_id="pi_other")
    assert look(dispute) is None
    assert not Chargeback.objects.exists()


def test_a_refund_that_comes_back_after_the_loss_covers_it(stripe_sim, payment):
    refund = refund_hold(reference="order:1", amount=aed(100_00), reason="asked", requested_by=None, by_staff=False)
    run_due_commands()
    refund.refresh_from_db()
    dispute = disputed(stripe_sim, payment, amount=AMOUNT)
    look(dispute)
    stripe_sim.control.dispute(dispute, "lost")
    look(dispute)
    assert balances()["expense:losses"] == 100_00
    stripe_sim.control.refund(refund.provider_id, "failed")
    note_refund(refund_id=refund.pk, view=provider().refund_view(refund.provider_id))
    for _ in range(2):
        cover_loss(refund_id=refund.pk)
    assert not {"expense:losses", "hold", "refund", "chargeback"} & set(balances())
    assert PaymentHold.objects.get().state == HoldState.REFUNDED


@pytest.mark.parametrize("released", [False, True])
def test_a_loss_that_the_bank_takes_back_is_as_if_it_had_been_won(stripe_sim, payment, released):
    if released:
        release_hold(reference="order:1", at=timezone.now())
    before = balances()
    dispute = disputed(stripe_sim, payment)
    look(dispute)
    stripe_sim.control.dispute(dispute, "lost")
    look(dispute)
    assert balances() != before
    stripe_sim.control.dispute(dispute, "won")
    for _ in range(2):
        chargeback = look(dispute)
    after = balances()
    fee = after.pop("expense:chargeback_fees")
    assert after | {"clearing": after["clearing"] + fee} == before
    hold = PaymentHold.objects.get()
    assert (hold.state, hold.refunded_minor, hold.commission_returned_minor, hold.frozen_at) == (
        HoldState.RELEASED if released else HoldState.HELD,
        0,
        0,
        None,
    )
    assert chargeback.state == ChargebackState.WON
    assert told("chargeback_closed") == 2
    assert audit_ledger().holds


def test_the_money_may_come_back_without_the_word_and_the_word_without_the_money(stripe_sim, payment):
    before = balances()
    dispute = disputed(stripe_sim, payment)
    open_one = provider().dispute(dispute)
    stripe_sim.control.dispute(dispute, "lost")
    lost = provider().dispute(dispute)
    stripe_sim.control.dispute(dispute, "won")
    won = provider().dispute(dispute)
    word, money = replace(won, reinstated=False), replace(won, status="lost")
    for order in (
        (open_one, lost, word, money),
        (lost, money, word, lost),
        (money, lost, open_one),
        (word, lost, money),
    ):
        begun = transaction.savepoint()
        for view in order:
            chargeback = note_dispute(view=view)
        after = balances()
        fee = after.pop("expense:chargeback_fees")
        assert after | {"clearing": after["clearing"] + fee} == before
        assert (chargeback.state, PaymentHold.objects.get().state) == (ChargebackState.WON, HoldState.HELD)
        transaction.savepoint_rollback(begun)


def test_a_part_that_comes_back_after_the_rest_was_released_is_the_sellers(stripe_sim, payment, seller):
    dispute = disputed(stripe_sim, payment, amount=100_00)
    look(dispute)
    stripe_sim.control.dispute(dispute, "lost")
    look(dispute)
    release_hold(reference="order:1", at=timezone.now())
    stripe_sim.control.dispute(dispute, "won")
    look(dispute)
    now = balances()
    assert not {"hold", "chargeback"} & set(now)
    assert (now["seller"], now["revenue:commission"]) == (-(AMOUNT - COMMISSION), -COMMISSION)
    assert audit_ledger().holds


def test_what_a_failed_refund_covered_comes_back_with_the_loss(stripe_sim, payment):
    refund = refund_hold(reference="order:1", amount=aed(100_00), reason="asked", requested_by=None, by_staff=False)
    run_due_commands()
    refund.refresh_from_db()
    dispute = disputed(stripe_sim, payment, amount=AMOUNT)
    look(dispute)
    stripe_sim.control.dispute(dispute, "lost")
    look(dispute)
    stripe_sim.control.refund(refund.provider_id, "failed")
    note_refund(refund_id=refund.pk, view=provider().refund_view(refund.provider_id))
    cover_loss(refund_id=refund.pk)
    stripe_sim.control.dispute(dispute, "won")
    look(dispute)
    assert balances()["hold"] == -AMOUNT
    assert not {"expense:losses", "refund", "chargeback"} & set(balances())
    assert PaymentHold.objects.get().refunded_minor == 0
    assert audit_ledger().holds
