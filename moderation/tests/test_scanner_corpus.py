from itertools import pairwise
from pathlib import Path

import pytest

from moderation.migrations import _filters_seed as seeded
from moderation.scanner import Terms, read, terms_of

LINES = Path(__file__).with_name("judged_lines.txt")
LEAST_PRECISION, LEAST_RECALL = 0.97, 0.90
OWN_HOSTS = ("127.0.0.1", "soukloop.example")


def judged() -> list[tuple[frozenset[str], str]]:
    rows = []
    for line in LINES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kinds, text = line.split(" | ", 1)
            rows.append((frozenset() if kinds == "-" else frozenset(kinds.split(",")), text))
    return rows


@pytest.fixture(scope="module")
def terms() -> Terms:
    rows = [
        *((words, "elsewhere") for words in (*seeded.ELSEWHERE_EN, *seeded.ELSEWHERE_AR)),
        *((words, "abuse") for words in (*seeded.ABUSE_EN, *seeded.ABUSE_AR)),
        *((words, "handle") for _language, words in seeded.HANDLES),
    ]
    return terms_of(rows, own_hosts=OWN_HOSTS)


def is_arabic(text: str) -> bool:
    return any("\u0600" <= character <= "\u06ff" or character in "۰۵" for character in text)


def test_judges_enough_lines_in_both_languages():
    rows = judged()
    arabic = sum(is_arabic(text) for _kinds, text in rows)
    assert len(rows) >= 200
    assert 0.4 <= arabic / len(rows) <= 0.6
    assert len({text for _kinds, text in rows}) == len(rows)


@pytest.mark.parametrize("language", ["both", "english", "arabic"])
def test_finds_nearly_all_and_hardly_anything_else(terms: Terms, language: str):
    right = wrong = missed = 0
    told = []
    for kinds, text in judged():
        if language != "both" and is_arabic(text) != (language == "arabic"):
            continue
        found = {str(mark.kind) for mark in read(text, terms=terms)}
        right, wrong, missed = right + len(found & kinds), wrong + len(found - kinds), missed + len(kinds - found)
        if found != kinds:
            told.append(f"{text!r}: {sorted(found)} and not {sorted(kinds)}")
    precision, recall = right / (right + wrong), right / (right + missed)
    print(f"{language}: precision {precision:.3f}, recall {recall:.3f}", *told, sep="\n")  # noqa: T201 - shown when it fails
    assert precision >= LEAST_PRECISION
    assert recall >= LEAST_RECALL


def test_marks_are_the_words_as_they_were_written(terms: Terms):
    for _kinds, text in judged():
        marks = read(f"  «{text}» ", terms=terms)
        assert all(mark.excerpt == f"  «{text}» "[mark.start : mark.end] for mark in marks)
        assert all(one.end <= two.start for one, two in pairwise(marks))
