"""What is between somebody who is suspended and others."""

import uuid
from collections.abc import Collection

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from orders.models import Checkout, Order, OrderEvent
from orders.rules import MAY_BE_CALLED_OFF
from orders.states import CheckoutState, DisputeAxis, OrderState, PaymentAxis, Side

UNPAID = (PaymentAxis.CASH_DUE, PaymentAxis.NOTHING_DUE)
SUSPENDED, RESTORED = "party_suspended", "party_restored"  # lines of the timeline


def checkouts_to_call_off(person: User) -> list[uuid.UUID]:
    """Open checkouts in which somebody buys or sells. What is bought of several is paid at once, so it ends at once."""
    sold = Order.objects.filter(seller=person, state=OrderState.AWAITING_PAYMENT).values("checkout")
    mine = Checkout.objects.filter(Q(buyer=person) | Q(pk__in=sold), state=CheckoutState.OPEN)
    return list(mine.order_by("pk").values_list("pk", flat=True))


def deals_to_call_off(person: User) -> list[uuid.UUID]:
    """Agreed, to be paid in cash or with a thing, and not handed over yet."""
    agreed = _under_way(person).filter(payment_state__in=UNPAID, fulfilment_state__in=MAY_BE_CALLED_OFF)
    return list(agreed.order_by("pk").values_list("pk", flat=True))


def paid_under_way(person: User) -> QuerySet[Order]:
    """Paid, the money with us, and not complete; with both people."""
    return _under_way(person).filter(payment_state=PaymentAxis.HELD).select_related("buyer", "seller").order_by("pk")


def paid_and_not_sent(person: User) -> QuerySet[Order]:
    """Of these what can still be called off: nothing is on its way, and no dispute decides about it."""
    open_ones = (DisputeAxis.OPEN, DisputeAxis.CHARGEBACK)
    return paid_under_way(person).filter(fulfilment_state__in=MAY_BE_CALLED_OFF).exclude(dispute_state__in=open_ones)


def told_of_suspension(person: User) -> list[uuid.UUID]:
    """Orders under way of which the last word about whether this person may trade is that they may not."""
    last = {
        side: Subquery(_said(side).filter(order=OuterRef("pk")).order_by("-id").values("kind")[:1]) for side in _SIDES
    }
    told = _under_way(person).alias(of_buyer=last[Side.BUYER], of_seller=last[Side.SELLER])
    stands = Q(buyer=person, of_buyer=SUSPENDED) | Q(seller=person, of_seller=SUSPENDED)
    return list(told.filter(stands).order_by("pk").values_list("pk", flat=True))


def is_told_of_suspension(order: Order, side: Side) -> bool:
    line = _said(side).filter(order=order).order_by("-id").first()
    return line is not None and line.kind == SUSPENDED


_SIDES: Collection[Side] = (Side.BUYER, Side.SELLER)


def _said(side: Side) -> QuerySet[OrderEvent]:
    return OrderEvent.objects.filter(kind__in=(SUSPENDED, RESTORED), side=side)


def _under_way(person: User) -> QuerySet[Order]:
    return Order.objects.filter(Q(buyer=person) | Q(seller=person), state=OrderState.CONFIRMED)
