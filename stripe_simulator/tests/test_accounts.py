from typing import Any

import pytest
import stripe

from stripe_simulator.testing import Simulator
from stripe_simulator.tests.conftest import SELLER, Shop


def test_a_new_account_may_nothing_and_says_what_is_due(shop: Shop):
    account: Any = shop.api.accounts.create(SELLER)
    assert (account.charges_enabled, account.payouts_enabled, account.details_submitted) == (False, False, False)
    assert account.capabilities.to_dict() == {"transfers": "inactive", "card_payments": "inactive"}
    assert "external_account" in account.requirements.currently_due
    assert account.controller.losses.payments == "application"
    assert account.external_accounts.data == []


def test_finishing_onboarding_enables_everything_and_tells_the_platform(shop: Shop, sim: Simulator):
    seller = shop.seller("")
    sim.control.account(seller, "complete")
    account: Any = shop.api.accounts.retrieve(seller)
    assert (account.charges_enabled, account.payouts_enabled, account.details_submitted) == (True, True, True)
    assert account.requirements.currently_due == []
    bank = account.external_accounts.data[0]
    assert (bank.last4, bank.currency, bank.available_payout_methods) == ("3456", "aed", ["standard", "instant"])
    told = [e["type"] for e in sim.control.events() if e.get("account") == seller]
    assert told == [
        "account.updated",
        "account.external_account.created",
        *["capability.updated"] * 2,
        "account.updated",
    ]


def test_something_left_out_or_a_refusal_keeps_it_closed(shop: Shop):
    left_out: Any = shop.api.accounts.retrieve(shop.seller("due"))
    assert (left_out.payouts_enabled, left_out.requirements.disabled_reason) == (False, "requirements.past_due")
    assert left_out.requirements.currently_due == ["individual.verification.document"]
    refused: Any = shop.api.accounts.retrieve(shop.seller("disabled"))
    assert (refused.payouts_enabled, refused.requirements.disabled_reason) == (False, "rejected.other")
    assert refused.capabilities.transfers == "inactive"


def test_an_account_that_left_cannot_be_reached(shop: Shop, sim: Simulator):
    seller = shop.seller()
    sim.control.account(seller, "deauthorized")
    with pytest.raises(stripe.PermissionError):
        shop.api.accounts.retrieve(seller)
    with pytest.raises(stripe.PermissionError):
        shop.api.balance.retrieve({}, {"stripe_account": seller})
    assert sim.control.events("account.application.deauthorized")[0]["account"] == seller


def test_an_account_can_be_let_go(shop: Shop, sim: Simulator):
    seller = shop.seller()
    gone = sim.client(client_id="ca_souk").oauth.deauthorize({"stripe_user_id": seller})
    assert gone.stripe_user_id == seller
    with pytest.raises(stripe.PermissionError):
        shop.api.accounts.retrieve(seller)


def test_the_platform_can_refuse_an_account(shop: Shop):
    seller = shop.seller()
    account: Any = shop.api.accounts.reject(seller, {"reason": "fraud_other"})
    assert (account.requirements.disabled_reason, account.payouts_enabled) == ("rejected.platform_fraud", False)


def test_only_an_empty_account_can_be_deleted(shop: Shop):
    seller = shop.funded()
    with pytest.raises(stripe.InvalidRequestError):
        shop.api.accounts.delete(seller)
    empty = shop.seller()
    assert shop.api.accounts.delete(empty).deleted
    with pytest.raises(stripe.PermissionError):
        shop.api.accounts.retrieve(empty)


def test_links_to_onboarding_need_both_addresses_and_an_account(shop: Shop):
    seller = shop.seller("")
    whole: Any = {
        "account": seller,
        "type": "account_onboarding",
        "return_url": "https://a.example",
        "refresh_url": "https://b.example",
    }
    link = shop.api.account_links.create(whole)
    assert link.expires_at > link.created
    for wrong in ({"return_url": ""}, {"refresh_url": ""}, {"account": "acct_none"}, {"type": "account_update"}):
        with pytest.raises(stripe.InvalidRequestError):
            shop.api.account_links.create(whole | wrong)


def test_bank_accounts_come_and_go(shop: Shop, sim: Simulator):
    seller = shop.seller()
    first: Any = shop.api.accounts.external_accounts.list(seller).data[0]
    given: Any = {
        "object": "bank_account",
        "country": "AE",
        "currency": "aed",
        "account_number": "AE460090000000123456789",
    }
    second: Any = shop.api.accounts.external_accounts.create(seller, {"external_account": given})
    assert (second.last4, second.default_for_currency) == ("6789", False)
    with pytest.raises(stripe.InvalidRequestError):
        shop.api.accounts.external_accounts.delete(seller, first.id)
    shop.api.accounts.external_accounts.update(seller, second.id, {"default_for_currency": True})
    assert shop.api.accounts.external_accounts.delete(seller, first.id).deleted
    left = shop.api.accounts.external_accounts.list(seller).data
    assert [bank.id for bank in left] == [second.id]
    kinds = [e["type"].rpartition(".")[2] for e in sim.control.events("account.external_account")]
    assert kinds == ["created", "created", "updated", "deleted"]


@pytest.mark.parametrize("number", ["AE07033123456789012345", "DE89370400440532013000", "AE07033123456789012345X"])
def test_refuses_an_iban_that_cannot_be(shop: Shop, number: str):
    seller = shop.seller("")
    given: Any = {"object": "bank_account", "country": "AE", "currency": "aed", "account_number": number}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.accounts.external_accounts.create(seller, {"external_account": given})
    assert refused.value.code == "account_number_invalid"
    assert shop.api.accounts.external_accounts.list(seller).data == []


def test_balance_settings_are_each_accounts_own(shop: Shop):
    seller = shop.seller()
    on_seller: Any = {"stripe_account": seller}
    asked: Any = {"payments": {"payouts": {"schedule": {"interval": "manual"}}, "debit_negative_balances": True}}
    shop.api.balance_settings.update(asked, on_seller)
    theirs: Any = shop.api.balance_settings.retrieve({}, on_seller).payments
    ours: Any = shop.api.balance_settings.retrieve().payments
    assert (theirs.payouts.schedule.interval, theirs.debit_negative_balances) == ("manual", True)
    assert (ours.payouts.schedule.interval, ours.debit_negative_balances) == ("daily", False)


def test_metadata_has_its_limits(shop: Shop):
    with pytest.raises(stripe.InvalidRequestError, match="Metadata"):
        shop.api.accounts.create({**SELLER, "metadata": {"k" * 41: "v"}})
    with pytest.raises(stripe.InvalidRequestError, match="Metadata"):
        shop.api.customers.create({"metadata": {str(number): "v" for number in range(51)}})
