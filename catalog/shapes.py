"""What listings look like on the wire. Public: feeds and search answer with the same cards."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.models import display_name
from accounts.shapes import PersonBriefOut
from catalog.models import CategoryAttribute
from catalog.ports import FeeQuote
from catalog.states import AttributeKind, Condition, FeedType, ProductState
from core.geo import LatLng
from core.money import Money
from media import selectors as media
from media.shapes import ClipOut, PictureOut
from places.rules import distance_label, rounded_km

CARD_WIDTH = 640  # pixels: two columns of a 390 px phone at three pixels a point need 585


class NameOut(serializers.Serializer):
    """A word of the catalogue: its key, and its name in the reader's language."""

    slug = serializers.CharField()
    name = serializers.CharField()


class ShelfOut(NameOut):
    icon = serializers.CharField(help_text="A lucide icon's name.")
    color = serializers.CharField()


class PlaceOut(serializers.Serializer):
    """Where a listing is, as strangers may know it: the middle of a cell some 200 m wide, and the distance to that."""

    neighborhood = NameOut(allow_null=True)
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    distance_km = serializers.FloatField(allow_null=True, help_text="Only where the request names a place.")
    distance_label = serializers.CharField(allow_null=True)


class ProductCardOut(serializers.Serializer):
    """A listing in a list."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    price = serializers.CharField(allow_null=True)
    original_price = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    condition = serializers.ChoiceField(choices=Condition.choices, allow_blank=True)
    state = serializers.ChoiceField(choices=ProductState.choices)
    feed_type = serializers.ChoiceField(choices=FeedType.choices)
    tags = serializers.ListField(child=serializers.CharField())
    category = ShelfOut(allow_null=True)
    brand = NameOut(allow_null=True)
    cover = PictureOut(allow_null=True)
    video = ClipOut(allow_null=True)
    place = PlaceOut(allow_null=True)
    seller = PersonBriefOut()
    view_count = serializers.IntegerField()
    favourite_count = serializers.IntegerField()
    is_favourite = serializers.BooleanField()
    published_at = serializers.DateTimeField(allow_null=True)


class FeePreviewOut(serializers.Serializer):
    """What the platform keeps of a sale at this price, and by which rule."""

    price = serializers.CharField()
    currency = serializers.CharField()
    fee = serializers.CharField()
    payout = serializers.CharField(help_text="What is left for the seller.")
    rule = serializers.CharField(help_text="The name of the rule that matched.")
    percent = serializers.CharField()
    fixed = serializers.CharField()
    minimum = serializers.CharField()
    maximum = serializers.CharField(allow_null=True)
    bound = serializers.ChoiceField(
        choices=["none", "minimum", "maximum"], help_text="Which limit raised or lowered the fee."
    )


def fee_preview(quote: FeeQuote) -> dict[str, Any]:
    told = {key: quote.explanation[key] for key in ("rule", "percent", "fixed", "minimum", "maximum", "bound")}
    return {
        "price": str(quote.price),
        "currency": quote.price.currency,
        "fee": str(quote.fee),
        "payout": str(quote.payout),
        **told,
    }


def product_card(
    row: Mapping[str, Any], *, origin: LatLng | None = None, metres: float | None = None, language: str | None = None
) -> dict[str, Any]:
    """A card from a row of `selectors.card_rows` or `CARD_SELECT_SQL`: plain values, ready for JSON.

    `origin` is where the reader stands; `metres` the distance from there to the listing's public place, where the caller's query
    measured it already. `language` is the active one, from a caller who shapes many and has looked it up once.
    """
    currency = row["currency"]
    language = language or get_language() or "en"
    arabic = language.startswith("ar")
    return {
        "id": row["id"],
        "title": row["title"],
        "price": amount(row["price_minor"], currency),
        "original_price": amount(row["original_price_minor"], currency),
        "currency": currency,
        "condition": row["condition"],
        "state": row["state"],
        "feed_type": row["feed_type"],
        "tags": row["tags"],
        "category": _shelf(row, arabic=arabic),
        "brand": _named(row, "brand", arabic=arabic),
        "cover": _cover(row),
        "video": _video(row),
        "place": _place(row, origin=origin, metres=metres, language=language),
        "seller": _seller(row, arabic=arabic),
        "view_count": row["view_count"],
        "favourite_count": row["favourite_count"],
        "is_favourite": row["is_favourite"],
        "published_at": row["published_at"],
    }


def amount(minor: int | None, currency: str) -> str | None:
    return None if minor is None else str(Money(minor, currency))


def named(row: Mapping[str, Any], what: str) -> dict[str, str] | None:
    """A catalogue word of a row, in the active language."""
    return _named(row, what, arabic=(get_language() or "en").startswith("ar"))


def _named(row: Mapping[str, Any], what: str, *, arabic: bool) -> dict[str, str] | None:
    name = _word(row, what, arabic=arabic)
    return None if name is None else {"slug": row[f"{what}_slug"], "name": name}


def _word(row: Mapping[str, Any], what: str, *, arabic: bool) -> str | None:
    return (arabic and row[f"{what}_name_ar"]) or row[f"{what}_name_en"]


def place_of(row: Mapping[str, Any], *, origin: LatLng | None, metres: float | None = None) -> dict[str, Any] | None:
    """The public place of a row with `latitude` and `longitude`, and how far it is from `origin`."""
    return _place(row, origin=origin, metres=metres, language=get_language() or "en")


def _place(
    row: Mapping[str, Any], *, origin: LatLng | None, metres: float | None, language: str
) -> dict[str, Any] | None:
    if row["latitude"] is None:
        return None
    if metres is None and origin is not None:
        metres = origin.metres_to(LatLng(latitude=row["latitude"], longitude=row["longitude"]))
    return {
        "neighborhood": _named(row, "neighborhood", arabic=language.startswith("ar")),
        "latitude": round(row["latitude"], 6),
        "longitude": round(row["longitude"], 6),
        "distance_km": None if metres is None else rounded_km(metres),
        "distance_label": None if metres is None else distance_label(metres, language=language),
    }


def _cover(row: Mapping[str, Any]) -> dict[str, Any] | None:
    variants = row["cover_variants"]
    if not variants:
        return None
    return {
        "id": str(row["cover_id"]),
        "kind": row["cover_kind"],
        "width": row["cover_width"],
        "height": row["cover_height"],
        "placeholder": row["cover_placeholder"],
        **(_shown_text(variants) if isinstance(variants, str) else _shown(variants)),
    }


def _video(row: Mapping[str, Any]) -> dict[str, Any] | None:
    variants = row["video_variants"]
    if not variants:
        return None
    return media.shown(orjson.loads(variants) if isinstance(variants, str) else variants, row["video_duration_ms"])[
        "video"
    ]


@lru_cache(maxsize=4096)
def _shown_text(variants: str) -> dict[str, Any]:
    """The same for what a hand-written statement read, which is text. Kept: the pictures of a busy corner are asked for all day."""
    return _shown(orjson.loads(variants))


def _shown(variants: list[dict[str, Any]]) -> dict[str, Any]:
    narrow = [v for v in variants if v["width"] <= CARD_WIDTH and v["format"] != "mp4"]
    return media.shown(narrow or variants)


def _shelf(row: Mapping[str, Any], *, arabic: bool) -> dict[str, str] | None:
    name = _named(row, "category", arabic=arabic)
    return name and {**name, "icon": row["category_icon"], "color": row["category_color"]}


def _seller(row: Mapping[str, Any], *, arabic: bool) -> dict[str, Any]:
    """What `accounts.selectors.person_brief` says, from a row; a test holds the two equal."""
    rating = row["seller_rating"]
    return {
        "id": str(row["seller_id"]),
        "username": row["seller_username"],
        "display_name": display_name(full_name=row["seller_full_name"], username=row["seller_username"]),
        "avatar_url": media.public_url(row["seller_avatar_key"]) if row["seller_avatar_key"] else None,
        "is_verified": row["seller_is_verified"],
        "is_trusted": row["seller_is_trusted"],
        "rating": None if rating is None else str(rating),
        "review_count": row["seller_review_count"] or 0,
        "neighborhood": _word(row, "seller_neighborhood", arabic=arabic) if row["seller_show_neighborhood"] else None,
    }


def answers(questions: list[CategoryAttribute], given: dict[str, Any]) -> list[dict[str, Any]]:
    """Answers in the order of the questions; one whose question is gone is left out."""
    return [
        {
            "key": question.key,
            "name": question.name,
            "value": given[question.key],
            "label": answer_label(question, given[question.key]),
            "unit": question.unit,
        }
        for question in questions
        if question.key in given
    ]


def answer_label(question: CategoryAttribute, value: Any) -> str:
    if question.kind == AttributeKind.CHOICE:
        chosen = next((c for c in question.choices if c["value"] == value), None)
        return choice_name(chosen) if chosen else str(value)
    if question.kind == AttributeKind.FLAG:
        return _("Yes") if value else _("No")
    return str(value)


def choice_name(choice: dict[str, str]) -> str:
    arabic = (get_language() or "en").startswith("ar")
    return (arabic and choice["name_ar"]) or choice["name_en"]
