"""Walking an order of documents as far as a page needs.

Where the engine has no order of its own and the newest are wanted, the words are first looked for among the newest PROBED documents,
which is all that common words need. How many were found there tells how many weeks will hold the rest: these are asked for by their
marks, so that of ten thousand matches some hundred are read. Words too rare to tell are few enough to be read all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from search.engines import engine
from search.engines.literals import said
from search.marks import WEEK, week_began, week_of
from search.ports import Question, Span, Spot
from search.selectors.statements import NEWEST, edge, walk_of

PROBED = 1000
MOST_DOCUMENTS = 100_000_000  # to be guessed: beyond all markets, and within what a timedelta can be multiplied by
RARE = 150  # titles
FEWEST_TO_TELL = 3  # of so many matches among the probed ones the next weeks can be guessed
MARGIN = 1.4  # more weeks than the guess says: another question costs more than some rows too many
MOST_WEEKS = 16  # in one question; then the rest is asked for at once
LONGEST = (MOST_WEEKS + 1) * WEEK

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Walked:
    """Rows in the question's order. `reached`: the engine looked no further than to this spot."""

    rows: Rows
    reached: Spot | None = None


def walked(question: Question, *, span: Span, limit: int, write: Callable[..., str]) -> Walked:
    """The first `limit` rows of a span. `write` is `statements.window` or `newest`."""
    if question.groups and engine().finds_by_marks and walk_of(question) is NEWEST:
        asking = _Asking(question, span, write)
        return Walked(asking.rows(limit, weeks=()) if _is_rare(question) else _by_weeks(asking, limit))
    source = engine().source(question, span=span, limit=limit)
    return Walked(_fetched(write(question, source, bounds=bounds_of(question, span), size=limit)), source.reached)


def _is_rare(question: Question) -> bool:
    """A word that can be said in one way only is in so few titles that all who have it can be read."""
    return any(len(group.ways) == 1 and 0 < question.known.get(group.said, 0) <= RARE for group in question.groups)


def bounds_of(question: Question, span: Span) -> list[str]:
    """The span as conditions."""
    walk = walk_of(question)
    as_of = [f"d.published_at <= {said(span.as_of, 'timestamptz')}"] if span.as_of is not None else []
    return [*as_of, *walk.after(span.after), *walk.until(span.until)]


@dataclass(frozen=True)
class _Asking:
    question: Question
    span: Span
    write: Callable[..., str]

    def rows(
        self, size: int, *, more: Sequence[str] = (), among: int | None = None, weeks: tuple[int, ...] | None = None
    ) -> Rows:
        source = engine().source(self.question, span=replace(self.span, weeks=weeks), limit=size)
        bounds = [*bounds_of(self.question, self.span), *more]
        return _fetched(self.write(self.question, source, bounds=bounds, size=size, among=among))

    def edge(self) -> tuple[tuple[datetime, Spot], timedelta] | None:
        """The last document that was probed, and how often documents came there."""
        found = _fetched(edge(self.question, bounds=bounds_of(self.question, self.span), among=PROBED))
        if not found:
            return None
        [(last, pk, middle)] = found
        each = max(middle - last, timedelta(seconds=1)) / (PROBED - PROBED // 2)
        return (last, Spot(last.isoformat(), pk)), each


def _by_weeks(asking: _Asking, limit: int) -> Rows:
    rows = asking.rows(limit, among=PROBED)
    if len(rows) >= limit:
        return rows
    probed = asking.edge()
    if probed is None:  # that was everything
        return rows
    (before, spot), each = probed
    looked, beyond = float(PROBED), NEWEST.after(spot)
    while len(rows) >= FEWEST_TO_TELL:
        missing = limit - len(rows)
        weeks = _weeks(before, min(each * min(looked / len(rows) * missing * MARGIN, MOST_DOCUMENTS), LONGEST))
        if len(weeks) > MOST_WEEKS:
            break
        since = week_began(weeks[0])
        rows += asking.rows(missing, more=[*beyond, _since(since)], weeks=weeks)
        if len(rows) >= limit or _is_past(asking.span.until, since):
            return rows
        looked += (before - since) / each
        before, beyond = since, [f"d.published_at < {said(since, 'timestamptz')}"]
    return rows + asking.rows(limit - len(rows), more=beyond, weeks=())


def _weeks(before: datetime, length: timedelta) -> tuple[int, ...]:
    return tuple(range(week_of(before - length), week_of(before) + 1))


def _since(at: datetime) -> str:
    return f"d.published_at >= {said(at, 'timestamptz')}"


def _is_past(until: Spot | None, since: datetime) -> bool:
    return until is not None and datetime.fromisoformat(until.key) >= since


def _fetched(statement: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
