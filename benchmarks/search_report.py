"""What the search's benchmark found, in words and tables."""

import argparse
import sys
from datetime import UTC, datetime
from typing import Any

from benchmarks.report import machine

ONE_WORD_MS, TWO_WORDS_MS, TYPO_MS, FACETS_MS, NDCG = 2.0, 15.0, 3.0, 10.0, 0.9
Found = dict[str, Any]

_HOW = """Repeat: `./souk bench search` (makes the database the first time, which takes a quarter of an hour). {listings:,} listings,
half in English and half in Arabic, {for_sale:,} of them for sale, with {words:,} known words; {questions} different questions of each
kind, asked {rounds} times by readers who are signed in and have blocks in both directions. Load, server and PostgreSQL share the
machine. Milliseconds, p50/p95.

*Finding*: the statements that find a page's candidates and rank them, as the product sends them, seen from Python; *CPU*: what they
cost their backend, which on a machine that others use holds better. *Exactly*: the same formula over all matches, in one statement.
nDCG@20: what the page's order is worth by the scores of the formula, of what the exact order is worth; *shared*: how many of its first
20 the page has. Spreading a page over sellers counts against it here. *Facets*: the count and all facets among the newest {counted}
matches; *exactly*: among all. What is exact was asked of {exactly} questions of each kind only. *Page*: finding, and the
statement that says what of the best this reader may see and fetches its cards. *Endpoint*: granian, 2 workers, over TCP, without nginx,
rate limits off: the whole answer with facets, by one client, and how many a second by {clients}.
"""


def write(found: Found, asked: argparse.Namespace) -> None:
    text = _text(found, asked)
    print(text)
    if not (asked.quick or asked.only or asked.sql_only):
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(text + "\n")
        print(f"written to {asked.out}", file=sys.stderr)


def _text(found: Found, asked: argparse.Namespace) -> str:
    how = _HOW.format(
        **{key: found[key] for key in ("listings", "for_sale", "words", "counted", "exactly")},
        questions=asked.questions,
        rounds=asked.rounds,
        clients=asked.clients,
    )
    return "\n".join(
        [
            "# Search, measured\n",
            f"{datetime.now(tz=UTC):%d %B %Y}, {machine()}. {asked.note}".strip() + "\n",
            how,
            *_searches(found["searches"]),
            *_words(found),
            "## Against the targets\n",
            *_verdicts(found),
        ]
    )


def _searches(rows: list[Found]) -> list[str]:
    titles = ["search", "matches", "finding", "CPU", "exactly", "nDCG@20", "shared"]
    titles += ["page", "facets", "CPU", "exactly", "endpoint", "a second"]
    return [
        f"| {' | '.join(titles)} |",
        "|" + "---|" * len(titles),
        *(
            f"| {one['case']} | {one['matches']:,.0f} | {_two(one['sql'])} | {_two(one['cpu'])} | {_two(one['exact'])} "
            f"| {one['ndcg']:.3f} | {one['shared']:.0%} | {_two(one['page'])} | {_two(one['facets'])} | {_two(one['facets_cpu'])} "
            f"| {_two(one['exact_facets'])} | {_endpoint(one)} |"
            for one in rows
        ),
        "",
    ]


def _words(found: Found) -> list[str]:
    typos, begun = found["typos"], found["suggestions"]
    return [
        "| | in the database | CPU | endpoint | a second |",
        "|---|---|---|---|---|",
        f"| a misspelt word: correcting it | {_two(typos['words'])} | {_two(typos['words_cpu'])} | | |",
        f"| the same with finding | {_two(typos['sql'])} | {_two(typos['cpu'])} | {_endpoint(typos)} |",
        f"| the floor: a hundred documents in a row | {_two(found['floor']['sql'])} | {_two(found['floor']['cpu'])} | | |",
        f"| suggestions for two to four letters | {_two(begun['sql'])} | {_two(begun['cpu'])} | {_endpoint(begun)} |",
        "",
        (
            f"Of words misspelt by one step {typos['recall']:.1%} become the word that was meant, and {typos['found']:.1%} find "
            "something that is said to be a correction. Words are made of random syllables here, so that more of them are a step apart "
            "than in life.\n"
        ),
    ]


def _endpoint(one: Found) -> str:
    if "endpoint" not in one:
        return " | "
    errors = f" ({one['endpoint']['errors']} errors)" if one["endpoint"]["errors"] else ""
    return f"{_two(one['endpoint'])} | {one['endpoint']['rate']:.0f}{errors}"


def _two(one: dict[str, float]) -> str:
    return f"{one['p50']:.2f}/{one['p95']:.2f}"


def _verdicts(found: Found) -> list[str]:
    rows = found["searches"]
    typos = found["typos"]
    one_word = {one["case"]: (one["sql"]["p95"], one["cpu"]["p95"]) for one in rows if one["case"].endswith(" word")}
    two_words = {one["case"]: (one["sql"]["p95"], one["cpu"]["p95"]) for one in rows if one["case"] == "two words"}
    facets = {
        one["case"]: (one["facets"]["p95"], one["facets_cpu"]["p95"]) for one in rows if "within" not in one["case"]
    }
    nearby = [one for one in rows if "within" in one["case"]]
    corrected = {"correcting": (typos["words"]["p95"], typos["words_cpu"]["p95"])}
    quality = {one["case"]: one["ndcg"] for one in rows}
    return [
        _in_time("one word is found", one_word, ONE_WORD_MS),
        _in_time("two words are found", two_words, TWO_WORDS_MS),
        _in_time("a misspelt word is corrected", corrected, TYPO_MS),
        _in_time("capped facets are counted", facets, FACETS_MS),
        _good_enough(quality),
        "- F5 has no target for what is near a place, which its prototypes had not solved: "
        + "; ".join(
            f"{one['case']} {one['sql']['p95']:.2f} (CPU {one['cpu']['p95']:.2f}), its facets {one['facets']['p95']:.2f} "
            f"(CPU {one['facets_cpu']['p95']:.2f})"
            for one in nearby
        )
        + ".",
    ]


def _in_time(name: str, measured: dict[str, tuple[float, float]], limit: float) -> str:
    """By the clock; beside it what it cost the processor."""
    name = f"F5: {name} in at most {limit:g} ms (p95)"
    told = "; ".join(f"{case} {wall:.2f} (CPU {cpu:.2f})" for case, (wall, cpu) in measured.items())
    return f"- **{'met' if all(wall <= limit for wall, _ in measured.values()) else 'missed'}** · {name}: {told}."


def _good_enough(quality: dict[str, float]) -> str:
    worst = min(quality, key=lambda case: quality[case])
    met = quality[worst] >= NDCG
    return f"- **{'met' if met else 'missed'}** · F5: nDCG@20 is at least {NDCG:g}: the worst is {worst} with {quality[worst]:.3f}."
