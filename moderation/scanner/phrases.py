"""The words that staff look for. Abuse is also found spaced out, drawn out, masked, and with digits and signs for letters."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

from core.text import fold
from moderation.scanner.reading import SHORTEST_SPACED, WIDEST_SPACE, Reading, Span, Token, stems
from moderation.states import MarkKind

GAP = "*"  # in a term: up to so many words of any kind
GAP_WORDS = 3
VOCATIVE = "يا"
LONGEST_CHUNK = 30  # characters of a word that may be written with signs

_LETTER_FOR = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "|": "i", "€": "e"}
)
_SIGNS = frozenset("@$!|*#€")
_EDGES = ".,;:!?\"'()[]{}<>*#…،؛؟«»“”-_"


@dataclass(frozen=True)
class Phrase:
    words: tuple[str, ...]
    kind: MarkKind


@dataclass(frozen=True)
class Terms:
    """Words to look for, folded and put in order once for many texts. Made by `terms_of`."""

    phrases: dict[str, list[Phrase]] = field(default_factory=dict)  # by their first word, each letter once
    abuse: frozenset[str] = frozenset()  # the single words among them
    lengths: tuple[int, ...] = ()  # of those, the longest first
    own_hosts: frozenset[str] = frozenset()  # links to these are nobody's business


NO_TERMS = Terms()


def terms_of(rows: Iterable[tuple[str, str]], *, own_hosts: Iterable[str] = ()) -> Terms:
    """`rows`: (words, kind)."""
    phrases: dict[str, list[Phrase]] = {}
    abuse = set()
    for written, kind in rows:
        words = tuple(fold(written).split())
        if not words or words[0] == GAP or words[-1] == GAP:
            continue
        said = [words]
        if len(words) == 2 and words[0] == VOCATIVE:
            said.append(("".join(words),))  # people write it onto the word
        for each in said:
            phrases.setdefault(squeezed(each[0]), []).append(Phrase(each, MarkKind(kind)))
            if len(each) == 1 and kind == MarkKind.ABUSE:
                abuse.add(each[0])
    lengths = sorted({len(word) for word in abuse if len(word) >= SHORTEST_SPACED}, reverse=True)
    return Terms(phrases, frozenset(abuse), tuple(lengths), frozenset(own_hosts))


def find_phrases(reading: Reading, terms: Terms) -> list[Span]:
    if not terms.phrases:
        return []
    words = [token for token in reading.words if token.is_word]
    found = []
    for at, word in enumerate(words):
        for phrase in _beginning_with(word.text, terms):
            last = _last_word(phrase, 0, words, at)
            if last is not None:
                found.append(Span(phrase.kind, word.start, words[last].end))
    found.sort(key=lambda span: span.start - span.end)  # of phrases in phrases the longest
    return [*found, *_masked(reading, terms), *_spaced(reading, terms)]


def _beginning_with(word: str, terms: Terms) -> Iterator[Phrase]:
    for key in {squeezed(form) for form in forms(word)}:
        yield from terms.phrases.get(key, ())


def _last_word(phrase: Phrase, part: int, words: list[Token], at: int) -> int | None:
    """The place of the last word of the phrase, when its rest from `part` on stands at `at`."""
    if at >= len(words):
        return None
    if phrase.words[part] == GAP:
        ends = (_last_word(phrase, part + 1, words, at + skip) for skip in range(GAP_WORDS + 1))
        return next((end for end in ends if end is not None), None)
    if not _says(words[at].text, phrase.words[part], phrase.kind):
        return None
    return at if part + 1 == len(phrase.words) else _last_word(phrase, part + 1, words, at + 1)


def _says(written: str, word: str, kind: MarkKind) -> bool:
    if kind != MarkKind.ABUSE:
        return word in stems(written)
    return any(_drawn_out(form, word) for form in forms(written))


@lru_cache(maxsize=4096)
def forms(word: str) -> tuple[str, ...]:
    """How a word may be meant: as written, without Arabic particles, with its digits read as letters."""
    letters = sum(character.isalpha() for character in word)
    meant = word.translate(_LETTER_FOR)
    return (*stems(word), meant) if meant != word and len(word) > 3 and letters * 2 >= len(word) else stems(word)


@lru_cache(maxsize=4096)
def squeezed(word: str) -> str:
    return "".join(letter for letter, _run in groupby(word))


def _drawn_out(written: str, word: str) -> bool:
    """Whether this is the word, with some of its letters perhaps repeated."""
    if written == word:
        return True
    if squeezed(written) != squeezed(word):
        return False
    runs = zip(groupby(written), groupby(word), strict=True)
    return all(len(list(one)) >= len(list(two)) for (_a, one), (_b, two) in runs)


def _masked(reading: Reading, terms: Terms) -> Iterator[Span]:
    """ "f*ck", "a$$hole", "sh!t"."""
    if not terms.abuse or _SIGNS.isdisjoint(reading.text):
        return
    place = 0
    for chunk in reading.text.split(" "):
        bare = chunk.strip(_EDGES)
        if 2 < len(bare) <= LONGEST_CHUNK and not _SIGNS.isdisjoint(bare) and any(c.isalpha() for c in bare):
            meant = bare.translate(_LETTER_FOR)
            if meant in terms.abuse or _fits(bare.replace("#", "*"), terms.abuse):
                start = place + chunk.index(bare)
                yield Span(MarkKind.ABUSE, start, start + len(bare))
        place += len(chunk) + 1


def _fits(masked: str, words: frozenset[str]) -> bool:
    """Whether the stars of a masked word can be letters of one of these. At least half must be readable, the first letter too."""
    stars = masked.count("*")
    if not stars or stars * 2 > len(masked) or masked[0] == "*":
        return False
    return any(
        len(word) == len(masked) and all(a in ("*", b) for a, b in zip(masked, word, strict=True)) for word in words
    )


def _spaced(reading: Reading, terms: Terms) -> Iterator[Span]:
    """ "f u c k", "f.u.c.k": letters written apart."""
    run: list[Token] = []
    for token in [*reading.tokens, Token("end", len(reading.text) + 9, len(reading.text) + 9)]:
        if not token.is_word and token.text not in _SIGNS:
            continue
        if len(token.text) == 1 and (not run or token.start - run[-1].end <= WIDEST_SPACE):
            run.append(token)
            continue
        yield from _words_of(run, terms)
        run = [token] if len(token.text) == 1 else []


def _words_of(run: list[Token], terms: Terms) -> Iterator[Span]:
    letters = "".join(token.text for token in run).translate(_LETTER_FOR)
    at = 0
    while at < len(letters):
        length = next(
            (n for n in terms.lengths if n <= len(letters) - at and letters[at : at + n] in terms.abuse), None
        )
        if length is None:
            at += 1
        else:
            yield Span(MarkKind.ABUSE, run[at].start, run[at + length - 1].end)
            at += length
