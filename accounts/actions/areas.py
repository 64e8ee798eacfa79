"""Where people live, when the boundaries move."""

from collections.abc import Collection

from django.db.models import Q

from accounts.models import Address, User
from places.selectors import neighborhood_id_at

BATCH = 1000


def look_up_neighborhoods(*, city: str, retired_ids: Collection[str]) -> int:
    """Look up again the neighbourhood of every person and address that had none, one of that city, or a retired one; return how many.

    In batches by primary key, each its own statement: safe to run twice and to break off.
    """
    affected = Q(neighborhood=None) | Q(neighborhood__city=city) | Q(neighborhood_id__in=list(retired_ids))
    count = 0
    for model in (User, Address):
        ids = list(model.objects.filter(affected, location__isnull=False).order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), BATCH):
            batch = model.objects.filter(pk__in=ids[start : start + BATCH])
            batch.update(neighborhood_id=neighborhood_id_at("location"))
        count += len(ids)
    return count
