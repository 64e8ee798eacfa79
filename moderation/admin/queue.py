"""The queue: what waits, in the order in which it presses, with its saved views."""

from collections.abc import Iterator
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin import ShowFacets
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from core.errors import Refusal
from core.staff import ReadOnlyAdmin
from core.templatetags.souk import icon
from media.selectors import public_url
from moderation import actions, rules, selectors
from moderation.dossier import lease_left
from moderation.models import Case, Report
from moderation.states import UNDECIDED, ReportReason
from moderation.targets import kinds, target_of
from moderation.templatetags import desk


def moderator_of(request: HttpRequest) -> User:
    """Who is at the desk: the admin site lets nobody in who is not signed in."""
    return cast("User", request.user)


COUNTED = 10_000  # a page number beyond that helps nobody, and counting a million rows takes a second


class CappedPaginator(Paginator):
    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by().values("pk")[: COUNTED + 1].count()


class ViewFilter(admin.SimpleListFilter):
    """The saved views, drawn as tabs above the list. Without a choice: everything that waits."""

    template = "admin/moderation/parts/nothing.html"
    title = gettext_lazy("view")
    parameter_name = "view"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, name) for name in (*selectors.VIEWS, "closed")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        return iter(())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        if self.value() == "closed":
            return queryset.exclude(state__in=UNDECIDED)
        waiting = queryset.filter(state__in=UNDECIDED)
        return selectors.in_view(waiting, self.value() or "", moderator=moderator_of(request), now=timezone.now())


class QuickFilter(admin.SimpleListFilter):
    """A filter by one condition, which also counts its facets: Django's own way asks `id IN (…)` for each, over the whole table."""

    def condition(self, value: str) -> Q:
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        known = {str(value) for value, _label in self.lookup_choices}
        return queryset.filter(self.condition(self.value() or "")) if self.value() in known else queryset

    def get_facet_counts(self, pk_attname: str, filtered_qs: QuerySet[Any]) -> dict[str, Count]:
        return {
            f"{place}__c": Count(pk_attname, filter=self.condition(str(value)))
            for place, (value, _label) in enumerate(self.lookup_choices)
        }


class KindFilter(QuickFilter):
    title = gettext_lazy("about")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind, target_of(kind).label) for kind in kinds()]

    def condition(self, value: str) -> Q:
        return Q(target_kind=value)


class ReasonFilter(QuickFilter):
    title = gettext_lazy("reported for")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(ReportReason.choices)

    def condition(self, value: str) -> Q:
        return Q(Exists(Report.objects.filter(case=OuterRef("pk"), reason=value)))


class SeverityFilter(QuickFilter):
    title = gettext_lazy("severity")
    parameter_name = "severity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("4", gettext_lazy("urgent")),
            ("3", gettext_lazy("high")),
            ("2", gettext_lazy("medium")),
            ("1", gettext_lazy("low")),
        ]

    def condition(self, value: str) -> Q:
        return Q(severity=int(value))


class QueueAdmin(ReadOnlyAdmin):
    """The list of cases."""

    list_display = ("picture", "subject", "severity_shown", "reported", "at_risk", "deadline", "holder")
    list_display_links = None
    list_filter = (ViewFilter, SeverityFilter, KindFilter, ReasonFilter)
    search_fields = ("=number", "title", "=author__username")
    search_help_text = gettext_lazy("A case number, words of the title, or a username")
    show_facets = ShowFacets.ALLOW
    paginator = CappedPaginator
    list_per_page = 25
    actions_selection_counter = True

    class Media:
        css = {"all": ("css/console.css",)}  # noqa: RUF012
        js = ("js/console.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return selectors.by_priority(selectors.for_console(Case.objects.all()), now=timezone.now())

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """What waits by its priority; what is closed by its age, which an index knows."""
        return ("-id",) if request.GET.get("view") == "closed" else ("-priority", "due_at", "id")

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        return ()  # the order of the queue is the rule's, not the moderator's

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        now = timezone.now()
        today = selectors.today(moderator=moderator_of(request), now=now, midnight=now)
        context = {
            "title": _("Queue"),
            "is_nav_sidebar_enabled": False,
            "tabs": self._tabs(request, today),
            "may_decide": self.has_decide_permission(request),
            "next_url": reverse("admin:moderation_case_next"),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def _tabs(self, request: HttpRequest, today: selectors.Today) -> list[dict[str, Any]]:
        here, url = request.GET.get("view", ""), reverse("admin:moderation_case_changelist")
        rows = (
            ("", _("All"), today.waiting),
            ("mine", _("Mine"), today.mine),
            ("unassigned", _("Unassigned"), today.unassigned),
            ("overdue", _("Overdue"), today.overdue),
            ("reviews", _("Reviews"), today.reviews),
            ("reports", _("Reports"), today.reports),
            ("hidden", _("Hidden by reports"), today.auto_hidden),
            ("closed", _("Closed"), None),
        )
        return [
            {
                "label": label,
                "count": count,
                "url": f"{url}?view={name}" if name else url,
                "is_here": name == here,
                "is_urgent": name == "overdue" and bool(count),
            }
            for name, label, count in rows
        ]

    @admin.display(description="")
    def picture(self, case: Case) -> SafeString:
        url = reverse("admin:moderation_case_change", args=[case.pk])
        inner = (
            format_html('<img src="{}" alt="" loading="lazy" width="56" height="56">', public_url(case.picture_key))
            if case.picture_key
            else desk.sign(case)
        )
        css = "thumb veiled" if getattr(case, "is_sensitive", False) else "thumb"
        return format_html('<a class="{}" href="{}" tabindex="-1" aria-hidden="true">{}</a>', css, url, inner)

    @admin.display(description=gettext_lazy("case"))
    def subject(self, case: Case) -> SafeString:
        url = reverse("admin:moderation_case_change", args=[case.pk])
        label = target_of(case.target_kind).label if case.target_kind in kinds() else case.target_kind
        marks = []
        if case.auto_hidden_at:
            marks.append(("palm", _("hidden by reports")))
        if case.withdrawn_at:
            marks.append(("", _("taken down by its author")))
        if case.escalated_at:
            marks.append(("saffron", _("escalated")))
        return format_html(
            '<a class="subject" href="{}"><bdi>{}</bdi></a><span class="under">{} · {} · <bdi>{}</bdi></span>{}',
            url,
            case.title or case.number,
            case.number,
            label,
            case.author,
            format_html_join(" ", '<span class="badge {}">{}</span>', marks),
        )

    @admin.display(description=gettext_lazy("severity"))
    def severity_shown(self, case: Case) -> SafeString:
        return desk.severity_badge(case)

    @admin.display(description=gettext_lazy("why"))
    def reported(self, case: Case) -> SafeString:
        reasons = [str(ReportReason(r).label) for r in getattr(case, "reasons", None) or [] if r in ReportReason.values]
        if not case.report_count:
            return format_html('<span class="why">{}</span>', case.get_kind_display())
        count = ngettext("{count} report", "{count} reports", case.report_count).format(count=case.report_count)
        return format_html(
            '<span class="why">{}</span><span class="under">{} · {}</span>',
            ", ".join(reasons),
            count,
            _("weight {weight}").format(weight=desk.weight(case.weight)),
        )

    @admin.display(description=gettext_lazy("at risk"))
    def at_risk(self, case: Case) -> SafeString | str:
        amount = desk.risk(case)
        return format_html('<span class="money">{}</span>', amount) if amount else ""

    @admin.display(description=gettext_lazy("deadline"))
    def deadline(self, case: Case) -> SafeString:
        return desk.deadline_badge(case)

    @admin.display(description=gettext_lazy("held by"))
    def holder(self, case: Case) -> SafeString | str:
        if lease_left(case):
            return format_html('<span class="badge palm">{} <bdi>{}</bdi></span>', icon("eye"), case.claimed_by)
        if case.state not in UNDECIDED:
            return ""
        url = reverse("admin:moderation_case_claim", args=[case.pk])
        return format_html(
            '<button type="submit" class="button quiet small" formaction="{}">{}</button>', url, _("Claim")
        )

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(rules.DECIDE)

    @admin.action(description=gettext_lazy("Claim"), permissions=["decide"])
    def claim_selected(self, request: HttpRequest, queryset: QuerySet[Case]) -> None:
        held = 0
        for case in queryset.order_by("id")[: rules.MAX_BULK]:
            try:
                actions.claim_case(case_id=case.pk, moderator=moderator_of(request))
                held += 1
            except Refusal as refusal:
                messages.warning(request, f"{case.number}: {refusal.message}")
        if held:
            words = ngettext("You hold {count} more case.", "You hold {count} more cases.", held)
            messages.success(request, words.format(count=held))
