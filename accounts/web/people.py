"""Blocking on pages. (Following lives on the seller's page.)"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, selectors
from core.web import safe_next, signed_in


@signed_in
@require_http_methods(("GET", "POST"))
def block(request: HttpRequest, username: str) -> HttpResponse:
    """Say what a block does, then do it."""
    me: Any = request.user
    person = selectors.person_by_username(username)
    if request.method == "GET":
        context = {"person": selectors.person_brief(person), "next": safe_next(request, "/me/blocked")}
        return render(request, "accounts/block.html", context)
    actions.block_person(blocker=me, blocked=person)
    messages.success(request, _("Blocked. Neither of you sees the other any more."))
    return redirect("/me/blocked")


@signed_in
@require_POST
def unblock(request: HttpRequest, username: str) -> HttpResponse:
    me: Any = request.user
    actions.unblock_person(blocker=me, blocked=selectors.person_by_username(username))
    messages.success(request, _("The block is lifted."))
    return redirect(safe_next(request, "/me/blocked"))


@signed_in
@require_safe
def blocked(request: HttpRequest) -> HttpResponse:
    """Whom one blocked."""
    me: Any = request.user
    links = list(selectors.blocked_people(me)[:200])
    people = [(selectors.person_brief(link.blocked), link.created_at) for link in links]
    return render(request, "accounts/blocked.html", {"people": people, "section": "me"})
