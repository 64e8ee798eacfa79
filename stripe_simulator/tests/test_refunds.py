from typing import Any

import pytest
import stripe

from stripe_simulator.testing import Simulator
from stripe_simulator.tests.conftest import Shop


def refused(shop: Shop, **asked: Any) -> stripe.InvalidRequestError:
    before = shop.entries()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        shop.api.refunds.create(asked)  # type: ignore[arg-type]
    assert shop.entries() == before
    return caught.value


def test_parts_and_then_the_rest(shop: Shop, sim: Simulator):
    intent = shop.paid(10_000)
    first = shop.api.refunds.create({"payment_intent": intent.id, "amount": 2500, "reason": "requested_by_customer"})
    assert (first.status, first.amount, first.reason) == ("succeeded", 2500, "requested_by_customer")
    rest = shop.api.refunds.create({"charge": str(intent.latest_charge)})
    charge = shop.api.charges.retrieve(str(intent.latest_charge))
    assert (rest.amount, charge.amount_refunded, charge.refunded) == (7500, 10_000, True)
    assert shop.entries() == [("charge", 10_000, 390), ("refund", -2500, 0), ("refund", -7500, 0)]
    assert shop.balance() == (0, -390)  # Stripe keeps its fee
    assert refused(shop, payment_intent=intent.id).code == "charge_already_refunded"
    assert [e["type"] for e in sim.control.events("charge.refunded")] == ["charge.refunded"] * 2
    assert len(shop.api.refunds.list({"payment_intent": intent.id}).data) == 2


def test_never_more_than_was_paid(shop: Shop):
    intent = shop.paid(10_000)
    assert "greater than unrefunded amount" in str(refused(shop, payment_intent=intent.id, amount=10_001))
    shop.api.refunds.create({"payment_intent": intent.id, "amount": 9_999})
    assert "greater than unrefunded amount" in str(refused(shop, payment_intent=intent.id, amount=2))
    assert refused(shop, payment_intent=intent.id, amount=0).code == "parameter_invalid_integer"


def test_only_what_was_paid(shop: Shop):
    unpaid = shop.api.payment_intents.create({"amount": 500, "currency": "aed"})
    assert refused(shop, payment_intent=unpaid.id).code == "payment_intent_unexpected_state"
    assert refused(shop).user_message
    intent = shop.paid()
    refused(shop, payment_intent=intent.id, charge=str(intent.latest_charge))
    refused(shop, payment_intent=intent.id, currency="usd")
    assert refused(shop, payment_intent="pi_none").code == "resource_missing"


def test_a_disputed_charge_is_not_refunded_as_well(shop: Shop, sim: Simulator):
    intent = shop.paid()
    dispute = sim.control.dispute_charge(str(intent.latest_charge))
    assert refused(shop, payment_intent=intent.id).code == "charge_disputed"
    sim.control.dispute(dispute["id"], "won")
    assert shop.api.refunds.create({"payment_intent": intent.id}).status == "succeeded"


def test_a_pending_refund_succeeds_later(shop: Shop, sim: Simulator):
    intent = shop.paid(card="pm_card_pendingRefund")
    refund = shop.api.refunds.create({"payment_intent": intent.id})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    sim.control.advance(60)
    assert shop.api.refunds.retrieve(refund.id).status == "succeeded"
    assert sim.control.events("refund.updated")[0]["data"]["previous_attributes"] == {"status": "pending"}


def test_a_refund_that_the_bank_sends_back_gives_the_money_back(shop: Shop, sim: Simulator):
    intent = shop.paid(10_000, card="pm_card_refundFail")
    refund = shop.api.refunds.create({"payment_intent": intent.id, "amount": 4000})
    assert refund.status == "succeeded"
    sim.control.advance(60)
    failed = shop.api.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert failed.failure_balance_transaction
    assert shop.entries()[-1] == ("refund_failure", 4000, 0)
    assert shop.api.charges.retrieve(str(intent.latest_charge)).amount_refunded == 0
    assert sim.control.events("refund.failed")


def test_without_enough_money_a_refund_waits_for_it(shop: Shop, sim: Simulator):
    intent = shop.paid(10_000)
    sim.control.advance(days=7)
    seller = shop.seller()
    shop.api.transfers.create({"amount": 9000, "currency": "aed", "destination": seller})
    refund = shop.api.refunds.create({"payment_intent": intent.id, "amount": 5000})
    assert (refund.status, refund.pending_reason, refund.balance_transaction) == ("pending", "insufficient_funds", None)
    assert shop.balance() == (610, 0)
    shop.paid(20_000, card="pm_card_bypassPending")
    sim.control.advance(60)
    assert shop.api.refunds.retrieve(refund.id).status == "succeeded"
    assert shop.balance() == (610 + 19_320 - 5000, 0)


def test_a_card_refund_cannot_be_canceled(shop: Shop, sim: Simulator):
    intent = shop.paid()
    refund = shop.api.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError):
        shop.api.refunds.cancel(refund.id)
    sim.control.refund(refund.id, "requires_action")
    assert shop.api.refunds.cancel(refund.id).status == "canceled"
    assert shop.balance() == (0, 28_933)


def test_what_is_decided_by_hand(shop: Shop, sim: Simulator):
    sim.control.terms(refund_after=1000)
    intent = shop.paid()
    first = shop.api.refunds.create({"payment_intent": intent.id, "amount": 500})
    second = shop.api.refunds.create({"payment_intent": intent.id, "amount": 500})
    assert sim.control.refund(first.id, "succeeded")["status"] == "succeeded"
    assert (
        sim.control.refund(second.id, "failed", failure_reason="lost_or_stolen_card")["failure_reason"]
        == "lost_or_stolen_card"
    )


def test_a_destination_charge_and_its_refunds_share_transfer_and_fee(shop: Shop):
    seller = shop.seller()
    intent = shop.paid(10_001, transfer_data={"destination": seller}, application_fee_amount=1501, on_behalf_of=seller)
    charge = shop.api.charges.retrieve(str(intent.latest_charge))
    assert shop.entries() == [("charge", 10_001, 390), ("transfer", -10_001, 0), ("application_fee", 1501, 0)]
    assert shop.entries(seller) == [("payment", 10_001, 1501)]
    assert (bool(charge.transfer), bool(charge.application_fee)) == (True, True)
    for amount in (3333, 3333, 3335):
        asked: Any = {"payment_intent": intent.id, "amount": amount}
        shop.api.refunds.create(asked | {"reverse_transfer": True, "refund_application_fee": True})
    assert shop.balance(seller) == (0, 0)
    assert sum(amount for kind, amount, _ in shop.entries() if kind == "application_fee_refund") == -1501
    assert sum(amount for kind, amount, _ in shop.entries() if kind == "transfer_refund") == 10_001
    assert sum(shop.balance()) == -390


def test_there_is_nothing_to_reverse_without_a_transfer(shop: Shop):
    intent = shop.paid()
    refused(shop, payment_intent=intent.id, reverse_transfer=True)
    refused(shop, payment_intent=intent.id, refund_application_fee=True)
    assert shop.api.refunds.list().data == []
    assert shop.api.charges.retrieve(str(intent.latest_charge)).amount_refunded == 0
