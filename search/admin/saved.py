"""Saved searches for staff. What one person looks for is private: it is looked up with a reason, which the audit log keeps beside
every search that is opened, and paused or deleted by an action that tells its owner. How all of them are getting on is a page of
numbers without names, for whoever runs the house.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.desk import DeskAdmin, NoForm, Part, Verb, person
from core.reasoned_admin import ReasonedAdmin
from core.reasons import reason_of
from core.staff import Figure, Panel, Way, dashboard_panel, ways_from
from search import actions, selectors
from search.models import SavedSearch
from search.states import AlertFrequency

READ = "search.read_savedsearch"
HELP = "search.help_with_savedsearch"
NUMBERS = "search.view_savedsearch"
_BECAUSE = {
    "untold": _("found something, and its owner was not told at once"),
    "not_in_digest": _("found something that came in no digest for a day"),
    "unwatched": _("is not held against new listings"),
    "stale": _("was not read anew for two nights"),
}


def _in_use(saved: SavedSearch) -> bool:
    return saved.removed_at is None


@admin.register(SavedSearch)
class SavedSearchAdmin(ReasonedAdmin, DeskAdmin):
    permission = READ
    scope = "search.reading"
    list_display = ("name", "whose", "alerts", "condition", "created_at", "told_at")
    list_display_links = ("name",)
    search_help_text = _("A username, or the number of a person or of a saved search")
    ordering = ("-id",)
    verbs = (
        Verb(
            "pause",
            _("Pause"),
            lambda staff, thing, reason: actions.pause_for_owner(staff=staff, saved_search_id=thing.pk, reason=reason),
            HELP,
            _("Paused. Its owner is told, and can let it go on."),
            offered=lambda saved: _in_use(saved) and saved.paused_at is None,
            hint=_("Its owner hears nothing of it until they let it go on. They are told that we did this, not why."),
        ),
        Verb(
            "resume",
            _("Let it go on"),
            lambda staff, thing, reason: actions.resume_for_owner(staff=staff, saved_search_id=thing.pk, reason=reason),
            HELP,
            _("It goes on. Its owner is told."),
            offered=lambda saved: _in_use(saved) and saved.paused_at is not None,
        ),
        Verb(
            "read_again",
            _("Read it anew"),
            lambda staff, thing: actions.read_again_for_owner(staff=staff, saved_search_id=thing.pk),
            HELP,
            _("Read anew."),
            form=NoForm,
            offered=lambda saved: saved.is_watched,
            hint=_("As every night: today’s words, synonyms and categories. For one that finds nothing any more."),
        ),
        Verb(
            "remove",
            _("Delete"),
            lambda staff, thing, reason: actions.remove_for_owner(staff=staff, saved_search_id=thing.pk, reason=reason),
            HELP,
            _("Deleted. For a day it can be brought back. Its owner is told."),
            offered=_in_use,
            tone="urgent",
        ),
        Verb(
            "restore",
            _("Bring it back"),
            lambda staff, thing, reason: actions.restore_for_owner(
                staff=staff, saved_search_id=thing.pk, reason=reason
            ),
            HELP,
            _("It is back. Its owner is told."),
            offered=lambda saved: saved.removed_at is not None,
        ),
    )

    # --- finding ------------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[SavedSearch]:
        return selectors.searches_for_staff()

    def narrowed(self, queryset: QuerySet[Any], *, number: uuid.UUID | None, username: str) -> QuerySet[Any]:
        if number is not None:
            return queryset.filter(Q(pk=number) | Q(user_id=number))
        return queryset.filter(user__username__iexact=username)

    @admin.display(description=_("person"))
    def whose(self, saved: SavedSearch) -> SafeString | str:
        return person(saved.user)

    @admin.display(description=_("state"))
    def condition(self, saved: SavedSearch) -> Any:
        return self.badges(saved)[0][0]

    # --- one of them --------------------------------------------------------------------------------------------------

    def opened(self, request: HttpRequest, thing: SavedSearch) -> HttpResponse:
        return self._page(request, thing)

    def _page(self, request: HttpRequest, thing: Any, tried: dict[str, Any] | None = None) -> HttpResponse:
        """Also after a verb that was refused: a reason that ran out meanwhile is asked again."""
        return super()._page(request, thing, tried) if reason_of(request.user, self.scope) else self._ask(request)

    def badges(self, thing: SavedSearch) -> Sequence[tuple[Any, str]]:
        if thing.removed_at is not None:
            return [(_("deleted"), "coral")]
        if thing.paused_at is not None:
            return [(_("paused"), "saffron")]
        if thing.unreadable_at is not None:
            return [(_("cannot be read any more"), "coral")]
        return [(_("kept, tells nothing"), "") if thing.alerts == AlertFrequency.OFF else (_("watching"), "palm")]

    def facts(self, request: HttpRequest, thing: SavedSearch) -> Sequence[tuple[Any, Any]]:
        watch = getattr(thing, "watch", None)
        return [
            (_("person"), person(thing.user)),
            (_("words"), thing.asked.get("q", "")),
            (_("asks for"), " · ".join(chip.says for chip in selectors.chips(thing.asked))),
            (_("tells"), thing.get_alerts_display()),
            (_("saved"), thing.created_at),
            (_("looked at by its owner"), thing.looked_at),
            (_("told last"), thing.told_at),
            (_("paused since"), thing.paused_at),
            (_("cannot be read since"), thing.unreadable_at),
            (_("deleted"), thing.removed_at),
            (_("read anew last"), watch.read_at if watch else ""),
        ]

    def parts(self, request: HttpRequest, thing: SavedSearch) -> Sequence[Part]:
        may_see = request.user.has_perm("catalog.view_product")
        rows = [
            {
                "cells": (
                    _listing(find.product, may_see=may_see),
                    find.get_reason_display(),
                    find.found_at,
                    find.told_at or "–",
                )
            }
            for find in selectors.finds_for_staff(thing)
        ]
        columns = (_("listing"), _("why"), _("found"), _("told"))
        return [Part(_("What it found last"), "admin/rows.html", {"rows": rows, "columns": columns})]

    def ways(self, request: HttpRequest, thing: SavedSearch) -> list[Way]:
        own = []
        if request.user.has_perm("accounts.view_user"):
            own.append(Way(f"@{thing.user.username}", reverse("admin:accounts_user_change", args=[thing.user_id])))
        return [*own, *super().ways(request, thing)]

    # --- all of them --------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.standing_view)
        return [path("standing/", view, name="search_savedsearch_standing"), *super().get_urls()]

    def standing_view(self, request: HttpRequest) -> HttpResponse:
        """How many are kept, what people were told, what is due, and what is stuck. Names nobody."""
        if not request.user.has_perm(NUMBERS):
            raise PermissionDenied
        now = timezone.now()
        found = selectors.standing(at=now)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": _("How saved searches are getting on"),
            "badges": [(_("something is stuck"), "coral")] if found.stuck or found.parked else [],
            "facts": _facts_of_all(found, now),
            "parts": [
                _frequencies(found),
                _days(found),
                _stuck(found, may_read=request.user.has_perm(READ)),
            ],
            "verbs": [],
            "ways": _ways_of_all(request),
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, self.desk_template, context)


def _listing(product: Any, *, may_see: bool) -> SafeString:
    if not may_see:
        return format_html("<bdi>{}</bdi>", product.title)
    url = reverse("admin:catalog_product_change", args=[product.pk])
    return format_html('<a href="{}"><bdi>{}</bdi></a>', url, product.title)


def _ran(found: selectors.Standing, ran: datetime | None, now: datetime) -> Any:
    if ran is None:
        return _("never yet")
    if found.is_late(ran, at=now):
        return format_html(
            '{} <span class="badge coral">{}</span>', timezone.localtime(ran).strftime("%F %H:%M"), _("late")
        )
    return ran


def _facts_of_all(found: selectors.Standing, now: datetime) -> list[tuple[Any, Any]]:
    return [
        (_("searches in the next digests"), str(found.due_searches)),
        (_("people who get one"), str(found.due_people)),
        (_("digests were sent last"), _ran(found, found.digests_ran, now)),
        (_("all were read anew last"), _ran(found, found.read_again, now)),
        (_("parked deliveries"), str(found.parked)),
    ]


def _frequencies(found: selectors.Standing) -> Part:
    rows = [
        {"cells": (one.label, one.kept, one.people, one.watched, one.paused, one.unreadable)}
        for one in found.frequencies
    ]
    columns = (_("tells"), _("kept"), _("people"), _("watching"), _("paused"), _("cannot be read"))
    return Part(_("Kept"), "admin/rows.html", {"rows": rows, "columns": columns})


def _days(found: selectors.Standing) -> Part:
    rows = [{"cells": (one.day, one.new, one.cheaper, one.at_once, one.digest)} for one in found.days]
    columns = (_("day"), _("found new"), _("found cheaper"), _("told at once"), _("told in digests"))
    return Part(_("Found and told"), "admin/rows.html", {"rows": rows, "columns": columns})


def _stuck(found: selectors.Standing, *, may_read: bool) -> Part:
    rows = [
        {"cells": (_number(one.saved_search_id, may_read=may_read), _tells(one), one.since, _BECAUSE[one.because])}
        for one in found.stuck
    ]
    columns = (_("saved search"), _("tells"), _("since"), _("what is wrong"))
    return Part(_("Stuck"), "admin/rows.html", {"rows": rows, "columns": columns})


def _tells(one: selectors.Stuck) -> Any:
    return AlertFrequency(one.alerts).label


def _number(pk: uuid.UUID, *, may_read: bool) -> SafeString | str:
    if not may_read:
        return str(pk)
    return format_html('<a href="{}">{}</a>', reverse("admin:search_savedsearch_change", args=[pk]), pk)


def _ways_of_all(request: HttpRequest) -> list[Way]:
    ways = []
    if request.user.has_perm(READ):
        ways.append(Way(_("Look somebody’s up"), reverse("admin:search_savedsearch_changelist")))
    if request.user.has_perm("core.view_delivery"):
        url = f"{reverse('admin:core_delivery_changelist')}?state__exact=parked"
        ways.append(Way(_("Parked deliveries"), url))
    return ways


@ways_from("accounts.user")
def to_searches_of(request: HttpRequest, thing: Any) -> list[Way]:
    url = f"{reverse('admin:search_savedsearch_changelist')}?q={thing.pk}"
    return [Way(_("Saved searches"), url)] if request.user.has_perm(READ) else []


@dashboard_panel
def saved_searches_panel(request: HttpRequest) -> Panel | None:
    if not request.user.has_perm(NUMBERS):
        return None
    url = reverse("admin:search_savedsearch_standing")
    kept = selectors.kept_by_frequency()
    stuck = len(selectors.stuck_searches(at=timezone.now()))
    return Panel(
        _("Saved searches"),
        [
            Figure(_("Kept"), sum(kept.values()), url),
            Figure(_("Stuck"), stuck, url, "urgent" if stuck else "calm"),
        ],
        order=75,
    )
