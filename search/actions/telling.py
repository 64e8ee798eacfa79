"""What people were told of."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from search.models import Find, SavedSearch


@transaction.atomic
def note_told(*, finds: Collection[Find], at: datetime) -> None:
    """Their owners know of these finds now, however they were told."""
    Find.objects.filter(pk__in=[find.pk for find in finds], told_at=None).update(told_at=at)
    SavedSearch.objects.filter(pk__in={find.saved_search_id for find in finds}).update(told_at=at)
