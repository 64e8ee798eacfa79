"""Pages of results: windows of candidates, ranked where relevance asks for it, cut into pages that stay whole.

A list begins at a moment: what is put up for sale later is not in it, so a page's end is the next one's beginning. For the best match
the newest WINDOW matches compete; when they are used up, the next so many do. The other orders need no competition, their windows
only leave room for what the viewer may not see.
"""

import base64
import math
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.utils import timezone

from catalog.selectors import Viewer
from core.cursors import decode_cursor, encode_cursor
from core.errors import InvalidCursor
from feeds.ranking import Weights, diversified, score_sql
from feeds.selectors import weights_in_force, weights_numbered
from feeds.selectors.pages import fingerprint
from search.engines.literals import said
from search.ports import Question, Span, Spot
from search.selectors.listings import Listings
from search.selectors.statements import OF_DOCUMENTS, walk_of
from search.selectors.walking import Match, Matches, worthless
from search.states import SearchSort

WINDOW, WIDE_WINDOW = 100, 200  # documents that compete: of one word; of several, which fit in more ways
ELSEWHERE = 0.5  # what a match is worth outside the shelf that was named
SPARE = 5  # hits that are looked at beside those for the page: some are not for this viewer
MOST_WINDOWS = 12  # read for one page; then the page ends short and `next` goes on
MOST_PAGES_BACK = 20  # that a cursor remembers


@dataclass(frozen=True)
class Results:
    """Cards of a page with the cursors of those beside it (None at an end). `ended`: everything that matches is on it or before it.

    `matches`: of a list's first page, what it was chosen from.
    """

    items: list[dict[str, Any]]
    next_cursor: str | None = None
    previous_cursor: str | None = None
    matches: Matches | None = None

    @property
    def ended(self) -> bool:
        return self.next_cursor is None


@dataclass(frozen=True)
class _Start:
    """Where a page begins: a window after a spot, and what of it was shown already.

    Of a window by relevance that was begun, `end` is its last row and `shown` are marks of the rows that were on a page: listings that
    come, go or change their worth meanwhile neither push one onto a second page nor off every page. Without marks, `skip` rows were
    shown.
    """

    spot: Spot | None
    skip: int = 0
    end: Spot | None = None
    shown: tuple[int, ...] = ()

    @property
    def is_begun(self) -> bool:
        return bool(self.shown)

    def parted(self, hits: list[Match]) -> tuple[list[Match], list[Match]]:
        """Of a window in order, what must be passed over to find the others, and these."""
        if not self.is_begun:
            return hits[: self.skip], hits[self.skip :]
        shown = set(self.shown)
        return [], [hit for hit in hits if _mark(hit) not in shown]

    def further(self, hits: list[Match], end: Spot | None) -> "_Start":
        """The same window after some more of its rows were shown."""
        return _Start(self.spot, self.skip + len(hits), end, (*self.shown, *map(_mark, hits)))

    def packed(self, *, marked: bool) -> list[Any]:
        marks = base64.b85encode(b"".join(mark.to_bytes(4, "big") for mark in self.shown)).decode() if marked else ""
        return [*_packed(self.spot), self.skip, *_packed(self.end), marks]


def _packed(spot: Spot | None) -> list[Any]:
    return [spot and spot.key, spot and str(spot.id)]


def _mark(hit: Match) -> int:
    """Four bytes of an id, of its random part: enough to tell a few hundred apart."""
    return hit.id.int & 0xFFFFFFFF


@dataclass(frozen=True)
class _Place:
    """A cursor, read: the moment and the weights by which the list is as it is, where the page begins, where those before it did."""

    as_of: datetime
    weights: Weights
    start: _Start
    before: tuple[_Start, ...]


def results(question: Question, *, viewer: Viewer, size: int, cursor: str | None = None, offset: int = 0) -> Results:
    """One page: where the cursor says, or after so many hits. Raises InvalidCursor."""
    made_for = fingerprint(question)
    place = _read_cursor(cursor, made_for, question)
    matches = _matches(question, place, place.start) if cursor is None else None
    start: _Start | None = place.start
    if offset:
        start = _passed_over(question, place, offset, viewer=viewer, matches=matches)
    if start is None:
        return Results([], matches=matches)
    listings = Listings(question, viewer)
    taken, following = _collect(question, place, start, size, listings=listings, matches=None if offset else matches)
    back = (*place.before, start)[-MOST_PAGES_BACK:]
    before = place.before[-1] if place.before else None
    if offset:  # pages by number do not remember where others began
        back, before = (start,), None
    return Results(
        listings.cards(hit.id for hit in taken),
        _cursor(made_for, place, following, back) if following else None,
        _cursor(made_for, place, before, place.before[:-1]) if before else None,
        matches,
    )


def _passed_over(
    question: Question, place: "_Place", offset: int, *, viewer: Viewer, matches: Matches | None
) -> "_Start | None":
    """Where a page by number begins: after so many hits, which are more than `_collect` reads at once where they are many."""
    listings, start = Listings(question, viewer, with_cards=False), place.start
    while True:
        passed, following = _collect(question, place, start, offset, listings=listings, matches=matches)
        offset -= len(passed)
        if following is None or not offset or not passed:
            return following
        start, matches = following, None


def _collect(
    question: Question,
    place: "_Place",
    start: "_Start",
    size: int,
    *,
    listings: Listings,
    matches: Matches | None = None,
) -> tuple[list[Match], "_Start | None"]:
    """So many hits from a start on, and where the next ones begin; None where there are no more. `matches` are those from the start."""
    ranked = question.sort == SearchSort.RELEVANCE
    taken: list[Match] = []
    for _ in range(MOST_WINDOWS):
        missing = size - len(taken)
        wide = WINDOW if len(question.groups) == 1 else WIDE_WINDOW
        limit = (2 * wide if start.is_begun else wide) if ranked else missing + 1 + SPARE
        found, matches = matches or _matches(question, place, start), None
        rows = found.first(limit)
        rest = _seen(rows, start, missing + 1, listings=listings, weights=place.weights if ranked else None)
        taken += rest[:missing]
        end = start.end if start.is_begun else (_spot(rows[-1]) if len(rows) == limit else found.reached)
        if len(rest) > missing:
            return taken, start.further(rest[:missing], end) if ranked else _Start(_spot(taken[-1]))
        if end is None:
            return taken, None
        start = _Start(end)
    return taken, start


def _matches(question: Question, place: "_Place", start: "_Start") -> Matches:
    span = Span(start.spot, start.end, place.as_of)
    return Matches(question, span, score=partial(_score, question, place))


def _seen(
    rows: Sequence[Match], start: "_Start", wanted: int, *, listings: Listings, weights: Weights | None
) -> list[Match]:
    """Of a window the first so many that were not shown yet, that the viewer may see and that still match. Only these are asked about,
    and some more lest it be asked twice.
    """
    while True:
        there = [row for row in rows if not listings.lacks(row.id)]
        passed, rest = start.parted(_in_order(there, weights) if weights else there)
        if listings.asked.issuperset(row.id for row in (*passed, *rest[:wanted])):
            return rest[:wanted]
        listings.ask_about([row.id for row in (*passed, *rest[: wanted + SPARE])])


def _score(question: Question, place: "_Place", fit: str) -> str:
    """The formula that feeds rank by too, over what the question has of its terms, of a document `d` that fits the words so well."""
    if question.sort != SearchSort.RELEVANCE:
        return worthless(fit)
    return score_sql(
        place.weights,
        now=said(place.as_of, "timestamptz"),
        text=_text_term(question, fit) if question.groups else None,
        metres="far.metres" if question.place is not None else None,
        of=OF_DOCUMENTS,
    )


def _text_term(question: Question, fit: str) -> str:
    """How well a listing fits the words. Where they name a shelf, a bag that comes with a cot is less of a bag."""
    if not question.named_categories:
        return fit
    named = said(list(question.named_categories), "bigint[]")
    return f"(CASE WHEN d.category_id = ANY ({named}) THEN 1 ELSE {ELSEWHERE} END * {fit})"


def _in_order(hits: Sequence[Match], weights: Weights) -> list[Match]:
    """A window by what its rows are worth, spread over sellers."""
    worth = diversified(hits, weights, score=lambda h: h.score, seller=lambda h: h.seller_id, key=lambda h: h.id.int)
    return [hit for _worth, hit in worth]


def _spot(hit: Match) -> Spot:
    return Spot(_written(hit.key), hit.id)


def _written(key: Any) -> str:
    return key.isoformat() if isinstance(key, datetime) else repr(key)


# --- cursors ----------------------------------------------------------------------------------------------------------


def _cursor(made_for: str, place: _Place, start: _Start, before: tuple[_Start, ...]) -> str:
    pin = [int(place.as_of.timestamp()), place.weights.version]
    # Pages of the same window were shown in the order of its marks; of an earlier one their number must do.
    return encode_cursor([made_for, pin, start.packed(marked=True), [one.packed(marked=False) for one in before]])


def _read_cursor(cursor: str | None, made_for: str, question: Question) -> _Place:
    if not cursor:
        now = datetime.fromtimestamp(math.ceil(timezone.now().timestamp()), UTC)
        return _Place(now, weights_in_force(), _Start(None), ())
    asked, pin, start, before = decode_cursor(cursor, length=4)
    try:
        if asked != made_for or len(before) > MOST_PAGES_BACK:
            raise InvalidCursor
        as_of, version = pin
        weights = weights_numbered(_whole(version))
        if weights is None:
            raise InvalidCursor
        moment = datetime.fromtimestamp(_whole(as_of), UTC)
        here = _start(start, question)
        return _Place(moment, weights, here, tuple(_marked(_start(one, question), here) for one in before))
    except (ValueError, TypeError, OverflowError, OSError, AttributeError):
        raise InvalidCursor from None


def _whole(number: Any) -> int:
    if type(number) is not int or not 0 <= number < 2**40:
        raise ValueError
    return number


def _start(packed: Any, question: Question) -> _Start:
    key, row_id, skip, end_key, end_id, marks = packed
    raw = base64.b85decode(marks)
    shown = tuple(int.from_bytes(raw[at : at + 4], "big") for at in range(0, len(raw), 4))
    if len(shown) > 3 * WIDE_WINDOW:
        raise ValueError
    kind = walk_of(question).type
    return _Start(_at(key, row_id, kind), _whole(skip), _at(end_key, end_id, kind), shown)


def _marked(earlier: _Start, here: _Start) -> _Start:
    """A page before this one, with the marks of what was shown before it, where it was of the same window."""
    if earlier.spot != here.spot or not earlier.skip:
        return earlier
    return replace(earlier, end=here.end, shown=here.shown[: earlier.skip])


def _at(key: Any, row_id: Any, kind: str) -> Spot | None:
    return None if key is None and row_id is None else Spot(_key(key, kind), uuid.UUID(row_id))


def _key(key: Any, kind: str) -> str:
    """The key of a cursor as it was written, or ValueError: it becomes part of a statement."""
    if kind == "timestamptz":
        return datetime.fromisoformat(key).isoformat()
    number: int | float = int(key) if kind == "bigint" else float(key)
    if abs(number) >= 2**63 or number != number:  # noqa: PLR0124 - NaN
        raise ValueError
    return repr(number)


def every_id(question: Question, *, viewer: Viewer, size: int = 50) -> Iterator[uuid.UUID]:
    """All that a question finds, page by page: for tests and reports."""
    cursor = None
    while True:
        page = results(question, viewer=viewer, size=size, cursor=cursor)
        yield from (item["id"] for item in page.items)
        if page.next_cursor is None:
            return
        cursor = page.next_cursor
