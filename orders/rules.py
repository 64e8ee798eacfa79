"""The law of buying: pure decisions over loaded values. Amounts are minor units of one currency; the time is passed in."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import User
from accounts.rules import may_act_for
from orders.errors import NotYourSideOfIt, OrderNotFound
from orders.models import Checkout, Order
from orders.states import CancelledBecause, FulfilmentAxis, OrderState, Side

SCOPE = "orders"  # what a member of a seller's team needs to act on their orders
BEFORE_DISPATCH = (FulfilmentAxis.WAITING, FulfilmentAxis.PREPARING, FulfilmentAxis.READY)


# --- names under which others keep things for us ----------------------------------------------------------------------


def checkout_reference(checkout: Checkout | uuid.UUID) -> str:
    """The name of its payment."""
    return f"checkout:{checkout.pk if isinstance(checkout, Checkout) else checkout}"


def reference_of(order: Order | uuid.UUID) -> str:
    """The name of the order's part of the payment."""
    return f"order:{order.pk if isinstance(order, Order) else order}"


def stock_reference(order: Order) -> str:
    """The name under which catalog sets its things aside: that of the offer it came from, where there is one."""
    return order.source_reference or reference_of(order)


def id_in(reference: str, kind: str) -> uuid.UUID | None:
    """The key in a reference of this kind ("order", "checkout"); None where it names something else."""
    named, _, key = reference.partition(":")
    if named != kind:
        return None
    try:
        return uuid.UUID(key)
    except ValueError:
        return None


# --- whose it is ------------------------------------------------------------------------------------------------------


def side_of(order: Order, person: User) -> Side:
    """On which side a party stands; whoever acts in the seller's name stands there. Raises OrderNotFound for everybody else."""
    if person.pk == order.buyer_id:
        return Side.BUYER
    if may_act_for(actor=person, seller=order.seller, scope=SCOPE):
        return Side.SELLER
    raise OrderNotFound


def check_side(order: Order, person: User, side: Side) -> None:
    """Raises OrderNotFound (a stranger), NotYourSideOfIt (the other of the two)."""
    if side_of(order, person) != side:
        raise NotYourSideOfIt


# --- clocks -----------------------------------------------------------------------------------------------------------


def inspection_hours(*, is_luxury: bool) -> int:
    """How long a buyer has to look at what came, frozen on the order when it is bought."""
    span: timedelta = settings.ORDERS["luxury_inspection" if is_luxury else "inspection"]
    return int(span.total_seconds() // 3600)


def dispatch_due(confirmed_at: datetime) -> datetime:
    """Not sent or handed over by then: the buyer gets the money back."""
    due: datetime = confirmed_at + settings.ORDERS["dispatch_window"]
    return due


# --- what may be done -------------------------------------------------------------------------------------------------


def may_cancel(order: Order, side: Side) -> bool:
    """Before anything is on its way, either side may still call it off; what is not paid only its buyer."""
    if order.state == OrderState.AWAITING_PAYMENT:
        return side != Side.SELLER
    return order.state == OrderState.CONFIRMED and order.fulfilment_state in BEFORE_DISPATCH


def because_of(side: Side) -> CancelledBecause:
    """What a cancellation by this side is called."""
    return {
        Side.BUYER: CancelledBecause.BUYER,
        Side.SELLER: CancelledBecause.SELLER,
        Side.STAFF: CancelledBecause.STAFF,
        Side.SYSTEM: CancelledBecause.LATE,
    }[side]
