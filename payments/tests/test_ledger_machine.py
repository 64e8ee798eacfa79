"""Money in any order of events: after every step the ledger holds, in real PostgreSQL with its triggers.

Reduced by default; 2,000 examples of 50 steps with SOUK_TEST_FULL.
"""

import os
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from accounts.tests.factories import UserFactory
from core.errors import Refusal
from payments.actions import (
    cancel_payment,
    charge_cash_commission,
    freeze_hold,
    note_account,
    note_command_refused,
    note_intent,
    refund_hold,
    release_hold,
    request_payout,
    retry_refund,
    return_cash_commission,
    run_due_payouts,
    seal_ledger,
    unfreeze_hold,
)
from payments.models import LedgerBalance, LedgerEntry, Payment, PaymentHold, Payout, ProviderCommand, Refund
from payments.ports import AccountView
from payments.selectors import audit_ledger, balance_of, hold_for
from payments.states import CommandKind, HoldState, PayoutState, RefundState
from payments.tests.money import (
    aed,
    answered,
    asked,
    banked,
    clawed_back,
    part,
    seen,
    seller_ready,
    staff_with,
    transferred,
)

FULL = bool(os.environ.get("SOUK_TEST_FULL"))
EXAMPLES, STEPS = (2_000, 50) if FULL else (15, 25)
BEGINS = datetime(2026, 11, 2, 8, tzinfo=UTC)


class Ledger(RuleBasedStateMachine):
    """Payments of one to three sellers, and whatever may happen to them. What the product refuses is refused without a trace."""

    payments, references, refunds, payouts = (
        Bundle("payments"),
        Bundle("references"),
        Bundle("refunds"),
        Bundle("payouts"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.whole = transaction.atomic()
        self.whole.__enter__()
        self.clock = time_machine.travel(BEGINS, tick=False)
        self.now = self.clock.start()
        self.sellers: list[User] = [seller_ready(takes_instant=True) for _number in range(3)]
        self.buyer: User = UserFactory()
        self.finance: User = staff_with("approve_refund")
        self.number = 0

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.whole.__exit__(None, None, None)

    @rule(
        target=payments,
        parts=st.lists(
            st.tuples(st.integers(0, 2), st.integers(2_00, 3_000_00), st.integers(0, 100), st.integers(0, 50_00)),
            min_size=1,
            max_size=3,
        ),
    )
    def ask(self, parts):
        self.number += 1
        made = [
            part(
                self.sellers[who],
                amount=amount,
                commission=(amount + subsidy) * percent // 100,
                subsidy=subsidy,
                reference=f"order:{self.number}-{index}",
            )
            for index, (who, amount, percent, subsidy) in enumerate(parts)
        ]
        return asked(*made, payer=self.buyer, reference=f"checkout:{self.number}").pk

    @rule(target=references, payment=payments, fee=st.integers(0, 1_00), settled=st.booleans(), times=st.integers(1, 2))
    def capture(self, payment, fee, settled, times):
        row = Payment.objects.get(pk=payment)
        for _again in range(times):
            with self.refusals():
                note_intent(payment_id=payment, view=seen(row, fee=fee, settled=settled))
        return multiple(*row.holds.values_list("reference", flat=True))

    @rule(payment=payments, status=st.sampled_from(["processing", "requires_payment_method", "canceled"]))
    def look(self, payment, status):
        row = Payment.objects.get(pk=payment)
        note_intent(payment_id=payment, view=seen(row, status, failure="card_declined" if "method" in status else ""))

    @rule(payment=payments)
    def call_off(self, payment):
        with self.refusals():
            cancel_payment(reference=Payment.objects.get(pk=payment).reference)

    @rule(reference=references)
    def release(self, reference):
        with self.refusals():
            release_hold(reference=reference, at=self.time())

    @rule(reference=references, is_frozen=st.booleans())
    def freeze(self, reference, is_frozen):
        with self.refusals():
            freeze_hold(reference=reference, because="test") if is_frozen else unfreeze_hold(reference=reference)

    @rule(target=refunds, reference=references, share=st.integers(1, 120))
    def refund(self, reference, share):
        amount = max(hold_for(reference).amount_minor * share // 100, 1)
        with self.refusals():
            made = refund_hold(reference=reference, amount=aed(amount), reason="x", requested_by=None, by_staff=False)
            return made.pk
        return multiple()

    @rule(refund=refunds, status=st.sampled_from(["pending", "succeeded", "failed"]))
    def answer_refund(self, refund, status):
        answered(Refund.objects.get(pk=refund), status)

    @rule(refund=refunds)
    def refuse_refund(self, refund):
        command = ProviderCommand.objects.filter(kind=CommandKind.REFUND, subject=f"refund:{refund}").first()
        note_command_refused(command=command, code="charge_disputed")

    @rule(refund=refunds)
    def try_refund_again(self, refund):
        with self.refusals():
            retry_refund(staff=self.finance, refund_id=refund)

    @rule(target=payouts, who=st.integers(0, 2), method=st.sampled_from(["instant", "standard"]))
    def ask_to_be_paid(self, who, method):
        with self.refusals():
            return request_payout(seller=self.sellers[who], method=method).pk
        return multiple()

    @rule(target=payouts, beats=st.integers(1, 2))
    def pay(self, beats):
        runs = [run_due_payouts(at=self.time()) for _beat in range(beats)]
        assert all(run.ordered == 0 for run in runs[1:])
        return multiple(*(payout.pk for payout in runs[0].payouts))

    @rule(payout=payouts)
    def transfer(self, payout):
        row = Payout.objects.get(pk=payout)
        if row.state == PayoutState.PENDING or row.transfer_id:
            transferred(row)

    @rule(payout=payouts)
    def refuse_transfer(self, payout):
        note_command_refused(command=ProviderCommand.objects.get(idempotency_key=f"tr:{payout}"), code="no_funds")

    @rule(payout=payouts, status=st.sampled_from(["in_transit", "paid", "failed"]))
    def bank(self, payout, status):
        row = Payout.objects.get(pk=payout)
        if row.transfer_id:
            banked(row, status)

    @rule(payout=consumes(payouts))
    def claw_back(self, payout):
        row = Payout.objects.get(pk=payout)
        if row.state == PayoutState.FAILED and row.transfer_id:
            clawed_back(row)
            clawed_back(row)

    @rule(who=st.integers(0, 2), last4=st.sampled_from(["1111", "2222"]))
    def other_bank(self, who, last4):
        account = self.sellers[who].seller_account
        view = AccountView(account.provider_id, True, True, True, bank_last4=last4, bank_name="B", takes_instant=True)
        note_account(user_id=self.sellers[who].pk, view=view)

    @rule(who=st.integers(0, 2), order=st.integers(1, 3), commission=st.integers(1, 100_00), back=st.booleans())
    def cash(self, who, order, commission, back):
        reference = f"order:cash{order}"
        if back:
            return_cash_commission(reference=reference)
        else:
            charge_cash_commission(seller=self.sellers[who], reference=reference, commission=aed(commission))

    @rule(days=st.integers(1, 40))
    def wait(self, days):
        self.now.move_to(self.time() + timedelta(days=days))

    @rule()
    def seal(self):
        seal_ledger()

    @invariant()
    def it_holds(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert audit_ledger().faults == []
        entries = LedgerEntry.objects.values_list("amount", flat=True)
        assert sum(entries) == 0
        for account, amount in LedgerBalance.objects.filter(account__kind="hold").values_list(
            "account__owner", "amount"
        ):
            assert amount <= 0
            if hold_for(account).state in (HoldState.RELEASED, HoldState.REFUNDED):
                assert amount == 0
        for hold in PaymentHold.objects.all():
            assert 0 <= hold.commission_minor - hold.commission_returned_minor <= hold.amount_minor + hold.subsidy_minor
        for refund in Refund.objects.filter(state=RefundState.SUCCEEDED):
            assert refund.amount_minor <= refund.hold.amount_minor

    @invariant()
    def what_sellers_have_is_what_they_are_owed(self):
        for seller in self.sellers:
            balance = balance_of(seller, "AED")
            owed = -sum(
                LedgerBalance.objects.filter(account__kind="seller", account__owner=str(seller.pk)).values_list(
                    "amount", flat=True
                )
            )
            held = balance.pending.minor
            assert min(held, balance.available.minor, balance.reserved.minor, balance.debt.minor) >= 0
            assert balance.available.minor + balance.reserved.minor <= max(owed, 0)
            assert balance.debt.minor == max(-owed, 0)

    def time(self) -> datetime:
        return datetime.now(UTC)

    def refusals(self) -> "Refused":
        return Refused()


class Refused:
    """A refusal ends the block; whatever it had written is gone."""

    def __enter__(self) -> None:
        self.point = transaction.atomic()
        self.point.__enter__()

    def __exit__(self, kind, error, trace) -> bool:
        self.point.__exit__(kind, error, trace)
        return kind is not None and issubclass(kind, Refusal)


@pytest.mark.django_db
def test_money_adds_up_whatever_happens_in_whatever_order():
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
