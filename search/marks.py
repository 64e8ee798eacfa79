"""Marks: lexemes beside a document's words that say when it was published and where it stands.

PostgreSQL's index of words knows no order and no places: of a word that ten thousand listings have it would hand out all ten thousand,
to be read for the newest hundred. With marks the same index answers "this word, of these three days, in these cells". A time and a
cell are one mark too: an index that must take "any of these weeks" and "any of these cells" each by itself reads far more of both.

There are days for words that many have and weeks for the others, small cells for small circles and wide ones for the others: so that
little is read that was not asked for, and few marks say it. A mark begins with @, which no lexeme of a text does. It has no position,
and so no weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feeds.selectors import Cells, middle_cell

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MOST_DAYS = 10  # said as days, more as weeks
MOST = 60  # marks in one search: the index looks at each for all that it finds
MOST_SMALL = 32  # of times and small cells together; more are said by wide ones, and a long time by its cells alone
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stretch:
    """Whole days, or whole weeks, by their numbers since 1970; without a number all times."""

    first: int = 0
    last: int = -1
    is_days: bool = False

    @property
    def began(self) -> datetime:
        return _BEGINNING + self.first * (DAY if self.is_days else WEEK)

    @property
    def weeks(self) -> "Stretch":
        """The same time and what of its first and last week is missing."""
        return Stretch(self.first // 7, self.last // 7) if self.is_days else self

    @property
    def numbers(self) -> range:
        return range(self.first, self.last + 1)


ALL_TIMES = Stretch()


def stretch(since: datetime, before: datetime) -> Stretch:
    """What was published between two moments, and some more: in days where these are few."""
    days = Stretch(_day(since), _day(before), is_days=True)
    return days if len(days.numbers) <= MOST_DAYS else Stretch(_week(since), _week(before))


def is_mark(lexeme: str) -> bool:
    return lexeme.startswith("@")


def of_document(published_at: datetime, feed_cell: int | None, wide_cell: int | None) -> list[str]:
    day, week = f"@d{_day(published_at)}", f"@w{_week(published_at)}"
    found = [day, week]
    if feed_cell is not None:
        middle = middle_cell(feed_cell)
        found += [f"@c{middle}", f"{day}c{middle}", f"{week}c{middle}"]
    if wide_cell is not None:
        found += [f"@c{wide_cell}", f"{week}c{wide_cell}"]
    return found


def asked(times: Stretch, around: Cells | None) -> list[str]:
    """Marks of which every document of that time that stands around there has one, and few others; none for all times and places, and
    where it would be too many.
    """
    if around is None:
        return _few(_times(times))
    if times == ALL_TIMES:
        return _few(_cells(around.middle or around.rough))
    for when, where, most in (
        (times, around.middle, MOST_SMALL),
        (times.weeks, around.middle, MOST_SMALL),
        (times.weeks, around.rough, MOST),
    ):
        if where and len(when.numbers) * len(where) <= most:
            return [f"{time}c{cell}" for time in _times(when) for cell in where]
    return _few(_cells(around.middle) or _times(times))


def _few(found: Sequence[str]) -> list[str]:
    return list(found) if len(found) <= MOST else []


def _cells(cells: Sequence[int]) -> list[str]:
    return [f"@c{cell}" for cell in cells]


def _times(times: Stretch) -> list[str]:
    return [f"@{'d' if times.is_days else 'w'}{number}" for number in times.numbers]


def _day(at: datetime) -> int:
    return (at - _BEGINNING) // DAY


def _week(at: datetime) -> int:
    return (at - _BEGINNING) // WEEK
