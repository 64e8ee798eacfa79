"""Sellers and their accounts at the provider."""

import uuid

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.events import publish
from payments.actions.commands import order_account
from payments.actions.locks import lock_seller_account
from payments.actions.running import run_command
from payments.actions.syncing import sync_seller_account
from payments.errors import ProviderAway, ProviderError
from payments.events import SellerAccountChanged
from payments.models import ProviderCommand, SellerAccount
from payments.provider import provider
from payments.states import CommandKind, CommandState

PATIENCE = 8  # seconds that a person waits for the provider


def start_onboarding(*, seller: User, return_url: str, refresh_url: str) -> str:
    """Where the seller tells the provider who they are and where to be paid; makes their account there first. Never in a transaction.

    The address is good once and for some minutes. `return_url`, `refresh_url`: where the provider sends them back to, and where a
    stale address leads to.

    Raises:
        ProviderAway.
    """
    if not provider().is_set_up:
        raise ProviderAway
    account_id = _account_of(seller)
    try:
        return provider().onboarding_url(account=account_id, return_url=return_url, refresh_url=refresh_url)
    except ProviderError as error:
        raise ProviderAway from error


def sync_account(*, seller: User) -> SellerAccount:
    """What the seller may do at the provider, as it says now. Raises ProviderAway."""
    try:
        account = sync_seller_account(user_id=seller.pk)
    except ProviderError as error:
        raise ProviderAway from error
    return account or SellerAccount(user=seller)


@transaction.atomic
def note_deauthorized(*, user_id: uuid.UUID) -> SellerAccount:
    """The seller cut their account off from us: nothing can be paid to it. Publishes SellerAccountChanged."""
    account = lock_seller_account(user_id)
    if account.deauthorized_at is None:
        account.deauthorized_at = timezone.now()
        account.charges_enabled = account.payouts_enabled = account.transfers_active = False
        account.save(
            update_fields=[
                "deauthorized_at",
                "charges_enabled",
                "payouts_enabled",
                "transfers_active",
                "updated_at",
            ]
        )
        publish(SellerAccountChanged(user_id=user_id))
    return account


def _account_of(seller: User) -> str:
    known = SellerAccount.objects.filter(pk=seller.pk).exclude(provider_id="").first()
    if known:
        return known.provider_id
    with transaction.atomic():
        lock_seller_account(seller.pk)  # one after the other: two windows ask for one account
        refused = ProviderCommand.objects.filter(
            subject=f"user:{seller.pk}", kind=CommandKind.CREATE_ACCOUNT, state=CommandState.FAILED
        ).count()
        command = order_account(user_id=seller.pk, country=settings.STRIPE["country"], attempt=refused + 1)
    run_command(command_id=command.pk, wait_seconds=PATIENCE)
    made = SellerAccount.objects.filter(pk=seller.pk).values_list("provider_id", flat=True).first()
    if not made:
        raise ProviderAway
    return made
