"""The weights of the ranking in the console: propose a version, see what it would have shown, put it in force."""

import uuid
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_date
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import NotFound, Refusal
from core.staff import Figure, Panel, ReadOnlyAdmin, dashboard_panel
from core.templatetags.souk import day
from feeds import actions, selectors
from feeds.models import RankingWeights
from feeds.ranking import Weights
from feeds.rules import WEIGHT_LIMITS
from feeds.states import Surface, WeightsState

ACTIVATE = "feeds.activate_rankingweights"
_TONES = {WeightsState.ACTIVE: "palm", WeightsState.PROPOSED: "saffron"}
_WORDS: dict[str, tuple[Any, Any]] = {
    "text": (gettext_lazy("Words"), gettext_lazy("How well it answers what was searched for. Only in search.")),
    "freshness": (gettext_lazy("Freshness"), gettext_lazy("How new the listing is.")),
    "distance": (gettext_lazy("Distance"), gettext_lazy("How near it is, where the reader looks from a place.")),
    "trust": (gettext_lazy("Trust"), gettext_lazy("Proven contacts, checked identity, reviews of the seller.")),
    "engagement": (gettext_lazy("Engagement"), gettext_lazy("Views and favourites for the time on show.")),
    "newcomer": (gettext_lazy("New sellers nearby"), gettext_lazy("A small hand in their first weeks.")),
    "diversity": (
        gettext_lazy("Spread over sellers"),
        gettext_lazy("The part of its score that each further listing of one seller loses."),
    ),
    "freshness_half_days": (gettext_lazy("Half as fresh after, days"), ""),
    "distance_half_km": (gettext_lazy("Half as near at, km"), ""),
    "engagement_half": (
        gettext_lazy("Half of all engagement at, points a day"),
        gettext_lazy("A view is one point, a favourite five."),
    ),
    "newcomer_days": (gettext_lazy("New for, days"), gettext_lazy("Since they began to sell.")),
}


class WeightsForm(forms.Form):
    """A version's numbers, each within its limits, and why. The rules stand in the action; these only read the fields."""

    def __init__(self, *args: Any, weights: Weights, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, help_text) in _WORDS.items():
            lowest, highest = WEIGHT_LIMITS[name]
            self.fields[name] = forms.FloatField(
                label=label,
                help_text=help_text,
                min_value=lowest,
                max_value=highest,
                initial=f"{getattr(weights, name):g}",
                widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal", "dir": "ltr"}),
            )
        self.fields["note"] = forms.CharField(
            label=_("Why"),
            max_length=300,
            widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            help_text=_("What you expect of it. Whoever reads the list of versions sees this."),
        )

    @property
    def values(self) -> dict[str, float]:
        return {name: self.cleaned_data[name] for name in _WORDS}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"})
    )


@admin.register(RankingWeights)
class RankingWeightsAdmin(ReadOnlyAdmin):
    list_display = ("number", "state_shown", "note", "author", "proposed_on", "from_day", "until_day")
    list_display_links = ("number",)
    list_select_related = ("author",)
    ordering = ("-version",)

    class Media:
        css = {"all": ("css/console.css",)}  # noqa: RUF012

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("feeds.add_rankingweights"))

    @admin.display(description=gettext_lazy("version"), ordering="version")
    def number(self, row: RankingWeights) -> str:
        return _("Version {number}").format(number=row.version)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: RankingWeights) -> SafeString:
        tone = _TONES.get(WeightsState(row.state), "")
        return format_html('<span class="badge {}">{}</span>', tone, row.get_state_display())

    @admin.display(description=gettext_lazy("proposed"), ordering="created_at")
    def proposed_on(self, row: RankingWeights) -> str:
        return day(row.created_at)

    @admin.display(description=gettext_lazy("in force from"))
    def from_day(self, row: RankingWeights) -> str:
        return day(row.active_from)

    @admin.display(description=gettext_lazy("in force until"))
    def until_day(self, row: RankingWeights) -> str:
        return day(row.active_until)

    def get_urls(self) -> list[URLPattern]:
        def at(verb: str, view: Any) -> URLPattern:
            name = f"feeds_rankingweights_{verb}"
            return path(f"<uuid:weights_id>/{verb}/", self.admin_site.admin_view(view), name=name)

        return [at("activate", self.activate_view), at("discard", self.discard_view), *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Propose a version, beginning with the numbers in force or with those of `?from=`."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        origin = self._row(request.GET["from"]) if request.GET.get("from") else None
        weights = selectors.weights_of(origin) if origin else selectors.weights_in_force()
        form = WeightsForm(request.POST or None, weights=weights)
        if request.method == "POST" and form.is_valid():
            try:
                row = actions.propose_weights(
                    staff=request.user,  # type: ignore[arg-type]
                    values=form.values,
                    note=form.cleaned_data["note"],
                )
            except Refusal as refusal:
                form.add_error(refusal.at if refusal.at in form.fields else None, refusal.message)
            else:
                messages.success(request, _("Proposed. It ranks nothing until it is put in force."))
                return HttpResponseRedirect(_page_of(row.pk))
        context = self._frame(request, _("Propose other weights")) | {"form": form, "weights": weights}
        return TemplateResponse(request, "admin/feeds/propose.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The numbers beside those in force, and what they would have shown on a day."""
        if not self.has_view_permission(request) or request.method != "GET":
            raise PermissionDenied
        return self._page(request, self._row(object_id))

    def activate_view(self, request: HttpRequest, weights_id: uuid.UUID) -> HttpResponse:
        return self._decide(
            request, weights_id, actions.put_weights_in_force, _("In force. Feeds and search rank by it from now on.")
        )

    def discard_view(self, request: HttpRequest, weights_id: uuid.UUID) -> HttpResponse:
        return self._decide(request, weights_id, actions.discard_weights, _("Discarded."))

    def _decide(self, request: HttpRequest, weights_id: uuid.UUID, action: Any, done: str) -> HttpResponse:
        if not (self.has_view_permission(request) and request.user.has_perm(ACTIVATE)):
            raise PermissionDenied
        row = self._row(weights_id)
        if request.method != "POST":
            return HttpResponseRedirect(_page_of(row.pk))
        form = ReasonForm(request.POST)
        if form.is_valid():
            try:
                action(staff=request.user, weights_id=row.pk, reason=form.cleaned_data["reason"])
            except Refusal as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, done)
                return HttpResponseRedirect(_page_of(row.pk))
        return self._page(request, row, form)

    def _page(self, request: HttpRequest, row: RankingWeights, form: ReasonForm | None = None) -> HttpResponse:
        current, weights = selectors.weights_in_force(), selectors.weights_of(row)
        days = selectors.days_with_samples()
        chosen, surface = _day(request, days), _surface(request)
        context = self._frame(request, self.number(row)) | {
            "row": row,
            "numbers": _beside(weights, current),
            "current": current,
            "is_in_force": row.state == WeightsState.ACTIVE,
            "is_proposed": row.state == WeightsState.PROPOSED,
            "may_activate": request.user.has_perm(ACTIVATE),
            "may_propose": self.has_add_permission(request),
            "may_see_listings": request.user.has_perm("catalog.view_product"),
            "form": form or ReasonForm(),
            "days": days,
            "day": chosen,
            "surface": surface,
            "what_if": None
            if row.state == WeightsState.ACTIVE
            else selectors.what_if(day=chosen, current=current, proposed=weights, surface=surface),
        }
        return TemplateResponse(request, "admin/feeds/weights.html", context)

    def _frame(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media, "title": title}

    def _row(self, weights_id: Any) -> RankingWeights:
        try:
            return selectors.weights_with_id(uuid.UUID(str(weights_id)))
        except (ValueError, NotFound):
            raise Http404 from None


@dashboard_panel
def ranking_panel(request: HttpRequest) -> Panel | None:
    if not request.user.has_perm("feeds.view_rankingweights"):
        return None
    versions = reverse("admin:feeds_rankingweights_changelist")
    waiting = selectors.weights_versions().filter(state=WeightsState.PROPOSED).count()
    return Panel(
        gettext_lazy("Ranking"),
        [
            Figure(gettext_lazy("Version in force"), selectors.weights_in_force().version, versions),
            Figure(gettext_lazy("Proposals"), waiting, versions),
        ],
        order=70,
    )


def _beside(weights: Weights, current: Weights) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "value": f"{getattr(weights, name):g}",
            "current": f"{getattr(current, name):g}",
            "differs": getattr(weights, name) != getattr(current, name),
        }
        for name, (label, _help) in _WORDS.items()
    ]


def _day(request: HttpRequest, days: list[date]) -> date:
    """The day asked for, else yesterday, or the newest day before it that has samples, or the only one that has."""
    yesterday = selectors.yesterday()
    try:
        asked = parse_date(request.GET.get("day", ""))
    except ValueError:
        asked = None
    # Of other days nothing is kept, and the ends of the calendar have no day beside them.
    if asked is not None and abs(asked - yesterday) <= settings.RANKING_SAMPLES_KEPT + timedelta(days=1):
        return asked
    return next((one for one in days if one <= yesterday), days[0] if days else yesterday)


def _surface(request: HttpRequest) -> Surface | None:
    """The one asked for; None: all of them together."""
    asked = request.GET.get("surface", "")
    return Surface(asked) if asked in Surface.values else None


def _page_of(pk: uuid.UUID) -> str:
    return reverse("admin:feeds_rankingweights_change", args=[pk])
