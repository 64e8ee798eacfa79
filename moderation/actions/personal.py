"""A person's own part of moderation: given to them in an export, taken out of it when they go."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Replace
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from moderation.models import Case, Decision, Report
from moderation.selectors import report_told, reports_of
from moderation.states import UNDECIDED
from moderation.targets import ACCOUNT, reading_noted_as

NOBODY = "@…"  # in the place of a name


def export_person(user: User) -> Iterator[tuple[str, Any]]:
    """What the person reported, and what was decided about them. No other reporter, no note of the staff."""
    yield (
        "moderation/reports.json",
        [
            {
                "reported": report.case.target_kind,
                "title": report.case.title,
                "reason": report.reason,
                "description": report.description,
                "at": report.created_at.isoformat(),
                "outcome": str(report_told(report).words),
            }
            for report in reports_of(user)
        ],
    )
    decisions = Decision.objects.filter(case__author=user).select_related("case", "policy").order_by("made_at")
    yield (
        "moderation/decisions.json",
        [
            {
                "about": decision.case.target_kind,
                "title": ""
                if reading_noted_as(decision.case.target_kind)
                else decision.case.title,  # names who reported
                "outcome": decision.outcome,
                "policy": decision.policy.number if decision.policy else None,
                "reason_en": decision.reason_en,
                "reason_ar": decision.reason_ar,
                "days": decision.duration_days,
                "at": decision.made_at.isoformat(),
                "undone_at": decision.undone_at.isoformat() if decision.undone_at else None,
            }
            for decision in decisions
        ],
    )


def erase_person(user: User) -> dict[str, int]:
    """Blank what the person wrote in reports of closed cases. Words in a case that waits are evidence until it is decided.

    Titles that name the person name nobody from now on: reporters read them for as long as they are here.
    """
    theirs = Case.objects.filter(Q(author=user) | Q(reports__reporter=user), title__contains=f"@{user.username}")
    Case.objects.filter(pk__in=theirs.values("pk")).update(
        title=Replace("title", Value(f"@{user.username}"), Value(NOBODY)), updated_at=timezone.now()
    )
    return {"report_descriptions": _written(user).update(description="")}


def blank_words_of_erased_reporters() -> int:
    """What `erase_person` had to leave, once its case is closed."""
    return _closed().filter(reporter__erased_at__isnull=False).update(description="")


def why_not_erased(user: User) -> str | None:
    """Somebody about whom a case waits cannot leave by the back door."""
    waits = Case.objects.filter(target_kind=ACCOUNT, target_id=user.pk, state__in=UNDECIDED)
    return _("A moderator is still looking at a report about this account.") if waits.exists() else None


def _closed() -> Any:
    return Report.objects.exclude(description="").exclude(case__state__in=UNDECIDED)


def _written(user: User) -> Any:
    return _closed().filter(reporter=user)
