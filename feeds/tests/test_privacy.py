import json
import random

import pytest

from catalog.tests.factories import ProductFactory
from core.geo import LatLng

pytestmark = pytest.mark.django_db

HOME = LatLng(latitude=25.0771234, longitude=55.1387654)


def answers(api, viewers):
    for viewer in viewers:
        for sort in ("nearest", "recent"):
            query = {"latitude": viewer.latitude, "longitude": viewer.longitude, "radius_km": 50, "sort": sort}
            yield viewer, api.get("/api/v1/feeds/community", query)


def test_no_answer_holds_the_exact_place_or_the_building(api):
    ProductFactory(place=HOME, building_name="Tower Forty-Two")
    for _, answer in answers(api, [HOME, LatLng(25.1, 55.2)]):
        text = answer.content.decode()
        assert answer.json()["results"]
        for secret in ("25.0771", "55.1387", "Forty-Two"):
            assert secret not in text


def test_many_viewers_together_learn_the_cell_and_no_more(api):
    ProductFactory(place=HOME)
    dice = random.Random(3)
    viewers = [
        LatLng(HOME.latitude + dice.uniform(-0.2, 0.2), HOME.longitude + dice.uniform(-0.2, 0.2)) for _ in range(12)
    ]
    middle = HOME.snapped()
    for viewer, answer in answers(api, viewers):
        place = answer.json()["results"][0]["place"]
        assert place["latitude"] == pytest.approx(middle.latitude, abs=1e-5)
        assert place["longitude"] == pytest.approx(middle.longitude, abs=1e-5)
        said = place["distance_km"]
        assert abs(said * 1000 - viewer.metres_to(middle)) <= (50.1 if said < 10 else 500.1)


def test_two_homes_in_a_cell_cannot_be_told_apart(api):
    middle = HOME.snapped()
    other = next(
        spot
        for step in range(1, 100)
        if (spot := LatLng(middle.latitude + step * 1e-5, middle.longitude)).snapped() == middle and spot != HOME
    )
    ProductFactory(place=HOME)
    ProductFactory(place=other)
    for _, answer in answers(api, [LatLng(25.08, 55.14), LatLng(25.05, 55.11)]):
        one, two = (card["place"] for card in answer.json()["results"])
        assert json.dumps(one) == json.dumps(two)


def test_the_edge_of_the_radius_is_measured_from_the_cell_too(api):
    ProductFactory(place=HOME)
    viewer = LatLng(HOME.latitude + 0.03, HOME.longitude)
    exact_km, public_km = viewer.metres_to(HOME) / 1000, viewer.metres_to(HOME.snapped()) / 1000
    between = (exact_km + public_km) / 2
    query = {"latitude": viewer.latitude, "longitude": viewer.longitude, "radius_km": between}
    found = api.get("/api/v1/feeds/community", query).json()["results"]
    assert bool(found) == (public_km <= between)
