"""Every object of every kind, judged by the types of Stripe's own library."""

from typing import Any

import pytest
import stripe

from stripe_simulator.testing import Simulator
from stripe_simulator.tests.conftest import SELLER, Shop
from stripe_simulator.tests.shapes import problems


def everything(shop: Shop, sim: Simulator) -> None:
    """One of each kind, in each state that we know."""
    api = shop.api
    api.customers.create({"email": "maha@souk.example", "metadata": {"user": "1"}})
    for card in ("pm_card_chargeDeclined", "pm_card_chargeDeclinedInsufficientFunds"):
        with pytest.raises(stripe.CardError):
            shop.paid(card=card)
    shop.paid(card="pm_card_authenticationRequired")
    seller = shop.funded()
    shop.seller("due")
    shop.seller("disabled")
    shop.seller("")
    transfer = api.transfers.create({"amount": 1000, "currency": "aed", "destination": seller})
    api.transfers.reversals.create(transfer.id, {"amount": 400})
    on_seller: Any = {"stripe_account": seller}
    paid = api.payouts.create({"amount": 1000, "currency": "aed"}, on_seller)
    failed = api.payouts.create({"amount": 1000, "currency": "aed", "method": "instant"}, on_seller)
    canceled = api.payouts.create({"amount": 1000, "currency": "aed"}, on_seller)
    api.payouts.cancel(canceled.id, {}, on_seller)
    sim.control.payout(paid.id, "paid")
    sim.control.payout(failed.id, "failed")
    api.payouts.reverse(paid.id, {}, on_seller)
    for card in ("pm_card_visa", "pm_card_pendingRefund", "pm_card_refundFail"):
        intent = shop.paid(card=card)
        api.refunds.create({"payment_intent": intent.id, "amount": 500})
    sim.control.advance(60)
    destination: Any = {"transfer_data": {"destination": seller}, "application_fee_amount": 500, "on_behalf_of": seller}
    direct = shop.paid(**destination)
    api.refunds.create(
        {"payment_intent": direct.id, "amount": 500, "reverse_transfer": True, "refund_application_fee": True}
    )
    disputed = shop.paid()
    sim.control.fraud_warning(str(disputed.latest_charge))
    dispute = sim.control.dispute_charge(str(disputed.latest_charge))
    sim.control.dispute(dispute["id"], "won")
    shop.paid(card="pm_card_createDispute")
    link: Any = {
        "account": seller,
        "type": "account_onboarding",
        "return_url": "https://a.example",
        "refresh_url": "https://b.example",
    }
    assert problems(api.account_links.create(link).to_dict()) == []
    sim.control.account(seller, "deauthorized")


def test_every_object_has_the_fields_and_types_that_the_library_declares(shop: Shop, sim: Simulator):
    everything(shop, sim)
    api, wrong = shop.api, set()
    asked: Any = {"limit": 100}
    for family in (
        api.customers, api.accounts, api.payment_intents, api.charges, api.refunds, api.transfers, api.balance_transactions,
        api.disputes, api.radar.early_fraud_warnings, api.payouts,
    ):  # fmt: skip
        for found in family.list(asked).auto_paging_iter():
            wrong |= set(problems(found.to_dict()))
    wrong |= set(problems(api.balance.retrieve().to_dict()))
    wrong |= set(problems(api.balance_settings.retrieve().to_dict()))
    assert wrong == set()


def test_every_event_has_a_type_that_the_library_knows_and_a_well_formed_object(shop: Shop, sim: Simulator):
    everything(shop, sim)
    wrong = set()
    for event in sim.control.events():
        wrong |= {f"{event['type']}: {problem}" for problem in [*problems(event), *problems(event["data"]["object"])]}
    assert {problem for problem in wrong if "deauthorized" not in problem} == set()


def test_what_a_seller_sees_is_well_formed_too(shop: Shop, sim: Simulator):
    seller = shop.funded()
    on_seller: Any = {"stripe_account": seller}
    api = shop.api
    transfer = api.transfers.list({"destination": seller}).data[0]
    api.transfers.reversals.create(transfer.id, {"amount": 400})
    api.payouts.create({"amount": 1000, "currency": "aed"}, on_seller)
    wrong = [
        problem
        for family in (api.charges, api.refunds, api.payouts, api.balance_transactions, api.events)
        for found in family.list({"limit": 100}, on_seller).data
        for problem in problems(found.to_dict())
    ]
    wrong += problems(api.balance.retrieve({}, on_seller).to_dict())
    wrong += [p for bank in api.accounts.external_accounts.list(seller).data for p in problems(bank.to_dict())]
    wrong += [p for kept in api.accounts.capabilities.list(seller).data for p in problems(kept.to_dict())]
    assert wrong == []


def test_a_referee_that_is_not_asleep(shop: Shop):
    doc = shop.api.customers.create({}).to_dict()
    assert problems(doc) == []
    assert problems({name: value for name, value in doc.items() if name != "created"}) == [
        "customer.created is missing"
    ]
    assert problems(doc | {"balance": "much"})
    assert problems(doc | {"mood": "good"}) == ["customer.mood is unknown"]
    account = shop.api.accounts.create(SELLER).to_dict()
    assert problems(account | {"requirements": account["requirements"] | {"disabled_reason": "because"}})
