"""A case in the console: its page, and the addresses of everything that can be done to it."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Refusal
from core.staff import Way, ways_from
from moderation import actions, selectors
from moderation.admin.bulk import DecideAlike
from moderation.admin.buttons import to_case
from moderation.admin.case_page import case_context
from moderation.admin.forms import ReadCaseForm
from moderation.admin.queue import moderator_of
from moderation.dossier import lease_left
from moderation.models import Case
from moderation.targets import target_of


@admin.register(Case)
class CaseAdmin(DecideAlike):
    actions = ("claim_selected", "decide_selected")

    class Media:
        css = {"all": ("css/console.css",)}  # noqa: RUF012
        js = ("js/console.js",)

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
                return self.admin_site.admin_view(view)(*args, **kwargs)

            return update_wrapper(wrapped, view)

        own = [
            path("next/", wrap(self.next_view), name="moderation_case_next"),
            path("decide/", wrap(self.decide_many_view), name="moderation_case_decide_many"),
            path("<uuid:case_id>/claim/", wrap(self.claim_view), name="moderation_case_claim"),
            path("<uuid:case_id>/hold/", wrap(self.hold_view), name="moderation_case_hold"),
            path("<uuid:case_id>/release/", wrap(self.release_view), name="moderation_case_release"),
            path("<uuid:case_id>/hand-over/", wrap(self.hand_over_view), name="moderation_case_hand_over"),
            path("<uuid:case_id>/take-over/", wrap(self.take_over_view), name="moderation_case_take_over"),
            path("<uuid:case_id>/escalate/", wrap(self.escalate_view), name="moderation_case_escalate"),
            path("<uuid:case_id>/dismiss/", wrap(self.dismiss_view), name="moderation_case_dismiss"),
            path("<uuid:case_id>/about-person/", wrap(self.about_person_view), name="moderation_case_about_person"),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of a case; a POST decides it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        case = self._case(object_id)
        if request.method != "POST":
            return self._page(request, case)
        self._check_may_decide(request)
        outcomes = target_of(case.target_kind).outcomes(case_kind=case.kind)
        form = ReadCaseForm(request.POST, outcomes=outcomes)
        if form.is_valid():
            try:
                decision = actions.decide_case(case_id=case.pk, moderator=moderator_of(request), **form.cleaned_data)
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                label = form.outcomes[decision.outcome].label
                messages.success(request, _("{number} decided: {outcome}.").format(number=case.number, outcome=label))
                if "stay" in request.POST:
                    return to_case(case)
                return self._open_next(request, after=case)
        return self._page(request, case, form)

    def _page(self, request: HttpRequest, case: Case, form: ReadCaseForm | None = None) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            **case_context(request, case, form),
            "title": case.title,
            "opts": self.opts,
            "media": self.media,
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/moderation/case.html", context)

    def next_view(self, request: HttpRequest) -> HttpResponse:
        """Claim the most pressing case and open it; the one in hand, if any, goes back into the queue."""
        self._check_post(request)
        self._check_may_decide(request)
        here = None
        if request.POST.get("here"):
            here = self._case(request.POST["here"])
            if lease_left(here) and here.claimed_by_id == request.user.pk:
                actions.release_case(case_id=here.pk, moderator=moderator_of(request))
        return self._open_next(request, after=here)

    def _open_next(self, request: HttpRequest, *, after: Case | None) -> HttpResponse:
        for _attempt in range(5):  # a colleague may take the same case in this very moment
            case = selectors.next_case_for(moderator_of(request), now=timezone.now(), after=after)
            if case is None:
                break
            try:
                actions.claim_case(case_id=case.pk, moderator=moderator_of(request))
            except Refusal:
                continue
            return to_case(case)
        messages.info(request, _("Nothing waits for you. The queue is done."))
        return HttpResponseRedirect(reverse("admin:moderation_case_changelist"))


@ways_from("accounts.user")
def to_cases_about(request: HttpRequest, person: Any) -> list[Way]:
    """What waits about somebody, from their page."""
    if not request.user.has_perm("moderation.view_case"):
        return []
    return [Way(gettext_lazy("Cases"), f"{reverse('admin:moderation_case_changelist')}?q={person.username}")]
