"""The engine that needs nothing but the database."""

import uuid
from collections.abc import Sequence

from django.db import connection

from feeds.selectors import cells_around
from search import marks
from search.analysis import BY_SYNONYM, Group, itself, one_of, quoted, tsquery
from search.engines.literals import literal
from search.models import SearchDocument
from search.ports import Progress, Question, Source, Span

# What a match in the parts D, C, B, A of a document is worth.
WEIGHTS = "'{0.1, 0.25, 0.6, 1.0}'"
_ONE_HIT = 0.6079  # ts_rank of one word in a title: 1 / (pi^2 / 6)
_ONE_SYNONYM = 1.5  # by how much less it says of one word alone that a single synonym stands in a title


class PostgresEngine:
    """Words by a GIN index, the newest by a btree: which of the two leads, the planner says, who reads the words in the statement."""

    name = "postgres"
    keeps_a_copy = False
    finds_by_marks = True

    def source(self, question: Question, *, span: Span, limit: int) -> Source:
        if not question.groups:
            return Source("search_searchdocument d")
        rank = f"ts_rank({WEIGHTS}::real[], d.words, {wanted(question.groups)}) / {_best(question.groups)}"
        return Source(
            "search_searchdocument d",
            conditions=tuple(f"d.words @@ {literal(one)}::tsquery" for one in _matches(question, span)),
            carried=("d.words",),
            text=f"({_fit(question.groups, rank)})::float8",
        )

    def has(self, lexemes: Sequence[str]) -> set[str]:
        if not lexemes:
            return set()
        # Apart, because for the first of thousands the planner would read the table; of a word that nobody has it would read it all.
        one = (
            "(WITH found AS MATERIALIZED (SELECT 1 FROM search_searchdocument d WHERE d.availability = 'available' "
            "AND d.words @@ {word}::tsquery) SELECT {number} FROM found LIMIT 1)"
        )
        asked = [one.format(number=n, word=literal(quoted(word))) for n, word in enumerate(lexemes)]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(asked))
            return {lexemes[number] for (number,) in cursor.fetchall()}

    def copy(self, document_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        """The documents are the index."""
        return {}

    def rebuild(self, *, progress: Progress) -> int:
        return SearchDocument.objects.count()


def _matches(question: Question, span: Span) -> list[str]:
    """The words, and the marks of the times and places that are asked for.

    These are a condition of their own, because of one with the words the index goes through all that have the marks; the two of them
    it reads side by side, passing over what only one has. Days in some cells alone have fewer than any word so common.
    """
    words = tsquery(question.groups)
    if span.times is None:
        return [words]
    place, radius = question.place, question.radius
    around = cells_around(place, radius) if place is not None and radius is not None else None
    asked = marks.asked(span.times, around)
    if not asked:
        return [words]
    marked = one_of(asked)
    return [f"{words} & {marked}"] if around is not None and span.times.is_days else [words, marked]


def wanted(groups: Sequence[Group]) -> str:
    """What the words of a document must match, as SQL."""
    return f"{literal(tsquery(groups))}::tsquery"


def _fit(groups: Sequence[Group], rank: str) -> str:
    """How well a document fits: at most 1, less for each word that stands only by synonyms where a listing says what it is.

    Of one word, synonyms say more where there are two of them: a lamp is a lamp and a light, a bicycle has a light.
    """
    doubtful = [group for group in groups if len(group.ways) > group.own]
    if not doubtful:
        return f"least(1, {rank})"
    missing = [f"(NOT d.words @@ {literal(itself(group, 'AB'))}::tsquery)::int" for group in doubtful]
    enough = f" / power({_ONE_SYNONYM}::float8, {missing[0]})" if len(groups) == 1 else ""
    less = round((1 - BY_SYNONYM) / len(groups), 6)
    return f"least(1, {rank}{enough}) * (1 - {less} * ({' + '.join(missing)}))"


def _best(groups: tuple[Group, ...]) -> float:
    """About the most that ts_rank gives for these words. Of one word said in several ways it gives a share for each."""
    if len(groups) > 1:
        return 1.0
    ways = groups[0].ways
    if len(ways) == 1:
        return _ONE_HIT if len(ways[0]) == 1 else 1.0
    return round(_ONE_HIT / sum(len(way) for way in ways), 6)
