"""What the two of a sale in cash are told of money that goes back, or is owed."""

import uuid
from collections.abc import Mapping

from core.events import handles
from notifications.handlers.orders import BOTH, order_of, tell_side
from notifications.states import NotificationKind as Kind
from orders.events import (
    CashBackDenied,
    CashBackEscalated,
    CashBackSaid,
    CashBackUnanswered,
    CashOwed,
    CashSaleKept,
    CashSaleUndone,
)
from orders.models import OrderEvent
from orders.rules import cash_back_answer_by
from orders.states import PaymentAxis, Side


@handles(CashBackSaid)
def ask_buyer_whether_they_have_their_cash_back(news: CashBackSaid) -> None:
    order = order_of(news.order_id)
    tell_side(order, Side.BUYER, Kind.ORDER_REFUND, "cash_back_said.buyer", once=str(news.line_id))


@handles(CashBackDenied)
def tell_seller_that_the_buyer_has_no_cash_back(news: CashBackDenied) -> None:
    order = order_of(news.order_id)
    tell_side(order, Side.SELLER, Kind.ORDER_REFUND, "cash_back_denied.seller", once=str(news.line_id))


@handles(CashSaleUndone)
def tell_of_a_cash_sale_that_did_not_stand(news: CashSaleUndone) -> None:
    """Where the two agree the buyer said it themselves."""
    order = order_of(news.order_id)
    if news.by_staff and order.cash_back_said_at is not None:  # found to be as the seller said
        tell_side(order, Side.BUYER, Kind.ORDER_REFUND, "cash_back_found.buyer")
        tell_side(order, Side.SELLER, Kind.ORDER_REFUND, "cash_sale_undone.seller")
        return
    if news.by_staff:
        tell_side(order, Side.BUYER, Kind.ORDER_REFUND, "cash_sale_undone_by_staff.buyer")
    by = "_by_staff" if news.by_staff else ""
    tell_side(order, Side.SELLER, Kind.ORDER_REFUND, f"cash_sale_undone{by}.seller")


@handles(CashBackUnanswered)
def remind_buyer_to_say_whether_they_have_their_cash_back(news: CashBackUnanswered) -> None:
    order = order_of(news.order_id)
    if order.cash_back_said_at is not None and order.payment_state == PaymentAxis.CASH_PAID:
        due, once = cash_back_answer_by(order), order.cash_back_said_at.isoformat()
        tell_side(order, Side.BUYER, Kind.ORDER_REFUND, "cash_back_unanswered.buyer", until=due, once=once)


@handles(CashBackEscalated)
def tell_both_that_staff_look_at_cash_that_nobody_confirmed(news: CashBackEscalated) -> None:
    _tell_both(news.order_id, "cash_back_escalated", news.line_id)


@handles(CashSaleKept)
def tell_both_that_a_cash_sale_stands(news: CashSaleKept) -> None:
    _tell_both(news.order_id, "cash_sale_kept", news.line_id)


@handles(CashOwed)
def tell_both_of_cash_that_the_seller_owes(news: CashOwed) -> None:
    line = OrderEvent.objects.get(pk=news.line_id)
    _tell_both(news.order_id, "cash_owed", news.line_id, more={"amount": line.facts["amount"].replace(",", "")})


def _tell_both(order_id: uuid.UUID, what: str, line_id: uuid.UUID, *, more: Mapping[str, str] | None = None) -> None:
    """Both sides of money in cash, once for each line of the timeline."""
    order = order_of(order_id)
    for side in BOTH:
        tell_side(order, side, Kind.ORDER_REFUND, f"{what}.{side}", once=str(line_id), more=more)
