"""A search from its parameters to its answer: read, find, and where nothing is found, guess what was meant and say so."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from typing import Any

from catalog.selectors import Viewer
from core.money import Money
from feeds.selectors.filters import DEFAULT_CURRENCY
from search import analysis
from search.engines import engine
from search.ports import Question
from search.prices import SaidPrice, price_in
from search.rules import read_words
from search.selectors import vocabulary
from search.selectors.facets import Counts, counts, total
from search.selectors.pages import Results, results
from search.selectors.popular import popular_with
from search.selectors.reading import Asked, read_question, with_words
from search.selectors.synonyms import synonyms
from search.states import Reading

MOST_SUGGESTED = 6
LITTLE, MORE = 5, 10  # results so few that others are shown beside them, and how many
MOST_LOOSENED = 4  # words that are left out in turn
FEWEST_LETTERS = 3  # of a word that says something without others


@dataclass(frozen=True)
class Understood:
    """How the words were read. `q` is what was searched for; where that is not what was typed, `reading` says why."""

    q: str
    typed: str
    reading: Reading
    did_you_mean: str = ""
    left_out: tuple[str, ...] = ()
    max_price: str = ""


@dataclass(frozen=True)
class More:
    """What a search that found little would find without some of its words."""

    q: str
    left_out: tuple[str, ...]
    items: list[dict[str, Any]]


@dataclass(frozen=True)
class Answer:
    """What a search found. `counts` only where they were asked for."""

    page: Results
    understood: Understood
    count: int
    count_is_exact: bool
    counts: Counts | None
    suggested: tuple[str, ...]
    more: More | None = None


@dataclass(frozen=True)
class _How:
    """Which part of an answer, and for whom: what `find` was asked with besides the search."""

    viewer: Viewer
    size: int
    cursor: str | None
    offset: int
    with_facets: bool
    verbatim: bool


def find(
    asked: Asked,
    *,
    viewer: Viewer,
    size: int,
    cursor: str | None = None,
    offset: int = 0,
    with_facets: bool = True,
    verbatim: bool = False,
) -> Answer:
    """Answer a search.

    Unless its words are to be taken `verbatim`, those that no listing has are corrected where that finds something; where all of them
    together find nothing, some are left out. "under 3000" is a price where no title has these words; where nothing is that cheap, the
    price is left out.

    Raises:
        what `read_question` and `results` raise.
    """
    how = _How(viewer, size, cursor, offset, with_facets, verbatim)
    said = None if verbatim or cursor is not None else _price_meant(asked, viewer=viewer)
    if said is None:
        return _find(asked, how)
    found = _find(replace(asked, q=said.q, max_price=said.most), how)
    if _is_found(found):
        most = str(Money.parse(said.most, DEFAULT_CURRENCY))
        return replace(found, understood=Understood(found.understood.q, asked.q, Reading.PRICED, max_price=most))
    typed = _find(asked, how)
    if _is_found(typed):
        return typed
    dearer = _find(replace(asked, q=said.q), how)
    if not _is_found(dearer):
        return typed
    return replace(
        dearer, understood=Understood(dearer.understood.q, asked.q, Reading.LOOSENED, left_out=(said.words,))
    )


def _find(asked: Asked, how: _How) -> Answer:
    """The answer to words in which no price is looked for."""
    viewer, size = how.viewer, how.size
    first, reads = how.cursor is None and not how.offset, not how.verbatim
    question = read_question(asked)
    if first and reads and question.groups:
        page, question, understood = _understand(question, viewer=viewer, size=size)
    else:
        understood = _as_typed(question)
        if how.offset and reads and question.groups:  # a later page of what the first one was understood as
            _first, question, understood = _understand(question, viewer=viewer, size=1)
        page = results(question, viewer=viewer, size=size, cursor=how.cursor, offset=how.offset)
    if how.with_facets:
        counted = counts(question, asked, viewer=viewer, matches=page.matches)
        count, is_exact = counted.total, counted.is_exact
    else:
        counted = None
        count, is_exact = total(question, viewer=viewer, matches=page.matches)
    suggested = popular_with(question.q, limit=MOST_SUGGESTED) if question.groups else ()
    little = first and reads and 0 < len(page.items) < LITTLE and page.ended
    more = _more(question, page, viewer=viewer) if little and not understood.left_out else None
    return Answer(page, understood, count, is_exact, counted, suggested, more)


def with_its_price(asked: Asked, *, viewer: Viewer) -> Asked:
    """The search with a price among its words as the filter that it is, also where nothing is so cheap yet.

    Raises:
        what `read_question` raises.
    """
    said = _price_meant(asked, viewer=viewer)
    return asked if said is None else replace(asked, q=said.q, max_price=said.most)


def _price_meant(asked: Asked, *, viewer: Viewer) -> SaidPrice | None:
    """The price that stands among the words of a search; None where it says none, or where a title has its number."""
    said = price_in(asked.q)
    if said is None or asked.price_bands or asked.min_price is not None or asked.max_price is not None:
        return None
    if asked.currency not in ("", DEFAULT_CURRENCY):
        return None
    number = {piece for pieces in analysis.chunks(said.number) for piece in pieces}
    there = results(read_question(asked), viewer=viewer, size=MORE).items
    if any(number <= {piece for pieces in analysis.chunks(item["title"]) for piece in pieces} for item in there):
        return None
    return said


def _is_found(answer: Answer) -> bool:
    """Whether something has all that was asked."""
    return bool(answer.page.items) and answer.understood.reading != Reading.LOOSENED


def _as_typed(question: Question) -> Understood:
    return Understood(question.q, question.q, Reading.VERBATIM)


def _understand(question: Question, *, viewer: Viewer, size: int) -> tuple[Results, Question, Understood]:
    """The first page of what was most likely meant, and that."""
    typed = question.q
    strange, corrected = _nowhere(question), None
    if strange:
        corrected = _corrected(question, strange)
        if corrected is not None:
            page = results(corrected, viewer=viewer, size=size)
            if page.items:
                return page, corrected, Understood(corrected.q, typed, Reading.CORRECTED)
    page = results(question, viewer=viewer, size=size)
    if page.items:
        likelier = _likelier(question, page, viewer=viewer, size=size)
        return page, question, replace(_as_typed(question), did_you_mean=likelier)
    guessed, strange = (corrected, _nowhere(corrected)) if corrected is not None else (question, strange)
    spelt = analysis.spelling_in(guessed.q)
    for loosened, left_out in _loosened(guessed, strange):
        fewer = results(loosened, viewer=viewer, size=size)
        if fewer.items:
            without = tuple(spelt.get(word, word) for word in left_out)
            return fewer, loosened, Understood(loosened.q, typed, Reading.LOOSENED, left_out=without)
    return page, question, _as_typed(question)


def _more(question: Question, page: Results, *, viewer: Viewer) -> More | None:
    """What else there is without one word."""
    there = {item["id"] for item in page.items}
    for loosened, left_out in _loosened(question, []):
        items = results(loosened, viewer=viewer, size=MORE).items
        others = [item for item in items if item["id"] not in there]
        if others:
            return More(loosened.q, left_out, others)
    return None


def _nowhere(question: Question) -> list[str]:
    """Words of the search that no listing has, not even in its description."""
    if not question.strange:
        return []
    there = engine().has([analysis.lexeme(word) for word in question.strange])
    return [word for word in question.strange if analysis.lexeme(word) not in there]


def _corrected(question: Question, strange: list[str]) -> Question | None:
    """The search with words a step or two away instead of strange ones, which may still be names in the other script."""
    likely = vocabulary.meant(strange)
    if not likely:
        return None
    alike = {likely[word].word: others for word, others in question.alike.items() if word in likely}
    return with_words(question, _respelt(question.q, {word: one.spelt for word, one in likely.items()}), alike)


def _loosened(question: Question, strange: list[str]) -> Iterator[tuple[Question, tuple[str, ...]]]:
    """The search without its strange words, else without one word, those first that say least. What is one word written apart ("x box")
    stays or goes as one.
    """
    things = _things(question)
    ways = sorted(things, key=lambda thing: min(_says_most(question, word) for word in thing))[:MOST_LOOSENED]
    odd = [thing for thing in things if not set(strange).isdisjoint(thing)]
    for left_out in [tuple(word for thing in odd for word in thing)] if strange else ways:
        loosened = with_words(question, _respelt(question.q, dict.fromkeys(left_out, "")))
        if _says_something(loosened):
            yield loosened, left_out


def _things(question: Question) -> list[tuple[str, ...]]:
    """The words of a search, those together that are one word written apart: listings have it, or operators say what it means."""
    chunks = [tuple(token.word for token in chunk) for chunk in read_words(question.q)]
    known, explained = question.known, synonyms().words
    found: list[tuple[str, ...]] = []
    for chunk in chunks:
        if found and _is_word("".join((*found[-1], *chunk)), known, explained):
            found[-1] = (*found[-1], *chunk)
        elif _is_word("".join(chunk), known, explained):
            found.append(chunk)
        else:
            found.extend((word,) for word in chunk)
    return list(dict.fromkeys(found))


def _is_word(text: str, *dictionaries: Container[str]) -> bool:
    return text.isalpha() and any(text in one for one in dictionaries)


def _says_something(question: Question) -> bool:
    """Whether the words that are left tell a thing: of PS5 the 5 does not."""
    return any(
        len(group.ways) > group.own or (len(group.said) >= FEWEST_LETTERS and not group.said.isdigit())
        for group in question.groups
    )


def _says_most(question: Question, word: str) -> tuple[bool, int]:
    """For sorting: words that no title has come first, then the commonest."""
    many = question.known.get(word, 0)
    return many > 0, -many


def _likelier(question: Question, found: Results, *, viewer: Viewer, size: int) -> str:
    """The search with a rare word, or one that was found by its stem alone, replaced by a usual one that is a step away; "" where
    there is none, or where it finds nothing else.

    Words that operators explain are meant (xbox is no box), and hardly anybody slips at the first letter. What is looked for already
    is no news.
    """
    meant = {word for thing in _things(question) if len(thing) > 1 for word in thing} | synonyms().words.keys()
    asked = {lexeme for group in question.groups for way in group.ways for lexeme in way}
    words = set(vocabulary.words_of(read_words(question.q))) - meant
    rare = {word for word in words if 0 < question.known.get(word, 0) <= vocabulary.RARE}
    instead = {
        word: other.spelt
        for word, other in vocabulary.meant(rare | (words & set(question.strange))).items()
        if word[0] == other.word[0]
        and analysis.lexeme(other.word) not in asked
        and (other.documents >= vocabulary.USUAL if word in rare else _is_another(word, other.word))
    }
    if not instead:
        return ""
    likelier = with_words(question, _respelt(question.q, instead))
    there = {item["id"] for item in found.items}
    finds_more = any(item["id"] not in there for item in results(likelier, viewer=viewer, size=size).items)
    return likelier.q if finds_more else ""


def _is_another(word: str, other: str) -> bool:
    """Whether words a step apart are two words, not forms of one: neverful, which ends like careful, and neverfull."""
    return vocabulary.distance(word, other) == 1 and analysis.lexeme(word) != analysis.lexeme(other)


def _respelt(q: str, instead: dict[str, str]) -> str:
    """The search with other words for some, which are named folded; "" stands for none, and takes idle words with it."""
    shorter = "" in instead.values()
    chunks = []
    for typed in q.split():
        pieces = [piece for chunk in analysis.chunks(typed) for piece in chunk]
        spelt = analysis.spelling_in(typed)
        said = [instead.get(piece, spelt.get(piece, piece)) for piece in pieces]
        if not instead.keys().isdisjoint(pieces):
            chunks += [word for word in said if word]
        elif pieces and not (shorter and len(pieces) == 1 and pieces[0] in analysis.IDLE):
            chunks.append(typed)
    return " ".join(chunks)


def finds_something(q: str) -> bool:
    """Whether a stranger who looks for just this finds anything for sale."""
    question = read_question(Asked(q=q))
    return bool(results(question, viewer=None, size=1).items)
