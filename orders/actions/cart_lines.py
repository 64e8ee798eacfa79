"""What a checkout does with its buyer's cart. The caller is in a transaction."""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import F

from accounts.models import User
from orders import errors
from orders.models import Cart, CartItem
from orders.quotes import Wanted
from orders.selectors.carts import cart_changes


def wanted_in_cart(buyer: User, *, at: datetime) -> list[Wanted]:
    """Everything in a person's cart, which is locked, as it is bought.

    Raises:
        CartEmpty.
        CartChanged: something is not as the person last saw it.
    """
    del at
    cart = Cart.objects.select_for_update(of=("self",), no_key=True).filter(user=buyer).first()
    items = list(cart.items.all()) if cart else []
    if cart is None or not items:
        raise errors.CartEmpty
    changes = cart_changes(cart)
    if changes:
        raise errors.CartChanged(changes=len(changes))
    return [Wanted(variant_id=item.variant_id, quantity=item.quantity) for item in items]


def take_from_cart(buyer: User, variant_ids: Collection[uuid.UUID]) -> None:
    """What was bought is not in the cart any more."""
    gone, _each = CartItem.objects.filter(cart__user=buyer, variant_id__in=variant_ids).delete()
    if gone:
        Cart.objects.filter(user=buyer).update(revision=F("revision") + 1)
