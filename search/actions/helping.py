"""What staff do to somebody's saved search when they help them: each with a reason, audited, and told to the owner."""

import uuid
from collections.abc import Callable

from django.db import transaction

from accounts.models import User
from core import audit
from core.errors import NotAllowed
from core.events import publish
from search.actions.saving import (
    change_saved_search,
    remove_saved_search,
    restore_saved_search,
    watch_again,
)
from search.errors import SavedSearchNotFound
from search.events import SavedSearchHelpedWith
from search.models import SavedSearch
from search.states import Help

HELP = "search.help_with_savedsearch"


def pause_for_owner(*, staff: User, saved_search_id: uuid.UUID, reason: str) -> None:
    """Its owner hears nothing of it until they (or staff) let it go on. Raises NotAllowed, SavedSearchNotFound."""

    def pause(owner: User) -> None:
        change_saved_search(user=owner, saved_search_id=saved_search_id, is_paused=True)

    _help(staff, saved_search_id, reason, Help.PAUSED, pause)


def resume_for_owner(*, staff: User, saved_search_id: uuid.UUID, reason: str) -> None:
    """Let a paused one go on. Raises NotAllowed, SavedSearchNotFound."""

    def resume(owner: User) -> None:
        change_saved_search(user=owner, saved_search_id=saved_search_id, is_paused=False)

    _help(staff, saved_search_id, reason, Help.RESUMED, resume)


def remove_for_owner(*, staff: User, saved_search_id: uuid.UUID, reason: str) -> None:
    """Delete it; for a day it can come back. Raises NotAllowed, SavedSearchNotFound."""

    def remove(owner: User) -> None:
        remove_saved_search(user=owner, saved_search_id=saved_search_id)

    _help(staff, saved_search_id, reason, Help.REMOVED, remove)


def restore_for_owner(*, staff: User, saved_search_id: uuid.UUID, reason: str) -> None:
    """Bring a deleted one back. Raises NotAllowed, SavedSearchNotFound, TooManySavedSearches, AlreadySaved."""

    def restore(owner: User) -> None:
        restore_saved_search(user=owner, saved_search_id=saved_search_id)

    _help(staff, saved_search_id, reason, Help.RESTORED, restore)


@transaction.atomic
def read_again_for_owner(*, staff: User, saved_search_id: uuid.UUID) -> None:
    """Read it anew now, as the nightly job does: for one that stopped finding things. Audited; nothing that its owner sees changes.

    Raises NotAllowed, SavedSearchNotFound.
    """
    _owner(staff, saved_search_id)
    saved = SavedSearch.objects.select_for_update(of=("self",)).get(pk=saved_search_id)
    watch_again(saved)
    audit.record(action="search.saved_search_read_again", target_kind="savedsearch", target_id=saved.pk, actor=staff)


@transaction.atomic
def _help(staff: User, saved_search_id: uuid.UUID, reason: str, what: Help, do: Callable[[User], None]) -> None:
    """Publishes SavedSearchHelpedWith."""
    owner = _owner(staff, saved_search_id)
    before = _facts(saved_search_id)
    do(owner)
    audit.record(
        action=f"search.saved_search_{what}",
        target_kind="savedsearch",
        target_id=saved_search_id,
        actor=staff,
        reason=reason,
        before=before,
        after=_facts(saved_search_id),
    )
    publish(SavedSearchHelpedWith(saved_search_id=saved_search_id, user_id=owner.pk, what=str(what)))


def _owner(staff: User, saved_search_id: uuid.UUID) -> User:
    if not staff.has_perm(HELP):
        raise NotAllowed
    saved = SavedSearch.objects.select_related("user").filter(pk=saved_search_id).first()
    if saved is None:
        raise SavedSearchNotFound
    return saved.user


def _facts(saved_search_id: uuid.UUID) -> dict[str, str | bool]:
    """What changes, without what its owner looks for."""
    saved = SavedSearch.objects.get(pk=saved_search_id)
    return {
        "owner": str(saved.user_id),
        "alerts": saved.alerts,
        "is_paused": saved.paused_at is not None,
        "is_removed": saved.removed_at is not None,
    }
