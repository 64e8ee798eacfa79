"""Walking an order of documents as far as a page needs.

Where the engine has no order of its own and the newest are wanted, words that many have are looked for among the newest PROBED
documents. How often others come is guessed, by what is known of the words or by what was just seen, and so many days or weeks are
asked for by their marks (`search.marks`): of ten thousand matches some hundred are read. Each answer corrects the guess for the next.
Words too rare to tell are few enough to be read all.
"""

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from feeds.selectors import cells_around
from search.analysis import Group
from search.engines import engine
from search.engines.literals import said
from search.marks import ALL_TIMES, WEEK, Stretch, stretch
from search.ports import Question, Span, Spot
from search.rules import LATELY
from search.selectors.statements import NEWEST, Score, edge, walk_of, window
from search.states import Availability

PROBED = 1000
WALKED = 700  # documents, which are read in less time than a day's matches are collected
RARE = 150  # titles
FEWEST_TO_TELL = 3  # of so many matches it can be guessed how often they come
MARGIN = 1.3  # a longer time than the guess says: another question costs more than some rows too many
LONGEST = 16 * WEEK  # in one question; then the rest is asked for at once
SOLD = 0.2  # of what was published of late, so much is thought to be sold by now
NEARBY = 0.2  # of a city's documents are thought to stand in a circle of some kilometres
SELDOMER = 3  # after a time in which there were too few to tell


class Match(NamedTuple):
    """A document that matches. `key` is of the question's order; `metres` from its place, if it has one."""

    id: uuid.UUID
    key: Any
    score: float
    metres: float | None
    seller_id: uuid.UUID


def worthless(_text: str) -> str:
    """The score where only an order or a number is asked for."""
    return "0::float8"


@dataclass
class Matches:
    """What a question finds, in its order, read as far as somebody asked and kept for who asks next.

    `reached`: it was looked no further than to this spot, and there may be more behind it. With `is_brief` that is as far back as one
    question of LONGEST goes: enough for a number that nobody asked for.
    """

    question: Question
    span: Span = field(default_factory=Span)
    score: Score = worthless
    is_brief: bool = False
    reached: Spot | None = None
    _rows: list[Match] = field(default_factory=list)
    _asked: int = 0

    def first(self, limit: int) -> list[Match]:
        """The first so many, or all."""
        if limit > self._asked and (self._asked == 0 or self._goes_on):
            self._read(limit)
            self._asked = limit
        return self._rows[:limit]

    @property
    def is_by_time(self) -> bool:
        return walk_of(self.question) is NEWEST

    @property
    def _goes_on(self) -> bool:
        return len(self._rows) >= self._asked or self.reached is not None

    def _read(self, limit: int) -> None:
        if not (self.question.groups and engine().finds_by_marks and self.is_by_time):
            source = engine().source(self.question, span=self.span, limit=limit)
            bounds = bounds_of(self.question, self.span)
            self._rows = _fetched(window(self.question, source, bounds=bounds, size=limit, score=self.score))
            self.reached = source.reached
            return
        asking = _Asking(self.question, self.span, self.score, self.is_brief)
        if self._rows:
            last = self._rows[-1]
            asking = replace(asking, span=replace(self.span, after=Spot(last.key.isoformat(), last.id)))
            passed = max((asking.begins_at(self.span) - last.key).total_seconds(), 1.0)
            more, self.reached = asking.by_times(limit - len(self._rows), often=len(self._rows) / passed)
            self._rows += more
        elif _is_rare(self.question):
            self._rows = asking.rows(limit, times=ALL_TIMES)
        else:
            self._rows, self.reached = asking.by_times(limit, often=_how_often(self.question))


def _is_rare(question: Question) -> bool:
    """A word of which all ways to say it are in so few titles that all who have it can be read."""
    return any(0 < (_listings_with(group, question, 0) or 0) <= RARE for group in question.groups)


def _listings_with(group: Group, question: Question, which: int) -> int | None:
    """How many listings say one thing in any way; None where that is not known. `which`: of all, or of late."""
    if any(len(way) > 1 or way[0] not in question.often for way in group.ways):
        return None
    return sum(question.often[lexeme][which] for (lexeme,) in group.ways)


def _how_often(question: Question) -> float | None:
    """How many matches were published a second of late, by how many listings have the words; None where that is not known.

    The rarest two of several words say most. They stand together less often than the rarest, and mostly more often than chance has it:
    between the two.
    """
    lately = [_listings_with(group, question, 1) for group in question.groups]
    now = _pace(question)
    if now is None or question.pace is None or not all(lately):
        return None
    shares = sorted(min(1.0, (many or 0) / LATELY.total_seconds() / question.pace) for many in lately)
    together = shares[0] * math.sqrt(shares[1]) if len(shares) > 1 else shares[0]
    return together * now * (NEARBY if _is_nearby(question) else 1)


def _pace(question: Question) -> float | None:
    """Documents a second of late, of those that are asked about."""
    if question.pace is None or question.availability != Availability.SOLD:
        return question.pace
    return question.pace * SOLD


def _is_nearby(question: Question) -> bool:
    place, radius = question.place, question.radius
    return place is not None and radius is not None and bool(cells_around(place, radius).middle)


def bounds_of(question: Question, span: Span) -> list[str]:
    """The span as conditions."""
    walk = walk_of(question)
    as_of = [f"d.published_at <= {said(span.as_of, 'timestamptz')}"] if span.as_of is not None else []
    return [*as_of, *walk.after(span.after), *walk.until(span.until)]


@dataclass(frozen=True)
class _Asking:
    question: Question
    span: Span
    score: Score
    is_brief: bool

    def rows(
        self, size: int, *, more: Sequence[str] = (), among: int | None = None, times: Stretch | None = None
    ) -> list[Match]:
        source = engine().source(self.question, span=replace(self.span, times=times), limit=size)
        bounds = [*bounds_of(self.question, self.span), *more]
        return _fetched(
            window(
                self.question,
                source,
                bounds=bounds,
                size=size,
                score=self.score,
                among=among,
                all_at_once=times == ALL_TIMES,
            )
        )

    def begins_at(self, span: Span) -> datetime:
        if span.after is not None:
            return datetime.fromisoformat(span.after.key)
        return span.as_of or timezone.now()

    def by_times(self, limit: int, *, often: float | None) -> tuple[list[Match], Spot | None]:
        """The next matches, of which so many are thought to come a second, and how far it was looked if not to the end."""
        before, beyond, rows = self.begins_at(self.span), list[str](), list[Match]()
        now = _pace(self.question)
        if often is None or now is None or limit * now <= often * WALKED:
            rows = self.rows(limit, among=PROBED)
            probed = self._edge() if len(rows) < limit else None
            if probed is None:  # enough, or that was everything
                return rows, None
            before, spot, each = probed
            beyond, often = NEWEST.after(spot), len(rows) / PROBED / each
            if len(rows) < FEWEST_TO_TELL:
                often = 0.0
        while often:
            missing = limit - len(rows)
            long = min(missing * MARGIN / often, LONGEST.total_seconds())
            times = stretch(before - timedelta(seconds=long), before)
            found = self.rows(missing, more=[*beyond, _since(times.began)], times=times)
            rows += found
            if len(rows) >= limit or _is_past(self.span.until, times.began):
                return rows, None
            passed = max((before - times.began).total_seconds(), 1.0)
            before, beyond = times.began, [f"d.published_at < {said(times.began, 'timestamptz')}"]
            if long == LONGEST.total_seconds():
                if self.is_brief:
                    return rows, Spot(before.isoformat(), uuid.UUID(int=0))
                break
            often = len(found) / passed if len(found) >= FEWEST_TO_TELL else often / SELDOMER
        return rows + self.rows(limit - len(rows), more=beyond, times=ALL_TIMES), None

    def _edge(self) -> tuple[datetime, Spot, float] | None:
        """The last document that was probed, and after how many seconds the next came there."""
        with connection.cursor() as cursor:
            cursor.execute(edge(self.question, bounds=bounds_of(self.question, self.span), among=PROBED))
            found = cursor.fetchone()
        if found is None:
            return None
        last, pk, middle = found
        return last, Spot(last.isoformat(), pk), max((middle - last).total_seconds(), 1.0) / (PROBED - PROBED // 2)


def _since(at: datetime) -> str:
    return f"d.published_at >= {said(at, 'timestamptz')}"


def _is_past(until: Spot | None, since: datetime) -> bool:
    return until is not None and datetime.fromisoformat(until.key) >= since


def _fetched(statement: str) -> list[Match]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [Match(*row) for row in cursor.fetchall()]
