"""The provider's side in the console: commands that are stuck, events that came, nights of reconciliation and what they found."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.desk import DeskAdmin, NoForm, Part, ReasonForm, Verb, amount, person
from payments import actions
from payments.admin.parts import TONES, link, state_badge
from payments.models import ProviderCommand, ProviderEvent, Reconciliation, ReconciliationBreak
from payments.states import OF_THE_AUDIT, BreakState, CommandState, InboxState


@admin.register(ProviderCommand)
class ProviderCommandAdmin(DeskAdmin):
    list_display = ("created_at", "kind", "subject", "state_shown", "attempts", "error_code", "result_id")
    list_display_links = ("created_at", "subject")
    list_filter = ("state", "kind")
    search_fields = ("=subject", "=idempotency_key", "=result_id")
    search_help_text = _("What it is for (payout:…), its key, or a number at the provider")
    ordering = ("-id",)
    verbs = (
        Verb(
            "retry",
            _("Try again"),
            lambda staff, thing, reason: actions.retry_command(staff=staff, command_id=thing.pk, reason=reason),
            "payments.change_providercommand",
            _("It is carried out again; what was done already is found and not done twice."),
            offered=lambda command: command.state == CommandState.PARKED,
        ),
        Verb(
            "give_up",
            _("Give it up"),
            lambda staff, thing, reason: actions.give_up_command(staff=staff, command_id=thing.pk, reason=reason),
            "payments.change_providercommand",
            _("Given up; what it was for has failed and its money is back where it was."),
            offered=lambda command: command.state == CommandState.PARKED,
            tone="urgent",
            hint=_("Only after looking at the provider's own pages that it did not happen."),
        ),
    )

    @admin.display(description=_("state"))
    def state_shown(self, row: ProviderCommand) -> SafeString:
        return state_badge(row)

    def badges(self, thing: ProviderCommand) -> Sequence[tuple[Any, str]]:
        return [(thing.get_state_display(), TONES.get(thing.state, ""))]

    def facts(self, request: HttpRequest, thing: ProviderCommand) -> Sequence[tuple[Any, Any]]:
        return [
            (_("kind"), thing.get_kind_display()),
            (_("for"), thing.subject),
            (_("key"), thing.idempotency_key),
            (_("round"), thing.round),
            (_("tries"), thing.attempts),
            (_("first sent"), thing.first_sent_at),
            (_("next try"), thing.due_at if thing.state in (CommandState.PENDING, CommandState.SENT) else ""),
            (_("answer"), thing.result_id),
            (_("error"), thing.error_code),
            (_("in words"), thing.error),
            (_("ordered"), thing.created_at),
            (_("done"), thing.done_at),
        ]

    def parts(self, request: HttpRequest, thing: ProviderCommand) -> Sequence[Part]:
        rows = [{"cells": (name, value)} for name, value in sorted(thing.params.items())]
        return [Part(_("What is asked"), "admin/rows.html", {"rows": rows, "columns": (_("name"), _("value"))})]


@admin.register(ProviderEvent)
class ProviderEventAdmin(DeskAdmin):
    list_display = ("received_at", "type", "object_id", "state_shown", "attempts", "error")
    list_display_links = ("received_at", "type")
    list_filter = ("state", "endpoint", "type")
    search_fields = ("=id", "=object_id", "=account")
    ordering = ("-received_at",)
    verbs = (
        Verb(
            "again",
            _("Look again"),
            lambda staff, thing: actions.process_event_again(staff=staff, event_id=thing.pk),
            "payments.change_providercommand",
            _("Looked at again."),
            form=NoForm,
            offered=lambda event: event.state in (InboxState.FAILED, InboxState.RECEIVED),
        ),
    )

    @admin.display(description=_("state"))
    def state_shown(self, row: ProviderEvent) -> SafeString:
        return state_badge(row)

    def facts(self, request: HttpRequest, thing: ProviderEvent) -> Sequence[tuple[Any, Any]]:
        return [
            (_("state"), self.state_shown(thing)),
            (_("about"), thing.object_id),
            (_("account"), thing.account),
            (_("happened"), thing.happened_at),
            (_("received"), thing.received_at),
            (_("looked at"), thing.processed_at),
            (_("error"), thing.error),
        ]


@admin.register(Reconciliation)
class ReconciliationAdmin(DeskAdmin):
    list_display = ("started_at", "since", "until", "finished_at", "error")
    ordering = ("-started_at",)

    def facts(self, request: HttpRequest, thing: Reconciliation) -> Sequence[tuple[Any, Any]]:
        return [
            (_("from"), thing.since),
            (_("until"), thing.until),
            (_("begun"), thing.started_at),
            (_("finished"), thing.finished_at),
            (_("error"), thing.error),
        ]

    def parts(self, request: HttpRequest, thing: Reconciliation) -> Sequence[Part]:
        counted = [{"cells": (name, value)} for name, value in sorted(thing.counted.items())]
        breaks = [
            {
                "cells": (
                    link(one, one.get_kind_display()),
                    one.ref,
                    amount(one.expected_minor, one.currency or "AED"),
                    amount(one.found_minor, one.currency or "AED"),
                    state_badge(one),
                )
            }
            for one in thing.breaks.order_by("id")[:200]
        ]
        columns = (_("kind"), _("reference"), _("by our ledger"), _("at the provider"), _("state"))
        return [
            Part(_("Counted"), "admin/rows.html", {"rows": counted, "columns": (_("what"), _("how many"))}),
            Part(_("What the books do not agree on"), "admin/rows.html", {"rows": breaks, "columns": columns}),
        ]


@admin.register(ReconciliationBreak)
class ReconciliationBreakAdmin(DeskAdmin):
    list_display = ("found_at", "kind", "ref", "expected", "found", "state_shown")
    list_display_links = ("found_at", "ref")
    list_filter = ("state", "kind")
    search_fields = ("=ref",)
    ordering = ("-found_at",)
    verbs = (
        Verb(
            "explain",
            _("Explain"),
            lambda staff, thing, reason: actions.explain_break(staff=staff, break_id=thing.pk, explanation=reason),
            "payments.explain_break",
            _("Explained. It counts no more."),
            form=ReasonForm,
            offered=lambda one: one.state == BreakState.OPEN,
        ),
    )

    @admin.display(description=_("by our ledger"))
    def expected(self, row: ReconciliationBreak) -> SafeString | str:
        return amount(row.expected_minor, row.currency or "AED")

    @admin.display(description=_("by the other side"))
    def found(self, row: ReconciliationBreak) -> SafeString | str:
        return amount(row.found_minor, row.currency or "AED")

    @admin.display(description=_("state"))
    def state_shown(self, row: ReconciliationBreak) -> SafeString:
        return state_badge(row)

    def badges(self, thing: ReconciliationBreak) -> Sequence[tuple[Any, str]]:
        return [(thing.get_state_display(), "urgent" if thing.state == BreakState.OPEN else "palm")]

    def facts(self, request: HttpRequest, thing: ReconciliationBreak) -> Sequence[tuple[Any, Any]]:
        return [
            (_("kind"), thing.get_kind_display()),
            (_("reference"), thing.ref),
            (_("account"), thing.account),
            (_("by our ledger"), self.expected(thing)),
            (
                _("by what happened itself") if thing.kind in OF_THE_AUDIT else _("at the provider"),
                self.found(thing),
            ),
            (_("found"), thing.found_at),
            (_("in the night of"), link(thing.run) if thing.run else _("the audit of the ledger")),
            (_("explained by"), person(thing.explained_by) if thing.explained_by else ""),
            (_("explanation"), thing.explanation),
        ]
