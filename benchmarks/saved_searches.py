"""A listing against 100,000 saved searches: `./souk bench saved_searches [--searches 100000] [--quick]`.

A small city of listings in two languages (`benchmarks.city`, `benchmarks.search_city`) and people who follow searches: most of them
words of the listings, dealt out as the listings use them, with prices, conditions, shelves and circles. Then listings go on sale and
get cheaper, through the very actions that the worker runs, each in a transaction of its own. Prints and writes
docs/benchmarks/saved_searches.md.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from benchmarks import city, search_city
from benchmarks.databases import ROOT, Server
from benchmarks.report import machine

DATABASE = "souk_bench_saved"
LISTINGS = 10_000
IDLE = 100  # of each language: what "good", "new" and "sale" are in life; nobody follows these
TARGET_MS = 20.0  # of matching for each publish, in the worker
DIFFERENT = 8_000  # questions; others ask the same with other prices, conditions and alerts
KINDS = {
    "words": 0.5,
    "words near me": 0.2,
    "shelf near me": 0.14,
    "brand near me": 0.1,
    "near me": 0.04,
    "shelf": 0.02,
}

_HOW = """Repeat: `./souk bench saved_searches`. {searches:,} saved searches of {people:,} people ({kinds});
words are two or three of a listing's title without the {idle} commonest; four in ten have a price limit, three in ten
conditions; a third wants to hear at once. {listings:,} listings in English and Arabic. *Publish* and *cheaper*: the action as
the worker runs it for `catalog.product_published` and `catalog.price_changed` (lock the listing, see that its document is up to
date, read it, match, write what was found, leave word for whoever wants to hear at once), with its commit, for {events}
different listings; *cheaper* lowers the price to one dirham, which fits every price limit. *Matching alone*: read the listing
and find its searches. *Scanning all*: the same conditions without the index of keys, {scans} times. *May fit*: searches that
the keys leave to be checked. *CPU* is what the worker and its database connection computed, however long either waited for a
processor; the clock is what passed. PostgreSQL: synchronous_commit {commit}, fsync {fsync}.
"""


def main() -> None:
    asked = _arguments()
    if asked.measure:
        print(json.dumps(_measure(asked)))
        return
    server = Server.from_environment()
    city.fill(server, DATABASE, rows=asked.listings, polygons=None, texts=search_city.write_texts)
    environment = server.environment(DATABASE) | {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_JSON": "true"}
    words = [sys.executable, "-m", "benchmarks.saved_searches", *sys.argv[1:], "--measure"]
    done = subprocess.run(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    text = _text(json.loads(done.stdout.strip().splitlines()[-1]), asked)
    print(text)
    if not asked.quick:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(text + "\n")
        print(f"written to {asked.out}", file=sys.stderr)


def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    """In a process of its own: settings hold one database."""
    import django  # noqa: PLC0415

    django.setup()
    with Server.from_environment().connect(DATABASE) as connection:
        search_city.make_documents(connection)
        connection.execute("UPDATE search_searchdocument SET indexed_at = now()")
        connection.execute("TRUNCATE search_savedsearch CASCADE")
    people = _follow(asked.searches)
    with Server.from_environment().connect(DATABASE) as connection:
        connection.execute("VACUUM ANALYZE")
    return _events(asked.events, asked.scans) | {"people": people}


# --- who follows what -------------------------------------------------------------------------------------------------


def _follow(many: int) -> int:
    """Write saved searches and their watches; return of how many people."""
    from accounts.models import User  # noqa: PLC0415 - needs Django
    from search.models import SavedSearch, Watch  # noqa: PLC0415

    dice = random.Random(many)
    people = list(User.objects.order_by("pk").values_list("pk", flat=True)[:40_000])
    questions = _questions(dice, min(DIFFERENT, many))
    before = datetime(2020, 1, 1, tzinfo=UTC)
    began = time.perf_counter()
    for start in range(0, many, 5_000):
        saved, watches = [], []
        for number in range(start, min(start + 5_000, many)):
            columns = dict(dice.choice(questions))
            if dice.random() < 0.4:
                columns |= {"highest": round(10 ** dice.uniform(3.5, 6)), "currency": "AED"}
            if dice.random() < 0.3:
                columns["conditions"] = dice.sample(["new", "like_new", "excellent", "very_good", "good", "fair"], 3)
            alerts = dice.choice(["at_once", "daily", "weekly"])
            search = SavedSearch(
                user_id=dice.choice(people),
                name=f"search {number}",
                fingerprint=str(number),
                alerts=alerts,
                created_at=before,
            )
            saved.append(search)
            own = {"user_id": search.user_id, "saved_at": before, "at_once": alerts == "at_once"}
            watches.append(Watch(saved_search=search, **own, **columns))
        SavedSearch.objects.bulk_create(saved, batch_size=1_000)
        Watch.objects.bulk_create(watches, batch_size=1_000)
    print(f"  {many:,} saved searches in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return len(people)


def _questions(dice: random.Random, many: int) -> list[dict[str, Any]]:
    """Different questions as their watches have them: words are those of listings, so common ones are asked more often."""
    from catalog.models import Brand, Category, Product  # noqa: PLC0415 - needs Django
    from core.geo import LatLng  # noqa: PLC0415
    from search.selectors import Asked, watch_columns  # noqa: PLC0415

    listings = list(
        Product.objects.filter(state="active").order_by("pk").values_list("title", "category__slug", "public_location")
    )
    brands = list(Brand.objects.values_list("slug", flat=True))
    shelves = list(Category.objects.filter(is_active=True).values_list("slug", flat=True))
    idle = {word for language in ("en", "ar") for word in search_city.vocabulary(language)[:IDLE]}
    kinds = dice.choices(list(KINDS), weights=list(KINDS.values()), k=many)

    def question(kind: str) -> Asked:
        title, shelf, spot = dice.choice(listings)
        telling = [word for word in title.lower().split() if word not in idle] or title.split()
        words = " ".join(dice.sample(telling, min(len(telling), dice.choice((2, 2, 3)))))
        place, radius = LatLng.of(spot), dice.choice((2.0, 5.0, 5.0, 10.0, 20.0))
        return {
            "words": Asked(q=words),
            "words near me": Asked(q=words, place=place, radius_km=radius),
            "shelf near me": Asked(category=shelf or shelves[0], place=place, radius_km=radius),
            "brand near me": Asked(brands=[dice.choice(brands)], place=place, radius_km=radius),
            "near me": Asked(place=place, radius_km=2.0, max_price="500"),
            "shelf": Asked(category=shelf or shelves[0], max_price="300"),
        }[kind]

    return [watch_columns(question(kind)) for kind in kinds]


# --- what happens -----------------------------------------------------------------------------------------------------


def _events(many: int, scans: int) -> dict[str, Any]:
    from django.db import connection  # noqa: PLC0415 - needs Django

    from catalog.models import Product  # noqa: PLC0415
    from search import actions  # noqa: PLC0415
    from search.selectors import FITS, candidate, searches_that_find  # noqa: PLC0415

    dice = random.Random(many)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    everything = list(
        Product.objects.filter(state="active", hidden_at=None).order_by("pk").values_list("pk", flat=True)
    )
    chosen = dice.sample(everything, many + 20)
    for pk in chosen[many:]:  # connections, plans and caches as in a worker that has run for a while
        actions.tell_searches_of_listing(pk)
    chosen = chosen[:many]
    took: dict[str, list[float]] = {"matching": [], "publish": [], "cheaper": [], "scan": []}
    cpu: dict[str, list[float]] = {name: [] for name in took}
    found, cheaper, fit, keys = [], [], [], []

    def timed(name: str, call: Any, *given: Any) -> Any:
        began, computed = time.perf_counter(), _computed(server)
        answer = call(*given)
        took[name].append((time.perf_counter() - began) * 1000)
        cpu[name].append(_computed(server) - computed)
        return answer

    def scan(pk: Any) -> None:
        facts = candidate(pk)
        if facts is not None:
            statement = f"SELECT w.saved_search_id FROM search_watch w WHERE {FITS.replace('w.keys && %(keys)s::text[]', 'true')}"
            with connection.cursor() as cursor:
                cursor.execute(statement, facts.facts)
                cursor.fetchall()

    for number, pk in enumerate(chosen):
        timed("matching", searches_that_find, pk)
        listing = candidate(pk)
        if listing is not None:
            keys.append(len(listing.keys))
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM search_watch WHERE keys && %s::text[]", [listing.keys])
                fit.append(cursor.fetchone()[0])
        found.append(timed("publish", actions.tell_searches_of_listing, pk))
        Product.objects.filter(pk=pk).update(price_minor=1_00)
        cheaper.append(timed("cheaper", actions.tell_searches_of_lower_price, pk))
        if number < scans:
            timed("scan", scan, pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('synchronous_commit'), current_setting('fsync')")
        commit, fsync = cursor.fetchone()
        cursor.execute(
            "SELECT pg_size_pretty(pg_relation_size('search_watch_keys')), pg_size_pretty(pg_relation_size('search_watch'))"
        )
        index, table = cursor.fetchone()
    return {
        "took": {name: _spread(values) for name, values in took.items()},
        "cpu": {name: _spread(values) for name, values in cpu.items()},
        "sees_server": server.exists(),
        "found": _spread(found),
        "cheaper": _spread(cheaper),
        "fit": _spread(fit),
        "keys": mean(keys),
        "commit": commit,
        "fsync": fsync,
        "index": index,
        "table": table,
    }


def _computed(server: Path) -> float:
    """Milliseconds of CPU that this process and its database connection used so far; of a server elsewhere only this process."""
    behind = int(server.read_text().split()[0]) / 1e6 if server.exists() else 0.0
    return time.process_time() * 1000 + behind


def _spread(values: list[float]) -> dict[str, float]:
    cuts = quantiles(values, n=100, method="inclusive")
    return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "mean": mean(values), "max": max(values)}


def _text(found: dict[str, Any], asked: argparse.Namespace) -> str:
    kinds = ", ".join(f"{kind} {share:.0%}" for kind, share in KINDS.items())
    facts = {
        "searches": asked.searches,
        "people": found["people"],
        "idle": IDLE,
        "kinds": kinds,
        "listings": asked.listings,
        "events": asked.events,
        "scans": asked.scans,
        "commit": found["commit"],
        "fsync": found["fsync"],
    }
    names = {"publish": "publish", "cheaper": "cheaper", "matching": "matching alone", "scan": "scanning all"}
    rows = [_row(words, found["took"][name], ".1f") for name, words in names.items()]
    computed = [_row(words, found["cpu"][name], ".1f") for name, words in names.items()]
    counted = {"fit": "may fit", "found": "found by a publish", "cheaper": "found by a lower price"}
    counts = [_row(words, found[name], ",.0f") for name, words in counted.items()]
    whose = "worker and database" if found["sees_server"] else "worker alone: the database is on another machine"
    took = found["took"]
    return "\n".join(
        [
            "# Saved searches, measured\n",
            f"{datetime.now(tz=UTC):%d %B %Y}, {machine()}. {asked.note}".strip() + "\n",
            _HOW.format(**facts),
            "| ms by the clock | p50 | mean | p95 | p99 | longest |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            f"| ms of CPU ({whose}) | p50 | mean | p95 | p99 | most |",
            "|---|---|---|---|---|---|",
            *computed,
            "",
            "| saved searches | p50 | mean | p95 | p99 | most |",
            "|---|---|---|---|---|---|",
            *counts,
            "",
            _verdict("matching costs", took["matching"], found["cpu"]["matching"]),
            _verdict("with writing what was found, a publish costs", took["publish"], found["cpu"]["publish"]),
            f"- a listing has {found['keys']:.0f} keys; the index of keys has {found['index']}, the table {found['table']}",
        ]
    )


def _verdict(words: str, clock: dict[str, float], cpu: dict[str, float]) -> str:
    met = [
        "met" if value < TARGET_MS else "**missed**" for value in (clock["p50"], clock["p95"], cpu["p50"], cpu["p95"])
    ]
    return (
        f"- {words} {clock['p50']:.1f} ms by the clock ({met[0]}), {clock['p95']:.1f} for 95 of 100 ({met[1]}); "
        f"{cpu['p50']:.1f} ms of CPU ({met[2]}), {cpu['p95']:.1f} for 95 of 100 ({met[3]}). Target: {TARGET_MS:g}"
    )


def _row(words: str, spread: dict[str, float], form: str) -> str:
    cells = (format(spread[at], form) for at in ("p50", "mean", "p95", "p99", "max"))
    return f"| {words} | {' | '.join(cells)} |"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.saved_searches", description=__doc__)
    parser.add_argument("--searches", type=int, default=None, help="how many (100,000)")
    parser.add_argument("--listings", type=int, default=None, help=f"how many ({LISTINGS:,})")
    parser.add_argument("--events", type=int, default=None, help="listings that are published (300)")
    parser.add_argument("--scans", type=int, default=None, help="times that all are scanned (10)")
    parser.add_argument("--quick", action="store_true", help="2,000 searches, 5,000 listings: does it run at all")
    parser.add_argument("--note", default="", help="a sentence for the report, about the machine")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks" / "saved_searches.md")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.searches = asked.searches or (2_000 if asked.quick else 100_000)
    asked.listings = asked.listings or (5_000 if asked.quick else LISTINGS)
    asked.events = asked.events or (30 if asked.quick else 300)
    asked.scans = asked.scans or (3 if asked.quick else 10)
    return asked


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    main()
