"""A search as SQL, in two statements.

The first finds the window: the next so many documents that match, in the question's order (`walking` may ask it in parts), with what
each is worth by the formula. Every value in it is a literal, because the planner must see the words: their rarity decides which way to
walk. It reads documents alone, so it is planned quickly.

The second says of the ids that would make the page which the viewer may see (`catalog.selectors.VISIBLE_SQL`, of the listings
themselves) and which still match, and fetches their cards at once (`listings`). Its values are sent beside it, so its text is the same
for all searches of a shape and PostgreSQL plans it once a connection: planned anew, its joins would cost more than the whole search.

`d` is a document, `p` its listing, `u` the seller.
"""

# ruff: noqa: S608

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.selectors import SOLD_BY_SQL
from accounts.states import SellerType
from catalog.selectors import VISIBLE_OR_SOLD_SQL, VISIBLE_SOLD_SQL, VISIBLE_SQL
from core.geo import LatLng
from core.money import MAX_MINOR, Money
from feeds.ranking import Columns
from feeds.selectors import WIDE_FROM_M, cells_around
from search.engines.literals import Bound, Say, literal, said
from search.ports import Question, Source, Spot
from search.rules import PRICE_BANDS
from search.states import Availability, PriceBand, SearchSort

# What a document knows of its listing's worth.
OF_DOCUMENTS = Columns("d.published_at", "d.points", "d.trust", "d.newcomer_since", "d.seller_sales")
_RANKED_BY = (
    "seller_id",
    "category_id",
    "published_at",
    "points",
    "trust",
    "newcomer_since",
    "seller_sales",
    "public_location",
)


@dataclass(frozen=True)
class Walk:
    """An order of documents: a key, then the id, for which newer is greater. Equal ones come newest first, but by price cheapest
    first, where both go one way so that an index serves them.
    """

    key: str
    type: str
    descending: bool
    ids_descending: bool

    @property
    def order(self) -> str:
        return f"{self.key} {_way(self.descending)}, d.product_id {_way(self.ids_descending)}"

    def after(self, spot: Spot | None) -> list[str]:
        if spot is None:
            return []
        key, row_id = f"{literal(spot.key)}::{self.type}", literal(spot.id)
        beyond, id_beyond = (("<" if down else ">") for down in (self.descending, self.ids_descending))
        if self.descending == self.ids_descending:
            return [f"({self.key}, d.product_id) {beyond} ({key}, {row_id})"]
        said = f"({self.key} {beyond} {key} OR ({self.key} = {key} AND d.product_id {id_beyond} {row_id}))"
        return [f"{self.key} {beyond}= {key}", said]

    def until(self, spot: Spot | None) -> list[str]:
        """Up to a row and with it, for orders in which key and id go one way."""
        if spot is None:
            return []
        before = ">=" if self.descending else "<="
        return [f"({self.key}, d.product_id) {before} ({literal(spot.key)}::{self.type}, {literal(spot.id)})"]


def _way(descending: bool) -> str:
    return "DESC" if descending else "ASC"


def walk_of(question: Question) -> Walk:
    """The order in which the documents of a question are walked; the best match is chosen among the newest."""
    if question.sort == SearchSort.NEAREST:
        return Walk(metres(question.place, "d"), "float8", descending=False, ids_descending=True)
    if question.sort == SearchSort.PRICE_LOW:
        return Walk("d.price_minor", "bigint", descending=False, ids_descending=False)
    if question.sort == SearchSort.PRICE_HIGH:
        return Walk("d.price_minor", "bigint", descending=True, ids_descending=True)
    return NEWEST


NEWEST = Walk("d.published_at", "timestamptz", descending=True, ids_descending=True)


def metres(place: LatLng | None, of: str, say: Say = said) -> str:
    """The distance of a row's public place, NULL without a place."""
    if place is None:
        return "NULL::float8"
    return f"({of}.public_location <-> {say(f'SRID=4326;POINT({place.longitude!r} {place.latitude!r})', 'geography')})"


Score = Callable[
    [str], str
]  # from how well a document `d` fits the words to what it is worth; `far.metres` is how far away it is


def window(
    question: Question,
    source: Source,
    *,
    bounds: Sequence[str],
    size: int,
    score: Score,
    among: int | None = None,
    all_at_once: bool = False,
) -> str:
    """The next `size` candidates in the question's order, as a `walking.Match` is.

    `bounds` say of which documents, of the newest `among` of them alone. `all_at_once`: they are known to be few, so that all are
    collected and then put in order; the planner, who knows less of words, might walk the order instead, and far.
    """
    walk = walk_of(question)
    conditions = [*of_document(question, in_cells=all_at_once), *source.conditions, *bounds]
    carried = ", ".join([*(f"d.{column}" for column in _RANKED_BY), *source.carried])
    far, measured = _how_far(question)
    return f"""
        SELECT d.product_id, d.key, {score(source.text)}, {far}, d.seller_id FROM (
            SELECT * FROM (
                SELECT d.product_id, {walk.key} AS key, {carried} FROM {_rows(question, source, bounds, among)} {_only_if(question)}
                WHERE {" AND ".join(conditions)} {"OFFSET 0" if all_at_once else ""}
            ) d ORDER BY d.key {_way(walk.descending)}, d.product_id {_way(walk.ids_descending)} LIMIT {size}
        ) d {measured}
        ORDER BY d.key {_way(walk.descending)}, d.product_id {_way(walk.ids_descending)}
    """


def _how_far(question: Question) -> tuple[str, str]:
    """The distance of a row `d`, and what measures it: once, however often the score speaks of it."""
    if question.place is None:
        return "NULL::float8", ""
    return "far.metres", f"CROSS JOIN LATERAL (SELECT {metres(question.place, 'd')} AS metres OFFSET 0) far"


def _rows(question: Question, source: Source, bounds: Sequence[str], among: int | None) -> str:
    if among is None:
        return source.rows
    return f"(SELECT * FROM search_searchdocument d WHERE {_available(question, bounds)} ORDER BY {NEWEST.order} LIMIT {among}) d"


def edge(question: Question, *, bounds: Sequence[str], among: int) -> str:
    """Of the newest `among` documents: when the last was published and its id, and when the one in the middle was. No row where there
    are fewer.
    """
    rows = f"FROM search_searchdocument d WHERE {_available(question, bounds)} ORDER BY {NEWEST.order}"
    return f"""
        SELECT d.published_at, d.product_id, (SELECT d.published_at {rows} OFFSET {among // 2 - 1} LIMIT 1)
        {rows} OFFSET {among - 1} LIMIT 1
    """


def _available(question: Question, bounds: Sequence[str]) -> str:
    return " AND ".join([f"d.availability = '{Availability(question.availability)}'", *bounds])


WITH_SELLERS = "JOIN accounts_user u ON u.id = p.seller_id"


def seen_rows(
    question: Question, ids: Sequence[Any], *, viewer_id: Any, columns: str, say: Bound, joins: str = WITH_SELLERS
) -> str:
    """A query for these columns of the listings, of these ids, that this viewer may see and that still match. `joins` bring `u`."""
    return _rows_of(ids, columns, [seen(question, viewer_id, say), *of_listing(question, say)], say, joins)


def visible_rows(ids: Sequence[Any], *, viewer_id: Any, columns: str, say: Bound) -> str:
    """The same of all that this viewer may see, for sale or sold, whatever was asked."""
    return _rows_of(ids, columns, [_of_viewer(VISIBLE_OR_SOLD_SQL, viewer_id, say)], say, WITH_SELLERS)


def _rows_of(ids: Sequence[Any], columns: str, conditions: Sequence[str], say: Bound, joins: str) -> str:
    return f"""
        SELECT {columns} FROM unnest({say(ids, "uuid[]")}) AS asked (id) JOIN catalog_product p ON p.id = asked.id
        {joins} WHERE {" AND ".join(conditions)}
    """


def _only_if(question: Question) -> str:
    """A join that answers, before the window is cut, what documents do not know of the filters."""
    asked = _only_listings(question)
    if not asked:
        return ""
    return (
        "CROSS JOIN LATERAL (SELECT 1 FROM catalog_product p JOIN accounts_user u ON u.id = p.seller_id "
        f"WHERE p.id = d.product_id AND {' AND '.join(asked)} OFFSET 0) fits"
    )


def seen(question: Question, viewer_id: Any, say: Say) -> str:
    """The catalogue's rule for what the question is about."""
    return _of_viewer(VISIBLE_SOLD_SQL if question.availability == Availability.SOLD else VISIBLE_SQL, viewer_id, say)


def _of_viewer(rule: str, viewer_id: Any, say: Say) -> str:
    return rule.replace("%(viewer)s::uuid", say(viewer_id, "uuid"))


def of_document(question: Question, *, in_cells: bool = False) -> list[str]:
    """Conditions on a document `d`: all that it knows of the filters, and first what the indexes are partial by.

    Cells lead to what is near. Words mostly lead to less than a wide circle holds, whose many cells cost the planner more than they
    spare: there they are said only where `in_cells`.
    """
    found = [f"d.availability = '{Availability(question.availability)}'", *_conditions(question, "d", said)]
    place, radius = question.place, question.radius
    if place is not None and radius is not None and (in_cells or radius < WIDE_FROM_M or not question.groups):
        found.append(_in_cells(place, radius))
    return found


def of_listing(question: Question, say: Say) -> list[str]:
    """The same filters, of the listing `p` itself, and those that only it can answer. Behind a CASE, lest the planner walk an index
    by one of them instead of by the ids.
    """
    found = [*_conditions(question, "p", say), *_only_listings(question, say)]
    return [f"CASE WHEN {' AND '.join(found)} THEN true ELSE false END"] if found else []


def _conditions(question: Question, of: str, say: Say) -> list[str]:
    filters = question.filters
    found = [
        _one_of(f"{of}.{column}", sorted(values), kind, say)
        for column, kind, values in (
            ("category_id", "bigint", filters.category_ids),
            ("brand_id", "bigint", question.brand_ids),
            ("condition", "text", filters.conditions),
        )
        if values
    ]
    found += [
        f"{of}.{column} = {say(value, kind)}"
        for column, kind, value in (
            ("currency", "text", filters.currency),
            ("feed_type", "text", question.feed_type),
            ("neighborhood_id", "uuid", question.neighborhood_id),
        )
        if value
    ]
    if filters.has_price:
        highest = MAX_MINOR if filters.highest is None else filters.highest
        found.append(f"{of}.price_minor BETWEEN {say(filters.lowest or 0, 'bigint')} AND {say(highest, 'bigint')}")
    if question.price_bands:
        found.append(f"({' OR '.join(_in_band(band, filters.currency, of, say) for band in question.price_bands)})")
    if question.place is not None and question.radius is not None:
        found.append(f"{metres(question.place, of, say)} <= {say(question.radius, 'float8')}")
    return found


def _one_of(column: str, values: Sequence[Any], kind: str, say: Say) -> str:
    """One value alone is said as such: then an index that it leads is in order behind it."""
    return (
        f"{column} = {say(values[0], kind)}"
        if len(values) == 1
        else f"{column} = ANY ({say(list(values), f'{kind}[]')})"
    )


def _in_band(band: PriceBand, currency: str, of: str, say: Say) -> str:
    low, high = PRICE_BANDS[band]
    above = f"{of}.price_minor >= {say(Money.parse(low, currency).minor, 'bigint')}"
    if high is None:
        return above
    return f"({above} AND {of}.price_minor < {say(Money.parse(high, currency).minor, 'bigint')})"


def _in_cells(place: LatLng, radius: float) -> str:
    cells = cells_around(place, radius)
    near = f"d.feed_cell = ANY ({said(list(cells.near), 'bigint[]')})"
    return f"({near} OR d.wide_cell = ANY ({said(list(cells.wide), 'bigint[]')}))" if cells.wide else near


def _only_listings(question: Question, say: Say = said) -> list[str]:
    found = []
    if question.filters.seller_type:
        found.append(SOLD_BY_SQL[SellerType(question.filters.seller_type)])
    found.extend(one.sql(say(json.dumps(one.vars), "jsonb")) for one in question.filters.attributes)
    return found
