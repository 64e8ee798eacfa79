"""What one looked for, for oneself alone."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from search.errors import HistoryNotFound
from search.models import SearchEntry
from search.rules import folded, read_words, tidy
from search.selectors import Asked, as_parameters, history_of

KEPT = 100  # searches of one person


@transaction.atomic
def remember_search(*, user: User, asked: Asked, verbatim: bool = False) -> SearchEntry | None:
    """Put a search on top of a person's history, its place rounded to about 100 metres. Its words stand there once however often they
    are looked for; None for one without words.

    Raises:
        QueryTooLong, TooManyWords, QueryNotText.
    """
    q = asked.q
    if not read_words(q):
        return None
    said = as_parameters(replace(asked, q="")) | ({"verbatim": True} if verbatim else {})
    entry, _made = SearchEntry.objects.update_or_create(
        user=user,
        folded=folded(q),
        defaults={"q": tidy(q), "asked": said, "asked_at": timezone.now()},
    )
    stale = SearchEntry.objects.filter(user=user).order_by("-asked_at").values("pk")[KEPT : KEPT + 100]
    SearchEntry.objects.filter(pk__in=list(stale.values_list("pk", flat=True))).delete()
    return entry


@transaction.atomic
def forget_search(*, user: User, entry_id: uuid.UUID) -> None:
    """Take one search out of a person's history. Raises HistoryNotFound."""
    gone, _ = SearchEntry.objects.filter(user=user, pk=entry_id).delete()
    if not gone:
        raise HistoryNotFound


@transaction.atomic
def forget_all_searches(*, user: User) -> int:
    """Empty a person's history and return how many searches were in it."""
    gone, _ = SearchEntry.objects.filter(user=user).delete()
    return gone


def export_person(user: User) -> Iterator[tuple[str, Any]]:
    yield (
        "search/history.json",
        [{"q": e.q, "asked": e.asked, "asked_at": e.asked_at.isoformat()} for e in history_of(user)],
    )


def erase_person(user: User) -> dict[str, int]:
    return {"searches": forget_all_searches(user=user)}
