"""The sweep of due offers against its own UPDATE in plain SQL: `./souk bench offers [--due 100000] [--quick]`.

A small city haggles: so many offers whose time is over, as many that wait, twice as many that are over. Then, each on the same rows
made anew: the sweep as beat runs it, its statement alone in the same batches, and one UPDATE for all. Prints and writes
docs/benchmarks/offers.md.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import city
from benchmarks.databases import ROOT, Server
from benchmarks.load import cpu_seconds
from benchmarks.report import machine

DATABASE = "souk_bench_offers"
LISTINGS = 40_000  # some 45 % of them for sale
TARGET_SECONDS = 3.0  # for 100,000
TARGET_LONGEST_MS = 100.0

_HOW = """Repeat: `./souk bench offers`. {due:,} offers are due among {total:,}; every offer has its conversation and its card, and all
indexes are there. *The sweep*: `expire_due_offers` until nothing is due, by batches of {batch:,}: lock what nobody else holds, look
at the listing, end it, and leave word for the outbox. *Bare batches*: the sweep's statement alone. *One UPDATE*: the same change for
all at once, which nobody should do: it holds every row to its end. Each on the same rows made anew, {rounds} times in turns; the
median stands. *Telling*: what the outbox does with the sweep's word afterwards, in transactions of {told}: an event for each offer
and a delivery for each of its {handlers} handlers; no offer is locked by then. Transaction: from its first statement to its commit;
nobody who answers an offer waits for the sweep longer than the longest. CPU: of the database and of Python, per offer; unlike
seconds it holds, more or less, on a machine that others use too. PostgreSQL: synchronous_commit {commit}, fsync {fsync}.
"""


def main() -> None:
    asked = _arguments()
    if asked.measure:
        print(json.dumps(_measure(asked)))
        return
    server = Server.from_environment()
    city.fill(server, DATABASE, rows=LISTINGS, polygons=None)
    environment = server.environment(DATABASE) | {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_JSON": "true"}
    words = [sys.executable, "-m", "benchmarks.offers", *sys.argv[1:], "--measure"]
    done = subprocess.run(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    text = _text(found, asked)
    print(text)
    if not asked.quick:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(text + "\n")
        print(f"written to {asked.out}", file=sys.stderr)


# --- the rows -------------------------------------------------------------------------------------------------------

_ID = (
    "(lpad(to_hex(floor(extract(epoch FROM {at}) * 1000)::bigint), 12, '0') || '7' || substr({hash}, 1, 3) "
    "|| '8' || substr({hash}, 4, 15))::uuid"
)
_HAGGLED = f"""
    CREATE UNLOGGED TABLE bench_offer AS
    WITH things AS (
        SELECT p.id, p.seller_id, p.price_minor, v.id AS variant, row_number() OVER (ORDER BY p.id) - 1 AS n
        FROM catalog_product p JOIN catalog_productvariant v ON v.product_id = p.id WHERE p.state = 'active' AND p.price_minor >= 2000
    ),
    people AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM accounts_user)
    SELECT i, {_ID.format(at="t.at", hash="md5(i::text)")} AS id, {_ID.format(at="t.at", hash="md5('c' || i)")} AS conversation,
        things.id AS product, things.variant, things.price_minor, things.seller_id AS seller, people.id AS buyer, t.at, t.state
    FROM (
        SELECT i, now() - CASE WHEN i < %(due)s THEN interval '24 hours' + i * interval '1 millisecond'
                               WHEN i < %(due)s * 2 THEN interval '1 hour' + i * interval '50 milliseconds'
                               ELSE interval '40 days' + i * interval '1 second' END AS at,
            CASE WHEN i < %(due)s * 2 THEN 'pending' WHEN i %% 3 = 0 THEN 'declined' ELSE 'expired' END AS state
        FROM generate_series(0, %(due)s * 4 - 1) i
    ) t
    JOIN things ON things.n = t.i %% (SELECT count(*) FROM things)
    JOIN people ON people.n = (t.i / (SELECT count(*) FROM things) + t.i) %% (SELECT count(*) FROM people)
    WHERE people.id <> things.seller_id
"""
_WRITE = (
    "TRUNCATE offers_offer, messaging_conversation, messaging_message, messaging_streamentry, core_outboxevent, core_delivery CASCADE",
    """
    INSERT INTO messaging_conversation (id, first_id, second_id, product_id, started_by_id, last_seq, created_at)
    SELECT conversation, least(buyer, seller), greatest(buyer, seller), product, buyer, 1, at FROM bench_offer
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO messaging_message (id, conversation_id, seq, sender_id, kind, state, body, folded, facts, reference, client_id, marks,
        sent_at)
    SELECT id, conversation, 1, buyer, 'offer', 'sent', '', '', '{}', id, '', '[]', at FROM bench_offer
    WHERE EXISTS (SELECT 1 FROM messaging_conversation c WHERE c.id = conversation)
    """,
    """
    INSERT INTO offers_offer (id, negotiation_id, turn, product_id, variant_id, conversation_id, buyer_id, seller_id, made_by, kind,
        amount_minor, currency, message, asked_minor, state, ending, expires_at, responded_at, created_at)
    SELECT id, id, 1, product, variant, conversation, buyer, seller, 'buyer', 'cash', price_minor * 8 / 10, 'AED', '', price_minor,
        state, CASE state WHEN 'expired' THEN 'time' ELSE '' END, at + interval '24 hours',
        CASE WHEN state <> 'pending' THEN at + interval '20 hours' END, at
    FROM bench_offer WHERE EXISTS (SELECT 1 FROM messaging_conversation c WHERE c.id = conversation)
    """,
    # Last week's news: into an empty outbox, foreign keys are checked by reading all of it.
    """
    INSERT INTO core_outboxevent (name, payload, request_id, occurred_at)
    SELECT 'bench', '{}', '', now() FROM generate_series(1, 50000)
    """,
    """
    INSERT INTO core_delivery (event_id, handler, state, attempts, due_at, last_error)
    SELECT id, 'bench', 'done', 0, now(), '' FROM core_outboxevent
    """,
    "VACUUM ANALYZE offers_offer, messaging_conversation, messaging_message, core_outboxevent, core_delivery, catalog_product",
    "CHECKPOINT",
)


def _make_rows(connection: Any, due: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no foreign key checks: we know what we write
        cursor.execute(
            "INSERT INTO catalog_productvariant (id, product_id, sku, options, stock, position, is_active) "
            "SELECT gen_random_uuid(), id, '', '{}', 1, 0, true FROM catalog_product ON CONFLICT DO NOTHING"
        )
        cursor.execute("DROP TABLE IF EXISTS bench_offer")
        cursor.execute(_HAGGLED, {"due": due})
        cursor.execute("SET session_replication_role = origin")


def _write_anew(connection: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in _WRITE:
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("SELECT count(*) FROM offers_offer WHERE state = 'pending' AND expires_at <= now()")
        return cursor.fetchone()[0]


# --- measuring ------------------------------------------------------------------------------------------------------


def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    import django  # noqa: PLC0415 - settings hold one database

    django.setup()
    from django.db import connection, transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from core.events import registered  # noqa: PLC0415
    from core.models import OutboxEvent  # noqa: PLC0415
    from offers.actions import expire_due_offers, sweeps, tell_of_batch  # noqa: PLC0415
    from offers.events import BatchExpired, OfferExpired  # noqa: PLC0415

    _make_rows(connection, asked.due)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]

    def sweep() -> int:
        return expire_due_offers()

    def bare() -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sweeps._EXPIRE, {"now": timezone.now(), "limit": sweeps.SWEEP_BATCH})
            return len(cursor.fetchall())

    def at_once() -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE offers_offer SET state = 'expired', ending = 'time', responded_at = now() "
                "WHERE state = 'pending' AND stopped_at IS NULL AND expires_at <= now()"
            )
            return cursor.rowcount

    ways: dict[str, Callable[[], int]] = {"the sweep": sweep, "bare batches": bare, "one UPDATE": at_once}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in (*ways, "telling")}
    due = 0
    for _round in range(asked.rounds):
        for name, way in ways.items():
            due = _write_anew(connection)
            found[name].append(_until_done(way, due, backend))
            if way is sweep:
                left = list(OutboxEvent.objects.filter(name=BatchExpired.name).values_list("payload", flat=True))

                def tell(left: list[Any] = left) -> int:
                    if not left:
                        return 0
                    ids = left.pop()["offer_ids"]
                    tell_of_batch(offer_ids=ids)
                    return len(ids)

                found["telling"].append(_until_done(tell, due, backend))
            print(f"  {name:13} {found[name][-1]}", file=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), current_setting('synchronous_commit'), current_setting('fsync') FROM offers_offer"
        )
        total, commit, fsync = cursor.fetchone()
    handlers = len(registered()[OfferExpired.name][1])
    return {
        "cells": found,
        "due": due,
        "total": total,
        "batch": sweeps.SWEEP_BATCH,
        "told": sweeps.TOLD_AT_ONCE,
        "handlers": handlers,
        "commit": commit,
        "fsync": fsync,
    }


def _until_done(way: Callable[[], int], due: int, backend: int) -> dict[str, float]:
    done, batches, longest = 0, 0, 0.0
    before = cpu_seconds([backend, os.getpid()])
    with _timed() as whole:
        while True:
            with _timed() as one:
                count = way()
            if not count:
                break
            done, batches, longest = done + count, batches + 1, max(longest, one[0])
    if done != due:
        sys.exit(f"{done} of {due} were done")
    spent = cpu_seconds([backend, os.getpid()]) - before
    return {"seconds": whole[0], "cpu": spent, "longest_ms": longest * 1000, "batches": batches}


@contextmanager
def _timed() -> Iterator[list[float]]:
    took, began = [0.0], time.perf_counter()
    yield took
    took[0] = time.perf_counter() - began


# --- telling --------------------------------------------------------------------------------------------------------


def _text(found: dict[str, Any], asked: argparse.Namespace) -> str:
    rows = {
        name: {key: median(cell[key] for cell in cells) for key in cells[0]} for name, cells in found["cells"].items()
    }
    ours, floor = rows["the sweep"], rows["one UPDATE"]
    allowed = TARGET_SECONDS * found["due"] / 100_000
    verdicts = [
        (f"{found['due']:,} in {ours['seconds']:.2f} s (target {allowed:.1f})", ours["seconds"] <= allowed),
        (
            f"longest transaction {ours['longest_ms']:.0f} ms (target {TARGET_LONGEST_MS:.0f})",
            ours["longest_ms"] <= TARGET_LONGEST_MS,
        ),
    ]
    how = _HOW.format(
        **{key: found[key] for key in ("due", "total", "batch", "told", "handlers", "commit", "fsync")},
        rounds=asked.rounds,
    )
    lines = [
        "# Offers that end with time, measured\n",
        f"{datetime.now(UTC):%Y-%m-%d}. {machine()} {asked.note}".rstrip() + "\n",
        how,
        "| way | seconds | µs an offer | µs of CPU | transactions | longest, ms | times one UPDATE (CPU) |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {name} | {row['seconds']:.2f} | {row['seconds'] / found['due'] * 1e6:.1f} "
            f"| {row['cpu'] / found['due'] * 1e6:.1f} | {row['batches']:.0f} "
            f"| {row['longest_ms']:.0f} | {row['cpu'] / floor['cpu']:.2f} |"
            for name, row in rows.items()
        ),
        "",
        *(f"- {words}: {'met' if met else '**missed**'}" for words, met in verdicts),
    ]
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.offers", description=__doc__)
    parser.add_argument("--due", type=int, default=None, help="offers whose time is over (100,000)")
    parser.add_argument("--rounds", type=int, default=None)
    parser.add_argument("--quick", action="store_true", help="5,000, once: does it run at all")
    parser.add_argument("--note", default="", help="a sentence for the report, about the machine")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks" / "offers.md")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.due = asked.due or (5_000 if asked.quick else 100_000)
    asked.rounds = asked.rounds or (1 if asked.quick else 3)
    return asked


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    main()
