"""Places as the wire and the rules speak of them. Degrees, WGS 84 (SRID 4326), latitude first; metres and kilometres.

A point that anybody else may see is the middle of its H3 cell, never the place itself: the order of a feed, its distances
and its labels are all measured from there, so nobody can triangulate a home.
"""

import math
from dataclasses import dataclass

import h3
from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid

PUBLIC_RESOLUTION = 9  # cells of about 0.1 km2, 200 m across (h3geo.org/docs/core-library/restable)
FEED_RESOLUTION = 7  # cells of about 5 km2: what the feeds merge within a few kilometres
MIDDLE_RESOLUTION = 6  # cells of about 36 km2, between the two
WIDE_RESOLUTION = 5  # cells of about 250 km2: what they merge beyond that
EARTH_RADIUS_M = 6_371_008.8


class NotAPlaceOnEarth(Invalid):
    code = "core.not_a_place_on_earth"
    detail = _("Latitude runs from -90 to 90 and longitude from -180 to 180.")


@dataclass(frozen=True)
class LatLng:
    """A point on Earth in degrees. Raises NotAPlaceOnEarth when it is none."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        numbers = math.isfinite(self.latitude) and math.isfinite(self.longitude)
        if not numbers or abs(self.latitude) > 90 or abs(self.longitude) > 180:
            raise NotAPlaceOnEarth

    @classmethod
    def of(cls, point: Point) -> "LatLng":
        return cls(latitude=point.y, longitude=point.x)

    @property
    def point(self) -> Point:
        """For PostGIS, which wants longitude first."""
        return Point(self.longitude, self.latitude, srid=4326)

    def cell(self, resolution: int) -> int:
        """The H3 cell that holds the point, as the 64-bit number that a bigint column stores."""
        return h3.str_to_int(h3.latlng_to_cell(self.latitude, self.longitude, resolution))

    def snapped(self) -> "LatLng":
        """The middle of the public cell: the only form of this place that strangers get."""
        return cell_centre(self.cell(PUBLIC_RESOLUTION))

    def metres_to(self, other: "LatLng") -> float:
        """Great-circle distance (haversine on a mean-radius sphere), within 0.5 % of PostGIS's spheroid."""
        a, b = math.radians(self.latitude), math.radians(other.latitude)
        half_chord = (
            math.sin((b - a) / 2) ** 2
            + math.cos(a) * math.cos(b) * math.sin(math.radians(other.longitude - self.longitude) / 2) ** 2
        )
        return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half_chord)))


def cell_centre(cell: int) -> LatLng:
    """The middle of an H3 cell."""
    latitude, longitude = h3.cell_to_latlng(h3.int_to_str(cell))
    return LatLng(latitude, longitude)
