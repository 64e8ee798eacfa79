"""The main job by the API, on boundaries in a municipality's own style: named right, approved, found next door, never betrayed."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from catalog.models import Product
from catalog.tests.factories import MARINA_MALL, ProductFactory
from core.geo import LatLng
from core.testing import deliver_everything
from media.tests.factories import ReadyImageFactory
from moderation.actions import decide_case
from moderation.models import Case

pytestmark = pytest.mark.django_db

# Three polygons drawn by hand; names, ids and capitals as municipalities write them.
BOUNDARIES = Path(__file__).parent / "municipal.geojson"
ACROSS_THE_STREET = LatLng(25.0693, 55.1417)
SIXTY_KM_AWAY = LatLng(24.66, 54.76)
FURTHER_OFF = LatLng(25.098, 55.16)  # some 3 km
SECRETS = ("25.0763", "55.1398", "Marina Gate")


@pytest.fixture
def chair(api: APIClient) -> Product:
    """A chair at Dubai Marina Mall, on its way through the API and past a moderator."""
    call_command("load_neighborhoods", BOUNDARIES, verbosity=0)
    call_command("sync_groups", verbosity=0)
    seller = UserFactory(username="layla")
    api.force_authenticate(seller)
    body = {
        "title": "Rattan lounge chair",
        "price": "450",
        "category": "furniture",
        "condition": "good",
        "image_ids": [str(ReadyImageFactory(owner=seller).pk)],
        "location": {
            "latitude": MARINA_MALL.latitude,
            "longitude": MARINA_MALL.longitude,
            "building_name": "Marina Gate",
        },
    }
    answer = api.post("/api/v1/products", body)
    api.force_authenticate(None)
    assert (answer.status_code, answer.json()["state"]) == (201, "pending_review"), answer.json()
    moderator = UserFactory(username="mariam", staff=True)
    moderator.groups.add(Group.objects.get(name="moderator"))
    decide_case(case_id=Case.objects.get().pk, moderator=moderator, outcome="approve", policy=None, revision=1)
    deliver_everything()
    return Product.objects.get(pk=answer.json()["id"])


def around(place: LatLng, **more: Any) -> dict[str, Any]:
    return {"latitude": place.latitude, "longitude": place.longitude, **more}


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["title"] for one in answer.json()["results"]]


@pytest.mark.parametrize(("language", "name"), [("en", "Marsa Dubai"), ("ar", "مرسى دبي")])
def test_the_place_is_named_by_the_municipal_polygon(api, chair, language, name):
    assert (chair.state, chair.neighborhood.name_en, chair.neighborhood.source) == (
        "active",
        "Marsa Dubai",
        "municipal",
    )
    told = api.get(f"/api/v1/products/{chair.pk}", headers={"Accept-Language": language}).json()
    assert told["place"]["neighborhood"]["name"] == name
    at = api.get("/api/v1/neighborhoods/at", around(ACROSS_THE_STREET), headers={"Accept-Language": "en"}).json()
    assert at["name"] == "Al Thanyah Fifth"


def test_found_first_across_the_street_and_not_at_sixty_kilometres(api, chair):
    ProductFactory(title="Walnut desk", place=FURTHER_OFF)
    ProductFactory(title="Far sofa", place=SIXTY_KM_AWAY)
    near = api.get("/api/v1/feeds/community", around(ACROSS_THE_STREET, radius_km=5, sort="nearest"))
    assert titles(near) == ["Rattan lounge chair", "Walnut desk"]
    assert near.json()["results"][0]["place"]["distance_km"] < 1.5
    far = api.get("/api/v1/feeds/community", around(SIXTY_KM_AWAY, radius_km=50, sort="nearest"))
    assert titles(far) == ["Far sofa"]


@pytest.mark.parametrize("reader", ["a stranger", "somebody signed in"])
def test_no_answer_betrays_the_exact_place(api, client, chair, reader):
    similar = ProductFactory(title="Oak lounge chair", price_minor=460_00)
    if reader == "somebody signed in":
        person = UserFactory(username="omar")
        api.force_authenticate(person)
        client.force_login(person, backend="accounts.backends.IdentifierBackend")
    api_answers = [
        api.get("/api/v1/feeds/community", around(ACROSS_THE_STREET, radius_km=5)),
        api.get("/api/v1/feeds/community", {"neighborhood": chair.neighborhood.slug}),
        api.get("/api/v1/feeds/discover"),
        api.get("/api/v1/products"),
        api.get(f"/api/v1/products/{chair.pk}"),
        api.get(f"/api/v1/products/{chair.pk}/price-history"),
        api.get(f"/api/v1/products/{similar.pk}/similar"),
        api.get("/api/v1/categories"),
        api.get("/api/v1/categories/furniture"),
        api.get("/api/v1/categories/furniture/products"),
        api.get(f"/api/v1/users/{chair.seller_id}"),
        api.get(f"/api/v1/users/{chair.seller_id}/products"),
    ]
    paths = ("/", "/?view=map", "/c/furniture", f"/l/{chair.pk}", f"/l/{similar.pk}", "/u/layla")
    client.cookies["place"] = "25.069_55.142"
    pages = [client.get(path) for path in paths]
    answers = [(a.request["PATH_INFO"], a.status_code, a.content.decode()) for a in (*api_answers, *pages)]
    assert {path: status for path, status, _ in answers if status != 200} == {}
    telling = (
        "/feeds/community",
        f"/products/{chair.pk}",
        f"/products/{similar.pk}/similar",
        "/c/furniture",
        "/u/layla",
    )
    for part in telling:
        assert any(path.endswith(part) and chair.title in text for path, _, text in answers), part
    assert [(path, secret) for path, _, text in answers for secret in SECRETS if secret in text] == []
