import math
import random

import h3
import pytest

from core.geo import FEED_RESOLUTION, PUBLIC_RESOLUTION, WIDE_RESOLUTION, LatLng
from feeds.cells import WIDE_FROM_M, cells_around, most_public_cells

PLACES = [
    LatLng(25.0763, 55.1398),
    LatLng(24.4539, 54.3773),
    LatLng(30.0444, 31.2357),
    LatLng(-33.86, 151.2),
    LatLng(0.01, 179.995),
    LatLng(64.1, -21.9),
]
RADII = [300.0, 1_000.0, 5_000.0, 11_999.0, 12_000.0, 20_000.0, 50_000.0]


def random_points(dice: random.Random, place: LatLng, radius_m: float, many: int) -> list[LatLng]:
    """Points around a place, most of them near the rim where mistakes would be."""
    found = []
    while len(found) < many:
        away = radius_m * dice.choice([dice.uniform(0, 1.3), dice.uniform(0.97, 1.03)])
        degrees = away / 111_195
        bearing = dice.uniform(0, 6.283185)
        latitude = place.latitude + degrees * math.cos(bearing)
        stretch = math.cos(math.radians(latitude))
        longitude = place.longitude + degrees * math.sin(bearing) / stretch
        found.append(LatLng(latitude, (longitude + 180) % 360 - 180))
    return found


@pytest.mark.parametrize("radius_m", RADII)
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_every_point_within_is_covered_once_and_inner_cells_hold_nothing_outside(place, radius_m):
    dice = random.Random(7)
    for _ in range(3):
        viewer = LatLng(place.latitude + dice.uniform(-0.02, 0.02), place.longitude)
        cells = cells_around(viewer, radius_m)
        near, wide, inner = set(cells.near), set(cells.wide), set(cells.inner)
        assert inner <= near | {c for c in inner if radius_m >= WIDE_FROM_M}
        for point in random_points(dice, viewer, radius_m, 400):
            feed_cell, wide_cell = point.cell(FEED_RESOLUTION), point.cell(WIDE_RESOLUTION)
            metres = viewer.metres_to(point)
            if metres <= radius_m:
                assert wide_cell in wide or feed_cell in near
                assert wide_cell in cells.rough
            elif metres > radius_m + 0.01:
                assert feed_cell not in inner
                assert wide_cell not in wide


@pytest.mark.parametrize("radius_m", [500.0, 5_000.0, 12_000.0])
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_no_circle_holds_more_middles_of_public_cells_than_said(place, radius_m):
    here = h3.latlng_to_cell(place.latitude, place.longitude, PUBLIC_RESOLUTION)
    rings = int(radius_m / 150) + 3
    middles = [LatLng(*h3.cell_to_latlng(cell)) for cell in h3.grid_disk(here, rings)]
    assert sum(place.metres_to(middle) <= radius_m for middle in middles) <= most_public_cells(place, radius_m)


def test_neighbours_in_a_cell_share_their_cells():
    place = PLACES[0]
    assert cells_around(place, 5_000.0) is cells_around(place.snapped(), 5_000.0)
