"""Questions about checkouts."""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef

from accounts.models import User
from orders.errors import CheckoutNotFound
from orders.models import Checkout, Order
from orders.states import CheckoutState, Source

_OF_OFFER = Order.objects.filter(checkout=OuterRef("pk"), source=Source.OFFER)


def checkout_of(buyer: User, checkout_id: uuid.UUID) -> Checkout:
    """A checkout of one's own, with its payment. Raises CheckoutNotFound."""
    found = Checkout.objects.select_related("payment").filter(buyer=buyer, pk=checkout_id).first()
    if found is None:
        raise CheckoutNotFound
    return found


def due_checkouts(*, at: datetime, limit: int) -> list[uuid.UUID]:
    """Open checkouts whose time to pay is over, but for those of offers, whose clock offers keep."""
    due = Checkout.objects.filter(~Exists(_OF_OFFER), state=CheckoutState.OPEN, expires_at__lte=at)
    return list(due.order_by("expires_at", "id").values_list("pk", flat=True)[:limit])


def open_checkouts_with(*, buyer: User, variant_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """A buyer's checkouts that wait for a payment for some of these things, by primary key; none of offers."""
    found = Checkout.objects.filter(
        ~Exists(_OF_OFFER), buyer=buyer, state=CheckoutState.OPEN, orders__items__variant_id__in=variant_ids
    )
    return list(found.order_by("pk").values_list("pk", flat=True).distinct())
