"""Neighbourhoods on the wire."""

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.geo import LatLng
from core.rest.serializers import LatitudeField, LatLngOut, LongitudeField, StrictSerializer
from places.models import Neighborhood

_GEOMETRY = {
    "type": "object",
    "description": "GeoJSON geometry (RFC 7946): longitude first.",
    "properties": {"type": {"type": "string"}, "coordinates": {"type": "array", "items": {}}},
    "required": ["type", "coordinates"],
}


class NeighborhoodOut(serializers.ModelSerializer):
    """A neighbourhood. `name` is in the language of the request."""

    name = serializers.CharField(read_only=True)
    centre = serializers.SerializerMethodField()

    class Meta:
        model = Neighborhood
        fields: tuple[str, ...] = (
            "id",
            "slug",
            "name",
            "name_en",
            "name_ar",
            "city",
            "country",
            "source",
            "centre",
            "area_km2",
        )

    @extend_schema_field(LatLngOut)
    def get_centre(self, neighborhood: Neighborhood) -> dict[str, float]:
        centre = LatLng.of(neighborhood.centre)
        return {"latitude": centre.latitude, "longitude": centre.longitude}


class NeighborhoodWithBoundaryOut(NeighborhoodOut):
    """A neighbourhood and its boundary."""

    boundary = serializers.SerializerMethodField()

    class Meta(NeighborhoodOut.Meta):
        fields = (*NeighborhoodOut.Meta.fields, "boundary")

    @extend_schema_field(_GEOMETRY)
    def get_boundary(self, neighborhood: Neighborhood) -> dict[str, Any]:
        return json.loads(neighborhood.boundary.geojson)


class NeighborhoodsIn(StrictSerializer):
    """The filters of the list."""

    city = serializers.CharField(required=False, max_length=80)
    q = serializers.CharField(required=False, max_length=80, help_text="A part of the English or Arabic name.")
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=100)


class OutlinesIn(StrictSerializer):
    city = serializers.CharField(required=False, max_length=80)


class PointIn(StrictSerializer):
    latitude = LatitudeField()
    longitude = LongitudeField()


class OutlineOut(serializers.Serializer):
    """A GeoJSON feature; its properties are those of the list, without place and size."""

    type = serializers.CharField()
    id = serializers.UUIDField()
    properties = serializers.DictField()
    geometry = serializers.DictField()


class OutlinesOut(serializers.Serializer):
    """A GeoJSON FeatureCollection (RFC 7946)."""

    type = serializers.CharField()
    features = OutlineOut(many=True)
