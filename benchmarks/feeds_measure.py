"""One size of the feeds' benchmark. Run by `benchmarks.feeds` in a process whose settings name the database."""

import argparse
import contextlib
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django

django.setup()

from django.db import connection  # noqa: E402 - the apps must be ready
from django.utils import timezone  # noqa: E402

from accounts.models import Session, User  # noqa: E402
from accounts.tokens import AccessToken  # noqa: E402
from benchmarks.databases import ROOT, Server  # noqa: E402
from benchmarks.load import cpu_seconds, family, http_load, pgbench  # noqa: E402
from catalog.models import Category  # noqa: E402
from core.geo import LatLng  # noqa: E402
from feeds.selectors import community_feed, pages, read_filters  # noqa: E402

READERS = 400
FAR = 50  # every so many-th reader stands in the desert: 2 %
DESERT = LatLng(latitude=24.3, longitude=54.9)


@dataclass(frozen=True)
class Case:
    name: str
    query: dict[str, str]


def cases() -> list[Case]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT category FROM bench_shelf ORDER BY low OFFSET 9 LIMIT 1")  # Zipf's tenth: some 3 %
        shelf = Category.objects.get(pk=cursor.fetchone()[0]).slug
    filters: dict[str, dict[str, str]] = {
        "": {},
        ", category": {"category": shelf},
        ", price": {"min_price": "100", "max_price": "200"},
        ", category and price": {"category": shelf, "min_price": "100", "max_price": "200"},
    }
    return [
        Case(f"{sort}{name}", {"sort": sort, **query})
        for sort in ("nearest", "recent", "price_low", "price_high")
        for name, query in filters.items()
    ]


def run(server: Server, database: str, asked: argparse.Namespace) -> list[dict[str, Any]]:
    readers = _readers()
    found = []
    with _serving(server, database) as (port, pid):
        for case in cases():
            if not case.name.startswith(asked.only):
                continue
            paths = [(f"/api/v1/feeds/community?{urlencode({**_place(r), **case.query})}", r.token) for r in readers]
            statement, rows = _statement(case, readers)

            def sql(clients: int, protocol: str, share: float = 1, statement: str = statement) -> dict[str, Any]:
                seconds = asked.seconds * share
                return asdict(
                    pgbench(
                        server,
                        database,
                        statement,
                        questions=READERS,
                        clients=clients,
                        seconds=seconds,
                        protocol=protocol,
                    )
                )

            http_load(port, paths, clients=asked.clients, seconds=min(2, asked.seconds))  # plans, fills caches
            one = {
                "case": case.name,
                "rows_a_page": rows,
                "sql_alone": sql(1, "prepared"),
                "sql_replanned": sql(1, "simple", 0.6),
                "sql_cpu": _sql_cpu(statement),
            }
            serving = [*family(pid), *_backends()]
            before = cpu_seconds(serving)
            one["http"] = asdict(http_load(port, paths, clients=asked.clients, seconds=asked.seconds))
            one["http_cpu"] = (cpu_seconds(serving) - before) / max(1, one["http"]["count"]) * 1000
            one["sql"] = sql(asked.clients, "prepared")
            found.append(one)
            print(
                f"  {case.name:28} SQL alone {one['sql_alone']['p50']:.2f}/{one['sql_alone']['p95']:.2f} ms, "
                f"x{asked.clients} {one['sql']['rate']:.0f}/s, endpoint {one['http']['rate']:.0f}/s "
                f"{one['http']['p50']:.1f}/{one['http']['p95']:.1f} ms, {one['http']['errors']} errors",
                file=sys.stderr,
            )
    return found


@dataclass(frozen=True)
class Reader:
    user: User
    place: LatLng
    token: str


def _place(reader: Reader) -> dict[str, str]:
    return {"latitude": f"{reader.place.latitude:.6f}", "longitude": f"{reader.place.longitude:.6f}"}


def _readers() -> list[Reader]:
    """People of the city, standing about where listings are, signed in."""
    dice = random.Random(7)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_Y(public::geometry), ST_X(public::geometry) FROM bench_ticket JOIN bench_building ON n = building "
            "ORDER BY md5(t::text) LIMIT %s",
            [READERS],
        )
        spots = cursor.fetchall()
    people = list(User.objects.filter(suspended_at=None).order_by("pk")[:READERS])
    Session.objects.filter(device_id="bench").delete()
    until = timezone.now() + timedelta(days=1)
    sessions = Session.objects.bulk_create(
        [Session(user=person, kind="api", device_id="bench", expires_at=until) for person in people]
    )
    found = []
    for number, (person, session, (latitude, longitude)) in enumerate(zip(people, sessions, spots, strict=True)):
        token = AccessToken()
        token.set_exp(lifetime=timedelta(days=1))
        token["sub"], token["sid"], token["ver"] = str(person.pk), str(session.pk), person.session_version
        place = DESERT if number % FAR == FAR - 1 else LatLng(latitude, longitude)
        place = LatLng(place.latitude + dice.uniform(-0.01, 0.01), place.longitude + dice.uniform(-0.01, 0.01))
        found.append(
            Reader(
                person,
                replace(place, **{k: float(v) for k, v in _place(Reader(person, place, "")).items()}),
                str(token),
            )
        )
    return found


def _statement(case: Case, readers: list[Reader]) -> tuple[str, float]:
    """The statement of a case as pgbench runs it, its values in a table of questions; and the rows of an average page.

    The text is what the endpoint sends, but for `q`: its values come from row `:v` of the table. Neither way does the planner see them.
    """
    query = {name: value for name, value in case.query.items() if name != "sort"}
    filters = read_filters(**query)  # type: ignore[arg-type]
    taken: list[tuple[str, pages.Columns]] = []
    original = pages.with_values

    def keep(columns: pages.Columns, text: str) -> Any:
        taken.append((text, columns))
        return original(columns, text)

    pages.with_values = keep  # type: ignore[assignment]
    total, firsts = 0, []
    try:
        for reader in readers:
            del taken[:]
            page = community_feed(viewer=reader.user, place=reader.place, filters=filters, sort=case.query["sort"])
            total += len(page.items)
            firsts.append((taken[0], reader.user.pk))
    finally:
        pages.with_values = original
    common = max({text for (text, _), _ in firsts}, key=[text for (text, _), _ in firsts].count)
    names = {**firsts[0][0][1], "viewer": ("uuid", None)}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_question")
        cursor.execute(
            f"CREATE UNLOGGED TABLE bench_question (n int PRIMARY KEY, {', '.join(f'{n} {kind}' for n, (kind, _) in names.items())})"
        )
        marks = ", ".join(f"%s::{kind}" for kind, _ in names.values())
        for number, ((_, columns), viewer) in enumerate(firsts, start=1):
            cursor.execute(
                f"INSERT INTO bench_question VALUES (%s, {marks})", [number, *(v for _, v in columns.values()), viewer]
            )
        cursor.execute("ANALYZE bench_question")
    text = common.replace("%(viewer)s::uuid", "(SELECT viewer FROM q)")
    return f"WITH q AS MATERIALIZED (SELECT * FROM bench_question WHERE n = :v), {text}", total / len(readers)


def _sql_cpu(statement: str, times: int = 300) -> float:
    """Milliseconds of processor that the statement costs its backend, planned already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = [cursor.fetchone()[0]]
        cursor.execute("DEALLOCATE ALL")
        cursor.execute(f"PREPARE asked (int) AS {statement.replace(':v', '$1')}")
        dice = random.Random(1)
        for number in range(12 + times):
            if number == 12:
                before = cpu_seconds(backend)
            cursor.execute(f"EXECUTE asked ({dice.randint(1, READERS)})")
            cursor.fetchall()
        return (cpu_seconds(backend) - before) / times * 1000


def _backends() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [row[0] for row in cursor.fetchall()]


@contextlib.contextmanager
def _serving(server: Server, database: str) -> Iterator[tuple[int, int]]:
    """Granian with two workers: its port and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "2"]
    command += [
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-ws",
        "--log-level",
        "warning",
        "config.wsgi:application",
    ]
    log = Path(tempfile.gettempdir(), f"{database}.log")  # one line a request, as in production
    with (
        log.open("w") as told,
        subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=told, stderr=told) as process,
    ):
        try:
            for _ in range(150):
                with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                    if answer.status == 200:
                        break
                time.sleep(0.2)
            yield port, process.pid
        finally:
            process.terminate()
