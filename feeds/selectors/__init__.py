"""The feeds: what is for sale around a place, on video, and from people whom one follows."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import get_language

from core.geo import LatLng
from feeds.cells import WIDE_FROM_M, Cells, cells_around, middle_cell
from feeds.errors import NearestNeedsAPlace, PlaceNeeded
from feeds.rules import DEFAULT_RADIUS_KM, PAGE_SIZE, radius_metres
from feeds.selectors import statements
from feeds.selectors.asked import Asked, bound_of, wkt
from feeds.selectors.filters import Filters, read_filters
from feeds.selectors.pages import (
    Page,
    Ranked,
    Rows,
    Spot,
    Viewer,
    at_spot,
    card,
    fetch,
    fingerprint,
    page_of,
    read_spot,
)
from feeds.selectors.replay import Exposure, Mover, WhatIf, days_with_samples, gini, what_if, yesterday
from feeds.selectors.statements import Columns, Order
from feeds.selectors.suggested import suggested_nearby, suggested_on_video
from feeds.selectors.weights import (
    forget_weights,
    weights_in_force,
    weights_numbered,
    weights_of,
    weights_versions,
    weights_with_id,
)
from feeds.selectors.why import Why, facts_of, why_shown
from feeds.states import CommunitySort, DiscoverSort
from places.models import Neighborhood

__all__ = [
    "WIDE_FROM_M",
    "Cells",
    "Exposure",
    "Filters",
    "Mover",
    "Page",
    "Ranked",
    "WhatIf",
    "Why",
    "cells_around",
    "community_feed",
    "days_with_samples",
    "discover_feed",
    "facts_of",
    "following_feed",
    "forget_weights",
    "gini",
    "middle_cell",
    "read_filters",
    "weights_in_force",
    "weights_numbered",
    "weights_of",
    "weights_versions",
    "weights_with_id",
    "what_if",
    "why_shown",
    "yesterday",
]

EVERYTHING = Filters()
_ORDERS = {
    CommunitySort.RECENT: statements.RECENT,
    CommunitySort.PRICE_LOW: statements.PRICE_LOW,
    CommunitySort.PRICE_HIGH: statements.PRICE_HIGH,
    CommunitySort.NEAREST: statements.NEAREST,
}


def community_feed(
    *,
    viewer: Viewer,
    place: LatLng | None = None,
    radius_km: float | None = None,
    neighborhood: Neighborhood | None = None,
    filters: Filters = EVERYTHING,
    sort: str | None = None,
    size: int = PAGE_SIZE,
    cursor: str | None = None,
    look_ahead: int = 0,
) -> Page:
    """What neighbours sell around `place` or in a neighbourhood, one page of it.

    Distances are great-circle metres from `place` to the middle of a listing's public cell. The radius is DEFAULT_RADIUS_KM; in a
    neighbourhood there is none unless given. Sorted by distance where there is a place, else by time; suggested: `feeds.ranking`, which
    with `look_ahead` also says what the formula read of so many of the first.

    Raises:
        PlaceNeeded, NearestNeedsAPlace, RadiusTooWide, InvalidCursor.
    """
    if place is None and neighborhood is None:
        raise PlaceNeeded
    chosen = CommunitySort(sort or (CommunitySort.RECENT if place is None else CommunitySort.NEAREST))
    if chosen is CommunitySort.NEAREST and place is None:
        raise NearestNeedsAPlace
    if radius_km is None and neighborhood is None:
        radius_km = DEFAULT_RADIUS_KM
    radius = None if radius_km is None else radius_metres(radius_km)
    if chosen is CommunitySort.SUGGESTED:
        asked = Asked(viewer, place, radius, neighborhood, filters, None, size)
        return suggested_nearby(asked, cursor=cursor, look_ahead=look_ahead, shape=_shape(place))
    order = _ORDERS[chosen]
    question = fingerprint("community", place, radius, neighborhood and neighborhood.pk, filters, chosen)
    spot = read_spot(cursor, question, order)
    asked = Asked(viewer, place, radius, neighborhood, filters, spot, size)
    if chosen is CommunitySort.NEAREST:
        rows = _nearest(asked)
    elif neighborhood is not None:
        rows = _in_neighborhood(asked, _way(order, spot))
    else:
        rows = _merged(asked, _way(order, spot))
    return page_of(rows, size=size, spot=spot, question=question, shape=_shape(place))


def discover_feed(
    *,
    viewer: Viewer,
    place: LatLng | None = None,
    filters: Filters = EVERYTHING,
    sort: str | None = None,
    size: int = PAGE_SIZE,
    cursor: str | None = None,
    look_ahead: int = 0,
) -> Page:
    """What sellers show on video, wherever they are; with `place`, how far away.

    Live first is newest first until there are streams. Popular and suggested: `feeds.ranking`. Raises InvalidCursor.
    """
    chosen = DiscoverSort(sort or DiscoverSort.LIVE_FIRST)
    if chosen is DiscoverSort.SUGGESTED:
        return suggested_on_video(
            viewer=viewer,
            place=place,
            filters=filters,
            size=size,
            cursor=cursor,
            look_ahead=look_ahead,
            shape=_shape(place),
        )
    order = statements.POPULAR if chosen is DiscoverSort.POPULAR else statements.RECENT
    question = fingerprint("discover", filters, chosen)
    spot = read_spot(cursor, question, order)
    way = _way(order, spot)
    asked: Columns = {"point": ("geography", wkt(place))} | filters.columns | at_spot(spot, way)
    if chosen is DiscoverSort.POPULAR:
        sql = statements.popular(filters, wanted=size + 1, backward=spot is not None and spot.backward)
    else:
        sql = statements.walked(
            way, filters, wanted=size + 1, feed_type="discover", in_neighborhood=False, within=False
        )
    return page_of(fetch(sql, asked, viewer), size=size, spot=spot, question=question, shape=_shape(place))


def following_feed(
    *, viewer: Viewer, place: LatLng | None = None, size: int = PAGE_SIZE, cursor: str | None = None
) -> Page:
    """What the people whom `viewer` follows sell, of both feeds, newest first. Raises InvalidCursor."""
    question = fingerprint("following", viewer.pk if viewer else None)
    spot = read_spot(cursor, question, statements.RECENT)
    way = _way(statements.RECENT, spot)
    asked: Columns = {"point": ("geography", wkt(place))} | at_spot(spot, way)
    rows = fetch(statements.followed(way, wanted=size + 1), asked, viewer)
    return page_of(rows, size=size, spot=spot, question=question, shape=_shape(place))


def _nearest(asked: Asked) -> Rows:
    columns = asked.columns | asked.walk_columns | at_spot(asked.spot, statements.NEAREST)
    if asked.spot is None:
        columns["after_id"] = "uuid", statements.LAST_ID  # within a cell the newest come first
    sql = statements.nearest(
        asked.filters,
        wanted=asked.size + 1,
        in_neighborhood=asked.neighborhood is not None,
        backward=asked.spot is not None and asked.spot.backward,
    )
    return fetch(sql, columns, asked.viewer)


def _in_neighborhood(asked: Asked, way: Order) -> Rows:
    sql = statements.walked(
        way,
        asked.filters,
        wanted=asked.size + 1,
        feed_type="community",
        in_neighborhood=True,
        within=asked.is_circle,
    )
    return fetch(sql, asked.columns | at_spot(asked.spot, way), asked.viewer)


def _merged(asked: Asked, way: Order) -> Rows:
    columns = asked.columns | at_spot(asked.spot, way) | asked.cell_columns
    inner = len(columns["inner_cells"][1])
    bound, each = bound_of(asked.size + 1, inner)
    sql = statements.merged(way, asked.filters, wanted=asked.size + 1, bound=bound, each=each)
    rows = fetch(sql, columns, asked.viewer)
    if len(rows) <= asked.size and inner and (not rows or rows[0]["bounded"]):  # too tight a bound, it seems
        columns["inner_cells"] = "bigint[]", []
        rows = fetch(sql, columns, asked.viewer)
    return rows


def _way(order: Order, spot: Spot | None) -> Order:
    return order.turned() if spot is not None and spot.backward else order


def _shape(place: LatLng | None) -> Callable[[dict[str, Any]], dict[str, Any]]:
    language = get_language()  # once a page
    return lambda row: card(row, place, language)
