"""Buying, under many hands: `./souk bench checkout [--seconds 10] [--quick]`.

So many buyers at once, each a process with a connection of its own, open a checkout by card (stock set aside, fees frozen, the payment
asked for) and, in a second transaction, confirm it as captured (ledger posted, stock sold): on listings of their own, and all on the
same one. Beside it what one durable commit costs on the same server. Prints and writes docs/benchmarks/checkout.md.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import city
from benchmarks.databases import ROOT, Server
from benchmarks.report import machine

DATABASE = "souk_bench_checkout"
LISTINGS = 4_000
BUYERS = 16
COMMITS = 5.0  # a hot checkout's p95 in durable commits

_HOW = """Repeat: `./souk bench checkout`. {buyers} buyers at once, each a process with a connection of its own, for {seconds:g} seconds
a cell; the machine is shared by them and PostgreSQL. *Open*: `open_checkout` by card, one transaction: listing and stock locked,
quoted, one order with its line and timeline written, the stock set aside, the payment with its hold and the command for the provider
ordered, news left in the outbox. *Confirm*: a second transaction, as when the provider has told of the money: `note_intent` (ledger
posted) and `confirm_paid_checkout` (stock sold). The provider itself is not asked. *Distinct*: every buyer buys from a listing of
their own; *same*: all from one listing with stock enough, so that they wait for each other's row. A commit: pgbench, {buyers} clients,
one INSERT a transaction. PostgreSQL: synchronous_commit {commit}, fsync {fsync}. Times in milliseconds, p50/p95.
"""


def main() -> None:
    asked = _arguments()
    if asked.measure:
        print(json.dumps(_measure(asked)))
        return
    server = Server.from_environment()
    city.fill(server, DATABASE, rows=LISTINGS, polygons=None)
    environment = server.environment(DATABASE) | {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_JSON": "true"}
    environment["RATE_LIMITS_ENABLED"] = "false"
    words = [sys.executable, "-m", "benchmarks.checkout", *sys.argv[1:], "--measure"]
    done = subprocess.run(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    found["commit_ms"] = _commits(server, asked)
    text = _text(found, asked)
    print(text)
    if not asked.quick:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(text + "\n")
        print(f"written to {asked.out}", file=sys.stderr)


def _commits(server: Server, asked: argparse.Namespace) -> list[float]:
    """What one durable commit takes on this server, as pgbench's log tells."""
    with server.connect(DATABASE) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_commit")
        connection.execute("CREATE TABLE bench_commit (id bigserial PRIMARY KEY, note text)")
        folder = Path(str(connection.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone()[0]))  # type: ignore[index]
    given = server.libpq(DATABASE)
    with tempfile.TemporaryDirectory() as kept:
        script = Path(kept) / "commit.sql"
        script.write_text("INSERT INTO bench_commit (note) VALUES ('bought');\n")
        words = [
            str(folder / "pgbench"),
            "-n",
            "-c",
            str(BUYERS),
            "-j",
            "2",
            "-T",
            f"{max(2, asked.seconds):.0f}",
            "-l",
        ]
        words += ["-f", str(script), "-h", given["host"], "-p", given.get("port", "5432"), "-U", given["user"]]
        environment = {**os.environ, "PGPASSWORD": given.get("password", "")}
        subprocess.run([*words, given["dbname"]], cwd=kept, env=environment, check=True, stdout=subprocess.DEVNULL)
        lines = [line for path in Path(kept).glob("pgbench_log.*") for line in path.read_text().splitlines()]
    return [int(line.split()[2]) / 1000 for line in lines]


# --- measuring ------------------------------------------------------------------------------------------------------


def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    import django  # noqa: PLC0415 - settings hold one database

    django.setup()
    from django.db import connection  # noqa: PLC0415

    variants, buyers = _prepare(connection)
    cells = {}
    for name in ("distinct", "same"):
        mine = variants[:BUYERS] if name == "distinct" else variants[:1] * BUYERS
        cells[name] = _round(list(zip(buyers, mine, strict=True)), asked.seconds)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM orders_order WHERE state = 'confirmed'), (SELECT count(*) FROM orders_orderitem), "
                "(SELECT sum(%s - stock) FROM catalog_productvariant WHERE stock > 100)",
                [STOCK],
            )
            cells[name]["confirmed"], cells[name]["items"], cells[name]["taken"] = map(int, cursor.fetchone())
        print(f"  {name}: {len(cells[name]['open'])} orders", file=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('synchronous_commit'), current_setting('fsync')")
        commit, fsync = cursor.fetchone()
    return {"cells": cells, "commit": commit, "fsync": fsync}


STOCK = 1_000_000
_EMPTY = """
    TRUNCATE orders_checkout, orders_order, orders_orderitem, orders_orderevent, payments_payment, payments_paymenthold,
        payments_providercommand, payments_ledgerentry, payments_ledgertransaction, payments_ledgerbalance, catalog_stockhold,
        core_outboxevent, core_delivery CASCADE
"""


def _prepare(connection: Any) -> tuple[list[str], list[str]]:
    """Listings that never run out, one for each buyer, of sellers that are none of the buyers."""
    with connection.cursor() as cursor:
        cursor.execute("SET souk.may_empty = on")
        cursor.execute(_EMPTY)
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "INSERT INTO catalog_productvariant (id, product_id, sku, options, stock, position, is_active) "
            "SELECT gen_random_uuid(), id, '', '{}', 1, 0, true FROM catalog_product ON CONFLICT DO NOTHING"
        )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(
            "SELECT DISTINCT ON (p.seller_id) v.id::text, p.seller_id::text FROM catalog_product p "
            "JOIN catalog_productvariant v ON v.product_id = p.id JOIN accounts_user u ON u.id = p.seller_id "
            "WHERE p.state = 'active' AND p.hidden_at IS NULL AND p.price_minor >= 2000 AND p.currency = 'AED' "
            "AND u.is_active AND u.suspended_at IS NULL AND u.listings_hidden_at IS NULL ORDER BY p.seller_id LIMIT %s",
            [BUYERS],
        )
        rows = cursor.fetchall()
        variants, sellers = [row[0] for row in rows], [row[1] for row in rows]
        cursor.execute("UPDATE catalog_productvariant SET stock = 1 WHERE stock > 100")
        cursor.execute("UPDATE catalog_productvariant SET stock = %s WHERE id = ANY (%s::uuid[])", [STOCK, variants])
        cursor.execute(
            "SELECT u.id::text FROM accounts_user u WHERE u.is_active AND u.suspended_at IS NULL AND u.id <> ALL (%s::uuid[]) "
            "AND NOT EXISTS (SELECT 1 FROM accounts_block b WHERE b.blocker_id = u.id AND b.blocked_id = ANY (%s::uuid[]) "
            "OR b.blocked_id = u.id AND b.blocker_id = ANY (%s::uuid[])) ORDER BY u.id LIMIT %s",
            [sellers, sellers, sellers, BUYERS],
        )
        buyers = [row[0] for row in cursor.fetchall()]
        cursor.execute("UPDATE accounts_user SET email_verified_at = now() WHERE id = ANY (%s::uuid[])", [buyers])
        cursor.execute("VACUUM ANALYZE catalog_productvariant")
        cursor.execute("CHECKPOINT")
    return variants, buyers


def _round(pairs: list[tuple[str, str]], seconds: float) -> dict[str, Any]:
    """All at once; the times of every open and every confirmation, and how long it was."""
    from django.db import connections  # noqa: PLC0415

    connections.close_all()  # each has its own
    context = multiprocessing.get_context("fork")  # settings and code are there already
    answers: Any = context.Queue()
    start = context.Barrier(len(pairs))
    people = [context.Process(target=_buy, args=(*pair, seconds, start, answers)) for pair in pairs]
    for person in people:
        person.start()
    told = [answers.get(timeout=seconds + 300) for _ in people]
    for person in people:
        person.join()
    return {
        "open": [ms for one in told for ms in one["open"]],
        "confirm": [ms for one in told for ms in one["confirm"]],
        "seconds": max(one["ended"] for one in told) - min(one["began"] for one in told),
        "errors": sum(one["errors"] for one in told),
    }


def _buy(buyer_id: str, variant_id: str, seconds: float, start: Any, answers: Any) -> None:
    import uuid  # noqa: PLC0415

    from django.conf import settings  # noqa: PLC0415

    settings.RATE_LIMITS_ENABLED = False
    from django.db import transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from core.errors import Refusal  # noqa: PLC0415
    from orders.actions import confirm_paid_checkout, open_checkout  # noqa: PLC0415
    from orders.quotes import Wanted  # noqa: PLC0415
    from payments.actions import note_intent  # noqa: PLC0415
    from payments.ports import ChargeView, IntentView  # noqa: PLC0415

    buyer = User.objects.get(pk=buyer_id)
    lines = [Wanted(variant_id=uuid.UUID(variant_id))]
    opened: list[float] = []
    confirmed: list[float] = []
    errors = 0
    start.wait(timeout=120)
    began = time.time()
    while time.time() - began < seconds:
        first = time.perf_counter()
        try:
            checkout = open_checkout(buyer=buyer, lines=lines)
        except Refusal as refusal:
            errors += 1
            print(f"refused: {refusal}", file=sys.stderr)
            break
        second = time.perf_counter()
        payment = checkout.payment
        assert payment is not None  # noqa: S101 - by card
        charge = ChargeView(
            id=f"ch_{payment.pk.hex}",
            amount_minor=payment.amount_minor,
            balance_transaction_id=f"txn_{payment.pk.hex}",
            fee_minor=100,
            available_on=timezone.now(),
        )
        view = IntentView(
            id=f"pi_{payment.pk.hex}",
            status="succeeded",
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            charge=charge,
        )
        with transaction.atomic():
            note_intent(payment_id=payment.pk, view=view)
            confirm_paid_checkout(payment_id=payment.pk)
        opened.append((second - first) * 1000)
        confirmed.append((time.perf_counter() - second) * 1000)
    answers.put({"open": opened, "confirm": confirmed, "began": began, "ended": time.time(), "errors": errors})


# --- telling --------------------------------------------------------------------------------------------------------


def _at(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def _text(found: dict[str, Any], asked: argparse.Namespace) -> str:
    commits = found["commit_ms"]
    commit = _at(commits, 0.95)
    rows, verdicts = [], []
    for name, cell in found["cells"].items():
        whole = [a + b for a, b in zip(cell["open"], cell["confirm"], strict=True)]
        rate = len(whole) / cell["seconds"]
        rows.append(
            f"| {name} | {rate:.0f} | {_pair(cell['open'])} | {_pair(cell['confirm'])} | {_pair(whole)} "
            f"| {_at(cell['open'], 0.95) / commit:.1f} | {cell['errors']} |"
        )
        agree = cell["confirmed"] == cell["items"] == cell["taken"]
        verdicts.append((f"{name}: {cell['confirmed']:,} orders confirmed, {cell['taken']:,} pieces taken", agree))
    hot = _at(found["cells"]["same"]["open"], 0.95) / commit
    verdicts.append((f"a hot checkout's p95 is {hot:.1f} durable commits (target {COMMITS:g})", hot <= COMMITS))
    lines = [
        "# Checkout, measured\n",
        f"{datetime.now(UTC):%Y-%m-%d}. {machine()} {asked.note}".rstrip() + "\n",
        _HOW.format(buyers=BUYERS, seconds=asked.seconds, commit=found["commit"], fsync=found["fsync"]),
        "| listings | orders a second | open | confirm | both | open's p95 in commits | refused |",
        "|---|---|---|---|---|---|---|",
        *rows,
        f"\nOne durable commit: {_pair(commits)} ms at {BUYERS} clients.\n",
        *(f"- {words}: {'met' if met else '**missed**'}" for words, met in verdicts),
    ]
    return "\n".join(lines)


def _pair(values: list[float]) -> str:
    return f"{_at(values, 0.5):.1f}/{_at(values, 0.95):.1f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.checkout", description=__doc__)
    parser.add_argument("--seconds", type=float, default=None, help="of each cell (10)")
    parser.add_argument("--quick", action="store_true", help="a second each: does it run at all")
    parser.add_argument("--note", default="", help="a sentence for the report, about the machine")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks" / "checkout.md")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.seconds = asked.seconds or (1.0 if asked.quick else 10.0)
    return asked


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    main()
