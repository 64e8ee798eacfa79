import pytest

from accounts.tests.factories import UserFactory
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def marina():
    return NeighborhoodFactory(slug="marina", name_en="Marina", name_ar="مارينا")


def chosen(response):
    return {name: response.cookies[name].value for name in ("place", "radius") if name in response.cookies}


def test_a_neighbourhood_is_chosen_by_name(client, marina):
    response = client.post("/place/set", {"neighborhood": "marina", "next": "/?view=map"})
    assert response["Location"] == "/?view=map"
    assert chosen(response) == {"place": "marina", "radius": "5"}
    assert "Marina" in client.get("/").content.decode()


def test_a_point_is_kept_only_roughly(client, marina):
    response = client.post("/place/set", {"latitude": "25.0765432", "longitude": "55.1398765"})
    assert chosen(response) == {"place": "25.077_55.140", "radius": "5"}
    assert response.cookies["place"]["httponly"]


def test_the_radius_changes_around_the_place_that_stands(client, marina):
    client.post("/place/set", {"neighborhood": "marina"})
    response = client.post("/place/set", {"neighborhood": "marina", "radius_km": "10"})
    assert chosen(response) == {"place": "marina", "radius": "10"}
    assert chosen(client.post("/place/set", {"radius_km": "25"})) == {"place": "marina", "radius": "25"}


@pytest.mark.parametrize(
    "nonsense",
    [
        {"latitude": "91", "longitude": "0"},
        {"latitude": "nan", "longitude": "0"},
        {"latitude": "25"},
        {"neighborhood": "nowhere"},
        {"neighborhood": "../../etc"},
        {"radius_km": "500"},
        {},
    ],
)
def test_nonsense_changes_nothing(client, nonsense):
    response = client.post("/place/set", nonsense)
    assert response.status_code == 302
    assert chosen(response) == {}


def test_never_sends_anybody_elsewhere(client, marina):
    response = client.post("/place/set", {"neighborhood": "marina", "next": "https://elsewhere.example/"})
    assert response["Location"] == "/"


def test_ones_own_neighbourhood_comes_before_the_markets(client, marina, settings):
    settings.DEFAULT_NEIGHBORHOOD = NeighborhoodFactory(slug="elsewhere", name_en="Elsewhere").slug
    assert "Elsewhere" in client.get("/").content.decode()
    client.force_login(UserFactory(neighborhood=marina))
    assert "Marina" in client.get("/").content.decode()


def test_neighbourhoods_are_found_in_both_languages(client, marina):
    NeighborhoodFactory(slug="other", name_en="Other")
    for wanted in ("mar", "مارينا"):
        shown = client.get("/place", {"q": wanted}).content.decode()
        assert 'value="marina"' in shown
        assert 'value="other"' not in shown


def test_the_sheet_gets_only_the_list(client, marina):
    response = client.get("/place", headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert 'value="marina"' in response.content.decode()


def test_nothing_found_is_said(client, marina):
    assert "No neighbourhood is called" in client.get("/place?q=zzz").content.decode()


def test_choosing_costs_the_same_queries_for_1_and_for_20(client, marina, django_assert_max_num_queries):
    client.cookies["place"] = "marina"
    for _ in range(2):
        with django_assert_max_num_queries(3):
            client.get("/place")
        NeighborhoodFactory.create_batch(20)
