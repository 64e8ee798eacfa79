"""Screens on which staff read one thing and do something about it: facts, parts below them, and verbs with a reason.

Nothing is edited in place. A verb is a small form whose fields go to one action; what the action refuses stands above the form.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.amounts import amount_words, currency_words
from core.errors import Refusal
from core.money import Money
from core.staff import ReadOnlyAdmin, Way, ways_of
from core.templatetags.souk import price


def amount(minor: int | None, currency: str) -> SafeString | str:
    """Minor units as money on a screen; a dash for none."""
    return "–" if minor is None else price(Money(minor, currency))


def plain(money: Money) -> str:
    """Money where no markup may stand, such as a heading."""
    return f"{amount_words(money)} {currency_words(money.currency)}"


def person(user: Any) -> SafeString | str:
    """A username that keeps its direction; a dash for nobody."""
    return format_html("<bdi>@{}</bdi>", user.username) if user is not None else "–"


class NoForm(forms.Form):
    """For verbs that ask nothing."""


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("Kept in the audit log."),
    )


@dataclass(frozen=True)
class Verb:
    """Something that staff do to the thing on the page. `call(staff=…, thing=…, **fields)` is one action; `tone`: calm, urgent."""

    name: str
    label: Any
    call: Callable[..., Any]
    permission: str
    done: Any
    form: type[forms.Form] = ReasonForm
    offered: Callable[[Any], bool] = lambda _thing: True
    tone: str = "calm"
    hint: Any = ""


@dataclass(frozen=True)
class Part:
    """A piece of the page below the facts, drawn by a template of its own."""

    title: Any
    template: str
    context: dict[str, Any] = field(default_factory=dict)


class DeskAdmin(ReadOnlyAdmin):
    """One thing, read and acted upon. A subclass says what stands there: `facts`, `parts`, `verbs`, `badges`."""

    verbs: tuple[Verb, ...] = ()
    desk_template = "admin/desk.html"

    class Media:
        css = {"all": ("css/console.css",)}  # noqa: RUF012

    def facts(self, request: HttpRequest, thing: Any) -> Sequence[tuple[Any, Any]]:
        """Label and value; None and "" are left out."""
        return ()

    def parts(self, request: HttpRequest, thing: Any) -> Sequence[Part]:
        return ()

    def badges(self, thing: Any) -> Sequence[tuple[Any, str]]:
        """Words and their tone: palm, saffron, coral or none."""
        return ()

    def heading(self, thing: Any) -> Any:
        return str(thing)

    def ways(self, request: HttpRequest, thing: Any) -> list[Way]:
        return ways_of(f"{self.opts.app_label}.{self.opts.model_name}", request, thing)

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                f"<path:object_id>/{verb.name}/",
                self.admin_site.admin_view(self._doer(verb)),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{verb.name}",
            )
            for verb in self.verbs
        ] + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method != "GET":
            raise PermissionDenied
        return self._page(request, self._thing(request, object_id))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        raise PermissionDenied  # what staff did stands in the audit log

    def _thing(self, request: HttpRequest, object_id: str) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        thing = self.get_object(request, unquote(object_id))
        if thing is None:
            raise Http404
        return thing

    def _doer(self, verb: Verb) -> Callable[[HttpRequest, str], HttpResponse]:
        def do(request: HttpRequest, object_id: str) -> HttpResponse:
            thing = self._thing(request, object_id)
            if not request.user.has_perm(verb.permission):
                raise PermissionDenied
            if request.method != "POST":
                return HttpResponseRedirect(self._url(thing))
            form = verb.form(request.POST, prefix=verb.name)
            if not form.is_valid():
                return self._page(request, thing, {verb.name: form})
            try:
                verb.call(staff=request.user, thing=thing, **form.cleaned_data)
            except Refusal as refusal:
                form.add_error(refusal.at if refusal.at in form.fields else None, refusal.message)
                return self._page(request, thing, {verb.name: form})
            messages.success(request, verb.done)
            return HttpResponseRedirect(self._url(thing))

        return do

    def _url(self, thing: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[thing.pk])

    def _page(self, request: HttpRequest, thing: Any, tried: dict[str, forms.Form] | None = None) -> HttpResponse:
        tried = tried or {}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": self.heading(thing),
            "thing": thing,
            "badges": self.badges(thing),
            "facts": [(label, value) for label, value in self.facts(request, thing) if value not in (None, "")],
            "parts": self.parts(request, thing),
            "verbs": [
                {
                    "verb": verb,
                    "form": tried.get(verb.name) or verb.form(prefix=verb.name),
                    "url": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{verb.name}", args=[thing.pk]),
                    "tried": verb.name in tried,
                }
                for verb in self.verbs
                if request.user.has_perm(verb.permission) and (verb.offered(thing) or verb.name in tried)
            ],
            "ways": self.ways(request, thing),
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, self.desk_template, context, status=422 if tried else 200)
