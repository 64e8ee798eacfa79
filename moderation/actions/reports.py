"""Reports: one person's word about one subject, weighed."""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from accounts.models import User
from accounts.rules import check_not_suspended
from core import audit
from core.events import publish
from core.ratelimits import Limit, take
from media.actions import attach_assets
from media.states import Purpose
from moderation import rules
from moderation.actions.cases import AUTO_HIDE, case_about, keep_snapshot
from moderation.errors import TooManyReports
from moderation.events import ReportMade, TargetAutoHidden
from moderation.models import Case, Decision, Report
from moderation.selectors import judged_fine, moderation_settings, report_standing, reporter_record
from moderation.states import CaseKind
from moderation.targets import Target, target_of

PER_REPORTER = Limit(20, 3600)  # somebody who cleans up a spam wave still gets through; a script does not


@transaction.atomic
def report_target(
    *,
    reporter: User,
    target_kind: str,
    target_id: uuid.UUID,
    reason: str,
    description: str = "",
    evidence_ids: Sequence[uuid.UUID] = (),
    related_id: uuid.UUID | None = None,
) -> Report:
    """Put a person's complaint into the subject's case, opening one where none waits, and keep what they saw.

    The same person's second report of the same subject is the first one: it comes back unchanged, without `is_new`. When the
    summed weight reaches the threshold, the subject is hidden or limited until a moderator has looked; its author is told.
    Publishes ReportMade, perhaps CaseOpened and TargetAutoHidden.

    Raises:
        Suspended: the reporter is; NotFound: no such kind or thing.
        OwnContent, ReasonDoesNotFit, DescriptionTooLong, TooMuchEvidence, TooManyReports; what `attach_assets` refuses.
    """
    check_not_suspended(reporter)
    target, description = target_of(target_kind), description.strip()
    rules.check_report(reasons=target.reasons, reason=reason, description=description, evidence_count=len(evidence_ids))
    case, revision, _opened = case_about(
        target=target, target_id=target_id, kind=CaseKind.REPORT, severity=rules.severity_of(reason)
    )
    rules.check_not_own(author_id=case.author_id, reporter=reporter)
    known = report_standing(case=case, reporter=reporter)
    if known is not None:
        return known
    take(f"report:{reporter.pk}", PER_REPORTER, refusal=TooManyReports)
    evidence = attach_assets(owner=reporter, asset_ids=evidence_ids, purpose=Purpose.EVIDENCE) if evidence_ids else []
    upheld, decided = reporter_record(reporter)
    report = Report.objects.create(
        case=case,
        reporter=reporter,
        reason=reason,
        description=description,
        weight=rules.report_weight(
            reporter=reporter,
            upheld=upheld,
            decided=decided,
            judged_fine=judged_fine(case=case, revision=revision),
            now=timezone.now(),
        ),
        target_revision=revision,
        related_id=related_id,
    )
    report.is_new = True
    report.evidence.set(evidence)
    keep_snapshot(case=case, target=target, revision=revision)  # now that the target can see what was named
    _weigh_in(case, report)
    publish(ReportMade(report_id=report.pk))
    if case.auto_hidden_at is None and rules.hides_by_itself(
        target_kind=case.target_kind, weight=case.weight, settings=moderation_settings()
    ):
        _hide_for_now(case, target, revision)
    return report


def _weigh_in(case: Case, report: Report) -> None:
    """Count the locked case's reports again: exact, whoever came at the same moment."""
    now = timezone.now()
    sums = case.reports.aggregate(count=Count("pk"), weight=Sum("weight"))
    case.report_count, case.weight = sums["count"], sums["weight"]
    severity = max(case.severity, rules.severity_of(report.reason))
    wanted = rules.deadline(kind=CaseKind.REPORT, severity=severity, settings=moderation_settings(), now=now)
    case.severity, case.due_at = severity, min(case.due_at, wanted)
    case.save(update_fields=["report_count", "weight", "severity", "due_at", "updated_at"])


def _hide_for_now(case: Case, target: Target, revision: int) -> None:
    """Take the subject off show on the reports' weight alone. Happens once in a case; a person decides within hours."""
    now = timezone.now()
    inverse = target.hide(case.target_id)
    Decision.objects.create(
        case=case,
        outcome=AUTO_HIDE,
        target_revision=revision,
        inverse=inverse,
        reason_en="Several people reported this, so it is not shown until a moderator has looked at it.",
        reason_ar="أبلغ عنه عدة أشخاص، لذلك لن يظهر للآخرين إلى أن يراجعه أحد المشرفين.",
    )
    soon = rules.deadline(kind=CaseKind.REPORT, severity=rules.URGENT, settings=moderation_settings(), now=now)
    case.auto_hidden_at, case.due_at = now, min(case.due_at, soon)
    case.save(update_fields=["auto_hidden_at", "due_at", "updated_at"])
    audit.record(
        action="moderation.auto_hidden",
        target_kind="case",
        target_id=case.pk,
        reason=f"{case.report_count} reports, weight {case.weight}",
        after={"inverse": inverse},
    )
    publish(TargetAutoHidden(case_id=case.pk))
