"""Listings like another."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import h3
from django.db.models import Q
from django.utils import timezone

from catalog.models import (
    Product,
)
from catalog.selectors.cards import card_rows, degrees
from catalog.selectors.visibility import Viewer, visible_products
from core.geo import LatLng

WINDOW = 300
WITHIN_M = 5_000  # the Souk Loop specification, 2.1
PRICE_APART = Decimal("0.30")  # the same
FRESH_DAYS = 30


@dataclass(frozen=True)
class Similar:
    """A listing like another: its card's row, how alike (0 to 1), and how far apart in metres."""

    row: dict[str, Any]
    relevance: float


def similar_products(*, viewer: Viewer, product: Product, limit: int = 10) -> list[Similar]:
    """Listings of the same category, within 30 % of the price, near (5 km or the same neighbourhood), most alike first.

    The newest few hundred that fit compete: two queries, whatever the size of the category.
    """
    if product.price_minor is None or product.public_location is None or product.category_id is None:
        return []
    here = LatLng.of(product.public_location)
    low, high = similar_prices(product.price_minor)
    near = Q(feed_cell__in=_cells_near(product.feed_cell))
    if product.neighborhood_id:
        near |= Q(neighborhood_id=product.neighborhood_id)
    candidates = (
        visible_products(viewer)
        .filter(
            near,
            category_id=product.category_id,
            currency=product.currency,
            price_minor__gte=low,
            price_minor__lte=high,
        )
        .exclude(pk=product.pk)
        .annotate(latitude=degrees("ST_Y"), longitude=degrees("ST_X"))
        .order_by("-published_at", "-id")
        .values("id", "price_minor", "brand_id", "neighborhood_id", "published_at", "latitude", "longitude")
    )
    now, scores = timezone.now(), {}
    newest: list[Any] = list(candidates[:WINDOW])
    for row in newest:
        metres = here.metres_to(LatLng(latitude=row["latitude"], longitude=row["longitude"]))
        same_area = product.neighborhood_id is not None and row["neighborhood_id"] == product.neighborhood_id
        if metres > WITHIN_M and not same_area:
            continue
        scores[row["id"]] = relevance(
            price_minor=row["price_minor"],
            wanted_minor=product.price_minor,
            metres=metres,
            same_brand=product.brand_id is not None and row["brand_id"] == product.brand_id,
            age_days=(now - row["published_at"]).total_seconds() / 86400,
        )
    best = sorted(scores, key=lambda pk: (-scores[pk], pk))[:limit]
    rows = {row["id"]: row for row in card_rows(Product.objects.filter(pk__in=best), viewer=viewer)}
    return [Similar(rows[pk], round(scores[pk], 3)) for pk in best if pk in rows]


def _cells_near(cell: int | None) -> list[int]:
    # Four rings of cells some 2.1 km apart reach 5 km from any point of the middle one.
    return [h3.str_to_int(c) for c in h3.grid_disk(h3.int_to_str(cell), 4)] if cell else []


def similar_prices(price_minor: int) -> tuple[int, int]:
    """The lowest and the highest price that counts as similar, in minor units."""
    return (
        int((price_minor * (1 - PRICE_APART)).to_integral_value()),
        int((price_minor * (1 + PRICE_APART)).to_integral_value()),
    )


def relevance(*, price_minor: int, wanted_minor: int, metres: float, same_brand: bool, age_days: float) -> float:
    """How alike two listings of one category are, from 0 to 1: price 45 %, nearness 35 %, brand 10 %, freshness 10 %. Ours."""
    price = 1 - min(1.0, abs(price_minor - wanted_minor) / (wanted_minor * float(PRICE_APART)))
    near = 1 - min(1.0, metres / WITHIN_M)
    fresh = 1 - min(1.0, max(0.0, age_days) / FRESH_DAYS)
    return 0.45 * price + 0.35 * near + 0.10 * same_brand + 0.10 * fresh
