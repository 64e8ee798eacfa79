import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from types import FrameType
from typing import Any

import pytest

from moderation.scanner import Terms, read, terms_of

LONGEST_MESSAGE = 2000
# Lines of our own code that ran for each character; what the expressions do inside is bounded by the time below.
MOST_STEPS_PER_CHARACTER = 400
MOST_SECONDS = 1.0  # many times what it takes

HOSTILE = {
    "digits": "1",
    "spaced digits": "0 ",
    "dotted digits": "05.",
    "numbers and words": "05 and ",
    "spelled": "zero ",
    "spelled in Arabic": "وخمسة ",
    "times": "double ",
    "letters": "a",
    "letters apart": "f ",
    "signs": "@",
    "names and signs": "a@",
    "dots": "a.",
    "dots in words": "dot ",
    "at": "at ",
    "masked": "f*",
    "stars": "*",
    "brackets": "((",
    "links": "http://",
    "www": "www.",
    "apps": "insta:",
    "terms": "send ",
    "drawn out": "fuu",
    "Arabic": "واتس ",
    "marks on marks": "ك\u064b",
    "unseen": "\u200b",
    "thousands": "1,000,",
    "dates": "01/02/",
    "accounts": "ae07 ",
    "plus": "+1 ",
    "ligature": "\ufdfa",
    "keycaps": "0\ufe0f\u20e3",
}


@pytest.fixture(scope="module")
def terms() -> Terms:
    return terms_of(
        [
            ("send * to * my * account", "elsewhere"),
            ("send send * send", "elsewhere"),
            ("fuck", "abuse"),
            ("يا كلب", "abuse"),
        ]
    )


@contextmanager
def counted() -> Iterator[list[int]]:
    steps = [0]

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        if "moderation/scanner" not in frame.f_code.co_filename.replace("\\", "/"):
            return None
        if event == "line":
            steps[0] += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield steps
    finally:
        sys.settrace(before)


def steps_for(text: str, terms: Terms) -> int:
    read(text, terms=terms)  # what is cached is cached
    with counted() as steps:
        read(text, terms=terms)
    return steps[0]


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_takes_no_more_steps_than_its_length_allows(terms: Terms, piece: str):
    half, whole = ((piece * length)[:length] for length in (LONGEST_MESSAGE // 2, LONGEST_MESSAGE))
    few, many = steps_for(half, terms), steps_for(whole, terms)
    assert many <= MOST_STEPS_PER_CHARACTER * LONGEST_MESSAGE
    assert many <= 2.3 * few + 500


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_is_read_in_a_moment(terms: Terms, piece: str):
    text = (piece * LONGEST_MESSAGE)[:LONGEST_MESSAGE]
    took = []
    for _try in range(3):
        began = perf_counter()
        read(text, terms=terms)
        took.append(perf_counter() - began)
    assert min(took) < MOST_SECONDS
