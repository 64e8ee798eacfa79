"""Reports: of whom, how reliable, and what their reporters are told."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import NotFound
from moderation.models import Case, Decision, Report
from moderation.states import UNDECIDED, CaseState
from moderation.targets import ACCOUNT


def report_standing(*, case: Case, reporter: User) -> Report | None:
    """What this person reported in this case already."""
    return case.reports.filter(reporter=reporter).first()


def reporter_record(reporter: User) -> tuple[int, int]:
    """Of this person's reports: how many were upheld, how many people decided. Decisions that were undone do not count."""
    counts = Decision.objects.filter(case__reports__reporter=reporter, actor__isnull=False, undone_at=None).aggregate(
        upheld=Count("pk", filter=Q(upheld=True)), decided=Count("pk")
    )
    return counts["upheld"], counts["decided"]


def judged_fine(*, case: Case, revision: int) -> bool:
    """Whether a moderator found nothing wrong in this very revision. An account's revision says nothing of its conduct."""
    return (
        case.target_kind != ACCOUNT
        and Decision.objects.filter(
            case__target_kind=case.target_kind,
            case__target_id=case.target_id,
            actor__isnull=False,
            undone_at=None,
            upheld=False,
            target_revision=revision,
        ).exists()
    )


def reporter_records(people: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    """`reporter_record` of many people in one statement; people without one are left out."""
    rows = (
        Report.objects.filter(
            reporter__in=people, case__decisions__actor__isnull=False, case__decisions__undone_at=None
        )
        .values("reporter")
        .annotate(
            upheld=Count("case__decisions", filter=Q(case__decisions__upheld=True)), decided=Count("case__decisions")
        )
        .values_list("reporter", "upheld", "decided")
    )
    return {person: (upheld, decided) for person, upheld, decided in rows}


def held_as_evidence(asset_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the files that some report shows: no sweep may take them."""
    return set(
        Report.evidence.through.objects.filter(mediaasset_id__in=asset_ids).values_list("mediaasset_id", flat=True)
    )


# --- for staff -----------------------------------------------------------------------------------------------------


def report_with_id(report_id: uuid.UUID) -> Report:
    """Raises NotFound."""
    report = _joined(Report.objects.filter(pk=report_id)).first()
    if report is None:
        raise NotFound
    return report


def readable_reports(reader: User) -> QuerySet[Report]:
    """Reports that this colleague may read: not those about themselves."""
    return Report.objects.exclude(case__author=reader)


def reports_for_staff(*, reader: User, target_kind: str = "", states: Collection[str] = ()) -> QuerySet[Any]:
    """Reports, those of the most reported subjects first, then the newest (`report_count` is on every row)."""
    reports: QuerySet[Any] = _joined(readable_reports(reader).annotate(report_count=F("case__report_count")))
    if target_kind:
        reports = reports.filter(case__target_kind=target_kind)
    if states:
        reports = reports.filter(case__state__in=states)
    return reports.order_by("-report_count", "-id")


# --- for the reporter ----------------------------------------------------------------------------------------------


def reports_of(reporter: User) -> QuerySet[Report]:
    """What this person reported, newest first, with what it takes to tell the outcome."""
    return (
        Report.objects.filter(reporter=reporter)
        .select_related("case")
        .prefetch_related(
            Prefetch(
                "case__decisions",
                queryset=Decision.objects.filter(actor__isnull=False, undone_at=None).order_by("-made_at"),
                to_attr="standing_decisions",
            )
        )
        .order_by("-id")
    )


def own_report(reporter: User, report_id: uuid.UUID) -> Report:
    """Raises NotFound."""
    report = reports_of(reporter).filter(pk=report_id).first()
    if report is None:
        raise NotFound
    return report


def waiting_report(reporter: User, *, target_kind: str, target_id: uuid.UUID) -> Report | None:
    """What this person reported about a thing and nobody has decided yet."""
    return (
        reports_of(reporter)
        .filter(case__target_kind=target_kind, case__target_id=target_id, case__state__in=UNDECIDED)
        .first()
    )


@dataclass(frozen=True)
class ReportTold:
    """What a reporter hears: that it waits, or how it ended. Never who decided, what exactly was done to whom, or a note."""

    status: str  # pending, under_review, resolved, dismissed
    words: Any


_STATUS = {
    CaseState.OPEN: "pending",
    CaseState.REOPENED: "pending",
    CaseState.CLAIMED: "under_review",
    CaseState.DECIDED: "resolved",
    CaseState.DISMISSED: "dismissed",
}
STATES_OF_STATUS = {
    "pending": (CaseState.OPEN, CaseState.REOPENED),
    "under_review": (CaseState.CLAIMED,),
    "reviewed": (CaseState.DECIDED, CaseState.DISMISSED),
    "resolved": (CaseState.DECIDED,),
    "dismissed": (CaseState.DISMISSED,),
}


def report_told(report: Report) -> ReportTold:
    """No query for a report of `reports_of`."""
    case = report.case
    status = _STATUS[CaseState(case.state)]
    if case.state in UNDECIDED:
        words = _("A moderator will look at it.") if status == "pending" else _("A moderator is looking at it.")
        return ReportTold(status, words)
    decision = next(iter(_standing_decisions(case)), None)
    if decision is None:
        return ReportTold(status, _("It is no longer there, so nothing was left to decide."))
    if decision.upheld:
        return ReportTold(status, _("You were right: it broke our rules and we acted. Thank you."))
    return ReportTold(status, _("We looked at it and found nothing against our rules. Thank you for telling us."))


def status_of(case: Case) -> str:
    """The state of a case in the words of the reports' API: pending, under_review, resolved, dismissed."""
    return _STATUS[CaseState(case.state)]


def _standing_decisions(case: Case) -> list[Decision]:
    kept = getattr(case, "standing_decisions", None)
    if kept is not None:
        return kept
    return list(case.decisions.filter(actor__isnull=False, undone_at=None).order_by("-made_at"))


def _joined(reports: QuerySet[Report]) -> QuerySet[Report]:
    return reports.select_related("reporter", "case", "case__author", "case__claimed_by")
