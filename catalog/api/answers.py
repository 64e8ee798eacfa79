"""Listings on the wire: what goes out."""

from typing import Any

from rest_framework import serializers

from accounts.shapes import PersonBriefOut
from catalog import selectors
from catalog.models import Category, CategoryAttribute, Product, ProductRevision
from catalog.ports import quote_fee
from catalog.shapes import (
    FeePreviewOut,
    NameOut,
    ProductCardOut,
    ShelfOut,
    amount,
    answers,
    choice_name,
    fee_preview,
    product_card,
)
from catalog.states import AttributeKind
from core.geo import LatLng
from core.rest.serializers import LatLngOut
from core.text import localized
from media import selectors as media
from media.shapes import PictureOut

# --- listings -----------------------------------------------------------------------------------------------------


class AnswerOut(serializers.Serializer):
    """One answer to a question of the category, in words and as a value."""

    key = serializers.CharField()
    name = serializers.CharField()
    value = serializers.JSONField()
    label = serializers.CharField(help_text="The value in the reader's language.")  # type: ignore[assignment]
    unit = serializers.CharField()


class VariantOut(serializers.Serializer):
    id = serializers.UUIDField()
    sku = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    price = serializers.CharField(allow_null=True)
    available = serializers.IntegerField(help_text="Stock less what is set aside for buyers.")
    stock = serializers.IntegerField(required=False, help_text="Only for the seller.")


class VerificationOut(serializers.Serializer):
    """What of a seller was checked, each by its own fact."""

    email = serializers.BooleanField()
    phone = serializers.BooleanField()
    identity = serializers.BooleanField()
    business = serializers.BooleanField()
    member_since = serializers.DateTimeField()
    sales_count = serializers.IntegerField()


class ReasonOut(serializers.Serializer):
    """Why a moderator decided as they did, in the owner's words."""

    outcome = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField()


class PendingEditOut(serializers.Serializer):
    """The edit that waits for a moderator while the approved listing stays on show. Null: that field does not change."""

    submitted_at = serializers.DateTimeField()
    title = serializers.CharField(allow_null=True)
    description = serializers.CharField(allow_null=True)
    price = serializers.CharField(allow_null=True)
    category = serializers.CharField(allow_null=True)
    image_ids = serializers.ListField(child=serializers.UUIDField(), allow_null=True)
    video_id = serializers.UUIDField(allow_null=True)


class ExactPlaceOut(LatLngOut):
    building_name = serializers.CharField()


class OwnSideOut(serializers.Serializer):
    """What only the seller sees of a listing."""

    location = ExactPlaceOut(allow_null=True)
    fee = FeePreviewOut(allow_null=True, help_text="Null until there is a price.")
    is_hidden = serializers.BooleanField(help_text="By moderation, beside the state.")
    reason = ReasonOut(allow_null=True)
    pending_edit = PendingEditOut(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class DeliveryOut(serializers.Serializer):
    """How one gets it, before buying it."""

    hand_over = serializers.BooleanField(help_text="One may always meet the seller, which costs nothing.")
    ships = serializers.BooleanField(help_text="Whether the seller sends parcels.")
    parcel = serializers.CharField(
        allow_null=True, help_text="What sending one piece alone costs, a decimal string; null: it is only met for."
    )
    free_from = serializers.CharField(
        allow_null=True, help_text="From this sum of the seller's things in one order on, a parcel costs nothing."
    )
    currency = serializers.CharField()


class ProductOut(ProductCardOut):
    """A listing's page."""

    description = serializers.CharField()
    delivery = DeliveryOut(allow_null=True, help_text="Null while there is nothing to buy.")
    attributes = AnswerOut(many=True)
    pictures = PictureOut(many=True)
    video_poster = PictureOut(allow_null=True)
    variants = VariantOut(many=True)
    seller_verification = VerificationOut()
    is_mine = serializers.BooleanField()
    is_available = serializers.BooleanField()
    sold_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    revision = serializers.IntegerField(help_text="Send it back as If-Match, as it stands in ETag.")
    own = OwnSideOut(allow_null=True, help_text="Only for the seller.")


def product_answer(product: Product, *, viewer: selectors.Viewer, origin: LatLng | None = None) -> dict[str, Any]:
    """A listing's page, for its seller with their own side. `product` is loaded by `selectors.product_page`."""
    mine = viewer is not None and viewer.pk == product.seller_id
    questions = selectors.questions_of(selectors.shelf_of(product.category)) if product.category else []
    pictures = [media.picture(row.asset) for row in selectors.pictures_of(product)]
    variants = variants_answer(product, mine=mine)
    return {
        **product_card(selectors.card_row(product), origin=origin),
        "description": product.description,
        "delivery": _delivery(product),
        "attributes": answers(questions, product.attributes),
        "pictures": [picture for picture in pictures if picture],
        "video_poster": media.picture(product.video),
        "variants": variants,
        "seller_verification": _verification(product),
        "is_mine": mine,
        "is_available": product.is_listed and any(v["available"] > 0 for v in variants),
        "sold_at": product.sold_at,
        "created_at": product.created_at,
        "revision": product.revision,
        "own": _own_side(product) if mine else None,
    }


def _delivery(product: Product) -> dict[str, Any] | None:
    offer = selectors.parcel_of(product)
    if offer is None:
        return None
    return {
        "hand_over": True,
        "ships": offer.ships,
        "parcel": str(offer.price) if offer.ships else None,
        "free_from": str(offer.free_from) if offer.ships and offer.free_from else None,
        "currency": product.currency,
    }


def variants_answer(product: Product, *, mine: bool) -> list[dict[str, Any]]:
    return [
        {
            "id": variant.pk,
            "sku": variant.sku,
            "options": variant.options,
            "price": amount(variant.price_minor or product.price_minor, product.currency),
            "available": max(0, variant.available),
            **({"stock": variant.stock} if mine else {}),
        }
        for variant in selectors.variants_with_stock(product)
    ]


def _verification(product: Product) -> dict[str, Any]:
    seller = product.seller
    standing = getattr(seller, "standing", None)
    return {
        "email": seller.email_verified_at is not None,
        "phone": seller.phone_verified_at is not None,
        "identity": seller.identity_verified_at is not None,
        "business": seller.business_verified_at is not None,
        "member_since": seller.created_at,
        "sales_count": standing.sales_count if standing else 0,
    }


def _own_side(product: Product) -> dict[str, Any]:
    place = LatLng.of(product.location) if product.location else None
    waiting = selectors.pending_revision(product)
    quote = product.price and quote_fee(
        price=product.price, channel=product.feed_type, category=product.category, seller=product.seller
    )
    return {
        "location": place
        and {
            "latitude": place.latitude,
            "longitude": place.longitude,
            "building_name": product.building_name,
        },
        "fee": fee_preview(quote) if quote else None,
        "is_hidden": product.hidden_at is not None,
        "reason": _reason(product),
        "pending_edit": _pending_edit(product, waiting) if waiting else None,
        "submitted_at": product.submitted_at,
        "expires_at": product.expires_at,
    }


def _reason(product: Product) -> dict[str, Any] | None:
    decision = selectors.decision_in_force(product)
    if decision is None:
        return None
    return {"outcome": decision.outcome, "text": localized(decision, "reason"), "at": decision.made_at}


def _pending_edit(product: Product, waiting: ProductRevision) -> dict[str, Any]:
    content = waiting.content
    category = selectors.category_numbered(content.get("category_id"))
    return {
        "submitted_at": waiting.created_at,
        "title": content.get("title"),
        "description": content.get("description"),
        "price": amount(content.get("price_minor"), product.currency),
        "category": category.slug if category else None,
        "image_ids": content.get("image_ids"),
        "video_id": content.get("video_id"),
    }


# --- around a listing ---------------------------------------------------------------------------------------------


class SimilarOut(ProductCardOut):
    relevance = serializers.FloatField(help_text="How alike, from 0 to 1.")


class SimilarListOut(serializers.Serializer):
    results = SimilarOut(many=True)


class PriceChangeOut(serializers.Serializer):
    at = serializers.DateTimeField()
    old_price = serializers.CharField()
    new_price = serializers.CharField()
    currency = serializers.CharField()


class FavouriteOut(serializers.Serializer):
    is_favourite = serializers.BooleanField()
    favourite_count = serializers.IntegerField()


class ProductReportOut(serializers.Serializer):
    """A report as its reporter sees it; `GET /users/me/reports` tells later how it ended."""

    id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    reason = serializers.CharField()
    description = serializers.CharField()
    status = serializers.CharField()
    created_at = serializers.DateTimeField()


class VariantsOut(serializers.Serializer):
    variants = VariantOut(many=True)


# --- shelves ------------------------------------------------------------------------------------------------------


class ChoiceOut(serializers.Serializer):
    value = serializers.CharField()
    name = serializers.CharField()


class QuestionOut(serializers.Serializer):
    """What a category asks about its things. `filter`: the name of the query parameter, where one filters by it."""

    key = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=AttributeKind.choices)
    choices = ChoiceOut(many=True)
    unit = serializers.CharField()
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    is_required = serializers.BooleanField()
    filter = serializers.CharField(allow_null=True)


class CategoryOut(ShelfOut):
    """A category with what stands in it and below it; counts are at most five minutes old."""

    name_en = serializers.CharField()
    name_ar = serializers.CharField()
    is_luxury = serializers.BooleanField()
    total_products = serializers.IntegerField()
    active_listings_count = serializers.IntegerField()
    live_streams_count = serializers.IntegerField()
    badge_count = serializers.IntegerField(help_text="Live streams now.")
    children = serializers.ListField(child=serializers.DictField(), help_text="Categories of the same shape.")


class CategoryListOut(serializers.Serializer):
    results = CategoryOut(many=True)


class TopSellerOut(PersonBriefOut):
    listings_here = serializers.IntegerField()


class CategoryDetailOut(CategoryOut):
    path = NameOut(many=True, help_text="From the root down to this category.")
    attributes = QuestionOut(many=True)
    top_sellers = TopSellerOut(many=True)
    trending = ProductCardOut(many=True)


class BrandOut(NameOut):
    name_en = serializers.CharField()
    name_ar = serializers.CharField()
    is_luxury = serializers.BooleanField()


def category_answer(category: Category, *, below: list[Category], counts: dict[int, dict[str, int]]) -> dict[str, Any]:
    numbers = counts.get(category.pk, {"total": 0, "active": 0})
    return {
        "slug": category.slug,
        "name": category.name,
        "name_en": category.name_en,
        "name_ar": category.name_ar,
        "icon": category.icon,
        "color": category.color,
        "is_luxury": category.is_luxury,
        "total_products": numbers["total"],
        "active_listings_count": numbers["active"],
        "live_streams_count": category.live_streams_count,
        "badge_count": category.live_streams_count,
        "children": [category_answer(child, below=child.below, counts=counts) for child in below],
    }


def question_answer(question: CategoryAttribute) -> dict[str, Any]:
    return {
        "key": question.key,
        "name": question.name,
        "kind": question.kind,
        "choices": [{"value": c["value"], "name": choice_name(c)} for c in question.choices],
        "unit": question.unit,
        "minimum": None if question.minimum is None else float(question.minimum),
        "maximum": None if question.maximum is None else float(question.maximum),
        "is_required": question.is_required,
        "filter": f"attr_{question.key}" if question.is_filter else None,
    }
