import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from places.models import Neighborhood
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db
BASE = "/api/v1/neighborhoods"


def test_lists_by_name_in_pages(client):
    for letter in "CAB":
        NeighborhoodFactory(name_en=letter)
    first = client.get(BASE, {"per_page": 2}).json()
    assert [n["name"] for n in first["results"]] == ["A", "B"]
    second = client.get(first["next"]).json()
    assert [n["name"] for n in second["results"]] == ["C"]
    assert second["next"] is None


def test_names_are_in_the_readers_language(client):
    NeighborhoodFactory(name_en="Dubai Marina", name_ar="دبي مارينا")
    [found] = client.get(BASE, headers={"Accept-Language": "ar"}).json()["results"]
    assert (found["name"], found["name_en"]) == ("دبي مارينا", "Dubai Marina")
    assert "boundary" not in found


def test_filters_by_city_and_words(client):
    NeighborhoodFactory(name_en="Al Majaz", city="Sharjah")
    NeighborhoodFactory(name_en="Al Quoz", name_ar="القوز")
    assert [n["name"] for n in client.get(BASE, {"city": "Sharjah"}).json()["results"]] == ["Al Majaz"]
    assert [n["name"] for n in client.get(BASE, {"q": "قوز"}).json()["results"]] == ["Al Quoz"]


@pytest.mark.parametrize("rows", [1, 20])
def test_asks_the_database_as_often_for_one_as_for_twenty(client, rows):
    NeighborhoodFactory.create_batch(rows)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(client.get(BASE).json()["results"]) == rows
    assert len(queries) == 1


@pytest.mark.parametrize(
    ("path", "query", "attr"),
    [
        ("", {"town": "Dubai"}, "town"),
        ("", {"page": "2"}, "page"),
        ("", {"cursor": "rubbish!"}, "cursor"),
        ("/at", {"latitude": "25.1", "longitude": "55.1", "radius": "5"}, "radius"),
        ("/at", {"latitude": "25.1"}, "longitude"),
        ("/at", {"latitude": "91", "longitude": "55"}, "latitude"),
        ("/at", {"latitude": "nan", "longitude": "55"}, "latitude"),
        ("/at", {"latitude": "POINT(1 1)", "longitude": "55"}, "latitude"),
        (".geojson", {"q": "x"}, "q"),
    ],
)
def test_wrong_questions_are_named(client, path, query, attr):
    answer = client.get(BASE + path, query)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert [e["attr"] for e in answer.json()["errors"]] == [attr]


def test_shows_one_with_its_boundary(client):
    area = NeighborhoodFactory(slug="dubai-marina")
    found = client.get(f"{BASE}/dubai-marina").json()
    assert found["id"] == str(area.id)
    assert found["centre"] == {"latitude": 25.0763, "longitude": 55.1398}
    assert found["boundary"]["type"] == "MultiPolygon"


def test_an_unknown_or_retired_one_is_not_found(client):
    NeighborhoodFactory(slug="gone", is_active=False)
    for slug in ("gone", "never"):
        answer = client.get(f"{BASE}/{slug}")
        assert (answer.status_code, answer.json()["code"]) == (404, "places.neighborhood_not_found")


def test_tells_where_a_point_lies(client):
    area = NeighborhoodFactory()
    assert client.get(f"{BASE}/at", {"latitude": "25.0763", "longitude": "55.1398"}).json()["id"] == str(area.id)
    nowhere = client.get(f"{BASE}/at", {"latitude": "0", "longitude": "0"})
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "places.no_neighborhood_here")


def test_gives_the_outlines_for_a_map_once(client):
    area = NeighborhoodFactory(name_ar="دبي مارينا")
    NeighborhoodFactory(is_active=False)
    answer = client.get(f"{BASE}.geojson")
    assert answer["Content-Type"] == "application/geo+json"
    assert "max-age" in answer["Cache-Control"]
    [feature] = answer.json()["features"]
    assert feature["id"] == str(area.id)
    assert feature["properties"]["name_ar"] == "دبي مارينا"
    assert feature["geometry"]["type"] in ("Polygon", "MultiPolygon")

    again = client.get(f"{BASE}.geojson", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Neighborhood.objects.all().delete()
    assert client.get(f"{BASE}.geojson", headers={"If-None-Match": answer["ETag"]}).status_code == 200


@pytest.mark.parametrize("rows", [1, 20])
def test_outlines_take_two_statements(client, rows):
    NeighborhoodFactory.create_batch(rows)
    with CaptureQueriesContext(connection) as queries:
        assert len(client.get(f"{BASE}.geojson").json()["features"]) == rows
    assert len(queries) == 2
