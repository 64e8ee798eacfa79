import json
import os
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from catalog.models import Product
from core.testing import counted_queries
from search.models import SavedSearch, SearchDocument, SearchEntry
from search.tests.test_api_search import found, listed

pytestmark = pytest.mark.django_db
EXAMPLES = 300 if os.environ.get("SOUK_TEST_FULL") else 40

NASTY = [
    "'; DROP TABLE search_searchdocument; --",
    "' OR 1=1 --",
    "\\'; SELECT pg_sleep(10) --",
    "chair' & !(a | b:*) <-> c",
    "$$chair$$",
    "%s %(viewer)s {0} {viewer}",
    "\\",
    "''''",
    '"oak" AND chair*',
    "chair:ABCD",
    "<script>alert(1)</script>",
    "\u202echair\u202c",
    "🪑 chair",
    "كنبة' ; --",
    "ﷺ ﷲ",
    "x" * 200,
]


@pytest.mark.parametrize("q", NASTY)
def test_signs_are_no_commands(client, q):
    listed("Oak chair")
    for path in ("search", "search/suggestions"):
        assert client.get(f"/api/v1/{path}", {"q": q}).status_code in (200, 400)
    answer = client.get("/api/v1/search", {"q": q})
    assert answer.status_code == 200
    assert SearchDocument.objects.count() == 1
    assert found(client, q="oak chair") == ["Oak chair"]


@given(q=st.text(max_size=250), cursor=st.none() | st.text(max_size=60), page=st.none() | st.text(max_size=4))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_is_answered_or_refused_with_a_code(client, q, cursor, page):
    asked = {"q": q, "cursor": cursor, "page": page, "facets": "false"}
    answer = client.get("/api/v1/search", {name: value for name, value in asked.items() if value is not None})
    if answer.status_code != 200:
        assert answer.status_code == 400, answer.content
        assert answer.json()["code"]


@pytest.mark.parametrize("path", ["search", "search/suggestions", "search/track"])
def test_a_search_as_long_as_a_book_is_refused_everywhere(client, path):
    said = {"q": "a" * 10_000}
    address = f"/api/v1/{path}"
    answer = (
        client.post(address, said, content_type="application/json") if "track" in path else client.get(address, said)
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "search.query_too_long")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"q": "a" * 10_000}, "search.query_too_long"),
        ({"q": " ".join(f"w{n}" for n in range(30))}, "search.too_many_words"),
        ({"q": "chair\x00"}, None),
        ({"q": "chair\x1b[31m"}, "search.query_not_text"),
        ({"colour": "red"}, "core.unknown_parameter"),
        ({"q": "chair", "brand": "nobody-makes-this"}, "search.brand_unknown"),
        ({"q": "chair", "distance": "walking"}, "search.distance_needs_a_place"),
        ({"q": "chair", "radius_km": 3}, "search.distance_needs_a_place"),
        ({"q": "chair", "sort": "nearest"}, "feeds.nearest_needs_a_place"),
        ({"q": "chair", "latitude": 25}, "feeds.half_a_place"),
        ({"q": "chair", "latitude": 25, "longitude": 55, "radius_km": 51}, "feeds.radius_too_wide"),
        ({"q": "chair", "attr_color": "red"}, "feeds.attribute_needs_category"),
        ({"q": "chair", "category": "furniture", "attr_wheels": "4"}, "feeds.attribute_unknown"),
        ({"q": "chair", "category": "nothing"}, "catalog.category_unknown"),
        ({"q": "chair", "min_price": "500", "max_price": "5"}, "feeds.price_range_upside_down"),
        ({"q": "chair", "neighborhood": "atlantis"}, "places.neighborhood_not_found"),
        ({"q": "chair", "filters": "[1]"}, "search.filters_not_an_object"),
        ({"q": "chair", "filters": '{"attributes": {"color": {"a": {"b": 1}}}}'}, "search.filters_not_an_object"),
        ({"q": "chair", "filters": '{"sleep": 1}'}, "core.unknown_parameter"),
        ({"q": "chair", "filters": '{"filters": {"condition": "new"}}'}, "core.unknown_parameter"),
        ({"q": "chair", "filters": '{"filters": "{}"}'}, "core.unknown_parameter"),
        ({"q": "chair", "cursor": "abc"}, "core.invalid_cursor"),
        ({"q": "chair", "page": 2, "cursor": "abc"}, "search.page_and_cursor"),
        ({"q": "chair", "page": 51}, None),
        ({"q": "chair", "page": -1}, None),
        ({"q": "chair", "page": "NaN"}, None),
        ({"q": "chair", "latitude": 25, "longitude": 55, "radius_km": -1}, "feeds.radius_too_wide"),
        ({"q": "chair", "latitude": 25, "longitude": 55, "radius_km": 0}, "feeds.radius_too_wide"),
        ({"q": "chair", "latitude": 25, "longitude": 55, "radius_km": "NaN"}, None),
        ({"q": "chair", "latitude": 25, "longitude": 55, "radius_km": "Infinity"}, None),
        ({"q": "chair", "latitude": "NaN", "longitude": 55}, None),
        ({"q": "chair", "min_price": "NaN"}, None),
        ({"q": "chair", "min_price": "9" * 5000}, None),
        ({"q": "chair", "min_price": "-5"}, None),
        ({"q": "chair", "category": "collectibles", "attr_theme": "a\x00b"}, "feeds.attribute_value_unknown"),
        ({"q": "chair", "category": "electronics", "attr_year": "NaN"}, "feeds.attribute_value_unknown"),
        ({"q": "chair", "category": "electronics", "attr_year_min": "1e999"}, "feeds.attribute_value_unknown"),
        ({"q": "chair", "category": "furniture", "attr_a\x00b": "x"}, "feeds.attribute_unknown"),
        ({"q": "chair", "filters": '{"attributes": {"color": "\\ud800"}}'}, "search.filters_not_an_object"),
        ({"q": "chair", "filters": "[" * 5000}, "search.filters_not_an_object"),
        ({"q": "chair", "condition": "perfect"}, None),
    ],
)
def test_what_is_wrong_is_refused_with_its_name(client, query, code):
    listed("Oak chair")
    answer = client.get("/api/v1/search", query)
    assert answer.status_code in (400, 404), answer.content
    if code:
        assert answer.json()["code"] == code
    else:
        assert answer.json()["errors"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"q": "chair \\ud800"}',
        b'{"q": "chair", "asked": {"attr_color": "\\ud800"}}',
        b'{"\\udfff": 1, "q": "chair"}',
        b'{"q": "chair", "asked": {"max_price": NaN}}',
        b'{"q": "chair", "asked": {"max_price": 1e999}}',
        b'{"q": "chair", "asked": ' + b"[" * 50_000,
        b"\xff",
    ],
)
def test_a_body_that_is_no_json_is_refused(client, body):
    client.force_login(UserFactory())
    for path in ("track", "saved"):
        answer = client.post(f"/api/v1/search/{path}", body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "core.not_json")
    assert not SearchEntry.objects.exists()


@pytest.mark.parametrize(
    ("asked", "attr"),
    [
        ({"brand": "a\0b"}, "brand.0"),
        ({"attr_color": ["red", "a\0b"]}, "attr_color"),
        ({"attr_\0": "x"}, "attr_\0"),
        ({"max_price": "cheap"}, "max_price"),
        ({"condition": ["shiny"]}, "condition.0"),
        ({"cursor": "x"}, "cursor"),
        ({"verbatim": "perhaps"}, "verbatim"),
        ({"filters": {"filters": {}}}, "filters"),
        ({"filters": [1]}, "filters"),
        ({"category": "x" * 1001}, "asked"),
        ({f"attr_{n}": "x" for n in range(41)}, "asked"),
    ],
)
def test_a_history_takes_only_what_a_search_takes(client, asked, attr):
    client.force_login(UserFactory())
    said = {"q": "chair", "asked": asked}
    answer = client.post("/api/v1/search/track", said, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    assert not SearchEntry.objects.exists()


def test_a_saved_search_takes_only_what_it_can_keep(client):
    client.force_login(UserFactory())
    for question in ({"q": "a\0b"}, {"category": "collectibles", "attr_theme": "a\0b"}, {"brand": ["a\0b"]}):
        answer = client.post("/api/v1/search/saved", {"question": question}, content_type="application/json")
        assert answer.status_code == 400, answer.content
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize("name", ["q", "category", "max_price", "currency", "radius_km", "sort", "brand", "attr_color"])
def test_an_empty_list_asks_nothing(client, name):
    client.force_login(UserFactory())
    listed("Oak chair")
    asked = {"q": "chair", "category": "furniture", name: []}
    assert found(client, filters=json.dumps(asked)) == ["Oak chair"]
    answer = client.post("/api/v1/search/saved", {"question": asked}, content_type="application/json")
    assert answer.status_code == 201, answer.content
    rest = {one: said for one, said in asked.items() if one != name}
    assert answer.json()["question"] == rest


def cursor_in(url: str) -> str:
    return parse_qs(urlsplit(url).query)["cursor"][0]


@pytest.mark.parametrize(
    ("q", "reading"), [("lapm", "corrected"), ("brass lamp xyzzyplugh", "loosened"), ("lamp", "verbatim")]
)
def test_a_later_page_by_number_is_read_as_the_first_one_was(client, q, reading):
    listed(*[f"Brass lamp {n}" for n in range(5)])
    pages = [client.get("/api/v1/search", {"q": q, "per_page": 2, "page": n}).json() for n in (1, 2, 3, 4)]
    assert [page["understood"]["reading"] for page in pages] == [reading] * 4
    assert [len(page["results"]) for page in pages] == [2, 2, 1, 0]
    assert len({hit["id"] for page in pages for hit in page["results"]}) == 5
    assert {page["count"] for page in pages} == {5}


def test_a_cursor_is_of_one_search_only(client):
    listed(*[f"Lamp {n}" for n in range(5)])
    cursor = client.get("/api/v1/search", {"q": "lamp", "per_page": 2}).json()["next"]
    answer = client.get("/api/v1/search", {"q": "chair", "per_page": 2, "cursor": cursor_in(cursor)})
    assert answer.json()["code"] == "core.invalid_cursor"


def test_a_forged_cursor_reaches_no_statement(client):
    from core.cursors import decode_cursor, encode_cursor  # noqa: PLC0415

    listed(*[f"Lamp {n}" for n in range(5)])
    following = client.get("/api/v1/search", {"q": "lamp", "sort": "recent", "per_page": 2}).json()["next"]
    made_for, pin, start, before = decode_cursor(cursor_in(following), length=4)
    for bad in (
        ["2026-01-01' OR 1=1 --", *start[1:]],
        [start[0], "x' OR 1=1 --", *start[2:]],
        [*start[:2], -1, *start[3:]],
        [*start[:2], "1", *start[3:]],
        [*start[:5], "not base85 \x00"],
        start[:2],
    ):
        forged = encode_cursor([made_for, pin, bad, before])
        answer = client.get("/api/v1/search", {"q": "lamp", "sort": "recent", "per_page": 2, "cursor": forged})
        assert answer.json()["code"] == "core.invalid_cursor"
    for bad_pin in ([1e300, 0], [-5, 0], [pin[0], 999_999], ["now()", 0], 7):
        forged = encode_cursor([made_for, bad_pin, start, before])
        answer = client.get("/api/v1/search", {"q": "lamp", "sort": "recent", "per_page": 2, "cursor": forged})
        assert answer.json()["code"] == "core.invalid_cursor"


def test_filters_may_come_as_one_object(client):
    listed("Oak chair", attributes={"color": "red"}, condition="good")
    listed("Pine chair", attributes={"color": "blue"}, condition="good")
    said = {"category": "furniture", "condition": ["good"], "attributes": {"color": ["red"]}}
    assert found(client, q="chair", filters=json.dumps(said)) == ["Oak chair"]


@pytest.mark.parametrize("many", [1, 20])
@pytest.mark.parametrize(
    "query",
    [
        {"q": "lamp"},
        {"q": "lamp", "category": "furniture", "brand": "ikea", "attr_color": "red"},
        {"q": "lapm"},
        {"latitude": 25.07, "longitude": 55.13, "sort": "nearest"},
    ],
)
def test_a_search_asks_the_database_little(client, settings, many, query):  # three of them are the session
    settings.RANKING_SAMPLE = 0
    listed(*[f"Lamp {n}" for n in range(many)])
    client.force_login(UserFactory())
    cache.clear()  # shelves, names, synonyms and weights are read as well: nobody knows how long a cache remembers
    with counted_queries() as queries:
        assert client.get("/api/v1/search", query).status_code == 200
    # Words are looked for in up to three small statements, once for the page and once for each filter in use.
    assert len(queries) <= 32, [q["sql"][:80] for q in queries]


@pytest.mark.parametrize("many", [1, 20])
def test_suggestions_ask_the_database_little(client, many):
    listed(*[f"Lamp {n}" for n in range(many)])
    cache.clear()  # shelves, names and completions are read as well: nobody knows how long a cache remembers
    with counted_queries() as queries:
        client.get("/api/v1/search/suggestions", {"q": "lam"})
    assert len(queries) <= 9, [q["sql"][:80] for q in queries]


def test_a_redis_that_is_away_stops_no_search(client, settings):
    listed("Oak chair")
    cache.clear()
    settings.CACHES = {
        "default": {
            "BACKEND": "core.cache.ForgivingRedisCache",
            "LOCATION": "unix:///nowhere/redis.sock",
        }
    }
    assert found(client, q="chair") == ["Oak chair"]
    assert client.get("/api/v1/search/suggestions", {"q": "oak"}).status_code == 200
    assert client.get("/api/v1/search/trending").status_code == 200
    answer = client.post("/api/v1/search/track", {"q": "chair"}, content_type="application/json")
    assert answer.status_code == 204
    assert Product.objects.count() == 1


@pytest.mark.parametrize(
    "name",
    [
        "brand",
        "neighborhood",
        "category",
        "condition",
        "attr_color",
        "min_price",
        "cursor",
        "latitude",
        "sort",
        "view",
        "radius_km",
    ],
)
def test_a_page_of_search_leaves_out_what_no_column_holds(client, name):
    listed("Oak chair")
    answer = client.get("/search", {"q": "chair", name: "a\0b"})
    assert answer.status_code in (200, 400)
    assert client.get("/", {name: "a\0b"}).status_code in (200, 400)


def test_signs_that_turn_the_direction_are_neither_shown_nor_kept(client):
    user = UserFactory()
    client.force_login(user)
    listed("Oak chair")
    shown = client.get("/search", {"q": "\u202echair\u2066 x"}).content.decode()
    assert "\u202e" not in shown
    assert "\u2066" not in shown
    client.post("/api/v1/search/track", {"q": "\u202eoak\u202c  chair"}, content_type="application/json")
    assert "oak chair" in {entry.q for entry in user.search_entries.all()}
