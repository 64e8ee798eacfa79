"""What sellers ask for parcels."""

import uuid
from collections.abc import Collection
from typing import Any

from accounts.models import User
from catalog.ports import ParcelOffer
from core.money import Money
from orders import rules
from orders.models import DeliveryTerms, Order
from orders.states import Delivery


def delivery_terms_of(sellers: Collection[uuid.UUID]) -> dict[uuid.UUID, DeliveryTerms]:
    """The terms of those sellers who have said any, by seller. One query."""
    return {terms.pk: terms for terms in DeliveryTerms.objects.filter(pk__in=sellers)}


def own_delivery_terms(seller: User) -> DeliveryTerms:
    """A seller's own terms; while they have said none, what holds for them, not saved."""
    return DeliveryTerms.objects.filter(pk=seller.pk).first() or DeliveryTerms(seller=seller)


def parcel_offer(*, seller_id: uuid.UUID, currency: str) -> ParcelOffer:
    """What a listing says about parcels before somebody buys (`catalog.ports`)."""
    return offer_of(DeliveryTerms.objects.filter(pk=seller_id).first(), currency=currency)


def offer_of(terms: DeliveryTerms | None, *, currency: str) -> ParcelOffer:
    """Terms as buyers of things in this currency read them."""
    if terms is None or (terms.ships and terms.currency != currency):
        return ParcelOffer(ships=True, price=Money(0, currency))
    return ParcelOffer(ships=terms.ships, price=terms.parcel, free_from=terms.free_from)


def parcel_price_of(order: Order) -> Money | None:
    """What an order that waits to be paid costs as a parcel; None where its seller sends none."""
    if order.delivery == Delivery.SHIP:
        return Money(order.delivery_minor, order.currency)
    terms = DeliveryTerms.objects.filter(pk=order.seller_id).first()
    if terms is not None and not terms.ships:
        return None
    base = order.items_minor - order.shop_discount_minor
    return Money(
        rules.delivery_price(terms, delivery=Delivery.SHIP, base=base, currency=order.currency), order.currency
    )


def delivery_shape(terms: DeliveryTerms) -> dict[str, Any]:
    """A seller's own terms on the wire."""
    return {
        "ships": terms.ships,
        "parcel": str(terms.parcel),
        "free_from": None if terms.free_from is None else str(terms.free_from),
        "currency": terms.currency,
    }
