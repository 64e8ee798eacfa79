"""The ledger in the words of Beancount.

Amounts are whole numbers of a pseudo-currency per minor unit ("FILAED": fils of the dirham): with decimals, Beancount infers a
tolerance that would hide a difference of one.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

from payments.models import LedgerAccount, LedgerEntry
from payments.rules import DUBAI
from payments.states import AccountKind

# Beancount knows five roots; a debit is positive there too.
ROOTS = {
    AccountKind.CLEARING: "Assets:Provider",
    AccountKind.CHARGEBACK: "Assets:Chargebacks",
    AccountKind.CASH: "Assets:Cash",
    AccountKind.HOLD: "Liabilities:Holds",
    AccountKind.SELLER: "Liabilities:Sellers",
    AccountKind.PAYOUT: "Liabilities:Payouts",
    AccountKind.REFUND: "Liabilities:Refunds",
    AccountKind.REVENUE: "Income",
    AccountKind.EXPENSE: "Expenses",
    AccountKind.EQUITY: "Equity:Adjustments",
}


def beancount_lines() -> Iterator[str]:
    """The file, line by line, by days; at its end every balance that we keep, which `bean-check` holds against the lines."""
    yield 'option "title" "Souk Loop"'
    for currency in LedgerAccount.objects.values_list("currency", flat=True).distinct().order_by("currency"):
        yield f'option "operating_currency" "{unit(currency)}"'
    names: dict[int, str] = {}
    for account in LedgerAccount.objects.order_by("id").iterator(chunk_size=2000):
        names[account.pk] = account_name(account)
        yield f"1970-01-01 open {names[account.pk]} {unit(account.currency)}"
    lines = LedgerEntry.objects.select_related("transaction", "account").order_by(
        "transaction__occurred_at", "transaction_id", "id"
    )
    last, day = None, None
    for line in lines.iterator(chunk_size=2000):
        if line.transaction_id != last:
            last, day = line.transaction_id, line.transaction.occurred_at.astimezone(DUBAI).date()
            yield ""
            yield f'{day} * "{line.transaction.kind}" "{_quoted(line.transaction.ref)}"'
            yield f'  id: "{line.transaction_id}"'
        yield f"  {names[line.account_id]}  {line.amount} {unit(line.account.currency)}"
    if day is None:
        return
    yield ""
    kept = LedgerAccount.objects.select_related("balance").order_by("id")
    for account in kept.iterator(chunk_size=2000):
        yield f"{day + timedelta(days=1)} balance {names[account.pk]}  {account.balance.amount} {unit(account.currency)}"


def unit(currency: str) -> str:
    return f"FIL{currency}"


def account_name(account: LedgerAccount) -> str:
    """Beancount wants words that begin with a capital or a digit and hold letters, digits and hyphens."""
    owner = re.sub(r"[^A-Za-z0-9]+", "-", account.owner).strip("-")
    parts = [ROOTS[AccountKind(account.kind)], *([owner[:1].upper() + owner[1:]] if owner else []), account.currency]
    return ":".join(parts)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
