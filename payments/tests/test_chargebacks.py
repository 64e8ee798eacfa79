import pytest
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
