"""One conversation: its page, the lines that its scripts ask for, and saying something."""

import uuid
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts import selectors as people
from accounts.errors import PersonNotFound, Restricted, Suspended
from accounts.models import User
from accounts.states import RestrictionKind
from catalog import selectors as catalog
from catalog.models import Product
from catalog.states import ProductState
from core.errors import Refusal
from core.templatetags.souk import day
from core.web import signed_in
from messaging import actions, selectors
from messaging.errors import CannotBeReached, Warned
from messaging.states import REACTIONS
from messaging.web.forms import DISAPPEAR_WORDS, WordsForm
from messaging.web.inbox import list_of
from messaging.web.lines import lines_of, pending_line

PAGE = 30
AROUND = 10  # messages shown below one that a search found
NEWS = 100  # entries of the log at once


@require_safe
@signed_in
def conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """The newest messages; older ones with `?before=` a cursor, those around one that was found with `?at=` its number."""
    return _room_page(request, conversation_id, WordsForm())


def _room_page(request: HttpRequest, conversation_id: uuid.UUID, form: WordsForm, *, status: int = 200) -> HttpResponse:
    me: Any = request.user
    talk = selectors.conversation_shape(me, conversation_id)
    began = selectors.conversation_of(me, conversation_id).started_by_id == me.pk
    page = selectors.history(me, conversation_id, limit=PAGE, **_where(request))
    name = talk["other"]["display_name"]
    unread_from = talk["read_seq"] if talk["unread_count"] and page.newer is None else None
    context = list_of(request, open_id=conversation_id) | {
        "talk": talk,
        "lines": lines_of(reversed(page.items), other_name=name, read_seq=unread_from),
        "last_seq": talk["last_seq"],
        "older": page.older,
        "is_past": page.newer is not None,
        "pending": pending_line(name),
        "may_offer": began and _may_offer(talk),
        "cannot_write_words": _cannot_write_words(me, talk["cannot_write_because"]),
        "disappear_choices": [
            {"seconds": seconds or "", "label": label, "on": seconds == talk["disappear_after"]}
            for seconds, label in DISAPPEAR_WORDS.items()
        ],
        "reaction_choices": REACTIONS,
        "starters": starters(about_a_thing=talk["product"] is not None),
        "form": form,
        "limit": form.fields["body"].max_length,  # type: ignore[attr-defined]
        "action": f"/messages/{conversation_id}/send",
    }
    return render(request, "messaging/conversation.html", context, status=status)


def _where(request: HttpRequest) -> dict[str, Any]:
    if before := request.GET.get("before"):
        return {"cursor": before}
    at = request.GET.get("at", "")
    return {"before": int(at) + AROUND} if at.isascii() and at.isdigit() and len(at) < 18 else {}


@require_GET
@signed_in
def lines(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Lines for the page's scripts: what happened `after` a number, what was said `before` a cursor, or `only` one message."""
    me: Any = request.user
    talk = selectors.conversation_shape(me, conversation_id)
    context: dict[str, Any] = {"last_seq": 0, "talk": talk}
    if before := request.GET.get("before"):
        page = selectors.history(me, conversation_id, cursor=before, limit=PAGE)
        shown = list(reversed(page.items))
        context["before"] = page.older
    elif only := _uuid(request.GET.get("only", "")):
        shown = [selectors.message_of(me, only)]
        if shown[0]["conversation_id"] != str(conversation_id):
            raise Http404
    else:
        after = request.GET.get("after", "")
        if not (after.isascii() and after.isdigit() and len(after) < 18):
            return HttpResponseBadRequest()
        news = selectors.missed(me, conversation_id, int(after), NEWS)
        latest = {one.data["id"]: one.data for one in news}
        shown = sorted(latest.values(), key=lambda message: message["seq"])
        context |= {"last_seq": news[-1].seq if news else int(after), "more": len(news) == NEWS}
    context["lines"] = lines_of(shown, other_name=talk["other"]["display_name"])
    return render(request, "messaging/_lines.html", context)


@require_POST
@signed_in
def say(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Words sent without the page's scripts. Whoever was warned reads the warning and may send them all the same."""
    me: Any = request.user
    form = WordsForm(request.POST)
    if not form.is_valid():
        return _room_page(request, conversation_id, form, status=422)
    try:
        actions.send_message(sender=me, conversation_id=conversation_id, **form.cleaned_data)
    except Refusal as refusal:
        form.refuse(refusal)
        form.is_warned = isinstance(refusal, Warned)
        return _room_page(request, conversation_id, form, status=422)
    actions.mark_read(person=me, conversation_id=conversation_id)  # whoever answers has read
    return HttpResponseRedirect(f"/messages/{conversation_id}")


# --- beginning -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@signed_in
def begin(request: HttpRequest) -> HttpResponse:
    """The first words to somebody (`to`), perhaps about a listing (`product`). Where the two talk already, that conversation."""
    me: Any = request.user
    sent = request.POST if request.method == "POST" else request.GET
    try:
        person = people.person_by_username(sent.get("to", ""))
    except PersonNotFound:
        raise Http404 from None
    thing = _thing(me, sent.get("product", ""))
    known = selectors.conversation_between(me, person.pk, thing.pk if thing else None)
    if known is not None and request.method == "GET":
        return HttpResponseRedirect(f"/messages/{known.pk}")
    form = WordsForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        return _begin_page(request, person, thing, form)
    try:
        with transaction.atomic():  # a conversation whose first words are refused is not begun
            talk = actions.start_conversation(person=me, other_id=person.pk, product_id=thing.pk if thing else None)
            actions.send_message(sender=me, conversation_id=talk.pk, **form.cleaned_data)
    except Refusal as refusal:
        form.is_warned = isinstance(refusal, Warned)
        form.refuse(refusal)
        return _begin_page(request, person, thing, form)
    return HttpResponseRedirect(f"/messages/{talk.pk}")


def _begin_page(request: HttpRequest, person: User, thing: Product | None, form: WordsForm) -> HttpResponse:
    context = {
        "section": "messages",
        "person": people.person_brief(person),
        "person_url": f"/u/{person.username}",
        "thing": thing,
        "back_url": f"/l/{thing.pk}" if thing else f"/u/{person.username}",
        "form": form,
        "starters": starters(about_a_thing=thing is not None),
    }
    return render(request, "messaging/new.html", context, status=422 if form.is_bound else 200)


def _thing(viewer: User, sent: str) -> Product | None:
    product_id = _uuid(sent)
    return catalog.product_page(viewer=viewer, product_id=product_id) if product_id else None


def starters(*, about_a_thing: bool) -> list[str]:
    """Words to begin with."""
    if not about_a_thing:
        return [_("Hello!"), _("Hello, may I ask you something?")]
    return [_("Hello! Is it still there?"), _("What condition is it in?"), _("Where and when could I pick it up?")]


def _may_offer(talk: dict[str, Any]) -> bool:
    """Whether whoever began it may haggle: buyers begin conversations about listings, sellers do not."""
    thing = talk["product"]
    return thing is not None and thing["state"] == ProductState.ACTIVE and talk["can_write"]


def _cannot_write_words(me: User, code: str | None) -> str:
    if code == CannotBeReached.code:
        return CannotBeReached().message
    if code == Suspended.code:
        return Suspended().message
    if code != Restricted.code:
        return ""
    for restriction in people.restrictions_in_force(me):
        if restriction.kind == RestrictionKind.MESSAGE and restriction.ends_at is not None:
            return _("You cannot write messages until {day}. Your notices say why.").format(
                day=day(restriction.ends_at)
            )
    return _("You cannot write messages. Your notices say why.")


def _uuid(sent: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(sent)
    except ValueError:
        return None
