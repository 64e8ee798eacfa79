"""The index: what a document is there, and how one of ours becomes one."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection

from search.engines.opensearch.wire import Line

PARTS = (
    "a",
    "b",
    "c",
    "d",
)  # of a document's words, each a field of lexemes; what a match in them is worth: `asking.WORTH`

# Lexemes are made by `search.analysis`, so the server analyses nothing; scores come from constants, so it keeps no norms.
_LEXEMES = {"type": "keyword", "norms": False, "doc_values": False}
MAPPING: dict[str, Any] = {
    "settings": {"index": {"number_of_shards": 1, "number_of_replicas": 1, "refresh_interval": "1s"}},
    "mappings": {
        "dynamic": "strict",
        "properties": {
            "id": {"type": "keyword"},  # `_id` cannot be sorted by
            "availability": {"type": "keyword"},
            **dict.fromkeys(PARTS, _LEXEMES),
            "published": {
                "type": "long"
            },  # microseconds since 1970: a date has milliseconds only, and cursors name a row exactly
            "price_minor": {"type": "long"},
            "currency": {"type": "keyword"},
            "category": {"type": "long"},
            "brand": {"type": "long"},
            "condition": {"type": "keyword"},
            "feed_type": {"type": "keyword"},
            "neighborhood": {"type": "keyword"},
            "place": {"type": "geo_point"},
        },
    },
}
_READ = f"""
    SELECT product_id, version, availability,
        {", ".join(f"tsvector_to_array(ts_filter(words, '{{{part}}}'))" for part in PARTS)},
        (extract(epoch FROM published_at) * 1000000)::bigint, price_minor, currency, category_id, brand_id, condition, feed_type,
        neighborhood_id, ST_Y(public_location::geometry), ST_X(public_location::geometry)
    FROM search_searchdocument WHERE product_id = ANY (%(ids)s::uuid[]) ORDER BY product_id
"""  # noqa: S608 - names of ours


def read(document_ids: Sequence[uuid.UUID]) -> list[Line]:
    """Documents as they stand now, as lines of a bulk request. The server refuses a version that is older than its own."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"ids": list(document_ids)})
        return [_line(row) for row in cursor.fetchall()]


def _line(row: tuple[Any, ...]) -> Line:
    (
        pk,
        version,
        availability,
        a,
        b,
        c,
        d,
        published,
        price,
        currency,
        category,
        brand,
        condition,
        feed,
        hood,
        lat,
        lon,
    ) = row
    action = {"index": {"_id": str(pk), "version": version, "version_type": "external_gte"}}
    source = {
        "id": str(pk),
        "availability": availability,
        **dict(zip(PARTS, (a, b, c, d), strict=True)),
        "published": published,
        "price_minor": price,
        "currency": currency,
        "category": category,
        "brand": brand,
        "condition": condition,
        "feed_type": feed,
        "neighborhood": hood and str(hood),
        "place": None if lat is None else {"lat": lat, "lon": lon},
    }
    return action, source
