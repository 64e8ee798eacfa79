"""Listings on the wire: what comes in."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.actions import ProductFields
from catalog.states import Condition, FeedType, ProductState
from core.geo import LatLng
from core.money import Money
from core.rest.serializers import AmountField, LatitudeField, LongitudeField, StrictSerializer
from media.errors import ForeignUrl
from media.shapes import AssetIdField
from moderation.states import ReportReason

# Names under which other services take addresses of files. Ours takes ids of uploads.
FOREIGN = ("image_urls", "images", "image_url", "video_url", "video_thumbnail_url")


class ProductPlaceIn(StrictSerializer):
    """Where the thing is. Private: strangers get the middle of a cell some 200 m wide."""

    latitude = LatitudeField()
    longitude = LongitudeField()
    building_name = serializers.CharField(required=False, allow_blank=True, max_length=100)


@extend_schema_field(
    {"type": "object", "additionalProperties": {"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]}}
)
class AnswersField(serializers.DictField):
    """Answers to the category's questions, by key."""


class ProductFieldsIn(StrictSerializer):
    """What a seller writes. Nothing is required here; publishing asks for what is missing."""

    title = serializers.CharField(required=False, allow_blank=True, help_text=_("At most 100 characters."))
    description = serializers.CharField(required=False, allow_blank=True, help_text=_("At most 2,000 characters."))
    price = AmountField(required=False, allow_null=True)
    original_price = AmountField(required=False, allow_null=True)
    currency = serializers.CharField(required=False, max_length=3, help_text=_("AED (default), EGP or USD."))
    category = serializers.CharField(required=False, allow_null=True, help_text=_("A category's slug."))
    brand = serializers.CharField(required=False, allow_null=True, help_text=_("A brand's slug."))
    condition = serializers.ChoiceField(required=False, allow_blank=True, choices=Condition.choices)
    attributes = AnswersField(required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=100), required=False)
    image_ids = serializers.ListField(child=AssetIdField(), required=False, help_text=_("Own uploads, at most 10."))
    video_id = AssetIdField(required=False, allow_null=True)
    location = ProductPlaceIn(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            for name in FOREIGN:
                if name in data:
                    raise ForeignUrl(attr=name)
        return super().to_internal_value(data)

    def fields_for(self, *, currency: str) -> ProductFields:
        """The validated body as the actions take it; amounts are read in the body's currency, else in this one.

        Raises:
            NotAnAmount, UnknownCurrency.
        """
        body = dict(self.validated_data)
        fields: dict[str, Any] = {
            name: body[name]
            for name in ("title", "description", "category", "brand", "condition", "attributes", "tags")
            if name in body
        }
        if "currency" in body:
            fields["currency"] = currency = body["currency"].upper()
        for name in ("price", "original_price"):
            if name in body:
                fields[f"{name}_minor"] = _minor(body[name], currency, at=name)
        for name in ("image_ids", "video_id"):
            if name in body:
                fields[name] = body[name]
        if "location" in body:
            place = body["location"]
            fields["location"] = place and LatLng(place["latitude"], place["longitude"])
            if place is None or "building_name" in place:
                fields["building_name"] = place["building_name"] if place else ""
        return fields  # type: ignore[return-value]


def _minor(amount: str | None, currency: str, *, at: str) -> int | None:
    return None if amount is None else Money.parse(amount, currency, attr=at).minor


class CreateProductIn(ProductFieldsIn):
    """A new listing. `publish: false` keeps it as a draft, in which anything may still be missing."""

    feed_type = serializers.ChoiceField(
        choices=FeedType.choices, default=FeedType.COMMUNITY, help_text=_("Stays as it is.")
    )
    publish = serializers.BooleanField(default=True)


class EditProductIn(ProductFieldsIn):
    """Fields that are not sent stay as they are. `feed_type` may be sent back, but not changed."""

    feed_type = serializers.ChoiceField(choices=FeedType.choices, required=False)


class ReplaceProductIn(EditProductIn):
    """The core of a listing as a whole; what else is not sent stays as it is."""

    title = serializers.CharField(help_text=_("At most 100 characters."))
    price = AmountField()
    category = serializers.CharField(help_text=_("A category's slug."))
    condition = serializers.ChoiceField(choices=Condition.choices)


class FromWhereIn(StrictSerializer):
    """Where the reader stands, for distances. Both or neither; `location_lat` and `location_lng` are other names for them."""

    latitude = LatitudeField(required=False)
    longitude = LongitudeField(required=False)
    location_lat = LatitudeField(required=False)
    location_lng = LongitudeField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        latitude = attrs.get("latitude", attrs.get("location_lat"))
        longitude = attrs.get("longitude", attrs.get("location_lng"))
        if (latitude is None) != (longitude is None):
            missing = "latitude" if latitude is None else "longitude"
            raise serializers.ValidationError({missing: _("Send both or neither.")}, code="required")
        return {"origin": None if latitude is None else LatLng(latitude, longitude)}


class OwnProductsIn(StrictSerializer):
    state = serializers.MultipleChoiceField(
        choices=[*ProductState.choices, ("open", "open")], required=False, help_text=_("Repeatable.")
    )
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=100)


class PagingIn(StrictSerializer):
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=100)


class BrandsIn(PagingIn):
    q = serializers.CharField(required=False, max_length=60)
    luxury = serializers.BooleanField(required=False, allow_null=True, default=None)


class ReportProductIn(StrictSerializer):
    reason = serializers.ChoiceField(choices=ReportReason.choices)
    description = serializers.CharField(required=False, allow_blank=True, default="")
    evidence_ids = serializers.ListField(child=AssetIdField(), required=False, default=list)
    related_conversation_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class VariantIn(StrictSerializer):
    options = serializers.DictField(
        child=serializers.CharField(max_length=40),
        default=dict,
        help_text=_("Such as {“size”: “M”, “color”: “black”}."),
    )
    sku = serializers.CharField(required=False, allow_blank=True, max_length=40, default="")
    price = AmountField(required=False, allow_null=True, default=None, help_text=_("Null: the listing's price."))
    stock = serializers.IntegerField(min_value=0, max_value=100_000, default=1)

    def validate_options(self, options: dict[str, str]) -> dict[str, str]:
        if len(options) > 5 or any(len(key) > 20 for key in options):
            raise serializers.ValidationError(_("At most five options with names of 20 characters."), code="max_length")
        return options


class SetVariantsIn(StrictSerializer):
    variants = VariantIn(many=True)

    def rows_for(self, *, currency: str) -> list[dict[str, Any]]:
        return [
            {
                "options": row["options"],
                "sku": row["sku"],
                "price_minor": _minor(row["price"], currency, at="variants"),
                "stock": row["stock"],
            }
            for row in self.validated_data["variants"]
        ]
