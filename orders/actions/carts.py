"""Carts of people, and of browsers that nobody has signed in at. Each change locks the one cart and counts its revision up."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.rules import check_not_suspended
from accounts.selectors import blocked_ids
from catalog.models import ProductVariant
from catalog.selectors import available_of
from core.errors import Refusal, StaleRevision
from orders import errors, rules
from orders.models import Cart, CartItem
from orders.quotes import refusal_for
from orders.selectors.carts import (
    CartChange,
    Owner,
    asked_for,
    cart_changes,
    cart_lines,
    old_guest_carts,
    own_item,
    variant_named,
)
from orders.states import Change

SWEEP_BATCH = 500


class Put(NamedTuple):
    """Something to put into a cart. Without a variant the listing has just one."""

    product_id: uuid.UUID
    variant_id: uuid.UUID | None = None
    quantity: int = 1


class Synced(NamedTuple):
    """A cart after a device's things came into it, and what could not, each with the reason."""

    cart: Cart
    left_out: list[tuple[Put, Refusal]]


@transaction.atomic
def add_to_cart(
    *, owner: Owner, product_id: uuid.UUID, variant_id: uuid.UUID | None = None, quantity: int = 1
) -> CartItem:
    """Put something into a cart, or more of what is in it, and return its line. Nothing is set aside by it.

    Raises:
        accounts' Suspended, catalog's ProductNotFound, ChooseVariant, TooManyPieces.
        OwnThing, NotToBeHad, Reserved, FewerLeft: it cannot be bought now.
        CartFull.
    """
    if owner.user is not None:
        check_not_suspended(owner.user)
    cart = _lock_cart(owner)
    item = _put(cart, owner, Put(product_id, variant_id, quantity), adds=True)
    _touch(cart)
    return item


@transaction.atomic
def change_cart_item(*, owner: Owner, item_id: uuid.UUID, quantity: int, revision: int | None = None) -> CartItem:
    """Have another number of something in a cart.

    Raises:
        CartItemNotFound, StaleRevision, TooManyPieces; NotToBeHad, Reserved, FewerLeft.
    """
    rules.check_pieces(quantity)
    cart = _lock_cart(owner, revision=revision)
    item = own_item(cart, item_id)
    if item is None:
        raise errors.CartItemNotFound
    variant = variant_named(owner.user, item.variant.product_id, item.variant_id)
    _check(owner, variant, quantity)
    item.quantity = quantity
    item.save(update_fields=["quantity"])
    _touch(cart)
    return item


@transaction.atomic
def remove_from_cart(*, owner: Owner, item_id: uuid.UUID, revision: int | None = None) -> None:
    """Take something out. Raises CartItemNotFound, StaleRevision."""
    cart = _lock_cart(owner, revision=revision)
    item = own_item(cart, item_id)
    if item is None:
        raise errors.CartItemNotFound
    item.delete()
    _touch(cart)


@transaction.atomic
def clear_cart(*, owner: Owner) -> None:
    """Take everything out."""
    cart = _lock_cart(owner)
    cart.items.all().delete()
    _touch(cart)


@transaction.atomic
def sync_cart(*, owner: Owner, things: Sequence[Put]) -> Synced:
    """Bring what a device has into the cart: of what is in both, the larger number stays. Sending the same again changes nothing.

    What cannot be bought is left out and named with the reason.

    Raises:
        accounts' Suspended.
    """
    if owner.user is not None:
        check_not_suspended(owner.user)
    cart = _lock_cart(owner)
    left_out = []
    for thing in things[: settings.ORDERS["cart_lines"]]:
        try:
            _put(cart, owner, thing, adds=False)
        except Refusal as refusal:
            left_out.append((thing, refusal))
    _touch(cart)
    return Synced(cart, left_out)


@transaction.atomic
def merge_guest_cart(*, user: User, guest_key: str) -> int:
    """What somebody put into the cart of this browser before they signed in is in their own now; return how many lines came over.

    Of what is in both, the larger number stays; own things and what does not fit are dropped. The guest's cart is gone, so a second
    call does nothing. Locks both carts, the guest's first.
    """
    guest = Cart.objects.select_for_update(of=("self",)).filter(guest_key=Owner(None, guest_key).hashed_key).first()
    if guest is None:
        return 0
    cart = _lock_cart(Owner(user))
    mine = {item.variant_id: item for item in cart.items.all()}
    moved = 0
    for item in cart_lines(guest):
        if item.variant.product.seller_id == user.pk:
            continue
        own = mine.get(item.variant_id)
        if own is not None:
            own.quantity = max(own.quantity, item.quantity)
            own.save(update_fields=["quantity"])
        elif len(mine) < settings.ORDERS["cart_lines"]:
            item.cart = cart
            item.save(update_fields=["cart"])
            mine[item.variant_id] = item
        else:
            continue
        moved += 1
    guest.delete()
    _touch(cart)
    return moved


@transaction.atomic
def accept_cart_changes(*, owner: Owner) -> list[CartChange]:
    """The person has seen what changed: prices count as seen, numbers are lowered to what is left, what is gone is taken out. What is
    reserved for somebody else stays, in case it comes back. Returns what changed.
    """
    cart = _lock_cart(owner)
    changes = cart_changes(cart)
    for change in changes:
        item = change.item
        if change.what in (Change.GONE, Change.OWN):
            item.delete()
            continue
        if change.what == Change.FEWER:
            item.quantity = change.available
        item.seen_minor, item.currency = change.now_minor, item.variant.product.currency
        item.save(update_fields=["quantity", "seen_minor", "currency"])
    if changes:
        _touch(cart)
    return changes


def forget_old_guest_carts(*, limit: int = SWEEP_BATCH) -> int:
    """Delete carts of browsers that nobody signed in at and nobody came back to, one batch, and return how many."""
    before = timezone.now() - settings.ORDERS["guest_carts"]
    old = old_guest_carts(before=before, limit=limit)
    with transaction.atomic():
        locked = Cart.objects.select_for_update(of=("self",), skip_locked=True).filter(
            pk__in=old, updated_at__lt=before
        )
        ids = list(locked.values_list("pk", flat=True))
        CartItem.objects.filter(cart_id__in=ids).delete()
        Cart.objects.filter(pk__in=ids).delete()
    return len(ids)


# --- inside -----------------------------------------------------------------------------------------------------------


def _lock_cart(owner: Owner, *, revision: int | None = None) -> Cart:
    """The one cart of a person or a browser, made if there is none. Raises StaleRevision."""
    who = {"user": owner.user} if owner.user is not None else {"guest_key": owner.hashed_key}
    Cart.objects.bulk_create([Cart(**who)], ignore_conflicts=True)
    cart = Cart.objects.select_for_update(of=("self",)).get(**who)
    if revision is not None and revision != cart.revision:
        raise StaleRevision
    return cart


def _touch(cart: Cart, at: datetime | None = None) -> None:
    cart.revision += 1
    cart.updated_at = at or timezone.now()
    cart.save(update_fields=["revision", "updated_at"])


def _put(cart: Cart, owner: Owner, thing: Put, *, adds: bool) -> CartItem:
    variant = variant_named(owner.user, thing.product_id, thing.variant_id)
    item = CartItem.objects.filter(cart=cart, variant=variant).first()
    there = item.quantity if item else 0
    quantity = there + thing.quantity if adds else max(there, thing.quantity)
    rules.check_pieces(quantity)
    _check(owner, variant, quantity)
    if item is None:
        limit: int = settings.ORDERS["cart_lines"]
        if cart.items.count() >= limit:
            raise errors.CartFull(limit=limit)
        item = CartItem(cart=cart, variant=variant)
    item.quantity, item.seen_minor, item.currency = quantity, asked_for(variant), variant.product.currency
    item.save()
    return item


def _check(owner: Owner, variant: ProductVariant, quantity: int) -> None:
    available = available_of([variant.pk]).get(variant.pk, 0)
    what = rules.obstacle(
        person_id=owner.user.pk if owner.user else None,
        variant=variant,
        quantity=quantity,
        available=available,
        blocked=set(blocked_ids(owner.user)) if owner.user else frozenset(),
    )
    if what is not None:
        raise refusal_for(what, variant, available=available)
