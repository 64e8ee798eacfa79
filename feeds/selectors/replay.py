"""What other weights would have shown: a day's samples, ordered by the weights in force and by others, side by side.

Exposure is what a place on the page is worth, 1 / log2(place + 1) as in discounted cumulative gain (Järvelin and Kekäläinen 2002), and
nothing beyond the page. Both orders are computed from the same noted facts, so that only the weights differ between them.
"""

import math
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from catalog.models import Product
from feeds.models import Impression
from feeds.ranking import Facts, Weights, diversified, score
from feeds.states import SellerTier, Surface
from places.models import Neighborhood

MOST_SAMPLES = 400  # of a day, chosen by chance: some 24,000 listings are ordered twice within a second or two
MOVERS = 12
DISTRICTS = 15
TOO_LITTLE = 0.005  # of exposure a page, to be called a rise or a fall


@dataclass
class Exposure:
    """How much of all that was shown something got, before and after, 0 to 1."""

    label: Any
    before: float
    after: float

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass
class Mover:
    """A listing whose exposure changes on a surface. `ranks` are average places in the lists where it competed."""

    product_id: uuid.UUID
    surface: Surface
    seen_in: int  # samples
    rank_before: float
    rank_after: float
    change: float  # of exposure, summed over the samples
    product: Product | None = None


@dataclass(kw_only=True)
class Comparison:
    """Some first pages under two sets of weights."""

    samples: int = 0
    of_samples: int = 0  # that the day has
    stays: float = 1.0  # of the listings on first pages
    gini_before: float = 0.0  # of exposure among sellers who competed: 0 all alike, towards 1 one has all
    gini_after: float = 0.0
    sellers_before: int = 0  # who are on any page
    sellers_after: int = 0


@dataclass(kw_only=True)
class OfSurface(Comparison):
    """What of a day a surface showed. Without samples none of it was replayed."""

    surface: Surface
    is_chosen: bool = False


@dataclass(kw_only=True)
class WhatIf(Comparison):
    """A day under two sets of weights: everywhere, or on one surface alone. `surfaces` are all that the day has."""

    day: date
    surfaces: list[OfSurface] = field(default_factory=list)
    tiers: list[Exposure] = field(default_factory=list)
    neighborhoods: list[Exposure] = field(default_factory=list)
    rising: list[Mover] = field(default_factory=list)
    falling: list[Mover] = field(default_factory=list)


def days_with_samples() -> list[date]:
    """Of those that samples are kept for, in the display time zone, the newest first."""
    begins = datetime.combine(timezone.now().astimezone(_zone()), time.min, tzinfo=_zone())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.day FROM unnest(%s::date[], %s::timestamptz[], %s::timestamptz[]) AS d (day, begins, ends)
            WHERE EXISTS (SELECT 1 FROM feeds_impression i WHERE i.at >= d.begins AND i.at < d.ends) ORDER BY d.day DESC
            """,
            _columns(begins - timedelta(days=n) for n in range(settings.RANKING_SAMPLES_KEPT.days + 1)),
        )
        return [row[0] for row in cursor.fetchall()]


def _columns(mornings: Iterable[datetime]) -> tuple[list[date], list[datetime], list[datetime]]:
    kept = list(mornings)
    return [m.date() for m in kept], kept, [m + timedelta(days=1) for m in kept]


def yesterday() -> date:
    return timezone.now().astimezone(_zone()).date() - timedelta(days=1)


def what_if(*, day: date, current: Weights, proposed: Weights, surface: Surface | None = None) -> WhatIf:
    """Order a day's samples, of one surface or of all, by both and compare."""
    rows, noted = _rows_of(day, surface)
    found = WhatIf(day=day, of_samples=noted.get(surface, 0) if surface else sum(noted.values()))
    whole, by_surface = _Tallies(), defaultdict[Surface, _Tallies](_Tallies)
    for sample in _grouped(rows):
        before, after = _order(sample, current), _order(sample, proposed)
        whole.add(sample, before, after)
        by_surface[Surface(sample[0].feed)].add(sample, before, after)
    found.surfaces = [
        OfSurface(surface=one, of_samples=noted[one], is_chosen=one == surface) for one in Surface if one in noted
    ]
    for one in found.surfaces:
        by_surface[one.surface].tell(one)
    if not whole.samples:
        return found
    whole.tell(found)
    found.tiers = _shares(whole.of_tiers, {tier.value: tier.label for tier in SellerTier})
    names = {
        n.pk: n
        for n in Neighborhood.objects.filter(pk__in=[pk for pk in whole.of_districts[0] if pk]).defer("boundary")
    }
    found.neighborhoods = _shares(whole.of_districts, names)[:DISTRICTS]
    movers = sorted(whole.movers(), key=lambda mover: mover.change)
    found.falling = [mover for mover in movers if mover.change < -TOO_LITTLE * mover.seen_in][:MOVERS]
    found.rising = [mover for mover in reversed(movers) if mover.change > TOO_LITTLE * mover.seen_in][:MOVERS]
    _name([*found.rising, *found.falling])
    return found


def gini(values: Iterable[float]) -> float:
    """The Gini coefficient of non-negative amounts: half the mean difference over the mean. 0 where there is nothing to share."""
    ordered = sorted(values)
    whole, count = sum(ordered), len(ordered)
    if not whole:
        return 0.0
    return sum((2 * nth - count - 1) * value for nth, value in enumerate(ordered, start=1)) / (count * whole)


def facts_of_impression(impression: Impression) -> Facts:
    return Facts(**impression.facts)


def _rows_of(day: date, surface: Surface | None) -> tuple[list[Impression], dict[Surface, int]]:
    """The rows of a day's samples, or of as many of them as are replayed, and how many there are of each surface."""
    begins = datetime.combine(day, time.min, tzinfo=_zone())
    noted = Q(at__gte=begins, at__lt=begins + timedelta(days=1), feed__in=Surface.values)
    many = Impression.objects.filter(noted).order_by().values_list("feed").annotate(Count("sample", distinct=True))
    heads = Impression.objects.filter(noted, **({"feed": surface} if surface else {})).values("sample").distinct()
    chosen = [row["sample"] for row in heads.order_by("sample")[:MOST_SAMPLES]]  # ids are random: so is their order
    rows = Impression.objects.filter(noted, sample__in=chosen).order_by("sample", "position")
    return list(rows), {Surface(feed): count for feed, count in many}


def _grouped(rows: list[Impression]) -> Iterable[list[Impression]]:
    together: dict[uuid.UUID, list[Impression]] = defaultdict(list)
    for row in rows:
        together[row.sample].append(row)
    return together.values()


def _order(sample: list[Impression], weights: Weights) -> dict[uuid.UUID, int]:
    """The place of each listing, from 1."""
    scores = {row.product_id: score(facts_of_impression(row), weights) for row in sample}
    ranked = diversified(
        sample,
        weights,
        score=lambda row: scores[row.product_id],
        seller=lambda row: row.seller_id,
        key=lambda row: row.product_id,
    )
    return {row.product_id: place for place, (_, row) in enumerate(ranked, start=1)}


Sides = tuple[dict[Any, float], dict[Any, float]]


class _Tallies:
    """Exposure added up over samples, on both sides."""

    def __init__(self) -> None:
        self.samples = 0
        self.of_sellers: Sides = (defaultdict(float), defaultdict(float))
        self.of_tiers: Sides = (defaultdict(float), defaultdict(float))
        self.of_districts: Sides = (defaultdict(float), defaultdict(float))
        self.stays = 0.0
        self._places: dict[tuple[uuid.UUID, str], list[tuple[int, int, float]]] = defaultdict(list)

    def add(self, sample: list[Impression], before: dict[uuid.UUID, int], after: dict[uuid.UUID, int]) -> None:
        size = sample[0].page_size
        self.samples += 1
        first = {product for product, place in before.items() if place <= size}
        self.stays += len({product for product in first if after[product] <= size}) / len(first)
        for row in sample:
            was, is_now = before[row.product_id], after[row.product_id]
            worth = _worth(was, size), _worth(is_now, size)
            for side, value in enumerate(worth):
                self.of_sellers[side][row.seller_id] += value
                self.of_tiers[side][row.seller_tier] += value
                self.of_districts[side][row.neighborhood_id] += value
            self._places[row.product_id, row.feed].append((was, is_now, worth[1] - worth[0]))

    def tell(self, found: Comparison) -> None:
        """Write what was added up into a comparison, where it was anything."""
        if not self.samples:
            return
        found.samples = self.samples
        found.stays = self.stays / self.samples
        found.gini_before, found.gini_after = (gini(side.values()) for side in self.of_sellers)
        found.sellers_before, found.sellers_after = (
            sum(1 for value in side.values() if value) for side in self.of_sellers
        )

    def movers(self) -> list[Mover]:
        return [
            Mover(
                product_id,
                Surface(feed),
                seen_in=len(places),
                rank_before=sum(p[0] for p in places) / len(places),
                rank_after=sum(p[1] for p in places) / len(places),
                change=round(sum(p[2] for p in places), 6),
            )
            for (product_id, feed), places in self._places.items()
        ]


def _worth(place: int, size: int) -> float:
    return 1 / math.log2(place + 1) if place <= size else 0.0


def _shares(sides: Sides, labels: dict[Any, Any]) -> list[Exposure]:
    """The greatest first. What has no label is somewhere else (None)."""
    wholes = [sum(side.values()) or 1.0 for side in sides]
    found = [Exposure(labels.get(key), sides[0][key] / wholes[0], sides[1][key] / wholes[1]) for key in list(sides[0])]
    return sorted(found, key=lambda one: -one.before)


def _name(movers: list[Mover]) -> None:
    products = Product.objects.select_related("seller").in_bulk([mover.product_id for mover in movers])
    for mover in movers:
        mover.product = products.get(mover.product_id)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.DISPLAY_TIME_ZONE)
