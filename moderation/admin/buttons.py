"""What the page of a case does besides deciding: claim, hand over, take over, escalate, dismiss. Each is one action."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import NotFound, Refusal
from moderation import actions, rules, selectors
from moderation.admin.forms import HandOverForm, NoteForm
from moderation.admin.queue import QueueAdmin, moderator_of
from moderation.dossier import lease_left
from moderation.models import Case
from moderation.targets import ACCOUNT


class CaseButtons(QueueAdmin):
    """One address for each button. What an action refuses is said on the page, and nothing has changed."""

    def claim_view(self, request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
        return self._do(request, case_id, lambda: actions.claim_case(case_id=case_id, moderator=moderator_of(request)))

    def hold_view(self, request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
        """The open page of a holder who is at work asks for more time: how many seconds are left."""
        self._check_post(request)
        self._check_may_decide(request)
        case = self._case(case_id)
        if not rules.is_held_by(case, moderator_of(request), now=timezone.now()):
            return JsonResponse({"left": 0}, status=409)
        try:
            case = actions.claim_case(case_id=case_id, moderator=moderator_of(request))
        except Refusal as refusal:
            return JsonResponse({"left": 0, "code": refusal.code}, status=409)
        return JsonResponse({"left": lease_left(case)})

    def release_view(self, request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
        def release() -> None:
            actions.release_case(case_id=case_id, moderator=moderator_of(request))

        return self._do(request, case_id, release, to=reverse("admin:moderation_case_changelist"))

    def hand_over_view(self, request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
        def act(form: HandOverForm) -> str:
            to = form.cleaned_data["to"]
            actions.hand_over_case(
                case_id=case_id, moderator=moderator_of(request), to=to, note=form.cleaned_data["note"]
            )
            return _("{person} holds it now.").format(person=to)

        form = HandOverForm(request.POST or None, colleagues=selectors.colleagues_of(moderator_of(request)))
        return self._ask(request, case_id, form, act, title=_("Hand over"), button=_("Hand over"))

    def take_over_view(self, request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
        def act(form: NoteForm) -> str:
            actions.take_over_case(case_id=case_id, moderator=moderator_of(request), note=form.cleaned_data["note"])
            return _("You hold it now.")

        help_text = _("A colleague is looking at this case. Your note is kept in the audit log.")
        return self._ask(
            request, case_id, NoteForm(request.POST or None), act,
            title=_("Take over"), button=_("Take over"), help_text=help_text,
        )  # fmt: skip

    def escalate_view(self, request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
        def act(form: NoteForm) -> str:
            actions.escalate_case(case_id=case_id, moderator=moderator_of(request), note=form.cleaned_data["note"])
            return _("Escalated. It is back in the queue, further up.")

        help_text = _("The severity rises by one and the case goes back into the queue for a colleague.")
        return self._ask(
            request, case_id, NoteForm(request.POST or None), act,
            title=_("Escalate"), button=_("Escalate"), help_text=help_text,
        )  # fmt: skip

    def dismiss_view(self, request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
        def act(form: NoteForm) -> str:
            actions.dismiss_case(case_id=case_id, moderator=moderator_of(request), note=form.cleaned_data["note"])
            return _("Dismissed.")

        help_text = _(
            "The case closes without a decision. What reports hid comes back into view. Nobody is told a reason."
        )
        return self._ask(
            request, case_id, NoteForm(request.POST or None), act,
            title=_("Dismiss"), button=_("Dismiss the case"), help_text=help_text,
        )  # fmt: skip

    def about_person_view(self, request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
        case = self._case(case_id)
        opened: list[Case] = []

        def act(form: NoteForm) -> str:
            opened.append(
                actions.open_case(
                    moderator=moderator_of(request),
                    target_kind=ACCOUNT,
                    target_id=case.author_id,
                    note=form.cleaned_data["note"],
                )
            )
            return _("This is the case about the person.")

        help_text = _("Opens a case about {person}, in which the account itself can be restricted.").format(
            person=case.author
        )
        return self._ask(
            request, case_id, NoteForm(request.POST or None), act, title=_("Open a case about the person"),
            button=_("Open the case"), help_text=help_text, then=lambda: to_case(opened[0]),
        )  # fmt: skip

    # --- how a button works ----------------------------------------------------------------------------------------

    def _do(self, request: HttpRequest, case_id: uuid.UUID, act: Callable[[], Any], *, to: str = "") -> HttpResponse:
        """Carry out an action that needs nothing more, and go on."""
        self._check_post(request)
        self._check_may_decide(request)
        try:
            act()
        except NotFound:
            raise Http404 from None
        except Refusal as refusal:
            messages.error(request, refusal.message)
            to = ""
        return HttpResponseRedirect(to or reverse("admin:moderation_case_change", args=[case_id]))

    def _ask(
        self,
        request: HttpRequest,
        case_id: uuid.UUID,
        form: Any,
        act: Callable[[Any], str],
        *,
        title: str,
        button: str,
        help_text: str = "",
        then: Callable[[], HttpResponse] | None = None,
    ) -> HttpResponse:
        """A small page of its own with a question; the action on POST."""
        self._check_may_decide(request)
        case = self._case(case_id)
        if request.method == "POST" and form.is_valid():
            try:
                words = act(form)
            except Refusal as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, words)
                return then() if then else to_case(case)
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
            "is_nav_sidebar_enabled": False,
            "case": case,
            "form": form,
            "button": button,
            "help_text": help_text,
            "back": reverse("admin:moderation_case_change", args=[case.pk]),
        }
        return TemplateResponse(request, "admin/moderation/ask.html", context)

    def _case(self, case_id: Any) -> Case:
        pk = as_uuid(case_id)
        if pk is None:
            raise Http404
        try:
            return selectors.case_with_id(pk)
        except NotFound:
            raise Http404 from None

    def _check_may_decide(self, request: HttpRequest) -> None:
        if not (self.has_view_permission(request) and self.has_decide_permission(request)):
            raise PermissionDenied

    def _check_post(self, request: HttpRequest) -> None:
        if request.method != "POST":
            raise Http404


def to_case(case: Case) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:moderation_case_change", args=[case.pk]))


def as_uuid(raw: Any) -> uuid.UUID | None:
    try:
        return raw if isinstance(raw, uuid.UUID) else uuid.UUID(str(raw))
    except ValueError:
        return None
