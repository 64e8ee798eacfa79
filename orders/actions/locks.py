"""The rows that orders lock, in the one order of the house: checkout, order, product, stock, (offer, …,) ledger account; by primary
key inside a kind.

Whoever moves a checkout locks it first and then its orders. What happens to one order after it was confirmed locks that order alone.
"""

import uuid
from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet, prefetch_related_objects

from accounts.models import User
from catalog.actions import Stock, lock_stock
from orders import rules
from orders.errors import CheckoutNotFound, NotYourSideOfIt, OrderNotFound
from orders.models import Checkout, Order
from orders.states import Side


def lock_checkout(checkout_id: uuid.UUID) -> Checkout:
    """Raises CheckoutNotFound."""
    found = (
        Checkout.objects.select_for_update(of=("self",), no_key=True)
        .select_related("buyer")
        .filter(pk=checkout_id)
        .first()
    )
    if found is None:
        raise CheckoutNotFound
    return found


def lock_checkouts(checkout_ids: Iterable[uuid.UUID]) -> list[tuple[Checkout, list[Order]]]:
    """Several checkouts by primary key, and only then the orders of all of them, by theirs. Raises CheckoutNotFound."""
    checkouts = [lock_checkout(pk) for pk in sorted(set(checkout_ids))]
    orders = _orders(Q(checkout__in=checkouts)).values() if checkouts else ()
    return [(checkout, [order for order in orders if order.checkout_id == checkout.pk]) for checkout in checkouts]


def lock_orders_of(checkout: Checkout) -> list[Order]:
    """The orders of a locked checkout, by primary key, with their sellers."""
    orders = list(_locked().select_related("seller").filter(checkout=checkout).order_by("pk"))
    for order in orders:
        order.checkout = checkout
        if order.buyer_id == checkout.buyer_id:
            order.buyer = checkout.buyer
    return orders


def lock_order(order_id: uuid.UUID) -> Order:
    """One order, with its two people. Raises OrderNotFound."""
    found = _orders(Q(pk=order_id)).get(order_id)
    if found is None:
        raise OrderNotFound
    return found


def lock_free_order(order_id: uuid.UUID) -> Order | None:
    """The same for sweeps: None where somebody else holds it."""
    rows = Order.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return rows.select_related("buyer", "seller", "checkout").filter(pk=order_id).first()


def lock_own_order(*, person: User, order_id: uuid.UUID, side: Side | None = None) -> tuple[Order, Side]:
    """Lock an order for one of its parties; with `side`, for that one alone.

    Raises:
        OrderNotFound: there is none, or it is between two others.
        NotYourSideOfIt: the other of the two does this.
    """
    order = lock_order(order_id)
    stands = rules.side_of(order, person)
    if side is not None and stands != side:
        raise NotYourSideOfIt
    return order, stands


def lock_things(orders: Collection[Order], *, also: Collection[uuid.UUID] = (), joined: Collection[str] = ()) -> Stock:
    """Lock the listings of locked orders and their stock (and of variants `also`, where they exist): before any of it is set aside,
    sold or given back. `joined`: what is read with the listings. The orders' items are loaded by it.
    """
    prefetch_related_objects(list(orders), "items")
    variants = {item.variant_id for order in orders for item in order.items.all()}
    return lock_stock(variants.union(also), joined=joined)


def _orders(where: Q) -> dict[uuid.UUID, Order]:
    rows = _locked().select_related("buyer", "seller", "checkout")
    return {order.pk: order for order in rows.filter(where).order_by("pk")}


def _locked() -> QuerySet[Order]:
    return Order.objects.select_for_update(of=("self",), no_key=True)
