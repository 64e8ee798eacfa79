"""Whether a seller is paid in cash."""

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from orders.models import OrderEvent
from orders.states import PayBy, Side
from payments.selectors import may_take_cash


def seller_takes_cash(seller: User, currency: str) -> bool:
    """Whether they want to, owe us little enough, and our staff did not lately decide too many of their cash sales for the buyer.

    That is all that stands behind such a decision: of money that we never held, we can send none.
    """
    return may_take_cash(seller, currency) and cash_sales_lost(seller) < settings.ORDERS["cash_sales_lost"]


def cash_sales_lost(seller: User) -> int:
    """How many cash sales our staff decided against a seller, wholly or in part, as long as that counts."""
    lost = OrderEvent.objects.filter(
        order__seller=seller,
        order__pay_by=PayBy.CASH,
        order__refunded_minor__gt=0,
        kind__in=("cash_owed", "cash_sale_undone"),
        side=Side.STAFF,
        at__gte=timezone.now() - settings.ORDERS["cash_sales_lost_kept"],
    )
    return lost.values("order").distinct().count()
