"""What lies around a place, for the small map of a case."""

from typing import Any

from django.contrib.gis.db.models import MultiPolygonField
from django.contrib.gis.geos import Polygon
from django.db.models import F, Func, QuerySet, Value

from core.geo import LatLng
from places.models import Neighborhood

TOLERANCE = 0.0004  # degrees, some 40 m: a pixel and a half of the small map
DEGREE_KM = 100  # a little less than a degree is long, so that nothing at the edge is missed


class _Simplified(Func):
    function = "ST_SimplifyPreserveTopology"
    output_field = MultiPolygonField(srid=4326)


def neighborhoods_around(place: LatLng, *, kilometres: float) -> QuerySet[Any]:
    """Active neighbourhoods that reach into a box around the place, each with a simplified `outline`."""
    reach = kilometres / DEGREE_KM
    box = Polygon.from_bbox(
        (place.longitude - reach, place.latitude - reach, place.longitude + reach, place.latitude + reach)
    )
    box.srid = 4326
    return (
        Neighborhood.objects.filter(is_active=True, boundary__bboverlaps=box)
        .annotate(outline=_Simplified(F("boundary"), Value(TOLERANCE)))
        .defer("boundary")
        .order_by("-area_km2")[:12]
    )
