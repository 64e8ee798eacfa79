"""What may be searched for."""

import unicodedata
from datetime import timedelta

from core.text import fold
from feeds.rules import MAX_PAGE_SIZE, PAGE_SIZE
from search.analysis import Token, tokens
from search.errors import QueryNotText, QueryTooLong, TooManyWords
from search.states import PRICE_BANDS, DistanceBand

__all__ = ["MAX_PAGE_SIZE", "PAGE_SIZE", "PRICE_BANDS"]

MOST_CHARACTERS = 200  # ours: the longest title is 100
MOST_WORDS = 16
MOST_PAGES = 50  # by number: passing over what stands before costs as much as reading it
MOST_SUGGESTIONS = 10  # the specification, 2.4
# Signs that turn the reading direction until another one ends it: shown or kept, they would turn what stands beside them.
_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
LATELY = timedelta(weeks=8)  # what was published since tells how often words come: seasons pass, and a week has too few
SHORTEST_SUGGESTED = 2  # letters, the specification, 2.4

# The specification, "Distance". Distances are measured from the middle of a public cell, so "the same building" can only mean the
# same cell and its rim.
BAND_KM = {
    DistanceBand.SAME_BUILDING: 0.1,
    DistanceBand.WALKING: 0.5,
    DistanceBand.SAME_NEIGHBORHOOD: 2.0,
    DistanceBand.NEARBY: 5.0,
    DistanceBand.CITY: 50.0,
}


def read_words(q: str) -> list[list[Token]]:
    """The words of a search. None in it (signs, white space) is a search for everything.

    Raises:
        QueryTooLong, TooManyWords, QueryNotText.
    """
    if len(q) > MOST_CHARACTERS:
        raise QueryTooLong(limit=MOST_CHARACTERS)
    if any(
        unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") and character not in "\t\n\r" for character in q
    ):
        raise QueryNotText
    said = tokens(q)
    if sum(len(chunk) for chunk in said) > MOST_WORDS:
        raise TooManyWords(limit=MOST_WORDS)
    return said


def tidy(q: str) -> str:
    """A search as it is shown and kept: one space between words, and nothing that turns the reading direction of others."""
    return " ".join(q.translate(_TURNS).split())


def folded(q: str) -> str:
    """One form of all spellings of a search, under which it is counted and remembered."""
    return fold(q)[:MOST_CHARACTERS]
