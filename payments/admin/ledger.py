"""The ledger in the console: read, never written. “Where is my money” draws the postings of one order."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.desk import DeskAdmin, Part, amount
from payments import selectors
from payments.admin.parts import link, where_is
from payments.models import LedgerAccount, LedgerTransaction
from payments.ports import reference_called
from payments.states import AccountKind


@admin.register(LedgerAccount)
class LedgerAccountAdmin(DeskAdmin):
    list_display = ("code", "kind", "standing")
    list_filter = ("kind", "currency")
    list_select_related = ("balance",)
    search_fields = ("code",)
    search_help_text = _("A part of the code: order:…, a seller's or payout's number")
    ordering = ("code",)
    show_full_result_count = False

    @admin.display(description=_("balance"))
    def standing(self, row: LedgerAccount) -> SafeString | str:
        balance = getattr(row, "balance", None)
        return amount(balance.amount, row.currency) if balance else "–"

    def facts(self, request: HttpRequest, thing: LedgerAccount) -> Sequence[tuple[Any, Any]]:
        return [
            (_("kind"), thing.get_kind_display()),
            (_("whose"), thing.owner),
            (_("balance (a debit is positive)"), self.standing(thing)),
        ]

    def parts(self, request: HttpRequest, thing: LedgerAccount) -> Sequence[Part]:
        rows = [
            {"cells": (entry.transaction.occurred_at, link(entry.transaction), amount(entry.amount, thing.currency))}
            for entry in thing.entries.select_related("transaction").order_by("-id")[:100]
        ]
        columns = (_("at"), _("posting"), _("amount"))
        return [Part(_("Last 100 lines"), "admin/rows.html", {"rows": rows, "columns": columns})]


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(DeskAdmin):
    list_display = ("occurred_at", "kind", "ref", "concerns", "note")
    list_display_links = ("occurred_at", "ref")
    list_filter = ("kind",)
    search_fields = ("=ref", "=subject")
    search_help_text = _("A reference (order:…) or a number at the provider")
    ordering = ("-id",)
    change_list_template = "admin/payments/ledger.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.where_view)
        return [path("where/", view, name="payments_ledgertransaction_where"), *super().get_urls()]

    @admin.display(description=_("concerns"))
    def concerns(self, row: LedgerTransaction) -> SafeString | str:
        return where_is(row.subject) if row.subject else "–"

    def facts(self, request: HttpRequest, thing: LedgerTransaction) -> Sequence[tuple[Any, Any]]:
        return [
            (_("kind"), thing.get_kind_display()),
            (_("reference"), thing.ref),
            (_("concerns"), self.concerns(thing)),
            (_("at"), thing.occurred_at),
            (_("takes back"), link(thing.reverses) if thing.reverses else ""),
            (_("note"), thing.note),
            (_("sealed as number"), thing.seal.position if hasattr(thing, "seal") else _("not yet")),
        ]

    def parts(self, request: HttpRequest, thing: LedgerTransaction) -> Sequence[Part]:
        rows = [
            {"cells": (link(entry.account), amount(entry.amount, entry.account.currency))}
            for entry in thing.entries.select_related("account").order_by("id")
        ]
        columns = (_("account"), _("amount (a debit is positive)"))
        return [Part(_("Lines"), "admin/rows.html", {"rows": rows, "columns": columns})]

    def where_view(self, request: HttpRequest) -> HttpResponse:
        """The picture of one reference."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get("q", "").strip()[:80]
        reference = reference_called(asked)
        picture = selectors.money_picture(reference) if reference else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": _("Where is the money?"),
            "asked": asked,
            "reference": reference,
            "picture": picture,
            "nodes": [{"node": node, "label": _label(node.kind)} for node in picture.nodes] if picture else [],
            "postings": [_posting(one) for one in picture.postings] if picture else [],
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/payments/where.html", context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerTransaction]:
        return super().get_queryset(request).select_related("reverses")


_LABELS = {
    "buyer": _("the buyer"),
    "bank": _("the seller's bank"),
    AccountKind.HOLD: _("held by us"),
    AccountKind.CHARGEBACK: _("disputed with the bank"),
    AccountKind.REFUND: _("on its way back"),
    AccountKind.SELLER: _("the seller's balance"),
    AccountKind.REVENUE: _("our commission"),
    AccountKind.EXPENSE: _("our expense"),
    AccountKind.PAYOUT: _("payout on its way"),
    AccountKind.CASH: _("cash"),
    AccountKind.EQUITY: _("adjustment"),
}


def _label(kind: str) -> Any:
    return _LABELS.get(kind, kind)


def _posting(one: LedgerTransaction) -> dict[str, Any]:
    return {
        "posting": one,
        "link": link(one, one.ref),
        "lines": [
            {"account": entry.account.code, "amount": amount(entry.amount, entry.account.currency)}
            for entry in one.entries.all()
        ],
    }
