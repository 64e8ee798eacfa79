"""Questions about carts."""

import hashlib
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from accounts.models import User
from accounts.selectors import blocked_ids, with_brief
from catalog.errors import ProductNotFound
from catalog.models import ProductVariant
from catalog.selectors import available_of, products_with_a_page
from orders.errors import ChooseVariant
from orders.models import Cart, CartItem
from orders.rules import obstacle
from orders.states import Change


class Owner(NamedTuple):
    """Whose cart: a person's, or that of whoever holds a guest's key."""

    user: User | None
    guest_key: str = ""

    @property
    def hashed_key(self) -> str | None:
        """As it stands in the table: who reads that cannot open a cart with it."""
        return None if self.user else hashlib.sha256(self.guest_key.encode()).hexdigest()


@dataclass(frozen=True)
class CartChange:
    """What became of a line since its person last saw it; amounts in minor units, quantities in pieces."""

    item: CartItem
    what: Change
    now_minor: int
    available: int


def cart_for(owner: Owner) -> Cart | None:
    if owner.user is not None:
        return Cart.objects.filter(user=owner.user).first()
    return Cart.objects.filter(guest_key=owner.hashed_key).first() if owner.guest_key else None


def cart_lines(cart: Cart | None) -> list[CartItem]:
    """Everything in a cart in the order it was put there, each with its thing and its seller: one query."""
    if cart is None:
        return []
    return list(_with_parts(CartItem.objects.filter(cart=cart)).order_by("id"))


def cart_count(owner: Owner) -> int:
    """How many different things are in a cart, for a badge: one query."""
    if owner.user is not None:
        return CartItem.objects.filter(cart__user=owner.user).count()
    return CartItem.objects.filter(cart__guest_key=owner.hashed_key).count() if owner.guest_key else 0


def cart_changes(cart: Cart | None, lines: Iterable[CartItem] | None = None) -> list[CartChange]:
    """What is not as its person last saw it: gone, reserved, fewer left, another price. Three queries."""
    items = list(lines) if lines is not None else cart_lines(cart)
    if cart is None or not items:
        return []
    left = available_of([item.variant_id for item in items])
    blocked = set(blocked_ids(cart.user)) if cart.user_id else set()
    found = []
    for item in items:
        available = left.get(item.variant_id, 0)
        what = change_of(item, available=available, blocked=blocked, own_id=cart.user_id)
        if what is not None:
            now = asked_for(item.variant)
            found.append(CartChange(item, what, now, available))
    return found


def change_of(
    item: CartItem, *, available: int, blocked: Collection[uuid.UUID], own_id: uuid.UUID | None
) -> Change | None:
    """What became of one line; None where it can be bought as it stands."""
    what = obstacle(
        person_id=own_id, variant=item.variant, quantity=item.quantity, available=available, blocked=blocked
    )
    changed = asked_for(item.variant) != item.seen_minor or item.variant.product.currency != item.currency
    return what or (Change.PRICE if changed else None)


def asked_for(variant: ProductVariant) -> int:
    """The variant's own price, else its listing's, in minor units."""
    return variant.price_minor or variant.product.price_minor or 0


def variant_named(viewer: User | None, product_id: uuid.UUID, variant_id: uuid.UUID | None) -> ProductVariant:
    """The variant that somebody means, with its listing and seller: without an id the listing's only one. One's own is found too.

    Raises:
        ProductNotFound, ChooseVariant.
    """
    rows = with_brief(ProductVariant.objects.filter(product_id=product_id, is_active=True), "product__seller")
    found = list(rows.select_related("product__category").order_by("position", "id"))
    own = viewer is not None and any(variant.product.seller_id == viewer.pk for variant in found)
    if variant_id is not None:
        found = [variant for variant in found if variant.pk == variant_id]
    if not found or not (own or products_with_a_page(viewer).filter(pk=product_id).exists()):
        raise ProductNotFound
    if len(found) > 1:
        raise ChooseVariant(title=found[0].product.title)
    return found[0]


def own_item(cart: Cart | None, item_id: uuid.UUID) -> CartItem | None:
    return CartItem.objects.filter(cart=cart, pk=item_id).first() if cart else None


def old_guest_carts(*, before: datetime, limit: int) -> list[uuid.UUID]:
    rows = Cart.objects.filter(user=None, updated_at__lt=before).order_by("updated_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def _with_parts(items: QuerySet[CartItem]) -> QuerySet[Any]:
    joined = items.select_related("variant__product__cover")
    unshown = [
        f"variant__product__{name}" for name in ("description", "attributes", "location", "public_location", "tags")
    ]
    return with_brief(joined, "variant__product__seller").defer(
        *unshown,
        *(
            f"variant__product__seller__{name}"
            for name in ("location", "neighborhood__boundary", "neighborhood__centre")
        ),
    )
