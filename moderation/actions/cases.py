"""Cases: opened once per subject, kept with what was seen, closed by a decision or because the subject went away."""

import json
import uuid
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.errors import NotFound
from core.events import publish
from core.states import move
from media.selectors import picture_at
from moderation import rules
from moderation.errors import ReviewNeedsDecision
from moderation.events import CaseOpened
from moderation.models import Case, Decision, Snapshot
from moderation.selectors import moderation_settings
from moderation.states import CASE_MOVES, UNDECIDED, CaseKind, CaseState
from moderation.targets import ACCOUNT, Look, Target, target_of

AUTO_HIDE = "auto_hide"  # the outcome of a decision that nobody made: enough weighted reports did

THUMBNAIL_WIDTH = 144


@transaction.atomic
def open_review_case(*, target_kind: str, target_id: uuid.UUID, severity: int = rules.LOWEST) -> Case:
    """Content waits for a moderator before it is shown. Opens its case, or brings the open one up to the new revision.

    A case that reports opened becomes a review with those reports in it: one decision answers both. Called with the content locked.

    Raises:
        NotFound: no such kind of content, or no such thing.
    """
    target = target_of(target_kind)
    case, revision, opened = case_about(target=target, target_id=target_id, kind=CaseKind.REVIEW, severity=severity)
    if not opened and case.kind != CaseKind.REVIEW:
        case.kind = CaseKind.REVIEW
        wanted = rules.deadline(
            kind=CaseKind.REVIEW, severity=case.severity, settings=moderation_settings(), now=timezone.now()
        )
        case.due_at = min(case.due_at, wanted)
    case.withdrawn_at = None
    case.save(update_fields=["kind", "due_at", "withdrawn_at", "updated_at"])
    keep_snapshot(case=case, target=target, revision=revision)
    return case


@transaction.atomic
def open_flagged_case(*, target_kind: str, target_id: uuid.UUID, severity: int) -> Case:
    """The filters found something in what is on show already. Opens a case that nobody reported, or brings the open one up to now.

    Raises:
        NotFound: no such kind of content, or no such thing.
    """
    target = target_of(target_kind)
    case, revision, opened = case_about(target=target, target_id=target_id, kind=CaseKind.REPORT, severity=severity)
    keep_snapshot(case=case, target=target, revision=revision)
    if opened:
        audit.record(action="moderation.case_flagged", target_kind="case", target_id=case.pk)
    return case


@transaction.atomic
def withdraw_case(*, target_kind: str, target_id: uuid.UUID, content_stays: bool = False) -> None:
    """The author took the content down, or (`content_stays`) only a change of it that waited. A case that only waited for approval is
    dismissed.

    One with reports stays in the queue with its snapshots: taking a thing down after a fraud does not undo the fraud.
    """
    target = target_of(target_kind)
    if target.kind != ACCOUNT:
        _lock_subject(target, target_id, gone_is_fine=True)
    case = undecided_case(target_kind=target_kind, target_id=target_id)
    if case is None:
        return
    now = timezone.now()
    if case.report_count and content_stays:
        case.kind = CaseKind.REPORT
        case.save(update_fields=["kind", "updated_at"])
        return
    if case.report_count:
        case.withdrawn_at, case.kind = now, CaseKind.REPORT
        case.save(update_fields=["withdrawn_at", "kind", "updated_at"])
        audit.record(action="moderation.content_withdrawn", target_kind="case", target_id=case.pk, actor=case.author)
        return
    before = case.state
    move(case, CaseState.DISMISSED, CASE_MOVES, closed_at=now, withdrawn_at=now, claimed_by=None, claimed_until=None)
    audit.record(
        action="moderation.case_withdrawn",
        target_kind="case",
        target_id=case.pk,
        actor=case.author,
        before={"state": before},
        after={"state": case.state},
    )


@transaction.atomic
def dismiss_case(*, case_id: uuid.UUID, moderator: User, note: str) -> Case:
    """Close a case without a decision, with a note for the staff: its subject is gone, or there is nothing in it.

    What an automatic hide took off show comes back. What waits for a moderator before it is shown would wait for ever, so a review
    can be dismissed only when its subject is gone.

    Raises:
        NotFound, MayNotModerate, OwnCase, CaseClosed, HeldBySomebodyElse, NoteNeeded, ReviewNeedsDecision.
    """
    rules.check_may_moderate(moderator)
    target, case = locked_case(case_id, gone_is_fine=True)
    now = timezone.now()
    rules.check_undecided(case)
    rules.check_free_for(case, moderator, now=now)
    rules.check_not_involved(case, moderator, reported=case.reports.filter(reporter=moderator).exists())
    rules.check_note(note)
    if case.kind == CaseKind.REVIEW and _is_there(target, case.target_id):
        raise ReviewNeedsDecision
    lift_automatic_hide(case=case, target=target, moderator=moderator)
    before = case.state
    move(case, CaseState.DISMISSED, CASE_MOVES, closed_at=now, claimed_by=None, claimed_until=None)
    audit.record(
        action="moderation.case_dismissed",
        target_kind="case",
        target_id=case.pk,
        actor=moderator,
        reason=note,
        before={"state": before},
        after={"state": case.state},
    )
    return case


@transaction.atomic
def close_cases_about_erased_person(*, user_id: uuid.UUID) -> None:
    """The person is gone, so what waited about their account has no subject any more."""
    case = undecided_case(target_kind=ACCOUNT, target_id=user_id)
    if case is None:
        return
    before = case.state
    move(case, CaseState.DISMISSED, CASE_MOVES, closed_at=timezone.now(), claimed_by=None, claimed_until=None)
    audit.record(
        action="moderation.case_dismissed",
        target_kind="case",
        target_id=case.pk,
        reason="the person was erased",
        before={"state": before},
        after={"state": case.state},
    )


@transaction.atomic
def open_case(*, moderator: User, target_kind: str, target_id: uuid.UUID, note: str) -> Case:
    """A moderator opens a case about something that nobody reported; the one that waits already is returned as it is.

    Raises:
        NotFound, MayNotModerate, NoteNeeded.
    """
    rules.check_may_moderate(moderator)
    rules.check_note(note)
    target = target_of(target_kind)
    case, revision, opened = case_about(target=target, target_id=target_id, kind=CaseKind.REPORT, severity=rules.LOWEST)
    keep_snapshot(case=case, target=target, revision=revision)
    if opened:
        audit.record(
            action="moderation.case_opened_by_staff",
            target_kind="case",
            target_id=case.pk,
            actor=moderator,
            reason=note,
        )
    return case


@transaction.atomic
def escalate_case(*, case_id: uuid.UUID, moderator: User, note: str) -> Case:
    """A moderator wants somebody more experienced to look: severity rises and the case goes back into the queue with a note.

    Raises:
        NotFound, MayNotModerate, OwnCase, CaseClosed, HeldBySomebodyElse, NoteNeeded.
    """
    rules.check_may_moderate(moderator)
    rules.check_note(note)
    case = (
        Case.objects.select_for_update(of=("self",)).select_related("author", "claimed_by").filter(pk=case_id).first()
    )
    if case is None:
        raise NotFound
    now = timezone.now()
    rules.check_undecided(case)
    rules.check_free_for(case, moderator, now=now)
    rules.check_not_involved(case, moderator, reported=case.reports.filter(reporter=moderator).exists())
    before = case.severity
    case.severity, case.escalated_at = min(rules.URGENT, before + 1), now
    case.save(update_fields=["severity", "escalated_at", "updated_at"])
    if case.state == CaseState.CLAIMED:
        move(case, CaseState.OPEN, CASE_MOVES, claimed_by=None, claimed_until=None)
    audit.record(
        action="moderation.case_escalated",
        target_kind="case",
        target_id=case.pk,
        actor=moderator,
        reason=note,
        before={"severity": before},
        after={"severity": case.severity},
    )
    return case


@transaction.atomic
def escalate_overdue_cases(*, now: datetime, limit: int = 500) -> int:
    """Raise the severity of cases that nobody decided in time, once each, and return how many."""
    overdue = Case.objects.select_for_update(of=("self",), skip_locked=True).filter(
        state__in=UNDECIDED, due_at__lt=now, escalated_at=None
    )
    count = 0
    for case in overdue.order_by("id")[:limit]:
        before = case.severity
        case.severity, case.escalated_at = min(rules.URGENT, before + 1), now
        case.save(update_fields=["severity", "escalated_at", "updated_at"])
        audit.record(
            action="moderation.case_escalated",
            target_kind="case",
            target_id=case.pk,
            before={"severity": before},
            after={"severity": case.severity},
        )
        count += 1
    return count


# --- for the other actions of moderation ---------------------------------------------------------------------------


def case_about(*, target: Target, target_id: uuid.UUID, kind: str, severity: int) -> tuple[Case, int, bool]:
    """Lock the subject and its undecided case, opening one where there is none; the subject's revision; whether it opened.

    Content is locked before its case, an account after it (the one lock order).
    """
    if target.kind == ACCOUNT:
        case, opened = _find_or_open(target, target_id, kind, severity)
        return case, target.lock(target_id), opened
    revision = target.lock(target_id)
    case, opened = _find_or_open(target, target_id, kind, severity)
    return case, revision, opened


def locked_case(case_id: uuid.UUID, *, gone_is_fine: bool = False) -> tuple[Target, Case]:
    """Lock a case and its subject, in the one order. The subject's revision is what `target.lock` says again, at no cost.

    Raises:
        NotFound: no such case; or its subject is gone, unless that is fine.
    """
    seen = Case.objects.filter(pk=case_id).values_list("target_kind", "target_id").first()
    if seen is None:
        raise NotFound
    target = target_of(seen[0])
    if target.kind != ACCOUNT:
        _lock_subject(target, seen[1], gone_is_fine=gone_is_fine)
    case = Case.objects.select_for_update(of=("self",)).select_related("author", "claimed_by").get(pk=case_id)
    if target.kind == ACCOUNT:
        _lock_subject(target, seen[1], gone_is_fine=gone_is_fine)
    return target, case


def undecided_case(*, target_kind: str, target_id: uuid.UUID) -> Case | None:
    """The subject's case that waits, locked."""
    return (
        Case.objects.select_for_update(of=("self",))
        .select_related("author")
        .filter(target_kind=target_kind, target_id=target_id, state__in=UNDECIDED)
        .first()
    )


def keep_snapshot(*, case: Case, target: Target, revision: int) -> Snapshot:
    """Keep the subject as it is now, with its hash, unless this revision is kept already."""
    latest = case.snapshots.first()
    if latest is not None and latest.revision == revision:
        return latest
    look = target.look(case.target_id)
    content = json.loads(json.dumps(look.content, cls=DjangoJSONEncoder))
    snapshot, _made = Snapshot.objects.get_or_create(
        case=case, sha256=rules.content_hash(content), defaults={"content": content, "revision": revision}
    )
    for name, value in _facts_of(look).items():
        setattr(case, name, value)
    case.save(update_fields=[*_facts_of(look), "updated_at"])
    return snapshot


def lift_automatic_hide(*, case: Case, target: Target, moderator: User) -> None:
    """A person looks now: what the reports' weight alone took off show comes back before anything else is decided."""
    hidden = case.decisions.filter(outcome=AUTO_HIDE, actor=None, undone_at=None).first()
    if hidden is None:
        return
    with suppress(NotFound):  # the subject itself may be gone; then there is nothing to bring back
        target.undo(case.target_id, hidden.inverse)
    mark_undone(hidden, moderator=moderator, reason="")


def mark_undone(decision: Decision, *, moderator: User, reason: str) -> None:
    decision.undone_at, decision.undone_by, decision.undone_reason = timezone.now(), moderator, reason
    decision.save(update_fields=["undone_at", "undone_by", "undone_reason"])


def _is_there(target: Target, target_id: uuid.UUID) -> bool:
    with suppress(NotFound):
        target.lock(target_id)
        return True
    return False


def _lock_subject(target: Target, target_id: uuid.UUID, *, gone_is_fine: bool) -> None:
    try:
        target.lock(target_id)
    except NotFound:
        if not gone_is_fine:
            raise


def _find_or_open(target: Target, target_id: uuid.UUID, kind: str, severity: int) -> tuple[Case, bool]:
    case = undecided_case(target_kind=target.kind, target_id=target_id)
    if case is not None:
        return case, False
    now, look = timezone.now(), target.look(target_id)
    made = Case(
        number=_next_number(now),
        kind=kind,
        target_kind=target.kind,
        target_id=target_id,
        author=look.author,
        severity=severity,
        due_at=rules.deadline(kind=kind, severity=severity, settings=moderation_settings(), now=now),
        **_facts_of(look),
    )
    Case.objects.bulk_create([made], ignore_conflicts=True)  # two first reports of an account may meet here
    case = undecided_case(target_kind=target.kind, target_id=target_id)
    if case is None:  # opened and closed by others in between
        return _find_or_open(target, target_id, kind, severity)
    if case.pk != made.pk:
        return case, False
    audit.record(
        action="moderation.case_opened",
        target_kind="case",
        target_id=case.pk,
        after={"number": case.number, "kind": kind, "target": f"{target.kind}:{target_id}"},
    )
    publish(CaseOpened(case_id=case.pk))
    return case, True


def _facts_of(look: Look) -> dict[str, Any]:
    return {
        "title": look.title[:150],
        "at_risk_minor": look.at_risk.minor if look.at_risk else 0,
        "at_risk_currency": look.at_risk.currency if look.at_risk else "",
        "picture_key": _thumbnail_key(look),
    }


def _thumbnail_key(look: Look) -> str:
    """A rendition of the first picture for the queue, where it is 72 pixels wide on screens of twice the density."""
    return picture_at(look.pictures[0], width=THUMBNAIL_WIDTH, kind="webp") if look.pictures else look.picture_key


def _next_number(now: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('moderation_case_number')")
        (number,) = cursor.fetchone()
    return f"C-{now.year}-{number:05d}"
