"""What operators watch of orders: a part of `/readyz`, and a metric."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.registry import Collector

from core.metrics import gauge
from orders.models import Order
from orders.states import OrderState, PaymentAxis
from payments.models import Refund
from payments.states import RefundState

UNDER_WAY = (RefundState.AWAITING_APPROVAL, RefundState.REQUESTED, RefundState.PENDING)
TIME_TO_ACT = timedelta(days=1)  # from then on it is told to whoever watches the machines, too


def money_left_behind() -> QuerySet[Order]:
    """Orders that are over while the buyer's money is still here and nothing sends it back: the second person refused the refund, or it
    failed. No clock ends that: one of our staff gives the money back, with somebody else's word where it is much.
    """
    ours = Concat(Value("order:"), Cast(OuterRef("pk"), CharField()))
    on_its_way = Refund.objects.filter(hold__reference=ours, state__in=UNDER_WAY)
    with_us = (PaymentAxis.HELD, PaymentAxis.RELEASED)
    return Order.objects.filter(~Exists(on_its_way), state=OrderState.CANCELLED, payment_state__in=with_us)


def cash_back_before_staff() -> QuerySet[Order]:
    """Cash that sellers say to have given back, or owe by a decision, while the buyers let the time to say that they have it pass."""
    said = Q(payment_state=PaymentAxis.CASH_PAID, cash_back_said_at__isnull=False)
    owed = Q(cash_owed_minor__gt=0, cash_owed_unpaid_at=None)
    return Order.objects.filter(said | owed, cash_back_staff_at__isnull=False)


def is_money_left_for_long(*, at: datetime) -> bool:
    """Whether some of it lies here for more than a day after the order was called off."""
    return money_left_behind().filter(cancelled_at__lte=at - TIME_TO_ACT).exists()


def orders_health() -> str:
    return "money not given back" if is_money_left_for_long(at=timezone.now()) else "ok"


class OurOrders(Collector):
    def collect(self) -> Iterator[Metric]:
        left = float(money_left_behind().count())
        yield gauge("souk_orders_money_left", "Cancelled orders whose money nothing sends back", "kind", {"all": left})
