"""Looking at a thing at the provider now and writing down how it is, whatever events say. Never within a transaction."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.errors import NotAllowed
from core.sweeps import each
from payments.actions.locks import lock_seller_account
from payments.actions.payout_results import note_account, note_bank_payout
from payments.actions.results import note_intent
from payments.errors import PaymentNotFound, PayoutNotFound, ProviderError, ProviderRefused
from payments.models import Payment, Payout, SellerAccount
from payments.ports import AccountView
from payments.provider import provider
from payments.states import PayoutState


def sync_payment(*, payment_id: uuid.UUID) -> Payment:
    """A payment is as the provider has it now: the payer came back from the card form.

    Raises:
        PaymentNotFound.
        ProviderError: it does not answer.
    """
    payment = _payment(payment_id)
    if not payment.provider_id:  # its intent is not made yet
        return payment
    view = provider(payment.funds_flow).intent(payment.provider_id)
    with transaction.atomic(durable=True):
        note_intent(payment_id=payment.pk, view=view)
    return _payment(payment_id)


def confirm_test_payment(*, payment_id: uuid.UUID, method: str, return_url: str = "") -> Payment:
    """Pay with a test method, in place of the payer's browser; only where a simulator stands in for the provider.

    A card that is declined leaves the payment open, with the code of the failure.

    Raises:
        NotAllowed: this is not the simulator.
        PaymentNotFound, ProviderError.
    """
    if not settings.STRIPE["api_base"]:
        raise NotAllowed
    payment = _payment(payment_id)
    try:
        provider(payment.funds_flow).confirm(
            payment.provider_id, method=method, return_url=return_url or settings.SITE_URL
        )
    except ProviderRefused as refused:
        if not refused.decline_code and refused.code != "card_declined":
            raise
    return sync_payment(payment_id=payment_id)


def sync_bank_payout(*, payout_id: uuid.UUID) -> Payout:
    """A payout is as the provider has it now. Raises PayoutNotFound, ProviderError."""
    payout = Payout.objects.select_related("seller__seller_account").filter(pk=payout_id).first()
    if payout is None:
        raise PayoutNotFound
    if not payout.provider_id:
        return payout
    view = provider().payout(payout.provider_id, account=payout.seller.seller_account.provider_id)
    with transaction.atomic(durable=True):
        note_bank_payout(payout_id=payout.pk, view=view)
    payout.refresh_from_db()
    return payout


def sync_seller_account(*, user_id: uuid.UUID) -> SellerAccount | None:
    """What a seller may do at the provider is as it has it now; None if they have no account there. Raises ProviderError."""
    account = SellerAccount.objects.filter(pk=user_id).first()
    if account is None or not account.provider_id:
        return account
    looked_at = timezone.now()
    view = provider().account(account.provider_id)
    with transaction.atomic(durable=True):
        note_newer_account(user_id=user_id, view=view, looked_at=looked_at)
    account.refresh_from_db()
    return account


def note_newer_account(*, user_id: uuid.UUID, view: AccountView, looked_at: object) -> None:
    """An account has no order of states to go by: a look that began before the last one that was written down is dropped."""
    account = lock_seller_account(user_id)
    if account.synced_at is None or account.synced_at <= looked_at:  # type: ignore[operator]
        note_account(user_id=user_id, view=view)


def sync_what_hangs(*, older_than: object, limit: int = 200) -> int:
    """Look at payments that wait for the provider's word since before `older_than`; how many could be looked at."""
    waiting = Payment.objects.filter(
        state__in=("open", "processing"), updated_at__lt=older_than, provider_id__startswith="pi_"
    ).order_by("updated_at")
    return each(list(waiting.values_list("pk", flat=True)[:limit]), _sync_one_payment, expected=(ProviderError,))


def _sync_one_payment(payment_id: uuid.UUID) -> bool:
    sync_payment(payment_id=payment_id)
    return True


def sync_payouts_on_their_way(*, older_than: datetime, limit: int = 500) -> int:
    """Look at payouts of which the bank said nothing since before `older_than`; how many could be looked at."""
    waiting = Payout.objects.filter(state=PayoutState.PROCESSING, updated_at__lt=older_than).exclude(provider_id="")
    ids = list(waiting.order_by("updated_at").values_list("pk", flat=True)[:limit])
    return each(ids, _sync_one_payout, expected=(ProviderError,))


def _sync_one_payout(payout_id: uuid.UUID) -> bool:
    sync_bank_payout(payout_id=payout_id)
    return True


def _payment(payment_id: uuid.UUID) -> Payment:
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise PaymentNotFound
    return payment
