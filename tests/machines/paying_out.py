"""Rules of money on its way out, of the provider and the banks behind it, of workers and clocks, and of what goes wrong."""

import contextlib
import random
from datetime import timedelta

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from catalog import tasks as catalog_tasks
from offers import tasks as offers_tasks
from orders import tasks as orders_tasks
from payments import actions as payments
from payments.errors import ProviderError
from payments.models import Chargeback, Payout, ProviderCommand, Refund, SellerAccount
from payments.states import CommandState, Schedule
from stripe_simulator.testing import ControlRefusedError
from tests.machines.buying import NUMBER
from tests.machines.market import Market, aed, pick, where

FAULTS = st.sampled_from(
    [
        ("timeout_after", {"seconds": 0}),
        ("timeout_after", {"seconds": 0}),
        ("timeout_before", {"seconds": 0}),
        ("drop_connection_after", {}),
        ("conflict_409", {}),
        ("error_500_saved", {"effect": True}),
        ("error_500_saved", {"effect": False}),
        ("error_500_unsaved", {}),
        ("rate_limit_429", {}),
        ("slow", {"seconds": 0.02}),
    ]
)
WHERE = st.sampled_from(
    ["", "", "/v1/payment_intents", "/v1/refunds", "/v1/transfers", "/v1/payouts", "/v1/customers", "/v1/events"]
)


class PayingOut:
    market: Market

    # --- payouts ----------------------------------------------------------------------------------------------------

    @where("earned")
    @rule(who=st.integers(0, 2), method=st.sampled_from(["instant", "standard"]))
    def ask_to_be_paid(self, who, method):
        self.market.tried(payments.request_payout, seller=self.market.sellers[who], method=method)

    @where("earned")
    @rule()
    def pay_who_is_due(self):
        assert [payments.run_due_payouts(at=timezone.now()).ordered for _again in range(2)][1] == 0

    @where("earned")
    @rule(who=st.integers(0, 2), amount=st.sampled_from([1_00, 40_00, 600_00]))
    def pay_by_hand(self, who, amount):
        how = {"seller": self.market.sellers[who], "amount": aed(amount), "note": "x"}
        self.market.tried(payments.order_manual_payout, staff=self.market.team[0], **how)

    @where("payout_to_decide")
    @rule(number=NUMBER, who=st.integers(0, 1), agrees=st.booleans())
    def decide_payout(self, number, who, agrees):
        if payout := pick(list(Payout.objects.filter(state="awaiting_approval").order_by("created_at")), number):
            step, how = (payments.approve_payout, {}) if agrees else (payments.refuse_payout, {"reason": "no"})
            self.market.tried(step, staff=self.market.team[who], payout_id=payout.pk, **how)

    @rule(who=st.integers(0, 2), schedule=st.sampled_from(list(Schedule)))
    def choose_when_to_be_paid(self, who, schedule):
        payments.change_payout_settings(seller=self.market.sellers[who], schedule=schedule)

    @rule(who=st.integers(0, 2))
    def freeze_or_thaw(self, who):
        seller = self.market.sellers[who]
        is_frozen = SellerAccount.objects.get(pk=seller.pk).frozen_at is not None
        step = payments.thaw_payouts if is_frozen else payments.freeze_payouts
        step(staff=self.market.team[0], seller=seller, reason="x")

    # --- banks ------------------------------------------------------------------------------------------------------

    @where("payout")
    @rule(number=NUMBER, outcome=st.sampled_from(["paid", "failed", "failed"]))
    def bank_says(self, number, outcome):
        if payout := pick(list(Payout.objects.exclude(provider_id="").order_by("created_at")), number):
            with contextlib.suppress(ControlRefusedError):  # it said its last word before
                self.market.sim.control.payout(payout.provider_id, outcome)

    @where("refund")
    @rule(number=NUMBER, outcome=st.sampled_from(["succeeded", "failed"]))
    def refund_arrives_or_not(self, number, outcome):
        if refund := pick(list(Refund.objects.filter(provider_id__startswith="re_").order_by("created_at")), number):
            with contextlib.suppress(ControlRefusedError):
                self.market.sim.control.refund(refund.provider_id, outcome)

    @where("charge")
    @rule(number=NUMBER, percent=st.sampled_from([100, 100, 30]))
    def take_it_up_with_the_bank(self, number, percent):
        if payment := pick(self.market.charges(), number):
            with contextlib.suppress(ControlRefusedError):
                self.market.sim.control.dispute_charge(payment.charge_id, amount=payment.amount_minor * percent // 100)

    @where("chargeback")
    @rule(number=NUMBER, outcome=st.sampled_from(["won", "lost"]))
    def bank_decides(self, number, outcome):
        if chargeback := pick(list(Chargeback.objects.order_by("created_at")), number):
            with contextlib.suppress(ControlRefusedError):
                self.market.sim.control.dispute(chargeback.provider_id, outcome)

    # --- workers and clocks -----------------------------------------------------------------------------------------

    @where("news")
    @rule(seed=NUMBER, limit=st.sampled_from([3, 20, 200]))
    def deliver(self, seed, limit):
        self.market.deliver(random.Random(seed), limit=limit)

    @where("command")
    @rule(seed=NUMBER)
    def carry_out(self, seed):
        self.market.carry_out_commands(random.Random(seed))

    @where("any_order")
    @rule(seed=NUMBER, part=st.sampled_from([0.3, 0.8]))
    def ring(self, seed, part):
        """Some events come, in any order, some twice; others never, or later."""
        self.market.ring(random.Random(seed), part=part, twice=0.3)
        self.market.look_into_inbox()

    @rule(hours=st.sampled_from([0.05, 0.3, 1, 5, 25]))
    def wait(self, hours):
        self.market.pass_time(hours=hours)

    @rule(days=st.sampled_from([4, 8, 22]))
    def wait_for_days(self, days):
        self.market.pass_time(days=days)

    @where("any_order")
    @rule()
    def clocks(self):
        catalog_tasks.expire_holds()
        offers_tasks.expire_offers()
        orders_tasks.expire_checkouts()
        orders_tasks.run_clocks()
        payments.seal_ledger()

    @where("any_order")
    @rule()
    def every_hour(self):
        self.market.hourly()

    @where("charge")
    @rule()
    def every_night(self):
        now = timezone.now()
        with contextlib.suppress(ProviderError):
            payments.reconcile(since=now - timedelta(days=1), until=now)

    # --- what goes wrong --------------------------------------------------------------------------------------------

    @rule(fault=FAULTS, where=WHERE, times=st.integers(1, 4), method=st.sampled_from([None, "POST", "POST"]))
    def go_wrong(self, fault, where, times, method):
        kind, how = fault
        self.market.sim.control.fault(kind, path_prefix=where, method=method, times=times, **how)

    @where("command")
    @rule()
    def forget_keys(self):
        self.market.pass_time(hours=25)
        self.market.sim.control.prune_keys()

    def free_what_is_stuck(self) -> None:
        for command in ProviderCommand.objects.filter(state=CommandState.PARKED):
            payments.retry_command(staff=self.market.team[0], command_id=command.pk)
        for payout in Payout.objects.filter(state="awaiting_approval"):
            for who in (0, 1):
                self.market.tried(payments.refuse_payout, staff=self.market.team[who], payout_id=payout.pk, reason="no")
