"""The rows that actions lock, in the one order of the house: product, stock, (offer, conversation,) case, account.

Products and variants are locked for changes that leave their keys alone (FOR NO KEY UPDATE), so that somebody who saves a listing
while it is edited does not wait.
"""

import uuid
from collections.abc import Collection, Iterable

from accounts.models import User
from accounts.rules import may_act_for
from catalog.errors import ProductNotFound, VariantNotFound
from catalog.models import Product, ProductVariant
from catalog.rules import check_owner
from catalog.selectors import may_see
from core.errors import StaleRevision

SCOPE = "catalog"


def lock_product(product_id: uuid.UUID) -> Product:
    """Raises ProductNotFound."""
    found = (
        Product.objects.select_for_update(of=("self",), no_key=True)
        .select_related("seller", "category")
        .filter(pk=product_id)
        .first()
    )
    if found is None:
        raise ProductNotFound
    return found


def lock_own_product(*, seller: User, product_id: uuid.UUID, revision: int | None = None) -> Product:
    """Lock a listing in whose seller's name the person acts.

    Raises:
        ProductNotFound, NotYourProduct: there is none, or it is another's.
        StaleRevision: the caller read another revision than this one.
    """
    product = lock_product(product_id)
    mine = may_act_for(actor=seller, seller=product.seller, scope=SCOPE)
    check_owner(product, may_act=mine, may_see=mine or may_see(viewer=seller, product=product))
    if revision is not None and revision != product.revision:
        raise StaleRevision
    return product


def lock_variants(variant_ids: Iterable[uuid.UUID], *, joined: Collection[str] = ()) -> list[ProductVariant]:
    """Lock products, then their variants, both by primary key; the variants come with their locked product. `joined`: what is read
    with the products beyond their sellers, so that nobody asks for it again.

    Raises:
        VariantNotFound: one of them does not exist.
    """
    wanted = set(variant_ids)
    variants = lock_variants_there(wanted, joined=joined)
    if len(variants) != len(wanted):
        raise VariantNotFound
    return variants


def lock_variants_there(variant_ids: Iterable[uuid.UUID], *, joined: Collection[str] = ()) -> list[ProductVariant]:
    """The same for those of them that exist."""
    wanted = ProductVariant.objects.filter(pk__in=list(variant_ids))
    products = {
        product.pk: product
        for product in Product.objects.select_for_update(of=("self",), no_key=True)
        .select_related("seller", *joined)
        .defer("description", "location", "public_location", "seller__location")
        .filter(pk__in=wanted.values("product_id"))
        .order_by("pk")
    }
    locked = wanted.select_for_update(of=("self",), no_key=True).order_by("pk")
    variants = [variant for variant in locked if variant.product_id in products]
    for variant in variants:
        variant.product = products[variant.product_id]
    return variants


def lock_seller(seller: User) -> None:
    """Lock the person's row while their open listings are counted: two at the limit's edge take turns."""
    User.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=seller.pk)
