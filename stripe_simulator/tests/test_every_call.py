"""Each route is called once by the library, and answers what the library's types declare."""

from typing import Any

from stripe_simulator.routing import ROUTES
from stripe_simulator.testing import Simulator
from stripe_simulator.tests.conftest import SELLER, Shop
from stripe_simulator.tests.shapes import problems

METADATA: Any = {"metadata": {"seen": "yes"}}


def customers_and_cards(shop: Shop) -> list[Any]:
    api = shop.api
    customer = api.customers.create({"name": "Maha"})
    card: Any = {
        "type": "card",
        "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"},
    }
    method = api.payment_methods.create(card)
    found: list[Any] = [
        api.customers.retrieve(customer.id),
        api.customers.update(customer.id, METADATA),
        api.customers.list(),
        method,
        api.payment_methods.retrieve(method.id),
        api.payment_methods.attach(method.id, {"customer": customer.id}),
        api.customers.payment_methods.list(customer.id),
    ]
    assert api.customers.delete(customer.id).deleted
    return found


def payments(shop: Shop) -> list[Any]:
    api = shop.api
    open_one = api.payment_intents.create({"amount": 500, "currency": "aed"})
    paid = shop.paid()
    charge = str(paid.latest_charge)
    return [
        api.payment_intents.update(open_one.id, METADATA),
        api.payment_intents.confirm(open_one.id, {"payment_method": "pm_card_visa", "return_url": "https://a.example"}),
        api.payment_intents.cancel(api.payment_intents.create({"amount": 500, "currency": "aed"}).id),
        api.payment_intents.retrieve(paid.id),
        api.payment_intents.list(),
        api.payment_intents.search({"query": "currency:'aed'"}),
        api.charges.list({"payment_intent": paid.id}),
        api.charges.retrieve(charge),
        api.charges.update(charge, METADATA),
    ]


def refunds(shop: Shop, sim: Simulator) -> list[Any]:
    api, seller = shop.api, shop.seller()
    paid = shop.paid(10_000, transfer_data={"destination": seller}, application_fee_amount=100)
    refund = api.refunds.create({"payment_intent": paid.id, "amount": 100})
    waiting = api.refunds.create({"payment_intent": paid.id, "amount": 100})
    sim.control.refund(waiting.id, "requires_action")
    fee = str(api.charges.retrieve(str(paid.latest_charge)).application_fee)
    return [
        api.refunds.retrieve(refund.id),
        api.refunds.update(refund.id, METADATA),
        api.refunds.list(),
        api.refunds.cancel(waiting.id),
        api.application_fees.retrieve(fee),
    ]


def sellers(shop: Shop, sim: Simulator) -> list[Any]:
    api = shop.api
    seller = api.accounts.create(SELLER)
    link: Any = {"account": seller.id, "type": "account_onboarding", "return_url": "https://a.example"}
    found: list[Any] = [seller, api.account_links.create(link | {"refresh_url": "https://b.example"})]
    sim.control.account(seller.id)
    given: Any = {
        "object": "bank_account",
        "country": "AE",
        "currency": "aed",
        "account_number": "AE460090000000123456789",
    }
    second = api.accounts.external_accounts.create(seller.id, {"external_account": given})
    profile: Any = {"business_profile": {"name": "Lamps"}, "capabilities": {"card_payments": {"requested": False}}}
    found += [
        api.accounts.retrieve_current(),
        api.accounts.retrieve(seller.id),
        api.accounts.update(seller.id, profile),
        api.accounts.list(),
        api.accounts.capabilities.list(seller.id),
        api.accounts.capabilities.retrieve(seller.id, "transfers"),
        api.accounts.login_links.create(seller.id),
        api.accounts.external_accounts.list(seller.id),
        api.accounts.external_accounts.retrieve(seller.id, second.id),
        api.accounts.external_accounts.update(seller.id, second.id, METADATA),
        api.balance_settings.retrieve(),
        api.balance_settings.update({"payments": {"debit_negative_balances": True}}, {"stripe_account": seller.id}),
    ]
    assert api.accounts.retrieve(seller.id).capabilities.to_dict() == {"transfers": "active"}  # type: ignore[union-attr]
    api.accounts.external_accounts.delete(seller.id, second.id)
    api.accounts.reject(seller.id, {"reason": "other"})
    api.accounts.delete(api.accounts.create(SELLER).id)
    sim.client(client_id="ca_souk").oauth.deauthorize({"stripe_user_id": seller.id})
    return found


def moving_money(shop: Shop, sim: Simulator) -> list[Any]:
    api, seller = shop.api, shop.funded()
    on_seller: Any = {"stripe_account": seller}
    transfer = api.transfers.list().data[0]
    reversal = api.transfers.reversals.create(transfer.id, {"amount": 100})
    payout = api.payouts.create({"amount": 500, "currency": "aed"}, on_seller)
    canceled = api.payouts.create({"amount": 500, "currency": "aed"}, on_seller)
    found = [
        api.transfers.retrieve(transfer.id),
        api.transfers.update(transfer.id, METADATA),
        reversal,
        api.transfers.reversals.list(transfer.id),
        api.transfers.reversals.retrieve(transfer.id, reversal.id),
        api.transfers.reversals.update(transfer.id, reversal.id, METADATA),
        api.payouts.retrieve(payout.id, {}, on_seller),
        api.payouts.update(payout.id, METADATA, on_seller),
        api.payouts.list({}, on_seller),
        api.payouts.cancel(canceled.id, {}, on_seller),
        api.balance.retrieve({}, on_seller),
        api.balance_transactions.list({}, on_seller),
        api.balance_transactions.retrieve(str(payout.balance_transaction), {}, on_seller),
    ]
    sim.control.payout(payout.id, "paid")
    return [*found, api.payouts.reverse(payout.id, {}, on_seller)]


def trouble(shop: Shop, sim: Simulator) -> list[Any]:
    api = shop.api
    first, second = (str(shop.paid().latest_charge) for _ in range(2))
    warning = sim.control.fraud_warning(first)
    sim.control.dispute_charge(first)
    dispute = sim.control.dispute_charge(second)
    return [
        api.disputes.list(),
        api.disputes.retrieve(dispute["id"]),
        api.disputes.update(dispute["id"], {"evidence": {"product_description": "a lamp"}, "submit": False}),
        api.disputes.close(dispute["id"]),
        api.radar.early_fraud_warnings.list(),
        api.radar.early_fraud_warnings.retrieve(warning["id"]),
        api.events.list(),
        api.events.retrieve(sim.control.events()[0]["id"]),
    ]


def test_every_route_answers_what_the_library_declares(shop: Shop, sim: Simulator):
    found = customers_and_cards(shop) + payments(shop) + refunds(shop, sim) + sellers(shop, sim)
    found += moving_money(shop, sim) + trouble(shop, sim)
    wrong = {problem for answer in found if answer.object != "search_result" for problem in problems(answer.to_dict())}
    assert wrong == set()
    called = {(kept["method"], kept["path"]) for kept in sim.control.requests() if kept["status"] == 200}
    missed = [
        f"{route.method} {route.template}"
        for route in ROUTES
        if not any(method == route.method and route.pattern.fullmatch(path) for method, path in called)
    ]
    assert missed == []
    assert sim.violations() == []
