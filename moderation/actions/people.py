"""People: suspended and restored, always through a case and a decision, so that it can be explained and undone."""

import uuid

from django.db import transaction
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import User
from accounts.selectors import person_with_erased, restrictions_in_force
from accounts.states import RestrictionKind
from core import audit
from moderation import rules
from moderation.actions.cases import case_about
from moderation.actions.decisions import decide_case, undo_decision
from moderation.errors import NotSuspended
from moderation.models import Decision, Policy
from moderation.selectors import standing_suspensions
from moderation.states import CaseKind
from moderation.targets import ACCOUNT, target_of

SUSPEND, SUSPEND_FOR_GOOD = "suspend", "suspend_until_lifted"  # outcomes of the account target
SUSPENDING_SEVERITY = 3


@transaction.atomic
def suspend_person(
    *,
    user_id: uuid.UUID,
    moderator: User,
    policy: Policy,
    reason_en: str = "",
    reason_ar: str = "",
    duration_days: int | None = None,
) -> Decision:
    """Suspend a person for so many days, or until it is lifted, and hide their listings. Opens a case about them where none waits.

    Raises:
        NotFound, MayNotModerate, and what `decide_case` refuses.
    """
    rules.check_may_moderate(moderator, rules.SUSPEND)
    case, revision, _opened = case_about(
        target=target_of(ACCOUNT), target_id=user_id, kind=CaseKind.REPORT, severity=SUSPENDING_SEVERITY
    )
    return decide_case(
        case_id=case.pk,
        moderator=moderator,
        outcome=SUSPEND if duration_days is not None else SUSPEND_FOR_GOOD,
        policy=policy,
        revision=revision,
        reason_en=reason_en,
        reason_ar=reason_ar,
        duration_days=duration_days,
    )


@transaction.atomic
def unsuspend_person(*, user_id: uuid.UUID, moderator: User, reason: str) -> list[Decision]:
    """Undo every suspension of a person that is in force; their listings show again. Returns the decisions that were undone.

    A suspension that no decision stands behind (an operator's, from the shell) is lifted too, and audited.

    Raises:
        NotSuspended, NoteNeeded, NotFound, MayNotModerate, and what `undo_decision` refuses.
    """
    rules.check_may_moderate(moderator, rules.SUSPEND)
    rules.check_note(reason)
    person = person_with_erased(user_id)
    if person.suspended_at is None:
        raise NotSuspended
    now = timezone.now()
    standing = [decision for decision in standing_suspensions(user_id) if not rules.has_run_out(decision, now=now)]
    undone = [undo_decision(decision_id=decision.pk, moderator=moderator, reason=reason) for decision in standing]
    for restriction in restrictions_in_force(person).filter(kind=RestrictionKind.ACCOUNT):
        accounts.lift_restriction(restriction=restriction)
        audit.record(
            action="moderation.suspension_lifted",
            target_kind=ACCOUNT,
            target_id=user_id,
            actor=moderator,
            reason=reason,
            before={"restriction": str(restriction.pk)},
        )
    return undone
