"""A question in the server's language.

Every filter that documents know is asked there as well, so that few candidates fall out afterwards: our own statement, which reads the
documents in PostgreSQL, asks all of them again and has the last word. Distances are computed differently on both sides, so the
server's circle is a little wider.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from core.money import MAX_MINOR, Money
from search.analysis import BY_SYNONYM, Group
from search.engines.opensearch.documents import PARTS
from search.ports import Question, Span, Spot
from search.states import PRICE_BANDS, PriceBand, SearchSort

WORTH = dict(zip(PARTS, (1.0, 0.6, 0.25, 0.1), strict=True))  # as PostgreSQL's engine has them
WIDER = 1.02  # arcs of a sphere against the spheroid: half a per cent at most
MOST = 10_000  # candidates of one answer (index.max_result_window)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Clause = dict[str, Any]


def search_body(question: Question, span: Span, limit: int) -> Clause:
    """Ids in the question's order, with how well each fits the words."""
    by_distance = question.sort == SearchSort.NEAREST
    body: Clause = {
        "size": MOST if by_distance else min(limit, MOST),
        "_source": False,
        "track_scores": True,
        "track_total_hits": False,
        "query": {"bool": {"must": [_words(question.groups)], "filter": [*_filters(question), *_span(question, span)]}},
        "sort": _order(question),
    }
    if span.after is not None and not by_distance:
        body["search_after"] = [_key(question, span.after), str(span.after.id)]
    return body


def has_body(lexemes: Sequence[str]) -> Clause:
    """For each lexeme, how many listings for sale have it."""
    asked = {str(number): _lexeme(lexeme) for number, lexeme in enumerate(lexemes)}
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {"term": {"availability": "available"}},
        "aggs": {"has": {"filters": {"filters": asked}}},
    }


# --- words ------------------------------------------------------------------------------------------------------------


def _words(groups: Sequence[Group]) -> Clause:
    """All groups, each said in the way that fits best. The score is the mean of theirs: 1 where all stands in the title itself."""
    return {"bool": {"must": [_best(_ways(group, 1 / len(groups))) for group in groups]}}


def _ways(group: Group, share: float) -> list[Clause]:
    return [_way(way, share if at < group.own else share * BY_SYNONYM) for at, way in enumerate(group.ways)]


def _way(way: Sequence[str], share: float) -> Clause:
    return {"bool": {"must": [_lexeme(lexeme, share / len(way)) for lexeme in way]}}


def _lexeme(lexeme: str, share: float = 1.0) -> Clause:
    return _best(
        [
            {"constant_score": {"filter": {"term": {part: lexeme}}, "boost": share * worth}}
            for part, worth in WORTH.items()
        ]
    )


def _best(ways: list[Clause]) -> Clause:
    return ways[0] if len(ways) == 1 else {"dis_max": {"queries": ways}}


# --- filters ----------------------------------------------------------------------------------------------------------


def _filters(question: Question) -> list[Clause]:
    filters = question.filters
    found: list[Clause] = [{"term": {"availability": str(question.availability.value)}}]
    found += [
        {"terms": {name: sorted(values)}}
        for name, values in (
            ("category", filters.category_ids),
            ("brand", question.brand_ids),
            ("condition", filters.conditions),
        )
        if values
    ]
    found += [
        {"term": {name: str(value)}}
        for name, value in (
            ("currency", filters.currency),
            ("feed_type", question.feed_type),
            ("neighborhood", question.neighborhood_id),
        )
        if value
    ]
    if filters.has_price:
        highest = MAX_MINOR if filters.highest is None else filters.highest
        found.append({"range": {"price_minor": {"gte": filters.lowest or 0, "lte": highest}}})
    if question.price_bands:
        bands = [_band(band, filters.currency) for band in question.price_bands]
        found.append({"bool": {"should": bands, "minimum_should_match": 1}})
    if question.place is not None and question.radius is not None:
        spot = {"lat": question.place.latitude, "lon": question.place.longitude}
        found.append({"geo_distance": {"distance": f"{question.radius * WIDER:.1f}m", "place": spot}})
    return found


def _band(band: PriceBand, currency: str) -> Clause:
    low, high = PRICE_BANDS[band]
    ends = {"gte": Money.parse(low, currency).minor}
    if high is not None:
        ends["lt"] = Money.parse(high, currency).minor
    return {"range": {"price_minor": ends}}


# --- order ------------------------------------------------------------------------------------------------------------


def _order(question: Question) -> list[Clause]:
    if question.sort == SearchSort.NEAREST and question.place is not None:
        spot = {"lat": question.place.latitude, "lon": question.place.longitude}
        return [{"_geo_distance": {"place": spot, "order": "asc", "unit": "m"}}, {"id": {"order": "desc"}}]
    if question.sort == SearchSort.PRICE_LOW:
        return [{"price_minor": {"order": "asc"}}, {"id": {"order": "asc"}}]
    if question.sort == SearchSort.PRICE_HIGH:
        return [{"price_minor": {"order": "desc"}}, {"id": {"order": "desc"}}]
    return [{"published": {"order": "desc"}}, {"id": {"order": "desc"}}]


def _span(question: Question, span: Span) -> list[Clause]:
    """The part of the list that is asked for, as far as it can be said without leaving out what belongs to it."""
    found: list[Clause] = []
    if span.as_of is not None:
        found.append({"range": {"published": {"lte": microseconds(span.as_of)}}})
    if span.until is not None and question.sort in (SearchSort.RELEVANCE, SearchSort.RECENT):
        found.append({"range": {"published": {"gte": _key(question, span.until)}}})
    return found


def _key(question: Question, spot: Spot) -> int:
    """The key of a spot as the server sorts by it."""
    if question.sort in (SearchSort.PRICE_LOW, SearchSort.PRICE_HIGH):
        return int(spot.key)
    return microseconds(datetime.fromisoformat(spot.key))


def spot_of(question: Question, sort: Sequence[Any]) -> Spot:
    """The place in the list that a hit's sort values name."""
    key, pk = sort
    by_price = question.sort in (SearchSort.PRICE_LOW, SearchSort.PRICE_HIGH)
    return Spot(repr(int(key)) if by_price else (_EPOCH + timedelta(microseconds=int(key))).isoformat(), uuid.UUID(pk))


def microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)
