"""A person's own money: told on request, and what of it names them forgotten when they leave. Accounts asks (`accounts.ports`)."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from accounts.models import User
from core.money import Money
from payments.models import Payment, PaymentHold, Payout, Refund, SellerAccount


def export_person(user: User) -> Iterator[tuple[str, Any]]:
    """What they paid and got back, how they are paid as a seller, what their sales left them and what was sent to their bank."""
    yield "payments/payments.json", [_payment(one) for one in Payment.objects.filter(payer=user).order_by("id")]
    refunds = Refund.objects.filter(hold__payment__payer=user).select_related("hold").order_by("id")
    yield "payments/refunds.json", [_refund(one) for one in refunds]
    account = SellerAccount.objects.filter(pk=user.pk).first()
    yield "payments/seller_account.json", _account(account) if account else None
    yield "payments/sales.json", [_sale(one) for one in PaymentHold.objects.filter(payee=user).order_by("id")]
    yield "payments/payouts.json", [_payout(one) for one in Payout.objects.filter(seller=user).order_by("id")]


@transaction.atomic
def erase_person(user: User) -> dict[str, int]:
    """Forget which card paid, the links of the provider's that show it, and the seller's bank, name and tax number.

    Amounts, states and the provider's numbers stay: the ledger and reconciliation prove by them what happened, and the law asks for
    them. The provider knows a buyer by our id alone. Nobody whose money is under way gets here (`why_not_erased`). Returns how many
    rows.
    """
    payments = Payment.objects.filter(payer=user).update(
        method={}, client_secret="", receipt_url="", next_action_url=""
    )
    accounts = SellerAccount.objects.filter(pk=user.pk).update(
        bank_last4="", bank_name="", legal_name="", tax_number="", requirements=[]
    )
    payouts = Payout.objects.filter(seller=user).update(bank_last4="")
    return {"payments": payments, "seller_accounts": accounts, "payouts": payouts}


def _amount(minor: int, currency: str) -> str:
    return str(Money(minor, currency))


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "id": str(payment.pk),
        "for": payment.reference,
        "amount": _amount(payment.amount_minor, payment.currency),
        "currency": payment.currency,
        "state": payment.state,
        "card": payment.method,
        "asked_at": payment.created_at,
        "paid_at": payment.captured_at,
    }


def _refund(refund: Refund) -> dict[str, Any]:
    return {
        "id": str(refund.pk),
        "for": refund.hold.reference,
        "amount": _amount(refund.amount_minor, refund.hold.currency),
        "currency": refund.hold.currency,
        "state": refund.state,
        "reason": refund.reason,
        "decided_at": refund.decided_at,
        "sent_at": refund.succeeded_at,
    }


def _account(account: SellerAccount) -> dict[str, Any]:
    return {
        "paid": account.schedule,
        "may_be_paid_out": account.payouts_enabled,
        "still_wanted": account.requirements,
        "bank": account.bank_name,
        "bank_last4": account.bank_last4,
        "legal_name": account.legal_name,
        "tax_number": account.tax_number,
        "takes_cash": account.takes_cash,
        "payouts_frozen_at": account.frozen_at,
        "since": account.created_at,
    }


def _sale(hold: PaymentHold) -> dict[str, Any]:
    return {
        "for": hold.reference,
        "paid": _amount(hold.amount_minor, hold.currency),
        "commission": _amount(hold.commission_minor, hold.currency),
        "my_share": _amount(hold.share_minor, hold.currency),
        "given_back": _amount(hold.refunded_minor, hold.currency),
        "currency": hold.currency,
        "state": hold.state,
        "paid_at": hold.created_at,
        "released_at": hold.released_at,
    }


def _payout(payout: Payout) -> dict[str, Any]:
    return {
        "id": str(payout.pk),
        "amount": _amount(payout.amount_minor, payout.currency),
        "fee": _amount(payout.fee_minor, payout.currency),
        "currency": payout.currency,
        "how": payout.method,
        "state": payout.state,
        "bank_last4": payout.bank_last4,
        "asked_at": payout.created_at,
        "paid_at": payout.paid_at,
    }
