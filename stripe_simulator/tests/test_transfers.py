from typing import Any

import pytest
import stripe

from stripe_simulator.testing import Simulator
from stripe_simulator.tests.conftest import Shop


def test_moves_available_money_only(shop: Shop, sim: Simulator):
    shop.paid(10_000)
    seller = shop.seller()
    asked: Any = {"amount": 5000, "currency": "aed", "destination": seller, "transfer_group": "po_1"}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.transfers.create(asked)
    assert refused.value.code == "balance_insufficient"
    sim.control.advance(days=7)
    transfer = shop.api.transfers.create(asked)
    assert (shop.balance(), shop.balance(seller)) == ((4610, 0), (5000, 0))
    received = shop.api.charges.retrieve(str(transfer.destination_payment), {}, {"stripe_account": seller})
    assert (received.amount, received.source_transfer) == (5000, transfer.id)
    for wrong in ({"amount": 4611}, {"currency": "usd"}):
        with pytest.raises(stripe.InvalidRequestError) as again:
            shop.api.transfers.create(asked | wrong)
        assert again.value.code == "balance_insufficient"
    assert [found.id for found in shop.api.transfers.list({"transfer_group": "po_1"}).data] == [transfer.id]


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("", "insufficient_capabilities_for_transfer"),
        ("due", "insufficient_capabilities_for_transfer"),
        ("disabled", "insufficient_capabilities_for_transfer"),
        ("deauthorized", "resource_missing"),
    ],
)
def test_refuses_accounts_that_may_not_receive(shop: Shop, outcome: str, code: str):
    shop.paid(10_000, card="pm_card_bypassPending")
    seller = shop.seller(outcome)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.transfers.create({"amount": 500, "currency": "aed", "destination": seller})
    assert refused.value.code == code
    assert shop.balance() == (9610, 0)


def test_money_of_a_charge_can_be_promised_before_it_is_available(shop: Shop, sim: Simulator):
    charge = str(shop.paid(10_000).latest_charge)
    seller = shop.seller()
    asked: Any = {"amount": 6000, "currency": "aed", "destination": seller, "source_transaction": charge}
    shop.api.transfers.create(asked)
    assert (shop.balance(), shop.balance(seller)) == ((0, 3610), (0, 6000))
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.transfers.create(asked)
    assert refused.value.code == "balance_insufficient"
    sim.control.advance(days=7)
    assert (shop.balance(), shop.balance(seller)) == ((3610, 0), (6000, 0))


def test_reversals_never_take_more_than_was_sent_or_is_left(shop: Shop):
    seller = shop.funded(10_000)
    transfer = shop.api.transfers.list().data[0]
    reversal = shop.api.transfers.reversals.create(transfer.id, {"amount": 4000, "metadata": {"clawback": "1"}})
    assert (reversal.amount, reversal.metadata.to_dict()) == (4000, {"clawback": "1"})
    assert shop.balance(seller) == (6000, 0)
    with pytest.raises(stripe.InvalidRequestError, match="greater than the unreversed amount"):
        shop.api.transfers.reversals.create(transfer.id, {"amount": 6001})
    shop.api.payouts.create({"amount": 5000, "currency": "aed"}, {"stripe_account": seller})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.transfers.reversals.create(transfer.id)
    assert refused.value.code == "balance_insufficient"
    shop.api.transfers.reversals.create(transfer.id, {"amount": 1000})
    again = shop.api.transfers.retrieve(transfer.id)
    assert (again.amount_reversed, again.reversed, len(again.reversals.data)) == (5000, False, 2)
    assert shop.entries(seller)[0] == ("payment", 10_000, 0)
    assert [found.amount for found in shop.api.transfers.reversals.list(transfer.id).data] == [1000, 4000]


def test_a_transfer_reversed_in_full_says_so(shop: Shop, sim: Simulator):
    shop.funded(10_000)
    transfer = shop.api.transfers.list().data[0]
    shop.api.transfers.reversals.create(transfer.id)
    assert shop.api.transfers.retrieve(transfer.id).reversed
    assert sim.control.events("transfer.reversed")
    with pytest.raises(stripe.InvalidRequestError):
        shop.api.transfers.reversals.create(transfer.id, {"amount": 1})
