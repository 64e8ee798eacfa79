"""The first page: a moderator's day."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.staff import Figure, Panel, dashboard_panel
from moderation import selectors
from moderation.admin.queue import moderator_of
from moderation.templatetags.desk import span


@dashboard_panel
def moderation_panel(request: HttpRequest) -> Panel | None:
    if not request.user.has_perm("moderation.view_case"):
        return None
    now = timezone.now()
    today = selectors.today(moderator=moderator_of(request), now=now, midnight=_midnight(now))
    queue = reverse("admin:moderation_case_changelist")
    decisions = reverse("admin:moderation_decision_changelist")
    oldest = span((now - today.oldest_opened_at).total_seconds()) if today.oldest_opened_at else "–"
    return Panel(
        _("Moderation"),
        [
            Figure(_("Waiting"), today.waiting, queue),
            Figure(_("Overdue"), today.overdue, f"{queue}?view=overdue", "urgent" if today.overdue else "calm"),
            Figure(
                _("Due within the hour"), today.due_soon, f"{queue}?view=soon", "wait" if today.due_soon else "calm"
            ),
            Figure(_("Mine"), today.mine, f"{queue}?view=mine"),
            Figure(_("Unassigned"), today.unassigned, f"{queue}?view=unassigned"),
            Figure(_("Oldest waits"), oldest, queue),
            Figure(_("Before publishing"), today.reviews, f"{queue}?view=reviews"),
            Figure(_("Reported"), today.reports, f"{queue}?view=reports"),
            Figure(
                _("Hidden by reports"),
                today.auto_hidden,
                f"{queue}?view=hidden",
                "wait" if today.auto_hidden else "calm",
            ),
            Figure(_("Escalated"), today.escalated, f"{queue}?view=escalated", "wait" if today.escalated else "calm"),
            Figure(_("Reports today"), today.reports_today, reverse("admin:moderation_report_changelist")),
            Figure(_("Decisions today"), today.decided_today, decisions),
            Figure(_("Decided by me today"), today.decided_by_me, f"{decisions}?actor__id__exact={request.user.pk}"),
        ],
        order=10,
    )


def _midnight(now: datetime) -> datetime:
    """Where the day began for people here."""
    local = now.astimezone(ZoneInfo(settings.DISPLAY_TIME_ZONE))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
