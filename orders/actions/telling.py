"""What those who are connected see at once of an order."""

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from core.realtime.telling import tell_each
from orders.models import Order
from orders.states import Side

UPDATED = "order:updated"


def tell_parties(orders: Sequence[Order]) -> None:
    """Send both sides of each how it stands, once the transaction commits."""
    read = _Committed([order.pk for order in orders])
    for order in orders:
        sides = {order.buyer_id: Side.BUYER, order.seller_id: Side.SELLER}
        tell_each({person: partial(read.shape, order.pk, side) for person, side in sides.items()}, UPDATED)


class _Committed:
    """Orders as they were committed, also where they moved twice: read once, when the first of their people is told."""

    def __init__(self, order_ids: Sequence[uuid.UUID]) -> None:
        self.order_ids = order_ids
        self.found: dict[uuid.UUID, Order] = {}

    def shape(self, order_id: uuid.UUID, side: Side) -> dict[str, Any]:
        if not self.found:
            self.found = Order.objects.only(*_TOLD).in_bulk(self.order_ids)
        return _shape(self.found[order_id], side)


_TOLD = ("id", "code", "state", "payment_state", "fulfilment_state", "dispute_state", "updated_at")


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
