"""The machine: everything that people, providers and clocks may do in a market, and what must be true of it after each step."""

import random
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from orders.models import Order
from orders.states import Delivery
from payments.models import Chargeback, LedgerTransaction, Payout, ProviderCommand, Refund
from payments.states import ChargebackState, CommandState
from stripe_simulator.testing import Simulator, referee
from tests.machines.books import check_at_rest, check_now
from tests.machines.buying import Buying
from tests.machines.fulfilling import Fulfilling
from tests.machines.market import Market
from tests.machines.paying_out import PayingOut

# Hours between the looks of those who wait for the market to come to rest.
PAUSES = (1, 1, 3, 25, 25, 49, 49, 73, 97, 170, 170, 170, 170, 340, 340, 340, 720, 720, 720)


class Trade(Buying, Fulfilling, PayingOut, RuleBasedStateMachine):
    """What the product refuses is refused; anything else that goes wrong fails."""

    sim: Simulator
    folder: Path
    rested = 0  # examples that were seen to their end
    reached: ClassVar[set[str]] = set()  # kinds of postings that they came to

    def __init__(self) -> None:
        super().__init__()
        self.market = Market(self.sim)
        self.judge: AbstractContextManager[Simulator] = referee(self.sim)
        self.judge.__enter__()

    @initialize(sales=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4), st.booleans()), min_size=2, max_size=4))
    def open_for_business(self, sales: list[tuple[int, int, bool]]) -> None:
        """Some was sold already, so that the steps have something to go on from."""
        for who, what, is_received in sales:
            self.buy_and_pay(who=who, what=[(what, 1)], way=Delivery.MEET, vouchers=[], card="pm_card_bypassPending")
            if is_received:
                self.receive(number=0)

    @invariant()
    def it_holds(self) -> None:
        self.market.hands.shift(1)
        check_now(self.market)
        self.market.look()

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.come_to_rest()
                check_at_rest(self.market, self.folder)
                self.judge.__exit__(None, None, None)
                type(self).rested += 1
        finally:
            self.market.close()

    def come_to_rest(self) -> None:
        """Nothing fails any more, and everybody does what they have to."""
        dice = random.Random(7)
        self.market.sim.control.clear_faults()
        self.market.top_up()
        for hours in PAUSES:
            self._settle(dice)
            if self._is_at_rest():
                self._pay_day(dice)
                return
            self.market.pass_time(hours=hours)
            self.every_hour()
            self.clocks()
            self._end_chargebacks(dice)
            self.clear_the_desk(dice)
            self.free_what_is_stuck()
            self._settle(dice)
        return

    def _pay_day(self, dice: random.Random) -> None:
        """What sellers earned goes to their banks, unless staff hold it."""
        for days in (8, 8):
            self.market.pass_time(days=days)
            self.every_hour()
            self.pay_who_is_due()
            self._settle(dice)
        self.reached.update(LedgerTransaction.objects.values_list("kind", flat=True))

    def _settle(self, dice: random.Random) -> None:
        """Until nobody has anything to do at this moment."""
        for _round in range(40):
            done = self.market.deliver(dice) + self.market.ring(dice) + self.market.look_into_inbox()
            if not done + self.market.carry_out_commands(dice):
                return
            self.market.hands.shift(1)
        msg = "work keeps making work"
        raise AssertionError(msg)

    def _is_at_rest(self) -> bool:
        return not (
            Order.objects.filter(state__in=("awaiting_payment", "confirmed")).exists()
            or ProviderCommand.objects.exclude(state__in=(CommandState.DONE, CommandState.FAILED)).exists()
            or Payout.objects.filter(state__in=("awaiting_approval", "pending", "processing")).exists()
            or Refund.objects.filter(state__in=("awaiting_approval", "requested", "pending")).exists()
            or Chargeback.objects.filter(state__in=(ChargebackState.OPEN, ChargebackState.ANSWERED)).exists()
            or Order.objects.exclude(dispute_state__in=("none", "closed")).exists()
        )

    def _end_chargebacks(self, dice: random.Random) -> None:
        for chargeback in Chargeback.objects.filter(state__in=(ChargebackState.OPEN, ChargebackState.ANSWERED)):
            self.market.sim.control.dispute(chargeback.provider_id, dice.choice(["won", "lost"]))
