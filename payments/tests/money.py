"""Money on its way through a test: payments that were asked for, and what a provider would say of them. No provider is asked."""

import itertools
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from core.money import Money
from payments.actions import (
    note_bank_payout,
    note_claw_back,
    note_intent,
    note_refund,
    note_transfer,
    open_payment,
    release_hold,
)
from payments.models import LedgerBalance, LedgerEntry, Payment, Payout, Refund, SellerAccount
from payments.ports import ChargeView, IntentView, PayoutView, RefundView, TransferView
from payments.rules import HoldPart
from payments.selectors import balance_of

_numbers = itertools.count(1)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SHARE = 254_15  # what `earned`, as it stands, leaves the seller


def aed(minor: int) -> Money:
    return Money(minor, "AED")


def part(
    seller: User, *, amount: int = 299_00, commission: int = 44_85, subsidy: int = 0, reference: str = ""
) -> HoldPart:
    return HoldPart(
        reference=reference or f"order:{next(_numbers)}",
        payee_id=seller.pk,
        amount=aed(amount),
        subsidy=aed(subsidy),
        commission=aed(commission),
    )


def asked(*parts: HoldPart, payer: User | None = None, reference: str = "") -> Payment:
    """An open payment of the sum of its parts."""
    return open_payment(
        payer=payer or UserFactory(),
        reference=reference or f"checkout:{next(_numbers)}",
        amount=aed(sum(p.amount.minor for p in parts)),
        parts=parts,
    )


def seen(
    payment: Payment, status: str = "succeeded", *, fee: int | None = 0, settled: bool = True, failure: str = ""
) -> IntentView:
    """What the provider says of a payment. `settled`: it can be paid out already."""
    charge = None
    if status == "succeeded":
        charge = ChargeView(
            id=f"ch_{payment.pk.hex}",
            amount_minor=payment.amount_minor,
            balance_transaction_id=f"txn_{payment.pk.hex}" if fee is not None else "",
            fee_minor=fee,
            available_on=None if fee is None else LONG_AGO if settled else timezone.now() + timedelta(days=7),
            method={"brand": "visa", "last4": "4242"},
        )
    return IntentView(
        id=f"pi_{payment.pk.hex}",
        status=status,
        amount_minor=payment.amount_minor,
        currency="AED",
        client_secret=f"pi_{payment.pk.hex}_secret",
        charge=charge,
        failure_code=failure,
    )


@transaction.atomic
def captured(
    *parts: HoldPart, payer: User | None = None, reference: str = "", fee: int = 0, settled: bool = True
) -> Payment:
    """A payment that was made, its holds held."""
    payment = asked(*parts, payer=payer, reference=reference)
    return note_intent(payment_id=payment.pk, view=seen(payment, fee=fee, settled=settled))


@transaction.atomic
def answered(
    refund: Refund, status: str = "succeeded", *, provider_id: str = "", failure: str = "", has_left: bool = True
) -> Refund:
    """The provider's word on a refund. `has_left`: it took the money from our balance."""
    view = RefundView(
        id=provider_id or f"re_{refund.pk.hex}_{refund.tries}",
        balance_transaction_id=f"txn_{refund.pk.hex}_{refund.tries}" if has_left else "",
        status=status,
        amount_minor=refund.amount_minor,
        failure_code=failure,
    )
    return note_refund(refund_id=refund.pk, view=view)


def brought_up() -> None:
    """The accounts that everybody shares follow their lines now, as they do at a commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS follow_at_commit IMMEDIATE")


def balances() -> dict[str, int]:
    """Every account that holds something, by kind and name without ids: those of a kind come together."""
    brought_up()
    sums: dict[str, int] = {}
    for code, amount in LedgerBalance.objects.exclude(amount=0).values_list("account__code", "amount"):
        kind, _, rest = code.partition(":")
        name = f"{kind}:{rest.partition(':')[0]}" if kind in ("revenue", "expense") else kind
        sums[name] = sums.get(name, 0) + amount
    return {name: amount for name, amount in sums.items() if amount}


def lines_of(kind: str, ref: str) -> dict[str, int]:
    """The lines of one transaction by account code."""
    return dict(
        LedgerEntry.objects.filter(transaction__kind=kind, transaction__ref=ref).values_list("account__code", "amount")
    )


def staff_with(*permissions: str) -> User:
    """Somebody of the team who may do just this."""
    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="payments", codename__in=permissions))
    return person


def seller_ready(**facts: object) -> User:
    """Somebody whom the provider can pay, past the time of reserves."""
    person = UserFactory()
    said: dict[str, object] = {
        "provider_id": f"acct_{person.pk.hex}",
        "charges_enabled": True,
        "payouts_enabled": True,
        "transfers_active": True,
        "bank_last4": "6789",
        "bank_name": "Emirates NBD",
        "reserve_percent": 0,
    }
    SellerAccount.objects.create(user=person, **(said | facts))
    return person


def earned(
    seller: User, amount: int = 299_00, *, commission: int = 44_85, settled: bool = True, reference: str = ""
) -> str:
    """Release what a sale brought; the answer is its reference."""
    reference = reference or f"order:{next(_numbers)}"
    captured(part(seller, amount=amount, commission=commission, reference=reference), settled=settled)
    release_hold(reference=reference, at=timezone.now())
    return reference


def free(seller: User) -> int:
    """What of it can be paid out now."""
    return balance_of(seller, "AED").available.minor


@transaction.atomic
def transferred(payout: Payout) -> Payout:
    view = TransferView(
        id=f"tr_{payout.pk.hex}",
        amount_minor=payout.net.minor,
        destination=payout.seller.seller_account.provider_id,
        destination_payment_id=f"py_{payout.pk.hex}",
    )
    return note_transfer(payout_id=payout.pk, view=view)


@transaction.atomic
def banked(payout: Payout, status: str = "paid", *, failure: str = "") -> Payout:
    view = PayoutView(
        id=f"po_{payout.pk.hex}",
        status=status,
        amount_minor=payout.net.minor,
        method=payout.method,
        bank_last4="6789",
        failure_code=failure,
    )
    return note_bank_payout(payout_id=payout.pk, view=view)


@transaction.atomic
def clawed_back(payout: Payout) -> None:
    view = TransferView(
        id=f"trr_{payout.pk.hex}", amount_minor=payout.net.minor, destination="", reversed_minor=payout.net.minor
    )
    note_claw_back(payout_id=payout.pk, view=view, amount=payout.net, command_id=payout.pk)
