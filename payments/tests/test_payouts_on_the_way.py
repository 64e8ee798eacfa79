from dataclasses import replace

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.models import OutboxEvent
from payments.actions import (
    note_account,
    note_bank_payout,
    note_command_refused,
    note_transfer,
    request_payout,
    run_due_payouts,
)
from payments.errors import ProviderSaysOtherwise
from payments.models import PaymentHold, Payout, ProviderCommand, SellerAccount
from payments.ports import AccountView, PayoutView, TransferView
from payments.selectors import balance_of
from payments.states import CommandKind, PayoutState
from payments.tests.money import SHARE, aed, balances, banked, clawed_back, earned, free, seller_ready, transferred

pytestmark = pytest.mark.django_db


def account_view(seller, **facts):
    account = seller.seller_account
    said = {
        "id": account.provider_id,
        "charges_enabled": True,
        "payouts_enabled": True,
        "transfers_active": True,
        "bank_last4": "6789",
        "bank_name": "Emirates NBD",
    }
    return AccountView(**(said | facts))


def test_a_payout_goes_to_the_sellers_account_and_from_there_to_the_bank():
    seller = seller_ready(takes_instant=True)
    earned(seller)
    payout = request_payout(seller=seller)
    for _again in range(2):
        payout = transferred(payout)
    assert (payout.state, payout.destination_payment_id) == (PayoutState.PROCESSING, f"py_{payout.pk.hex}")
    command = ProviderCommand.objects.get(kind=CommandKind.PAY_OUT)
    assert (command.account, command.params["amount"]) == (seller.seller_account.provider_id, payout.net.minor)
    assert balances() == {
        "clearing": 299_00 - payout.net.minor,
        "revenue:commission": -44_85,
        "revenue:instant_fee": -payout.fee_minor,
    }
    banked(payout, "in_transit")
    for _again in range(2):
        payout = banked(payout)
    assert payout.state == PayoutState.PAID
    assert banked(payout, "pending").state == PayoutState.PAID
    assert OutboxEvent.objects.filter(name="payments.payout_paid").count() == 1
    balance = balance_of(seller, "AED")
    assert (balance.on_the_way, balance.total_earnings) == (aed(0), aed(SHARE))


def test_what_the_provider_says_of_a_transfer_must_fit():
    seller = seller_ready()
    earned(seller)
    payout = request_payout(seller=seller, method="standard")
    before = balances()
    other = TransferView(id="tr_other", amount_minor=1, destination="acct_1")
    with pytest.raises(ProviderSaysOtherwise):
        note_transfer(payout_id=payout.pk, view=other)
    assert balances() == before
    transferred(payout)
    with pytest.raises(ProviderSaysOtherwise):
        note_transfer(payout_id=payout.pk, view=replace(other, amount_minor=SHARE))
    with pytest.raises(ProviderSaysOtherwise):
        note_bank_payout(payout_id=payout.pk, view=PayoutView(id="po_1", status="paid", amount_minor=1))
    payout.refresh_from_db()
    assert (payout.state, payout.transfer_id) == (PayoutState.PROCESSING, f"tr_{payout.pk.hex}")


def test_a_transfer_that_is_refused_never_left():
    seller = seller_ready()
    earned(seller)
    run_due_payouts(at=timezone.now())
    for _again in range(2):
        note_command_refused(command=ProviderCommand.objects.get(kind=CommandKind.TRANSFER), code="insufficient_funds")
    payout = Payout.objects.get()
    assert (payout.state, payout.failure_code) == (PayoutState.FAILED, "insufficient_funds")
    assert free(seller) == SHARE
    assert not PaymentHold.objects.exclude(payout=None).exists()
    assert run_due_payouts(at=timezone.now()).ordered == 1


@pytest.mark.parametrize("was_paid", [False, True])
def test_what_the_bank_sends_back_is_the_sellers_and_is_taken_back_to_us(was_paid):
    seller = seller_ready(takes_instant=True)
    earned(seller)
    payout = transferred(request_payout(seller=seller))
    if was_paid:
        banked(payout)
    for _again in range(2):
        payout = banked(payout, "failed", failure="account_closed")
    assert (payout.state, payout.failure_code) == (PayoutState.FAILED, "account_closed")
    assert free(seller) == SHARE
    assert OutboxEvent.objects.filter(name="payments.payout_failed").count() == 1
    command = ProviderCommand.objects.get(kind=CommandKind.CLAW_BACK)
    assert (command.params["transfer"], command.params["amount"]) == (payout.transfer_id, payout.net.minor)
    for _again in range(2):
        clawed_back(payout)
    assert balances() == {"clearing": 299_00, "seller": -SHARE, "revenue:commission": -44_85}


def test_an_order_to_the_bank_that_is_refused_is_like_a_bank_that_sends_it_back():
    seller = seller_ready()
    earned(seller)
    transferred(request_payout(seller=seller, method="standard"))
    note_command_refused(command=ProviderCommand.objects.get(kind=CommandKind.PAY_OUT), code="no_external_account")
    assert Payout.objects.get().state == PayoutState.FAILED
    assert free(seller) == SHARE


def test_no_schedule_pays_a_bank_that_refused_and_another_bank_gets_it_at_once():
    seller = seller_ready()
    earned(seller)
    run_due_payouts(at=timezone.now())
    failed = banked(transferred(Payout.objects.get()), "failed")
    assert run_due_payouts(at=timezone.now()).ordered == 0
    note_account(user_id=seller.pk, view=account_view(seller, bank_name="ADCB", bank_last4="1234"))
    again = Payout.objects.exclude(pk=failed.pk).get()
    assert (again.retries, again.amount_minor, again.bank_last4) == (failed, SHARE, "1234")
    assert run_due_payouts(at=timezone.now()).ordered == 0
    note_account(user_id=seller.pk, view=account_view(seller, bank_name="ADCB", bank_last4="1234"))
    assert Payout.objects.count() == 2


def test_what_a_seller_may_do_follows_the_provider():
    seller = UserFactory()
    view = AccountView(
        id="acct_1", charges_enabled=False, payouts_enabled=False, transfers_active=False, requirements=("external_account",)
    )  # fmt: skip
    for _again in range(2):
        note_account(user_id=seller.pk, view=view)
    account = SellerAccount.objects.get(pk=seller.pk)
    assert (account.provider_id, account.requirements) == ("acct_1", ["external_account"])
    assert OutboxEvent.objects.filter(name="payments.seller_account_changed").count() == 1
    with pytest.raises(ProviderSaysOtherwise):
        note_account(user_id=seller.pk, view=AccountView("acct_2", True, True, True))
