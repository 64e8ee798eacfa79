"""A text made ready to be walked: folded without losing the way back to what was written."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

from core.text import fold
from moderation.states import MarkKind, ScanAction


@dataclass(frozen=True)
class Mark:
    """A part of a text, from `start` up to `end`, and what it is."""

    kind: MarkKind
    start: int
    end: int
    excerpt: str


@dataclass(frozen=True)
class Verdict:
    """What was found in a text and what is to become of it."""

    marks: tuple[Mark, ...] = ()
    action: ScanAction = ScanAction.NOTHING

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its marks, each once, in the order of the enumeration."""
        found = {mark.kind for mark in self.marks}
        return tuple(str(kind) for kind in MarkKind if kind in found)


@dataclass(frozen=True, slots=True)
class Span:
    """A mark in the folded text."""

    kind: MarkKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters and digits, or one other character that is not white space."""

    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum() or self.text[0] == "_"


WIDEST_LIGATURE = 4  # letters
SHORTEST_SPACED = 3  # letters
WIDEST_SPACE = 3  # characters between two letters that are written apart

# Written on top of letters, or nothing to see at all: joiners, direction marks, the frame around a keycap digit.
_UNSEEN = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u061c", "\u20e3", "\u0640"}
_UNSEEN |= {chr(code) for code in (*range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_UNSEEN |= {chr(code) for code in range(0xFE00, 0xFE10)}
_SPECIAL = {"🔟": "10", "٫": ".", "٬": ",", "،": ",", "؛": ";", "۔": ".", "。": "."}
_TOKEN = re.compile(r"\w+|[^\w\s]")


@lru_cache(maxsize=8192)
def _folded(character: str) -> str:
    """One character as it is compared; nothing for what nobody sees."""
    if character.isspace():
        return " "
    if character in _UNSEEN or unicodedata.category(character) in ("Mn", "Me"):
        return ""
    if character in _SPECIAL:
        return _SPECIAL[character]
    digit = unicodedata.digit(character, None)
    folded = str(digit) if digit is not None else fold(character)
    return (
        folded if len(folded) <= WIDEST_LIGATURE else " "
    )  # whole sentences in one sign hide nothing that we look for


@dataclass(frozen=True)
class Reading:
    """`text` is folded; `places[i]` is where its i-th character stands in `original`."""

    original: str
    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, original: str) -> "Reading":
        parts: list[str] = []
        places: list[int] = []
        for place, character in enumerate(original):
            folded = _folded(character)
            parts.append(folded)
            places.extend([place] * len(folded))
        return cls(original, "".join(parts), tuple(places))

    @cached_property
    def tokens(self) -> list[Token]:
        return [Token(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(self.text)]

    @cached_property
    def words(self) -> list[Token]:
        """The tokens, with letters that were written apart ("f u c k") put together."""
        joined: list[Token] = []
        run: list[Token] = []
        for token in [*self.tokens, Token(" ", len(self.text), len(self.text))]:
            if len(token.text) == 1 and token.text.isalpha() and (not run or token.start - run[-1].end <= WIDEST_SPACE):
                run.append(token)
                continue
            if len(run) >= SHORTEST_SPACED:
                joined.append(Token("".join(letter.text for letter in run), run[0].start, run[-1].end))
            else:
                joined += run
            run = []
            joined.append(token)
        return joined[:-1]

    def mark(self, span: Span) -> Mark:
        start, end = self.places[span.start], self.places[span.end - 1] + 1
        while end < len(self.original) and not _folded(self.original[end]):
            end += 1  # what is written on top of the last character belongs to it
        return Mark(span.kind, start, end, self.original[start:end])


# Particles that Arabic writes onto the word that follows.
_PARTICLES = ("وبال", "وال", "فال", "بال", "كال", "عال", "ولل", "لل", "ال", "و", "ف", "ب", "ل", "ع", "ه")
SHORTEST_STEM = 3


@lru_cache(maxsize=8192)
def stems(word: str) -> tuple[str, ...]:
    """The word, and an Arabic one without the particles before it."""
    if not "\u0621" <= word[0] <= "\u064a":
        return (word,)
    bare = [word[len(p) :] for p in _PARTICLES if word.startswith(p) and len(word) - len(p) >= SHORTEST_STEM]
    return (word, *bare)
