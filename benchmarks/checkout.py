"""Buying, under many hands: `./souk bench checkout [--seconds 10] [--quick]`.

So many buyers at once, each a process with a connection of its own, open a checkout by card (stock set aside, fees frozen, the payment
asked for), then note that the money came (ledger posted) and confirm the orders (stock sold), each in a transaction of its own, as in
production: on listings of their own, and all on the same one. Beside it what one durable commit costs on the same server, and what one
purchase asks for when nobody else buys. Prints and writes docs/benchmarks/checkout.md.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
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
ordered, news left in the outbox. *Money*: a second transaction, as when the provider has told of it: `note_intent` (ledger posted).
*Confirm*: a third, as the news of it is delivered: `confirm_paid_checkout` (stock sold). The provider itself is not asked, and what
carries the news from one to the next is not measured. *Distinct*: every buyer buys from a listing of their own; *same*: all from one
listing with stock enough, so that they wait for each other's row. *CPU*: of the buyer's Python process, a purchase. A commit: pgbench,
{buyers} clients, one INSERT a transaction. PostgreSQL: synchronous_commit {commit}, fsync {fsync}. Times in milliseconds, p50/p95.
"""
ALONE = 200  # purchases of one buyer while nobody else buys


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
    alone = _alone(connection, buyers[0], variants[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('synchronous_commit'), current_setting('fsync')")
        commit, fsync = cursor.fetchone()
    return {"cells": cells, "alone": alone, "commit": commit, "fsync": fsync}


STOCK = 1_000_000
_EMPTY = """
    TRUNCATE orders_checkout, orders_order, orders_orderitem, orders_orderevent, payments_payment, payments_paymenthold,
        payments_providercommand, payments_ledgerentry, payments_ledgertransaction, payments_ledgerbalance, payments_ledgeraccount,
        catalog_stockhold,
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
        "money": [ms for one in told for ms in one["money"]],
        "confirm": [ms for one in told for ms in one["confirm"]],
        "cpu": [one["cpu"] for one in told],
        "seconds": max(one["ended"] for one in told) - min(one["began"] for one in told),
        "errors": sum(one["errors"] for one in told),
    }


def _buy(buyer_id: str, variant_id: str, seconds: float, start: Any, answers: Any) -> None:
    from django.conf import settings  # noqa: PLC0415

    settings.RATE_LIMITS_ENABLED = False
    from core.errors import Refusal  # noqa: PLC0415

    purchase = _purchases(buyer_id, variant_id)
    times: dict[str, list[float]] = {"open": [], "money": [], "confirm": []}
    errors = 0
    start.wait(timeout=120)
    began, busy = time.time(), time.process_time()
    while time.time() - began < seconds:
        try:
            for step, ms in purchase().items():
                times[step].append(ms)
        except Refusal as refusal:
            errors += 1
            print(f"refused: {refusal}", file=sys.stderr)
            break
    cpu = (time.process_time() - busy) * 1000 / max(1, len(times["confirm"]))
    answers.put({**times, "cpu": cpu, "began": began, "ended": time.time(), "errors": errors})


def _purchases(buyer_id: str, variant_id: str) -> Callable[[], dict[str, float]]:
    """What buys once each time it is called; how long each of its three transactions took."""
    import uuid  # noqa: PLC0415

    from django.db import transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from orders.actions import confirm_paid_checkout, open_checkout  # noqa: PLC0415
    from orders.quotes import Wanted  # noqa: PLC0415
    from payments.actions import note_intent  # noqa: PLC0415
    from payments.ports import ChargeView, IntentView  # noqa: PLC0415

    buyer = User.objects.get(pk=buyer_id)
    lines = [Wanted(variant_id=uuid.UUID(variant_id))]

    def purchase() -> dict[str, float]:
        first = time.perf_counter()
        payment = open_checkout(buyer=buyer, lines=lines).payment
        second = time.perf_counter()
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
        third = time.perf_counter()
        with transaction.atomic():
            note_intent(payment_id=payment.pk, view=view)
            posted = time.perf_counter()
        fourth = time.perf_counter()
        confirm_paid_checkout(payment_id=payment.pk)
        fifth = time.perf_counter()
        purchase.commit_ms = (fourth - posted) * 1000  # type: ignore[attr-defined]
        return {"open": (second - first) * 1000, "money": (fourth - third) * 1000, "confirm": (fifth - fourth) * 1000}

    return purchase


def _alone(connection: Any, buyer_id: str, variant_id: str) -> dict[str, Any]:
    """One buyer while nobody else buys: statements and CPU of a purchase, and how long the ledger's rows are locked."""
    from django.conf import settings  # noqa: PLC0415

    settings.RATE_LIMITS_ENABLED = False
    asked: list[tuple[str, float]] = []

    def listen(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        asked.append((str(sql), time.perf_counter()))
        return execute(sql, params, many, context)

    purchase = _purchases(buyer_id, variant_id)
    for _ in range(ALONE // 10):
        purchase()
    busy = time.process_time()
    times = [sum(purchase().values()) for _ in range(ALONE)]
    cpu = (time.process_time() - busy) * 1000 / ALONE
    statements, own, shared = 0, [], []
    with connection.execute_wrapper(listen):
        for _ in range(ALONE):
            asked.clear()
            purchase()
            statements = len(asked)
            lines = next(at for sql, at in asked if 'INTO "payments_ledgerentry"' in sql)
            after = next(at for sql, at in asked if at > lines and "orders_checkout" in sql)
            own.append((after - lines) * 1000)  # until the next transaction asks its first question
            shared.append(purchase.commit_ms)  # type: ignore[attr-defined]
    return {"cpu": cpu, "times": times, "statements": statements, "own": own, "shared": shared}


# --- telling --------------------------------------------------------------------------------------------------------


def _at(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def _text(found: dict[str, Any], asked: argparse.Namespace) -> str:
    commits = found["commit_ms"]
    commit = _at(commits, 0.95)
    rows, verdicts = [], []
    for name, cell in found["cells"].items():
        whole = [sum(steps) for steps in zip(cell["open"], cell["money"], cell["confirm"], strict=True)]
        rate = len(whole) / cell["seconds"]
        cpu = sum(cell["cpu"]) / len(cell["cpu"])
        rows.append(
            f"| {name} | {rate:.0f} | {_pair(cell['open'])} | {_pair(cell['money'])} | {_pair(cell['confirm'])} | {_pair(whole)} "
            f"| {cpu:.0f} | {_at(cell['open'], 0.95) / commit:.1f} | {cell['errors']} |"
        )
        agree = cell["confirmed"] == cell["items"] == cell["taken"]
        verdicts.append((f"{name}: {cell['confirmed']:,} orders confirmed, {cell['taken']:,} pieces taken", agree))
    alone = found["alone"]
    hot = _at(found["cells"]["same"]["open"], 0.95) / commit
    verdicts.append((f"a hot checkout's p95 is {hot:.1f} durable commits (target {COMMITS:g})", hot <= COMMITS))
    one = (
        f"One buyer while nobody else buys: {_pair(alone['times'])} ms a purchase, {alone['statements']} statements (BEGIN and COMMIT "
        f"not counted), {alone['cpu']:.1f} ms of Python's CPU. The ledger's accounts that everybody shares are locked for less than "
        f"{_pair(alone['shared'])} ms (the commit), those of the order for {_pair(alone['own'])} ms.\n"
    )
    lines = [
        "# Checkout, measured\n",
        f"{datetime.now(UTC):%Y-%m-%d}. {machine()} {asked.note}".rstrip() + "\n",
        _HOW.format(buyers=BUYERS, seconds=asked.seconds, commit=found["commit"], fsync=found["fsync"]),
        "| listings | orders a second | open | money | confirm | all | CPU | open's p95 in commits | refused |",
        "|---|---|---|---|---|---|---|---|---|",
        *rows,
        f"\nOne durable commit: {_pair(commits)} ms at {BUYERS} clients.\n",
        one,
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
