"""The rows of money that are locked, in the order of the house: seller's account, payment, hold, refund, payout, then ledger balances
(which `post` locks by itself).
"""

import uuid
from collections.abc import Collection, Sequence
from typing import TypeVar

from django.db.models import Case, Exists, IntegerField, Model, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.models import Restriction, User
from accounts.states import RestrictionKind
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


def lock_payout(payout_id: uuid.UUID) -> tuple[SellerAccount, Payout]:
    """A payout with its seller's account, the account first. Raises PayoutNotFound."""
    glance = Payout.objects.filter(pk=payout_id).only("seller_id").first()
    if glance is None:
        raise PayoutNotFound
    account = lock_seller_account(glance.seller_id)
    return account, _locked(Payout).get(pk=payout_id)


def lock_unpaid_holds(seller_ids: Collection[uuid.UUID]) -> list[PaymentHold]:
    """What was released to sellers and no payout has taken yet."""
    unpaid = _locked(PaymentHold).filter(payee__in=list(seller_ids), state=HoldState.RELEASED, payout=None)
    return list(unpaid.order_by("pk"))


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


def may_withdraw(seller_id: uuid.UUID) -> bool:
    """Whether no restriction keeps a seller's money here."""
    return not _withdrawal_stops().filter(user_id=seller_id).exists()


def _may_not_withdraw() -> QuerySet[Restriction]:
    return _withdrawal_stops().filter(user=OuterRef("pk"))


def _withdrawal_stops() -> QuerySet[Restriction]:
    now = timezone.now()
    return Restriction.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=now),
        kind__in=[RestrictionKind.WITHDRAW, RestrictionKind.ACCOUNT],
        lifted_at=None,
        starts_at__lte=now,
    )


def lock_accounts_after(
    after: uuid.UUID | None, *, schedules: Sequence[str], seller: User | None, limit: int
) -> list[SellerAccount]:
    """The next sellers by id that the provider can pay, those that another run holds left out."""
    accounts = SellerAccount.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(
        ~Exists(_may_not_withdraw()), payouts_enabled=True, frozen_at=None, schedule__in=list(schedules)
    )
    if seller:
        accounts = accounts.filter(pk=seller.pk)
    if after:
        accounts = accounts.filter(pk__gt=after)
    return list(accounts.order_by("pk")[:limit])
