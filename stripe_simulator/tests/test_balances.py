"""Whatever happens, a balance is what its balance transactions add up to, and no money comes from nowhere."""

import os
from typing import Any

import stripe
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from stripe_simulator.testing import Simulator, threaded_simulator
from stripe_simulator.tests.conftest import Shop

FULL = bool(os.environ.get("SOUK_TEST_FULL"))
AMOUNTS = st.integers(200, 100_000)
PARTS = st.integers(1, 60_000)
CARDS = st.sampled_from(
    ["pm_card_visa", "pm_card_bypassPending", "pm_card_refundFail", "pm_card_pendingRefund", "pm_card_createDispute"]
)


class Money(RuleBasedStateMachine):
    """Random shops. Refusals are fine; numbers that do not add up are not."""

    sim: Simulator
    charges: Bundle[str] = Bundle("charges")
    transfers: Bundle[str] = Bundle("transfers")
    payouts: Bundle[tuple[str, str]] = Bundle("payouts")

    @initialize()
    def open_shop(self) -> None:
        self.sim.control.reset()
        self.shop = Shop(self.sim)
        self.sellers = [self.shop.seller(), self.shop.seller()]
        self.paid_in = self.paid_out = self.fees = 0

    def tried(self, doing: Any, *arguments: Any) -> Any:
        try:
            return doing(*arguments)
        except stripe.InvalidRequestError:
            return None

    @rule(target=charges, amount=AMOUNTS, card=CARDS, seller=st.sampled_from([None, 0, 1]), fee=st.integers(0, 300))
    def pay(self, amount: int, card: str, seller: int | None, fee: int) -> Any:
        more: dict[str, Any] = {}
        if seller is not None:
            more["transfer_data"] = {"destination": self.sellers[seller]}
            more |= {"application_fee_amount": min(fee, amount)} if fee else {}
        intent = self.tried(lambda: self.shop.paid(amount, card=card, **more))
        return multiple(str(intent.latest_charge)) if intent else multiple()

    @rule(charge=charges, amount=PARTS, reverse=st.booleans(), fee_too=st.booleans())
    def refund(self, charge: str, amount: int, reverse: bool, fee_too: bool) -> None:
        asked: Any = {
            "charge": charge,
            "amount": amount,
            "reverse_transfer": reverse,
            "refund_application_fee": fee_too,
        }
        self.tried(self.shop.api.refunds.create, asked)

    @rule(target=transfers, amount=PARTS, seller=st.integers(0, 1))
    def transfer(self, amount: int, seller: int) -> Any:
        asked: Any = {"amount": amount, "currency": "aed", "destination": self.sellers[seller]}
        made = self.tried(self.shop.api.transfers.create, asked)
        return multiple(made.id) if made else multiple()

    @rule(transfer=transfers, amount=PARTS)
    def reverse(self, transfer: str, amount: int) -> None:
        self.tried(self.shop.api.transfers.reversals.create, transfer, {"amount": amount})

    @rule(target=payouts, amount=PARTS, seller=st.integers(0, 1), method=st.sampled_from(["standard", "instant"]))
    def pay_out(self, amount: int, seller: int, method: str) -> Any:
        asked: Any = {"amount": amount, "currency": "aed", "method": method}
        made = self.tried(self.shop.api.payouts.create, asked, {"stripe_account": self.sellers[seller]})
        return multiple((self.sellers[seller], made.id)) if made else multiple()

    @rule(payout=payouts, fate=st.sampled_from(["paid", "failed", "cancel"]))
    def decide(self, payout: tuple[str, str], fate: str) -> None:
        seller, pk = payout
        if fate == "cancel":
            self.tried(self.shop.api.payouts.cancel, pk, {}, {"stripe_account": seller})
        else:
            self.sim.control.payout(pk, fate)

    @rule(outcome=st.sampled_from(["won", "lost"]))
    def close_a_dispute(self, outcome: str) -> None:
        for dispute in self.shop.api.disputes.list().data:
            if dispute.status == "needs_response":
                self.sim.control.dispute(dispute.id, outcome)
                return

    @rule(days=st.sampled_from([0.001, 1, 8]))
    def wait(self, days: float) -> None:
        self.sim.control.advance(days=days)

    @invariant()
    def balances_are_the_sums_of_their_transactions(self) -> None:
        for account in (None, *self.sellers):
            options: Any = {"stripe_account": account} if account else {}
            entries = list(self.shop.api.balance_transactions.list({"limit": 100}, options).auto_paging_iter())
            assert all(entry.net == entry.amount - entry.fee for entry in entries)
            available = sum(entry.net for entry in entries if entry.status == "available")
            assert self.shop.balance(account) == (available, sum(entry.net for entry in entries) - available)

    @invariant()
    def no_money_comes_from_nowhere(self) -> None:
        """What all hold together is what buyers paid, less refunds, disputes, Stripe's fees and what banks received."""
        api, sim = self.shop.api, self.sim
        state = sim.control.state()
        held = sum(
            part["available"] + part["pending"] for whose in state["balances"].values() for part in whose.values()
        )
        charges = [c for c in api.charges.list({"limit": 100}).auto_paging_iter() if c.paid]
        fees = sum((c.amount * 290 + 5000) // 10_000 + 100 for c in charges)
        refunds = [
            r
            for r in api.refunds.list({"limit": 100}).auto_paging_iter()
            if r.balance_transaction and r.status != "failed"
        ]
        disputes = list(api.disputes.list({"limit": 100}).auto_paging_iter())
        gone = sum(d.amount for d in disputes if d.status != "won") + 6000 * len(disputes)
        banked = 0
        for seller in self.sellers:
            options: Any = {"stripe_account": seller}
            found = api.payouts.list({"limit": 100}, options).auto_paging_iter()
            banked += sum(p.amount for p in found if p.status not in ("failed", "canceled"))
        assert held == sum(c.amount for c in charges) - fees - sum(r.amount for r in refunds) - gone - banked

    @invariant()
    def nothing_is_refunded_or_reversed_beyond_what_it_was(self) -> None:
        for charge in self.shop.api.charges.list({"limit": 100}).auto_paging_iter():
            assert 0 <= charge.amount_refunded <= charge.amount
        for transfer in self.shop.api.transfers.list({"limit": 100}).auto_paging_iter():
            assert 0 <= transfer.amount_reversed <= transfer.amount


def test_money_adds_up_in_every_shop():
    with threaded_simulator(clock="manual") as simulator:
        Money.sim = simulator
        test = Money.TestCase()
        test.settings = settings(
            max_examples=200 if FULL else 6,
            stateful_step_count=40 if FULL else 15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        test.runTest()
