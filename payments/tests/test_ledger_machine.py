"""Money in any order of events: after every step the ledger holds, in real PostgreSQL with its triggers.

Reduced by default; 2,000 examples of 50 steps with SOUK_TEST_FULL, in parts that processes share. What is asked after every step is one
statement of this test's own (`WRONG`); the auditor, which walks all and the chain too, must agree with it at the end of every example.
"""

import os
import sys
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
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
from payments.models import Payment, Payout, ProviderCommand, Refund, SellerAccount
from payments.ports import AccountView
from payments.selectors import audit_ledger, balance_of, balances_of, hold_for
from payments.states import CommandKind, PayoutState
from payments.tests.money import (
    aed,
    answered,
    asked,
    banked,
    captured,
    clawed_back,
    earned,
    part,
    seen,
    seller_ready,
    staff_with,
    transferred,
)

FULL = bool(os.environ.get("SOUK_TEST_FULL"))
EXAMPLES, STEPS, PARTS = (2_000, 50, 4) if FULL else (16, 25, 1)
BEGINS = datetime(2026, 11, 2, 8, tzinfo=UTC)
SALES = st.tuples(
    st.integers(0, 2), st.integers(60_00, 3_000_00), st.integers(0, 30)
)  # whose, fils, percent of commission
OWED = """
SELECT a.owner, -b.amount
FROM payments_ledgerbalance b JOIN payments_ledgeraccount a ON a.id = b.account_id WHERE a.kind = 'seller'
"""

# The checks of a commit, and then everything in the ledger that is not as it must be, in words. A function, because its plans are kept
# where a refusal's ROLLBACK lets go of every prepared statement.
WRONG = """
CREATE FUNCTION pg_temp.wrong() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
    RETURN QUERY
    SELECT format('all lines come to %s %s', sum(e.amount), a.currency)
    FROM payments_ledgerentry e JOIN payments_ledgeraccount a ON a.id = e.account_id
    GROUP BY a.currency HAVING sum(e.amount) <> 0
    UNION ALL
    SELECT format('transaction %s has %s lines that come to %s', t.id, count(e.id), sum(e.amount))
    FROM payments_ledgertransaction t LEFT JOIN payments_ledgerentry e ON e.transaction_id = t.id
    LEFT JOIN payments_ledgeraccount a ON a.id = e.account_id
    GROUP BY t.id, a.currency HAVING count(e.id) = 0 OR sum(e.amount) <> 0
    UNION ALL
    SELECT format('%s says %s, its lines %s', a.code, b.amount, coalesce(s.lines, 0))
    FROM payments_ledgeraccount a LEFT JOIN payments_ledgerbalance b ON b.account_id = a.id
    LEFT JOIN (SELECT account_id, sum(amount) AS lines FROM payments_ledgerentry GROUP BY account_id) s ON s.account_id = a.id
    WHERE b.amount IS DISTINCT FROM coalesce(s.lines, 0)
    UNION ALL
    SELECT format('%s %s says %s, and should %s', coalesce(b.kind, d.kind), coalesce(b.owner, d.owner), b.amount, coalesce(d.due, 0))
    FROM (
        SELECT a.kind, a.owner, b.amount FROM payments_ledgeraccount a JOIN payments_ledgerbalance b ON b.account_id = a.id
        WHERE a.kind IN ('hold', 'payout', 'refund')
    ) b FULL JOIN (
        SELECT 'hold' AS kind, h.reference AS owner, sum(h.refunded_minor - h.amount_minor) AS due
        FROM payments_paymenthold h JOIN payments_payment p ON p.id = h.payment_id
        WHERE p.state = 'captured' AND h.state IN ('held', 'cancelled') GROUP BY h.reference
        UNION ALL SELECT 'payout', id::text, -amount_minor FROM payments_payout WHERE state = 'pending'
        UNION ALL SELECT 'refund', id::text, -amount_minor FROM payments_refund WHERE state = 'requested'
    ) d ON d.kind = b.kind AND d.owner = b.owner
    WHERE b.amount > 0 OR coalesce(b.amount, 0) <> coalesce(d.due, 0)
    UNION ALL
    SELECT format('%s has ended and holds %s', a.code, b.amount)
    FROM payments_ledgeraccount a JOIN payments_ledgerbalance b ON b.account_id = a.id
    WHERE a.kind = 'hold' AND b.amount <> 0 AND (
        SELECT h.state FROM payments_paymenthold h WHERE h.reference = a.owner ORDER BY h.state = 'cancelled', h.id DESC LIMIT 1
    ) IN ('released', 'refunded')
    UNION ALL
    SELECT format('commission of %s: %s, of which %s came back', reference, commission_minor, commission_returned_minor)
    FROM payments_paymenthold
    WHERE commission_minor - commission_returned_minor NOT BETWEEN 0 AND amount_minor + subsidy_minor
    UNION ALL
    SELECT format('refund %s of %s, more than its hold of %s', r.id, r.amount_minor, h.amount_minor)
    FROM payments_refund r JOIN payments_paymenthold h ON h.id = r.hold_id
    WHERE r.state = 'succeeded' AND r.amount_minor > h.amount_minor;
END $$
"""


class Ledger(RuleBasedStateMachine):
    """Payments of one to three sellers, and whatever may happen to them. What the product refuses is refused without a trace."""

    sellers: list[User]
    buyer: User
    finance: User

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
        self.number = 0

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.the_auditor_agrees()
        finally:
            self.clock.stop()
            transaction.set_rollback(True)
            self.whole.__exit__(None, None, None)

    def the_auditor_agrees(self) -> None:
        seal_ledger()
        # Cash sales are orders, of which there are none here; orders' own tests have the auditor ask about them.
        assert [fault for fault in audit_ledger().found if not fault.ref.startswith("cash_commission")] == []
        for seller in self.sellers:
            assert balance_of(seller, "AED").available.minor >= 0

    @initialize(target=references, sales=st.lists(SALES, min_size=1, max_size=3), released=st.integers(0, 3))
    def sold_before(self, sales, released):
        # So that most examples come as far as refunds and payouts, whichever rules they draw.
        references = [self.sell(*sale, settled=True) for sale in sales]
        for reference in references[:released]:
            release_hold(reference=reference, at=self.time())
        return multiple(*references)

    @initialize(target=payouts, who=st.integers(0, 2), amount=st.integers(60_00, 3_000_00), way=st.integers(0, 3))
    def paid_before(self, who, amount, way):
        release_hold(reference=self.sell(who, amount, 0, settled=True), at=self.time())
        payout = request_payout(seller=self.sellers[who], method="standard")
        if way > 0:
            transferred(payout)
        if way > 1:
            banked(Payout.objects.get(pk=payout.pk), "paid" if way == 2 else "in_transit")
        return payout.pk

    @rule(target=references, sale=SALES, settled=st.booleans())
    def sell_one(self, sale, settled):
        return self.sell(*sale, settled=settled)

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
        account = SellerAccount.objects.get(pk=self.sellers[who].pk)
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
        assert wrong() == []

    @invariant()
    def what_sellers_have_is_what_they_are_owed(self):
        with connection.cursor() as cursor:
            cursor.execute(OWED)
            owed = dict(cursor.fetchall())
        balances = balances_of([(seller.pk, "AED") for seller in self.sellers], at=self.time())
        assert len(balances) == len(self.sellers)
        for (seller_id, _currency), balance in balances.items():
            due = owed.get(str(seller_id), 0)
            held = balance.pending.minor
            assert min(held, balance.available.minor, balance.reserved.minor, balance.debt.minor) >= 0
            assert balance.available.minor + balance.reserved.minor <= max(due, 0)
            assert balance.debt.minor == max(-due, 0)

    def sell(self, who: int, amount: int, percent: int, *, settled: bool) -> str:
        """Asked for and paid in one go; the answer is its reference."""
        self.number += 1
        reference = f"order:{self.number}-0"
        sold = part(self.sellers[who], amount=amount, commission=amount * percent // 100, reference=reference)
        captured(sold, payer=self.buyer, reference=f"checkout:{self.number}", settled=settled)
        return reference

    def time(self) -> datetime:
        return datetime.now(UTC)

    def refusals(self) -> "Refused":
        return Refused()


def wrong() -> list[str]:
    """What the ledger should not say, after the checks that a commit would make."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_temp.wrong()")
        return [words for (words,) in cursor.fetchall()]


class Refused:
    """A refusal ends the block; whatever it had written is gone."""

    def __enter__(self) -> None:
        self.point = transaction.atomic()
        self.point.__enter__()

    def __exit__(self, kind, error, trace) -> bool:
        self.point.__exit__(kind, error, trace)
        return kind is not None and issubclass(kind, Refusal)


@pytest.fixture
def people(db: None) -> type[Ledger]:
    """The machine with its people, who are the same in every example: what becomes of them goes with it."""
    with connection.cursor() as cursor, time_machine.travel(BEGINS, tick=False):
        cursor.execute(WRONG)
        Ledger.sellers = [seller_ready(takes_instant=True) for _number in range(3)]
        Ledger.buyer, Ledger.finance = UserFactory(), staff_with("approve_refund")
    return Ledger


USUAL = settings(stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)


@pytest.mark.parametrize("part_of_all", range(PARTS))
def test_money_adds_up_whatever_happens_in_whatever_order(people, part_of_all):
    run_state_machine_as_test(people, settings=settings(USUAL, max_examples=EXAMPLES // PARTS))


# --- controls: what is wrong is found ---------------------------------------------------------------------------------

FORGOTTEN = {
    "a payout that posts nothing": ("payments.actions.paying.post_many", "and should"),
    "a transfer that posts nothing": ("payments.actions.payout_results.post", "and should"),
}


@pytest.mark.parametrize("what", FORGOTTEN)
def test_control_the_machine_finds_what_was_forgotten(people, what, monkeypatch):
    step, words = FORGOTTEN[what]
    monkeypatch.setattr(step, lambda *asked, **said: None)
    searching = settings(USUAL, max_examples=200, phases=[Phase.generate], derandomize=True, database=None)
    with pytest.raises(AssertionError, match=words):
        run_state_machine_as_test(people, settings=searching)


TAMPERED = {
    "UPDATE payments_ledgerentry SET amount = amount + 1 WHERE id = (SELECT max(id) FROM payments_ledgerentry)": "come to 1 AED",
    "UPDATE payments_ledgerentry SET amount = amount + CASE WHEN transaction_id = (SELECT min(id::text)::uuid FROM"
    " payments_ledgertransaction) THEN 1 ELSE 0 END": "lines that come to",
    "INSERT INTO payments_ledgertransaction (id, kind, ref, subject, note, occurred_at)"
    " VALUES (gen_random_uuid(), 'adjustment', 'x', '', '', now())": "has 0 lines",
    "UPDATE payments_ledgerbalance SET amount = amount - 1": "its lines",
    "DELETE FROM payments_ledgerbalance": "its lines",
    "UPDATE payments_paymenthold SET state = 'released', released_at = now() WHERE reference = 'order:held'": "has ended and holds",
    "UPDATE payments_paymenthold SET refunded_minor = refunded_minor + 1": "and should",
    "UPDATE payments_payout SET state = 'processing'": "and should",
    "UPDATE payments_refund SET state = 'succeeded'": "and should",
    "ALTER TABLE payments_paymenthold DROP CONSTRAINT payments_refunds_fit; UPDATE payments_paymenthold SET"
    " commission_returned_minor = commission_minor + 1": "of which",
    "UPDATE payments_refund SET state = 'succeeded', amount_minor = 1000000": "more than its hold",
}


@pytest.mark.parametrize("tampering", TAMPERED)
def test_control_what_was_changed_behind_our_back_is_found(people, tampering):
    captured(part(people.sellers[0], reference="order:held"))
    refund_hold(reference="order:held", amount=aed(1_00), reason="x", requested_by=None, by_staff=False)
    earned(people.sellers[1])
    request_payout(seller=people.sellers[1], method="standard")
    assert wrong() == []
    with connection.cursor() as cursor:
        for table in ("ledgerentry", "ledgertransaction", "ledgerbalance"):
            cursor.execute(f"ALTER TABLE payments_{table} DISABLE TRIGGER ALL")
        cursor.execute(tampering)
    assert any(TAMPERED[tampering] in words for words in wrong())
