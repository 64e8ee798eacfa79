"""Who may buy in cash: nothing was paid, and the things are kept from everybody else for days."""

from datetime import datetime

from django.conf import settings

from accounts.models import User
from orders.errors import CashAfterNoShows, CashOrdersOpen
from orders.models import Meeting, Order
from orders.states import MeetingState, OrderState, PayBy, PaymentAxis, Side


def check_may_order_in_cash(buyer: User, *, orders: int, at: datetime) -> None:
    """A buyer may have some cash orders open at once, so many more included, and comes to where they agreed to meet.

    Locks the buyer's row, so that two purchases at the limit's edge take turns; the caller holds what is bought.

    Raises:
        CashOrdersOpen, CashAfterNoShows.
    """
    rules = settings.ORDERS
    missed = Meeting.objects.filter(
        order__buyer=buyer,
        state=MeetingState.MISSED,
        missed_by=Side.BUYER,
        contested_at=None,
        reported_at__gte=at - rules["no_shows_kept"],
    ).count()
    if missed >= rules["no_shows_before_card"]:
        raise CashAfterNoShows(missed=missed, days=rules["no_shows_kept"].days)
    User.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=buyer.pk)
    open_ones = Order.objects.filter(
        buyer=buyer, state=OrderState.CONFIRMED, pay_by=PayBy.CASH, payment_state=PaymentAxis.CASH_DUE
    ).count()
    if open_ones + orders > rules["cash_orders_open"]:
        raise CashOrdersOpen(most=rules["cash_orders_open"])
