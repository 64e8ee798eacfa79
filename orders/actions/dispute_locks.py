"""A dispute is read and changed under its order's lock."""

import uuid

from accounts.models import User
from orders.actions.locks import lock_order
from orders.errors import DisputeNotFound
from orders.models import Dispute, Order
from orders.rules import check_not_with_bank, side_of
from orders.states import Side


def lock_dispute(dispute_id: uuid.UUID, *, person: User | None = None) -> tuple[Order, Dispute, Side]:
    """For one of the two, on whose side they stand; for the house where no `person` is named. Raises DisputeNotFound."""
    glance = Dispute.objects.select_related("order__seller").filter(pk=dispute_id).first()
    if glance is None or (person is not None and person.pk not in (glance.order.buyer_id, glance.order.seller_id)):
        raise DisputeNotFound
    order = lock_order(glance.order_id)
    return order, Dispute.objects.get(pk=dispute_id), Side.STAFF if person is None else side_of(order, person)


def lock_to_settle(dispute_id: uuid.UUID, *, person: User | None = None) -> tuple[Order, Dispute, Side]:
    """The same for whatever comes nearer to an end: refused while the bank decides about the same money.

    Raises:
        DisputeNotFound, WithTheBank.
    """
    order, dispute, side = lock_dispute(dispute_id, person=person)
    check_not_with_bank(order)
    return order, dispute, side
