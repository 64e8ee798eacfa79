"""The search against the exact answer: `./souk bench search [--listings N] [--quick]`.

A city of so many listings (1,000,000) in English and Arabic is made (`benchmarks.city`, `benchmarks.search_city`; kept for the next
run). Each kind of search is asked of the product's own selectors and of the same formula over all matches, and then of the endpoint.
Prints and writes docs/benchmarks/search.md with the targets beside what came out.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import city, search_city, search_report
from benchmarks.databases import ROOT, Server

DATABASE = "souk_bench_search"


def main() -> None:
    asked = _arguments()
    if asked.measure:
        print(json.dumps(_measure(asked)))
        return
    server = Server.from_environment()
    database = f"{DATABASE}_{asked.listings}"
    print(f"{asked.listings:,} listings", file=sys.stderr)
    city.fill(server, database, rows=asked.listings, polygons=None, texts=search_city.write_texts)
    environment = server.environment(database) | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "RATE_LIMITS_ENABLED": "false",  # one address asks more than a person may
        "SEARCH_ENGINE": "postgres",
        "LOG_JSON": "true",
        "CONN_MAX_AGE": "600",
    }
    words = [sys.executable, "-m", "benchmarks.search", *sys.argv[1:], "--measure", database]
    done = subprocess.run(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    search_report.write(json.loads(done.stdout.strip().splitlines()[-1]), asked)


def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    """In a process of its own: settings hold one database."""
    import django  # noqa: PLC0415

    django.setup()
    server = Server.from_environment()
    with server.connect(asked.measure) as connection:
        search_city.make_documents(connection)
        connection.execute("ANALYZE")
    from benchmarks import search_measure  # noqa: PLC0415 - needs Django

    return search_measure.run(server, asked.measure, asked)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.search", description=__doc__)
    parser.add_argument("--listings", type=int, default=None, help="how many (1,000,000)")
    parser.add_argument("--quick", action="store_true", help="20,000 listings, a few questions: does it run at all")
    parser.add_argument("--questions", type=int, default=None, help="different ones of each kind (100; at most 400)")
    parser.add_argument(
        "--exactly", type=int, default=8, help="of each kind that are answered exactly too, which takes seconds each"
    )
    parser.add_argument("--rounds", type=int, default=None, help="times that each is asked (3)")
    parser.add_argument("--seconds", type=float, default=None, help="of each load on the endpoint (4)")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--sql-only", action="store_true", help="leave out the endpoint; writes nothing")
    parser.add_argument("--only", default="", help="kinds whose name begins so; writes nothing")
    parser.add_argument("--note", default="", help="a sentence for the report, about the machine")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks" / "search.md")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.listings = asked.listings or (20_000 if asked.quick else 1_000_000)
    asked.questions = asked.questions or (15 if asked.quick else 100)
    asked.rounds = asked.rounds or (1 if asked.quick else 3)
    asked.seconds = asked.seconds or (1 if asked.quick else 4)
    return asked


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    main()
