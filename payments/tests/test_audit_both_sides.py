# ruff: noqa: S608, ISC004 - tables and conditions of this file alone
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.models import Heartbeat
from moderation.tests.colleagues import colleague
from payments.actions import explain_break, note_audit, refund_hold, request_payout
from payments.actions.chargebacks import note_dispute
from payments.models import LedgerTransaction, ReconciliationBreak, Refund
from payments.ports import DisputeView
from payments.selectors import PROVEN, audit_ledger, payouts_are_stopped
from payments.states import BreakState
from payments.tests.money import aed, answered, banked, captured, earned, part, seller_ready, transferred

pytestmark = pytest.mark.django_db
LEDGER = ("entry", "transaction", "balance", "seal", "account")


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def unlocked() -> None:
    """What only the owner of the tables can do."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table in LEDGER:
        run(f"ALTER TABLE payments_ledger{table} DISABLE TRIGGER USER")


def unposted(where: str) -> None:
    """Those postings never were: no line, no account of theirs alone, and every balance is right."""
    unlocked()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM payments_ledgertransaction WHERE {where}")
        found = [row[0] for row in cursor.fetchall()]
    assert found
    of_them = "({})".format(", ".join(f"'{pk}'" for pk in found))
    run(f"UPDATE payments_ledgertransaction SET reverses_id = NULL WHERE reverses_id IN {of_them}")
    run(f"DELETE FROM payments_ledgerentry WHERE transaction_id IN {of_them}")
    run(f"DELETE FROM payments_ledgertransaction WHERE id IN {of_them}")
    run(
        "UPDATE payments_ledgerbalance b SET amount = coalesce("
        "(SELECT sum(amount) FROM payments_ledgerentry e WHERE e.account_id = b.account_id), 0)"
    )
    without = "(SELECT id FROM payments_ledgeraccount WHERE id NOT IN (SELECT account_id FROM payments_ledgerentry))"
    run(f"DELETE FROM payments_ledgerbalance WHERE account_id IN {without}")
    run("DELETE FROM payments_ledgeraccount WHERE id NOT IN (SELECT account_id FROM payments_ledgerbalance)")


def bank_says(payment, status, *, reinstated=False):
    return note_dispute(
        view=DisputeView(
            id=f"dp_{payment.pk.hex}",
            charge_id=payment.charge_id,
            intent_id=payment.provider_id,
            amount_minor=payment.amount_minor,
            currency="AED",
            fee_minor=55_00,
            status=status,
            reason="fraudulent",
            withdrawn=True,
            reinstated=reinstated,
        )
    )


def a_whole_life() -> None:
    captured(part(UserFactory(), reference="order:held"))
    captured(part(UserFactory(), reference="order:back"))
    answered(refund_hold(reference="order:back", amount=aed(1_00), reason="x", requested_by=None, by_staff=False))
    failing = refund_hold(reference="order:back", amount=aed(2_00), reason="x", requested_by=None, by_staff=False)
    answered(failing, "failed", failure="declined")
    seller = seller_ready()
    earned(seller, reference="order:sold")
    banked(transferred(request_payout(seller=seller, method="standard")))
    again = seller_ready()
    earned(again)
    banked(transferred(request_payout(seller=again, method="standard")), "failed", failure="closed")
    for reference, verdict in (("order:lost", "lost"), ("order:won", "won"), ("order:open", "needs_response")):
        payment = captured(part(UserFactory(), reference=reference))
        bank_says(payment, "needs_response")
        bank_says(payment, verdict, reinstated=verdict == "won")


def test_a_whole_life_holds_from_both_sides():
    a_whole_life()
    assert audit_ledger().faults == []


UNPOSTED = {
    "a captured payment": ("kind = 'capture' AND subject = (SELECT p.reference FROM payments_payment p JOIN "
                           "payments_paymenthold h ON h.payment_id = p.id WHERE h.reference = 'order:held')",
                           {"capture ch_", "hold:order:held"}),
    "a release": ("kind = 'release' AND subject = 'order:sold'", {"release "}),
    "a refund that was ordered and sent": (
        "kind IN ('refund_ordered', 'refund') AND id IN (SELECT e.transaction_id FROM payments_ledgerentry e "
        "JOIN payments_ledgeraccount a ON a.id = e.account_id JOIN payments_refund r ON r.id::text = a.owner "
        "WHERE r.state = 'succeeded')",
        {"refund_ordered ", "refund re_"},
    ),
    "a refund that left us": ("kind = 'refund' AND subject = 'order:back'", {"refund re_"}),
    "a refund that failed": ("kind = 'refund_failed'", {"refund_failed "}),
    "a paid payout": (
        "kind IN ('payout_ordered', 'transfer') AND subject IN "
        "(SELECT 'payout:' || id FROM payments_payout WHERE state = 'paid')",
        {"payout_ordered ", "transfer tr_"},
    ),
    "a payout that came back": ("kind = 'payout_failed'", {"payout_failed "}),
    "a lost chargeback": ("kind = 'chargeback_lost'", {"chargeback_lost dp_"}),
    "a chargeback and all that came of it": (
        "kind LIKE 'chargeback%'", {"chargeback dp_", "chargeback_lost dp_", "chargeback_won dp_"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", UNPOSTED)
def test_what_happened_and_was_never_posted_is_found(what):
    where, refs = UNPOSTED[what]
    a_whole_life()
    unposted(where)
    verdict = audit_ledger()
    missing = [fault for fault in verdict.found if fault.kind == "not_posted"]
    for ref in refs:
        assert any(fault.ref.startswith(ref) for fault in missing), (ref, verdict.faults)
    assert not any(fault.kind == "never_happened" for fault in verdict.found), verdict.faults
    with pytest.raises(CommandError, match="does not hold"):
        call_command("audit_ledger")


NEVER = {
    "UPDATE payments_payment SET state = 'open', captured_at = NULL WHERE id = (SELECT payment_id FROM payments_paymenthold"
    " WHERE reference = 'order:held')": "capture ch_",
    "UPDATE payments_paymenthold SET released_at = NULL, state = 'held' WHERE reference = 'order:sold'": "release ",
    "UPDATE payments_payout SET transfer_id = '' WHERE state = 'paid'": "transfer tr_",
    "UPDATE payments_payout SET state = 'paid' WHERE state = 'failed'": "payout_failed ",
    "UPDATE payments_chargeback SET reinstated_at = NULL WHERE state = 'won'": "chargeback_won dp_",
    "DELETE FROM payments_refund WHERE state = 'failed'": "refund:",
}


@pytest.mark.parametrize("statement", NEVER)
def test_what_is_posted_and_never_happened_is_found(statement):
    a_whole_life()
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(statement)
    found = [fault.ref for fault in audit_ledger().found if fault.kind == "never_happened"]
    assert any(ref.startswith(NEVER[statement]) for ref in found), audit_ledger().faults


OTHERWISE = {
    "UPDATE payments_payment SET amount_minor = amount_minor + 1 WHERE id = (SELECT payment_id FROM payments_paymenthold"
    " WHERE reference = 'order:held')": "capture ch_",
    "UPDATE payments_refund SET amount_minor = 99 WHERE state = 'succeeded' AND reason = 'x'": "refund re_",
    "UPDATE payments_payout SET amount_minor = amount_minor + 1 WHERE state = 'paid'": "payout_ordered ",
    "UPDATE payments_chargeback SET amount_minor = amount_minor - 1 WHERE state = 'lost'": "chargeback_lost dp_",
    "UPDATE payments_chargeback SET state = 'lost' WHERE state = 'open'": "chargeback:",
}


@pytest.mark.parametrize("statement", OTHERWISE)
def test_what_is_posted_with_another_amount_is_found(statement):
    a_whole_life()
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(statement)
    found = [fault.ref for fault in audit_ledger().found if fault.kind == "posted_otherwise"]
    assert any(ref.startswith(OTHERWISE[statement]) for ref in found), audit_ledger().faults


def finance():
    return colleague("finance")


def test_a_fault_is_a_break_in_the_console_until_it_is_explained_or_mended(capsys):
    captured(part(UserFactory(), reference="order:held"))
    unposted("kind = 'capture'")
    for _ in range(2):
        with pytest.raises(CommandError):
            call_command("audit_ledger")
    assert "not_posted: capture ch_" in capsys.readouterr().err
    kinds = ReconciliationBreak.objects.filter(state=BreakState.OPEN).values_list("kind", "run")
    assert sorted(kinds) == [("not_posted", None), ("not_posted", None)]  # the payment and its hold, once each
    assert not Heartbeat.objects.filter(name=PROVEN).exists()
    assert payouts_are_stopped()

    person = finance()
    client = Client()
    client.force_login(person, backend="accounts.backends.IdentifierBackend")
    listed = client.get(reverse("admin:payments_reconciliationbreak_changelist")).content.decode()
    assert "hold:order:held" in listed
    for row in ReconciliationBreak.objects.all():
        page = client.get(reverse("admin:payments_reconciliationbreak_change", args=[row.pk])).content.decode()
        assert "the audit of the ledger" in page
        explain_break(staff=person, break_id=row.pk, explanation="a drill of the night team")
    assert not payouts_are_stopped()
    note_audit()
    assert not ReconciliationBreak.objects.filter(state=BreakState.OPEN).exists()  # explained: not asked again


def test_what_is_not_found_any_more_has_mended():
    captured(part(UserFactory(), reference="order:held"))
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("UPDATE payments_paymenthold SET state = 'released', released_at = now()")
    note_audit()
    assert ReconciliationBreak.objects.filter(state=BreakState.OPEN).count() == 2
    run("UPDATE payments_paymenthold SET state = 'held', released_at = NULL")
    assert note_audit().holds
    assert set(ReconciliationBreak.objects.values_list("state", flat=True)) == {BreakState.MENDED}
    assert Heartbeat.objects.filter(name=PROVEN, beat_at__lte=timezone.now()).exists()


def test_the_audit_moves_no_money():
    a_whole_life()
    before = LedgerTransaction.objects.count(), Refund.objects.count()
    unposted("kind = 'release' AND subject = 'order:sold'")
    note_audit()
    assert (LedgerTransaction.objects.count(), Refund.objects.count()) == (before[0] - 1, before[1])
