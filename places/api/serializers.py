"""Neighbourhoods on the wire."""

import json
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.geo import LatLng
from core.rest.serializers import LatitudeField, LatLngOut, LongitudeField, StrictSerializer
from places.models import MeetingPoint, Neighborhood
from places.selectors import MEETING_POINTS

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


class MeetingPointsIn(StrictSerializer):
    """Where from, and how many. Without a point they come by name."""

    latitude = LatitudeField(required=False)
    longitude = LongitudeField(required=False)
    limit = serializers.IntegerField(required=False, default=20, min_value=1, max_value=MEETING_POINTS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("latitude" in attrs) != ("longitude" in attrs):
            missing = "longitude" if "latitude" in attrs else "latitude"
            raise serializers.ValidationError({missing: [_("Send both or neither.")]})
        return attrs


class MeetingPointOut(serializers.ModelSerializer):
    """A public place to meet. Names and hints are in the language of the request."""

    name = serializers.CharField(read_only=True)
    hint = serializers.CharField(read_only=True)
    location = serializers.SerializerMethodField()
    distance_m = serializers.SerializerMethodField(help_text=_("From the point that was asked for; else null."))

    class Meta:
        model = MeetingPoint
        fields = ("id", "slug", "name", "hint", "location", "distance_m")

    @extend_schema_field(LatLngOut)
    def get_location(self, point: MeetingPoint) -> dict[str, float]:
        return {"latitude": point.location.y, "longitude": point.location.x}

    @extend_schema_field({"type": "integer", "nullable": True})
    def get_distance_m(self, point: MeetingPoint) -> int | None:
        metres = getattr(point, "metres", None)
        return None if metres is None else round(metres)


class MeetingPointsOut(serializers.Serializer):
    results = MeetingPointOut(many=True)
