"""One's saved searches: keep, open, rename, hear of sooner or later, remove and take that back."""

import uuid
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refusal
from core.web import safe_next, signed_in
from search import actions, selectors
from search.actions.saving import MOST_SAVED
from search.models import SavedSearch
from search.states import AlertFrequency
from search.web.asking import read_asking
from search.web.views import MembersRequest, looking_around

HERE = "/searches"


class SaveForm(forms.Form):
    query = forms.CharField(max_length=4000, required=False)
    name = forms.CharField(max_length=80, required=False)
    alerts = forms.ChoiceField(choices=AlertFrequency.choices, required=False)
    radius_km = forms.FloatField(required=False, min_value=0.1, max_value=50)


class ChangeForm(forms.Form):
    """What is sent is changed; a form of the page sends one thing."""

    name = forms.CharField(max_length=80, required=False)
    alerts = forms.ChoiceField(choices=AlertFrequency.choices, required=False)
    is_paused = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")], required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def searches(request: MembersRequest) -> HttpResponse:
    """The list of them; POST keeps another one."""
    if request.method == "POST":
        return _save(request)
    names = selectors.Dictionary()
    rows = list(selectors.saved_searches(request.user)[:MOST_SAVED])
    context = {
        "section": "saved",
        "rows": [
            (saved, [str(saved.asked.get("q", "")), *(c.says for c in selectors.chips(saved.asked, names))])
            for saved in rows
        ],
        "alerts": AlertFrequency.choices,
        "removed": _removed(request),
    }
    return render(request, "search/saved.html", context)


def _removed(request: MembersRequest) -> SavedSearch | None:
    """The one that was just removed, for taking that back."""
    try:
        pk = uuid.UUID(request.GET.get("removed", ""))
    except ValueError:
        return None
    return selectors.removed_search_of(request.user, pk)


def _save(request: MembersRequest) -> HttpResponse:
    form = SaveForm(request.POST)
    back = safe_next(request, HERE)
    if not form.is_valid():
        messages.error(request, _("This search cannot be saved."))
        return HttpResponseRedirect(back)
    said = form.cleaned_data
    asking = read_asking(QueryDict(said["query"]), place=looking_around(request))
    asked = asking.asked
    if said["radius_km"] and asked.place is not None and asked.anywhere:
        asked = replace(asked, radius_km=said["radius_km"], anywhere=False)
    try:
        actions.save_search(
            user=request.user, asked=asked, name=said["name"], alerts=said["alerts"] or AlertFrequency.DAILY
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Saved. You will hear of what it finds."))
    return HttpResponseRedirect(back)


@require_safe
@signed_in
def open_search(request: MembersRequest, saved_search_id: uuid.UUID) -> HttpResponse:
    """Go to its results; what it found until now is no news any more."""
    saved = selectors.saved_search_of(request.user, saved_search_id)
    actions.look_at_saved_search(user=request.user, saved_search_id=saved.pk)
    return HttpResponseRedirect(f"/search?{selectors.query_of(saved.asked)}")


@require_POST
@signed_in
def change(request: MembersRequest, saved_search_id: uuid.UUID) -> HttpResponse:
    form = ChangeForm(request.POST)
    changed: dict[str, Any] = {}
    if form.is_valid():
        said = form.cleaned_data
        changed = {
            name: said[name] for name in ("name", "alerts") if name in request.POST and (said[name] or name == "name")
        }
        if said["is_paused"]:
            changed["is_paused"] = said["is_paused"] == "yes"
    if changed:
        actions.change_saved_search(user=request.user, saved_search_id=saved_search_id, **changed)
        messages.success(request, _("Changed."))
    return HttpResponseRedirect(HERE)


@require_POST
@signed_in
def remove(request: MembersRequest, saved_search_id: uuid.UUID) -> HttpResponse:
    actions.remove_saved_search(user=request.user, saved_search_id=saved_search_id)
    return HttpResponseRedirect(f"{HERE}?removed={saved_search_id}")


@require_POST
@signed_in
def restore(request: MembersRequest, saved_search_id: uuid.UUID) -> HttpResponse:
    try:
        actions.restore_saved_search(user=request.user, saved_search_id=saved_search_id)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return HttpResponseRedirect(HERE)
