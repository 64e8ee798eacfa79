import json

import pytest
from django.utils import timezone

from accounts.models import Block
from accounts.tests.factories import UserFactory
from catalog.models import CategoryAttribute
from catalog.tests.factories import (
    ABU_DHABI,
    JLT,
    MARINA_MALL,
    CategoryFactory,
    FavouriteFactory,
    ProductFactory,
    SellerFactory,
)
from core.cursors import decode_cursor, encode_cursor
from core.geo import LatLng
from core.testing import counted_queries
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/feeds/community"
HERE = {"latitude": JLT.latitude, "longitude": JLT.longitude}


def feed(api, **query):
    answer = api.get(URL, {**HERE, **query})
    assert answer.status_code == 200, answer.content
    return answer.json()


def titles(page):
    return [card["title"] for card in page["results"]]


def test_a_neighbour_finds_what_is_across_the_street_first_and_not_from_60_km(api):
    far = ProductFactory(title="Further", place=LatLng(25.1, 55.17))
    near = ProductFactory(title="Across the street", place=MARINA_MALL)
    page = feed(api)
    assert titles(page) == ["Across the street", "Further"]
    card = page["results"][0]
    assert card["id"] == str(near.pk)
    assert card["price"] == "250.00"
    assert card["place"]["distance_km"] == 0.7
    assert card["place"]["distance_label"] == "Same neighbourhood"
    assert card["seller"]["username"] == near.seller.username
    assert card["cover"]["variants"]
    assert card["is_live"] is False
    assert card["is_favourite"] is False
    assert page["next"] is page["previous"] is None
    assert page["has_more"] is False
    assert far.state == "active"
    assert feed(api, latitude=24.6, longitude=54.8)["results"] == []


def test_the_names_of_the_specification_are_taken_too(api):
    ProductFactory(title="Lamp")
    answer = api.get(URL, {"location_lat": JLT.latitude, "location_lng": JLT.longitude})
    assert titles(answer.json()) == ["Lamp"]


def test_pages_by_links_there_and_back(api):
    for number in range(5):
        ProductFactory(title=str(number), price_minor=(number + 1) * 100)
    first = feed(api, sort="price_low", per_page=2)
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()
    assert [titles(first), titles(second), titles(third)] == [["0", "1"], ["2", "3"], ["4"]]
    assert (first["has_more"], third["has_more"], third["next"]) == (True, False, None)
    assert titles(api.get(third["previous"]).json()) == ["2", "3"]
    assert titles(api.get(second["previous"]).json()) == ["0", "1"]


def test_a_signed_in_viewer_sees_their_favourites_marked_and_no_blocked_person(api):
    viewer = UserFactory()
    kept = ProductFactory(title="Kept")
    FavouriteFactory(user=viewer, product=kept)
    one, other = ProductFactory(title="Blocked by me"), ProductFactory(title="Blocks me")
    Block.objects.create(blocker=viewer, blocked=one.seller)
    Block.objects.create(blocker=other.seller, blocked=viewer)
    assert len(feed(api)["results"]) == 3
    api.force_authenticate(viewer)
    page = feed(api)
    assert titles(page) == ["Kept"]
    assert page["results"][0]["is_favourite"] is True


@pytest.mark.parametrize(
    "case",
    [
        {"state": "draft", "published_at": None},
        {"state": "paused"},
        {"state": "sold"},
        {"state": "removed"},
        {"hidden_at": "now"},
    ],
    ids=str,
)
def test_what_is_not_for_sale_does_not_appear(api, case):
    ProductFactory(**({**case, "hidden_at": timezone.now()} if "hidden_at" in case else case))
    assert feed(api)["results"] == []


def test_a_suspended_seller_is_gone_with_everything(api):
    ProductFactory(seller=SellerFactory(suspended=True))
    assert feed(api)["results"] == []


def test_a_category_includes_what_stands_below_it(api):
    luxury = CategoryFactory(slug="glamour")
    ProductFactory(title="Watch", category=CategoryFactory(slug="clocks", parent=luxury))
    ProductFactory(title="Chair", category=CategoryFactory(slug="seats"))
    assert titles(feed(api, category="glamour")) == ["Watch"]


def test_prices_conditions_and_seller_types_narrow(api):
    ProductFactory(title="Cheap", price_minor=100_00, condition="fair")
    ProductFactory(title="Dear", price_minor=900_00, condition="new")
    ProductFactory(title="Pounds", price_minor=500_00, currency="EGP", condition="good")
    assert titles(feed(api, max_price="100")) == ["Cheap"]
    assert titles(feed(api, min_price="100.01")) == ["Dear"]
    assert titles(feed(api, min_price="1", currency="EGP")) == ["Pounds"]
    assert titles(feed(api, condition=["fair", "new"], sort="price_low")) == ["Cheap", "Dear"]
    assert feed(api, seller_type="verified")["results"] == []
    assert len(feed(api, seller_type="individual")["results"]) == 3


def test_attributes_of_the_category_narrow(api):
    shelf = CategoryFactory(slug="bikes")
    CategoryAttribute.objects.create(
        category=shelf,
        key="frame",
        name_en="Frame",
        name_ar="إطار",
        kind="choice",
        choices=[{"value": "steel"}, {"value": "carbon"}],
    )
    CategoryAttribute.objects.create(category=shelf, key="year", name_en="Year", name_ar="سنة", kind="year")
    ProductFactory(title="Steel", category=shelf, attributes={"frame": "steel", "year": 2019})
    ProductFactory(title="Carbon", category=shelf, attributes={"frame": "carbon", "year": 2024})
    ProductFactory(title="Says nothing", category=shelf)
    assert titles(feed(api, category="bikes", attr_frame="steel")) == ["Steel"]
    assert len(feed(api, category="bikes", attr_frame=["steel", "carbon"])["results"]) == 2
    assert titles(feed(api, category="bikes", attr_year_min=2020)) == ["Carbon"]
    assert titles(feed(api, category="bikes", attr_year_max=2020)) == ["Steel"]
    for query, code in (
        ({"category": "bikes", "attr_frame": "wood"}, "feeds.attribute_value_unknown"),
        ({"category": "bikes", "attr_wheels": "2"}, "feeds.attribute_unknown"),
        ({"attr_frame": "steel"}, "feeds.attribute_needs_category"),
        ({"category": "bikes", "attr_year": "new"}, "feeds.attribute_value_unknown"),
    ):
        answer = api.get(URL, {**HERE, **query})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert answer.json()["errors"][0]["attr"].startswith("attr_")


def test_a_neighbourhood_stands_in_for_a_place(api):
    hood = NeighborhoodFactory(slug="marina")
    ProductFactory(title="Here", neighborhood=hood)
    ProductFactory(title="There", place=ABU_DHABI)
    page = api.get(URL, {"neighborhood": "marina"}).json()
    assert titles(page) == ["Here"]
    assert page["results"][0]["place"]["distance_km"] is None
    assert titles(feed(api, neighborhood="marina", latitude=24.45, longitude=54.38)) == ["Here"]


@pytest.mark.parametrize(
    ("query", "code", "attr"),
    [
        ({"latitude": None, "longitude": None}, "feeds.place_needed", "latitude"),
        ({"latitude": None}, "feeds.half_a_place", "latitude"),
        ({"longitude": None}, "feeds.half_a_place", "longitude"),
        ({"latitude": "91"}, "core.invalid", "latitude"),
        ({"latitude": "nan"}, "core.invalid", "latitude"),
        ({"longitude": "east"}, "core.invalid", "longitude"),
        ({"radius_km": "51"}, "feeds.radius_too_wide", "radius_km"),
        ({"radius_km": "500"}, "feeds.radius_too_wide", "radius_km"),
        ({"radius_km": "0"}, "feeds.radius_too_wide", "radius_km"),
        ({"radius_km": "nan"}, "core.invalid", "radius_km"),
        ({"min_price": "abc"}, "core.invalid", "min_price"),
        ({"min_price": "1.001"}, "core.not_an_amount", "min_price"),
        ({"min_price": "9", "max_price": "8"}, "feeds.price_range_upside_down", "min_price"),
        ({"currency": "XYZ"}, "core.unknown_currency", "currency"),
        ({"condition": "broken"}, "core.invalid", None),
        ({"seller_type": "nice"}, "core.invalid", "seller_type"),
        ({"sort": "random"}, "core.invalid", "sort"),
        ({"category": "no-such"}, "catalog.category_unknown", "category"),
        ({"neighborhood": "no-such"}, "places.neighborhood_not_found", None),
        ({"per_page": "101"}, "core.invalid", "per_page"),
        ({"page": "2"}, "core.page_not_supported", "page"),
        ({"colour": "red"}, "core.unknown_parameter", "colour"),
        ({"cursor": "zzz"}, "core.invalid_cursor", "cursor"),
    ],
    ids=str,
)
def test_refuses_what_makes_no_sense_by_its_own_name(api, query, code, attr):
    asked = {name: value for name, value in {**HERE, **query}.items() if value is not None}
    answer = api.get(URL, asked)
    assert answer.status_code in (400, 404), answer.content
    assert answer.json()["code"] == code
    if attr:
        assert [error["attr"] for error in answer.json()["errors"]] == [attr]


def test_sorting_by_distance_in_a_neighbourhood_needs_a_place(api):
    NeighborhoodFactory(slug="marina")
    answer = api.get(URL, {"neighborhood": "marina", "sort": "nearest"})
    assert (answer.status_code, answer.json()["code"]) == (400, "feeds.nearest_needs_a_place")


def test_a_cursor_belongs_to_its_question(api):
    ProductFactory.create_batch(2, images=0)
    cursor = feed(api, per_page=1)["next"].partition("cursor=")[2].partition("&")[0]
    assert api.get(URL, {**HERE, "per_page": 1, "cursor": cursor}).status_code == 200
    for other in ({"sort": "recent"}, {"radius_km": 6}, {"latitude": 25.07}, {"condition": "good"}, {"max_price": 5}):
        answer = api.get(URL, {**HERE, "per_page": 1, "cursor": cursor, **other})
        assert (answer.status_code, answer.json()["code"]) == (400, "core.invalid_cursor")


@pytest.mark.parametrize("key", ['"soon"', "null", "true", "[]", "1e400", '"2026-01-01T00:00:00"', str(2**70)])
def test_a_forged_cursor_is_refused_not_a_crash(api, key):
    ProductFactory.create_batch(2, images=0)
    for sort in ("nearest", "recent", "price_low"):
        cursor = feed(api, per_page=1, sort=sort)["next"].partition("cursor=")[2].partition("&")[0]
        question, backward, _, row = decode_cursor(cursor, length=4)
        try:
            forged = encode_cursor([question, backward, json.loads(key), row])
        except (TypeError, ValueError):
            continue
        answer = api.get(URL, {**HERE, "sort": sort, "per_page": 1, "cursor": forged})
        assert answer.status_code in (200, 400)


@pytest.mark.parametrize("sort", ["nearest", "recent", "price_low", "price_high"])
def test_twenty_rows_cost_as_many_queries_as_one(api, sort):
    api.force_authenticate(UserFactory())
    shelf = CategoryFactory(slug="seats")
    counts = []
    for many in (1, 20):
        ProductFactory.create_batch(many - len(counts), category=shelf)
        with counted_queries() as queries:
            assert len(feed(api, sort=sort, category="seats", per_page=30)["results"]) == many
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4


def test_arabic_readers_get_arabic_words(api):
    ProductFactory(category=CategoryFactory(slug="seats", name_ar="كراسي"))
    answer = api.get(URL, HERE, headers={"Accept-Language": "ar"})
    assert answer.json()["results"][0]["category"]["name"] == "كراسي"
    assert answer.json()["results"][0]["place"]["distance_label"] is not None
