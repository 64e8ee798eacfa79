"""How words are read, the same for listings and for searches, whichever engine keeps them.

A text becomes lexemes: folded (`core.text.fold`), letters and digits apart ("iphone15pro" is iphone, 15, pro), English words by their
stem (Snowball), Arabic ones without article and endings (the rules of "light10": Larkey, Ballesteros and Connell, 2002). What is
written together or apart ("t-shirt", "airpods") is kept both ways. A search becomes groups of ways to say one thing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, pairwise, product

import snowballstemmer

from core.text import fold, without_marks

LONGEST_LEXEME = 40  # longer ones are no words; PostgreSQL would take 2 kB
MOST_POSITIONS = 16_000  # of a tsvector (16,383, postgresql.org/docs/15/textsearch-limitations.html)
MOST_WAYS = 24  # of one group of a search
# What a match by synonyms alone is worth. The word itself comes first, but a couch is a sofa for whoever looks for sofas.
BY_SYNONYM = 0.7
LONGEST_PHRASE = 4  # words of a synonym

_APART = re.compile(r"[^\W_]+")
_PIECES = re.compile(r"\d+|[^\W\d_]+")
_QUOTES = re.compile(r"(?<=\w)['’ʼ`](?=\w)")
_ARABIC = re.compile("[\u0621-\u064a]")
_STEM = snowballstemmer.stemmer("english")

# Endings and beginnings after folding (ta marbuta is ha there, alef maqsura ya), the longest first.
_BEGINNINGS = ("وال", "بال", "كال", "فال", "لل", "ال")
_ARTICLE = "ال"
_WRITTEN_OUT = frozenset("أإآؤئة")
_ENDINGS = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")
_LETTER_BEFORE = "وبلفك"  # and, with, for, so, like: written onto the word

# Words that say nothing about a thing. People write them all the same.
_IDLE_WORDS = """
    a an the of for in on at to with and or my your i is it this that from by under near want need looking buy sale ref reference no
    في من على الى عن مع او و هذا هذه ان ما يا ابي ابغي اريد بدي عايز محتاج ابحث شراء للبيع بيع رقم مرجع قرب تحت
"""
IDLE = frozenset(_IDLE_WORDS.split())


@dataclass(frozen=True)
class Part:
    """Some text of a listing and how much it says: A most, D least."""

    weight: str
    text: str


@dataclass(frozen=True)
class Group:
    """One thing that a search asks for: any of `ways`, each of which is all of its lexemes. `said` is how it was typed, folded.

    The first `own` of them are the words themselves, however written; the others are synonyms.
    """

    said: str
    ways: tuple[tuple[str, ...], ...]
    own: int = 1

    @property
    def itself(self) -> tuple[tuple[str, ...], ...]:
        return self.ways[: self.own]


@dataclass(frozen=True)
class Token:
    """A piece of a search: as spelt (folded), and its lexeme."""

    word: str
    lexeme: str


Way = tuple[str, ...]  # lexemes


@dataclass(frozen=True)
class Synonyms:
    """What phrases mean besides themselves: `exact` by how they are spelt, `loose` by their lexemes, as far as these leave no doubt
    (عربة, a cart, and عربي, Arabic, have one lexeme).
    """

    exact: Mapping[Way, Sequence[Way]] = field(default_factory=dict)
    loose: Mapping[Way, Sequence[Way]] = field(default_factory=dict)
    words: Mapping[str, str] = field(
        default_factory=dict
    )  # single ones that have synonyms, folded: as operators spell them

    def of(self, *tokens: Token) -> Sequence[Way]:
        found = self.exact.get(tuple(spelling(token.word) for token in tokens))
        return found or self.loose.get(tuple(token.lexeme for token in tokens)) or ()


NO_SYNONYMS = Synonyms()


# --- one word ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=100_000)
def lexeme(word: str) -> str:
    """The form of a folded word under which it is kept."""
    if word.isascii():
        return _STEM.stemWord(word) if len(word) > 2 and word.isalpha() else word
    return light(word) if _ARABIC.search(word) else word


def spelling(word: str) -> str:
    """A folded word as synonyms know it: an English one by its stem, an Arabic one without its article."""
    return lexeme(word) if word.isascii() else _bare(word)


def _bare(word: str) -> str:
    for beginning in _BEGINNINGS:
        if word.startswith(beginning) and len(word) - len(beginning) >= 3:
            return word.removeprefix(beginning)
    return word


def light(word: str) -> str:
    """An Arabic word without its article and common endings, so that كنبة, كنبات and الكنبة meet."""
    word = _bare(word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2 + (len(ending) > 1):
            left = word.removesuffix(ending)
            return word if left == _ARTICLE else left  # آلة, a machine, is no form of إلى, to
    return word


@lru_cache(maxsize=100_000)
def without_letter(word: str) -> str:
    """The lexeme of an Arabic word without an attached و, ب, ل, ف or ك; "" where it has none or little would be left."""
    if len(word) >= 5 and word[0] in _LETTER_BEFORE and _ARABIC.match(word[1]) and not word.startswith(_BEGINNINGS[:5]):
        return lexeme(word[1:])
    return ""


# --- listings ---------------------------------------------------------------------------------------------------------


def chunks(text: str) -> Iterator[list[str]]:
    """What stands between white space, folded, each as its words: "T-shirt" is one of two words, "iPhone15" of two pieces."""
    for chunk in _QUOTES.sub("", fold(text)).split():
        pieces = [piece[:LONGEST_LEXEME] for word in _APART.findall(chunk) for piece in _PIECES.findall(word)]
        if pieces:
            yield pieces


def lexemes(text: str, *, joined: bool) -> Iterator[tuple[int, str, bool]]:
    """(Position, lexeme, whether it stands for the words themselves) of a text.

    Not the words themselves are joined pieces, Arabic words without an attached letter and, with `joined`, neighbours written
    together.
    """
    position, before = 0, ""
    for pieces in chunks(text):
        first = position + 1
        for piece in pieces:
            position += 1
            yield position, lexeme(piece), True
            bare = without_letter(piece)
            if bare:
                yield position, bare, False
        whole = "".join(pieces)[:LONGEST_LEXEME]
        if len(pieces) > 1:
            yield first, lexeme(whole), False
        if joined and before and before.isascii() == whole.isascii() and len(before + whole) <= LONGEST_LEXEME:
            yield first, lexeme(before + whole), False
        before = whole if whole.isalpha() else ""


_LOWER = {"A": "B", "B": "C", "C": "D", "D": "D"}


def vector(parts: Iterable[Part], marks: Iterable[str] = ()) -> str:
    """The text of a PostgreSQL tsvector of a listing's parts; `marks` stand in it as they are, without positions."""
    found: dict[str, list[str]] = {}
    start = 0
    for part in parts:
        last = start
        for position, word, itself in lexemes(part.text, joined=part.weight in "AB"):
            last = start + position
            if last > MOST_POSITIONS:
                break
            weight = part.weight if itself else _LOWER[part.weight]
            found.setdefault(word, []).append(f"{last}{weight}")
        start = last + 10  # words of different parts are no neighbours
    words = [f"{quoted(word)}:{','.join(places[:200])}" for word, places in found.items()]
    return " ".join([*words, *map(quoted, marks)])


def quoted(word: str) -> str:
    """A lexeme as tsvector and tsquery texts have it."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def surface(text: str) -> dict[str, str]:
    """The words of a text, folded, each as readers are shown it: for the vocabulary. Numbers and single letters are none."""
    spelt = spelling_in(text)
    return {
        piece: shown(piece, spelt)
        for pieces in chunks(text)
        for piece in (*pieces, "".join(pieces)[:LONGEST_LEXEME])
        if len(piece) > 1 and piece.isalpha()
    }


def spelling_in(text: str) -> dict[str, str]:
    """For the folded pieces of a text how they stand in it: أحذية for احذيه. Of a piece that comes twice, as it is first."""
    found: dict[str, str] = {}
    for piece in _PIECES.findall(_QUOTES.sub("", without_marks(text))):
        found.setdefault(fold(piece)[:LONGEST_LEXEME], piece[:LONGEST_LEXEME])
    return found


def shown(word: str, spelt: Mapping[str, str]) -> str:
    """A folded word as people spell it; an English one stays in small letters, as people search: titles shout."""
    return word if word.isascii() else spelt.get(word, word)


def care(spelt: str) -> int:
    """How much of a word's spelling is written out: hamzas and ta marbutas, which many leave away. Nobody puts them where none are."""
    return sum(letter in _WRITTEN_OUT for letter in spelt)


# --- searches ---------------------------------------------------------------------------------------------------------


def tokens(text: str) -> list[list[Token]]:
    """The chunks of a search, without idle words where others are left."""
    said = [[Token(piece, lexeme(piece)) for piece in pieces] for pieces in chunks(text)]
    telling = [chunk for chunk in said if not (len(chunk) == 1 and chunk[0].word in IDLE)]
    return telling or said


def phrase(text: str) -> list[Token]:
    """A synonym's phrase."""
    return [token for chunk in tokens(text) for token in chunk]


def groups(
    said: list[list[Token]],
    synonyms: Synonyms,
    known: Callable[[str], bool],
    also: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Group, ...]:
    """What a search asks for. `known` says whether some listing has a word as spelt; `also` are more lexemes for some words."""
    reader = _Reader(synonyms, known, also or {})
    found: list[Group] = []
    at = 0
    while at < len(said):
        length, ways = reader.phrase_at(said, at)
        if length:
            found.append(ways.group(" ".join("".join(t.word for t in chunk) for chunk in said[at : at + length])))
            at += length
            continue
        found.append(reader.chunk(said[at]))
        at += 1
    return _with_neighbours(found, known)


@dataclass(frozen=True)
class _Reader:
    """What is known while a search is read."""

    synonyms: Synonyms
    known: Callable[[str], bool]
    also: Mapping[str, Sequence[str]]

    def phrase_at(self, said: list[list[Token]], at: int) -> tuple[int, "_Ways"]:
        """How many chunks from here are a phrase with synonyms, the longest first, and all ways to say it."""
        for length in range(min(LONGEST_PHRASE, len(said) - at), 0, -1):
            here = [token for chunk in said[at : at + length] for token in chunk]
            whole = "".join(token.word for token in here)
            together = Token(whole, lexeme(whole))
            others = [*self.synonyms.of(*here), *(self.synonyms.of(together) if length == 1 and len(here) > 1 else ())]
            if others:
                ways = self.ways(here[0]) if len(here) == 1 else _Ways([tuple(token.lexeme for token in here)], [])
                if (together.lexeme,) in others and any(len(token.word) == 1 for token in here):
                    ways.own.clear()  # "x box" is kept as xbox too, and its x stands anywhere
                joined = length == 1 or not ways.own
                return length, _Ways([*ways.own, *([(together.lexeme,)] if joined else [])], [*ways.others, *others])
        return 0, _Ways([], [])

    def chunk(self, chunk: list[Token]) -> Group:
        each = [self.ways(token) for token in chunk]
        whole = "".join(token.word for token in chunk)
        own = _combined([ways.own for ways in each])
        others = _combined([[*ways.own, *ways.others] for ways in each])
        return _Ways([*own, *([(lexeme(whole),)] if len(chunk) > 1 else [])], others).group(whole)

    def ways(self, token: Token) -> "_Ways":
        found = _Ways(
            [(token.lexeme,), *((other,) for other in self.also.get(token.word, ()))], list(self.synonyms.of(token))
        )
        bare = without_letter(token.word)
        if bare and not self.known(token.word):
            found.own.append((bare,))
            found.others.extend(self.synonyms.of(Token(token.word[1:], bare)))
        return found


@dataclass(frozen=True)
class _Ways:
    """The ways to say one thing: the words themselves, and their synonyms."""

    own: list[Way]
    others: list[Way]

    def group(self, said: str) -> Group:
        own = tuple(dict.fromkeys(self.own))[:MOST_WAYS]
        return Group(said, tuple(dict.fromkeys([*own, *self.others]))[:MOST_WAYS], len(own))


def _combined(each: Sequence[Sequence[Way]]) -> list[Way]:
    return [tuple(word for way in ways for word in way) for ways in islice(product(*each), MOST_WAYS)]


def _with_neighbours(found: list[Group], known: Callable[[str], bool]) -> tuple[Group, ...]:
    """Two neighbours that listings have as one word ("play station") become one group."""
    for one, other in pairwise(found):
        together = one.said + other.said
        if together.isalpha() and known(together):
            joint = _Ways(
                [*_combined([one.itself, other.itself]), (lexeme(together),)], _combined([one.ways, other.ways])
            ).group(f"{one.said} {other.said}")
            at = found.index(one)
            return _with_neighbours([*found[:at], joint, *found[at + 2 :]], lambda _word: False)
    return tuple(found)


def tsquery(wanted: Sequence[Group]) -> str:
    """The text of a PostgreSQL tsquery of groups."""
    return " & ".join(_either([" & ".join(map(quoted, way)) for way in group.ways]) for group in wanted)


def itself(group: Group, parts: str) -> str:
    """The text of a PostgreSQL tsquery of a group's own words, in some parts of a document ("AB": title, brand, shelf)."""
    return _either([" & ".join(f"{quoted(word)}:{parts}" for word in way) for way in group.itself])


def one_of(marks: Iterable[str]) -> str:
    """The text of a PostgreSQL tsquery for any of some marks."""
    return _either([quoted(mark) for mark in marks])


def _either(ways: list[str]) -> str:
    return "(" + " | ".join(f"({way})" if "&" in way else way for way in dict.fromkeys(ways)) + ")"
