"""A search as SQL. Every value is a literal, because the planner must see the words: their rarity decides which way to walk.

`d` is a document, `p` its listing, `u` the seller, `s` the seller's standing. The window is read from documents alone; what of it the
viewer sees and what it is worth, the listings themselves say (`catalog.selectors.VISIBLE_SQL`).
"""

# ruff: noqa: S608

import json
from dataclasses import dataclass
from typing import Any

from accounts.selectors import SOLD_BY_SQL
from accounts.states import SellerType
from catalog.selectors import VISIBLE_SOLD_SQL, VISIBLE_SQL
from core.geo import LatLng
from core.money import MAX_MINOR, Money
from feeds.selectors import cells_around
from search.engines.literals import literal
from search.ports import Question, Source, Spot
from search.rules import PRICE_BANDS
from search.states import Availability, PriceBand, SearchSort

LISTING_JOINS = """
    JOIN accounts_user u ON u.id = p.seller_id LEFT JOIN accounts_sellerstanding s ON s.user_id = u.id
"""


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


def metres(place: LatLng | None, of: str) -> str:
    """The distance of a row's public place, NULL without a place."""
    if place is None:
        return "NULL::float8"
    return f"({of}.public_location <-> 'SRID=4326;POINT({place.longitude!r} {place.latitude!r})'::geography)"


def window(question: Question, source: Source, *, after: Spot | None, size: int, viewer_id: Any, score: str) -> str:
    """The next `size` candidates in the question's order: id, key, whether the viewer may have it, its score, its seller.

    Candidates that this viewer may not see or that no longer match come without a score, so that the caller knows how far the walk
    went; it drops them.
    """
    walk = walk_of(question)
    conditions = [*of_document(question), *source.conditions, *walk.after(after)]
    words = ", d.words" if question.groups else ""
    return f"""
        WITH found AS MATERIALIZED (
            SELECT d.product_id, {walk.key} AS key{words} FROM {source.rows} {_only_if(question)}
            WHERE {" AND ".join(conditions)}
            ORDER BY {walk.order} LIMIT {size}
        )
        SELECT d.product_id, d.key, x.score, x.seller_id FROM found d LEFT JOIN LATERAL (
            SELECT {score} AS score, p.seller_id FROM catalog_product p {LISTING_JOINS}
            WHERE p.id = d.product_id AND {seen(question, viewer_id)} AND {" AND ".join(["true", *of_listing(question)])}
        ) x ON true
        ORDER BY d.key {_way(walk.descending)}, d.product_id {_way(walk.ids_descending)}
    """


def counted_rows(question: Question, source: Source, *, name: str, size: int, viewer_id: Any, also: str) -> str:
    """Two named sets for a WITH: `<name>_found`, the newest documents that match, and `name`, columns of those that the viewer sees."""
    conditions = [*of_document(question), *source.conditions]
    listing = " AND ".join([seen(question, viewer_id), *of_listing(question)])
    return f"""
        {name}_found AS MATERIALIZED (
            SELECT d.product_id FROM {source.rows} {_only_if(question)}
            WHERE {" AND ".join(conditions)} ORDER BY {NEWEST.order} LIMIT {size}
        ),
        {name} AS MATERIALIZED (
            SELECT {also} FROM {name}_found d JOIN catalog_product p ON p.id = d.product_id
            JOIN accounts_user u ON u.id = p.seller_id WHERE {listing}
        )
    """


def titles(question: Question, source: Source, *, size: int, viewer_id: Any) -> str:
    """Titles of the newest listings that match, as far as the viewer may see them."""
    conditions = [*of_document(question), *source.conditions]
    return f"""
        WITH found AS MATERIALIZED (
            SELECT d.product_id FROM {source.rows} WHERE {" AND ".join(conditions)}
            ORDER BY {NEWEST.order} LIMIT {size}
        )
        SELECT p.title FROM found d JOIN catalog_product p ON p.id = d.product_id JOIN accounts_user u ON u.id = p.seller_id
        WHERE {seen(question, viewer_id)}
    """


def _only_if(question: Question) -> str:
    """A join that answers, before the window is cut, what documents do not know of the filters."""
    said = _only_listings(question)
    if not said:
        return ""
    return (
        "CROSS JOIN LATERAL (SELECT 1 FROM catalog_product p JOIN accounts_user u ON u.id = p.seller_id "
        f"WHERE p.id = d.product_id AND {' AND '.join(said)} OFFSET 0) fits"
    )


def seen(question: Question, viewer_id: Any) -> str:
    """The catalogue's rule for what the question is about."""
    rule = VISIBLE_SOLD_SQL if question.availability == Availability.SOLD else VISIBLE_SQL
    return rule % {"viewer": literal(viewer_id)}


def of_document(question: Question) -> list[str]:
    """Conditions on a document `d`: all that it knows of the filters, and first what the indexes are partial by."""
    return [f"d.availability = '{Availability(question.availability)}'", *_conditions(question, "d")]


def of_listing(question: Question) -> list[str]:
    """The same filters, of the listing `p` itself, and those that only it can answer. Behind a CASE, so that the planner, who has
    counted them already, takes them for a coin that is tossed.
    """
    said = [*_conditions(question, "p"), *_only_listings(question)]
    return [f"CASE WHEN {' AND '.join(said)} THEN true ELSE false END"] if said else []


def _conditions(question: Question, of: str) -> list[str]:
    filters = question.filters
    said = [
        f"{of}.{column} IN ({', '.join(literal(value) for value in sorted(values))})"
        for column, values in (
            ("category_id", filters.category_ids),
            ("brand_id", question.brand_ids),
            ("condition", filters.conditions),
        )
        if values
    ]
    said += [
        f"{of}.{column} = {literal(value)}"
        for column, value in (
            ("currency", filters.currency),
            ("feed_type", question.feed_type),
            ("neighborhood_id", question.neighborhood_id),
        )
        if value
    ]
    if filters.has_price:
        said.append(
            f"{of}.price_minor BETWEEN {filters.lowest or 0} AND {MAX_MINOR if filters.highest is None else filters.highest}"
        )
    if question.price_bands:
        said.append(f"({' OR '.join(_in_band(band, filters.currency, of) for band in question.price_bands)})")
    if question.place is not None and question.radius is not None:
        said += [
            *_in_cells(question.place, question.radius, of),
            f"{metres(question.place, of)} <= {question.radius!r}",
        ]
    return said


def _in_band(band: PriceBand, currency: str, of: str) -> str:
    low, high = PRICE_BANDS[band]
    said = f"{of}.price_minor >= {Money.parse(low, currency).minor}"
    return said if high is None else f"({said} AND {of}.price_minor < {Money.parse(high, currency).minor})"


def _in_cells(place: LatLng, radius: float, of: str) -> list[str]:
    cells = cells_around(place, radius)
    near = f"{of}.feed_cell IN ({', '.join(map(str, cells.near))})" if cells.near else "false"
    if not cells.wide:
        return [near]
    return [f"({near} OR {of}.wide_cell IN ({', '.join(map(str, cells.wide))}))"]


def _only_listings(question: Question) -> list[str]:
    said = []
    if question.filters.seller_type:
        said.append(SOLD_BY_SQL[SellerType(question.filters.seller_type)])
    said.extend(one.sql(f"{literal(json.dumps(one.vars))}::jsonb") for one in question.filters.attributes)
    return said
