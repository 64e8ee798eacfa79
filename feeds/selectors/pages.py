"""Pages of a feed: cursors that name a place in a list, and rows turned into cards."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection

from accounts.models import User
from catalog.selectors import CARD_KEYS
from catalog.shapes import product_card
from core.cursors import decode_cursor, encode_cursor
from core.errors import InvalidCursor
from core.geo import LatLng
from feeds.ranking import Facts, Weights
from feeds.selectors.statements import Columns, Order, with_values

Viewer = User | AnonymousUser | None
_KEYS = (*CARD_KEYS, "key", "metres", "bounded")


@dataclass(frozen=True)
class RankedRow:
    """A listing in the order of the formula, and what the formula read of it."""

    product_id: UUID
    seller_id: UUID
    neighborhood_id: UUID | None
    seller_tier: str
    place: LatLng | None  # the middle of its public cell
    facts: Facts


@dataclass(frozen=True)
class Ranked:
    """How a page was ordered, with the first listings of the order where the caller looked ahead."""

    weights: Weights
    as_of: datetime
    ahead: tuple[RankedRow, ...] = ()


@dataclass(frozen=True)
class Page:
    """Some cards of a feed, in its order, with the cursors of the pages beside it (None at an end)."""

    items: list[dict[str, Any]]
    next_cursor: str | None
    previous_cursor: str | None
    ranked: Ranked | None = None  # where the formula ordered it

    @property
    def has_more(self) -> bool:
        return self.next_cursor is not None


@dataclass(frozen=True)
class Spot:
    """A place in a list: just after (or, backward, just before) the row with this key and id."""

    key: Any
    id: str
    backward: bool


def fingerprint(*question: Any) -> str:
    """A short text that changes with the question: a cursor made for another one is refused."""
    return hashlib.sha256(repr(question).encode()).hexdigest()[:12]


def read_spot(cursor: str | None, question: str, order: Order) -> Spot | None:
    """The place that a cursor names. Raises InvalidCursor: not ours, or of another question."""
    if not cursor:
        return None
    made_for, backward, key, row_id = decode_cursor(cursor, length=4)
    if made_for != question or not isinstance(backward, bool):
        raise InvalidCursor
    try:
        return Spot(_KEY_READERS[order.type](key), str(UUID(row_id)), backward)
    except (ValueError, AttributeError, TypeError, OverflowError):
        raise InvalidCursor from None


def _moment(key: Any) -> str:
    return datetime.fromisoformat(key).isoformat()


def _whole(key: Any) -> int:
    if type(key) is not int or abs(key) >= 2**63:
        raise ValueError
    return key


def _real(key: Any) -> float:
    if type(key) not in (int, float):
        raise TypeError
    return float(key)


_KEY_READERS: dict[str, Callable[[Any], Any]] = {"timestamptz": _moment, "bigint": _whole, "float8": _real}


def at_spot(spot: Spot | None, order: Order) -> Columns:
    """What a statement reads of the place in the list. `order` is the way that it reads."""
    return {
        "after_key": (order.type, order.start if spot is None else spot.key),
        "after_id": ("uuid", order.start_id if spot is None else spot.id),
    }


Rows = list[dict[str, Any]]


def fetch(statement: str, columns: Columns, viewer: Viewer, *, also: tuple[str, ...] = ()) -> Rows:
    """Carry out a statement of ours. Rows come as dictionaries of a card's columns, the sort key, the distance and what it reads
    `also`.
    """
    sql, parameters = with_values(columns, statement)
    parameters["viewer"] = viewer.pk if viewer is not None else None
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        keys = _KEYS + also
        return [dict(zip(keys, row, strict=True)) for row in cursor.fetchall()]


def page_of(
    rows: Rows,
    *,
    size: int,
    spot: Spot | None,
    question: str,
    shape: Callable[[dict[str, Any]], Any],
    ranked: Ranked | None = None,
) -> Page:
    """Cut the one row too many off, turn a page that was read backward, make the cursors."""
    backward = spot is not None and spot.backward
    more = len(rows) > size
    rows = rows[:size]
    if backward:
        rows.reverse()
    has_next = backward or more
    has_previous = more if backward else spot is not None
    return Page(
        items=[shape(row) for row in rows],
        next_cursor=_cursor(question, rows[-1], backward=False) if has_next and rows else None,
        previous_cursor=_cursor(question, rows[0], backward=True) if has_previous and rows else None,
        ranked=ranked,
    )


def _cursor(question: str, row: dict[str, Any], *, backward: bool) -> str:
    key = row["key"]
    return encode_cursor([question, backward, key.isoformat() if isinstance(key, datetime) else key, str(row["id"])])


def card(row: dict[str, Any], place: LatLng | None, language: str | None = None) -> dict[str, Any]:
    """The public card. No stream shows a listing yet, so nothing is live."""
    return product_card(row, origin=place, metres=row["metres"], language=language) | {
        "is_live": False,
        "viewer_count": 0,
    }
