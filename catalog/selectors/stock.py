"""Variants, and what of them is still to be had."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.errors import VariantNotFound
from catalog.models import (
    Product,
    ProductVariant,
    StockHold,
)


def open_holds(product: Product) -> QuerySet[StockHold]:
    return StockHold.objects.filter(variant__product=product, released_at=None, committed_at=None)


def variants_with_stock(product: Product) -> QuerySet[Any]:
    """A listing's variants on offer, each with `held` and `available` (stock less open holds)."""
    held = (
        StockHold.objects.filter(variant=OuterRef("pk"), released_at=None, committed_at=None)
        .values("variant")
        .annotate(n=Sum("quantity"))
        .values("n")
    )
    return (
        ProductVariant.objects.filter(product=product, is_active=True)
        .annotate(held=Coalesce(Subquery(held), 0))
        .annotate(available=F("stock") - F("held"))
        .order_by("position", "id")
    )


def variant_of(product: Product, variant_id: uuid.UUID) -> Any:
    """Raises VariantNotFound."""
    found = variants_with_stock(product).filter(pk=variant_id).first()
    if found is None:
        raise VariantNotFound
    return found


def available_of(variant_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many of each variant are still to be had, whatever their listings' states. One query."""
    held = (
        StockHold.objects.filter(variant=OuterRef("pk"), released_at=None, committed_at=None)
        .values("variant")
        .annotate(n=Sum("quantity"))
        .values("n")
    )
    rows = ProductVariant.objects.filter(pk__in=variant_ids, is_active=True).annotate(held=Coalesce(Subquery(held), 0))
    return {pk: max(0, stock - taken) for pk, stock, taken in rows.values_list("pk", "stock", "held")}


@dataclass
class Left:
    """What there is of a variant on offer, and how much of it is set aside."""

    stock: int
    held: int

    @property
    def available(self) -> int:
        return self.stock - self.held


def left_of_listings(product_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[uuid.UUID, Left]]:
    """All variants on offer of these listings, by listing and variant. One query."""
    found: dict[uuid.UUID, dict[uuid.UUID, Left]] = {pk: {} for pk in product_ids}
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, [list(product_ids)])
        for product_id, variant_id, stock, held in cursor.fetchall():
            found[product_id][variant_id] = Left(stock, held)
    return found


_LEFT = """
    SELECT v.product_id, v.id, v.stock, coalesce(h.held, 0)::bigint
    FROM catalog_productvariant v LEFT JOIN LATERAL (
        SELECT sum(quantity) AS held FROM catalog_stockhold
        WHERE variant_id = v.id AND released_at IS NULL AND committed_at IS NULL
    ) h ON true
    WHERE v.product_id = ANY(%s::uuid[]) AND v.is_active
"""


def holds_under(references: Collection[str], *, of: Collection[uuid.UUID]) -> QuerySet[StockHold]:
    """What was ever set aside of these variants under these names, by variant."""
    return StockHold.objects.filter(variant_id__in=of, reference__in=references).order_by("variant_id")


def expired_holds(*, limit: int) -> list[uuid.UUID]:
    return list(
        StockHold.objects.filter(released_at=None, committed_at=None, expires_at__lte=timezone.now())
        .order_by("expires_at")
        .values_list("pk", flat=True)[:limit]
    )
