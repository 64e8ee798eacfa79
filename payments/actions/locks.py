"""The rows of money that are locked, in the order of the house: payment, hold, refund, payout, seller's account, then ledger balances
(which `post` locks by itself).
"""

import uuid
from typing import TypeVar

from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When

from payments.errors import HoldNotFound, PaymentNotFound, PayoutNotFound, RefundNotFound
from payments.models import Payment, PaymentHold, Payout, Refund, SellerAccount
from payments.states import HoldState

Row = TypeVar("Row", bound=Model)


def lock_payment(payment_id: uuid.UUID) -> Payment:
    """Raises PaymentNotFound."""
    payment = _locked(Payment).filter(pk=payment_id).first()
    if payment is None:
        raise PaymentNotFound
    return payment


def lock_holds_of(payment: Payment) -> list[PaymentHold]:
    return list(_locked(PaymentHold).filter(payment=payment).order_by("pk"))


def lock_hold(reference: str) -> PaymentHold:
    """The hold for a reference that counts. Raises HoldNotFound."""
    hold = _locked(PaymentHold).filter(reference=reference).order_by(*LIVE_FIRST).first()
    if hold is None:
        raise HoldNotFound
    return hold


def lock_refund(refund_id: uuid.UUID) -> tuple[PaymentHold, Refund]:
    """A refund with its hold, the hold first. Raises RefundNotFound."""
    hold = _locked(PaymentHold).filter(refunds=refund_id).first()
    if hold is None:
        raise RefundNotFound
    return hold, _locked(Refund).get(pk=refund_id)


def lock_payout(payout_id: uuid.UUID) -> Payout:
    """Raises PayoutNotFound."""
    payout = _locked(Payout).filter(pk=payout_id).first()
    if payout is None:
        raise PayoutNotFound
    return payout


def lock_seller_account(user_id: uuid.UUID) -> SellerAccount:
    """A seller's account, made if there is none: everybody who sells has one, at the provider or not yet."""
    SellerAccount.objects.bulk_create([SellerAccount(user_id=user_id)], ignore_conflicts=True)
    return _locked(SellerAccount).get(pk=user_id)


# At most one of a reference is not cancelled; of cancelled ones the latest.
LIVE_FIRST = (
    Case(When(Q(state=HoldState.CANCELLED), then=Value(1)), default=Value(0), output_field=IntegerField()),
    "-pk",
)


def _locked(model: type[Row]) -> QuerySet[Row]:
    return model._default_manager.select_for_update(of=("self",), no_key=True)
