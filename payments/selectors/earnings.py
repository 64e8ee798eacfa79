"""What a seller's own page asks: how they are paid, what they earned week by week, what was paid out."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import TruncWeek

from accounts.models import User
from core.money import Money
from payments.errors import PayoutNotFound
from payments.models import PaymentHold, Payout, SellerAccount
from payments.states import HoldState, PayoutState


@dataclass(frozen=True)
class Week:
    """From Monday on, where the market is: what became the seller's, and what reached their bank."""

    begins_on: date
    earned: Money
    paid_out: Money


def seller_account(seller: User) -> SellerAccount | None:
    return SellerAccount.objects.filter(pk=seller.pk).first()


def payouts_of(seller: User) -> QuerySet[Payout]:
    """Newest first."""
    return Payout.objects.filter(seller=seller).order_by("-id")


def payout_of(seller: User, payout_id: uuid.UUID) -> Payout:
    """Raises PayoutNotFound."""
    payout = payouts_of(seller).filter(pk=payout_id).first()
    if payout is None:
        raise PayoutNotFound
    return payout


def holds_of_payout(payout: Payout) -> QuerySet[PaymentHold]:
    """The sales that a payout paid, newest first."""
    return payout.holds.order_by("-released_at", "-id")


def weeks_of(seller: User, currency: str, *, now: datetime, weeks: int) -> list[Week]:
    """The last weeks, this one last; weeks without a sale too."""
    zone = ZoneInfo(settings.DISPLAY_TIME_ZONE)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=weeks - 1)
    since = datetime(first.year, first.month, first.day, tzinfo=zone)
    left = F("share_minor") - F("refunded_minor") - F("subsidy_returned_minor") + F("commission_returned_minor")
    earned = (
        PaymentHold.objects.filter(payee=seller, currency=currency, state=HoldState.RELEASED, released_at__gte=since)
        .annotate(week=TruncWeek("released_at", tzinfo=zone))
        .values("week")
        .annotate(minor=Sum(left))
        .order_by("week")
    )
    paid = (
        Payout.objects.filter(seller=seller, currency=currency, state=PayoutState.PAID, paid_at__gte=since)
        .annotate(week=TruncWeek("paid_at", tzinfo=zone))
        .values("week")
        .annotate(minor=Sum(F("amount_minor") - F("fee_minor")))
        .order_by("week")
    )
    earned_in = {row["week"].date(): row["minor"] for row in earned}
    paid_in = {row["week"].date(): row["minor"] for row in paid}
    days = [first + timedelta(weeks=n) for n in range(weeks)]
    return [Week(d, Money(earned_in.get(d, 0), currency), Money(paid_in.get(d, 0), currency)) for d in days]
