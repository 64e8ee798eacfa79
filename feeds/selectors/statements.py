"""The hot reads as SQL, one text per shape of question so that PostgreSQL plans it once.

Every value stands in the first row source, `q`, and is read from there by a subselect: the planner cannot see it, so the plan that
it keeps is the plan that it would make for anybody. Nothing that a reader sent is part of a text. `catalog.selectors` gives the words
for who may see what and for a card's columns. `p` is a listing, `u` its seller. `tests/test_plans.py` holds each to its plan.
"""

# ruff: noqa: S608

from dataclasses import dataclass
from typing import Any

from catalog.selectors import CARD_JOINS_SQL, CARD_SELECT_SQL, VISIBLE_SQL
from feeds.ranking import POPULAR_WINDOW, POPULARITY_SQL
from feeds.selectors.filters import Filters

Columns = dict[str, tuple[str, Any]]  # of `q`: name -> (type, value)

LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"
FIRST_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Order:
    """What a list is sorted by: a key, then the id the same way. `backward` reads it from the end."""

    key: str  # SQL about `p`
    type: str
    descending: bool
    lowest: str  # literals that no key is below or above
    highest: str

    @property
    def way(self) -> str:
        return "DESC" if self.descending else "ASC"

    @property
    def beyond(self) -> str:
        """The comparison that holds for what comes later in the list."""
        return "<" if self.descending else ">"

    @property
    def start(self) -> str:
        return self.highest if self.descending else self.lowest

    @property
    def end(self) -> str:
        return self.lowest if self.descending else self.highest

    @property
    def start_id(self) -> str:
        return LAST_ID if self.descending else FIRST_ID

    def turned(self) -> "Order":
        return Order(self.key, self.type, not self.descending, self.lowest, self.highest)


RECENT = Order("p.published_at", "timestamptz", True, "-infinity", "infinity")
PRICE_LOW = Order("p.price_minor", "bigint", False, "0", "9223372036854775807")
PRICE_HIGH = PRICE_LOW.turned()
POPULAR = Order(POPULARITY_SQL, "float8", True, "-infinity", "infinity")
# Nearest: metres, then the newest first. Its statement is a walk of its own; the order serves the cursor.
NEAREST = Order("metres", "float8", False, "-1", "infinity")


def listed(feed_type: str | None) -> str:
    """The predicate of the partial indexes, in the words that the planner recognises."""
    said = "p.state = 'active' AND p.hidden_at IS NULL"
    return f"{said} AND p.feed_type = '{feed_type}'" if feed_type else said


def with_values(columns: Columns, statement: str) -> tuple[str, dict[str, Any]]:
    """The statement with its values in `q`, and the parameters."""
    values = ", ".join(f"%({name})s::{kind} AS {name}" for name, (kind, _) in columns.items())
    return f"WITH q AS MATERIALIZED (SELECT {values}), {statement}", {name: v for name, (_, v) in columns.items()}


def cards(order_by: str, metres: str, *, bounded: str = "false", also: str = "") -> str:
    """The card columns of the ids in `page`, then the sort key, the distance, whether a bound cut the search short, and `also`."""
    return (
        f"SELECT {CARD_SELECT_SQL}, page.key, {metres}, {bounded}{also} FROM page JOIN catalog_product p ON p.id = page.id "
        f"{CARD_JOINS_SQL} ORDER BY {order_by}"
    )


def _through_categories(filters: Filters) -> tuple[str, str]:
    """A join over the wanted categories, each of which is one range of an index, and the condition on the listing."""
    if not filters.category_ids:
        return "", ""
    return "CROSS JOIN unnest((SELECT categories FROM q)) AS k(id)", " AND p.category_id = k.id"


def nearest(filters: Filters, *, wanted: int, in_neighborhood: bool, backward: bool) -> str:
    """Cells by distance, and each cell's listings newest first: a walk that stops when the page is full."""
    way, id_way = ("DESC", "ASC") if backward else ("ASC", "DESC")
    ids = nearest_ids(filters, wanted=wanted, in_neighborhood=in_neighborhood, backward=backward)
    return f"page AS ({ids}) {cards(f'page.key {way}, p.id {id_way}', 'page.key')}"


def nearest_ids(
    filters: Filters, *, wanted: int, in_neighborhood: bool, backward: bool = False, spot: str = "after", also: str = ""
) -> str:
    """The ids and distances of the same. `spot` names the columns of the place in the list, `also` is one more condition.

    Thousands of listings share a cell's middle, so sorting by distance alone would read a whole tower to show a page. The cells come
    from their own small table (KNN on its GiST index, at most `most` of them), sorted by distance already; an incremental sort
    adds the ids within equal distances. The place in the list (`after_key`, `after_id`) is a condition on both indexes.
    """
    join, category = _through_categories(filters)
    # Without the index of the table of cells a box would be estimated as one row and all cells sorted; LIMIT keeps the walk.
    cells = "SELECT location, location <-> (SELECT point FROM q) AS metres FROM catalog_publiccell"
    if in_neighborhood:
        category += " AND p.neighborhood_id = (SELECT neighborhood FROM q)"
        cells += " WHERE location && (SELECT box FROM q)"
    cells += " ORDER BY location <-> (SELECT point FROM q) LIMIT (SELECT most FROM q)"
    way, id_way, reached, beyond, first = (
        ("DESC", "ASC", "<=", ">", FIRST_ID) if backward else ("ASC", "DESC", ">=", "<", LAST_ID)
    )
    # In the cell of the place in the list only ids after it count, in the cells beyond all do.
    after = f"CASE WHEN c.metres = (SELECT {spot}_key FROM q) THEN (SELECT {spot}_id FROM q) ELSE '{first}'::uuid END"
    return f"""
            SELECT x.id, c.metres AS key FROM ({cells}) c {join} CROSS JOIN LATERAL (
                SELECT p.id FROM catalog_product p JOIN accounts_user u ON u.id = p.seller_id
                WHERE p.public_location = c.location AND {listed("community")}{category}
                    AND c.metres <= (SELECT radius FROM q) AND c.metres {reached} (SELECT {spot}_key FROM q)
                    AND p.id {beyond} {after}
                    {filters.sql(*filter(None, (also,)))} AND {VISIBLE_SQL}
                ORDER BY p.public_location, p.id {id_way} LIMIT {wanted}
            ) x
            ORDER BY c.metres {way}, x.id {id_way} LIMIT {wanted}
    """


def merged(order: Order, filters: Filters, *, wanted: int, bound: int, each: int) -> str:
    """The first of a circle by time or price, merged from its cells."""
    page = merged_ids(order, filters, wanted=wanted, bound=bound, each=each)
    metres, bounded = metres_if_asked(), "EXISTS (SELECT FROM bound)"
    return f"{page} {cards(f'page.key {order.way}, p.id {order.way}', metres, bounded=bounded)}"


def merged_ids(
    order: Order, filters: Filters, *, wanted: int, bound: int, each: int, spot: str = "after", name: str = "page"
) -> str:
    """The ids and keys of the same, as the row source `name`, and what bounds the search, as the row source `bound`.

    Fagin's threshold: the last of the `bound` first ones of the inner cells bounds the search in all cells, so the cost is about the
    number of cells, whatever the number of listings. The bound leaves room for rows that the reader may not see; when it was too tight,
    the caller asks again without inner cells.
    """
    join, category = _through_categories(filters)
    by_price = order.key == PRICE_LOW.key
    after = f"({order.key}, p.id) {order.beyond} ((SELECT {spot}_key FROM q), (SELECT {spot}_id FROM q))"
    seller = "JOIN accounts_user u ON u.id = p.seller_id" if filters.seller_type else ""
    within = "p.public_location <-> (SELECT point FROM q) <= (SELECT radius FROM q)"
    not_wide = "p.wide_cell <> ALL ((SELECT wide_cells FROM q)::bigint[])"

    def first_of(cells: str, column: str, *conditions: str) -> str:
        return f"""
            SELECT y.id, y.key FROM unnest((SELECT {cells} FROM q)) AS c(cell) {join} CROSS JOIN LATERAL (
                SELECT p.id, {order.key} AS key FROM catalog_product p JOIN accounts_user u ON u.id = p.seller_id
                WHERE p.{column} = c.cell AND {listed("community")}{category} AND {after}
                    AND {order.key} {order.turned().beyond}= coalesce((SELECT key FROM bound), '{order.end}'::{order.type})
                    {filters.sql(*conditions, by_price=by_price)} AND {VISIBLE_SQL}
                ORDER BY {order.key} {order.way}, p.id {order.way} LIMIT {wanted}
            ) y
        """

    return f"""
        bound AS MATERIALIZED (
            SELECT x.key FROM unnest((SELECT inner_cells FROM q)) AS c(cell) {join} CROSS JOIN LATERAL (
                SELECT {order.key} AS key FROM catalog_product p {seller}
                WHERE p.feed_cell = c.cell AND {listed("community")}{category}{filters.sql(by_price=by_price)} AND {after}
                ORDER BY {order.key} {order.way}, p.id {order.way} LIMIT {each}
            ) x
            ORDER BY x.key {order.way} OFFSET {bound} LIMIT 1
        ),
        {name} AS (
            SELECT x.id, x.key FROM (
                {first_of("near_cells", "feed_cell", not_wide, within)}
                UNION ALL
                {first_of("wide_cells", "wide_cell")}
            ) x
            ORDER BY x.key {order.way}, x.id {order.way} LIMIT {wanted}
        )
    """


def walked(order: Order, filters: Filters, *, wanted: int, feed_type: str, in_neighborhood: bool, within: bool) -> str:
    """The first of a feed, a neighbourhood or categories by time or price, along one index."""
    ids = walked_ids(order, filters, wanted=wanted, feed_type=feed_type, in_neighborhood=in_neighborhood, within=within)
    return f"page AS ({ids}) {cards(f'page.key {order.way}, p.id {order.way}', metres_if_asked())}"


def walked_ids(
    order: Order,
    filters: Filters,
    *,
    wanted: int,
    feed_type: str,
    in_neighborhood: bool,
    within: bool,
    spot: str = "after",
) -> str:
    """The ids and keys of the same. `spot` names the columns of the place in the list."""
    join, category = _through_categories(filters) if not in_neighborhood else ("", _one_of_categories(filters))
    if in_neighborhood:
        category += " AND p.neighborhood_id = (SELECT neighborhood FROM q)"
    if within:
        category += " AND p.public_location <-> (SELECT point FROM q) <= (SELECT radius FROM q)"
    first = f"""
        SELECT p.id, {order.key} AS key FROM catalog_product p JOIN accounts_user u ON u.id = p.seller_id
        WHERE {listed(feed_type)}{category}{filters.sql(by_price=order.key == PRICE_LOW.key)}
            AND ({order.key}, p.id) {order.beyond} ((SELECT {spot}_key FROM q), (SELECT {spot}_id FROM q)) AND {VISIBLE_SQL}
        ORDER BY {order.key} {order.way}, p.id {order.way} LIMIT {wanted}
    """
    if join:
        first = (
            f"SELECT x.id, x.key FROM (SELECT 1) one {join} CROSS JOIN LATERAL ({first}) x "
            f"ORDER BY x.key {order.way}, x.id {order.way} LIMIT {wanted}"
        )
    return first


def popular(filters: Filters, *, wanted: int, backward: bool) -> str:
    """The newest of discover, by points. Only POPULAR_WINDOW of them compete."""
    order = POPULAR.turned() if backward else POPULAR
    return f"""
        page AS (
            SELECT w.id, w.key FROM (
                SELECT p.id, {order.key} AS key FROM catalog_product p JOIN accounts_user u ON u.id = p.seller_id
                WHERE {listed("discover")}{_one_of_categories(filters)}{filters.sql()}
                    AND {VISIBLE_SQL}
                ORDER BY p.published_at DESC, p.id DESC LIMIT {POPULAR_WINDOW}
            ) w
            WHERE (w.key, w.id) {order.beyond} ((SELECT after_key FROM q), (SELECT after_id FROM q))
            ORDER BY w.key {order.way}, w.id {order.way} LIMIT {wanted}
        )
        {cards(f"page.key {order.way}, p.id {order.way}", metres_if_asked())}
    """


def followed(order: Order, *, wanted: int) -> str:
    """The newest of everybody whom the viewer follows, of both feeds."""
    return f"""
        page AS (
            SELECT x.id, x.key FROM accounts_follow f CROSS JOIN LATERAL (
                SELECT p.id, p.published_at AS key FROM catalog_product p JOIN accounts_user u ON u.id = p.seller_id
                WHERE p.seller_id = f.followed_id AND {listed(None)}
                    AND (p.published_at, p.id) {order.beyond} ((SELECT after_key FROM q), (SELECT after_id FROM q)) AND {VISIBLE_SQL}
                ORDER BY p.published_at {order.way}, p.id {order.way} LIMIT {wanted}
            ) x
            WHERE f.follower_id = %(viewer)s::uuid
            ORDER BY x.key {order.way}, x.id {order.way} LIMIT {wanted}
        )
        {cards(f"page.key {order.way}, p.id {order.way}", metres_if_asked())}
    """


def _one_of_categories(filters: Filters) -> str:
    return " AND p.category_id = ANY ((SELECT categories FROM q)::bigint[])" if filters.category_ids else ""


def metres_if_asked() -> str:
    return "p.public_location <-> (SELECT point FROM q)"  # NULL without a place
