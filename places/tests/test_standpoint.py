import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.test import override_settings

from places.models import Neighborhood
from places.selectors import read_radius, read_standpoint, standpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def marina():
    shape = Polygon.from_bbox((55.12, 25.06, 55.16, 25.10))
    return Neighborhood.objects.create(
        slug="marina",
        name_en="Marina",
        name_ar="مارينا",
        city="Dubai",
        source="municipal",
        boundary=MultiPolygon(shape, srid=4326),
        centre=shape.centroid,
        area_km2=18.0,
    )


def test_stands_in_the_middle_of_a_named_neighbourhood(marina):
    found = standpoint("marina", radius="10")
    assert (found.name, found.slug, found.radius_km, found.city) == ("Marina", "marina", 10, "Dubai")
    assert found.at.latitude == pytest.approx(25.08)


def test_a_point_is_named_by_its_neighbourhood_and_kept_only_roughly(marina):
    found = standpoint("25.0812345,55.1398765")
    assert (found.name, found.slug) == ("Marina", "")
    assert found.written == "25.081_55.140"


@pytest.mark.parametrize("named", ["", "nowhere", "999,999", "91,0", "25.08", "1,2,3", "x" * 5000, "25.08,55.14; drop"])
def test_nonsense_falls_back_to_the_market(marina, named):
    with override_settings(DEFAULT_NEIGHBORHOOD="marina"):
        assert standpoint(named).slug == "marina"


def test_the_first_named_place_that_exists_wins_over_ones_own(marina):
    assert standpoint("nowhere", "25.000,55.000", own=marina).written == "25.000_55.000"
    assert standpoint("nowhere", own=marina).slug == "marina"


def test_there_is_no_standpoint_before_there_is_a_map():
    assert standpoint("25.x") is None


def test_what_is_written_is_read_again(marina):
    for named in ("marina", "25.081,55.140", "25.081_55.140"):
        assert read_standpoint(read_standpoint(named, 5).written, 5) == read_standpoint(named, 5)


@pytest.mark.parametrize(
    ("given", "radius"),
    [("", 5), ("abc", 5), ("nan", 5), ("inf", 5), ("7", 5), ("8", 10), ("0", 1), ("500", 50), ("-3", 1)],
)
def test_radius_is_one_on_offer(given, radius):
    assert read_radius(given) == radius
