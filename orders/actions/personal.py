"""A person's own buying and selling: told on request, blanked when they leave. Accounts asks (`accounts.ports`)."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from core.money import Money
from orders.models import Cart, DeliveryTerms, Order
from orders.selectors.delivery import delivery_shape


def export_person(user: User) -> Iterator[tuple[str, Any]]:
    """Every order on either side, with its lines and timeline; where it went only where it was theirs. What they ask for a parcel."""
    orders = Order.objects.filter(Q(buyer=user) | Q(seller=user)).order_by("id").prefetch_related("items", "events")
    yield "orders/orders.json", [_told(order, user) for order in orders]
    terms = DeliveryTerms.objects.filter(pk=user.pk).first()
    yield "orders/delivery.json", delivery_shape(terms) if terms else None


def _told(order: Order, user: User) -> dict[str, Any]:
    bought = order.buyer_id == user.pk
    return {
        "id": str(order.pk),
        "number": order.code,
        "my_side": "buyer" if bought else "seller",
        "state": order.state,
        "payment": order.payment_state,
        "total": str(order.total),
        "commission": None if bought else str(order.commission),
        "currency": order.currency,
        "address": order.address if bought else None,
        "note": order.buyer_note if bought else None,
        "ordered_at": order.created_at.isoformat(),
        "items": [
            {
                "title": item.title,
                "quantity": item.quantity,
                "unit": str(Money(item.unit_minor, order.currency)),
                "given_in_exchange": item.is_traded,
            }
            for item in order.items.all()
        ],
        "events": [
            {"kind": event.kind, "side": event.side, "at": event.at.isoformat()}
            for event in order.events.all()
            if not event.is_internal
        ],
    }


@transaction.atomic
def erase_person(user: User) -> dict[str, int]:
    """Forget where a person's orders went and what they wrote beside them; the cart and their delivery terms go. Orders, their amounts
    and documents stay for the books, which the law asks for. Nobody with an order under way gets here (`why_not_erased`). Returns how
    many rows.
    """
    orders = Order.objects.filter(buyer=user).update(address={}, address_point=None, buyer_note="")
    carts, _ = Cart.objects.filter(user=user).delete()
    terms, _ = DeliveryTerms.objects.filter(pk=user.pk).delete()
    return {"orders": orders, "carts": carts, "delivery_terms": terms}
