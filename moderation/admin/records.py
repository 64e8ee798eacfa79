"""Reports and decisions to look up, policies to write, the switches to turn."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import NotFound, Refusal
from core.staff import ReadOnlyAdmin
from moderation import actions, rules, selectors
from moderation.admin.buttons import as_uuid
from moderation.admin.case_page import decision_label
from moderation.admin.forms import NoteForm, PolicyForm, SettingsForm
from moderation.admin.queue import CappedPaginator, KindFilter, QuickFilter, moderator_of
from moderation.models import Decision, ModerationSettings, Policy, Report
from moderation.states import CaseKind
from moderation.targets import kinds, target_of


class ConsoleMedia:
    css = {"all": ("css/console.css",)}  # noqa: RUF012


class AboutFilter(KindFilter):
    def condition(self, value: str) -> Q:
        return Q(case__target_kind=value)


class OutcomeFilter(QuickFilter):
    """Every outcome of every kind, without asking a large table which it holds."""

    title = gettext_lazy("decision")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        offered = {
            outcome.name: outcome.label
            for kind in kinds()
            for case_kind in CaseKind.values
            for outcome in target_of(kind).outcomes(case_kind=case_kind)
        }
        return [*offered.items(), (actions.AUTO_HIDE, gettext_lazy("hidden by reports"))]

    def condition(self, value: str) -> Q:
        return Q(outcome=value)


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "reason", "about", "reporter", "weight", "case_state")
    list_filter = ("reason", AboutFilter, "case__state")
    list_select_related = ("case", "reporter")
    search_fields = ("=case__number", "=reporter__username", "=case__author__username")
    search_help_text = gettext_lazy("A case number, or the username of the reporter or of the person reported")
    paginator = CappedPaginator
    ordering = ("-id",)
    fields = ("created_at", "about", "reason", "description", "reporter", "weight", "target_revision", "case_state")
    Media = ConsoleMedia

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        return selectors.readable_reports(moderator_of(request))

    @admin.display(description=gettext_lazy("about"))
    def about(self, report: Report) -> SafeString:
        return case_link(report.case)

    @admin.display(description=gettext_lazy("state"))
    def case_state(self, report: Report) -> str:
        return report.case.get_state_display()


class StandingFilter(admin.SimpleListFilter):
    title = gettext_lazy("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("stands")), ("undone", gettext_lazy("undone"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Decision]) -> QuerySet[Decision]:
        if self.value() in ("yes", "undone"):
            return queryset.filter(undone_at__isnull=self.value() == "yes")
        return queryset


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("made_at", "outcome_shown", "about", "policy", "by", "standing")
    list_filter = (StandingFilter, "upheld", OutcomeFilter, ("policy", admin.RelatedOnlyFieldListFilter), AboutFilter)
    list_select_related = ("case", "policy", "actor")
    search_fields = ("=case__number", "=actor__username", "=case__author__username")
    search_help_text = gettext_lazy("A case number, or the username of the moderator or of the author")
    paginator = CappedPaginator
    linked_by = ("actor__id__exact",)
    ordering = ("-id",)
    Media = ConsoleMedia

    @admin.display(description=gettext_lazy("decision"))
    def outcome_shown(self, decision: Decision) -> str:
        return decision_label(decision, _labels(decision))

    @admin.display(description=gettext_lazy("about"))
    def about(self, decision: Decision) -> SafeString:
        return case_link(decision.case)

    @admin.display(description=gettext_lazy("by"))
    def by(self, decision: Decision) -> str:
        return str(decision.actor) if decision.actor_id else _("the reports' weight")

    @admin.display(description=gettext_lazy("standing"))
    def standing(self, decision: Decision) -> SafeString:
        if decision.undone_at:
            return format_html('<span class="badge">{}</span>', _("undone"))
        return format_html('<span class="badge palm">{}</span>', _("stands"))

    def get_urls(self) -> list[URLPattern]:
        undo = path(
            "<uuid:decision_id>/undo/", self.admin_site.admin_view(self.undo_view), name="moderation_decision_undo"
        )
        return [undo, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "GET":
            raise PermissionDenied
        decision = self._decision(object_id)
        rules.check_not_about(decision.case, moderator_of(request))  # the note is for colleagues
        context = {
            **self._frame(request, decision),
            "title": _("Decision in {number}").format(number=decision.case.number),
            "may_undo": request.user.has_perm(rules.UNDO) and decision.undone_at is None,
        }
        return TemplateResponse(request, "admin/moderation/decision.html", context)

    def undo_view(self, request: HttpRequest, decision_id: Any) -> HttpResponse:
        """GET says what comes back and asks why; POST undoes."""
        if not (self.has_view_permission(request) and request.user.has_perm(rules.UNDO)):
            raise PermissionDenied
        decision = self._decision(decision_id)
        form = NoteForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                actions.undo_decision(
                    decision_id=decision.pk, moderator=moderator_of(request), reason=form.cleaned_data["note"]
                )
            except Refusal as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, _("Undone. The case is back in the queue."))
                return HttpResponseRedirect(reverse("admin:moderation_case_change", args=[decision.case_id]))
        target = target_of(decision.case.target_kind)
        context = {
            **self._frame(request, decision),
            "title": _("Undo this decision?"),
            "case": decision.case,
            "form": form,
            "button": _("Undo the decision"),
            "help_text": target.preview(decision.case.target_id, decision.outcome)
            if decision.outcome in _labels(decision)
            else "",
            "back": reverse("admin:moderation_decision_change", args=[decision.pk]),
        }
        return TemplateResponse(request, "admin/moderation/ask.html", context)

    def _frame(self, request: HttpRequest, decision: Decision) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "decision": decision,
            "label": decision_label(decision, _labels(decision)),
        }

    def _decision(self, decision_id: Any) -> Decision:
        pk = as_uuid(decision_id)
        if pk is None:
            raise Http404
        try:
            return selectors.decision_with_id(pk)
        except NotFound:
            raise Http404 from None


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin):
    """Policies are never deleted: decisions rest on them. One that is out of use is switched off."""

    form = PolicyForm
    list_display = ("number", "title", "severity", "is_active", "version")
    list_filter = ("is_active", "severity")
    search_fields = ("number", "title_en", "title_ar")
    prepopulated_fields = {"slug": ("title_en",)}  # noqa: RUF012

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Policy, form: forms.ModelForm, change: bool) -> None:
        if change:
            kept = actions.revise_policy(policy_id=obj.pk, moderator=moderator_of(request), **form.cleaned_data)
        else:
            kept = actions.add_policy(moderator=moderator_of(request), **form.cleaned_data)
        obj.pk, obj.version = kept.pk, kept.version
        obj._state.adding = False


@admin.register(ModerationSettings)
class SettingsAdmin(admin.ModelAdmin):
    """One row: its list is its form."""

    form = SettingsForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ModerationSettings | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        actions.make_settings()
        return HttpResponseRedirect(reverse("admin:moderation_moderationsettings_change", args=[1]))

    def save_model(self, request: HttpRequest, obj: ModerationSettings, form: forms.ModelForm, change: bool) -> None:
        actions.change_settings(moderator=moderator_of(request), **form.cleaned_data)

    def response_change(self, request: HttpRequest, obj: ModerationSettings) -> HttpResponse:
        messages.success(request, _("Saved. It holds from now on."))
        return HttpResponseRedirect(reverse("admin:index"))


def case_link(case: Any) -> SafeString:
    url = reverse("admin:moderation_case_change", args=[case.pk])
    return format_html('<a href="{}">{}</a> <bdi>{}</bdi>', url, case.number, case.title)


def _labels(decision: Decision) -> dict[str, Any]:
    case = decision.case
    if case.target_kind not in kinds():
        return {}
    labels = {outcome.name: outcome.label for outcome in target_of(case.target_kind).outcomes(case_kind=case.kind)}
    return labels | {"auto_hide": _("Hidden by reports")}
