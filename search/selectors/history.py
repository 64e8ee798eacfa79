"""One's own searches."""

from django.db.models import QuerySet

from accounts.models import User
from search.models import SearchEntry


def history_of(user: User) -> QuerySet[SearchEntry]:
    """The last one first."""
    return SearchEntry.objects.filter(user=user).order_by("-asked_at", "-id")
