"""Listings find their neighbourhood again when boundaries were loaded."""

from collections.abc import Collection

from django.db.models import Q

from catalog.models import Product
from places.selectors import neighborhood_id_at

BATCH = 1_000


def look_up_neighborhoods(*, city: str, retired_ids: Collection[str]) -> int:
    """Look up again the neighbourhood of every listing that had none, one of that city, or a retired one; return how many.

    In batches by primary key, each its own statement: safe to run twice and to break off.
    """
    affected = Product.objects.filter(location__isnull=False).filter(
        Q(neighborhood=None) | Q(neighborhood__city=city) | Q(neighborhood_id__in=list(retired_ids))
    )
    ids = list(affected.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        Product.objects.filter(pk__in=ids[start : start + BATCH]).update(neighborhood_id=neighborhood_id_at("location"))
    return len(ids)
