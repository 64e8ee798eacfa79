"""Who looks at a case: a lease in the database that runs out by itself, so a forgotten one buries nothing."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.errors import NotFound
from core.states import move
from moderation import rules
from moderation.errors import NotYourClaim
from moderation.models import Case
from moderation.selectors import moderation_settings
from moderation.states import CASE_MOVES, CaseState


@transaction.atomic
def claim_case(*, case_id: uuid.UUID, moderator: User) -> Case:
    """Take a free case for some minutes, or extend one's own lease (`ModerationSettings.claim_minutes`).

    Raises:
        NotFound, MayNotModerate, CaseClosed, OwnCase, HeldBySomebodyElse.
    """
    case = _case_for(case_id, moderator)
    rules.check_free_for(case, moderator, now=timezone.now())
    _lease(case, moderator, action="moderation.case_claimed")
    return case


@transaction.atomic
def take_over_case(*, case_id: uuid.UUID, moderator: User, note: str) -> Case:
    """Take a case that somebody else holds. The note is kept in the audit log with the name of who held it.

    Raises:
        NotFound, MayNotModerate, CaseClosed, OwnCase, NoteNeeded.
    """
    rules.check_note(note)
    case = _case_for(case_id, moderator)
    _lease(case, moderator, action="moderation.case_taken_over", note=note)
    return case


@transaction.atomic
def hand_over_case(*, case_id: uuid.UUID, moderator: User, to: User, note: str = "") -> Case:
    """Give one's case to a colleague, who holds it from now on.

    Raises:
        NotFound, MayNotModerate (either of the two), CaseClosed, OwnCase (of the colleague), NotYourClaim.
    """
    case = _case_for(case_id, moderator)
    if not rules.is_held_by(case, moderator, now=timezone.now()):
        raise NotYourClaim(number=case.number)
    rules.check_may_moderate(to)
    _check_not_involved(case, to)
    _lease(case, to, action="moderation.case_handed_over", note=note, actor=moderator)
    return case


@transaction.atomic
def release_case(*, case_id: uuid.UUID, moderator: User) -> Case:
    """Put one's case back into the queue.

    Raises:
        NotFound, MayNotModerate, CaseClosed, NotYourClaim.
    """
    case = _case_for(case_id, moderator)
    if case.state != CaseState.CLAIMED or case.claimed_by_id != moderator.pk:
        raise NotYourClaim(number=case.number)
    move(case, CaseState.OPEN, CASE_MOVES, claimed_by=None, claimed_until=None)
    audit.record(action="moderation.case_released", target_kind="case", target_id=case.pk, actor=moderator)
    return case


@transaction.atomic
def release_expired_claims(*, now: datetime, limit: int = 500) -> int:
    """Put cases whose lease ran out back into the queue, and return how many."""
    expired = Case.objects.select_for_update(of=("self",), skip_locked=True).filter(
        state=CaseState.CLAIMED, claimed_until__lt=now
    )
    count = 0
    for case in expired.order_by("id")[:limit]:
        held_by = case.claimed_by_id
        move(case, CaseState.OPEN, CASE_MOVES, claimed_by=None, claimed_until=None)
        audit.record(
            action="moderation.claim_expired",
            target_kind="case",
            target_id=case.pk,
            before={"claimed_by": str(held_by) if held_by else None},
        )
        count += 1
    return count


def _case_for(case_id: uuid.UUID, moderator: User) -> Case:
    """Lock a case that this moderator may work on."""
    rules.check_may_moderate(moderator)
    case = (
        Case.objects.select_for_update(of=("self",)).select_related("author", "claimed_by").filter(pk=case_id).first()
    )
    if case is None:
        raise NotFound
    rules.check_undecided(case)
    _check_not_involved(case, moderator)
    return case


def _check_not_involved(case: Case, moderator: User) -> None:
    rules.check_not_involved(case, moderator, reported=case.reports.filter(reporter=moderator).exists())


def _lease(case: Case, holder: User, *, action: str, note: str = "", actor: User | None = None) -> None:
    now = timezone.now()
    extends = rules.is_held_by(case, holder, now=now)
    before = {"claimed_by": str(case.claimed_by) if rules.is_held(case, now=now) else None}
    until = now + timedelta(minutes=moderation_settings().claim_minutes)
    move(case, CaseState.CLAIMED, CASE_MOVES, claimed_by=holder, claimed_until=until)
    if not extends:  # a page that stays open extends every few minutes; that is no news
        audit.record(
            action=action,
            target_kind="case",
            target_id=case.pk,
            actor=actor or holder,
            reason=note,
            before=before,
            after={"claimed_by": str(holder)},
        )
