"""One listing against all saved searches, without reading them all.

A saved search is kept under keys of which every listing that it finds has at least one: of the rarest of its words each way to say
it, else its brands, its neighbourhood, the cells of its circle (with its category) or its category. A listing's own keys, looked up
in one index, leave the few searches that may fit; the question's other conditions, the same as `statements` has them, say which do.
`tests/test_saved_searches_match.py` holds this equal to searching.
"""

# ruff: noqa: S608 - names of ours

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.selectors import SOLD_BY_SQL
from catalog.selectors import shelf_named
from core.errors import Refusal
from core.money import MAX_MINOR, Money
from feeds.selectors import cells_around
from search import analysis
from search.analysis import Group
from search.marks import is_mark
from search.models import SearchDocument, Word
from search.ports import Question
from search.rules import PRICE_BANDS
from search.selectors.reading import Asked, read_question

COMMON = 1_000  # listings that a lexeme is in which is no known word as it stands
LONGEST_KEY = 64

Columns = dict[str, Any]


def watch_columns(asked: Asked) -> Columns:
    """What a `Watch` of this search has, but whose it is. No `keys`: it narrows nothing. Raises what `read_question` raises."""
    question = read_question(asked)
    filters = question.filters
    return {
        "keys": keys_of(question, root=shelf_named(asked.category).category.pk if asked.category else None),
        "words": analysis.tsquery(question.groups) if question.groups else None,
        "category_ids": list(filters.category_ids),
        "brand_ids": list(question.brand_ids),
        "conditions": list(filters.conditions),
        "price_bands": [str(band) for band in question.price_bands],
        "lowest": filters.lowest or 0,
        "highest": MAX_MINOR if filters.highest is None else filters.highest,
        "currency": filters.currency,
        "seller_type": filters.seller_type,
        "feed_type": question.feed_type,
        "neighborhood_id": question.neighborhood_id,
        "place": question.place.point if question.place and question.radius is not None else None,
        "radius": question.radius if question.place else None,
        "attributes": [one.vars for one in filters.attributes],
    }


def keys_of(question: Question, *, root: int | None) -> list[str]:
    """Keys of which every listing that the question finds has at least one. `root`: the category that was asked for."""
    if question.groups:
        return sorted(_rarest(question))
    if question.brand_ids:
        return [f"b{pk}" for pk in question.brand_ids]
    if question.neighborhood_id:
        return [_with_category(f"h{question.neighborhood_id.hex}", root)]
    if question.place is not None and question.radius is not None:
        cells = cells_around(question.place, question.radius)
        return [_with_category(f"p{cell}", root) for cell in (*cells.near, *cells.wide)]
    return [_with_category("", root)] if root else []


def _with_category(key: str, root: int | None) -> str:
    return f"{key}c{root}" if root else key


def _rarest(question: Question) -> set[str]:
    """Of the group that fewest listings have, a lexeme of each way to say it."""
    lexemes = {word for group in question.groups for way in group.ways for word in way}
    many = dict(Word.objects.filter(word__in=lexemes).values_list("word", "documents"))
    many |= {analysis.lexeme(word): found for word, found in question.known.items()}

    def rarest(group: Group) -> dict[str, int]:
        found = (min(way, key=lambda word: many.get(word, COMMON)) for way in group.ways)
        return {word: many.get(word, COMMON) for word in found}

    chosen = min((rarest(group) for group in question.groups), key=lambda found: sum(found.values()))
    return {_word_key(word) for word in chosen}


def _word_key(lexeme: str) -> str:
    return f"w{lexeme}"[:LONGEST_KEY]


# --- the listing ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """A listing that is for sale, with what saved searches ask of one."""

    facts: dict[str, Any]

    @property
    def keys(self) -> list[str]:
        found = self.facts
        categories = [f"c{pk}" for pk in found["path"] or ()]
        places = [f"p{found['feed_cell']}", f"p{found['wide_cell']}"]
        if found["neighborhood_id"]:
            places.append(f"h{found['neighborhood_id'].hex}")
        keys = [_word_key(word) for word in found["lexemes"] or () if not is_mark(word)]
        keys += [*categories, *places, *(f"{place}{one}" for place in places for one in categories)]
        return keys + ([f"b{found['brand_id']}"] if found["brand_id"] else [])


def candidate(product_id: uuid.UUID) -> Candidate | None:
    """A listing as a stranger may find it now, or None where they may not."""
    with connection.cursor() as cursor:
        cursor.execute(_LISTING, {"product": product_id})
        row = cursor.fetchone()
        if row is None:
            return None
        facts = dict(zip([column.name for column in cursor.description], row, strict=True))
    facts["band"] = next(iter(_bands(facts["price_minor"], facts["currency"])), "")
    return Candidate(facts)


def _bands(minor: int, currency: str) -> Iterator[str]:
    for band, (low, high) in PRICE_BANDS.items():
        above = minor >= Money.parse(low, currency).minor
        if above and (high is None or minor < Money.parse(high, currency).minor):
            yield str(band)


_TYPES = ", ".join(f"CASE WHEN {sql} THEN '{kind}' END" for kind, sql in SOLD_BY_SQL.items())
_LISTING = f"""
    WITH RECURSIVE path AS (
        SELECT c.id, c.parent_id FROM catalog_category c JOIN catalog_product p ON p.category_id = c.id WHERE p.id = %(product)s
        UNION ALL SELECT c.id, c.parent_id FROM catalog_category c JOIN path ON c.id = path.parent_id
    )
    SELECT p.id, p.seller_id, p.price_minor, p.currency, p.category_id, p.brand_id, p.condition, p.feed_type, p.neighborhood_id,
        p.feed_cell, p.wide_cell, p.published_at, p.public_location::text AS point, p.attributes::text AS attributes,
        d.words::text AS words, tsvector_to_array(d.words) AS lexemes, (SELECT array_agg(id) FROM path) AS path,
        array_remove(ARRAY[{_TYPES}], NULL) AS seller_types
    FROM catalog_product p JOIN {SearchDocument._meta.db_table} d ON d.product_id = p.id JOIN accounts_user u ON u.id = p.seller_id
    WHERE p.id = %(product)s AND p.state = 'active' AND p.hidden_at IS NULL
        AND u.is_active AND u.suspended_at IS NULL AND u.listings_hidden_at IS NULL
"""

# What `statements` asks of a listing, asked of a watch `w` about one listing. Cheap conditions first.
FITS = """
    w.keys && %(keys)s::text[]
    AND w.lowest <= %(price_minor)s AND w.highest >= %(price_minor)s
    AND (w.currency = '' OR w.currency = %(currency)s)
    AND (w.category_ids = '{}' OR %(category_id)s = ANY (w.category_ids))
    AND (w.brand_ids = '{}' OR %(brand_id)s::bigint = ANY (w.brand_ids))
    AND (w.conditions = '{}' OR %(condition)s = ANY (w.conditions))
    AND (w.price_bands = '{}' OR %(band)s = ANY (w.price_bands))
    AND (w.feed_type = '' OR w.feed_type = %(feed_type)s)
    AND (w.seller_type = '' OR w.seller_type = ANY (%(seller_types)s::text[]))
    AND (w.neighborhood_id IS NULL OR w.neighborhood_id = %(neighborhood_id)s::uuid)
    AND (w.radius IS NULL OR (%(point)s::geography <-> w.place) <= w.radius)
    AND (w.words IS NULL OR %(words)s::tsvector @@ w.words)
    AND (w.attributes = '[]' OR NOT EXISTS (
        SELECT 1 FROM jsonb_array_elements(w.attributes) AS f (wanted)
        WHERE NOT coalesce(
            (f.wanted -> 'values' = '[]' OR f.wanted -> 'values' @> (%(attributes)s::jsonb -> (f.wanted ->> 'key')))
            AND (coalesce(f.wanted -> 'texts', '[]') = '[]'
                OR lower((f.wanted -> 'texts')::text)::jsonb @> to_jsonb(lower(%(attributes)s::jsonb ->> (f.wanted ->> 'key'))))
            AND (f.wanted ->> 'lowest' IS NULL
                OR jsonb_path_exists(%(attributes)s::jsonb -> (f.wanted ->> 'key'), '$ ? (@ >= $lowest)', f.wanted))
            AND (f.wanted ->> 'highest' IS NULL
                OR jsonb_path_exists(%(attributes)s::jsonb -> (f.wanted ->> 'key'), '$ ? (@ <= $highest)', f.wanted)),
            false)
    ))
"""


def searches_that_find(product_id: uuid.UUID) -> set[uuid.UUID]:
    """The watched searches whose results the listing is among, whoever they belong to."""
    found = candidate(product_id)
    if found is None:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT w.saved_search_id FROM search_watch w WHERE {FITS}", found.facts | {"keys": found.keys})
        return {row[0] for row in cursor.fetchall()}


def is_readable(asked: Asked) -> bool:
    """Whether the search still means something: its category, brand and neighbourhood are there."""
    try:
        read_question(asked)
    except Refusal:
        return False
    return True


def documents_behind(product_ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Those of the listings whose document is older than they are, or missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id FROM catalog_product p LEFT JOIN search_searchdocument d ON d.product_id = p.id "
            "WHERE p.id = ANY (%(ids)s) AND (d.product_id IS NULL OR d.indexed_at < p.updated_at)",
            {"ids": list(product_ids)},
        )
        return [row[0] for row in cursor.fetchall()]
