"""The rows that cards are made of."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, FloatField, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from accounts.models import User
from catalog.models import (
    Favourite,
    Product,
)
from catalog.selectors.visibility import Viewer, products_with_a_page
from core.geo import LatLng


class _Degrees(Func):
    output_field = FloatField()


def degrees(function: str) -> Func:
    return _Degrees(Cast("public_location", GeometryField(srid=4326)), function=function)


# What a card is made of: the name in its row, how the ORM reaches it, how SQL does. One list, so that they cannot differ.
_PROVEN_SQL = "u.email_verified_at IS NOT NULL OR u.phone_verified_at IS NOT NULL"
_CHECKED_SQL = "u.identity_verified_at IS NOT NULL OR u.business_verified_at IS NOT NULL"
_CARD: tuple[tuple[str, str, str], ...] = (
    ("id", "id", "p.id"),
    ("title", "title", "p.title"),
    ("price_minor", "price_minor", "p.price_minor"),
    ("original_price_minor", "original_price_minor", "p.original_price_minor"),
    ("currency", "currency", "p.currency"),
    ("condition", "condition", "p.condition"),
    ("state", "state", "p.state"),
    ("feed_type", "feed_type", "p.feed_type"),
    ("tags", "tags", "p.tags"),
    ("view_count", "view_count", "p.view_count"),
    ("favourite_count", "favourite_count", "p.favourite_count"),
    ("published_at", "published_at", "p.published_at"),
    ("hidden_at", "hidden_at", "p.hidden_at"),
    ("category_slug", "category__slug", "c.slug"),
    ("category_icon", "category__icon", "c.icon"),
    ("category_color", "category__color", "c.color"),
    ("category_name_en", "category__name_en", "c.name_en"),
    ("category_name_ar", "category__name_ar", "c.name_ar"),
    ("brand_slug", "brand__slug", "br.slug"),
    ("brand_name_en", "brand__name_en", "br.name_en"),
    ("brand_name_ar", "brand__name_ar", "br.name_ar"),
    ("neighborhood_slug", "neighborhood__slug", "n.slug"),
    ("neighborhood_name_en", "neighborhood__name_en", "n.name_en"),
    ("neighborhood_name_ar", "neighborhood__name_ar", "n.name_ar"),
    ("cover_id", "cover_id", "p.cover_id"),
    ("cover_kind", "cover__kind", "m.kind"),
    ("cover_variants", "cover__variants", "m.variants"),
    ("cover_placeholder", "cover__placeholder", "m.placeholder"),
    ("cover_width", "cover__width", "m.width"),
    ("cover_height", "cover__height", "m.height"),
    ("video_variants", "video__variants", "v.variants"),
    ("video_duration_ms", "video__duration_ms", "v.duration_ms"),
    ("seller_id", "seller_id", "p.seller_id"),
    ("seller_username", "seller__username", "u.username"),
    ("seller_full_name", "seller__full_name", "u.full_name"),
    ("seller_avatar_key", "seller__avatar_key", "u.avatar_key"),
    ("seller_is_verified", "seller__is_verified", f"({_PROVEN_SQL})"),
    ("seller_is_trusted", "seller__is_trusted", f"({_CHECKED_SQL})"),
    ("seller_show_neighborhood", "seller__show_neighborhood", "u.show_neighborhood"),
    ("seller_neighborhood_name_en", "seller__neighborhood__name_en", "un.name_en"),
    ("seller_neighborhood_name_ar", "seller__neighborhood__name_ar", "un.name_ar"),
    ("seller_rating", "seller__standing__rating", "s.rating"),
    ("seller_review_count", "seller__standing__review_count", "s.review_count"),
)
# What the ORM cannot reach by a path, because it is a property of the person.
_PROPERTIES = {
    "seller_is_verified": Q(seller__email_verified_at__isnull=False) | Q(seller__phone_verified_at__isnull=False),
    "seller_is_trusted": Q(seller__identity_verified_at__isnull=False) | Q(seller__business_verified_at__isnull=False),
}
CARD_KEYS = (*[key for key, _, _ in _CARD], "latitude", "longitude", "is_favourite")

# For hand-written statements: `SELECT <CARD_SELECT_SQL> FROM catalog_product p <CARD_JOINS_SQL> WHERE <VISIBLE_SQL>`, with the
# parameter `viewer`. Columns come in the order of CARD_KEYS: `dict(zip(CARD_KEYS, row))` is what `shapes.product_card` takes.
CARD_SELECT_SQL = ", ".join(
    [sql for _, _, sql in _CARD]
    + [
        "ST_Y(p.public_location::geometry)",
        "ST_X(p.public_location::geometry)",
        "EXISTS (SELECT 1 FROM catalog_favourite fav WHERE fav.user_id = %(viewer)s::uuid AND fav.product_id = p.id)",
    ]
)
CARD_JOINS_SQL = """
    JOIN accounts_user u ON u.id = p.seller_id
    LEFT JOIN accounts_sellerstanding s ON s.user_id = u.id
    LEFT JOIN places_neighborhood un ON un.id = u.neighborhood_id
    LEFT JOIN catalog_category c ON c.id = p.category_id
    LEFT JOIN catalog_brand br ON br.id = p.brand_id
    LEFT JOIN places_neighborhood n ON n.id = p.neighborhood_id
    LEFT JOIN media_mediaasset m ON m.id = p.cover_id
    LEFT JOIN media_mediaasset v ON v.id = p.video_id
"""


def card_rows(
    products: QuerySet[Product], *, viewer: Viewer, also: Sequence[str] = ()
) -> QuerySet[Product, dict[str, Any]]:
    """The rows that cards are made of, in one query: dictionaries of CARD_KEYS, and of `also`, which the caller annotated."""
    viewer_id = viewer.pk if viewer is not None else None
    liked = (
        Exists(Favourite.objects.filter(user_id=viewer_id, product_id=OuterRef("pk"))) if viewer_id else Value(False)
    )
    own = {field.name for field in Product._meta.get_fields()} | {"seller_id", "cover_id"}
    renamed: dict[str, Any] = {key: F(path) for key, path, _ in _CARD if key not in own and key not in _PROPERTIES}
    renamed |= {key: ExpressionWrapper(says, BooleanField()) for key, says in _PROPERTIES.items()}
    return products.annotate(**renamed, latitude=degrees("ST_Y"), longitude=degrees("ST_X"), is_favourite=liked).values(
        *CARD_KEYS, *also
    )


def card_row(product: Product) -> dict[str, Any]:
    """The same row from a listing that is loaded with its parts (`product_page`)."""
    row: dict[str, Any] = {}
    for key, path, _ in _CARD:
        value: Any = product
        for step in path.split("__"):
            value = getattr(value, step, None)
        row[key] = value
    public = LatLng.of(product.public_location) if product.public_location else None
    row["latitude"] = public.latitude if public else None
    row["longitude"] = public.longitude if public else None
    row["is_favourite"] = getattr(product, "is_favourite", False)
    return row


def currency_of(product_id: uuid.UUID) -> str:
    """The currency that amounts about a listing are read in; AED for one that is not there."""
    return Product.objects.filter(pk=product_id).values_list("currency", flat=True).first() or "AED"


def favourite_count(product_id: uuid.UUID) -> int:
    """How many people saved a listing; 0 for one that is not there."""
    return Product.objects.filter(pk=product_id).values_list("favourite_count", flat=True).first() or 0


def favourites(user: User) -> QuerySet[Product]:
    """What a person saved and may still open, each with `saved_id`; order by it, newest first."""
    return products_with_a_page(user).filter(favourites__user=user).annotate(saved_id=F("favourites__id"))


def own_favourites(user: User) -> QuerySet[Favourite]:
    """Everything a person saved, also what they may no longer open: for their export."""
    return Favourite.objects.filter(user=user).order_by("id")
