"""The list of what one is told, unsubscribing, and the development outbox."""

import uuid

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import Refusal
from notifications import actions, selectors
from notifications.models import Notification
from notifications.states import DIGESTIBLE, NotificationKind
from notifications.words import words_of

PER_PAGE = 30


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Newest first; `?before=` goes on from an id."""
    found = selectors.notifications_of(request.user)
    before = request.GET.get("before", "")
    if before:
        try:
            found = found.filter(pk__lt=uuid.UUID(before))
        except ValueError:
            raise Http404 from None
    rows = list(found[: PER_PAGE + 1])
    items = [(row, words_of(row.kind, row.facts)) for row in rows[:PER_PAGE]]
    more = rows[PER_PAGE - 1].pk if len(rows) > PER_PAGE else None
    return render(request, "notifications/inbox.html", {"items": items, "more": more})


@login_required
@require_POST
def open_notification(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Mark it read and go where it leads."""
    try:
        notification: Notification = actions.read_notification(user=request.user, notification_id=pk)
    except Refusal:
        raise Http404 from None
    return redirect(notification.url or "notifications")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    actions.read_all_notifications(user=request.user)
    return redirect("notifications")


@login_required
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        kinds = {
            kind: {way: f"{kind}.{way}" in request.POST for way in ("email", "push")}
            for kind in NotificationKind.values
        }
        for kind in DIGESTIBLE:
            kinds[kind]["digest"] = f"{kind}.digest" in request.POST
        actions.change_settings(
            user=request.user,
            email_enabled="email_enabled" in request.POST,
            push_enabled="push_enabled" in request.POST,
            kinds=kinds,
        )
        return redirect("notification-preferences")
    chosen = selectors.settings_of(request.user)
    rows = [
        (
            kind,
            label,
            chosen.kinds.get(kind, {}).get("email", True),
            chosen.kinds.get(kind, {}).get("push", True),
            kind in DIGESTIBLE,
            chosen.kinds.get(kind, {}).get("digest", False),
        )
        for kind, label in NotificationKind.choices
    ]
    return render(request, "notifications/preferences.html", {"chosen": chosen, "rows": rows})


@csrf_exempt  # mail programs post here by themselves (RFC 8058); the link is signed
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    done, error = False, ""
    if request.method == "POST":
        try:
            actions.unsubscribe(token=token)
            done = True
        except Refusal as refusal:
            error = refusal.message
    return render(request, "notifications/unsubscribe.html", {"done": done, "error": error, "token": token})


def _in_development() -> None:
    if not settings.DEV_OUTBOX:
        raise Http404


@require_http_methods(["GET", "POST"])
def dev_outbox(request: HttpRequest) -> HttpResponse:
    _in_development()
    if request.method == "POST":
        actions.empty_dev_outbox()
        return redirect("dev-outbox")
    return render(request, "notifications/dev_outbox.html", {"sent": selectors.dev_messages()})


@require_GET
def dev_outbox_json(_request: HttpRequest) -> JsonResponse:
    _in_development()
    rows = [
        {"channel": m.channel, "to": m.to, "subject": m.subject, "body": m.body, "sent_at": m.sent_at.isoformat()}
        for m in selectors.dev_messages()
    ]
    return JsonResponse({"results": rows})
