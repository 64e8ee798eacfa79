"""Marks: lexemes beside a document's words that say in which week it was published and in which wide cell it stands.

PostgreSQL's index of words knows no order and no places: of a word that ten thousand listings have it would hand out all ten thousand,
to be read for the newest hundred. With marks the same index answers "this word, of these two weeks, in these cells". Week and cell
are one mark too: an index that must take "any of these weeks" and "any of these cells" each by itself reads far more of both.

A mark begins with @, which no lexeme of a text does. It has no position, and so no weight.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

WEEK = timedelta(weeks=1)
MOST = 60  # marks in one search: each makes the index slower
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def is_mark(lexeme: str) -> bool:
    return lexeme.startswith("@")


def week_of(at: datetime) -> int:
    """The week of a moment, counted from 1970 on."""
    return (at - _BEGINNING) // WEEK


def week_began(week: int) -> datetime:
    return _BEGINNING + week * WEEK


def of_document(published_at: datetime, wide_cell: int | None) -> list[str]:
    week = week_of(published_at)
    return [_week(week)] if wide_cell is None else [_week(week), _cell(wide_cell), _both(week, wide_cell)]


def asked(weeks: Sequence[int], cells: Sequence[int]) -> list[str]:
    """Marks of which a document of one of the weeks that stands in one of the cells has one: none for neither, and where it would be
    too many.
    """
    if weeks and cells and len(weeks) * len(cells) <= MOST:
        return [_both(week, cell) for week in weeks for cell in cells]
    found = [_week(week) for week in weeks] or [_cell(cell) for cell in cells]
    return found if len(found) <= MOST else []


def _week(week: int) -> str:
    return f"@w{week}"


def _cell(cell: int) -> str:
    return f"@c{cell}"


def _both(week: int, cell: int) -> str:
    return f"@w{week}c{cell}"
