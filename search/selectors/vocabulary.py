"""The words that listings have, and which of them somebody meant who wrote another."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from search.analysis import Token
from search.models import Word
from search.selectors.synonyms import synonyms
from search.sounds import distance, is_same_name, sounds

SHORTEST_CORRECTED = 4  # letters: shorter words are a step away from everything
SHORTEST_TWO_STEPS = 6
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_ARABIC = "ءابتثجحخدذرزسشصضطظعغفقكلمنهوي"  # after folding
MOST_ALIKE, MOST_ROWS = 3, 200
RARE, USUAL = 2, 40  # documents: a word in so few, where a likely other one is in so many, is asked about


class Often(NamedTuple):
    """Listings for sale with a lexeme: by what they are, and of late by all that they say."""

    documents: int
    lately: int


class Likely(NamedTuple):
    """A word that somebody may have meant: as it is kept, listings that have it, and as people spell it."""

    word: str
    documents: int
    spelt: str


@dataclass(frozen=True)
class Known:
    """What listings have of some words: how many have each, how many of late each lexeme, and words of the other script that sound
    like it (رولكس for rolex).
    """

    documents: dict[str, int]
    lexemes: dict[str, Often]
    alike: dict[str, list[str]]


def look_up(words: Collection[str]) -> Known:
    """One statement."""
    heard = {word: sounds(word) for word in words}
    rows = Word.objects.filter(Q(word__in=list(words)) | Q(sound__in=set().union(*heard.values())))
    found = list(
        rows.order_by("-documents", "word").values_list("word", "sound", "lexeme", "documents", "lately")[:MOST_ROWS]
    )
    documents = {word: many for word, _sound, _lexeme, many, _lately in found if word in heard}
    often = {lexeme: Often(many, lately) for _word, _sound, lexeme, many, lately in found}
    alike: dict[str, list[str]] = {}
    for word, ways in heard.items():
        others = [other for other, heard_too, *_ in found if heard_too in ways and is_same_name(word, other)]
        if others:
            alike[word] = others[:MOST_ALIKE]
    return Known(documents, often, alike)


def meant(words: Collection[str]) -> dict[str, Likely]:
    """For words (folded) the likeliest one that listings have, or that has synonyms (in 0 listings).

    One step away (a letter more, less, another, or two that changed places) comes before two steps, then the commoner. Words one step
    apart become one by leaving out a letter of each or of either, and an index knows what every word becomes so; only where none is
    known, words that share letters are looked through.
    """
    asked = [word for word in words if len(word) >= SHORTEST_CORRECTED and word.isalpha()]
    if not asked:
        return {}
    near = {word: set(one_step(word)) for word in asked}
    known = _rows(
        "SELECT word, documents, spelt FROM search_word WHERE search_left_out(word) && %(shorter)s::text[]",
        {"shorter": sorted({shorter for word in asked for shorter in left_out(word)})},
    )
    known += [
        (word, 0, spelt) for word, spelt in synonyms().words.items() if any(word in steps for steps in near.values())
    ]
    found = _likeliest((said, *row) for row in known for said, steps in near.items() if row[0] in steps)
    further = [word for word in asked if word not in found and len(word) >= SHORTEST_TWO_STEPS]
    if not further:
        return found
    alike = _rows(
        "SELECT asked.word, w.word, w.documents, w.spelt FROM unnest(%(asked)s::text[]) AS asked (word) JOIN LATERAL ("
        "SELECT word, documents, spelt FROM search_word WHERE word %% asked.word ORDER BY similarity(word, asked.word) DESC LIMIT 30"
        ") w ON true",
        {"asked": further},
    )
    return found | _likeliest(alike)


def _rows(statement: str, values: dict[str, list[str]]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _likeliest(rows: Iterable[tuple[Any, ...]]) -> dict[str, Likely]:
    """Of rows (asked, and what `Likely` has) the best for each that was asked."""
    candidates: dict[str, list[tuple[tuple[int, int, int], Likely]]] = {}
    for said, word, documents, spelt in rows:
        steps = distance(said, word)
        if word != said and steps <= (1 if len(said) < SHORTEST_TWO_STEPS else 2):
            order = (steps, said[0] != word[0], -documents)
            candidates.setdefault(said, []).append((order, Likely(word, documents, spelt or word)))
    return {said: min(found)[1] for said, found in candidates.items()}


def left_out(word: str) -> set[str]:
    """The word, and without one of its letters: what `search_left_out` says of it in the database."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def one_step(word: str) -> Iterator[str]:
    """All texts one step away: deletions, swaps of neighbours, replacements, insertions."""
    letters = _LATIN if word.isascii() else _ARABIC
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in letters if letter != after[0])
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + letter + after for letter in letters)


def words_of(said: Sequence[Sequence[Token]]) -> Iterable[str]:
    return (token.word for chunk in said for token in chunk)
