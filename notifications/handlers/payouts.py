"""What sellers are told about being paid."""

import uuid

from core.events import handles
from core.money import Money
from notifications.actions import tell
from notifications.states import NotificationKind
from payments.events import PayoutFailed, PayoutPaid, SellerAccountChanged
from payments.models import Payout, SellerAccount

MONEY = "/selling/money"


@handles(PayoutPaid)
def tell_seller_that_a_payout_arrived(news: PayoutPaid) -> None:
    _tell_of(news.payout_id, "paid")


@handles(PayoutFailed)
def tell_seller_that_a_payout_failed(news: PayoutFailed) -> None:
    _tell_of(news.payout_id, "failed")


@handles(SellerAccountChanged)
def tell_seller_what_their_account_needs(news: SellerAccountChanged) -> None:
    """Once for each thing that is wanted, and once when all is there."""
    account = SellerAccount.objects.select_related("user").filter(pk=news.user_id).first()
    if account is None or not account.provider_id:
        return
    if account.requirements or account.disabled_reason:
        wanted = ",".join(sorted(map(str, account.requirements))) or account.disabled_reason
        once = uuid.uuid5(account.pk, wanted).hex
        _tell_account(account, "needs", once)
    elif account.payouts_enabled:
        _tell_account(account, "ready", "")


def _tell_account(account: SellerAccount, what: str, once: str) -> None:
    tell(
        user=account.user,
        kind=NotificationKind.PAYOUT,
        facts={"what": what},
        url="/selling/money/onboarding",
        once_key=f"payout-account:{what}:{once}",
    )


def _tell_of(payout_id: uuid.UUID, what: str) -> None:
    payout = Payout.objects.select_related("seller").get(pk=payout_id)
    amount = Money(payout.amount_minor - payout.fee_minor, payout.currency)
    account = SellerAccount.objects.filter(pk=payout.seller_id).first()
    bank = f"{account.bank_name} ••{account.bank_last4}" if account and account.bank_last4 else ""
    tell(
        user=payout.seller,
        kind=NotificationKind.PAYOUT,
        facts={"what": what, "amount": f"{amount.currency} {amount}", "bank": bank, "payout_id": str(payout.pk)},
        url=MONEY,
        once_key=f"payout:{what}:{payout.pk}",
    )
