"""A run of payouts for so many sellers who are all due: `./souk bench payouts [--due 100000] [--quick]`.

Sellers with one released sale each, of which a tenth more have nothing; their ledger is written as the product would have. Then
`run_due_payouts` as beat runs it, in a process of its own for each size, so that memory is that of the size. Prints and writes
docs/benchmarks/payouts.md.
"""

import argparse
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.databases import ROOT, Server
from benchmarks.load import cpu_seconds
from benchmarks.report import machine

DATABASE = "souk_bench_payouts"
GROWTH_LIMIT = 1.3  # of the time for a payout, at ten times as many
MEMORY_LIMIT_MB = 60  # more than the process had before its first batch

_HOW = """Repeat: `./souk bench payouts`. Every seller has one released and settled sale, as the ledger, holds and accounts hold it; a
tenth more have nothing. *The run*: `run_due_payouts` as beat runs it, batches of {batch}, each a transaction: lock accounts and holds,
lock and read balances, write payouts, postings (lines, deferred checks, balances by trigger), commands for the provider, news. *Again*:
the same run once more, which finds everybody paid. CPU: of Python and of its database backend, for a payout; unlike seconds it holds,
more or less, on a machine that others use too. Memory: what the process grew by from before its first batch to its highest;
what making the rows left free is used first.
"""


def main() -> None:
    asked = _arguments()
    if asked.measure:
        print(json.dumps(_measure(asked.measure)))
        return
    server = Server.from_environment()
    server.make(DATABASE)
    server.manage(DATABASE, "migrate", "--no-input")
    found = []
    for due in (asked.due // 10, asked.due):
        environment = server.environment(DATABASE) | {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_JSON": "true"}
        words = [sys.executable, "-m", "benchmarks.payouts", "--measure", str(due)]
        done = subprocess.run(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        found.append(json.loads(done.stdout.strip().splitlines()[-1]))
    text = _text(found)
    print(text)
    if not asked.quick:
        asked.out.write_text(text + "\n")
        print(f"written to {asked.out}", file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.payouts", description=__doc__)
    parser.add_argument("--due", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true", help="write no report")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks" / "payouts.md")
    return parser.parse_args()


# --- the rows -------------------------------------------------------------------------------------------------------

_EMPTY = (
    "TRUNCATE payments_ledgerentry, payments_ledgerseal, payments_ledgertransaction, payments_ledgerbalance, payments_ledgeraccount, "
    "payments_paymenthold, payments_refund, payments_payment, payments_payout, payments_providercommand, payments_selleraccount, "
    "core_outboxevent, core_delivery, accounts_user CASCADE"
)
_SHARE = 254_15
_ROWS = (
    """
    CREATE TEMPORARY TABLE bench AS SELECT i, gen_random_uuid() AS seller, gen_random_uuid() AS payment, gen_random_uuid() AS hold,
        gen_random_uuid() AS captured, gen_random_uuid() AS released, i <= %(due)s AS sold FROM generate_series(1, %(all)s) i
    """,
    """
    INSERT INTO payments_selleraccount (user_id, provider_id, charges_enabled, payouts_enabled, takes_cash, transfers_active,
        requirements, disabled_reason, bank_last4, bank_name, takes_instant, schedule, legal_name, tax_number, frozen_because,
        created_at, updated_at)
    SELECT seller, 'acct_' || i, true, true, true, true, '[]', '', '6789', 'Bank', false, 'weekly', '', '', '', now(), now() FROM bench
    """,
    """
    INSERT INTO payments_payment (id, payer_id, reference, attempt, amount_minor, currency, description, state, funds_flow, provider_id,
        provider_status, client_secret, charge_id, balance_transaction_id, method, receipt_url, failure_code, next_action_url,
        created_at, captured_at, updated_at)
    SELECT payment, seller, 'checkout:' || payment, 1, 29900, 'AED', '', 'captured', 'separate', 'pi_' || i, 'succeeded', '',
        'ch_' || i, '', '{}', '', '', '', now() - interval '9 days', now() - interval '9 days', now()
    FROM bench WHERE sold
    """,
    """
    INSERT INTO payments_paymenthold (id, payment_id, reference, payee_id, currency, amount_minor, subsidy_minor, commission_minor,
        share_minor, state, refunded_minor, subsidy_returned_minor, commission_returned_minor, reserve_minor, available_on,
        frozen_because, released_at, created_at, updated_at)
    SELECT hold, payment, 'order:' || hold, seller, 'AED', 29900, 0, 4485, 25415, 'released', 0, 0, 0, 0, now() - interval '2 days',
        '', now() - interval '1 day', now() - interval '9 days', now() FROM bench WHERE sold
    """,
    """
    INSERT INTO payments_ledgeraccount (code, kind, currency, owner)
    SELECT 'clearing:AED', 'clearing', 'AED', '' UNION ALL SELECT 'revenue:commission:AED', 'revenue', 'AED', 'commission'
    UNION ALL SELECT 'seller:' || seller || ':AED', 'seller', 'AED', seller::text FROM bench WHERE sold
    UNION ALL SELECT 'hold:order:' || hold || ':AED', 'hold', 'AED', 'order:' || hold FROM bench WHERE sold
    """,
    """
    INSERT INTO payments_ledgertransaction (id, kind, ref, subject, note, occurred_at)
    SELECT captured, 'capture', 'ch_' || i, 'checkout:' || payment, '', now() FROM bench WHERE sold
    UNION ALL SELECT released, 'release', hold::text, 'order:' || hold, '', now() FROM bench WHERE sold
    """,
    """
    INSERT INTO payments_ledgerentry (transaction_id, account_id, amount)
    SELECT b.captured, a.id, 29900 FROM bench b, payments_ledgeraccount a WHERE b.sold AND a.code = 'clearing:AED'
    UNION ALL SELECT b.captured, a.id, -29900 FROM bench b JOIN payments_ledgeraccount a ON a.code = 'hold:order:' || b.hold || ':AED'
    UNION ALL SELECT b.released, a.id, 29900 FROM bench b JOIN payments_ledgeraccount a ON a.code = 'hold:order:' || b.hold || ':AED'
    UNION ALL SELECT b.released, a.id, -25415 FROM bench b JOIN payments_ledgeraccount a ON a.code = 'seller:' || b.seller || ':AED'
    UNION ALL SELECT b.released, a.id, -4485 FROM bench b, payments_ledgeraccount a WHERE b.sold AND a.code = 'revenue:commission:AED'
    """,
    """
    INSERT INTO payments_ledgerbalance (account_id, amount)
    SELECT a.id, coalesce(sum(e.amount), 0) FROM payments_ledgeraccount a LEFT JOIN payments_ledgerentry e ON e.account_id = a.id
    GROUP BY a.id
    """,
)


def _make_rows(connection: Any, due: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET souk.may_empty = 'on'")
        cursor.execute("SET session_replication_role = replica")  # no checks and no triggers: we know what we write
        cursor.execute(_EMPTY)
        for statement in _ROWS:
            cursor.execute(statement, {"due": due, "all": due * 11 // 10} if "%(due)s" in statement else None)
        cursor.execute("SET session_replication_role = origin")


# --- the measure ----------------------------------------------------------------------------------------------------


def _measure(due: int) -> dict[str, Any]:
    import django  # noqa: PLC0415

    django.setup()
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from payments.actions import run_due_payouts  # noqa: PLC0415
    from payments.actions.paying import BATCH  # noqa: PLC0415
    from payments.models import LedgerEntry, Payout  # noqa: PLC0415

    _make_rows(connection, due)
    with connection.cursor() as cursor:
        cursor.execute("SELECT seller FROM bench")
        ids = [row[0] for row in cursor.fetchall()]
    User.objects.bulk_create((User(pk=pk, username=f"seller{n}") for n, pk in enumerate(ids)), batch_size=500)
    del ids
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    at = timezone.now()
    _forget_peak()
    before, spent, started = _peak_mb(), cpu_seconds([backend]) + time.process_time(), time.perf_counter()
    run = run_due_payouts(at=at)
    seconds = time.perf_counter() - started
    cpu = cpu_seconds([backend]) + time.process_time() - spent
    grown = _peak_mb() - before
    started = time.perf_counter()
    again = run_due_payouts(at=at)
    payouts, sums = Payout.objects.count(), sum(LedgerEntry.objects.values_list("amount", flat=True).iterator())
    if (run.ordered, again.ordered, payouts, sums) != (due, 0, due, 0) or run.amounts["AED"] != due * _SHARE:
        sys.exit(f"wrong: {run.ordered} ordered, {again.ordered} again, {payouts} payouts, lines come to {sums}")
    return {
        "due": due,
        "seconds": seconds,
        "cpu": cpu,
        "grown_mb": grown,
        "again": time.perf_counter() - started,
        "batch": BATCH,
    }


def _peak_mb() -> float:
    """The highest since `_forget_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): resets VmHWM to what is held now


def _text(found: list[dict[str, Any]]) -> str:
    small, large = found
    grown = large["grown_mb"]
    growth = (large["cpu"] / large["due"]) / (small["cpu"] / small["due"])
    rows = [
        f"| {one['due']:,} | {one['seconds']:.1f} | {one['seconds'] / one['due'] * 1e6:.0f} | {one['cpu'] / one['due'] * 1e6:.0f} "
        f"| {one['again']:.1f} | {one['grown_mb']:.0f} |"
        for one in found
    ]
    return "\n".join(
        [
            "# Payouts of a whole city, measured\n",
            f"{datetime.now(UTC):%Y-%m-%d}. {machine()}\n",
            _HOW.format(batch=large["batch"]),
            "| sellers due | seconds | µs a payout | µs of CPU | again, s | MB more |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            f"- CPU for a payout at ten times as many: {growth:.2f} times (limit {GROWTH_LIMIT}): {_verdict(growth, GROWTH_LIMIT)}",
            f"- memory grew by {grown:.0f} MB (limit {MEMORY_LIMIT_MB}): {_verdict(grown, MEMORY_LIMIT_MB)}",
            "- every seller was paid once, and the ledger's lines come to nothing",
        ]
    )


def _verdict(value: float, limit: float) -> str:
    return "kept" if value <= limit else "**missed**"


if __name__ == "__main__":
    main()
