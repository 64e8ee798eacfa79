"""Offers on the wire: what comes in, and the answers that are no offer."""

import uuid
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.shapes import PersonBriefOut
from catalog.selectors import currency_of
from core.money import Money
from core.rest.serializers import AmountField, StrictSerializer
from offers.actions import KEEP
from offers.shapes import ChipOut, OfferOut
from offers.states import OfferKind, OfferState


class MakeOfferIn(StrictSerializer):
    """What a buyer says first. Money in the listing's currency."""

    product_id = serializers.UUIDField()
    variant_id = serializers.UUIDField(required=False, allow_null=True, help_text=_("Where a listing has several."))
    offer_type = serializers.ChoiceField(choices=OfferKind.choices, default=OfferKind.CASH)
    offered_price = AmountField(
        required=False, allow_null=True, help_text=_("In offers of money, alone or with a trade.")
    )
    trade_product_id = serializers.UUIDField(
        required=False, allow_null=True, help_text=_("A listing of yours that is for sale.")
    )
    message = serializers.CharField(
        required=False, allow_blank=True, default="", help_text=_("At most 500 characters.")
    )

    def said(self) -> dict[str, Any]:
        """The validated body as `actions.make_offer` takes it. Raises NotAnAmount."""
        return offer_said(self.validated_data)


class CounterOfferIn(StrictSerializer):
    """A turn that answers another. What is traded stays unless it is named; null takes it out."""

    counter_price = AmountField(required=False, allow_null=True)
    trade_product_id = serializers.UUIDField(required=False, allow_null=True)
    message = serializers.CharField(required=False, allow_blank=True, default="")

    def said(self, offer_currency: str) -> dict[str, Any]:
        """The validated body as `actions.counter_offer` takes it. Raises NotAnAmount."""
        return counter_said(self.validated_data, offer_currency)


def offer_said(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "product_id": body["product_id"],
        "variant_id": body.get("variant_id"),
        "kind": body["offer_type"],
        "amount": _money(body.get("offered_price"), currency_of(body["product_id"]), at="offered_price"),
        "trade_product_id": body.get("trade_product_id"),
        "message": body["message"].strip(),
    }


def counter_said(body: dict[str, Any], currency: str) -> dict[str, Any]:
    return {
        "amount": _money(body.get("counter_price"), currency, at="counter_price"),
        "trade_product_id": body.get("trade_product_id", KEEP),
        "message": body["message"].strip(),
    }


def _money(amount: str | None, currency: str, *, at: str) -> Money | None:
    return None if amount is None else Money.parse(amount, currency, attr=at)


class OffersIn(StrictSerializer):
    """Which of one's negotiations. Without `as_buyer` both sides."""

    as_buyer = serializers.BooleanField(required=False, allow_null=True, default=None)
    status = serializers.ChoiceField(choices=OfferState.choices, required=False)
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1)


class PagingIn(StrictSerializer):
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1)


class TermsIn(StrictSerializer):
    """What is not named stays; null switches a percentage off."""

    takes_offers = serializers.BooleanField(required=False)
    takes_trades = serializers.BooleanField(required=False)
    floor_percent = serializers.IntegerField(required=False, allow_null=True)
    auto_accept_percent = serializers.IntegerField(required=False, allow_null=True)
    shows_offers = serializers.BooleanField(required=False)


class TermsOut(serializers.Serializer):
    """How one haggles over a listing; for its seller only."""

    takes_offers = serializers.BooleanField()
    takes_trades = serializers.BooleanField()
    floor_percent = serializers.IntegerField(
        allow_null=True, help_text="Cash below it is declined at once. Told nobody."
    )
    auto_accept_percent = serializers.IntegerField(allow_null=True, help_text="Cash from it on is accepted at once.")
    shows_offers = serializers.BooleanField(help_text="The last offers scroll over the listing's page.")


class NegotiationOut(serializers.Serializer):
    """All turns of one buyer, first to last."""

    id = serializers.UUIDField()
    buyer = PersonBriefOut()
    state = serializers.ChoiceField(choices=OfferState.choices, help_text="Of the last turn.")
    turns = OfferOut(many=True)


class RecentOffersOut(serializers.Serializer):
    shows_offers = serializers.BooleanField(help_text="Whether offers for this listing are shown to everybody.")
    results = ChipOut(many=True)


def negotiation_answer(negotiation_id: uuid.UUID, turns: list[dict[str, Any]]) -> dict[str, Any]:
    last = turns[-1]
    return {"id": negotiation_id, "buyer": last["buyer"], "state": last["state"], "turns": turns}
