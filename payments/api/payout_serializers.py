"""Payouts on the wire. Amounts are decimal strings of `currency`."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.money import Money
from core.rest.serializers import AmountField, StrictSerializer
from payments.models import PaymentHold, Payout, SellerAccount
from payments.rules import SellerBalance, payout_fee, share_left, smallest_payout
from payments.selectors import CommissionStatement
from payments.states import PayoutState, Schedule

METHODS = (("instant", _("at once, for a fee")), ("standard", _("in some days")))


class CurrencyIn(StrictSerializer):
    currency = serializers.CharField(default="AED", max_length=3)


class PayoutsIn(StrictSerializer):
    status = serializers.ChoiceField(choices=PayoutState.choices, required=False)
    start_date = serializers.DateField(required=False, help_text="In Dubai; included.")
    end_date = serializers.DateField(required=False, help_text="In Dubai; included.")
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=100)


class StatementIn(CurrencyIn):
    start_date = serializers.DateField(required=False, help_text="In Dubai; included.")
    end_date = serializers.DateField(required=False, help_text="In Dubai; included.")


class MonthField(serializers.CharField):
    """A month such as "2026-11"."""

    def to_internal_value(self, data: Any) -> date:  # type: ignore[override]
        text = super().to_internal_value(data)
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text):
            raise serializers.ValidationError(_("Send a month such as “2026-11”."), code="not_a_month")
        return date.fromisoformat(f"{text}-01")


class CommissionIn(CurrencyIn):
    month = MonthField()
    file = serializers.ChoiceField(choices=("csv",), required=False, help_text="The lines as a file.")


class RequestPayoutIn(StrictSerializer):
    method = serializers.ChoiceField(choices=METHODS, default="instant")
    currency = serializers.CharField(default="AED", max_length=3)


class PayoutSettingsIn(StrictSerializer):
    payout_schedule = serializers.ChoiceField(choices=Schedule.choices, required=False)
    minimum_payout_amount = AmountField(required=False, help_text="In AED.")
    tax_number = serializers.RegexField(
        r"^(\d{15})?$", required=False, allow_blank=True, help_text="15 digits; empty: none."
    )
    legal_name = serializers.CharField(required=False, allow_blank=True, max_length=120)
    takes_cash = serializers.BooleanField(required=False, help_text="Whether buyers may pay at the hand-over.")

    def said(self) -> dict[str, Any]:
        """As `actions.change_payout_settings` takes it. Raises NotAnAmount."""
        body = self.validated_data
        minimum = body.get("minimum_payout_amount")
        return {
            "schedule": body.get("payout_schedule"),
            "minimum": None if minimum is None else Money.parse(minimum, "AED"),
            "tax_number": body.get("tax_number"),
            "legal_name": body.get("legal_name"),
            "takes_cash": body.get("takes_cash"),
        }


class PayoutOut(serializers.Serializer):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=PayoutState.choices)
    method = serializers.ChoiceField(choices=METHODS)
    amount = serializers.CharField(help_text="What left the balance.")
    fee = serializers.CharField(help_text="Of it, what an instant payout costs.")
    net = serializers.CharField(help_text="What reaches the bank.")
    currency = serializers.CharField()
    transaction_count = serializers.IntegerField()
    platform_fee_total = serializers.CharField(help_text="The commission of these sales, taken before.")
    bank_account_last4 = serializers.CharField()
    failure_reason = serializers.CharField(allow_null=True, help_text="A code of the payment service.")
    retries = serializers.UUIDField(allow_null=True, help_text="The payout that failed before.")
    arrives_on = serializers.DateTimeField(allow_null=True)
    paid_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class PaidTransactionOut(serializers.Serializer):
    transaction_id = serializers.CharField()
    amount = serializers.CharField()
    commission = serializers.CharField()
    refunded = serializers.CharField()
    share = serializers.CharField()
    released_at = serializers.DateTimeField()


class PayoutDetailOut(PayoutOut):
    transactions = PaidTransactionOut(many=True)


class BalanceOut(serializers.Serializer):
    available_balance = serializers.CharField()
    pending_balance = serializers.CharField(help_text="Held for orders, or not settled yet.")
    reserved_balance = serializers.CharField(help_text="Of a new seller's first sales, for a while.")
    on_the_way = serializers.CharField()
    debt = serializers.CharField(help_text="Taken from what is earned next.")
    total_earnings = serializers.CharField()
    currency = serializers.CharField()
    next_payout_date = serializers.DateField(allow_null=True)
    payout_schedule = serializers.ChoiceField(choices=Schedule.choices)
    instant_fee = serializers.CharField(help_text="Of an instant payout of all that is available.")
    instant_net = serializers.CharField()


class PayoutSettingsOut(serializers.Serializer):
    payout_schedule = serializers.ChoiceField(choices=Schedule.choices)
    minimum_payout_amount = serializers.CharField()
    currency = serializers.CharField()
    tax_number = serializers.CharField()
    legal_name = serializers.CharField()
    takes_cash = serializers.BooleanField()
    takes_instant = serializers.BooleanField()
    is_frozen = serializers.BooleanField()


class CommissionLineOut(serializers.Serializer):
    date = serializers.DateTimeField()
    kind = serializers.CharField()
    reference = serializers.CharField()
    commission = serializers.CharField()


class CommissionOut(serializers.Serializer):
    month = serializers.CharField()
    currency = serializers.CharField()
    charged = serializers.CharField()
    returned = serializers.CharField()
    total = serializers.CharField()
    vat_percent = serializers.CharField()
    vat = serializers.CharField(help_text="Contained in the total.")
    net = serializers.CharField()
    lines = CommissionLineOut(many=True)


def payout_answer(payout: Payout) -> dict[str, Any]:
    """A payout that `selectors.payouts_of` counted."""
    return {
        "id": payout.pk,
        "status": payout.state,
        "method": payout.method,
        "amount": str(payout.amount),
        "fee": str(payout.fee),
        "net": str(payout.net),
        "currency": payout.currency,
        "transaction_count": payout.transaction_count,  # type: ignore[attr-defined]
        "platform_fee_total": str(Money(payout.commission_minor, payout.currency)),  # type: ignore[attr-defined]
        "bank_account_last4": payout.bank_last4,
        "failure_reason": payout.failure_code or None,
        "retries": payout.retries_id,
        "arrives_on": payout.arrives_on,
        "paid_at": payout.paid_at,
        "created_at": payout.created_at,
    }


def payout_detail_answer(payout: Payout, holds: Iterable[PaymentHold]) -> dict[str, Any]:
    return payout_answer(payout) | {"transactions": [_transaction(hold) for hold in holds]}


def _transaction(hold: PaymentHold) -> dict[str, Any]:
    return {
        "transaction_id": hold.reference.rpartition(":")[2],
        "amount": str(hold.amount),
        "commission": str(Money(hold.commission_minor - hold.commission_returned_minor, hold.currency)),
        "refunded": str(Money(hold.refunded_minor, hold.currency)),
        "share": str(Money(share_left(hold), hold.currency)),
        "released_at": hold.released_at,
    }


def balance_answer(balance: SellerBalance) -> dict[str, Any]:
    fee = payout_fee(balance.available, "instant")
    return {
        "available_balance": str(balance.available),
        "pending_balance": str(balance.pending),
        "reserved_balance": str(balance.reserved),
        "on_the_way": str(balance.on_the_way),
        "debt": str(balance.debt),
        "total_earnings": str(balance.total_earnings),
        "currency": balance.available.currency,
        "next_payout_date": balance.next_payout_on,
        "payout_schedule": balance.schedule,
        "instant_fee": str(fee),
        "instant_net": str(balance.available - fee),
    }


def settings_answer(account: SellerAccount) -> dict[str, Any]:
    return {
        "payout_schedule": account.schedule,
        "minimum_payout_amount": str(smallest_payout(account, "AED")),
        "currency": "AED",
        "tax_number": account.tax_number,
        "legal_name": account.legal_name,
        "takes_cash": account.takes_cash,
        "takes_instant": account.takes_instant,
        "is_frozen": account.frozen_at is not None,
    }


def commission_answer(statement: CommissionStatement) -> dict[str, Any]:
    return {
        "month": f"{statement.month:%Y-%m}",
        "currency": statement.currency,
        "charged": str(statement.charged),
        "returned": str(statement.returned),
        "total": str(statement.total),
        "vat_percent": f"{statement.vat_percent:g}",
        "vat": str(statement.vat),
        "net": str(statement.net),
        "lines": [
            {"date": one.at, "kind": one.kind.value, "reference": one.reference, "commission": str(one.amount)}
            for one in statement.lines
        ],
    }
