import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from payments.actions import (
    confirm_test_payment,
    release_hold,
    run_due_commands,
    run_due_payouts,
    start_onboarding,
    sync_account,
    sync_bank_payout,
)
from payments.errors import ProviderAway
from payments.models import Payment, PaymentHold, Payout, ProviderCommand, SellerAccount
from payments.states import CommandState, PayoutState
from payments.tests.money import asked, balances, part
from payments.tests.stripe import made

pytestmark = pytest.mark.django_db

BACK = {"return_url": "http://testserver/back", "refresh_url": "http://testserver/again"}


@pytest.fixture
def seller():
    return UserFactory()


@pytest.fixture
def signed_in(api, seller):
    api.force_authenticate(seller)
    return api


def test_a_seller_gets_one_account_however_often_they_begin(stripe_sim, seller):
    urls = {start_onboarding(seller=seller, **BACK) for _ in range(2)}
    assert len(urls) == 2
    assert made(stripe_sim, "account") == 1
    assert SellerAccount.objects.get().provider_id.startswith("acct_")


def test_what_the_provider_says_of_a_seller_is_taken_over(stripe_sim, seller):
    start_onboarding(seller=seller, **BACK)
    account = SellerAccount.objects.get()
    assert account.requirements
    assert not account.payouts_enabled
    stripe_sim.control.account(account.provider_id)
    account = sync_account(seller=seller)
    assert account.payouts_enabled
    assert account.bank_last4
    assert account.requirements == []


def test_while_the_provider_is_away_nothing_is_half_made(stripe_sim, seller):
    stripe_sim.control.fault("rate_limit_429", path_prefix="/v1/accounts", times=1)
    with pytest.raises(ProviderAway):
        start_onboarding(seller=seller, **BACK)
    assert made(stripe_sim, "account") == 0
    ProviderCommand.objects.update(due_at=timezone.now())
    assert start_onboarding(seller=seller, **BACK)
    assert made(stripe_sim, "account") == 1


def test_an_account_that_was_refused_is_asked_for_anew(stripe_sim, seller, settings):
    settings.STRIPE = settings.STRIPE | {"country": "XX"}
    with pytest.raises(ProviderAway):
        start_onboarding(seller=seller, **BACK)
    assert ProviderCommand.objects.get().state == CommandState.FAILED
    settings.STRIPE = settings.STRIPE | {"country": "AE"}
    assert start_onboarding(seller=seller, **BACK)


def test_over_the_api(stripe_sim, signed_in, seller):
    assert signed_in.get("/api/v1/payouts/account").json()["has_account"] is False
    answer = signed_in.post("/api/v1/payouts/onboarding")
    assert answer.status_code == 200
    assert answer.json()["url"].startswith("http")
    told = signed_in.get("/api/v1/payouts/account").json()
    assert told["has_account"] is True
    assert told["payouts_enabled"] is False
    assert told["requirements"]
    assert "acct_" not in str(told)


def test_without_a_key_the_api_says_that_it_is_away(signed_in, settings):
    settings.STRIPE = settings.STRIPE | {"secret_key": ""}
    answer = signed_in.post("/api/v1/payouts/onboarding")
    assert (answer.status_code, answer.json()["code"]) == (503, "payments.provider_away")
    assert not SellerAccount.objects.exists()


@pytest.mark.parametrize("flow", ["separate", "destination"])
def test_a_dirham_goes_from_the_card_to_the_bank(stripe_sim, seller, settings, flow):
    settings.STRIPE = settings.STRIPE | {"funds_flow": flow}
    stripe_sim.control.terms(available_after=0)
    start_onboarding(seller=seller, **BACK)
    stripe_sim.control.account(SellerAccount.objects.get().provider_id)
    sync_account(seller=seller)
    SellerAccount.objects.update(reserve_percent=0)

    payment = asked(part(seller, reference="order:1"))
    run_due_commands()
    confirm_test_payment(payment_id=payment.pk, method="pm_card_bypassPending")
    release_hold(reference="order:1", at=timezone.now())
    PaymentHold.objects.update(available_on=timezone.now())
    run_due_payouts(at=timezone.now())
    for _ in range(2):  # the transfer, and then the way to the bank
        run_due_commands()
    payout = Payout.objects.get()
    assert payout.state == PayoutState.PROCESSING, list(ProviderCommand.objects.values_list("kind", "state", "error"))
    stripe_sim.control.payout(payout.provider_id, "paid")
    assert sync_bank_payout(payout_id=payout.pk).state == PayoutState.PAID

    fee = Payment.objects.get().provider_fee_minor
    assert balances() == {
        "clearing": 44_85 - fee,
        "revenue:commission": -44_85,
        "expense:provider_fees": fee,
    }
    at_stripe = stripe_sim.control.state()["balances"]
    left = sum(sum(amounts["aed"].values()) for amounts in at_stripe.values())
    assert left == 44_85 - fee
