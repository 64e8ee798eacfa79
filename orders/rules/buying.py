"""Who may do what until something is paid, and the names under which others keep things for an order."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import User
from accounts.rules import may_act_for
from catalog.models import ProductVariant
from catalog.states import ProductState
from orders import errors
from orders.errors import NotYourSideOfIt, OrderNotFound
from orders.models import Checkout, Order
from orders.states import (
    CancelledBecause,
    Change,
    Delivery,
    FulfilmentAxis,
    OrderState,
    PayBy,
    Side,
)

NOTE_LENGTH = 300  # the column holds no more
MAX_PIECES = 99  # ours: of one thing in one order

SCOPE = "orders"  # what a member of a seller's team needs to act on their orders
BEFORE_DISPATCH = (FulfilmentAxis.WAITING, FulfilmentAxis.PREPARING, FulfilmentAxis.READY)
MAY_BE_CALLED_OFF = (*BEFORE_DISPATCH, FulfilmentAxis.MISSED)  # nothing is on its way, or it did not arrive


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


def check_note(note: str) -> None:
    """Raises NoteTooLong."""
    if len(note) > NOTE_LENGTH:
        raise errors.NoteTooLong(limit=NOTE_LENGTH)


def check_pieces(quantity: int) -> None:
    """Raises TooManyPieces."""
    if not 0 < quantity <= MAX_PIECES:
        raise errors.TooManyPieces(limit=MAX_PIECES)


def check_way(*, pay_by: str, delivery: str, has_address: bool) -> None:
    """Cash only from hand to hand, and a carrier wants an address. Raises NotInCash, AddressNeeded."""
    if delivery == Delivery.SHIP:
        if pay_by == PayBy.CASH:
            raise errors.NotInCash
        if not has_address:
            raise errors.AddressNeeded


def obstacle(
    *,
    person_id: uuid.UUID | None,
    variant: ProductVariant,
    quantity: int,
    available: int,
    blocked: Collection[uuid.UUID] = frozenset(),
) -> Change | None:
    """Why somebody cannot buy so many of a variant now, whose listing and seller are loaded; None where they can.

    A block, a suspension and a listing that is gone look the same: nobody is told which it was.
    """
    product, seller = variant.product, variant.product.seller
    if seller.pk == person_id:
        return Change.OWN
    away = not seller.is_active or seller.suspended_at or seller.listings_hidden_at or seller.pk in blocked
    if away or product.hidden_at is not None or not variant.is_active:
        return Change.GONE
    all_set_aside = available <= 0 and variant.stock > 0
    if product.state == ProductState.RESERVED or (product.state == ProductState.ACTIVE and all_set_aside):
        return Change.RESERVED
    if product.state != ProductState.ACTIVE or available <= 0:
        return Change.GONE
    return Change.FEWER if quantity > available else None
