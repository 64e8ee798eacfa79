"""The dispute desk: what both sides say and show, and the decision."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.desk import DeskAdmin, NoForm, Part, Verb, amount, person
from core.money import Money
from media.selectors import private_file
from orders import actions
from orders.admin.parts import order_link, timeline
from orders.models import Dispute
from orders.states import DisputeOutcome, DisputeState, SellerAnswer, Side

_DECIDE = "orders.decide_dispute"
_TONES = {DisputeState.UNDER_REVIEW: "urgent", DisputeState.APPEALED: "urgent", DisputeState.OPEN: "saffron"}
_UNDECIDED = (DisputeState.UNDER_REVIEW, DisputeState.APPEALED)


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(one.value, one.label) for one in (DisputeOutcome.FULL, DisputeOutcome.PARTIAL, DisputeOutcome.NONE)],
        widget=forms.RadioSelect,
    )
    refund = forms.DecimalField(
        label=_("How much, for a part"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2, required=False
    )
    needs_return = forms.BooleanField(label=_("The buyer sends it back first"), required=False)
    words = forms.CharField(
        label=_("Why, for both sides"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"})
    )


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}))


def _decide(
    *, staff: Any, thing: Dispute, outcome: str, refund: Decimal | None, needs_return: bool, words: str
) -> None:
    verb = actions.decide_appeal if thing.state == DisputeState.APPEALED else actions.decide_dispute
    verb(
        staff=staff,
        dispute_id=thing.pk,
        outcome=outcome,
        refund=Money.parse(refund, thing.order.currency) if refund is not None else None,
        needs_return=needs_return,
        words=words,
    )


@admin.register(Dispute)
class DisputeAdmin(DeskAdmin):
    list_display = ("order_shown", "created_at", "reason", "wanted", "state_shown", "decide_by", "holder")
    list_display_links = ("created_at",)
    list_filter = ("state", "reason", "outcome")
    list_select_related = ("order", "claimed_by")
    search_fields = ("=order__code", "=order__buyer__username", "=order__seller__username")
    search_help_text = _("An order's number (SL-…) or a username")
    ordering = ("decide_by", "created_at")
    verbs = (
        Verb(
            "claim",
            _("Take it"),
            lambda staff, thing: actions.claim_dispute(staff=staff, dispute_id=thing.pk),
            _DECIDE,
            _("It is in your hands for a while."),
            form=NoForm,
            offered=lambda dispute: (
                dispute.state in _UNDECIDED
                and (dispute.claimed_until is None or dispute.claimed_until < timezone.now())
            ),
        ),
        Verb(
            "decide",
            _("Decide"),
            _decide,
            _DECIDE,
            _("Decided. Both sides are told, and the money follows."),
            form=DecisionForm,
            offered=lambda dispute: dispute.state in _UNDECIDED,
            hint=_("An appeal is decided by somebody else than the first decision."),
        ),
        Verb(
            "note",
            _("Note for colleagues"),
            lambda staff, thing, text: actions.note_on_dispute(staff=staff, dispute_id=thing.pk, text=text),
            _DECIDE,
            _("Noted. The two sides do not see it."),
            form=NoteForm,
        ),
    )

    @admin.display(description=_("order"))
    def order_shown(self, row: Dispute) -> SafeString:
        return order_link(row.order)

    @admin.display(description=_("wanted"))
    def wanted(self, row: Dispute) -> SafeString | str:
        return amount(row.wanted_minor, row.order.currency)

    @admin.display(description=_("state"))
    def state_shown(self, row: Dispute) -> str:
        return row.get_state_display()

    @admin.display(description=_("with"))
    def holder(self, row: Dispute) -> SafeString | str:
        held = row.claimed_until is not None and row.claimed_until > timezone.now()
        return person(row.claimed_by) if held else "–"

    def heading(self, thing: Dispute) -> Any:
        return f"{thing.order.code} · {thing.get_reason_display()}"

    def badges(self, thing: Dispute) -> Sequence[tuple[Any, str]]:
        return [(thing.get_state_display(), _TONES.get(DisputeState(thing.state), ""))]

    def facts(self, request: HttpRequest, thing: Dispute) -> Sequence[tuple[Any, Any]]:
        currency = thing.order.currency
        return [
            (_("order"), order_link(thing.order)),
            (_("buyer"), person(thing.order.buyer)),
            (_("seller"), person(thing.order.seller)),
            (_("paid"), amount(thing.order.total_minor, currency)),
            (_("wanted back"), amount(thing.wanted_minor, currency)),
            (_("the seller"), SellerAnswer(thing.seller_answer).label if thing.seller_answer else ""),
            (_("offered by the seller"), amount(thing.offered_minor, currency) if thing.offered_minor else ""),
            (_("the seller answers until"), thing.answer_by),
            (_("to be decided until"), thing.decide_by),
            (_("with"), self.holder(thing)),
            (_("outcome"), thing.get_outcome_display()),
            (_("given back"), amount(thing.refund_minor, currency) if thing.refund_minor else ""),
            (_("to be sent back"), _("yes") if thing.needs_return else ""),
            (_("decided by"), person(thing.decided_by) if thing.decided_by else ""),
            (_("first decided by"), person(thing.first_decided_by) if thing.first_decided_by else ""),
            (_("appeal until"), thing.appeal_by),
        ]

    def parts(self, request: HttpRequest, thing: Dispute) -> Sequence[Part]:
        evidence = list(thing.evidence.select_related("author", "picture").order_by("id"))
        sides = [
            {
                "label": label,
                "words": words,
                "evidence": [
                    {"said": one, "file": private_file(one.picture, viewer=request.user) if one.picture else None}
                    for one in evidence
                    if one.side == side
                ],
            }
            for side, label, words in (
                (Side.BUYER, _("The buyer"), thing.text),
                (Side.SELLER, _("The seller"), ""),
            )
        ]
        notes = [one for one in evidence if one.is_internal]
        found = [
            Part("", "admin/orders/sides.html", {"sides": sides, "dispute": thing}),
            timeline(thing.order),
        ]
        if notes:
            found.append(Part(_("Notes for colleagues"), "admin/orders/notes.html", {"notes": notes}))
        return found

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dispute]:
        return (
            super()
            .get_queryset(request)
            .select_related("order__buyer", "order__seller", "decided_by", "first_decided_by")
        )
