"""Listings that people keep in mind."""

import uuid

from django.db import transaction
from django.db.models import F

from accounts.models import User
from catalog.errors import ProductNotFound
from catalog.events import ProductFavoured
from catalog.models import Favourite, Product
from catalog.selectors import products_with_a_page
from core.events import publish
from core.ids import uuid7


@transaction.atomic
def add_favourite(*, user: User, product_id: uuid.UUID) -> bool:
    """Save a listing for a person and count it; False when it was saved already. Publishes ProductFavoured.

    Raises:
        ProductNotFound: there is none that they may see.
    """
    if not products_with_a_page(user).filter(pk=product_id).exists():
        raise ProductNotFound
    mine = Favourite(id=uuid7(), user=user, product_id=product_id)
    # Of two at once, one row is made: the counter moves with the row and not with the wish.
    Favourite.objects.bulk_create([mine], ignore_conflicts=True)
    if not Favourite.objects.filter(pk=mine.pk).exists():
        return False
    Product.objects.filter(pk=product_id).update(favourite_count=F("favourite_count") + 1)
    publish(ProductFavoured(product_id=product_id, user_id=user.pk))
    return True


@transaction.atomic
def remove_favourite(*, user: User, product_id: uuid.UUID) -> bool:
    """Forget a saved listing, whatever became of it; False when it was not saved."""
    gone, _ = Favourite.objects.filter(user=user, product_id=product_id).delete()
    if gone:
        Product.objects.filter(pk=product_id).update(favourite_count=F("favourite_count") - 1)
    return bool(gone)
