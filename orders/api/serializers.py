"""What comes in over the wire about carts, checkouts, orders and vouchers."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from catalog.rules import CURRENCIES
from core.money import Money
from core.rest.serializers import AmountField, StrictSerializer
from orders.actions import Put, VoucherFields
from orders.selectors import STATUSES
from orders.states import Delivery, FulfilmentAxis, OrderState, PayBy, VoucherKind

PAY_BY = ((PayBy.CARD.value, PayBy.CARD.label), (PayBy.CASH.value, PayBy.CASH.label))


class PutIn(StrictSerializer):
    """A thing and how many of it. The variant is named where a listing has several."""

    product_id = serializers.UUIDField()
    variant_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    quantity = serializers.IntegerField(default=1, min_value=1)

    def said(self) -> dict[str, Any]:
        return dict(self.validated_data)


class QuantityIn(StrictSerializer):
    quantity = serializers.IntegerField(min_value=1)


class SyncIn(StrictSerializer):
    """What a device has in its own cart."""

    items = PutIn(many=True, max_length=100)  # type: ignore[call-arg]

    def things(self) -> list[Put]:
        return [Put(**item) for item in self.validated_data["items"]]


class PreviewIn(StrictSerializer):
    """What is to be bought: `items`, or else what is in the cart."""

    items = PutIn(  # type: ignore[call-arg]
        many=True, required=False, max_length=100, help_text=_("Without it, the cart.")
    )
    delivery = serializers.ChoiceField(choices=Delivery.choices, default=Delivery.MEET)
    voucher_codes = serializers.ListField(child=serializers.CharField(max_length=40), default=list, max_length=20)
    voucher_code = serializers.CharField(required=False, allow_blank=True, max_length=40)

    def things(self) -> list[Put] | None:
        items = self.validated_data.get("items")
        return None if items is None else [Put(**item) for item in items]

    def codes(self) -> list[str]:
        data = self.validated_data
        return [*data["voucher_codes"], *([data["voucher_code"]] if data.get("voucher_code") else [])]


class CheckoutIn(PreviewIn):
    pay_by = serializers.ChoiceField(choices=PAY_BY, default=PayBy.CARD)
    address_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    note = serializers.CharField(required=False, allow_blank=True, default="", help_text=_("At most 300 characters."))

    def said(self) -> dict[str, Any]:
        """The rest of the body as `actions.open_checkout` takes it."""
        data = self.validated_data
        return {
            "pay_by": data["pay_by"],
            "delivery": data["delivery"],
            "address_id": data["address_id"],
            "note": data["note"].strip(),
            "voucher_codes": self.codes(),
        }


class PayIn(StrictSerializer):
    """Before paying, how it is handed over may still be said. `test_method`: only where a simulator stands in for the provider."""

    delivery = serializers.ChoiceField(choices=Delivery.choices, required=False)
    address_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    pay_by = serializers.ChoiceField(choices=PAY_BY, default=PayBy.CARD)
    note = serializers.CharField(required=False, allow_blank=True)
    test_method = serializers.CharField(required=False, max_length=80)

    def preparing(self) -> dict[str, Any] | None:
        """As `actions.prepare_to_pay` takes it; None where nothing is said."""
        data = self.validated_data
        if "delivery" not in data and data["pay_by"] == PayBy.CARD:
            return None
        said = {"delivery": data.get("delivery", Delivery.MEET), "address_id": data["address_id"]}
        return {**said, "pay_by": data["pay_by"], **({"note": data["note"]} if "note" in data else {})}


class CancelIn(StrictSerializer):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class BuyIn(StrictSerializer):
    """Buy one thing, or pay for an accepted offer of one's own."""

    product_id = serializers.UUIDField(required=False, allow_null=True)
    variant_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    quantity = serializers.IntegerField(default=1, min_value=1)
    offer_id = serializers.UUIDField(required=False, allow_null=True)
    payment_method_id = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=80,
        help_text=_("Taken, and not needed: the card form confirms the payment with the client secret."),
    )
    pay_by = serializers.ChoiceField(choices=PAY_BY, default=PayBy.CARD)
    delivery = serializers.ChoiceField(choices=Delivery.choices, default=Delivery.MEET)
    address_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    voucher_code = serializers.CharField(required=False, allow_blank=True, default="", max_length=40)
    note = serializers.CharField(required=False, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("offer_id") and not attrs.get("product_id"):
            raise serializers.ValidationError({"product_id": [_("Say what you want to buy.")]}, code="required")
        return attrs


class OrdersIn(StrictSerializer):
    status = serializers.ChoiceField(choices=OrderState.choices, required=False)
    fulfilment = serializers.ChoiceField(choices=FulfilmentAxis.choices, required=False)
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1)


class SoldIn(OrdersIn):
    search = serializers.CharField(
        required=False, max_length=40, help_text=_("An order's number or a buyer's username, from their beginning.")
    )


class TransactionsIn(StrictSerializer):
    as_buyer = serializers.BooleanField(default=False)
    as_seller = serializers.BooleanField(default=False)
    status = serializers.ChoiceField(choices=sorted(STATUSES), required=False)
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1)


class PagingIn(StrictSerializer):
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1)


class ValidateVoucherIn(PreviewIn):
    """A voucher tried on what would be bought: `items`, or else the cart. Nothing is used by it."""

    code = serializers.CharField(max_length=40)

    def codes(self) -> list[str]:
        return [self.validated_data["code"]]


class AvailableVouchersIn(StrictSerializer):
    product_id = serializers.UUIDField(
        required=False, help_text=_("Of this listing's shop; without it, of the cart's.")
    )
    currency = serializers.ChoiceField(choices=CURRENCIES, default="AED")
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1)


class VoucherTermsIn(StrictSerializer):
    """What is not named stays, or is the default; null lifts a cap, a limit, an end. Amounts in the voucher's currency."""

    kind = serializers.ChoiceField(choices=VoucherKind.choices, required=False)
    percent = serializers.DecimalField(max_digits=5, decimal_places=2, required=False, allow_null=True)
    amount = AmountField(required=False, allow_null=True)
    currency = serializers.ChoiceField(choices=CURRENCIES, required=False)
    minimum = AmountField(required=False)
    cap = AmountField(required=False, allow_null=True)
    total_limit = serializers.IntegerField(required=False, allow_null=True)
    person_limit = serializers.IntegerField(required=False)
    starts_at = serializers.DateTimeField(required=False)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    is_listed = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)

    def fields_said(self, *, currency: str) -> VoucherFields:
        """As the actions take them, amounts read in `currency`. Raises NotAnAmount, naming the field."""
        said: dict[str, Any] = {k: v for k, v in self.validated_data.items() if k != "code"}
        for name in ("amount", "minimum", "cap"):
            if name in said:
                said[f"{name}_minor"] = _minor(said.pop(name), currency, at=name)
        return VoucherFields(**said)  # type: ignore[typeddict-item]


class IssueVoucherIn(VoucherTermsIn):
    code = serializers.CharField(max_length=40)
    kind = serializers.ChoiceField(choices=VoucherKind.choices)
    currency = serializers.ChoiceField(choices=CURRENCIES, default="AED")


def _minor(amount: str | None, currency: str, *, at: str) -> int | None:
    return None if amount is None else Money.parse(amount, currency, attr=at).minor


class DeliveryTermsIn(StrictSerializer):
    """The whole of it: what is not named is the default. Amounts in `currency`."""

    ships = serializers.BooleanField(default=True)
    parcel = AmountField(default="0.00")
    free_from = AmountField(default=None, allow_null=True)
    currency = serializers.ChoiceField(choices=CURRENCIES, default="AED")

    def said(self) -> dict[str, Any]:
        """As `actions.change_delivery_terms` takes it. Raises NotAnAmount, naming the field."""
        body = self.validated_data
        currency = body["currency"]
        free_from = _minor(body["free_from"], currency, at="free_from")
        return {
            "ships": body["ships"],
            "parcel": Money(_minor(body["parcel"], currency, at="parcel") or 0, currency),
            "free_from": None if free_from is None else Money(free_from, currency),
        }
