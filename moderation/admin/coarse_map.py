"""Where a listing is, as coarsely as anybody may know it: its cell among the outlines of the neighbourhoods around. Drawn as SVG, so
that it needs no script and no foreign host."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import h3

from core.geo import PUBLIC_RESOLUTION, LatLng
from moderation.selectors import neighborhoods_around

WIDTH, HEIGHT = 320, 200
SPAN_KM = 5.0  # from left to right


@dataclass(frozen=True)
class Area:
    name: str
    path: str


@dataclass(frozen=True)
class CoarseMap:
    """Paths in a box of WIDTH × HEIGHT."""

    areas: list[Area]
    cell: str
    name: str
    width: int = WIDTH
    height: int = HEIGHT


def coarse_map(place: LatLng, name: str) -> CoarseMap:
    """Draw the public cell around `place` (already snapped) with what lies around it. North is up."""
    degrees_wide = SPAN_KM / (111.32 * math.cos(math.radians(place.latitude)))
    degrees_high = SPAN_KM * HEIGHT / WIDTH / 110.57

    def point(latitude: float, longitude: float) -> str:
        x = WIDTH / 2 + (longitude - place.longitude) / degrees_wide * WIDTH
        y = HEIGHT / 2 - (latitude - place.latitude) / degrees_high * HEIGHT
        return f"{x:.1f} {y:.1f}"

    def ring(corners: Iterable[tuple[float, float]]) -> str:
        return "M" + "L".join(point(latitude, longitude) for latitude, longitude in corners) + "Z"

    areas = [
        Area(
            found.name,
            "".join(
                ring((latitude, longitude) for longitude, latitude, *_ in line.coords)
                for polygon in found.outline
                for line in polygon
            ),
        )
        for found in neighborhoods_around(place, kilometres=SPAN_KM)
    ]
    cell = h3.latlng_to_cell(place.latitude, place.longitude, PUBLIC_RESOLUTION)
    return CoarseMap(areas=areas, cell=ring(h3.cell_to_boundary(cell)), name=name)
