"""Neighbourhoods by name, by slug, by point, and all their outlines for a map. Open to everybody."""

import orjson
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core.geo import LatLng
from core.rest.etags import with_etag
from core.rest.pagination import CursorPages
from core.rest.query import read_query
from core.rest.views import SoukView
from places import selectors
from places.api.serializers import (
    MeetingPointOut,
    MeetingPointsIn,
    MeetingPointsOut,
    NeighborhoodOut,
    NeighborhoodsIn,
    NeighborhoodWithBoundaryOut,
    OutlinesIn,
    OutlinesOut,
    PointIn,
)
from places.errors import NoNeighborhoodHere


class ByName(CursorPages):
    ordering = ("name_en", "id")


class NeighborhoodList(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="neighborhoods_list", parameters=[NeighborhoodsIn], responses=NeighborhoodOut(many=True)
    )
    def get(self, request: Request) -> Response:
        """Neighbourhoods by English name, in pages."""
        wanted = read_query(NeighborhoodsIn, request)
        pages = ByName()
        found = selectors.neighborhoods(city=wanted.get("city", ""), q=wanted.get("q", ""))
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(NeighborhoodOut(page, many=True).data)


class NeighborhoodDetail(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="neighborhoods_retrieve", responses=NeighborhoodWithBoundaryOut)
    def get(self, request: Request, slug: str) -> Response:
        """One neighbourhood with its boundary."""
        return Response(NeighborhoodWithBoundaryOut(selectors.neighborhood_with_slug(slug)).data)


class NeighborhoodAt(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="neighborhoods_at", parameters=[PointIn], responses=NeighborhoodOut)
    def get(self, request: Request) -> Response:
        """The neighbourhood that holds a point, or 404 where we know of none."""
        found = selectors.neighborhood_at(LatLng(**read_query(PointIn, request)))
        if found is None:
            raise NoNeighborhoodHere
        return Response(NeighborhoodOut(found).data)


class NeighborhoodOutlines(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="neighborhoods_outlines",
        parameters=[OutlinesIn, OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)],
        responses={(200, "application/geo+json"): OutlinesOut, 304: None},
    )
    def get(self, request: Request) -> Response:
        """The outlines of all neighbourhoods for a map, simplified to some 20 m. Cached for an hour, with an ETag."""
        city = read_query(OutlinesIn, request).get("city", "")
        tag = f'"{selectors.outlines_version(city=city)}"'
        response = with_etag(request, Response(), tag)
        if response.status_code != 304:
            features = [
                {
                    "type": "Feature",
                    "id": str(n.id),
                    "properties": {"slug": n.slug, "name_en": n.name_en, "name_ar": n.name_ar, "city": n.city},
                    "geometry": orjson.Fragment(n.outline),  # type: ignore[attr-defined]
                }
                for n in selectors.outlines(city=city)
            ]
            response.data = {"type": "FeatureCollection", "features": features}
            response.content_type = "application/geo+json"
        response["Cache-Control"] = "public, max-age=3600"
        return response


class MeetingPoints(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="meeting_points_list", parameters=[MeetingPointsIn], responses=MeetingPointsOut)
    def get(self, request: Request) -> Response:
        """Public places to meet, the nearest to a point first. Whole in one answer."""
        wanted = read_query(MeetingPointsIn, request)
        near = LatLng(wanted["latitude"], wanted["longitude"]) if "latitude" in wanted else None
        found = selectors.meeting_points(near=near, limit=wanted["limit"])
        return Response({"results": MeetingPointOut(found, many=True).data})
