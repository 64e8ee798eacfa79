"""A person's own data here: told on request, blanked when they leave. Accounts asks (`accounts.ports`)."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.actions.locks import lock_product
from catalog.actions.publishing import withdraw_revision
from catalog.actions.writing import write
from catalog.events import ProductUnlisted
from catalog.models import Favourite, Product, ProductRevision, StockHold
from catalog.selectors import image_ids_of, own_favourites
from catalog.states import PRODUCT_MOVES, TARGET_KIND, ProductState
from core.events import publish
from core.geo import LatLng
from core.states import move
from moderation.actions import withdraw_case


def export_person(user: User) -> Iterator[tuple[str, Any]]:
    """One's listings with all that one wrote, in every state, and what one saved."""
    listings = Product.objects.filter(seller=user).select_related("category", "brand").order_by("id")
    yield "catalog/listings.json", [_told(product) for product in listings]
    yield (
        "catalog/favourites.json",
        [{"product_id": str(f.product_id), "saved_at": f.created_at.isoformat()} for f in own_favourites(user)],
    )


def _told(product: Product) -> dict[str, Any]:
    place = LatLng.of(product.location) if product.location else None
    return {
        "id": str(product.pk),
        "state": product.state,
        "feed_type": product.feed_type,
        "title": product.title,
        "description": product.description,
        "price": None if product.price is None else str(product.price),
        "currency": product.currency,
        "category": product.category.slug if product.category else None,
        "brand": product.brand.slug if product.brand else None,
        "condition": product.condition,
        "attributes": product.attributes,
        "tags": product.tags,
        "image_ids": [str(pk) for pk in image_ids_of(product)],
        "video_id": str(product.video_id) if product.video_id else None,
        "latitude": place and place.latitude,
        "longitude": place and place.longitude,
        "building_name": product.building_name,
        "created_at": product.created_at.isoformat(),
        "published_at": product.published_at and product.published_at.isoformat(),
        "sold_at": product.sold_at and product.sold_at.isoformat(),
    }


@transaction.atomic
def erase_person(user: User) -> dict[str, int]:
    """Take a person's listings down and blank what they wrote, showed and where it was; forget what they saved.

    The rows stay: orders and decisions refer to them. Returns how many, for the receipt.
    """
    listings = 0
    for pk in Product.objects.filter(seller=user).order_by("pk").values_list("pk", flat=True):
        _blank(lock_product(pk))
        listings += 1
    ProductRevision.objects.filter(product__seller=user).delete()
    saved = list(Favourite.objects.filter(user=user).values_list("product_id", flat=True))
    Favourite.objects.filter(user=user).delete()
    Product.objects.filter(pk__in=saved).update(favourite_count=F("favourite_count") - 1)
    return {"listings": listings, "favourites": len(saved)}


def _blank(product: Product) -> None:
    if ProductState.REMOVED in PRODUCT_MOVES.get(product.state, ()):
        move(product, ProductState.REMOVED, PRODUCT_MOVES, removed_at=timezone.now())
        withdraw_revision(product)
        withdraw_case(target_kind=TARGET_KIND, target_id=product.pk)
        publish(ProductUnlisted(product_id=product.pk, because=ProductState.REMOVED))
    blank = {"title": "", "description": "", "attributes": {}, "tags": [], "building_name": ""}
    write(product, blank | {"image_ids": [], "video_id": None, "location": None})
    product.variants.update(sku="")


def why_not_erased(user: User) -> str | None:
    """While somebody is buying from a person, the person stays."""
    open_holds = StockHold.objects.filter(variant__product__seller=user, released_at=None, committed_at=None)
    return _("Somebody is buying one of your listings.") if open_holds.exists() else None
