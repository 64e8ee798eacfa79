import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.geo import LatLng, NotAPlaceOnEarth

MARINA_MALL = LatLng(25.0763, 55.1398)
dubai = st.builds(LatLng, st.floats(24.9, 25.4), st.floats(54.9, 55.6))


@pytest.mark.parametrize("pair", [(91, 0), (-91, 0), (0, 181), (0, -181), (math.nan, 0), (0, math.inf)])
def test_refuses_what_is_not_on_earth(pair):
    with pytest.raises(NotAPlaceOnEarth):
        LatLng(*pair)


def test_postgis_gets_longitude_first():
    assert (MARINA_MALL.point.x, MARINA_MALL.point.y) == (55.1398, 25.0763)
    assert LatLng.of(MARINA_MALL.point) == MARINA_MALL


@given(dubai)
def test_the_public_point_is_near_and_the_same_for_the_whole_cell(place):
    public = place.snapped()
    assert place.metres_to(public) < 260
    assert public.snapped() == public


def test_distance_agrees_with_the_known_one():
    burj_khalifa = LatLng(25.1972, 55.2744)
    assert MARINA_MALL.metres_to(burj_khalifa) == pytest.approx(19_080, rel=0.01)
