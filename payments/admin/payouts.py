"""Payouts and the sellers that get them: what is on its way, who is frozen and why, and money sent by hand with four eyes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.desk import DeskAdmin, NoForm, Part, Verb, amount, person, plain
from core.money import Money
from payments import actions, selectors
from payments.admin.parts import TONES, link, name_of_part, state_badge, where_is
from payments.models import Payout, SellerAccount
from payments.states import PayoutState

MARKET = "AED"


@admin.register(Payout)
class PayoutAdmin(DeskAdmin):
    list_display = ("created_at", "to", "worth", "fee_shown", "method", "state_shown", "asked_by", "bank_last4")
    list_display_links = ("created_at",)
    list_filter = ("state", "method", "needs_approval")
    list_select_related = ("seller", "requested_by", "approved_by")
    search_fields = ("=seller__username", "=transfer_id", "=provider_id", "=holds__reference")
    search_help_text = _("A username, an order (order:…) or a number at the provider")
    ordering = ("-id",)
    verbs = (
        Verb(
            "approve",
            _("Approve"),
            lambda staff, thing: actions.approve_payout(staff=staff, payout_id=thing.pk),
            "payments.approve_payout",
            _("Approved. It is on its way."),
            form=NoForm,
            offered=lambda payout: payout.state == PayoutState.AWAITING_APPROVAL,
            hint=_("Whoever asked for it cannot approve it."),
        ),
        Verb(
            "refuse",
            _("Do not approve"),
            lambda staff, thing, reason: actions.refuse_payout(staff=staff, payout_id=thing.pk, reason=reason),
            "payments.approve_payout",
            _("Not approved. The money stays in the balance."),
            offered=lambda payout: payout.state == PayoutState.AWAITING_APPROVAL,
            tone="urgent",
        ),
    )

    def heading(self, thing: Payout) -> Any:
        return _("%(amount)s to %(seller)s") % {"amount": plain(thing.amount), "seller": f"@{thing.seller.username}"}

    @admin.display(description=_("to"))
    def to(self, row: Payout) -> SafeString | str:
        return person(row.seller)

    @admin.display(description=_("amount"))
    def worth(self, row: Payout) -> SafeString | str:
        return amount(row.amount_minor, row.currency)

    @admin.display(description=_("fee"))
    def fee_shown(self, row: Payout) -> SafeString | str:
        return amount(row.fee_minor, row.currency) if row.fee_minor else "–"

    @admin.display(description=_("state"))
    def state_shown(self, row: Payout) -> SafeString:
        return state_badge(row)

    @admin.display(description=_("asked by"))
    def asked_by(self, row: Payout) -> Any:
        return person(row.requested_by) if row.requested_by else _("the schedule")

    def badges(self, thing: Payout) -> Sequence[tuple[Any, str]]:
        return [(thing.get_state_display(), TONES.get(thing.state, ""))]

    def facts(self, request: HttpRequest, thing: Payout) -> Sequence[tuple[Any, Any]]:
        return [
            (_("seller"), person(thing.seller)),
            (_("amount"), amount(thing.amount_minor, thing.currency)),
            (_("fee"), amount(thing.fee_minor, thing.currency) if thing.fee_minor else ""),
            (_("to the bank"), amount(thing.net.minor, thing.currency)),
            (_("method"), _("at once, for a fee") if thing.method == "instant" else _("bank transfer")),
            (_("period"), thing.period),
            (_("asked by"), self.asked_by(thing)),
            (_("approved by"), person(thing.approved_by) if thing.approved_by else ""),
            (_("note"), thing.note),
            (_("transfer"), thing.transfer_id),
            (_("at the bank"), thing.provider_id),
            (_("account ends in"), thing.bank_last4),
            (_("failed because"), thing.failure_code),
            (_("ordered"), thing.created_at),
            (_("transferred"), thing.transferred_at),
            (_("paid"), thing.paid_at),
            (_("failed"), thing.failed_at),
        ]

    def parts(self, request: HttpRequest, thing: Payout) -> Sequence[Part]:
        rows = [
            {
                "cells": (
                    where_is(hold.reference, name_of_part(hold.payment, hold.reference)),
                    hold.released_at,
                    amount(hold.amount_minor, hold.currency),
                    amount(hold.commission_minor, hold.currency),
                    amount(hold.share_minor, hold.currency),
                )
            }
            for hold in thing.holds.select_related("payment").order_by("released_at")[:200]
        ]
        columns = (_("for"), _("released"), _("paid"), _("commission"), _("share"))
        return [Part(_("What it pays"), "admin/rows.html", {"rows": rows, "columns": columns})]


class ManualPayoutForm(forms.Form):
    amount = forms.DecimalField(label=_("Amount (AED)"), min_value=1, max_digits=12, decimal_places=2)
    note = forms.CharField(label=_("Why"), max_length=200)


@admin.register(SellerAccount)
class SellerAccountAdmin(DeskAdmin):
    list_display = ("who", "provider_id", "payouts_enabled", "schedule", "bank_last4", "frozen_at")
    list_display_links = ("who",)
    list_filter = ("payouts_enabled", "schedule", ("frozen_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("=user__username", "=provider_id")
    search_help_text = _("A username or a number at the provider")
    ordering = ("-created_at",)
    verbs = (
        Verb(
            "freeze",
            _("Freeze payouts"),
            lambda staff, thing, reason: actions.freeze_payouts(staff=staff, seller=thing.user, reason=reason),
            "payments.freeze_payouts",
            _("Frozen. Nothing is paid out until it is thawed."),
            offered=lambda account: account.frozen_at is None,
            tone="urgent",
        ),
        Verb(
            "thaw",
            _("Let payouts go on"),
            lambda staff, thing, reason: actions.thaw_payouts(staff=staff, seller=thing.user, reason=reason),
            "payments.freeze_payouts",
            _("Payouts go on."),
            offered=lambda account: account.frozen_at is not None,
        ),
        Verb(
            "pay",
            _("Pay out by hand"),
            lambda staff, thing, amount, note: actions.order_manual_payout(
                staff=staff, seller=thing.user, amount=Money.parse(amount, MARKET), note=note
            ),
            "payments.add_payout",
            _("Ordered. Large ones wait for a second person."),
            form=ManualPayoutForm,
        ),
    )

    @admin.display(description=_("seller"))
    def who(self, row: SellerAccount) -> SafeString | str:
        return person(row.user)

    def heading(self, thing: SellerAccount) -> Any:
        return f"@{thing.user.username}"

    def badges(self, thing: SellerAccount) -> Sequence[tuple[Any, str]]:
        found: list[tuple[Any, str]] = [
            (_("can be paid"), "palm") if thing.payouts_enabled else (_("cannot be paid yet"), "saffron")
        ]
        return [*found, (_("frozen"), "urgent")] if thing.frozen_at else found

    def facts(self, request: HttpRequest, thing: SellerAccount) -> Sequence[tuple[Any, Any]]:
        balance = selectors.balance_of(thing.user, MARKET)
        return [
            (_("held for buyers"), amount(balance.pending.minor, MARKET)),
            (_("available"), amount(balance.available.minor, MARKET)),
            (_("kept back"), amount(balance.reserved.minor, MARKET)),
            (_("on the way"), amount(balance.on_the_way.minor, MARKET)),
            (_("owes us"), amount(balance.debt.minor, MARKET) if balance.debt.minor else ""),
            (_("earned in all"), amount(balance.total_earnings.minor, MARKET)),
            (_("next payout"), balance.next_payout_on),
            (_("paid"), thing.get_schedule_display()),
            (_("at the provider"), thing.provider_id),
            (_("the provider still wants"), ", ".join(thing.requirements)),
            (_("switched off because"), thing.disabled_reason),
            (_("account ends in"), thing.bank_last4),
            (_("frozen since"), thing.frozen_at),
            (_("frozen because"), thing.frozen_because),
            (_("legal name"), thing.legal_name),
            (_("tax number"), thing.tax_number),
        ]

    def parts(self, request: HttpRequest, thing: SellerAccount) -> Sequence[Part]:
        rows = [
            {"cells": (link(one, one.created_at.date()), amount(one.amount_minor, one.currency), state_badge(one))}
            for one in thing.user.payouts.order_by("-id")[:20]
        ]
        columns = (_("ordered"), _("amount"), _("state"))
        return [Part(_("Last payouts"), "admin/rows.html", {"rows": rows, "columns": columns})]
