"""What sellers and the team do about payouts: ask for one, set when and how they come, approve, freeze."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from accounts.rules import check_unrestricted
from accounts.selectors import open_restriction_kinds
from accounts.states import RestrictionKind
from core import audit
from core.errors import NotAllowed, WrongState
from core.events import publish
from core.money import Money
from core.states import move
from payments.actions.commands import order_transfer
from payments.actions.locks import lock_payout, lock_seller_account
from payments.actions.paying import lock_and_read, order_payouts, take_from_balances
from payments.errors import NotEnoughToPayOut, PayoutOpen, PayoutsStopped, SecondPersonNeeded
from payments.events import PayoutOrdered
from payments.models import Payout, SellerAccount
from payments.rules import (
    check_minimum,
    check_not_own,
    check_payable,
    check_payout,
    needs_second_person,
    payout_fee,
    smallest_payout,
)
from payments.selectors import payouts_are_stopped
from payments.states import PAYOUT_MOVES, PayoutState, Schedule


@transaction.atomic
def request_payout(*, seller: User, method: str = "instant", currency: str = "AED") -> Payout:
    """Pay a seller now all that is available to them. `method`: "instant", for a fee, or "standard".

    A bank that refused the last payout is tried again by it. Locks the seller's account, their holds, ledger balances. Publishes
    PayoutOrdered.

    Raises:
        PayoutsFrozen, NotReadyForPayouts, Suspended, Restricted: not to this seller.
        InstantNotOffered, NotEnoughToPayOut, PayoutTooSmall.
        PayoutOpen: one is being sent.
        PayoutsStopped: the books do not agree; somebody is looking.
    """
    _check_running()
    account = lock_seller_account(seller.pk)
    check_unrestricted(seller, kind=RestrictionKind.WITHDRAW, open_kinds=open_restriction_kinds(seller))
    check_payable(account)
    _check_none_open(account, currency)
    now = timezone.now()
    holds, balances = lock_and_read([(seller.pk, currency)], at=now)
    amount = balances[seller.pk, currency].available
    check_payout(account, amount, method=method, minimum=smallest_payout(account, currency))
    payout = Payout(
        seller=seller,
        amount_minor=amount.minor,
        fee_minor=payout_fee(amount, method).minor,
        currency=currency,
        method=method,
        requested_by=seller,
        bank_last4=account.bank_last4,
    )
    order_payouts([payout], accounts={seller.pk: account}, holds=holds, at=now)
    if account.bank_refused_at:
        account.bank_refused_at = None
        account.save(update_fields=["bank_refused_at", "updated_at"])
    return payout


@transaction.atomic
def order_manual_payout(*, staff: User, seller: User, amount: Money, note: str) -> Payout:
    """The team pays a seller some of what is available, outside the schedule and below the minimum. In the audit log.

    From PAYMENTS["approval_from"] on it waits for a second person, and takes nothing from the balance until then. Publishes
    PayoutOrdered, unless it waits.

    Raises:
        NotAllowed, PayoutsFrozen, NotReadyForPayouts, NotEnoughToPayOut, PayoutOpen, PayoutsStopped.
    """
    if not staff.has_perm("payments.add_payout"):
        raise NotAllowed
    check_not_own(staff, seller.pk)
    _check_running()
    account = lock_seller_account(seller.pk)
    check_payable(account)
    _check_none_open(account, amount.currency)
    _check_available(account, amount)
    waits = needs_second_person(amount, lately=_paid_alone(seller, amount.currency))
    payout = Payout.objects.create(
        seller=seller,
        amount_minor=amount.minor,
        currency=amount.currency,
        state=PayoutState.AWAITING_APPROVAL if waits else PayoutState.PENDING,
        requested_by=staff,
        needs_approval=waits,
        note=note,
        bank_last4=account.bank_last4,
    )
    if not waits:
        _send(payout, account)
    _record("payments.payout_ordered", staff, payout, note)
    return payout


@transaction.atomic
def approve_payout(*, staff: User, payout_id: uuid.UUID) -> Payout:
    """The second person agrees: the payout is sent. In the audit log. Publishes PayoutOrdered.

    Raises:
        PayoutNotFound, NotAllowed, WrongState.
        SecondPersonNeeded: it is their own.
        PayoutsFrozen, NotReadyForPayouts, NotEnoughToPayOut, PayoutsStopped: not any more.
    """
    _check_running()
    account, payout = _lock_for_decision(staff, payout_id)
    check_payable(account)
    _check_available(account, payout.amount)
    move(payout, PayoutState.PENDING, PAYOUT_MOVES, approved_by=staff)
    _send(payout, account)
    _record("payments.payout_approved", staff, payout)
    return payout


@transaction.atomic
def refuse_payout(*, staff: User, payout_id: uuid.UUID, reason: str) -> Payout:
    """The second person does not agree. In the audit log. Raises PayoutNotFound, NotAllowed, SecondPersonNeeded, WrongState."""
    _account, payout = _lock_for_decision(staff, payout_id)
    move(payout, PayoutState.REFUSED, PAYOUT_MOVES)
    _record("payments.payout_refused", staff, payout, reason)
    return payout


@transaction.atomic
def change_payout_settings(
    *,
    seller: User,
    schedule: Schedule | None = None,
    minimum: Money | None = None,
    tax_number: str | None = None,
    legal_name: str | None = None,
    takes_cash: bool | None = None,
) -> SellerAccount:
    """When a seller is paid, from how much on, what stands on their invoices, and whether buyers may pay them in cash. What is None
    stays; so do cash sales that are agreed.

    A minimum below the platform's counts as that. Instant payouts are paid as ordinary ones while the bank does not take them.

    Raises:
        MinimumPayoutTooHigh.
    """
    if minimum is not None:
        check_minimum(minimum)
    account = lock_seller_account(seller.pk)
    changes: dict[str, Any] = {
        "schedule": schedule,
        "minimum_minor": None if minimum is None else minimum.minor,
        "tax_number": tax_number,
        "legal_name": legal_name,
        "takes_cash": takes_cash,
    }
    said = {name: value for name, value in changes.items() if value is not None}
    for name, value in said.items():
        setattr(account, name, value)
    account.save(update_fields=[*said, "updated_at"])
    return account


@transaction.atomic
def freeze_payouts(*, staff: User, seller: User, reason: str) -> SellerAccount:
    """Nothing is paid out to a seller until it is thawed; what is on its way arrives. In the audit log. Raises NotAllowed."""
    return _freeze(staff, seller, reason, is_frozen=True)


@transaction.atomic
def thaw_payouts(*, staff: User, seller: User, reason: str) -> SellerAccount:
    """A seller is paid out again. In the audit log. Raises NotAllowed."""
    return _freeze(staff, seller, reason, is_frozen=False)


def _freeze(staff: User, seller: User, reason: str, *, is_frozen: bool) -> SellerAccount:
    if not staff.has_perm("payments.freeze_payouts"):
        raise NotAllowed
    account = lock_seller_account(seller.pk)
    if (account.frozen_at is not None) == is_frozen:
        return account
    account.frozen_at = timezone.now() if is_frozen else None
    account.frozen_because = reason[:200] if is_frozen else ""
    account.save(update_fields=["frozen_at", "frozen_because", "updated_at"])
    audit.record(
        action="payments.payouts_frozen" if is_frozen else "payments.payouts_thawed",
        target_kind="seller_account",
        target_id=seller.pk,
        actor=staff,
        reason=reason,
    )
    return account


def _send(payout: Payout, account: SellerAccount) -> None:
    """It pays no hold of its own: which ones it covers, only the balance says."""
    take_from_balances([payout], at=timezone.now())
    order_transfer(payout=payout, account=account.provider_id)
    publish(PayoutOrdered(payout_id=payout.pk))


def _check_running() -> None:
    if payouts_are_stopped():
        raise PayoutsStopped


def _check_none_open(account: SellerAccount, currency: str) -> None:
    is_open = Payout.objects.filter(
        seller=account.pk, currency=currency, state__in=[PayoutState.AWAITING_APPROVAL, PayoutState.PENDING]
    ).exists()
    if is_open:
        raise PayoutOpen


def _check_available(account: SellerAccount, amount: Money) -> None:
    pair = (account.pk, amount.currency)
    _holds, balances = lock_and_read([pair], at=timezone.now())
    if amount.minor <= 0 or balances[pair].available < amount:
        raise NotEnoughToPayOut


def _paid_alone(seller: User, currency: str) -> int:
    """What colleagues paid a seller by hand within a day without a second person: many small payouts are a large one."""
    alone = Payout.objects.filter(
        seller=seller,
        currency=currency,
        requested_by__is_staff=True,
        needs_approval=False,
        created_at__gt=timezone.now() - timedelta(days=1),
    ).exclude(state=PayoutState.FAILED)
    return alone.exclude(requested_by=seller).aggregate(sum=Sum("amount_minor"))["sum"] or 0


def _lock_for_decision(staff: User, payout_id: uuid.UUID) -> tuple[SellerAccount, Payout]:
    if not staff.has_perm("payments.approve_payout"):
        raise NotAllowed
    account, payout = lock_payout(payout_id)
    if payout.state != PayoutState.AWAITING_APPROVAL:
        raise WrongState(state=payout.state, to=PayoutState.PENDING.value)
    if payout.requested_by_id == staff.pk:
        raise SecondPersonNeeded
    check_not_own(staff, payout.seller_id)
    return account, payout


def _record(action: str, staff: User, payout: Payout, reason: str = "") -> None:
    audit.record(
        action=action,
        target_kind="payout",
        target_id=payout.pk,
        actor=staff,
        reason=reason,
        after={"amount_minor": payout.amount_minor, "currency": payout.currency, "state": payout.state},
    )
