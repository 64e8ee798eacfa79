"""Decisions: carried out, recorded with their inverse, undone."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.errors import NotFound, Refusal, StaleRevision
from core.events import publish
from core.states import move
from moderation import rules
from moderation.actions.cases import keep_snapshot, lift_automatic_hide, locked_case, mark_undone
from moderation.errors import AlreadyUndone, LaterDecisionStands, TooManyCases
from moderation.events import DecisionMade, DecisionUndone
from moderation.models import Case, Decision, Policy
from moderation.selectors import moderation_settings, standing_decisions_after
from moderation.states import CASE_MOVES, UNDECIDED, CaseKind, CaseState


@dataclass(frozen=True)
class CaseRead:
    """A case together with the revision of its subject that the moderator read."""

    case_id: uuid.UUID
    revision: int


@dataclass(frozen=True)
class RowResult:
    """What became of one case of many: its decision, or the refusal."""

    case_id: uuid.UUID
    decision: Decision | None = None
    refusal: Refusal | None = None


@transaction.atomic
def decide_case(
    *,
    case_id: uuid.UUID,
    moderator: User,
    outcome: str,
    policy: Policy | None,
    revision: int,
    reason_en: str = "",
    reason_ar: str = "",
    private_note: str = "",
    duration_days: int | None = None,
) -> Decision:
    """Carry an outcome out on the subject as it was read, close the case, and keep how to take it back.

    Deciding a free case claims it in the same breath. Whatever an automatic hide did is lifted first. Reasons that are left empty are
    the policy's. Publishes DecisionMade.

    Raises:
        StaleRevision: the content changed since it was read; nothing is written.
        NotFound, MayNotModerate, OwnCase, CaseClosed, HeldBySomebodyElse, UnknownOutcome, PolicyNeeded, ReasonNeeded, DaysNeeded,
        DaysNotWanted; what the target refuses.
    """
    rules.check_may_moderate(moderator)
    target, case = locked_case(case_id)
    now = timezone.now()
    rules.check_undecided(case)
    rules.check_not_involved(case, moderator, reported=case.reports.filter(reporter=moderator).exists())
    rules.check_free_for(case, moderator, now=now)
    if target.lock(case.target_id) != revision:
        raise StaleRevision
    chosen = rules.outcome_named(target, case_kind=case.kind, name=outcome)
    reason_en, reason_ar = rules.reasons_told(outcome=chosen, policy=policy, reason_en=reason_en, reason_ar=reason_ar)
    rules.check_days(outcome=chosen, duration_days=duration_days)

    keep_snapshot(case=case, target=target, revision=revision)
    lift_automatic_hide(case=case, target=target, moderator=moderator)
    decision = Decision.objects.create(
        case=case,
        outcome=chosen.name,
        upheld=chosen.tone != "good",
        policy=policy,
        policy_version=policy.version if policy else None,
        actor=moderator,
        target_revision=revision,
        reason_en=reason_en,
        reason_ar=reason_ar,
        private_note=private_note.strip(),
        duration_days=duration_days,
    )
    decision.inverse = target.apply(case.target_id, decision)
    decision.save(update_fields=["inverse"])
    before = case.state
    nothing_wrong = not decision.upheld and case.kind == CaseKind.REPORT
    move(
        case,
        CaseState.DISMISSED if nothing_wrong else CaseState.DECIDED,
        CASE_MOVES,
        closed_at=now,
        claimed_by=None,
        claimed_until=None,
    )
    audit.record(
        action="moderation.case_decided",
        target_kind="case",
        target_id=case.pk,
        actor=moderator,
        reason=reason_en,
        before={"state": before},
        after={
            "state": case.state,
            "decision": str(decision.pk),
            "outcome": decision.outcome,
            "policy": policy.number if policy else None,
            "policy_version": decision.policy_version,
            "revision": revision,
            "duration_days": duration_days,
        },
    )
    publish(DecisionMade(decision_id=decision.pk))
    return decision


def decide_cases(
    *,
    cases: Sequence[CaseRead],
    moderator: User,
    outcome: str,
    policy: Policy | None,
    reason_en: str = "",
    reason_ar: str = "",
    private_note: str = "",
    duration_days: int | None = None,
) -> list[RowResult]:
    """Decide many cases alike, each in its own transaction: one that is refused leaves the others decided.

    Raises:
        TooManyCases: more than rules.MAX_BULK; MayNotModerate. Everything else is a row's own refusal.
    """
    rules.check_may_moderate(moderator)
    if len(cases) > rules.MAX_BULK:
        raise TooManyCases(limit=rules.MAX_BULK)
    results = []
    for read in cases:
        try:
            decision = decide_case(
                case_id=read.case_id,
                moderator=moderator,
                outcome=outcome,
                policy=policy,
                revision=read.revision,
                reason_en=reason_en,
                reason_ar=reason_ar,
                private_note=private_note,
                duration_days=duration_days,
            )
        except Refusal as refusal:
            results.append(RowResult(read.case_id, refusal=refusal))
        else:
            results.append(RowResult(read.case_id, decision=decision))
    return results


@transaction.atomic
def undo_decision(*, decision_id: uuid.UUID, moderator: User, reason: str) -> Decision:
    """Restore what a decision changed and put its case back into the queue, unless another case about the subject waits already.

    An automatic hide can be undone too: the subject shows again while its case goes on. Publishes DecisionUndone.

    Raises:
        NotFound, MayNotModerate, OwnCase, NoteNeeded, AlreadyUndone, LaterDecisionStands; what the target refuses.
    """
    rules.check_may_moderate(moderator, rules.UNDO)
    rules.check_note(reason)
    case_id = Decision.objects.filter(pk=decision_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound
    target, case = locked_case(case_id)
    decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision_id)
    rules.check_not_involved(case, moderator, reported=case.reports.filter(reporter=moderator).exists())
    if decision.undone_at is not None:
        raise AlreadyUndone
    if standing_decisions_after(decision, case).exists():
        raise LaterDecisionStands
    target.undo(case.target_id, decision.inverse)
    mark_undone(decision, moderator=moderator, reason=reason)
    before = case.state
    _reopen(case)
    audit.record(
        action="moderation.decision_undone",
        target_kind="case",
        target_id=case.pk,
        actor=moderator,
        reason=reason,
        before={"state": before, "decision": str(decision.pk), "outcome": decision.outcome},
        after={"state": case.state, "restored": decision.inverse},
    )
    publish(DecisionUndone(decision_id=decision.pk))
    return decision


def _reopen(case: Case) -> None:
    if case.state in UNDECIDED:
        return
    waits = Case.objects.filter(target_kind=case.target_kind, target_id=case.target_id, state__in=UNDECIDED)
    if waits.exists():
        return
    due_at = rules.deadline(kind=case.kind, severity=case.severity, settings=moderation_settings(), now=timezone.now())
    move(case, CaseState.REOPENED, CASE_MOVES, closed_at=None, due_at=due_at)
