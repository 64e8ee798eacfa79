"""Questions about the ledger."""

import uuid

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import User
from core.money import Money
from payments.models import LedgerBalance, LedgerTransaction, SellerAccount
from payments.states import AccountKind


def ledger_balance(kind: AccountKind, owner: str, currency: str) -> Money:
    """What an account's lines come to, a debit positive; nothing for one that was never used."""
    code = ":".join(part for part in (kind.value, owner, currency) if part)
    amount = LedgerBalance.objects.filter(account__code=code).values_list("amount", flat=True).first()
    return Money(amount or 0, currency)


def owed_to(seller_id: uuid.UUID, currency: str) -> Money:
    """What we owe a seller after all that happened; below zero is what they owe us."""
    return Money(-ledger_balance(AccountKind.SELLER, str(seller_id), currency).minor, currency)


def may_take_cash(seller: User, currency: str) -> bool:
    """Whether a seller wants to be paid in cash, and their debt leaves room for another such sale."""
    account = SellerAccount.objects.filter(pk=seller.pk).only("takes_cash", "cash_debt_limit_minor").first()
    if account and not account.takes_cash:
        return False
    limit = account.cash_debt_limit_minor if account else None
    if limit is None:
        limit = Money.parse(settings.PAYMENTS["cash_debt_limit"], currency).minor
    return -owed_to(seller.pk, currency).minor < limit


def postings_of(subject: str) -> QuerySet[LedgerTransaction]:
    """The transactions that concern "order:…" or "checkout:…", with their lines, in the order in which they were written."""
    return LedgerTransaction.objects.filter(subject=subject).prefetch_related("entries__account").order_by("id")
