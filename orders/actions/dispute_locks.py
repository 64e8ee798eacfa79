"""A dispute is read and changed under its order's lock."""

import uuid

from accounts.models import User
from orders.actions.locks import lock_order
from orders.errors import DisputeNotFound
from orders.models import Dispute, Order
from orders.rules import side_of
from orders.states import Side


def lock_dispute(dispute_id: uuid.UUID, *, person: User | None = None) -> tuple[Order, Dispute, Side]:
    """For one of the two, on whose side they stand; for the house where no `person` is named. Raises DisputeNotFound."""
    glance = Dispute.objects.select_related("order__seller").filter(pk=dispute_id).first()
    if glance is None or (person is not None and person.pk not in (glance.order.buyer_id, glance.order.seller_id)):
        raise DisputeNotFound
    order = lock_order(glance.order_id)
    return order, Dispute.objects.get(pk=dispute_id), Side.STAFF if person is None else side_of(order, person)
