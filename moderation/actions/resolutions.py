"""A report resolved by one of the four words of the API: the same decisions, in other words."""

import uuid

from django.db import transaction

from accounts.models import User
from moderation import rules
from moderation.actions.decisions import decide_case
from moderation.actions.people import suspend_person
from moderation.errors import UnknownOutcome
from moderation.models import Decision, Policy
from moderation.selectors import policy_for, report_with_id
from moderation.targets import ACCOUNT, target_of

SUSPEND, REMOVE = "suspend_user", "remove_content"


@transaction.atomic
def resolve_report(
    *,
    report_id: uuid.UUID,
    moderator: User,
    action: str,
    policy: Policy | None = None,
    revision: int | None = None,
    reason_en: str = "",
    reason_ar: str = "",
    private_note: str = "",
    duration_days: int | None = None,
) -> Decision:
    """Decide the case of a report: remove_content, suspend_user, warn_user or no_action.

    Without a policy, the one that fits the report's reason; without a revision, the one that was reported. Suspending the author of
    content also removes the content; the decision about the content is returned.

    Raises:
        NotFound, UnknownOutcome (its kind of content knows no such action), and what `decide_case` and `suspend_person` refuse.
    """
    report = report_with_id(report_id)
    case, target = report.case, target_of(report.case.target_kind)
    policy = policy or policy_for(rules.suggested_policy(report.reason))
    wanted = {outcome.report_action: outcome for outcome in target.outcomes(case_kind=case.kind)}
    if target.kind == ACCOUNT and action == SUSPEND and duration_days is not None:
        outcome = rules.outcome_named(target, case_kind=case.kind, name="suspend")
    else:
        found = wanted.get(action) or (wanted.get(REMOVE) if action == SUSPEND else None)
        if found is None:
            raise UnknownOutcome(outcome=action)
        outcome = found
    decision = decide_case(
        case_id=case.pk,
        moderator=moderator,
        outcome=outcome.name,
        policy=policy,
        revision=revision if revision is not None else report.target_revision,
        reason_en=reason_en,
        reason_ar=reason_ar,
        private_note=private_note,
        duration_days=duration_days if outcome.takes_days else None,
    )
    if action == SUSPEND and outcome.report_action == REMOVE and policy is not None:
        suspend_person(
            user_id=case.author_id,
            moderator=moderator,
            policy=policy,
            reason_en=reason_en,
            reason_ar=reason_ar,
            duration_days=duration_days,
        )
    return decision
