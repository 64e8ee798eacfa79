"""What a reader sent becomes a question. Nothing here has an opinion: a value that is not known is refused with its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from catalog.selectors import brands
from core.geo import LatLng
from feeds.errors import NearestNeedsAPlace
from feeds.rules import DEFAULT_RADIUS_KM, MAX_RADIUS_KM, radius_metres
from feeds.selectors import read_filters
from feeds.selectors.filters import DEFAULT_CURRENCY
from places.selectors import neighborhood_with_slug
from search import analysis
from search.errors import BrandUnknown, DistanceNeedsAPlace
from search.ports import Question
from search.rules import BAND_KM, read_words
from search.selectors.catalogue import categories_named
from search.selectors.pace import pace
from search.selectors.synonyms import synonyms
from search.selectors.vocabulary import look_up
from search.states import Availability, DistanceBand, PriceBand, SearchSort


@dataclass(frozen=True)
class Asked:
    """A search as its parameters have it, each value known to be one of its kind. What a saved search keeps is `parameters`."""

    q: str = ""
    category: str = ""
    brands: Sequence[str] = ()
    min_price: str | Decimal | None = None
    max_price: str | Decimal | None = None
    price_bands: Sequence[str] = ()
    currency: str = ""
    conditions: Sequence[str] = ()
    seller_type: str = ""
    feed_type: str = ""
    availability: str = Availability.AVAILABLE
    neighborhood: str = ""
    place: LatLng | None = None
    radius_km: float | None = None
    distance: str = ""
    anywhere: bool = False
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sort: str = ""


def read_question(asked: Asked) -> Question:
    """The question that parameters ask.

    With a place, the distance is bounded: by `radius_km`, a `distance` band or DEFAULT_RADIUS_KM, unless `anywhere`. The order is
    relevance where there are words, else the newest.

    Raises:
        QueryTooLong, TooManyWords, QueryNotText, BrandUnknown, DistanceNeedsAPlace, NearestNeedsAPlace, RadiusTooWide,
        NeighborhoodNotFound, and what `feeds.selectors.read_filters` raises.
    """
    sort = SearchSort(asked.sort or (SearchSort.RELEVANCE if asked.q.strip() else SearchSort.RECENT))
    if asked.place is None and (asked.radius_km is not None or asked.distance):
        raise DistanceNeedsAPlace
    if asked.place is None and sort == SearchSort.NEAREST:
        raise NearestNeedsAPlace
    by_price = bool(asked.price_bands) or sort in (SearchSort.PRICE_LOW, SearchSort.PRICE_HIGH)
    filters = read_filters(
        category=asked.category,
        min_price=asked.min_price,
        max_price=asked.max_price,
        currency=asked.currency or (DEFAULT_CURRENCY if by_price else ""),
        conditions=asked.conditions,
        seller_type=asked.seller_type,
        attributes=asked.attributes,
    )
    read = groups_of(read_words(asked.q))
    return Question(
        q=asked.q.strip(),
        groups=read.groups,
        named_categories=categories_named(read.groups),
        known=read.known,
        often=read.often,
        pace=read.pace,
        strange=read.strange,
        alike=read.alike,
        filters=filters,
        price_bands=tuple(sorted(PriceBand(band) for band in set(asked.price_bands))),
        brand_ids=_brand_ids(asked.brands),
        feed_type=asked.feed_type,
        availability=Availability(asked.availability),
        neighborhood_id=neighborhood_with_slug(asked.neighborhood).pk if asked.neighborhood else None,
        place=asked.place,
        radius=_radius(asked),
        sort=sort,
    )


def read_groups(q: str) -> tuple[analysis.Group, ...]:
    """What the words of a search ask for, with synonyms. Raises QueryTooLong, TooManyWords, QueryNotText."""
    return groups_of(read_words(q)).groups


def with_words(question: Question, q: str, also: Mapping[str, Sequence[str]] | None = None) -> Question:
    """The same question about other words. `also`: more ways to say some of them."""
    read = groups_of(read_words(q), also)
    named = categories_named(read.groups)
    return replace(
        question,
        q=q,
        groups=read.groups,
        named_categories=named,
        known=read.known,
        often=read.often,
        pace=read.pace,
        strange=read.strange,
        alike=read.alike,
    )


@dataclass(frozen=True)
class Read:
    """The words of a search, read, as `Question` has them."""

    groups: tuple[analysis.Group, ...] = ()
    known: Mapping[str, int] = field(default_factory=dict)
    often: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    pace: float | None = None
    strange: tuple[str, ...] = ()
    alike: Mapping[str, Sequence[str]] = field(default_factory=dict)


def groups_of(said: list[list[analysis.Token]], also: Mapping[str, Sequence[str]] | None = None) -> Read:
    """The groups; listings for each word that listings have; words that neither listings nor synonyms have."""
    if not said:
        return Read()
    tokens = {token.word: token for chunk in said for token in chunk}
    joined = {a[0].word + b[0].word for a, b in pairwise(said) if len(a) == len(b) == 1}
    known, same = look_up({*tokens, *joined}), synonyms()
    strange = tuple(word for word, token in tokens.items() if word not in known.documents and not same.of(token))
    more = {
        word: [
            *_names_of(token, known.alike.get(word, ()), same),
            *(analysis.lexeme(other) for other in (also or {}).get(word, ())),
        ]
        for word, token in tokens.items()
    }
    return Read(
        analysis.groups(said, same, known.documents.__contains__, more),
        known.documents,
        known.lexemes,
        pace() if known.lexemes else None,
        strange,
        known.alike,
    )


def _names_of(token: analysis.Token, alike: Sequence[str], same: analysis.Synonyms) -> list[str]:
    """Words of the other script that are this one by their sound. Where operators say what it means, it is only those among them: جلد,
    leather, is not gold.
    """
    means, found = same.of(token), [analysis.lexeme(other) for other in alike]
    return [other for other in found if (other,) in means] if means else found


def _brand_ids(slugs: Sequence[str]) -> tuple[int, ...]:
    if not slugs:
        return ()
    found = dict(brands().filter(slug__in=set(slugs)).values_list("slug", "pk"))
    for slug in slugs:
        if slug not in found:
            raise BrandUnknown(slug=slug[:60])
    return tuple(sorted(found.values()))


def _radius(asked: Asked) -> float | None:
    if asked.place is None:
        return None
    if asked.distance:
        return radius_metres(BAND_KM[DistanceBand(asked.distance)])
    if asked.radius_km is not None:
        return radius_metres(asked.radius_km)
    if asked.anywhere:
        return radius_metres(MAX_RADIUS_KM) if asked.sort == SearchSort.NEAREST else None
    return None if asked.neighborhood else radius_metres(DEFAULT_RADIUS_KM)
