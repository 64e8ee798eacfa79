"""Feeds in the order of the formula: a window of the nearest and the newest competes, spread over sellers, page by page.

Ranking every listing of a city for every reader would cost what the feeds' walks avoid. So the walks fetch a window (docs/adr/0013),
the formula orders it, and a page is a part of that order. The first page is ranked as of a moment and by a version of the weights, and
its cursors carry both: neither what appears meanwhile nor other weights double or drop a listing of a list that somebody is reading.
"""

# ruff: noqa: S608

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from core.cursors import decode_cursor
from core.errors import InvalidCursor
from core.geo import LatLng
from feeds.ranking import Facts, Weights, diversified_sql, score_sql
from feeds.rules import seller_tier
from feeds.selectors.asked import Asked, bound_of, wkt
from feeds.selectors.filters import Filters
from feeds.selectors.pages import Page, Ranked, RankedRow, Rows, Viewer, at_spot, fetch, fingerprint, page_of, read_spot
from feeds.selectors.statements import (
    LAST_ID,
    RECENT,
    Columns,
    Order,
    cards,
    merged_ids,
    metres_if_asked,
    nearest_ids,
    walked_ids,
)
from feeds.selectors.weights import weights_in_force, weights_numbered

NEAREST_WINDOW = 100  # so many of the nearest and as many of the newest compete
NEWEST_WINDOW = 100
DISCOVER_WINDOW = 200
SUGGESTED = Order("worth", "float8", True, "-infinity", "infinity")
_ALSO = ("sales_count", "sells_since", "seller_is_business", "neighborhood_id")
_ALSO_SQL = ", s.sales_count, u.sells_since, u.business_verified_at IS NOT NULL, p.neighborhood_id"
_OLDEST_CURSOR = timedelta(days=30)

Shape = Callable[[dict[str, Any]], dict[str, Any]]


def suggested_nearby(asked: Asked, *, cursor: str | None, look_ahead: int, shape: Shape) -> Page:
    """Around a place or in a neighbourhood. Raises InvalidCursor."""
    question = fingerprint("suggested", asked.place, asked.radius, asked.neighborhood_id, asked.filters)
    pinned = _pin(cursor, question)
    sources, names, also = [], [], "p.published_at <= (SELECT as_of FROM q)"
    columns = asked.columns
    bounded = "false"
    if asked.place is not None:
        columns |= asked.walk_columns | {"near_key": ("float8", -1.0), "near_id": ("uuid", LAST_ID)}
        in_neighborhood = asked.neighborhood is not None
        ids = nearest_ids(asked.filters, wanted=NEAREST_WINDOW, in_neighborhood=in_neighborhood, spot="near", also=also)
        sources.append(f"nearest AS ({ids})")
        names.append("nearest")
    if asked.neighborhood is not None:
        newest = _newest(asked.filters, feed_type="community", wanted=NEWEST_WINDOW, within=asked.is_circle)
        sources.append(newest)
    else:
        columns |= asked.cell_columns
        bound, each = bound_of(NEWEST_WINDOW, len(columns["inner_cells"][1]))
        sources.append(
            merged_ids(RECENT, asked.filters, wanted=NEWEST_WINDOW, bound=bound, each=each, spot="new", name="newest")
        )
        bounded = f"EXISTS (SELECT FROM bound) AND (SELECT count(*) FROM newest) < {NEWEST_WINDOW}"
    window = _Window(asked.viewer, asked.place, columns, sources, [*names, "newest"], bounded)
    return _page(window, pinned, size=asked.size, look_ahead=look_ahead, shape=shape)


def suggested_on_video(
    *,
    viewer: Viewer,
    place: LatLng | None,
    filters: Filters,
    size: int,
    cursor: str | None,
    look_ahead: int,
    shape: Shape,
) -> Page:
    """Of discover, wherever it is. Raises InvalidCursor."""
    pinned = _pin(cursor, fingerprint("suggested on video", place, filters))
    columns: Columns = {"point": ("geography", wkt(place))} | filters.columns
    source = _newest(filters, feed_type="discover", wanted=DISCOVER_WINDOW)
    window = _Window(viewer, place, columns, [source], ["newest"], "false")
    return _page(window, pinned, size=size, look_ahead=look_ahead, shape=shape)


def _newest(filters: Filters, *, feed_type: str, wanted: int, within: bool = False) -> str:
    ids = walked_ids(
        RECENT,
        filters,
        wanted=wanted,
        feed_type=feed_type,
        in_neighborhood=feed_type == "community",
        within=within,
        spot="new",
    )
    return f"newest AS ({ids})"


@dataclass(frozen=True)
class _Window:
    """Who competes: row sources of ids by name, and what they read."""

    viewer: Viewer
    place: LatLng | None
    columns: Columns
    sources: list[str]
    names: list[str]
    bounded: str  # whether a bound may have kept some of the newest out


@dataclass(frozen=True)
class _Pinned:
    """A list that somebody reads: its order holds by these weights as of this moment."""

    question: str  # with both, as cursors carry it
    weights: Weights
    as_of: datetime
    cursor: str | None


def _pin(cursor: str | None, question: str) -> _Pinned:
    """The moment and weights of a cursor's list, or of a new one that begins now (to the next second, so that nothing is missing).

    Raises:
        InvalidCursor: of another question, or of weights that were never in force.
    """
    if not cursor:
        weights, seconds = weights_in_force(), math.ceil(timezone.now().timestamp())
    else:
        made_for = decode_cursor(cursor, length=4)[0]
        asked, _, pin = made_for.partition(":") if isinstance(made_for, str) else ("", "", "")
        version, _, moment = pin.partition(":")
        if asked != question or not (_is_number(version) and _is_number(moment)):
            raise InvalidCursor
        seconds, now = int(moment), timezone.now().timestamp()
        found = weights_numbered(int(version))
        if found is None or not now - _OLDEST_CURSOR.total_seconds() <= seconds <= now + 60:
            raise InvalidCursor
        weights = found
    pinned = f"{question}:{weights.version}:{seconds}"
    return _Pinned(pinned, weights, datetime.fromtimestamp(seconds, UTC), cursor)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12


def _page(window: _Window, pinned: _Pinned, *, size: int, look_ahead: int, shape: Shape) -> Page:
    spot = read_spot(pinned.cursor, pinned.question, SUGGESTED)
    order = SUGGESTED.turned() if spot is not None and spot.backward else SUGGESTED
    columns = (
        window.columns
        | at_spot(spot, order)
        | {
            "as_of": ("timestamptz", pinned.as_of),
            "new_key": ("timestamptz", pinned.as_of),
            "new_id": ("uuid", LAST_ID),
        }
    )
    wanted = max(size, look_ahead) + 1
    sql = suggested_sql(window, pinned.weights, order=order, wanted=wanted)
    rows = fetch(sql, columns, window.viewer, also=_ALSO)
    if (not rows or rows[0]["bounded"]) and columns.get("inner_cells", ("", []))[1]:  # too tight a bound, it seems
        columns["inner_cells"] = "bigint[]", []
        rows = fetch(sql, columns, window.viewer, also=_ALSO)
    ranked = Ranked(pinned.weights, pinned.as_of, _ranked_rows(rows[:look_ahead], pinned))
    return page_of(rows, size=size, spot=spot, question=pinned.question, shape=shape, ranked=ranked)


def suggested_sql(window: _Window, weights: Weights, *, order: Order, wanted: int) -> str:
    """The window, its scores, what they are worth spread over sellers, and a page of that."""
    metres = "d.metres" if window.place is not None else None
    score = score_sql(weights, now="(SELECT as_of FROM q)", metres=metres)
    worth = diversified_sql(weights, score="score", seller="seller_id", key="id")
    return f"""
        {", ".join(window.sources)},
        competing AS ({" UNION ".join(f"SELECT id FROM {name}" for name in window.names)}),
        scored AS MATERIALIZED (
            SELECT p.id, p.seller_id, {score} AS score FROM competing JOIN catalog_product p ON p.id = competing.id
            JOIN accounts_user u ON u.id = p.seller_id LEFT JOIN accounts_sellerstanding s ON s.user_id = u.id
            CROSS JOIN LATERAL (SELECT {metres_if_asked()} AS metres OFFSET 0) d
        ),
        page AS (
            SELECT x.id, x.key FROM (SELECT id, {worth} AS key FROM scored) x
            WHERE (x.key, x.id) {order.beyond} ((SELECT after_key FROM q), (SELECT after_id FROM q))
            ORDER BY x.key {order.way}, x.id {order.way} LIMIT {wanted}
        )
        {cards(f"page.key {order.way}, p.id {order.way}", metres_if_asked(), bounded=window.bounded, also=_ALSO_SQL)}
    """


def _ranked_rows(rows: Rows, pinned: _Pinned) -> tuple[RankedRow, ...]:
    found = []
    for row in rows:
        facts = _facts(row, pinned.as_of)
        tier = seller_tier(facts, is_business=row["seller_is_business"], weights=pinned.weights)
        found.append(RankedRow(row["id"], row["seller_id"], row["neighborhood_id"], tier, _place(row), facts))
    return tuple(found)


def _place(row: dict[str, Any]) -> LatLng | None:
    return None if row["latitude"] is None else LatLng(row["latitude"], row["longitude"])


def _facts(row: dict[str, Any], as_of: datetime) -> Facts:
    since = row["sells_since"]
    return Facts(
        age_hours=(as_of - row["published_at"]).total_seconds() / 3600,
        metres=row["metres"],
        is_proven=row["seller_is_verified"],
        is_checked=row["seller_is_trusted"],
        rating=None if row["seller_rating"] is None else float(row["seller_rating"]),
        review_count=row["seller_review_count"] or 0,
        sales_count=row["sales_count"] or 0,
        seller_days=None if since is None else (as_of - since).total_seconds() / 86400,
        views=row["view_count"],
        favourites=row["favourite_count"],
    )
