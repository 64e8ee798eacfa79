"""The feeds against their own SQL: `./souk bench feeds [--rows 100000,1000000] [--quick]`.

For each size a city is made (`benchmarks.city`; kept for the next run), granian serves it, and for each sort with and without
filters the same question is put to the endpoint (signed in, 8 connections) and its statement to pgbench, one after the other in one
run. 2 % of the readers stand in the desert. Prints and writes docs/benchmarks/feeds.md with the targets beside what came out.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import city
from benchmarks.databases import ROOT, Server
from benchmarks.report import write

DATABASE = "souk_bench"


def main() -> None:
    asked = _arguments()
    if asked.measure:
        from benchmarks import feeds_measure  # noqa: PLC0415 - needs Django, which needs the database's name

        print(json.dumps(feeds_measure.run(Server.from_environment(), asked.measure, asked)))
        return
    server = Server.from_environment()
    results: dict[int, list[dict[str, Any]]] = {}
    for rows in asked.rows:
        database = f"{DATABASE}_{rows}"
        print(f"{rows:,} listings", file=sys.stderr)
        city.fill(server, database, rows=rows, polygons=asked.polygons)
        results[rows] = _measure(server, database)
    write(results, asked)


def _measure(server: Server, database: str) -> list[dict[str, Any]]:
    """One size, in a process of its own: settings hold one database."""
    environment = server.environment(database) | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "RATE_LIMITS_ENABLED": "false",  # one address asks more than a person may
        "LOG_JSON": "true",
        "CONN_MAX_AGE": "600",
    }
    words = [sys.executable, "-m", "benchmarks.feeds", *sys.argv[1:], "--measure", database]
    done = subprocess.run(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.feeds", description=__doc__)
    parser.add_argument("--rows", type=lambda text: [int(n) for n in text.split(",")], default=None)
    parser.add_argument("--quick", action="store_true", help="20,000 rows, a second each: does it run at all")
    parser.add_argument("--seconds", type=float, default=None, help="of each measurement (5)")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--only", default="", help="cases whose name begins so, such as “recent”")
    parser.add_argument("--polygons", help="a GeoJSON of neighbourhoods instead of the built-in gazetteer")
    parser.add_argument("--note", default="", help="a sentence for the report, about the machine")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks" / "feeds.md")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.rows = asked.rows or ([20_000] if asked.quick else [100_000, 1_000_000])
    asked.seconds = asked.seconds or (1 if asked.quick else 5)
    asked.polygons = asked.polygons and str(Path(asked.polygons).resolve())
    return asked


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    main()
