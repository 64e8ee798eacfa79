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
    CashGiven,
    CashNotGiven,
    CashOwed,
    CashSaleKept,
    CashSaleUndone,
)
from orders.models import OrderEvent
from orders.rules import cash_back_answer_by, cash_back_waits
from orders.states import Side
from orders.words import in_money


@handles(CashBackSaid)
def ask_buyer_whether_they_have_their_cash_back(news: CashBackSaid) -> None:
    _tell_one(news.order_id, Side.BUYER, "cash_back_said.buyer", news.line_id)


@handles(CashBackDenied)
def tell_seller_that_the_buyer_has_no_cash_back(news: CashBackDenied) -> None:
    _tell_one(news.order_id, Side.SELLER, "cash_back_denied.seller", news.line_id)


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
    """Of what is owed, the seller too: to give it."""
    order = order_of(news.order_id)
    due = cash_back_answer_by(order)
    if due is None or not cash_back_waits(order):
        return
    if not order.cash_owed_minor:
        tell_side(order, Side.BUYER, Kind.ORDER_REFUND, "cash_back_unanswered.buyer", until=due, once=due.isoformat())
        return
    owed = {"amount": in_money(order.cash_owed).replace(",", "")}
    for side in BOTH:
        tell_side(order, side, Kind.ORDER_REFUND, f"cash_owed_due.{side}", until=due, once=due.isoformat(), more=owed)


@handles(CashBackEscalated)
def tell_both_that_staff_look_at_cash_that_nobody_confirmed(news: CashBackEscalated) -> None:
    line = OrderEvent.objects.get(pk=news.line_id)
    tell_both(news.order_id, line.kind, news.line_id, more=_amount_in(line))


@handles(CashGiven)
def tell_both_of_owed_cash_that_was_given(news: CashGiven) -> None:
    line = OrderEvent.objects.get(pk=news.line_id)
    tell_both(news.order_id, "cash_owed_given", news.line_id, more=_amount_in(line))


@handles(CashNotGiven)
def tell_both_of_owed_cash_that_was_not_given(news: CashNotGiven) -> None:
    line = OrderEvent.objects.get(pk=news.line_id)
    tell_both(news.order_id, "cash_owed_unpaid", news.line_id, more=_amount_in(line))


@handles(CashSaleKept)
def tell_both_that_a_cash_sale_stands(news: CashSaleKept) -> None:
    tell_both(news.order_id, "cash_sale_kept", news.line_id)


@handles(CashOwed)
def tell_both_of_cash_that_the_seller_owes(news: CashOwed) -> None:
    line = OrderEvent.objects.get(pk=news.line_id)
    tell_both(news.order_id, "cash_owed", news.line_id, more=_amount_in(line))


def tell_both(order_id: uuid.UUID, what: str, line_id: uuid.UUID, *, more: Mapping[str, str] | None = None) -> None:
    """Both sides of money in cash, once for each line of the timeline."""
    order = order_of(order_id)
    for side in BOTH:
        tell_side(order, side, Kind.ORDER_REFUND, f"{what}.{side}", once=str(line_id), more=more)


def _tell_one(order_id: uuid.UUID, side: Side, what: str, line_id: uuid.UUID) -> None:
    line = OrderEvent.objects.get(pk=line_id)
    tell_side(order_of(order_id), side, Kind.ORDER_REFUND, what, once=str(line_id), more=_amount_in(line))


def _amount_in(line: OrderEvent) -> dict[str, str]:
    return {"amount": line.facts["amount"].replace(",", "")}
