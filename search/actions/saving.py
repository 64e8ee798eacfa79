"""Searches that people keep."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import Refusal, StaleRevision
from search.errors import (
    AlreadySaved,
    SavedSearchNotFound,
    SavesEverything,
    SoldIsNoNews,
    TooManySavedSearches,
)
from search.models import Find, SavedSearch, Watch
from search.selectors import as_parameters, asked_from, fingerprint_of, name_of, watch_columns, worth_keeping
from search.selectors.reading import Asked
from search.states import AlertFrequency, Availability

MOST_SAVED = 50  # of one person
UNDONE_WITHIN = timedelta(days=1)
FINDS_KEPT = timedelta(days=90)  # longer than a listing's term: what it found is not found again
READ_BATCH = 500


@transaction.atomic
def save_search(*, user: User, asked: Asked, name: str = "", alerts: str = AlertFrequency.DAILY) -> SavedSearch:
    """Keep a search, its place rounded to about 100 metres; from now on listings are held against it.

    Without a `name` it is called by what it asks.

    Raises:
        TooManySavedSearches, AlreadySaved, SavesEverything, SoldIsNoNews, and what `selectors.read_question` raises.
    """
    _lock_owner(user)
    kept = worth_keeping(asked)
    columns = _readable(kept)
    said = as_parameters(kept)
    _check_room(user)
    _check_new(user, fingerprint_of(said))
    saved = SavedSearch.objects.create(
        user=user,
        name=_tidy(name) or name_of(said),
        asked=said,
        fingerprint=fingerprint_of(said),
        alerts=alerts,
    )
    _watch(saved, columns)
    return saved


@transaction.atomic
def change_saved_search(
    *,
    user: User,
    saved_search_id: uuid.UUID,
    revision: int | None = None,
    name: str | None = None,
    alerts: str | None = None,
    is_paused: bool | None = None,
    asked: Asked | None = None,
) -> SavedSearch:
    """Change what is given and leave the rest. Another question begins anew: what it finds from now on is news.

    Raises:
        SavedSearchNotFound, StaleRevision, AlreadySaved, SavesEverything, SoldIsNoNews, and what `selectors.read_question` raises.
    """
    _lock_owner(user)
    saved = _own(user, saved_search_id)
    if revision is not None and revision != saved.revision:
        raise StaleRevision
    now = timezone.now()
    if asked is not None:
        kept = worth_keeping(asked)
        _readable(kept)
        said = as_parameters(kept)
        _check_new(user, fingerprint_of(said), but=saved.pk)
        saved.asked, saved.fingerprint = said, fingerprint_of(said)
        saved.unreadable_at, saved.looked_at = None, now
        Find.objects.filter(user_id=user.pk, saved_search=saved).delete()
    if name is not None:
        saved.name = _tidy(name) or name_of(saved.asked)
    if alerts is not None:
        saved.alerts = alerts
    if is_paused is not None:
        saved.paused_at = (saved.paused_at or now) if is_paused else None
    saved.revision += 1
    saved.save()
    watch_again(saved)
    return saved


@transaction.atomic
def remove_saved_search(*, user: User, saved_search_id: uuid.UUID) -> SavedSearch:
    """Stop watching and take it off the list; for UNDONE_WITHIN it can come back. Raises SavedSearchNotFound."""
    _lock_owner(user)
    saved = _own(user, saved_search_id)
    saved.removed_at = timezone.now()
    saved.save(update_fields=["removed_at", "updated_at"])
    watch_again(saved)
    return saved


@transaction.atomic
def restore_saved_search(*, user: User, saved_search_id: uuid.UUID) -> SavedSearch:
    """Take back a removal. Twice is once. Raises SavedSearchNotFound, TooManySavedSearches, AlreadySaved."""
    _lock_owner(user)
    saved = SavedSearch.objects.select_for_update(of=("self",)).filter(user=user, pk=saved_search_id).first()
    if saved is None:
        raise SavedSearchNotFound
    if saved.removed_at is not None:
        _check_room(user)
        _check_new(user, saved.fingerprint)
        saved.removed_at = None
        saved.save(update_fields=["removed_at", "updated_at"])
        watch_again(saved)
    return saved


def look_at_saved_search(*, user: User, saved_search_id: uuid.UUID) -> None:
    """Its owner has seen what it finds by now: that is no news any more."""
    SavedSearch.objects.filter(user=user, pk=saved_search_id).update(looked_at=timezone.now())


# --- jobs -------------------------------------------------------------------------------------------------------------


def read_saved_searches_again(*, batch: int = READ_BATCH) -> int:
    """Read every watched search anew, as searching would read it today; return how many changed or cannot be read any more.

    The words of listings, synonyms and shelves change what a search means. Safe to run again and beside everything else.
    """
    changed, last = 0, None
    while True:
        with transaction.atomic():
            rows = SavedSearch.objects.filter(removed_at=None, paused_at=None).exclude(alerts=AlertFrequency.OFF)
            rows = rows.filter(pk__gt=last) if last else rows
            page = list(rows.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:batch])
            changed += sum(watch_again(saved) for saved in page)
        if not page:  # a short page says nothing: its owner may hold one just now
            return changed
        last = page[-1].pk


def forget_removed_searches() -> int:
    """Delete saved searches whose removal is not undone any more, and finds too old to tell; return how many searches."""
    now = timezone.now()
    Find.objects.filter(found_at__lt=now - FINDS_KEPT).delete()
    gone = dict(SavedSearch.objects.filter(removed_at__lt=now - UNDONE_WITHIN).values_list("pk", "user_id"))
    Find.objects.filter(user_id__in=set(gone.values()), saved_search__in=gone).delete()
    SavedSearch.objects.filter(pk__in=gone).delete()
    return len(gone)


def export_person(user: User) -> Iterator[tuple[str, Any]]:
    yield (
        "search/saved.json",
        [
            {"name": s.name, "asked": s.asked, "alerts": s.alerts, "created_at": s.created_at.isoformat()}
            for s in SavedSearch.objects.filter(user=user).order_by("pk")
        ],
    )


def erase_person(user: User) -> dict[str, int]:
    """Delete a person’s saved searches with what they found."""
    saved = SavedSearch.objects.filter(user=user)
    many = saved.count()
    Find.objects.filter(user_id=user.pk).delete()
    saved.delete()
    return {"saved_searches": many}


# --- parts ------------------------------------------------------------------------------------------------------------


def _lock_owner(user: User) -> None:
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)


def _own(user: User, saved_search_id: uuid.UUID) -> SavedSearch:
    found = (
        SavedSearch.objects.select_for_update(of=("self",))
        .filter(user=user, pk=saved_search_id, removed_at=None)
        .first()
    )
    if found is None:
        raise SavedSearchNotFound
    return found


def _tidy(name: str) -> str:
    return " ".join(name.split())[:80]


def _check_room(user: User) -> None:
    if SavedSearch.objects.filter(user=user, removed_at=None).count() >= MOST_SAVED:
        raise TooManySavedSearches(limit=MOST_SAVED)


def _check_new(user: User, fingerprint: str, *, but: uuid.UUID | None = None) -> None:
    same = SavedSearch.objects.filter(user=user, fingerprint=fingerprint, removed_at=None)
    if set(same.values_list("pk", flat=True)) - {but}:
        raise AlreadySaved


def _readable(asked: Asked) -> dict[str, Any]:
    """What a watch reads of the search. Raises SavesEverything, SoldIsNoNews."""
    if asked.availability != Availability.AVAILABLE:
        raise SoldIsNoNews
    columns = watch_columns(asked)
    if not columns["keys"]:
        raise SavesEverything
    return columns


def watch_again(saved: SavedSearch) -> bool:
    """Bring the watch of a locked saved search up to date and say whether that changed it."""
    if not saved.is_watched:
        return bool(Watch.objects.filter(pk=saved.pk).delete()[0])
    try:
        columns = _readable(asked_from(saved.asked))
    except Refusal:  # its category, brand or neighbourhood is gone
        SavedSearch.objects.filter(pk=saved.pk, unreadable_at=None).update(unreadable_at=timezone.now())
        return bool(Watch.objects.filter(pk=saved.pk).delete()[0])
    if saved.unreadable_at is not None:
        SavedSearch.objects.filter(pk=saved.pk).update(unreadable_at=None)
        saved.unreadable_at = None
    return _watch(saved, columns)


def _watch(saved: SavedSearch, columns: dict[str, Any]) -> bool:
    if not saved.is_watched:
        return False
    own = {
        "user_id": saved.user_id,
        "saved_at": saved.created_at,
        "at_once": saved.alerts == AlertFrequency.AT_ONCE,
    }
    Watch.objects.update_or_create(saved_search=saved, defaults=columns | own | {"read_at": timezone.now()})
    return True
