"""On show and off it again: what sellers do with a written listing, and what time does."""

import uuid
from datetime import datetime, timedelta
from typing import Unpack

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.rules import check_may_sell
from catalog import errors
from catalog.actions.locks import lock_own_product, lock_product, lock_seller
from catalog.actions.writing import (
    ProductFields,
    check_offer,
    check_room,
    create_draft,
    is_reviewed,
    release_media_of,
)
from catalog.events import ProductExpiresSoon, ProductPublished, ProductSold, ProductSubmitted, ProductUnlisted
from catalog.models import Product, ProductRevision
from catalog.selectors import open_holds, pending_revision
from catalog.states import (
    PRODUCT_MOVES,
    REVISION_MOVES,
    TARGET_KIND,
    FeedType,
    ProductState,
    RevisionState,
)
from core.errors import WrongState
from core.events import publish, publish_many
from core.states import move
from moderation.actions import open_review_case, withdraw_case

SWEEP_BATCH = 1_000  # with its news some 40 ms a transaction on two cores: nobody who edits a listing waits longer
NOTICE_OF_END = timedelta(days=3)  # time to renew at leisure


@transaction.atomic
def publish_new_product(
    *, seller: User, feed_type: str = FeedType.COMMUNITY, **fields: Unpack[ProductFields]
) -> Product:
    """Write a listing and put it up for sale in one go: `create_draft` and `publish_product`, both or neither."""
    draft = create_draft(seller=seller, feed_type=feed_type, **fields)
    return publish_product(seller=seller, product_id=draft.pk)


@transaction.atomic
def publish_product(*, seller: User, product_id: uuid.UUID, revision: int | None = None) -> Product:
    """Put a complete draft (or a rejected listing, rewritten) up for sale, or before a moderator where the switch says so.

    Publishes ProductPublished or ProductSubmitted.

    Raises:
        accounts' refusals: the person may not sell (suspended, nothing proven, not a seller).
        ProductNotFound, NotYourProduct, StaleRevision, WrongState.
        NotComplete, VideoRequired, CategoryUnknown, PriceNotAboveFee: naming the field.
    """
    product = lock_own_product(seller=seller, product_id=product_id, revision=revision)
    check_may_sell(product.seller)
    if product.state not in (ProductState.DRAFT, ProductState.REJECTED):
        raise WrongState(state=product.state, to=ProductState.ACTIVE)
    check_offer(product)
    _show(product)
    return product


def _show(product: Product) -> None:
    now = timezone.now()
    if is_reviewed(product):
        move(product, ProductState.PENDING_REVIEW, PRODUCT_MOVES, submitted_at=now)
        open_review_case(target_kind=TARGET_KIND, target_id=product.pk)
        publish(ProductSubmitted(product_id=product.pk, revision=product.revision))
        return
    put_on_show(product, at=now)


def put_on_show(product: Product, *, at: datetime) -> None:
    """Make a locked listing active for a full term. Publishes ProductPublished."""
    move(
        product,
        ProductState.ACTIVE,
        PRODUCT_MOVES,
        published_at=product.published_at or at,
        expires_at=at + settings.LISTING_LIFE,
    )
    announce(product)


def announce(product: Product) -> None:
    """Tell that a locked listing is for sale, if it is and nothing hides it. Publishes ProductPublished."""
    if product.is_listed:
        publish(ProductPublished(product_id=product.pk))


@transaction.atomic
def pause_product(*, seller: User, product_id: uuid.UUID) -> Product:
    """Take a listing off show for now. Publishes ProductUnlisted.

    Raises:
        ProductNotFound, NotYourProduct, WrongState.
    """
    product = lock_own_product(seller=seller, product_id=product_id)
    if product.state != ProductState.ACTIVE:  # the table also knows the way back from a moderator's removal
        raise WrongState(state=product.state, to=ProductState.PAUSED)
    move(product, ProductState.PAUSED, PRODUCT_MOVES)
    publish(ProductUnlisted(product_id=product.pk, because=ProductState.PAUSED))
    return product


@transaction.atomic
def pause_products_of(*, seller_id: uuid.UUID) -> int:
    """Take everything that a person has for sale off show, and return how many. Publishes ProductUnlisted for each."""
    ids = list(
        Product.objects.filter(seller_id=seller_id, state=ProductState.ACTIVE)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    paused = 0
    for pk in ids:
        product = lock_product(pk)
        if product.state != ProductState.ACTIVE:
            continue
        move(product, ProductState.PAUSED, PRODUCT_MOVES)
        publish(ProductUnlisted(product_id=product.pk, because=ProductState.PAUSED))
        paused += 1
    return paused


@transaction.atomic
def resume_product(*, seller: User, product_id: uuid.UUID) -> Product:
    """Show a paused listing again; its term ran on meanwhile. Publishes ProductPublished.

    Raises:
        ProductNotFound, NotYourProduct, WrongState, accounts' refusals.
    """
    product = lock_own_product(seller=seller, product_id=product_id)
    check_may_sell(product.seller)
    if product.state != ProductState.PAUSED:
        raise WrongState(state=product.state, to=ProductState.ACTIVE)
    check_offer(product)
    move(product, ProductState.ACTIVE, PRODUCT_MOVES)
    announce(product)
    return product


@transaction.atomic
def renew_product(*, seller: User, product_id: uuid.UUID) -> Product:
    """Give a listing a full term from now; an expired one is for sale again and counts as open again.

    What was approved needs no second approval: edits since then waited for one themselves. Publishes ProductPublished when it was
    off show.

    Raises:
        ProductNotFound, NotYourProduct, WrongState, TooManyOpenListings, accounts' refusals.
    """
    product = lock_own_product(seller=seller, product_id=product_id)
    check_may_sell(product.seller)
    if product.state == ProductState.EXPIRED:
        check_offer(product)
        lock_seller(product.seller)
        check_room(product.seller)
        put_on_show(product, at=timezone.now())
        return product
    if product.state not in (ProductState.ACTIVE, ProductState.PAUSED):
        raise WrongState(state=product.state, to=ProductState.ACTIVE)
    product.expires_at = timezone.now() + settings.LISTING_LIFE
    product.save(update_fields=["expires_at", "updated_at"])
    return product


@transaction.atomic
def mark_sold(*, seller: User, product_id: uuid.UUID) -> Product:
    """Note that the thing was sold elsewhere; its page stays. Publishes ProductSold: whoever saved or asked for it is told.

    Raises:
        ProductNotFound, NotYourProduct, WrongState.
        HasOpenHold: somebody is buying it here.
    """
    product = lock_own_product(seller=seller, product_id=product_id)
    _check_no_hold(product)
    note_sale(product)
    return product


def note_sale(product: Product) -> None:
    """A locked listing is sold; an edit that waited is read by nobody any more. Publishes ProductSold."""
    move(product, ProductState.SOLD, PRODUCT_MOVES, sold_at=timezone.now())
    if withdraw_revision(product):
        withdraw_case(target_kind=TARGET_KIND, target_id=product.pk)
    publish(ProductSold(product_id=product.pk))


@transaction.atomic
def remove_product(*, seller: User, product_id: uuid.UUID, revision: int | None = None) -> Product:
    """Take a listing away for good (the row stays for the books). Publishes ProductUnlisted.

    Raises:
        ProductNotFound, NotYourProduct, StaleRevision, WrongState.
        HasOpenHold: an offer or order stands on it.
    """
    product = lock_own_product(seller=seller, product_id=product_id, revision=revision)
    _check_no_hold(product)
    move(product, ProductState.REMOVED, PRODUCT_MOVES, removed_at=timezone.now())
    withdraw_revision(product)
    withdraw_case(target_kind=TARGET_KIND, target_id=product.pk)
    publish(ProductUnlisted(product_id=product.pk, because=ProductState.REMOVED))
    return product


def _check_no_hold(product: Product) -> None:
    if open_holds(product).exists():
        raise errors.HasOpenHold


def withdraw_revision(product: Product) -> ProductRevision | None:
    """An edit that waits for a moderator is no longer wanted, nor are the pictures that only it has. None where none waits."""
    waiting = pending_revision(product)
    if waiting:
        move(waiting, RevisionState.WITHDRAWN, REVISION_MOVES, decided_at=timezone.now())
        release_media_of(waiting)
    return waiting


@transaction.atomic
def expire_due_products(*, limit: int = SWEEP_BATCH) -> int:
    """End the term of listings whose time is over, one batch, and return how many. Publishes ProductUnlisted for each.

    Rows that somebody is changing are left to the next sweep. The move is made for all at once, in one statement; its filter on
    `state` is what `move` would check, under the same lock.
    """
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE, {"now": timezone.now(), "limit": limit})
        ids = [row[0] for row in cursor.fetchall()]
    publish_many([ProductUnlisted(product_id=pk, because=ProductState.EXPIRED) for pk in ids])
    return len(ids)


# The states are written out, so that the partial index on `expires_at` serves.
_EXPIRE = """
    WITH due AS (
        SELECT id FROM catalog_product WHERE state IN ('active', 'paused') AND expires_at <= %(now)s
        ORDER BY expires_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE catalog_product p SET state = 'expired', updated_at = %(now)s FROM due WHERE p.id = due.id RETURNING p.id
"""


@transaction.atomic
def announce_ends(*, limit: int = SWEEP_BATCH) -> int:
    """Tell, one batch, of listings for sale whose term ends soon, and return how many. Publishes ProductExpiresSoon for each.

    Once a term: the end that was told is written down, and a renewed listing has another. Rows that somebody is changing are left
    to the next sweep.
    """
    now = timezone.now()
    due = list(
        Product.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .filter(state=ProductState.ACTIVE, hidden_at=None, expires_at__gt=now, expires_at__lte=now + NOTICE_OF_END)
        .exclude(end_told__isnull=False, end_told=F("expires_at"))
        .order_by("expires_at")
        .values_list("pk", "expires_at")[:limit]
    )
    Product.objects.filter(pk__in=[pk for pk, _end in due]).update(end_told=F("expires_at"))
    publish_many([ProductExpiresSoon(product_id=pk, expires_at=end) for pk, end in due if end])
    return len(due)
