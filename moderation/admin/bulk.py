"""Many cases decided alike: the chosen ones beside one form, and then what became of each."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import NotFound, Refusal
from moderation import actions, rules, selectors
from moderation.admin.buttons import CaseButtons, as_uuid
from moderation.admin.case_page import policies_for_page
from moderation.admin.forms import DecisionForm
from moderation.admin.queue import moderator_of
from moderation.models import Case
from moderation.targets import Look, Outcome, target_of


class DecideAlike(CaseButtons):
    @admin.action(description=gettext_lazy("Decide alike…"), permissions=["decide"])
    def decide_selected(self, request: HttpRequest, queryset: QuerySet[Case]) -> HttpResponse:
        ids = [str(pk) for pk in queryset.order_by("id").values_list("pk", flat=True)[: rules.MAX_BULK + 1]]
        url = reverse("admin:moderation_case_decide_many")
        return HttpResponseRedirect(f"{url}?{'&'.join(f'case={pk}' for pk in ids)}")

    def decide_many_view(self, request: HttpRequest) -> HttpResponse:
        """GET shows the chosen cases beside one form; POST decides them and shows what became of each."""
        self._check_may_decide(request)
        cases = self._chosen(request)
        shared = shared_outcomes(cases)
        form = DecisionForm(request.POST if request.method == "POST" else None, outcomes=shared)
        results = None
        if request.method == "POST" and form.is_valid():
            read = [
                actions.CaseRead(case.pk, revision)
                for case in cases
                if (revision := revision_read(request, case)) is not None
            ]
            try:
                results = actions.decide_cases(cases=read, moderator=moderator_of(request), **form.cleaned_data)
            except Refusal as refusal:
                form.refuse(refusal)
        rows: list[dict[str, Any]] = [{"case": case, "look": None if results else look_at(case)} for case in cases]
        if results is not None:
            by_id = {result.case_id: result for result in results}
            for row in rows:
                row["result"] = by_id.get(row["case"].pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Decide alike"),
            "opts": self.opts,
            "media": self.media,
            "is_nav_sidebar_enabled": False,
            "form": form,
            "rows": rows,
            "done": results is not None,
            "decided": sum(1 for result in results or () if result.decision),
            "too_many": len(cases) > rules.MAX_BULK,
            "limit": rules.MAX_BULK,
            "policies": policies_for_page(),
        }
        return TemplateResponse(request, "admin/moderation/decide_many.html", context)

    def _chosen(self, request: HttpRequest) -> list[Case]:
        ids = [
            pk
            for pk in (
                as_uuid(raw) for raw in (request.POST if request.method == "POST" else request.GET).getlist("case")
            )
            if pk
        ]
        cases = selectors.for_console(Case.objects.filter(pk__in=ids[: rules.MAX_BULK + 1]))
        return list(selectors.by_priority(cases, now=timezone.now()))


def shared_outcomes(cases: Sequence[Case]) -> list[Outcome]:
    """What may be decided in every one of the cases."""
    if not cases:
        return []
    offered = [
        {outcome.name: outcome for outcome in target_of(case.target_kind).outcomes(case_kind=case.kind)}
        for case in cases
    ]
    return [outcome for name, outcome in offered[0].items() if all(name in other for other in offered)]


def look_at(case: Case) -> Look | None:
    try:
        return target_of(case.target_kind).look(case.target_id)
    except NotFound:
        return None


def revision_read(request: HttpRequest, case: Case) -> int | None:
    """The revision that stood beside the case when the moderator pressed the button."""
    raw = request.POST.get(f"revision-{case.pk}", "")
    return int(raw) if raw.isascii() and raw.isdigit() else None
