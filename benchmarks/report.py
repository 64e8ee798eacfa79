"""What the feeds' benchmark found, in words and tables."""

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Result = dict[str, Any]

P95_LIMIT_MS = {1_000_000: 3.0, 3_000_000: 10.0}
GROWTH = {"recent": 1.5, "nearest": 2.0, "price_low": 2.0, "price_high": 2.0}
SHARE = 1 / 3
P95_TIMES = 3.0


_HOW = """Repeat: `./souk bench feeds` (makes the databases the first time, some minutes). Readers, server, load and PostgreSQL share
the machine. 400 readers, signed in, where the listings are, 2 % of them in the desert; radius 5 km, pages of 20; each reader has blocks
in both directions. The endpoint: granian, 2 workers, over TCP, without nginx, rate limits off, {clients} connections; it checks the
token (one query), reads the page, shapes and writes it. The SQL: the very statement in pgbench over the unix socket, prepared;
“re-planned” is the simple protocol, which Django would speak without its prepared statements. Times in milliseconds, p50/p95.
CPU: what one statement costs its backend, and what one request costs the server and its backends; unlike rates these hold, more or
less, on a machine that others use too.
"""


def write(results: dict[int, list[Result]], asked: argparse.Namespace) -> None:
    text = _text(results, asked)
    print(text)
    if not asked.quick and not asked.only:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(text + "\n")
        print(f"written to {asked.out}", file=sys.stderr)


def _text(results: dict[int, list[Result]], asked: argparse.Namespace) -> str:
    parts = [
        "# Feeds, measured\n",
        f"{datetime.now(tz=UTC):%d %B %Y}, {machine()}. {asked.note}".strip() + "\n",
        _HOW.format(clients=asked.clients),
    ]
    for rows, found in results.items():
        parts += [f"## {rows:,} listings\n", _table(found, asked.clients)]
    parts += ["## Against the targets\n", *_verdicts(results)]
    return "\n".join(parts)


def _table(found: list[Result], clients: int) -> str:
    titles = ["question", "rows", "SQL, 1 client", "re-planned", f"SQL, {clients} clients", "a second"]
    titles += [
        f"endpoint, {clients} clients",
        "a second",
        "share of the SQL's rate",
        "p95 times the SQL's",
        "CPU ms: SQL, endpoint",
    ]
    lines = [
        f"| {' | '.join(titles)} |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in found:
        share, times = one["http"]["rate"] / one["sql"]["rate"], one["http"]["p95"] / one["sql"]["p95"]
        cells = [
            one["case"],
            f"{one['rows_a_page']:.1f}",
            _two(one["sql_alone"]),
            _two(one["sql_replanned"]),
            _two(one["sql"]),
        ]
        cells += [
            f"{one['sql']['rate']:,.0f}",
            _two(one["http"]),
            f"{one['http']['rate']:,.0f}",
            f"1/{1 / share:.1f}",
            f"{times:.1f}",
            f"{one['sql_cpu']:.2f}, {one['http_cpu']:.2f} (× {one['http_cpu'] / one['sql_cpu']:.1f})",
        ]
        lines.append(f"| {' | '.join(cells)} |" + (f" {one['http']['errors']} errors" if one["http"]["errors"] else ""))
    return "\n".join(lines) + "\n"


def _two(one: dict[str, float]) -> str:
    return f"{one['p50']:.2f}/{one['p95']:.2f}"


def _verdicts(results: dict[int, list[Result]]) -> list[str]:
    said = []
    for rows, found in results.items():
        limit = P95_LIMIT_MS.get(rows)
        if limit is not None:
            over = {o["case"]: o["sql_alone"]["p95"] for o in found if o["sql_alone"]["p95"] > limit}
            said.append(_line(f"F1: every statement's p95 at {rows:,} rows is at most {limit:g} ms", over, " ms"))
    sizes = sorted(results)
    if sizes[0] * 10 == sizes[-1]:
        small = {o["case"]: o["sql_alone"]["p95"] for o in results[sizes[0]]}
        over = {}
        for one in results[sizes[-1]]:
            sort = one["case"].partition(",")[0]
            limit = GROWTH["recent"] if "category" in one["case"] else GROWTH[sort]
            growth = one["sql_alone"]["p95"] / small[one["case"]]
            if growth > limit:
                over[one["case"]] = growth
        name = f"F2: p95 grows from {sizes[0]:,} to {sizes[-1]:,} rows by at most 1.5 (recent, category) or 2 (nearest, price)"
        said.append(_line(name, over, " times"))
    for rows, found in results.items():
        slow = {
            o["case"]: o["http"]["rate"] / o["sql"]["rate"]
            for o in found
            if o["http"]["rate"] < SHARE * o["sql"]["rate"]
        }
        said.append(_line(f"F3: the endpoint at {rows:,} rows has at least a third of the SQL's rate", slow, ""))
        late = {
            o["case"]: o["http"]["p95"] / o["sql"]["p95"]
            for o in found
            if o["http"]["p95"] > P95_TIMES * o["sql"]["p95"]
        }
        said.append(_line(f"F3: its p95 at {rows:,} rows is at most 3 times the SQL's", late, " times"))
    return said


def _line(name: str, over: dict[str, float], unit: str) -> str:
    if not over:
        return f"- **met** · {name}."
    return f"- **missed** · {name}: " + "; ".join(f"{case} {value:.2f}{unit}" for case, value in over.items()) + "."


def machine() -> str:
    model = next(
        (x.partition(":")[2].strip() for x in _read("/proc/cpuinfo") if x.startswith("model name")), platform.machine()
    )
    memory = next((int(x.split()[1]) // 2**20 for x in _read("/proc/meminfo") if x.startswith("MemTotal")), 0)
    return f"{os.cpu_count()} × {model}, {memory} GiB, Python {platform.python_version()}"


def _read(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []
