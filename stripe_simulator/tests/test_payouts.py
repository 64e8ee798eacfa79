from typing import Any

import pytest
import stripe

from stripe_simulator.testing import Simulator
from stripe_simulator.tests.conftest import Shop


def pay_out(shop: Shop, seller: str, amount: int = 5000, **more: Any) -> stripe.Payout:
    asked: Any = {"amount": amount, "currency": "aed", **more}
    return shop.api.payouts.create(asked, {"stripe_account": seller})


def status(shop: Shop, seller: str, pk: str) -> str:
    return shop.api.payouts.retrieve(pk, {}, {"stripe_account": seller}).status


def test_a_payout_travels_for_days(shop: Shop, sim: Simulator):
    seller = shop.funded(10_000)
    payout = pay_out(shop, seller, metadata={"payout": "1"})
    assert (payout.status, payout.method, payout.metadata.to_dict()) == ("pending", "standard", {"payout": "1"})
    assert shop.balance(seller) == (5000, 0)
    sim.control.advance(60)
    assert status(shop, seller, payout.id) == "in_transit"
    sim.control.advance(days=2)
    assert status(shop, seller, payout.id) == "paid"
    kinds = [(e["type"], e["account"]) for e in sim.control.events("payout.")]
    assert kinds == [(f"payout.{word}", seller) for word in ("created", "updated", "paid")]


def test_an_instant_payout_arrives_within_minutes(shop: Shop, sim: Simulator):
    seller = shop.funded()
    payout = pay_out(shop, seller, method="instant")
    sim.control.advance(60)
    assert status(shop, seller, payout.id) == "paid"


def test_banks_without_instant_payouts_are_known_beforehand(shop: Shop, sim: Simulator):
    shop.paid(50_000, card="pm_card_bypassPending")
    seller = shop.seller("")
    bank = {"object": "bank_account", "country": "AE", "currency": "aed", "account_number": "AE070331234567890120000"}
    sim.control.account(seller, "complete", external_account=bank)
    shop.api.transfers.create({"amount": 9000, "currency": "aed", "destination": seller})
    account: Any = shop.api.accounts.retrieve(seller)
    assert account.external_accounts.data[0].available_payout_methods == ["standard"]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        pay_out(shop, seller, method="instant")
    assert refused.value.code == "instant_payouts_unsupported"
    assert shop.balance(seller) == (9000, 0)


def test_a_failed_payout_puts_the_money_back(shop: Shop, sim: Simulator):
    seller = shop.funded(10_000)
    payout = pay_out(shop, seller)
    failed = sim.control.payout(payout.id, "failed", failure_code="no_account")
    assert (failed["status"], failed["failure_code"]) == ("failed", "no_account")
    assert shop.entries(seller)[1:] == [("payout", -5000, 0), ("payout_failure", 5000, 0)]
    sim.control.payout(payout.id, "failed")
    sim.control.advance(days=9)
    assert status(shop, seller, payout.id) == "failed"
    assert len(sim.control.events("payout.failed")) == 1
    assert shop.balance(seller) == (10_000, 0)


def test_paid_is_not_final(shop: Shop, sim: Simulator):
    seller = shop.funded(10_000)
    payout = pay_out(shop, seller)
    assert sim.control.payout(payout.id, "paid")["status"] == "paid"
    assert sim.control.payout(payout.id, "failed")["status"] == "failed"
    assert shop.balance(seller) == (10_000, 0)


def test_one_bank_account_always_fails_on_arrival(shop: Shop, sim: Simulator):
    shop.paid(50_000, card="pm_card_bypassPending")
    seller = shop.seller("")
    bank = {"object": "bank_account", "country": "AE", "currency": "aed", "account_number": "AE070331234567890121113"}
    sim.control.account(seller, "complete", external_account=bank)
    shop.api.transfers.create({"amount": 9000, "currency": "aed", "destination": seller})
    payout = pay_out(shop, seller)
    sim.control.advance(days=2)
    failed = shop.api.payouts.retrieve(payout.id, {}, {"stripe_account": seller})
    assert (failed.status, failed.failure_code) == ("failed", "account_closed")


def test_only_a_pending_payout_can_be_canceled(shop: Shop, sim: Simulator):
    seller = shop.funded(10_000)
    on_seller: Any = {"stripe_account": seller}
    first, second = pay_out(shop, seller), pay_out(shop, seller, 1000)
    assert shop.api.payouts.cancel(first.id, {}, on_seller).status == "canceled"
    assert shop.balance(seller) == (9000, 0)
    sim.control.advance(60)
    with pytest.raises(stripe.InvalidRequestError):
        shop.api.payouts.cancel(second.id, {}, on_seller)
    sim.control.advance(days=3)
    assert status(shop, seller, first.id) == "canceled"


def test_a_paid_payout_can_be_fetched_back_once(shop: Shop, sim: Simulator):
    seller = shop.funded(10_000)
    on_seller: Any = {"stripe_account": seller}
    payout = pay_out(shop, seller)
    with pytest.raises(stripe.InvalidRequestError):
        shop.api.payouts.reverse(payout.id, {}, on_seller)
    sim.control.payout(payout.id, "paid")
    back = shop.api.payouts.reverse(payout.id, {}, on_seller)
    assert (back.amount, back.original_payout, shop.balance(seller)) == (-5000, payout.id, (10_000, 0))
    with pytest.raises(stripe.InvalidRequestError):
        shop.api.payouts.reverse(payout.id, {}, on_seller)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"amount": 10_001}, "balance_insufficient"),
        ({"amount": 0}, "parameter_invalid_integer"),
        ({"currency": "usd"}, None),
        ({"destination": "ba_none"}, "resource_missing"),
    ],
)
def test_refuses_what_cannot_be_paid_out(shop: Shop, asked: dict[str, Any], code: str | None):
    seller = shop.funded(10_000)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        pay_out(shop, seller, **asked)
    assert refused.value.code == code
    assert shop.balance(seller) == (10_000, 0)


def test_an_account_with_something_due_is_not_paid(shop: Shop, sim: Simulator):
    seller = shop.funded(10_000)
    sim.control.account(seller, "due")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        pay_out(shop, seller)
    assert refused.value.code == "payouts_not_allowed"
    sim.control.account(seller, "complete")
    assert pay_out(shop, seller).status == "pending"


def test_manual_payouts_have_no_list_of_balance_transactions(shop: Shop):
    seller = shop.funded(10_000)
    payout = pay_out(shop, seller)
    with pytest.raises(stripe.InvalidRequestError, match="automatic"):
        shop.api.balance_transactions.list({"payout": payout.id}, {"stripe_account": seller})
    found = shop.api.balance_transactions.list({"source": payout.id, "type": "payout"}, {"stripe_account": seller})
    assert [entry.id for entry in found.data] == [payout.balance_transaction]
