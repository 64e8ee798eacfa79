"""One simulator in a thread for the module; each test gets it empty."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from stripe_simulator.testing import Simulator, threaded_simulator

SELLER: Any = {
    "country": "AE",
    "controller": {
        "fees": {"payer": "application"},
        "losses": {"payments": "application"},
        "stripe_dashboard": {"type": "express"},
    },
    "capabilities": {"transfers": {"requested": True}, "card_payments": {"requested": True}},
}


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with threaded_simulator(clock="manual") as simulator:
        yield simulator


@pytest.fixture
def sim(running: Simulator) -> Simulator:
    running.control.reset()
    return running


@pytest.fixture
def client(sim: Simulator) -> stripe.StripeClient:
    return sim.client()


class Shop:
    """The few sentences that most tests begin with."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.api = sim.client().v1

    def paid(self, amount: int = 29900, card: str = "pm_card_visa", **more: Any) -> stripe.PaymentIntent:
        asked: Any = {"amount": amount, "currency": "aed", "automatic_payment_methods": {"enabled": True}, **more}
        asked |= {"confirm": True, "payment_method": card, "return_url": "https://souk.example/back"}
        return self.api.payment_intents.create(asked)

    def seller(self, outcome: str = "complete") -> str:
        account = self.api.accounts.create(SELLER)
        if outcome:
            self.sim.control.account(account.id, outcome)
        return account.id

    def funded(self, amount: int = 25_000) -> str:
        """A seller with that much in the balance."""
        self.paid(amount * 2, card="pm_card_bypassPending")
        seller = self.seller()
        self.api.transfers.create({"amount": amount, "currency": "aed", "destination": seller})
        return seller

    def balance(self, account: str | None = None) -> tuple[int, int]:
        """Available and pending."""
        options: Any = {"stripe_account": account} if account else {}
        found = self.api.balance.retrieve({}, options)
        return found.available[0].amount, found.pending[0].amount

    def entries(self, account: str | None = None) -> list[tuple[str, int, int]]:
        """Type, amount and fee of every balance transaction, oldest first."""
        options: Any = {"stripe_account": account} if account else {}
        found = self.api.balance_transactions.list({"limit": 100}, options).auto_paging_iter()
        return [(entry.type, entry.amount, entry.fee) for entry in found][::-1]


@pytest.fixture
def shop(sim: Simulator) -> Shop:
    return Shop(sim)
