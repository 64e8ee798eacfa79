"""Questions about payouts."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from core.models import Heartbeat
from payments.errors import PayoutNotFound
from payments.models import PaymentHold, Payout, Refund
from payments.rules import DUBAI
from payments.states import PayoutState, RefundState

RAN = "payouts"  # the heartbeat of a run that came to its end
LATE_AFTER = timedelta(hours=26)  # payouts run daily
STUCK_AFTER = timedelta(hours=2)  # between its order and the provider's taking it on


@dataclass
class Standing:
    """How many payouts are in which open state, and what is late, in words."""

    counts: dict[str, int] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)


def payouts_of(
    seller: User, *, state: str | None = None, start: date | None = None, end: date | None = None
) -> QuerySet[Payout]:
    """A seller's payouts, the newest first, with how many sales each pays and what of them was commission. Days are Dubai's."""
    found = Payout.objects.filter(seller=seller)
    if state:
        found = found.filter(state=state)
    if start:
        found = found.filter(created_at__gte=datetime.combine(start, time(), DUBAI))
    if end:
        found = found.filter(created_at__lt=datetime.combine(end + timedelta(days=1), time(), DUBAI))
    return _counted(found)


def payout_of(seller: User, payout_id: uuid.UUID) -> Payout:
    """One of a seller's own. Raises PayoutNotFound."""
    payout = _counted(Payout.objects.filter(seller=seller, pk=payout_id)).first()
    if payout is None:
        raise PayoutNotFound
    return payout


def paid_by(payout: Payout) -> QuerySet[PaymentHold]:
    """The sales whose shares a payout pays, the newest first."""
    return PaymentHold.objects.filter(payout=payout).order_by("-pk")


def payout_standing(*, at: datetime) -> Standing:
    """Where open payouts stand. Late is a daily run that did not come, and a payout that nobody took on."""
    open_states = [PayoutState.AWAITING_APPROVAL, PayoutState.PENDING, PayoutState.PROCESSING]
    counted = dict(Payout.objects.filter(state__in=open_states).values_list("state").annotate(n=Count("id")).order_by())
    standing = Standing(counts={str(state): counted.get(state, 0) for state in open_states})
    ran = Heartbeat.objects.filter(name=RAN).values_list("beat_at", flat=True).first()
    if ran and ran < at - LATE_AFTER:
        standing.late.append(f"the last run of payouts was at {ran:%Y-%m-%d %H:%M} UTC")
    stuck = Payout.objects.filter(state=PayoutState.PENDING, created_at__lt=at - STUCK_AFTER).order_by("created_at")
    standing.late += [
        f"payout {pk} waits since {since:%Y-%m-%d %H:%M} UTC"
        for pk, since in stuck.values_list("pk", "created_at")[:20]
    ]
    return standing


def is_payout_late(*, at: datetime) -> bool:
    """The cheap part of `payout_standing`, for health checks: two look-ups by index."""
    return (
        Heartbeat.objects.filter(name=RAN, beat_at__lt=at - LATE_AFTER).exists()
        or Payout.objects.filter(state=PayoutState.PENDING, created_at__lt=at - STUCK_AFTER).exists()
    )


def refunds_waiting() -> int:
    """Refunds that need a second person."""
    return Refund.objects.filter(state=RefundState.AWAITING_APPROVAL).count()


def _counted(payouts: QuerySet[Payout]) -> QuerySet[Payout]:
    of_one = PaymentHold.objects.filter(payout=OuterRef("pk")).order_by().values("payout")
    commission = Sum(F("commission_minor") - F("commission_returned_minor"))
    return payouts.annotate(
        transaction_count=Coalesce(Subquery(of_one.annotate(n=Count("id")).values("n")), Value(0)),
        commission_minor=Coalesce(Subquery(of_one.annotate(sum=commission).values("sum")), Value(0)),
    ).order_by("-pk")
