"""The measuring of the search's benchmark. Run by `benchmarks.search` in a process whose settings name the database."""

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from statistics import mean
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from benchmarks import feeds_measure  # first: it makes the apps ready
from benchmarks.databases import Server
from benchmarks.load import cpu_seconds, http_load, measured
from benchmarks.search_city import ARABIC, ENGLISH, vocabulary

# isort: split
from django.db import connection

from catalog.models import Category
from feeds.ranking import score_sql
from search import selectors
from search.engines import engine
from search.engines.literals import said
from search.ports import Question, Span
from search.selectors import Asked, facets, pages, read_question
from search.selectors.statements import metres, of_document, of_listing, seen
from search.selectors.suggestions import suggestions
from search.states import Reading

TOP = 20
RADIUS_KM = 5.0
COMMON, MIDDLING, RARE = range(5), range(20, 80), range(3_000, 10_000)  # ranks in a language's vocabulary


@dataclass(frozen=True)
class Case:
    """A kind of search. `say` draws one."""

    name: str
    say: Callable[[random.Random], str]
    is_local: bool = False


def cases() -> list[Case]:
    words = {language: vocabulary(language) for language in (ENGLISH, ARABIC)}

    def one_of(ranks: range) -> Callable[[random.Random], str]:
        return lambda dice: words[dice.choice((ENGLISH, ARABIC))][dice.choice(ranks)]

    def two(dice: random.Random) -> str:
        of = words[dice.choice((ENGLISH, ARABIC))]
        return f"{of[dice.choice(COMMON)]} {of[dice.choice(MIDDLING)]}"

    shelves = [
        name for one in Category.objects.filter(is_active=True, parent=None) for name in (one.name_en, one.name_ar)
    ]
    return [
        Case("common word", one_of(COMMON)),
        Case("middling word", one_of(MIDDLING)),
        Case("rare word", one_of(RARE)),
        Case("two words", two),
        Case("name of a shelf", lambda dice: dice.choice(shelves)),
        Case(f"common word within {RADIUS_KM:g} km", one_of(COMMON), is_local=True),
        Case(f"middling word within {RADIUS_KM:g} km", one_of(MIDDLING), is_local=True),
        Case(f"two words within {RADIUS_KM:g} km", two, is_local=True),
    ]


@dataclass
class Spent:
    """Milliseconds in the database: finding and ranking, the page's cards, the words, by statement."""

    finding: float = 0.0
    finding_cpu: float = 0.0
    cards: float = 0.0
    words: float = 0.0
    words_cpu: float = 0.0
    whole: float = 0.0
    whole_cpu: float = 0.0


@contextmanager
def watched() -> Iterator[Spent]:
    spent = Spent()
    backend = [_one("SELECT pg_backend_pid()")]

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        cpu = cpu_seconds(backend)
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took, cost = (time.perf_counter() - began) * 1000, (cpu_seconds(backend) - cpu) * 1000
            spent.whole += took
            spent.whole_cpu += cost
            if "search_word" in sql or sql.startswith("(WITH found AS"):
                spent.words += took
                spent.words_cpu += cost
            elif "catalog_favourite fav" in sql:
                spent.cards += took
            elif "search_searchdocument" in sql or "AS asked (id" in sql:
                spent.finding += took
                spent.finding_cpu += cost

    with connection.execute_wrapper(watch):
        yield spent


def run(server: Server, database: str, asked: argparse.Namespace) -> dict[str, Any]:
    readers = feeds_measure._readers()
    found: dict[str, Any] = {"searches": [], "listings": _one("SELECT count(*) FROM catalog_product")}
    found["for_sale"] = _one("SELECT count(*) FROM search_searchdocument WHERE availability = 'available'")
    found |= {"counted": facets.COUNTED, "exactly": asked.exactly}
    found["words"] = _one("SELECT count(*) FROM search_word")
    found["floor"] = _floor(asked)
    for case in cases():
        if not case.name.startswith(asked.only):
            continue
        found["searches"].append(_searches(case, readers, asked))
        _tell(found["searches"][-1])
    found["typos"] = _typos(readers, asked)
    _tell(found["typos"])
    found["suggestions"] = _suggestions(readers, asked)
    _tell(found["suggestions"])
    if asked.sql_only:
        return found
    with feeds_measure._serving(server, database) as (port, _pid):
        for one, case in zip(found["searches"], [c for c in cases() if c.name.startswith(asked.only)], strict=True):
            one["endpoint"] = _endpoint(port, _search_paths(case, readers), asked)
        found["typos"]["endpoint"] = _endpoint(port, _typo_paths(readers), asked)
        found["suggestions"]["endpoint"] = _endpoint(port, _suggestion_paths(readers), asked)
    return found


def _one(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


_HUNDRED = """
    SELECT product_id, published_at, points, trust, seller_id FROM search_searchdocument
    WHERE availability = 'available' AND published_at < now() - %(days)s * interval '1 day'
    ORDER BY published_at DESC, product_id DESC LIMIT 100
"""


def _floor(asked: argparse.Namespace) -> dict[str, Any]:
    """The least that a page's candidates cost on this machine and at this hour: a hundred documents in a row, from anywhere."""
    dice, backend = random.Random("floor"), [_one("SELECT pg_backend_pid()")]
    walls, cpus = [], []
    for turn in range(10 + asked.questions * asked.rounds):
        with connection.cursor() as cursor:
            cpu = cpu_seconds(backend)
            began = time.perf_counter()
            cursor.execute(_HUNDRED, {"days": dice.random() * 300})
            cursor.fetchall()
            took = time.perf_counter() - began
        if turn >= 10:  # plans are kept from the sixth time on
            walls.append(took * 1000)
            cpus.append((cpu_seconds(backend) - cpu) * 1000)
    return {"sql": _times(walls), "cpu": _times(cpus)}


def _tell(one: dict[str, Any]) -> None:
    print("  " + ", ".join(f"{k} {_short(v)}" for k, v in one.items()), file=sys.stderr)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value['p50']:.2f}/{value['p95']:.2f}"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _times(milliseconds: list[float]) -> dict[str, float]:
    return asdict(measured(milliseconds, 1.0))


# --- searches -------------------------------------------------------------------------------------------------------


def _searches(case: Case, readers: Sequence[feeds_measure.Reader], asked: argparse.Namespace) -> dict[str, Any]:
    """Each search in turn by the engine, exactly, with its facets and with exact facets, so that all share the machine's moods."""
    dice = random.Random(case.name)
    drawn = [_question(case, dice, reader) for reader in readers[: asked.questions]]
    for wanted, question, reader in drawn[:12]:  # plans are kept from the sixth time on
        page = pages.results(question, viewer=reader.user, size=TOP)
        selectors.counts(question, wanted, viewer=reader.user, matches=page.matches)
    ours: dict[str, list[float]] = {name: [] for name in ("finding", "cpu", "page", "facets", "facets_cpu")}
    exact: dict[str, list[float]] = {"finding": [], "facets": []}
    quality, matches, at_top = [], [], []
    for turn in range(asked.rounds):
        for wanted, question, reader in drawn:
            with watched() as spent:
                page = pages.results(question, viewer=reader.user, size=TOP)
            ours["finding"].append(spent.finding)
            ours["cpu"].append(spent.finding_cpu)
            ours["page"].append(spent.finding + spent.cards)
            with watched() as spent:
                selectors.counts(question, wanted, viewer=reader.user, matches=page.matches)
            ours["facets"].append(spent.finding)
            ours["facets_cpu"].append(spent.finding_cpu)
            if turn or len(matches) == asked.exactly:
                continue
            ids = [item["id"] for item in page.items]
            took, best, many = _exactly(question, reader)
            exact["finding"].append(took)
            matches.append(many)
            if best:
                gains = _gains(question, reader, ids)
                quality.append(_dcg([gains.get(pk, 0.0) for pk in ids]) / _dcg([gain for _pk, gain in best]))
                at_top.append(len(set(ids) & {pk for pk, _gain in best}) / len(best))
            exact["facets"].append(_exact_facets(question, wanted, reader))
    return {
        "case": case.name,
        "matches": mean(matches),
        "sql": _times(ours["finding"]),
        "cpu": _times(ours["cpu"]),
        "exact": _times(exact["finding"]),
        "ndcg": mean(quality),
        "shared": mean(at_top),
        "page": _times(ours["page"]),
        "facets": _times(ours["facets"]),
        "facets_cpu": _times(ours["facets_cpu"]),
        "exact_facets": _times(exact["facets"]),
    }


def _question(
    case: Case, dice: random.Random, reader: feeds_measure.Reader
) -> tuple[Asked, Question, feeds_measure.Reader]:
    wanted = Asked(
        q=case.say(dice), place=reader.place if case.is_local else None, radius_km=RADIUS_KM if case.is_local else None
    )
    return wanted, read_question(wanted), reader


def _exact_statement(question: Question, reader: feeds_measure.Reader, also: str = "") -> str:
    """The same formula over all matches. In literals: so PostgreSQL plans it for this very search."""
    source = engine().source(question, span=Span(), limit=TOP)
    place = pages._read_cursor(None, "", question)
    score = score_sql(
        place.weights,
        now=said(place.as_of, "timestamptz"),
        text=pages._text_term(question, "d.text"),
        metres="metres" if question.place else None,
    )
    far = (
        f"CROSS JOIN LATERAL (SELECT {metres(question.place, 'p', said)} AS metres OFFSET 0) far"
        if question.place
        else ""
    )
    return f"""
        SELECT p.id, {score} AS gain, count(*) OVER () FROM (
            SELECT d.product_id AS id, d.category_id, {source.text} AS text FROM {source.rows}
            WHERE {" AND ".join([*of_document(question), *source.conditions])}
        ) d JOIN catalog_product p ON p.id = d.id JOIN accounts_user u ON u.id = p.seller_id
        LEFT JOIN accounts_sellerstanding s ON s.user_id = u.id {far}
        WHERE {" AND ".join([seen(question, reader.user.pk, said), *of_listing(question, said)])} {also}
        ORDER BY gain DESC, p.id DESC LIMIT {TOP}
    """


def _exactly(question: Question, reader: feeds_measure.Reader) -> tuple[float, list[tuple[UUID, float]], int]:
    """Milliseconds, the best by the formula over all matches, and how many match."""
    statement = _exact_statement(question, reader)
    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(statement)
        rows = cursor.fetchall()
        took = (time.perf_counter() - began) * 1000
    return took, [(pk, gain) for pk, gain, _many in rows], rows[0][2] if rows else 0


def _gains(question: Question, reader: feeds_measure.Reader, ids: list[UUID]) -> dict[UUID, float]:
    if not ids:
        return {}
    listed = ", ".join(f"'{pk}'" for pk in ids)
    with connection.cursor() as cursor:
        cursor.execute(_exact_statement(question, reader, f"AND p.id IN ({listed})"))
        return {pk: gain for pk, gain, _many in cursor.fetchall()}


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))


def _exact_facets(question: Question, wanted: Asked, reader: feeds_measure.Reader) -> float:
    capped, facets.COUNTED, facets.COUNTED_ELSEWHERE = (facets.COUNTED, facets.COUNTED_ELSEWHERE), 10**9, 10**9
    try:
        with watched() as spent:
            selectors.counts(question, wanted, viewer=reader.user)
    finally:
        facets.COUNTED, facets.COUNTED_ELSEWHERE = capped
    return spent.finding


# --- typos and suggestions --------------------------------------------------------------------------------------------


def _misspelt(word: str, dice: random.Random) -> str:
    """One step away, as fingers slip: two letters change places, one is missing, doubled or another."""
    at = dice.randrange(1, len(word) - 1)
    return dice.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + dice.choice(word) + word[at + 1 :],
        )
    )


def _typos_drawn(many: int) -> list[tuple[str, str]]:
    """(As meant, as typed)."""
    dice = random.Random("typos")
    drawn = []
    known = {language: vocabulary(language)[:3000] for language in (ENGLISH, ARABIC)}
    every = {word for words in known.values() for word in words}
    while len(drawn) < many:
        word = dice.choice(known[dice.choice((ENGLISH, ARABIC))])
        typed = _misspelt(word, dice) if len(word) > 4 else word
        if typed not in every:
            drawn.append((word, typed))
    return drawn


def _typos(readers: Sequence[feeds_measure.Reader], asked: argparse.Namespace) -> dict[str, Any]:
    correcting, correcting_cpu, whole, whole_cpu, meant, found = [], [], [], [], [], []
    drawn = _typos_drawn(asked.questions)
    for turn in range(asked.rounds):
        for (word, typed), reader in zip(drawn, readers, strict=False):
            with watched() as spent:
                answer = selectors.find(Asked(q=typed), viewer=reader.user, size=TOP, with_facets=False)
            correcting.append(spent.words)
            correcting_cpu.append(spent.words_cpu)
            whole.append(spent.words + spent.finding)
            whole_cpu.append(spent.words_cpu + spent.finding_cpu)
            if not turn:
                meant.append(answer.understood.q == word)
                found.append(bool(answer.page.items) and answer.understood.reading == Reading.CORRECTED)
    return {
        "case": "a word misspelt",
        "words": _times(correcting),
        "words_cpu": _times(correcting_cpu),
        "cpu": _times(whole_cpu),
        "sql": _times(whole),
        "recall": mean(meant),
        "found": mean(found),
    }


def _beginnings(many: int) -> list[str]:
    dice = random.Random("beginnings")
    words = [word for language in (ENGLISH, ARABIC) for word in vocabulary(language)[:2000]]
    return [dice.choice(words)[: dice.choice((2, 3, 4))] for _ in range(many)]


def _suggestions(readers: Sequence[feeds_measure.Reader], asked: argparse.Namespace) -> dict[str, Any]:
    from django.core.cache import cache  # noqa: PLC0415

    times, costs = [], []
    for _turn in range(asked.rounds):
        cache.clear()
        for begun, reader in zip(_beginnings(asked.questions), readers, strict=False):
            with watched() as spent:
                suggestions(begun, viewer=reader.user)
            times.append(spent.whole)
            costs.append(spent.whole_cpu)
    return {"case": "suggestions", "sql": _times(times), "cpu": _times(costs)}


# --- the endpoint -----------------------------------------------------------------------------------------------------

Paths = list[tuple[str, str]]


def _search_paths(case: Case, readers: Sequence[feeds_measure.Reader]) -> Paths:
    dice = random.Random(case.name)
    found = []
    for reader in readers:
        query = {"q": case.say(dice)}
        if case.is_local:
            query |= {**feeds_measure._place(reader), "radius_km": f"{RADIUS_KM:g}"}
        found.append((f"/api/v1/search?{urlencode(query)}", reader.token))
    return found


def _typo_paths(readers: Sequence[feeds_measure.Reader]) -> Paths:
    return [
        (f"/api/v1/search?{urlencode({'q': typed})}", reader.token)
        for (_word, typed), reader in zip(_typos_drawn(len(readers)), readers, strict=False)
    ]


def _suggestion_paths(readers: Sequence[feeds_measure.Reader]) -> Paths:
    return [
        (f"/api/v1/search/suggestions?{urlencode({'q': begun})}", reader.token)
        for begun, reader in zip(_beginnings(len(readers)), readers, strict=False)
    ]


def _endpoint(port: int, paths: Paths, asked: argparse.Namespace) -> dict[str, Any]:
    http_load(port, paths, clients=2, seconds=min(2, asked.seconds))
    alone = http_load(port, paths, clients=1, seconds=asked.seconds)
    crowd = http_load(port, paths, clients=asked.clients, seconds=asked.seconds)
    return {"p50": alone.p50, "p95": alone.p95, "rate": crowd.rate, "errors": alone.errors + crowd.errors}
