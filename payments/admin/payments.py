"""Payments as finance read them: what came in, whose parts it is, what went back, what banks dispute."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.desk import DeskAdmin, NoForm, Part, Verb, amount, person, plain
from payments import actions
from payments.admin.parts import TONES, link, name_of_part, names_of, state_badge, where_is
from payments.models import Chargeback, Payment, PaymentHold, Refund
from payments.states import REINSTATED, ChargebackState, RefundState


@admin.register(Payment)
class PaymentAdmin(DeskAdmin):
    list_display = ("reference_shown", "payer_shown", "worth", "state_shown", "card", "created_at", "captured_at")
    list_display_links = ("reference_shown",)
    list_filter = ("state", "currency")
    list_select_related = ("payer",)
    search_fields = ("=reference", "=provider_id", "=charge_id", "=payer__username", "=holds__reference")
    search_help_text = _("A reference (checkout:… or order:…), a number at the provider, or a username")
    ordering = ("-id",)

    @admin.display(description=_("for"))
    def reference_shown(self, row: Payment) -> str:
        return names_of(row)

    @admin.display(description=_("payer"))
    def payer_shown(self, row: Payment) -> SafeString | str:
        return person(row.payer)

    @admin.display(description=_("amount"))
    def worth(self, row: Payment) -> SafeString | str:
        return amount(row.amount_minor, row.currency)

    @admin.display(description=_("state"))
    def state_shown(self, row: Payment) -> SafeString:
        return state_badge(row)

    @admin.display(description=_("card"))
    def card(self, row: Payment) -> str:
        return f"{row.method.get('brand', '')} {row.method.get('last4', '')}".strip() or "–"

    def heading(self, thing: Payment) -> Any:
        return _("%(amount)s for %(what)s") % {"amount": plain(thing.amount), "what": names_of(thing)}

    def badges(self, thing: Payment) -> Sequence[tuple[Any, str]]:
        return [(thing.get_state_display(), TONES.get(thing.state, ""))]

    def facts(self, request: HttpRequest, thing: Payment) -> Sequence[tuple[Any, Any]]:
        return [
            (_("amount"), amount(thing.amount_minor, thing.currency)),
            (_("payer"), person(thing.payer)),
            (_("at the provider"), thing.provider_id),
            (_("its word for the state"), thing.provider_status),
            (_("charge"), thing.charge_id),
            (_("its fee"), amount(thing.provider_fee_minor, thing.currency) if thing.provider_fee_minor else ""),
            (_("to be paid out from"), thing.available_on),
            (_("card"), self.card(thing)),
            (_("last declined because"), thing.failure_code),
            (_("begun"), thing.created_at),
            (_("paid"), thing.captured_at),
            (_("cancelled"), thing.cancelled_at),
        ]

    def parts(self, request: HttpRequest, thing: Payment) -> Sequence[Part]:
        holds = [
            {
                "cells": (
                    where_is(hold.reference),
                    person(hold.payee),
                    amount(hold.amount_minor, hold.currency),
                    amount(hold.commission_minor, hold.currency),
                    amount(hold.share_minor, hold.currency),
                    amount(hold.refunded_minor, hold.currency),
                    state_badge(hold),
                )
            }
            for hold in thing.holds.select_related("payee").order_by("id")
        ]
        refunds = [
            {
                "cells": (
                    link(refund, refund.provider_id or refund.pk),
                    refund.created_at,
                    amount(refund.amount_minor, thing.currency),
                    state_badge(refund),
                )
            }
            for refund in Refund.objects.filter(hold__payment=thing).order_by("id")
        ]
        disputes = [
            {"cells": (link(one), one.created_at, amount(one.amount_minor, one.currency), state_badge(one))}
            for one in thing.chargebacks.order_by("id")
        ]
        columns = (_("number"), _("at"), _("amount"), _("state"))
        return [
            Part(
                _("Whose parts it is"),
                "admin/rows.html",
                {
                    "rows": holds,
                    "columns": (
                        _("for"),
                        _("seller"),
                        _("paid"),
                        _("commission"),
                        _("share"),
                        _("given back"),
                        _("state"),
                    ),
                },
            ),
            Part(_("Refunds"), "admin/rows.html", {"rows": refunds, "columns": columns}),
            Part(_("Disputed with a bank"), "admin/rows.html", {"rows": disputes, "columns": columns}),
        ]


@admin.register(Refund)
class RefundAdmin(DeskAdmin):
    list_display = ("created_at", "for_", "worth", "state_shown", "asked_by", "approver", "reason")
    list_display_links = ("created_at",)
    list_filter = ("state", "needs_approval")
    list_select_related = ("hold__payment", "requested_by", "approved_by")
    search_fields = ("=hold__reference", "=provider_id")
    search_help_text = _("A reference (order:…) or a number at the provider")
    ordering = ("-id",)
    verbs = (
        Verb(
            "approve",
            _("Approve"),
            lambda staff, thing: actions.approve_refund(staff=staff, refund_id=thing.pk),
            "payments.approve_refund",
            _("Approved. The money is on its way."),
            form=NoForm,
            offered=lambda refund: refund.state == RefundState.AWAITING_APPROVAL,
            hint=_("Whoever asked for it cannot approve it."),
        ),
        Verb(
            "refuse",
            _("Do not approve"),
            lambda staff, thing, reason: actions.refuse_refund(staff=staff, refund_id=thing.pk, reason=reason),
            "payments.approve_refund",
            _("Not approved. Nothing moved."),
            offered=lambda refund: refund.state == RefundState.AWAITING_APPROVAL,
            tone="urgent",
        ),
        Verb(
            "retry",
            _("Try again"),
            lambda staff, thing: actions.retry_refund(staff=staff, refund_id=thing.pk),
            "payments.approve_refund",
            _("On its way again."),
            form=NoForm,
            offered=lambda refund: refund.state == RefundState.FAILED and refund.failure_code != REINSTATED,
        ),
    )

    @admin.display(description=_("for"))
    def for_(self, row: Refund) -> SafeString:
        return where_is(row.hold.reference, name_of_part(row.hold.payment, row.hold.reference))

    @admin.display(description=_("amount"))
    def worth(self, row: Refund) -> SafeString | str:
        return amount(row.amount_minor, row.hold.currency)

    @admin.display(description=_("state"))
    def state_shown(self, row: Refund) -> SafeString:
        return state_badge(row)

    @admin.display(description=_("asked by"))
    def asked_by(self, row: Refund) -> Any:
        return person(row.requested_by) if row.requested_by else _("the system")

    @admin.display(description=_("approved by"))
    def approver(self, row: Refund) -> SafeString | str:
        return person(row.approved_by)

    def heading(self, thing: Refund) -> Any:
        what = name_of_part(thing.hold.payment, thing.hold.reference)
        return _("%(amount)s back for %(what)s") % {"amount": plain(thing.amount), "what": what}

    def badges(self, thing: Refund) -> Sequence[tuple[Any, str]]:
        return [(thing.get_state_display(), TONES.get(thing.state, ""))]

    def facts(self, request: HttpRequest, thing: Refund) -> Sequence[tuple[Any, Any]]:
        currency = thing.hold.currency
        return [
            (_("amount"), amount(thing.amount_minor, currency)),
            (_("of which commission"), amount(thing.commission_minor, currency)),
            (_("of which the platform's own"), amount(thing.subsidy_minor, currency) if thing.subsidy_minor else ""),
            (_("for"), self.for_(thing)),
            (_("payment"), link(thing.hold.payment, names_of(thing.hold.payment))),
            (_("taken from"), _("the seller's balance") if thing.after_release else _("what we hold")),
            (_("asked by"), self.asked_by(thing)),
            (_("approved by"), self.approver(thing)),
            (_("reason"), thing.reason),
            (_("note"), thing.note),
            (_("at the provider"), thing.provider_id),
            (_("failed because"), thing.failure_code),
            (_("asked"), thing.created_at),
            (_("given back"), thing.succeeded_at),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        return super().get_queryset(request).select_related("hold__payment", "requested_by", "approved_by")


class EvidenceForm(forms.Form):
    statement = forms.CharField(
        label=_("What the bank should know"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"})
    )
    submit = forms.BooleanField(label=_("Send it for good; nothing can be added then"), required=False)


@admin.register(Chargeback)
class ChargebackAdmin(DeskAdmin):
    list_display = ("provider_id", "for_", "worth", "reason", "state_shown", "evidence_due_at")
    list_filter = ("state", "reason")
    list_select_related = ("payment",)
    search_fields = ("=provider_id", "=payment__reference", "=payment__holds__reference")
    ordering = ("evidence_due_at",)

    verbs = (
        Verb(
            "answer",
            _("Answer the bank"),
            lambda staff, thing, statement, submit: actions.answer_chargeback(
                staff=staff, chargeback_id=thing.pk, statement=statement, submit=submit
            ),
            "payments.approve_refund",
            _("Sent to the bank."),
            form=EvidenceForm,
            offered=lambda one: one.state in (ChargebackState.OPEN, ChargebackState.ANSWERED),
        ),
    )

    @admin.display(description=_("for"))
    def for_(self, row: Chargeback) -> SafeString:
        return where_is(row.payment.reference, names_of(row.payment))

    @admin.display(description=_("amount"))
    def worth(self, row: Chargeback) -> SafeString | str:
        return amount(row.amount_minor, row.currency)

    @admin.display(description=_("state"))
    def state_shown(self, row: Chargeback) -> SafeString:
        return state_badge(row)

    def badges(self, thing: Chargeback) -> Sequence[tuple[Any, str]]:
        return [(thing.get_state_display(), TONES.get(thing.state, ""))]

    def facts(self, request: HttpRequest, thing: Chargeback) -> Sequence[tuple[Any, Any]]:
        return [
            (_("amount"), amount(thing.amount_minor, thing.currency)),
            (_("fee"), amount(thing.fee_minor, thing.currency)),
            (_("reason"), thing.reason),
            (_("payment"), link(thing.payment, names_of(thing.payment))),
            (_("evidence until"), thing.evidence_due_at),
            (_("money taken"), thing.withdrawn_at),
            (_("money given back"), thing.reinstated_at),
            (_("opened"), thing.created_at),
            (_("closed"), thing.closed_at),
        ]


@admin.register(PaymentHold)
class PaymentHoldAdmin(DeskAdmin):
    """Parts of payments by seller: what is held for whom, and since when."""

    list_display = ("for_", "payee_shown", "worth", "share_shown", "state_shown", "frozen_at", "released_at")
    list_display_links = None
    list_filter = ("state", ("frozen_at", admin.EmptyFieldListFilter), "currency")
    list_select_related = ("payee", "payment")
    search_fields = ("=reference", "=payee__username")
    ordering = ("-id",)

    @admin.display(description=_("for"))
    def for_(self, row: PaymentHold) -> SafeString:
        return where_is(row.reference, name_of_part(row.payment, row.reference))

    @admin.display(description=_("seller"))
    def payee_shown(self, row: PaymentHold) -> SafeString | str:
        return person(row.payee)

    @admin.display(description=_("paid"))
    def worth(self, row: PaymentHold) -> SafeString | str:
        return amount(row.amount_minor, row.currency)

    @admin.display(description=_("share"))
    def share_shown(self, row: PaymentHold) -> SafeString | str:
        return amount(row.share_minor, row.currency)

    @admin.display(description=_("state"))
    def state_shown(self, row: PaymentHold) -> SafeString:
        return state_badge(row)
