"""Variants, and some of them set aside for somebody: who may still buy what.

Available is stock less open holds. When nothing of a listing is available any more it is reserved; when its last stock is committed it
is sold. Offers, orders and live rooms take holds; nobody below knows why.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from catalog import errors, rules
from catalog.actions.locks import lock_own_product, lock_variants, lock_variants_there
from catalog.actions.publishing import announce, note_sale
from catalog.actions.writing import check_offer
from catalog.events import ProductEdited, ProductUnlisted
from catalog.models import Product, ProductVariant, StockHold
from catalog.selectors import Left, expired_holds, holds_under, left_of_listings, variants_with_stock
from catalog.states import PRODUCT_MOVES, ProductState
from core.events import publish
from core.states import move
from core.sweeps import each

HOLD_BATCH = 500


class VariantFields(TypedDict, total=False):
    """One row of a listing's variants. `options` such as {"size": "m"}; `price_minor` None: the listing's price."""

    sku: str
    options: dict[str, str]
    price_minor: int | None
    stock: int


@transaction.atomic
def set_variants(
    *, seller: User, product_id: uuid.UUID, variants: Sequence[VariantFields], revision: int | None = None
) -> list[ProductVariant]:
    """Replace what a listing offers: options, stock and own prices. Rows are known by their options, so holds stay with theirs.

    Publishes ProductEdited (and what follows for the state: stock in a reserved listing makes it active again).

    Raises:
        ProductNotFound, NotYourProduct, StaleRevision, CannotEditNow.
        OnlyOneOfUsedThings: a second-hand thing of a person who is no shop.
        TooManyVariants, SameOptionsTwice, PriceNotPositive, PriceNotAboveFee.
        StockBelowHolds, HasOpenHold: buyers stand on what would go.
    """
    product = lock_own_product(seller=seller, product_id=product_id, revision=revision)
    if product.state != ProductState.RESERVED:
        rules.check_editable(product)
    rules.check_variants(variants, may_have=rules.may_have_variants(seller=product.seller, condition=product.condition))
    rows = {_key(v.options): v for v in _lock_stock(product)}
    held = {v.pk: v.held for v in variants_with_stock(product)}
    kept = set()
    for position, wanted in enumerate(variants):
        row = rows.get(_key(wanted.get("options", {}))) or ProductVariant(
            product=product, options=wanted.get("options", {})
        )
        if wanted.get("stock", 1) < held.get(row.pk, 0):
            raise errors.StockBelowHolds(held=held[row.pk])
        row.sku, row.price_minor = wanted.get("sku", ""), wanted.get("price_minor")
        row.stock, row.position, row.is_active = wanted.get("stock", 1), position, True
        row.save()
        kept.add(row.pk)
    for row in rows.values():
        if row.pk in kept or not row.is_active:
            continue
        if held.get(row.pk):
            raise errors.HasOpenHold
        row.is_active = False
        row.save(update_fields=["is_active"])
    product.revision += 1
    product.save(update_fields=["revision", "updated_at"])
    if product.state != ProductState.DRAFT:
        check_offer(product)
    _settle(product)
    publish(ProductEdited(product_id=product.pk, revision=product.revision))
    return list(variants_with_stock(product))


def _lock_stock(product: Product) -> list[ProductVariant]:
    return list(product.variants.select_for_update(of=("self",), no_key=True).order_by("pk"))


def _key(options: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(options.items()))


@transaction.atomic
def take_hold(
    *, variant_id: uuid.UUID, reference: str, quantity: int = 1, expires_at: datetime | None = None
) -> StockHold:
    """Set some of one variant aside; see `take_holds`."""
    [hold] = take_holds(wanted={variant_id: quantity}, reference=reference, expires_at=expires_at)
    return hold


@dataclass
class Stock:
    """Locked variants with their locked listings, and what is left of all that those listings offer. What is done with it keeps it
    true; whoever changes the same rows by other ways locks anew.
    """

    variants: dict[uuid.UUID, ProductVariant]
    _left: dict[uuid.UUID, dict[uuid.UUID, Left]] | None = None

    def left(self, product_id: uuid.UUID) -> dict[uuid.UUID, Left]:
        """What is left of one of the listings, by variant on offer. The first time one query for all of them."""
        if self._left is None:
            self._left = left_of_listings({variant.product_id for variant in self.variants.values()})
        return self._left[product_id]

    def available(self, variant_id: uuid.UUID) -> int:
        """How many are to be had; none of one that is not offered."""
        variant = self.variants.get(variant_id)
        left = self.left(variant.product_id).get(variant_id) if variant else None
        return max(0, left.available) if left else 0


def lock_stock(variant_ids: Iterable[uuid.UUID], *, joined: Collection[str] = ()) -> Stock:
    """Lock products, then those of the variants that exist, by primary key; see `lock_variants`."""
    return Stock({variant.pk: variant for variant in lock_variants_there(variant_ids, joined=joined)})


@transaction.atomic
def take_holds(
    *, wanted: Mapping[uuid.UUID, int], reference: str, expires_at: datetime | None = None
) -> list[StockHold]:
    """Set some of several variants aside for one reference ("order:…"), all or none.

    Locks products, then variants, by primary key. Asking again with the same reference changes nothing; a hold of that reference
    that was released is taken anew.

    Raises:
        VariantNotFound, NotForSale, HoldEnded (it was committed).
        OutOfStock: fewer are left.
    """
    stock = Stock({variant.pk: variant for variant in lock_variants(wanted)})
    there = {hold.variant_id: hold for hold in holds_under([reference], of=list(wanted))}
    taken = []
    for variant in stock.variants.values():
        before = there.get(variant.pk)
        if before and before.committed_at:
            raise errors.HoldEnded
        if before and before.released_at is None and before.quantity == wanted[variant.pk]:
            taken.append(before)
            continue
        if before and before.released_at is None and variant.is_active:  # another number of them
            stock.left(variant.product_id)[variant.pk].held -= before.quantity
        hold = before or StockHold(variant=variant, reference=reference)
        _take(hold, variant, wanted[variant.pk], stock, expires_at=expires_at)
        hold.save()
        _settle(variant.product, stock.left(variant.product_id))
        taken.append(hold)
    return taken


def set_aside(*, wanted: Mapping[str, Mapping[uuid.UUID, int]], stock: Stock) -> list[StockHold]:
    """Set some of locked variants aside for references that nobody used before: what each wants, for as long as it takes.

    Within the caller's transaction, which a refusal must end.

    Raises:
        VariantNotFound, NotForSale.
        OutOfStock: fewer are left.
    """
    holds, listings = [], {}
    for reference, things in wanted.items():
        for variant_id in sorted(things):
            variant = stock.variants.get(variant_id)
            if variant is None:
                raise errors.VariantNotFound
            hold = StockHold(variant=variant, reference=reference)
            _take(hold, variant, things[variant_id], stock, expires_at=None)
            holds.append(hold)
            listings[variant.product_id] = variant.product
    StockHold.objects.bulk_create(holds)
    for product in listings.values():
        _settle(product, stock.left(product.pk))
    return holds


def _take(
    hold: StockHold, variant: ProductVariant, quantity: int, stock: Stock, *, expires_at: datetime | None
) -> None:
    product = variant.product
    rules.check_for_sale(product)
    if not variant.is_active:
        raise errors.NotForSale
    left = stock.left(product.pk)[variant.pk]
    if quantity > left.available:
        raise errors.OutOfStock(wanted=quantity, available=max(0, left.available))
    hold.quantity, hold.taken_at, hold.expires_at, hold.released_at = quantity, timezone.now(), expires_at, None
    left.held += quantity


@transaction.atomic
def release_hold(*, hold_id: uuid.UUID) -> StockHold | None:
    """Give back what a hold set aside; a reserved listing is for sale again. None when it has ended already.

    Publishes ProductPublished when the listing came back.
    """
    hold = _lock_hold(hold_id)
    if hold is None:
        return None
    hold.released_at = timezone.now()
    hold.save(update_fields=["released_at"])
    _settle(hold.variant.product)
    return hold


@transaction.atomic
def commit_hold(*, hold_id: uuid.UUID) -> StockHold:
    """Turn a hold into a sale: the stock falls by it, and a listing with none left is sold. Publishes ProductSold.

    Raises:
        HoldEnded: it was released or committed before.
    """
    hold = _lock_hold(hold_id)
    if hold is None:
        raise errors.HoldEnded
    sell_holds(holds=[hold], stock=Stock({hold.variant_id: hold.variant}))
    return hold


def sell_holds(*, holds: Sequence[StockHold], stock: Stock) -> None:
    """Turn holds of locked variants, read under that lock, into sales; see `commit_hold`. Publishes ProductSold for what is gone by it.

    Within the caller's transaction, which a refusal must end.

    Raises:
        HoldEnded: one was released or committed before. None is sold.
    """
    if any(hold.released_at or hold.committed_at for hold in holds):
        raise errors.HoldEnded
    now, sold = timezone.now(), Counter[uuid.UUID]()
    listings = {}
    for hold in holds:
        variant = stock.variants[hold.variant_id]
        left = stock.left(variant.product_id).get(variant.pk)
        if left:
            left.stock -= hold.quantity
            left.held -= hold.quantity
        variant.stock -= hold.quantity
        hold.committed_at = now
        sold[variant.pk] += hold.quantity
        listings[variant.product_id] = variant.product
    StockHold.objects.filter(pk__in=[hold.pk for hold in holds]).update(committed_at=now)
    for quantity in sorted(set(sold.values())):  # mostly one
        alike = [variant_id for variant_id, pieces in sold.items() if pieces == quantity]
        ProductVariant.objects.filter(pk__in=alike).update(stock=F("stock") - quantity)
    for product in listings.values():
        _settle(product, stock.left(product.pk))


@transaction.atomic
def undo_sale(*, hold_id: uuid.UUID, then: ProductState = ProductState.ACTIVE) -> StockHold | None:
    """Give back what a committed hold sold, because nothing came of the sale; None when there is nothing to undo.

    A listing that was sold by it is for sale again, or as `then` says (PAUSED: its seller looks at it first). Publishes
    ProductPublished when it is.
    """
    hold = _lock_hold(hold_id, committed=True)
    if hold is None:
        return None
    variant, product = hold.variant, hold.variant.product
    hold.committed_at, hold.released_at = None, timezone.now()
    hold.save(update_fields=["committed_at", "released_at"])
    variant.stock += hold.quantity
    variant.save(update_fields=["stock"])
    if product.state == ProductState.SOLD:
        move(product, then, PRODUCT_MOVES, sold_at=None)
        if then == ProductState.ACTIVE:
            announce(product)
    else:
        _settle(product)
    return hold


def _lock_hold(hold_id: uuid.UUID, *, committed: bool = False) -> StockHold | None:
    """Lock product, variant, hold; None when the hold has ended (or was never committed) or never was."""
    variant_id = StockHold.objects.filter(pk=hold_id).values_list("variant_id", flat=True).first()
    if variant_id is None:
        return None
    [variant] = lock_variants([variant_id])
    hold = (
        StockHold.objects.select_for_update(of=("self",))
        .filter(pk=hold_id, released_at=None, committed_at__isnull=not committed)
        .first()
    )
    if hold:
        hold.variant = variant
    return hold


def _settle(product: Product, left: Mapping[uuid.UUID, Left] | None = None) -> None:
    """Let the state follow the stock of a locked listing: active, reserved or sold. Where nobody knows what is `left`, it is read."""
    if left is None:
        left = left_of_listings([product.pk])[product.pk]
    stock, available = sum(one.stock for one in left.values()), sum(one.available for one in left.values())
    if product.state == ProductState.ACTIVE and stock > 0 and available <= 0:
        move(product, ProductState.RESERVED, PRODUCT_MOVES)
        publish(ProductUnlisted(product_id=product.pk, because=ProductState.RESERVED))
    elif product.state == ProductState.RESERVED and available > 0:
        move(product, ProductState.ACTIVE, PRODUCT_MOVES)
        announce(product)
    elif product.state in (ProductState.ACTIVE, ProductState.RESERVED) and stock == 0:
        note_sale(product)


def expire_due_holds(*, limit: int = HOLD_BATCH) -> int:
    """Release holds whose time is over, each in its own transaction, and return how many."""
    return each(expired_holds(limit=limit), lambda pk: release_hold(hold_id=pk) is not None)
