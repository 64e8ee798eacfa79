"""What pages ask about orders: lists by what is to be done, one order with everything around it, and what waits for a person."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from catalog.models import ProductVariant
from orders.errors import CheckoutNotFound, OrderNotFound
from orders.models import CartItem, Checkout, Dispute, DisputeEvidence, Meeting, Order, OrderItem, Shipment
from orders.states import (
    DisputeAxis,
    DisputeState,
    FulfilmentAxis,
    MeetingState,
    OrderState,
    Side,
)
from places.models import MeetingPoint

NOT_SENT = (FulfilmentAxis.WAITING, FulfilmentAxis.PREPARING, FulfilmentAxis.READY, FulfilmentAxis.MISSED)
UNDER_WAY = (FulfilmentAxis.DISPATCHED, FulfilmentAxis.DELIVERED, FulfilmentAxis.RETURNING, FulfilmentAxis.RETURNED)
IN_TROUBLE = (DisputeAxis.OPEN, DisputeAxis.CHARGEBACK)
OPEN_MEETINGS = (MeetingState.PROPOSED, MeetingState.AGREED)
NEARBY_POINTS = 8

_CONFIRMED = Q(state=OrderState.CONFIRMED)
_QUIET = ~Q(dispute_state__in=IN_TROUBLE)
BUYER_TABS: Mapping[str, Q] = {
    "open": Q(state__in=(OrderState.AWAITING_PAYMENT, OrderState.CONFIRMED)),
    "done": Q(state=OrderState.COMPLETED),
    "cancelled": Q(state=OrderState.CANCELLED),
}
SELLER_TABS: Mapping[str, Q] = {
    "to_do": _CONFIRMED & _QUIET & Q(fulfilment_state__in=NOT_SENT),
    "problems": Q(dispute_state__in=IN_TROUBLE),
    "under_way": _CONFIRMED & _QUIET & ~Q(fulfilment_state__in=NOT_SENT),
    "unpaid": Q(state=OrderState.AWAITING_PAYMENT),
    "done": Q(state=OrderState.COMPLETED) & _QUIET,
    "cancelled": Q(state=OrderState.CANCELLED) & _QUIET,
}


def _with_things(rows: QuerySet[Order]) -> QuerySet[Order]:
    items = OrderItem.objects.select_related("product__cover", "product__category")
    return rows.select_related("buyer__neighborhood", "seller", "checkout").prefetch_related(
        Prefetch("items", queryset=items)
    )


def bought(buyer: User, *, tab: str) -> QuerySet[Order]:
    """What a person bought, newest first."""
    return _with_things(Order.objects.filter(BUYER_TABS[tab], buyer=buyer)).order_by("-id")


def sold(seller: User, *, tab: str) -> QuerySet[Order]:
    """What a person sold, by what is to be done about it; what is due first stands first."""
    rows = _with_things(Order.objects.filter(SELLER_TABS[tab], seller=seller))
    return rows.order_by("-id")


def tallies_of_buyer(buyer: User) -> dict[str, int]:
    return Order.objects.filter(buyer=buyer).aggregate(**{n: Count("id", filter=q) for n, q in BUYER_TABS.items()})


def tallies_of_seller(seller: User) -> dict[str, int]:
    return Order.objects.filter(seller=seller).aggregate(**{n: Count("id", filter=q) for n, q in SELLER_TABS.items()})


def order_page(person: User, order_id: uuid.UUID, *, side: str) -> Order:
    """An order as one of its two sides reads it. Raises OrderNotFound."""
    mine = {"buyer": person} if side == Side.BUYER else {"seller": person}
    order = _with_things(Order.objects.filter(pk=order_id, **mine)).first()
    if order is None:
        raise OrderNotFound
    return order


def order_for_offer(buyer: User, offer_id: uuid.UUID) -> Order:
    """What became of an accepted offer, for whoever is to pay it. Raises OrderNotFound."""
    rows = Order.objects.filter(buyer=buyer, source_reference=f"offer:{offer_id}")
    order = rows.select_related("checkout").order_by("-id").first()
    if order is None:
        raise OrderNotFound
    return order


def checkout_page(buyer: User, checkout_id: uuid.UUID) -> Checkout:
    """Raises CheckoutNotFound."""
    checkout = Checkout.objects.select_related("payment").filter(pk=checkout_id, buyer=buyer).first()
    if checkout is None:
        raise CheckoutNotFound
    return checkout


def orders_of_checkout(checkout: Checkout) -> list[Order]:
    return list(_with_things(Order.objects.filter(checkout=checkout)).order_by("id"))


def timeline(order: Order) -> QuerySet[Any]:
    """Newest first. Both sides read it; what staff note among themselves is not in it."""
    return order.events.filter(is_internal=False).order_by("-id")


def meetings_of(order: Order) -> list[Meeting]:
    return list(order.meetings.select_related("point").order_by("-id")[:10])


def shipments_of(order: Order) -> list[Shipment]:
    return list(order.shipments.select_related("label").order_by("-id"))


def open_dispute(order: Order) -> Dispute | None:
    """The dispute that is on, else the last one there was."""
    return order.disputes.order_by("-id").first()


def return_parcel(order: Order, *, since: datetime) -> Shipment | None:
    """What the buyer has sent back in a dispute that began then."""
    return order.shipments.filter(is_return=True, booked_at__gte=since).first()


def evidence_of(dispute: Dispute) -> list[DisputeEvidence]:
    """What the two sides have shown; notes of staff are not for them."""
    return list(dispute.evidence.filter(is_internal=False).select_related("picture", "author").order_by("id"))


def meeting_points_for(order: Order) -> list[MeetingPoint]:
    """Safe places, those first that are on the way for both. Reckoned from the listing's public cell and the middle of the buyer's
    neighbourhood, so that the order of the list tells nobody where the other lives.
    """
    rows = MeetingPoint.objects.filter(is_active=True).select_related("neighborhood")
    thing = next((item.product.public_location for item in order.items.all() if item.product.public_location), None)
    home = order.buyer.neighborhood.centre if order.buyer.neighborhood else None
    ways = [Distance("location", spot) for spot in (thing, home) if spot is not None]
    if not ways:
        return list(rows[:NEARBY_POINTS])
    far = rows.annotate(way=ways[0] if len(ways) == 1 else ways[0] + ways[1])
    return list(far.order_by("way", "pk")[:NEARBY_POINTS])


def waiting_for(user: User) -> dict[str, int]:
    """What awaits a person, in one query: things in the cart, orders to pay or to look at, orders to deliver."""
    cart = CartItem.objects.filter(cart__user=OuterRef("pk")).order_by().values("cart").annotate(n=Count("id"))
    mine = Order.objects.filter(buyer=OuterRef("pk")).order_by()
    to_do = mine.filter(
        Q(state=OrderState.AWAITING_PAYMENT, expires_at__gt=timezone.now())
        | _CONFIRMED & _QUIET & Q(fulfilment_state=FulfilmentAxis.DELIVERED)
    )
    theirs = Order.objects.filter(seller=OuterRef("pk")).order_by()
    answers = Dispute.objects.filter(order=OuterRef("pk"), state=DisputeState.OPEN)
    to_deliver = theirs.annotate(asked=Exists(answers)).filter(SELLER_TABS["to_do"] | Q(asked=True))

    def count(rows: QuerySet[Any], by: str) -> Coalesce:
        return Coalesce(Subquery(rows.values(by).annotate(n=Count("id")).values("n")), Value(0))

    found: Any = (
        User.objects.filter(pk=user.pk)
        .annotate(
            in_cart=Coalesce(Subquery(cart.values("n")), Value(0)),
            to_look_at=count(to_do, "buyer"),
            to_deliver=count(to_deliver, "seller"),
        )
        .values("in_cart", "to_look_at", "to_deliver")
        .first()
    )
    return found or {"in_cart": 0, "to_look_at": 0, "to_deliver": 0}


def product_of_variant(variant_id: uuid.UUID) -> uuid.UUID | None:
    return ProductVariant.objects.filter(pk=variant_id).values_list("product_id", flat=True).first()
