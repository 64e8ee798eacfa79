"""Which H3 cells a circle is made of, so that a feed reads a few index ranges instead of a disc.

A circle becomes `near` cells (resolution `FEED_RESOLUTION`) and, beyond some kilometres, `wide` cells (`WIDE_RESOLUTION`) for its
inside. Together they cover it: every listing within the radius stands in one of them. `inner` are near cells that lie wholly
inside: what is in them needs no distance test, so the newest or cheapest of them bound the search in all others. `rough` are wide cells
that cover the circle alone, and `middle` ones of MIDDLE_RESOLUTION, where the circle is small enough to be made of some.

Cells are computed around the middle of the viewer's own cell and hold for every place within it, so that neighbours share them.
"""

import math
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import islice

import h3.api.basic_int as h3

from core.geo import EARTH_RADIUS_M, FEED_RESOLUTION, MIDDLE_RESOLUTION, PUBLIC_RESOLUTION, WIDE_RESOLUTION, LatLng

WIDE_FROM_M = 12_000  # below, cells of FEED_RESOLUTION alone are fewer than the wide ones with their rim
MOST_INNER = 61  # a disk of four rings: enough to find a page's bound, few enough to probe
_MARGIN = 1.1  # cells vary in size by some percent over the circles we draw (h3geo.org/docs/core-library/restable)


class Cells:
    """A circle in cells, each kind made when it is asked for: `near` and `wide` cover it without overlapping (near ones do not count
    what stands in a wide one).
    """

    def __init__(self, viewer: int, radius_m: float) -> None:
        self._here = h3.cell_to_latlng(viewer)
        slack = max(_metres(self._here, corner) for corner in h3.cell_to_boundary(viewer))
        self._outside, self._inside = radius_m + slack, radius_m - slack
        self._is_wide = radius_m >= WIDE_FROM_M

    @cached_property
    def near(self) -> list[int]:
        wide = set(self.wide)
        return [cell for cell in self._near if not _surely_in(cell, wide)] if wide else self._near

    @cached_property
    def wide(self) -> list[int]:
        return sorted(_within(self._here, self._inside, self.rough)) if self._is_wide else []

    @cached_property
    def inner(self) -> list[int]:
        nearest = sorted(self._near, key=lambda cell: _metres(self._here, h3.cell_to_latlng(cell)))
        return list(islice(_within(self._here, self._inside, nearest), MOST_INNER))

    @cached_property
    def rough(self) -> list[int]:
        return list(_touching(self._here, self._outside, WIDE_RESOLUTION))

    @cached_property
    def middle(self) -> list[int]:
        return [] if self._is_wide else sorted({middle_cell(cell) for cell in self._near})

    @cached_property
    def _near(self) -> list[int]:
        return list(_touching(self._here, self._outside, FEED_RESOLUTION))


def cells_around(place: LatLng, radius_m: float) -> Cells:
    """The cells of the circle around a place, the same for all places of a public cell (wide circles: of a near cell)."""
    return _circle(place.cell(PUBLIC_RESOLUTION if radius_m < WIDE_FROM_M else FEED_RESOLUTION), radius_m)


@lru_cache(maxsize=4096)
def _circle(viewer: int, radius_m: float) -> Cells:
    return Cells(viewer, radius_m)


def middle_cell(feed_cell: int) -> int:
    """The cell of MIDDLE_RESOLUTION to which a cell of FEED_RESOLUTION belongs."""
    return h3.cell_to_parent(feed_cell, MIDDLE_RESOLUTION)


def most_public_cells(place: LatLng, radius_m: float) -> int:
    """An upper bound of the number of public cells whose middle is within the radius."""
    area_km2 = h3.cell_area(place.cell(PUBLIC_RESOLUTION), unit="km^2") / _MARGIN
    reach_km = radius_m / 1000 + 0.3  # a cell whose middle is inside reaches out by less than that
    return math.ceil(math.pi * reach_km**2 / area_km2)


def _touching(here: tuple[float, float], radius_m: float, resolution: int) -> Iterator[int]:
    """Cells that may share a point with the circle, ring by ring: they are connected, so the first ring without one is the end."""
    centre = h3.latlng_to_cell(*here, resolution)
    reach = radius_m + _MARGIN * max(
        _metres(h3.cell_to_latlng(centre), corner) for corner in h3.cell_to_boundary(centre)
    )
    yield centre
    for k in range(1, 10_000):
        found = [cell for cell in h3.grid_ring(centre, k) if _metres(here, h3.cell_to_latlng(cell)) <= reach]
        if not found:
            return
        yield from found


def _within(here: tuple[float, float], radius_m: float, cells: Iterable[int]) -> Iterator[int]:
    """Those of the cells that lie wholly in the circle. A circle is convex, so it holds a cell when it holds its corners."""
    return (
        cell
        for cell in cells
        if _metres(here, h3.cell_to_latlng(cell)) <= radius_m
        and all(_metres(here, corner) <= radius_m for corner in h3.cell_to_boundary(cell))
    )


def _surely_in(cell: int, wide: set[int]) -> bool:
    """Whether every point of the near cell stands in one of the wide cells.

    Cells of different resolutions do not nest exactly. A foreign wide cell that pokes into this one holds, with its angle of 120
    degrees, the middle of at least one of its neighbours. None but the neighbours of the one that it belongs to does.
    """
    around = _ring_of(h3.cell_to_parent(cell, WIDE_RESOLUTION))
    if wide.isdisjoint(around):
        return False
    if wide.issuperset(around):
        return True
    points = [h3.cell_to_latlng(c) for c in h3.grid_disk(cell, 1)]
    points.extend(h3.cell_to_boundary(cell))
    return all(h3.latlng_to_cell(*point, WIDE_RESOLUTION) in wide for point in points)


@lru_cache(maxsize=1024)
def _ring_of(cell: int) -> frozenset[int]:
    """A cell and those beside it."""
    return frozenset(h3.grid_disk(cell, 1))


def _metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance between (latitude, longitude) pairs, as `LatLng.metres_to` has it."""
    phi_a, phi_b = math.radians(a[0]), math.radians(b[0])
    half_chord = (
        math.sin((phi_b - phi_a) / 2) ** 2
        + math.cos(phi_a) * math.cos(phi_b) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half_chord)))
