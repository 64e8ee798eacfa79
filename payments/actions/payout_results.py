"""What the provider answered or told of payouts and of sellers' accounts, noted; like `results` of payments and refunds.

A payout goes two ways: by a transfer to the seller's account at the provider, then from there to the bank. When the second fails, the
money lies in that account: it is the seller's again at once, and is taken back to us by a command of its own.
"""

import uuid

from django.utils import timezone

from core.events import publish
from core.money import Money
from core.states import move
from payments.actions.commands import order_bank_payout, order_claw_back
from payments.actions.locks import lock_payout, lock_seller_account, may_withdraw
from payments.actions.paying import lock_and_read, order_payouts
from payments.actions.posting import Line, post
from payments.errors import ProviderSaysOtherwise
from payments.events import PayoutFailed, PayoutPaid, SellerAccountChanged
from payments.models import PaymentHold, Payout, SellerAccount
from payments.ports import AccountView, PayoutView, TransferView
from payments.rules import is_payable, payout_fee
from payments.selectors import payouts_are_stopped
from payments.states import PAYOUT_MOVES, AccountKind, PayoutState, Postings


def note_transfer(*, payout_id: uuid.UUID, view: TransferView) -> Payout:
    """What a payout brings lies in the seller's account at the provider; the way to the bank is ordered.

    Locks the account, the payout, ledger balances.

    Raises:
        PayoutNotFound.
        ProviderSaysOtherwise: another transfer, another amount, or of a payout that is over.
    """
    _account, payout = lock_payout(payout_id)
    if payout.transfer_id == view.id:
        return payout
    if payout.transfer_id or payout.state != PayoutState.PENDING or view.amount_minor != payout.net.minor:
        msg = f"payout {payout.pk} ({payout.state}, {payout.transfer_id}): {view.id} of {view.amount_minor}"
        raise ProviderSaysOtherwise(msg)
    post(
        kind=Postings.TRANSFER,
        ref=view.id,
        subject=f"payout:{payout.pk}",
        lines=[
            Line(AccountKind.PAYOUT, str(payout.pk), payout.amount),
            Line(AccountKind.CLEARING, "", Money(-payout.net.minor, payout.currency)),
            Line(AccountKind.REVENUE, "instant_fee", Money(-payout.fee_minor, payout.currency)),
        ],
    )
    move(
        payout,
        PayoutState.PROCESSING,
        PAYOUT_MOVES,
        transfer_id=view.id,
        destination_payment_id=view.destination_payment_id,
        transferred_at=timezone.now(),
    )
    order_bank_payout(payout=payout, account=view.destination)
    return payout


def note_bank_payout(*, payout_id: uuid.UUID, view: PayoutView) -> Payout:
    """A payout is as the provider sees it on its way to the bank. A bank may still send back what was paid.

    Locks the account, the payout, ledger balances. Publishes PayoutPaid, PayoutFailed, once each.

    Raises:
        PayoutNotFound.
        ProviderSaysOtherwise: another payout or another amount.
    """
    account, payout = lock_payout(payout_id)
    if (payout.provider_id and payout.provider_id != view.id) or view.amount_minor != payout.net.minor:
        msg = f"payout {payout.pk} ({payout.provider_id}): {view.id} of {view.amount_minor}"
        raise ProviderSaysOtherwise(msg)
    if payout.state not in (PayoutState.PROCESSING, PayoutState.PAID):
        return payout
    is_failed = view.status in ("failed", "canceled")
    if payout.state == PayoutState.PAID and not is_failed:
        return payout
    payout.provider_id, payout.provider_status = view.id, view.status
    payout.bank_last4 = view.bank_last4 or payout.bank_last4
    payout.arrives_on = view.arrives_on or payout.arrives_on
    payout.save(update_fields=["provider_id", "provider_status", "bank_last4", "arrives_on", "updated_at"])
    if is_failed:
        bank_refused(account, payout, code=view.failure_code or view.status)
    elif view.status == "paid":
        move(payout, PayoutState.PAID, PAYOUT_MOVES, paid_at=timezone.now())
        publish(PayoutPaid(payout_id=payout.pk))
    return payout


def note_claw_back(*, payout_id: uuid.UUID, view: TransferView, amount: Money, command_id: uuid.UUID) -> None:
    """What lay in a seller's account at the provider is ours again. `view.id`: of the transfer's reversal. Locks ledger balances."""
    _account, payout = lock_payout(payout_id)
    post(
        kind=Postings.CLAW_BACK,
        ref=view.id,
        subject=f"payout:{payout.pk}",
        note=f"command {command_id}",
        lines=[
            Line(AccountKind.CLEARING, "", amount),
            Line(AccountKind.CLEARING, str(payout.seller_id), Money(-amount.minor, amount.currency)),
        ],
    )


def note_account(*, user_id: uuid.UUID, view: AccountView) -> SellerAccount:
    """A seller's account is as the provider sees it. With another bank account, what the last bank refused is paid again.

    Locks the account, and where it pays, holds and ledger balances. Publishes SellerAccountChanged, PayoutOrdered.

    Raises:
        ProviderSaysOtherwise: it is another account.
    """
    account = lock_seller_account(user_id)
    if account.provider_id and account.provider_id != view.id:
        msg = f"seller {user_id} has {account.provider_id}, not {view.id}"
        raise ProviderSaysOtherwise(msg)
    said = {
        "provider_id": view.id,
        "charges_enabled": view.charges_enabled,
        "payouts_enabled": view.payouts_enabled,
        "transfers_active": view.transfers_active,
        "requirements": list(view.requirements),
        "disabled_reason": view.disabled_reason,
        "bank_last4": view.bank_last4,
        "bank_name": view.bank_name,
        "takes_instant": view.takes_instant,
    }
    changed = {name: value for name, value in said.items() if value != getattr(account, name)}
    for name, value in changed.items():
        setattr(account, name, value)
    account.synced_at = timezone.now()
    other_bank = bool({"bank_last4", "bank_name"} & changed.keys())
    if other_bank:
        account.bank_refused_at = None
    account.save(update_fields=[*changed, "synced_at", "bank_refused_at", "updated_at"])
    if changed:
        publish(SellerAccountChanged(user_id=user_id))
    if other_bank:
        _pay_again(account)
    return account


def transfer_refused(payout: Payout, *, code: str) -> None:
    """A locked payout never left us: its money is in the balance again. Publishes PayoutFailed."""
    _fail(payout, code=code)
    post(
        kind=Postings.PAYOUT_FAILED,
        ref=str(payout.pk),
        subject=f"payout:{payout.pk}",
        lines=[
            Line(AccountKind.PAYOUT, str(payout.pk), payout.amount),
            Line(AccountKind.SELLER, str(payout.seller_id), Money(-payout.amount_minor, payout.currency)),
        ],
    )


def bank_refused(account: SellerAccount, payout: Payout, *, code: str) -> None:
    """A locked payout came back from the bank: the balance has its money and its fee again, and we ask for the transfer back.

    Nothing more is sent to that bank by schedule. Publishes PayoutFailed.
    """
    _fail(payout, code=code)
    post(
        kind=Postings.PAYOUT_FAILED,
        ref=str(payout.pk),
        subject=f"payout:{payout.pk}",
        lines=[
            Line(AccountKind.CLEARING, str(payout.seller_id), payout.net),
            Line(AccountKind.REVENUE, "instant_fee", payout.fee),
            Line(AccountKind.SELLER, str(payout.seller_id), Money(-payout.amount_minor, payout.currency)),
        ],
    )
    order_claw_back(payout=payout, amount=payout.net, claw_back_id=payout.pk)
    account.bank_refused_at = timezone.now()
    account.save(update_fields=["bank_refused_at", "updated_at"])


def _fail(payout: Payout, *, code: str) -> None:
    """Its period is free again, and so are the holds that it was to pay."""
    move(payout, PayoutState.FAILED, PAYOUT_MOVES, failure_code=code, failed_at=timezone.now(), period="")
    PaymentHold.objects.filter(payout=payout).update(payout=None, updated_at=timezone.now())
    publish(PayoutFailed(payout_id=payout.pk))


def _pay_again(account: SellerAccount) -> None:
    """What the last bank refused goes to the new one, as far as it is still there; while payouts stand still, the schedule does it."""
    if payouts_are_stopped() or not may_withdraw(account.pk):
        return
    last = Payout.objects.filter(seller=account.pk).order_by("-pk").first()
    if last is None or last.state != PayoutState.FAILED or not last.transfer_id or not is_payable(account):
        return
    now = timezone.now()
    holds, balances = lock_and_read([(account.pk, last.currency)], at=now)
    amount = balances[account.pk, last.currency].available
    if amount.minor <= 0:
        return
    again = Payout(
        seller_id=account.pk,
        amount_minor=amount.minor,
        fee_minor=payout_fee(amount, "standard").minor,
        currency=last.currency,
        retries=last,
        bank_last4=account.bank_last4,
    )
    order_payouts([again], accounts={account.pk: account}, holds=holds, at=now)
