"""Fields and bases that all doors share."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.geo import LatLng


class StrictSerializer(serializers.Serializer):
    """A body or query in which every name must be known: a misspelt field is told, not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError(
                    {name: serializers.ErrorDetail(str(_("Unknown field.")), code="unknown_field") for name in unknown}
                )
        return super().to_internal_value(data)


class LatitudeField(serializers.FloatField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=-90, max_value=90, **kwargs)


class LongitudeField(serializers.FloatField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=-180, max_value=180, **kwargs)


class LatLngIn(StrictSerializer):
    """A point in degrees, WGS 84."""

    latitude = LatitudeField()
    longitude = LongitudeField()

    def to_internal_value(self, data: Any) -> LatLng:
        return LatLng(**super().to_internal_value(data))


class LatLngOut(serializers.Serializer):
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()


@extend_schema_field({"type": "string", "format": "decimal", "example": "299.00", "pattern": r"^\d+(\.\d{1,3})?$"})
class AmountField(serializers.CharField):
    """A decimal amount as a string (a JSON number is taken too); read into Money by the door, with its currency."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, bool) or not isinstance(data, str | int | float):
            self.fail("invalid")
        text = str(data).strip()
        if not text.replace(".", "", 1).isdigit() or not text.isascii():
            raise serializers.ValidationError(_("Send an amount such as “299.00”."), code="not_an_amount")
        return text


class ProblemErrorOut(serializers.Serializer):
    attr = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()
