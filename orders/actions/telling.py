"""What those who are connected see at once of an order."""

import uuid
from typing import Any

from core.realtime.telling import tell_each
from orders.models import Order
from orders.states import Side

UPDATED = "order:updated"


def tell_parties(order: Order) -> None:
    """Send both sides how the order stands, once the transaction commits."""
    sides = {order.buyer_id: Side.BUYER, order.seller_id: Side.SELLER}
    tell_each({person: _teller(order.pk, side) for person, side in sides.items()}, UPDATED)


def _teller(order_id: uuid.UUID, side: Side) -> Any:
    def told() -> dict[str, Any]:
        return _shape(Order.objects.get(pk=order_id), side)  # as it was committed, also where it moved twice

    return told


def _shape(order: Order, side: Side) -> dict[str, Any]:
    return {
        "id": order.pk,
        "code": order.code,
        "role": side.value,
        "state": order.state,
        "payment_state": order.payment_state,
        "fulfilment_state": order.fulfilment_state,
        "dispute_state": order.dispute_state,
        "updated_at": order.updated_at,
    }
