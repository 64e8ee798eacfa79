"""Cash that a seller owes a buyer, because a dispute or our staff decided so. It ends when the buyer says that they have it, or our
staff find what is so. It is said and asked by the same words, clocks and doors as cash that a seller says to have given by themselves
(`cash_returns`): here is what only a debt has.
"""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from core.events import publish
from core.money import Money
from orders.actions.timeline import note_event
from orders.events import CashGiven, CashNotGiven
from orders.models import Order
from orders.states import Side
from orders.words import in_money

_FIELDS = (
    "cash_owed_minor",
    "cash_owed_at",
    "cash_owed_unpaid_at",
    "cash_back_said_at",
    "cash_back_reminded_at",
    "cash_back_staff_at",
    "updated_at",
)


def owe(order: Order, amount: Money) -> None:
    """A locked order's seller owes so much (more); the clocks of it begin anew."""
    order.cash_owed_minor += amount.minor
    order.cash_owed_at = timezone.now()
    _begin_anew(order)


def settle(order: Order, *, side: Side, by: User) -> None:
    """What the seller of a locked order owes is with the buyer. Publishes CashGiven."""
    amount = order.cash_owed
    order.cash_owed_minor = 0
    _begin_anew(order)
    line = note_event(order, "cash_owed_given", side, actor=by, amount=in_money(amount))
    publish(CashGiven(order_id=order.pk, line_id=line.pk))


def find_unpaid(order: Order, *, by: User) -> None:
    """What the seller of a locked order owes was not given: it stays owed, and no clock runs any more. Publishes CashNotGiven."""
    _begin_anew(order, unpaid_at=timezone.now())
    line = note_event(order, "cash_owed_unpaid", Side.STAFF, actor=by, amount=in_money(order.cash_owed))
    publish(CashNotGiven(order_id=order.pk, line_id=line.pk))


def _begin_anew(order: Order, *, unpaid_at: datetime | None = None) -> None:
    order.cash_owed_unpaid_at = unpaid_at
    order.cash_back_said_at = order.cash_back_reminded_at = order.cash_back_staff_at = None
    order.save(update_fields=_FIELDS)
