"""Screens of private things in the console: a reason first, and everything that is opened is written down."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import Refusal
from core.reasons import GOOD_FOR, give_reason, reason_of
from core.staff import ReadOnlyAdmin

MOST_WORDS = 2  # of a search: the two people, or one of them and a listing


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("Kept in the audit log beside everything that you open."),
    )


class ReasonedAdmin(ReadOnlyAdmin):
    """A screen of private things: it asks why before it shows anything, shows nothing that was not searched for, and writes down every
    search and every opening with the reason (`core.reasons`).

    One permission opens it; those of Django (view, change…) count for nothing here. `scope` names the reason, so that two screens may
    share it. A subclass draws one thing in `opened`, and searches in `narrowed`.
    """

    permission = ""
    scope = ""
    change_list_template = "admin/reasoned_list.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.permission)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(self.permission)

    def narrowed(self, queryset: QuerySet[Any], *, number: uuid.UUID | None, username: str) -> QuerySet[Any]:
        """The rows that one word of a search names: somebody's or something's number, or else a username."""
        raise NotImplementedError

    def opened(self, request: HttpRequest, thing: Any) -> HttpResponse:
        """The page of one thing, which is written down already."""
        raise NotImplementedError

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("pk",)  # so that the box is drawn; `narrowed` does the searching

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term.split()[:MOST_WORDS]
        if not words or not reason_of(request.user, self.scope):  # whichever way the search came in
            return queryset.none(), False
        for word in words:
            queryset = self.narrowed(queryset, number=_as_uuid(word), username=word.removeprefix("@"))
        return queryset, False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        reason = reason_of(request.user, self.scope)
        if not reason:
            return self._ask(request)
        words = request.GET.get("q", "").strip()[:200]
        if words:
            self._note(request, "searched", "search", words, reason)
        return super().changelist_view(request, {"reason": reason, "searched": bool(words), **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        reason = reason_of(request.user, self.scope)
        if not reason:
            return self._ask(request)
        thing = self.get_object(request, object_id)
        if thing is None:
            raise Http404
        self._note(request, "read", str(self.opts.model_name), str(thing.pk), reason)
        return self.opened(request, thing)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        raise PermissionDenied  # what happened to private things stands in the audit log

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_reason"
        view = self.admin_site.admin_view(self.reason_view)
        return [path("reason/", view, name=name), *super().get_urls()]

    def reason_view(self, request: HttpRequest) -> HttpResponse:
        """Takes the reason and goes on to where somebody wanted to look."""
        if not self.has_view_permission(request) or request.method != "POST":
            raise PermissionDenied
        return self._ask(request)

    def _ask(self, request: HttpRequest) -> HttpResponse:
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_reason")
        given = request.POST if request.path == url else None
        wanted = given.get("next", "") if given is not None else request.get_full_path()
        form = ReasonForm(given)
        if form.is_valid():
            try:
                give_reason(person=request.user, scope=self.scope, reason=form.cleaned_data["reason"])
            except Refusal as refusal:
                form.add_error("reason", refusal.message)
            else:
                here = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
                return HttpResponseRedirect(wanted if here else reverse("admin:index"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Why do you look?"),
            "form": form,
            "action": url,
            "wanted": wanted,
            "minutes": int(GOOD_FOR.total_seconds() // 60),
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/reason.html", context)

    def _note(self, request: HttpRequest, did: str, kind: str, target: str, reason: str) -> None:
        audit.record(
            action=f"{self.opts.app_label}.{self.opts.model_name}_{did}",
            target_kind=kind,
            target_id=target[:64],
            actor=request.user,
            reason=reason,
        )


def _as_uuid(raw: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(raw)
    except ValueError:
        return None
