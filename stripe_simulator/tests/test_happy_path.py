"""From a customer to money in a seller's bank, with the calls that Souk Loop makes."""

from typing import Any

import pytest
import stripe

from stripe_simulator.testing import Simulator
from stripe_simulator.tests.conftest import SELLER, Shop


def test_a_checkout_becomes_a_payout(shop: Shop, sim: Simulator):
    api = shop.api
    customer = api.customers.create({"email": "maha@souk.example"}, {"idempotency_key": "cus:1"})
    account = api.accounts.create(SELLER, {"idempotency_key": "acct:1"})
    assert not account.payouts_enabled
    sim.control.account(account.id, "complete")
    on_seller: Any = {"stripe_account": account.id}
    schedule: Any = {"payments": {"payouts": {"schedule": {"interval": "manual"}}, "debit_negative_balances": True}}
    assert api.balance_settings.update(schedule, on_seller).payments.debit_negative_balances

    intent = api.payment_intents.create(
        {
            "amount": 29900,
            "currency": "aed",
            "customer": customer.id,
            "automatic_payment_methods": {"enabled": True},
            "transfer_group": "chk_1",
            "metadata": {"checkout": "1"},
            "description": "A lamp",
        },
        {"idempotency_key": "pi:1:1"},
    )
    assert intent.status == "requires_payment_method"
    paid = api.payment_intents.confirm(
        intent.id,
        {
            "payment_method": "pm_card_visa",
            "return_url": "https://souk.example",
            "expand": ["latest_charge.balance_transaction"],
        },
    )
    charge: Any = paid.latest_charge
    assert (paid.status, charge.amount, charge.balance_transaction.fee, charge.balance_transaction.net) == (
        "succeeded",
        29900,
        967,
        28933,
    )
    assert charge.balance_transaction.available_on == charge.balance_transaction.created + 7 * 86_400
    assert shop.balance() == (0, 28933)

    transfer_params: Any = {"amount": 25415, "currency": "aed", "destination": account.id, "transfer_group": "po_1"}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.transfers.create(transfer_params, {"idempotency_key": "tr:0"})
    assert refused.value.code == "balance_insufficient"
    sim.control.advance(days=7)
    transfer = api.transfers.create(transfer_params, {"idempotency_key": "tr:1"})
    assert shop.balance(account.id) == (25415, 0)
    payout = api.payouts.create({"amount": 25415, "currency": "aed"}, {**on_seller, "idempotency_key": "po:1"})
    assert payout.status == "pending"
    assert shop.balance(account.id) == (0, 0)
    sim.control.advance(days=2)
    assert api.payouts.retrieve(payout.id, {}, on_seller).status == "paid"
    assert api.transfers.list({"transfer_group": "po_1"}).data[0].id == transfer.id
    assert shop.entries() == [("charge", 29900, 967), ("transfer", -25415, 0)]
    assert shop.entries(account.id) == [("payment", 25415, 0), ("payout", -25415, 0)]
    assert sim.violations() == []
    assert sim.ignored() == set()
