"""A search from its parameters to its answer: read, find, and where nothing is found, guess what was meant and say so."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from catalog.selectors import Viewer
from search import analysis
from search.engines import engine
from search.ports import Question
from search.rules import read_words
from search.selectors import vocabulary
from search.selectors.facets import Counts, counts, total
from search.selectors.pages import Results, results
from search.selectors.popular import popular_with
from search.selectors.reading import Asked, read_question, with_words
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
    together find nothing, some are left out.

    Raises:
        what `read_question` and `results` raise.
    """
    question = read_question(asked)
    first = cursor is None and not offset
    if first and not verbatim and question.groups:
        page, question, understood = _understand(question, viewer=viewer, size=size)
    else:
        page = results(question, viewer=viewer, size=size, cursor=cursor, offset=offset)
        understood = _as_typed(question)
    if with_facets:
        counted = counts(question, asked, viewer=viewer, matches=page.matches)
        count, is_exact = counted.total, counted.is_exact
    else:
        counted = None
        count, is_exact = total(question, viewer=viewer, matches=page.matches)
    suggested = popular_with(question.q, limit=MOST_SUGGESTED) if question.groups else ()
    little = first and not verbatim and 0 < len(page.items) < LITTLE and page.ended
    more = _more(question, page, viewer=viewer) if little and not understood.left_out else None
    return Answer(page, understood, count, is_exact, counted, suggested, more)


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
        return page, question, replace(_as_typed(question), did_you_mean=_likelier(question))
    guessed, strange = (corrected, _nowhere(corrected)) if corrected is not None else (question, strange)
    for loosened, left_out in _loosened(guessed, strange):
        fewer = results(loosened, viewer=viewer, size=size)
        if fewer.items:
            return fewer, loosened, Understood(loosened.q, typed, Reading.LOOSENED, left_out=left_out)
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
    instead = {word: other for word, (other, _many) in vocabulary.meant(strange).items()}
    if not instead:
        return None
    alike = {instead[word]: others for word, others in question.alike.items() if word in instead}
    return with_words(question, _respelt(question.q, instead), alike)


def _loosened(question: Question, strange: list[str]) -> Iterator[tuple[Question, tuple[str, ...]]]:
    """The search without its strange words, else without one word, those first that say least."""
    words = list(dict.fromkeys(vocabulary.words_of(read_words(question.q))))
    ways = [(word,) for word in sorted(words, key=lambda word: _says_most(question, word))[:MOST_LOOSENED]]
    for left_out in [tuple(strange)] if strange else ways:
        loosened = with_words(question, _respelt(question.q, dict.fromkeys(left_out, "")))
        if _says_something(loosened):
            yield loosened, left_out


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


def _likelier(question: Question) -> str:
    """The search with a rare word, or one that was found by its stem alone, replaced by a usual one that is a step away; "" where
    there is none.
    """
    words = set(vocabulary.words_of(read_words(question.q)))
    rare = {word for word in words if 0 < question.known.get(word, 0) <= vocabulary.RARE}
    instead = {
        word: other
        for word, (other, many) in vocabulary.meant(rare | set(question.strange)).items()
        if (many >= vocabulary.USUAL if word in rare else _is_another(word, other))
    }
    return _respelt(question.q, instead) if instead else ""


def _is_another(word: str, other: str) -> bool:
    """Whether words a step apart are two words, not forms of one: neverful, which ends like careful, and neverfull."""
    return vocabulary.distance(word, other) == 1 and analysis.lexeme(word) != analysis.lexeme(other)


def _respelt(q: str, instead: dict[str, str]) -> str:
    """The search with other words for some, which are folded; "" stands for none, and takes idle words with it."""
    shorter = "" in instead.values()
    chunks = []
    for typed in q.split():
        pieces = [piece for chunk in analysis.chunks(typed) for piece in chunk]
        said = [instead.get(piece, piece) for piece in pieces]
        if said != pieces:
            chunks += [word for word in said if word]
        elif pieces and not (shorter and len(pieces) == 1 and pieces[0] in analysis.IDLE):
            chunks.append(typed)
    return " ".join(chunks)


def finds_something(q: str) -> bool:
    """Whether a stranger who looks for just this finds anything for sale."""
    question = read_question(Asked(q=q))
    return bool(results(question, viewer=None, size=1).items)
