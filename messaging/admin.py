"""Conversations for staff: read in cases, and here only with a reason, which the audit log keeps beside every one that is opened."""

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.reasoned_admin import ReasonedAdmin
from core.staff import Figure, Panel, Way, dashboard_panel, ways_from, ways_of
from messaging import selectors
from messaging.models import Conversation
from messaging.moderation_target import bubbles

READ = "messaging.read_conversation"
PAGE = 50  # messages


@admin.register(Conversation)
class ConversationAdmin(ReasonedAdmin):
    permission = READ
    scope = "messaging.reading"
    list_display = ("people", "about", "created_at", "entries")
    list_display_links = ("people",)
    list_per_page = 50
    search_help_text = _("A username or two, or the number of a conversation, a person or a listing")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        return selectors.conversations_for_staff()

    def narrowed(self, queryset: QuerySet[Any], *, number: uuid.UUID | None, username: str) -> QuerySet[Any]:
        return selectors.among_conversations(queryset, number=number, username=username)

    @admin.display(description=_("people"))
    def people(self, conversation: Conversation) -> SafeString:
        return format_html("<bdi>@{}</bdi> · <bdi>@{}</bdi>", conversation.first.username, conversation.second.username)

    @admin.display(description=_("listing"))
    def about(self, conversation: Conversation) -> SafeString | str:
        return format_html("<bdi>{}</bdi>", conversation.product.title) if conversation.product else "–"

    @admin.display(description=_("messages and changes"))
    def entries(self, conversation: Conversation) -> int:
        return conversation.last_seq

    def opened(self, request: HttpRequest, thing: Conversation) -> HttpResponse:
        """What the two said, newest page first; `?before=` goes back from a number."""
        raw = request.GET.get("before", "")
        before = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else None
        lines = selectors.lines_for_staff(thing.pk, before_seq=before, limit=PAGE)
        numbers = [line.message.seq for line in lines if line.message.seq is not None]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"@{thing.first.username} · @{thing.second.username}",
            "conversation": thing,
            "bubbles": bubbles(lines, accused=thing.second),
            "older": numbers[0] if len(numbers) == PAGE else None,
            "is_newest": before is None,
            "cases": selectors.cases_about(thing),
            "ways": self._ways(request, thing),
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/messaging/conversation.html", context)

    def _ways(self, request: HttpRequest, conversation: Conversation) -> list[Way]:
        own = []
        if request.user.has_perm("accounts.view_user"):
            own += [
                Way(f"@{person.username}", reverse("admin:accounts_user_change", args=[person.pk]))
                for person in (conversation.first, conversation.second)
            ]
        if conversation.product_id and request.user.has_perm("catalog.view_product"):
            own.append(Way(_("Listing"), reverse("admin:catalog_product_change", args=[conversation.product_id])))
        return [*own, *ways_of("messaging.conversation", request, conversation)]


def _search(words: Any) -> str:
    return f"{reverse('admin:messaging_conversation_changelist')}?q={words}"


@ways_from("accounts.user")
def to_conversations_of(request: HttpRequest, person: Any) -> list[Way]:
    return [Way(_("Conversations"), _search(person.pk))] if request.user.has_perm(READ) else []


@ways_from("catalog.product")
def to_conversations_about(request: HttpRequest, product: Any) -> list[Way]:
    return [Way(_("Conversations"), _search(product.pk))] if request.user.has_perm(READ) else []


@dashboard_panel
def messages_panel(request: HttpRequest) -> Panel | None:
    if not request.user.has_perm("moderation.view_case"):
        return None
    queue = reverse("admin:moderation_case_changelist")
    held, reported = selectors.held_messages_waiting(), selectors.reported_conversations_waiting()
    return Panel(
        _("Messages"),
        [
            Figure(_("Held"), held, f"{queue}?about=message&view=reviews", "wait" if held else "calm"),
            Figure(_("Reported conversations"), reported, f"{queue}?about=conversation"),
        ],
        order=20,
    )
