"""A question to the community feed, checked, and what every statement about it reads."""

from dataclasses import dataclass
from uuid import UUID

from core.geo import LatLng
from feeds.cells import cells_around, most_public_cells
from feeds.selectors.filters import Filters
from feeds.selectors.pages import Spot, Viewer
from feeds.selectors.statements import Columns
from places.models import Neighborhood

_WHOLE_EARTH_M = 20_100_000.0  # no two points are further apart
_EDGE_DEGREES = 0.005  # a listing's public place may stand some 200 m outside its neighbourhood


@dataclass(frozen=True)
class Asked:
    """Where, how far, what, and which page of it."""

    viewer: Viewer
    place: LatLng | None
    radius: float | None  # metres
    neighborhood: Neighborhood | None
    filters: Filters
    spot: Spot | None
    size: int

    @property
    def neighborhood_id(self) -> UUID | None:
        return None if self.neighborhood is None else self.neighborhood.pk

    @property
    def is_circle(self) -> bool:
        """Whether the distance bounds it."""
        return self.place is not None and self.radius is not None

    @property
    def columns(self) -> Columns:
        """Of the place and the filters; a statement adds the place in the list."""
        found: Columns = {
            "point": ("geography", wkt(self.place)),
            "radius": ("float8", _WHOLE_EARTH_M if self.radius is None else self.radius),
        }
        if self.neighborhood is not None:
            found["neighborhood"] = "uuid", self.neighborhood.pk
        return found | self.filters.columns

    @property
    def walk_columns(self) -> Columns:
        """What the walk by distance reads besides."""
        assert self.place is not None  # noqa: S101 - community_feed has refused otherwise
        most = 10**9 if self.radius is None else most_public_cells(self.place, self.radius)
        found: Columns = {"most": ("bigint", most)}
        if self.neighborhood is not None:
            found["box"] = "geography", _box_around(self.neighborhood)
        return found

    @property
    def cell_columns(self) -> Columns:
        """What the merge of cells reads besides."""
        assert self.place is not None and self.radius is not None  # noqa: S101, PT018 - as above
        cells = cells_around(self.place, self.radius)
        return {
            "near_cells": ("bigint[]", cells.near),
            "wide_cells": ("bigint[]", cells.wide),
            "inner_cells": ("bigint[]", cells.inner),
        }


def bound_of(wanted: int, cells: int) -> tuple[int, int]:
    """How many rows bound a merge, with room for what the viewer may not see, and how many of them each inner cell gives: three times
    what is needed in all, in steps, so that texts stay few.
    """
    bound = wanted * 3 // 2
    enough = 4
    while enough * cells < 3 * bound and enough <= bound:
        enough *= 2
    return bound, min(enough, bound + 1)


def wkt(place: LatLng | None) -> str | None:
    return None if place is None else f"SRID=4326;POINT({place.longitude!r} {place.latitude!r})"


def _box_around(neighborhood: Neighborhood) -> str:
    west, south, east, north = neighborhood.boundary.extent
    west, south, east, north = west - _EDGE_DEGREES, south - _EDGE_DEGREES, east + _EDGE_DEGREES, north + _EDGE_DEGREES
    return f"SRID=4326;POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"
