from typing import Any

import pytest
import stripe

from stripe_simulator.testing import ControlRefusedError, Simulator
from stripe_simulator.tests.conftest import Shop


def test_a_dispute_takes_amount_and_fee_from_the_platform(shop: Shop, sim: Simulator):
    intent = shop.paid(10_000, card="pm_card_bypassPending")
    dispute = sim.control.dispute_charge(str(intent.latest_charge), reason="product_not_received", amount=4000)
    assert (dispute["status"], dispute["reason"], dispute["amount"]) == ("needs_response", "product_not_received", 4000)
    assert shop.entries()[-1] == ("adjustment", -4000, 6000)
    assert shop.balance() == (9610 - 10_000, 0)
    assert shop.api.charges.retrieve(str(intent.latest_charge)).disputed
    words = [e["type"].rpartition(".")[2] for e in sim.control.events("charge.dispute")]
    assert words == ["created", "funds_withdrawn"]


def test_won_gives_the_amount_back_and_keeps_the_fee(shop: Shop, sim: Simulator):
    intent = shop.paid(10_000, card="pm_card_bypassPending")
    dispute = sim.control.dispute_charge(str(intent.latest_charge))
    closed = sim.control.dispute(dispute["id"], "won")
    assert (closed["status"], len(closed["balance_transactions"])) == ("won", 2)
    assert shop.balance() == (9610 - 6000, 0)
    words = [e["type"].rpartition(".")[2] for e in sim.control.events("charge.dispute")]
    assert words == ["created", "funds_withdrawn", "funds_reinstated", "closed"]
    with pytest.raises(ControlRefusedError, match="already closed"):
        sim.control.dispute(dispute["id"], "lost")


def test_lost_changes_no_balance_any_more(shop: Shop, sim: Simulator):
    intent = shop.paid(10_000, card="pm_card_bypassPending")
    dispute = sim.control.dispute_charge(str(intent.latest_charge))
    before = shop.entries()
    assert shop.api.disputes.close(dispute["id"]).status == "lost"
    assert shop.entries() == before


@pytest.mark.parametrize(
    ("words", "verdict"), [("winning_evidence", "won"), ("losing_evidence", "lost"), ("a photo", "under_review")]
)
def test_evidence_decides_as_in_the_test_mode(shop: Shop, sim: Simulator, words: str, verdict: str):
    shop.paid(card="pm_card_createDispute")
    dispute = shop.api.disputes.list().data[0]
    assert dispute.status == "needs_response"
    evidence: Any = {"evidence": {"uncategorized_text": words}, "submit": True}
    assert shop.api.disputes.update(dispute.id, evidence).status == verdict


def test_evidence_can_be_kept_back(shop: Shop, sim: Simulator):
    shop.paid(card="pm_card_createDispute")
    dispute = shop.api.disputes.list().data[0]
    evidence: Any = {"evidence": {"product_description": "a lamp"}, "submit": False}
    kept = shop.api.disputes.update(dispute.id, evidence)
    assert (kept.status, kept.evidence_details.has_evidence, kept.evidence_details.submission_count) == (
        "needs_response",
        True,
        0,
    )


def test_a_charge_is_disputed_once(shop: Shop, sim: Simulator):
    charge = str(shop.paid().latest_charge)
    sim.control.dispute_charge(charge)
    with pytest.raises(ControlRefusedError):
        sim.control.dispute_charge(charge)
    assert len(shop.api.disputes.list({"charge": charge}).data) == 1


def test_an_early_warning_comes_before(shop: Shop, sim: Simulator):
    charge = str(shop.paid().latest_charge)
    warning = sim.control.fraud_warning(charge)
    found: stripe.radar.EarlyFraudWarning = shop.api.radar.early_fraud_warnings.retrieve(warning["id"])
    assert (found.charge, found.actionable) == (charge, True)
    assert sim.control.events("radar.early_fraud_warning.created")
