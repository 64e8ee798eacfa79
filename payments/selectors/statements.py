"""What happened to a seller's money, line by line, and what of it was our commission. Days and months are Dubai's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Q, Sum

from accounts.models import User
from core.money import Money
from payments.models import LedgerEntry
from payments.rules import DUBAI
from payments.states import AccountKind, Postings


@dataclass(frozen=True)
class Movement:
    """A line of a seller's account as they see it: what came in is positive. `balance`: after it."""

    at: datetime
    kind: Postings
    reference: str
    amount: Money
    balance: Money


@dataclass(frozen=True)
class Commission:
    """What one sale cost its seller, or got back."""

    at: datetime
    kind: Postings
    reference: str
    amount: Money


@dataclass(frozen=True)
class CommissionStatement:
    """The commission of a month. The tax is contained in the total, as on an invoice."""

    month: date
    currency: str
    lines: list[Commission]
    charged: Money
    returned: Money
    total: Money
    vat_percent: Decimal
    vat: Money

    @property
    def net(self) -> Money:
        return self.total - self.vat


def movements_of(
    seller: User, currency: str, *, start: date | None = None, end: date | None = None
) -> Iterator[Movement]:
    """Every line of a seller's account from `start` to `end` (both included), the oldest first, read as it is asked for."""
    lines = LedgerEntry.objects.filter(account__code=f"{AccountKind.SELLER.value}:{seller.pk}:{currency}")
    balance = 0
    if start:
        before = lines.filter(transaction__occurred_at__lt=_first_moment(start))
        balance = -(before.aggregate(sum=Sum("amount"))["sum"] or 0)
    rows = lines.filter(_between(start, end)).order_by("transaction__occurred_at", "id")
    named = rows.values_list("transaction__occurred_at", "transaction__kind", "transaction__subject", "amount")
    for at, kind, subject, amount in named.iterator(chunk_size=2000):
        balance -= amount
        yield Movement(at, Postings(kind), subject, Money(-amount, currency), Money(balance, currency))


def commission_statement(seller: User, *, month: date, currency: str) -> CommissionStatement:
    """What a seller's sales cost in the month of this day. Postings that concern several sellers at once (a lost dispute with a bank
    about one payment to many) stand on none.
    """
    first = month.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    theirs = f"{AccountKind.SELLER.value}:{seller.pk}:{currency}"
    rows = (
        LedgerEntry.objects.filter(account__code=f"{AccountKind.REVENUE.value}:commission:{currency}")
        .filter(_between(first, last), transaction__entries__account__code=theirs)
        .exclude(transaction__kind=Postings.CHARGEBACK_LOST)
        .order_by("transaction__occurred_at", "id")
    )
    named = rows.values_list("transaction__occurred_at", "transaction__kind", "transaction__subject", "amount")
    lines = [Commission(at, Postings(kind), subject, Money(-amount, currency)) for at, kind, subject, amount in named]
    charged = sum(line.amount.minor for line in lines if line.amount.minor > 0)
    returned = -sum(line.amount.minor for line in lines if line.amount.minor < 0)
    total = Money(charged - returned, currency)
    percent = Decimal(settings.PAYMENTS["commission_vat_percent"])
    return CommissionStatement(
        month=first,
        currency=currency,
        lines=lines,
        charged=Money(charged, currency),
        returned=Money(returned, currency),
        total=total,
        vat_percent=percent,
        vat=total.contained(percent),
    )


def _between(start: date | None, end: date | None) -> Q:
    wanted = Q()
    if start:
        wanted &= Q(transaction__occurred_at__gte=_first_moment(start))
    if end:
        wanted &= Q(transaction__occurred_at__lt=_first_moment(end + timedelta(days=1)))
    return wanted


def _first_moment(day: date) -> datetime:
    return datetime.combine(day, time(), DUBAI)
