"""Fees on the wire."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.rest.serializers import AmountField, StrictSerializer
from payments.models import FeeChannel


class CalculateFeeIn(StrictSerializer):
    """A sale that might be: exactly one of `price` and `amount`, which mean the same."""

    price = AmountField(required=False, help_text="What the thing would be sold for. Needed, unless `amount` is sent.")
    amount = AmountField(required=False, help_text="Another name of `price`. Send one of them.")
    currency = serializers.CharField(default="AED", max_length=3)
    feed_type = serializers.ChoiceField(
        choices=FeeChannel.choices, default=FeeChannel.COMMUNITY, help_text="`live`: bought in a live room."
    )
    category = serializers.CharField(required=False, help_text="A category's slug.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "price" in attrs and "amount" in attrs:
            raise serializers.ValidationError({"amount": _("Send “price” or “amount”, not both.")}, code="exactly_one")
        if "amount" in attrs:
            return {**attrs, "price": attrs["amount"]}
        if "price" not in attrs:
            raise serializers.ValidationError(
                {"price": serializers.Field.default_error_messages["required"]}, code="required"
            )
        return attrs


class ReceivedOut(serializers.Serializer):
    received = serializers.CharField(help_text="The event's id.")


class OnboardingOut(serializers.Serializer):
    url = serializers.URLField(help_text="The provider's form.")


class SellerAccountOut(serializers.Serializer):
    """What the provider says of a seller, as last read."""

    has_account = serializers.SerializerMethodField(help_text="False before the first `POST /payouts/onboarding`.")
    charges_enabled = serializers.BooleanField()
    payouts_enabled = serializers.BooleanField(help_text="Without it, earnings wait in the balance.")
    requirements = serializers.ListField(
        child=serializers.CharField(), help_text="What the provider still wants to know, in its own words."
    )
    disabled_reason = serializers.CharField()
    bank_name = serializers.CharField()
    bank_last4 = serializers.CharField()
    takes_instant = serializers.BooleanField(help_text="The bank account takes instant payouts.")
    synced_at = serializers.DateTimeField(allow_null=True)

    def get_has_account(self, account: Any) -> bool:
        return bool(account.provider_id)
