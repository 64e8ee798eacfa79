"""The list of one's conversations, and where each of them is kept."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from core.text import fold
from core.web import continued, is_part, signed_in
from messaging import actions, selectors
from messaging.states import InboxFilter
from messaging.web.forms import DisappearForm, MuteForm

LONGEST_SEARCH = 100
HITS = 10  # single messages shown below the conversations that a search found
TABS = {
    InboxFilter.ALL: gettext_lazy("All"),
    InboxFilter.UNREAD: gettext_lazy("Unread"),
    InboxFilter.ARCHIVED: gettext_lazy("Archived"),
}


@require_safe
@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    """All conversations, the unread or the archived ones; or those in which something was found."""
    page = list_of(request)
    part = is_part(request) and "cursor" in request.GET
    response = render(request, "messaging/_rows.html" if part else "messaging/inbox.html", page)
    patch_vary_headers(response, ("HX-Request",))
    return response


def list_of(request: HttpRequest, *, open_id: uuid.UUID | None = None) -> dict[str, Any]:
    """What `messaging/_list.html` shows; beside an open conversation always all of them from the top."""
    shown = request.GET.get("show", "") if open_id is None else ""
    shown = shown if shown in InboxFilter.values else InboxFilter.ALL
    q = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH] if open_id is None else ""
    me: Any = request.user
    page = selectors.inbox(me, shown, q, cursor=request.GET.get("cursor") if open_id is None else None)
    found = selectors.search(me, q, limit=HITS).items if _is_searchable(q) else []
    following = continued(request, page.next_cursor or "") if open_id is None else ""
    return {
        "section": "messages",
        "tabs": [{"name": name.value, "label": label} for name, label in TABS.items()],
        "shown": shown,
        "q": q,
        "rows": page.items,
        "found": found,
        "next": following and f"/messages{following}",
        "open_id": str(open_id or ""),
    }


def _is_searchable(q: str) -> bool:
    return len(fold(q)) >= selectors.SHORTEST


@require_safe
@signed_in
def row(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """One row of the list, as it is now; nothing where it is not of this list any more."""
    me: Any = request.user
    talk = selectors.conversation_shape(me, conversation_id)
    if talk["last_message"] is None or not _is_of(request.GET.get("show", ""), talk):
        return HttpResponse(status=204)
    return render(request, "messaging/_row.html", {"row": talk, "open_id": ""})


def _is_of(shown: str, talk: dict[str, Any]) -> bool:
    if shown == InboxFilter.ARCHIVED:
        return talk["is_archived"]
    return not talk["is_archived"] and (shown != InboxFilter.UNREAD or talk["unread_count"] > 0)


@require_POST
@signed_in
def read(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    me: Any = request.user
    actions.mark_read(person=me, conversation_id=conversation_id)
    return HttpResponseRedirect(f"/messages/{conversation_id}")


@require_POST
@signed_in
def archive(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    me: Any = request.user
    actions.archive_conversation(person=me, conversation_id=conversation_id)
    messages.success(request, _("Archived. A new message brings it back."))
    return HttpResponseRedirect("/messages")


@require_POST
@signed_in
def unarchive(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    me: Any = request.user
    actions.unarchive_conversation(person=me, conversation_id=conversation_id)
    return HttpResponseRedirect(f"/messages/{conversation_id}")


@require_POST
@signed_in
def mute(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    me: Any = request.user
    form = MuteForm({"how_long": request.POST.get("for", "")})
    if not form.is_valid():
        return HttpResponseBadRequest()
    until = form.until()
    actions.mute_conversation(person=me, conversation_id=conversation_id, until=until)
    messages.success(request, _("No notifications from it for now.") if until else _("We tell you again."))
    return HttpResponseRedirect(f"/messages/{conversation_id}")


@require_POST
@signed_in
def disappear(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    me: Any = request.user
    form = DisappearForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    actions.set_disappearing(person=me, conversation_id=conversation_id, seconds=form.cleaned_data["seconds"])
    return HttpResponseRedirect(f"/messages/{conversation_id}")
