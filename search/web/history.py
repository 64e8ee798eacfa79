"""What one looked for: to be looked for again, and to be forgotten one by one or all at once."""

import uuid
from contextlib import suppress

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.web import is_part, safe_next, signed_in
from search import actions, selectors
from search.actions.history import KEPT
from search.errors import HistoryNotFound
from search.web.views import MembersRequest

HERE = "/search/history"


@require_safe
@signed_in
def history(request: MembersRequest) -> HttpResponse:
    """Everything that is remembered, the last one first: there are never more than KEPT."""
    names = selectors.Dictionary()
    rows = [
        (entry, selectors.query_of({"q": entry.q} | entry.asked), [c.says for c in selectors.chips(entry.asked, names)])
        for entry in selectors.history_of(request.user)[:KEPT]
    ]
    return render(request, "search/history.html", {"section": "search", "rows": rows, "many": KEPT})


@require_POST
@signed_in
def forget(request: MembersRequest) -> HttpResponse:
    """Empty one's own history of searches."""
    actions.forget_all_searches(user=request.user)
    if is_part(request):
        return HttpResponse(status=204)
    messages.success(request, _("Your searches are forgotten."))
    return HttpResponseRedirect(safe_next(request, "/search"))


@require_POST
@signed_in
def forget_one(request: MembersRequest, entry_id: uuid.UUID) -> HttpResponse:
    """Take one search out of it. One that is gone already is gone."""
    with suppress(HistoryNotFound):
        actions.forget_search(user=request.user, entry_id=entry_id)
    return HttpResponseRedirect(safe_next(request, HERE))
