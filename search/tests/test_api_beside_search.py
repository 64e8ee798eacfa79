import pytest
from django.core.cache import cache

from accounts.models import Block
from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory, SellerFactory
from places.tests.factories import NeighborhoodFactory
from search import actions
from search.models import PopularSearch, SearchEntry
from search.selectors import Asked
from search.tests.test_api_search import listed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


def suggested(client, q, **query):
    answer = client.get("/api/v1/search/suggestions", {"q": q, **query})
    assert answer.status_code == 200, answer.content
    return [(one["kind"], one["text"]) for one in answer.json()["results"]]


# --- suggestions ------------------------------------------------------------------------------------------------------


def test_suggests_each_thing_once_without_what_is_said_about_it(client):
    listed(
        "Grand piano, used twice",
        "Grand piano, moving sale",
        "Grand piano",
        "بيانو كبير، بحالة جيدة",
        "Piano, upright, oak",
    )
    titles = [text for kind, text in suggested(client, "pia") if kind == "title"]
    assert titles.count("Grand piano") == 1
    assert "Piano, upright, oak" in titles  # one word alone would say too little
    assert not any("used" in text for text in titles)
    assert ("title", "بيانو كبير") in suggested(client, "بيا")
    assert ("title", "Grand piano, moving sale") in suggested(client, "piano mov")


def test_suggests_titles_from_two_letters(client):
    listed("Grand piano", "Piano stool", "Oak table")
    assert ("title", "Piano stool") in suggested(client, "pi")
    assert ("title", "Grand piano") in suggested(client, "pia")
    assert ("title", "Oak table") not in suggested(client, "pi")


def test_forgives_typing_mistakes(client):
    listed("Grand piano")
    assert ("title", "Grand piano") in suggested(client, "paino")


def test_refuses_one_letter(client):
    answer = client.get("/api/v1/search/suggestions", {"q": "p"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "search.query_too_short"


def test_suggests_categories_brands_and_sellers(client):
    SellerFactory(username="elegant.things", full_name="Ella Gant")
    listed("Chair")
    assert ("category", "Electronics") in suggested(client, "ele")
    assert ("seller", "Ella G.") in suggested(client, "ele")
    assert ("brand", "Rolex") in suggested(client, "role")
    assert ("category", "Electronics") in suggested(client, "إلكتر")


def test_never_suggests_what_is_hidden_or_blocked(client):
    viewer = UserFactory()
    blocked, hidden = listed("Blocked zither", "Hidden zither")
    blocked.seller.username = "zitherist"
    blocked.seller.save()
    Block.objects.create(blocker=viewer, blocked=blocked.seller)
    hidden.hidden_at = hidden.published_at
    hidden.save()
    client.force_login(viewer)
    assert suggested(client, "zither") == []
    client.logout()
    assert ("seller", blocked.seller.display_name) in suggested(client, "zitherist")


# --- filters ----------------------------------------------------------------------------------------------------------


def test_offers_more_than_ninety_choices(client):
    body = client.get("/api/v1/search/filters").json()
    assert body["points"] >= 90
    assert {"category", "price_band", "condition", "distance", "seller_type", "feed_type", "availability"} <= {
        one["name"] for one in body["filters"]
    }
    electronics = {one["name"]: one for one in body["by_category"]["electronics"]}
    assert electronics["attr_storage"]["kind"] == "many"
    assert electronics["attr_battery_health"] == {
        "name": "attr_battery_health",
        "label": "Battery health",
        "kind": "range",
        "parameters": ["attr_battery_health_min", "attr_battery_health_max"],
        "options": [],
        "unit": "%",
        "minimum": "1",
        "maximum": "100",
    }


def test_filters_of_one_category_include_what_stands_above(client):
    body = client.get("/api/v1/search/filters", {"category": "watches"}).json()
    assert set(body["by_category"]) == {"watches"}
    assert {"attr_color", "attr_movement"} <= {one["name"] for one in body["by_category"]["watches"]}


def test_every_filter_of_every_category_can_be_sent_as_it_is_described(client):
    NeighborhoodFactory(slug="dubai-marina")
    body = client.get("/api/v1/search/filters").json()
    shelves = {"": body["filters"], **body["by_category"]}
    assert {one["value"] for one in body["filters"][0]["options"]} == set(body["by_category"])
    place = {"latitude": 25.08, "longitude": 55.14}
    sample = {"range": "2", "number": "2", "text": "Anything"}
    for category, filters in shelves.items():
        for one in filters:
            values = [option["value"] for option in one["options"][:2]] or [sample[one["kind"]]]
            for name in one["parameters"]:
                asked = {"facets": "false", **place, **({"category": category} if category else {})}
                answer = client.get("/api/v1/search", asked | {name: values if one["kind"] == "many" else values[0]})
                assert answer.status_code == 200, (category, name, answer.content)


def test_neighbourhoods_are_choices_with_their_city(client):
    hood = NeighborhoodFactory()
    filters = {one["name"]: one for one in client.get("/api/v1/search/filters").json()["filters"]}
    assert {"value": hood.slug, "label": hood.name_en, "parent": hood.city} in filters["neighborhood"]["options"]


def test_filters_ask_the_database_little(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        client.get("/api/v1/search/filters")


# --- why -----------------------------------------------------------------------


def test_says_why_a_search_finds_a_listing_where_it_does(client):
    (piano,) = listed("Grand piano", seller__full_name="Ella Gant")
    said = client.get("/api/v1/search/why", {"listing": str(piano.pk), "q": "piano"}).json()
    assert (said["listing"], said["sort"], said["version"]) == (str(piano.pk), "relevance", 1)
    assert said["terms"][0]["term"] == "text"
    assert sum(term["share"] for term in said["terms"]) == pytest.approx(1, abs=0.01)
    assert said["summary"].startswith("Above all because")
    by_price = client.get("/api/v1/search/why", {"listing": str(piano.pk), "q": "piano", "sort": "price_low"}).json()
    assert (by_price["terms"], by_price["version"]) == ([], None)


def test_says_why_of_what_was_sold_only_where_that_was_asked_for(client):
    (piano,) = listed("Grand piano", state="sold")
    asked = {"listing": str(piano.pk), "q": "piano"}
    assert client.get("/api/v1/search/why", asked).status_code == 404
    assert client.get("/api/v1/search/why", asked | {"availability": "sold"}).json()["terms"]


@pytest.mark.parametrize("asked", [{}, {"listing": "x"}, {"page": "2"}, {"cursor": "x"}, {"listing": "a\0b"}])
def test_why_is_asked_of_a_listing(client, asked):
    answer = client.get("/api/v1/search/why", {"q": "piano"} | asked)
    assert (answer.status_code, len(answer.json()["errors"])) == (400, 1)


def test_why_is_told_to_nobody_who_may_not_see_it(client):
    (piano,) = listed("Grand piano", hidden_at="2026-01-01T00:00Z")
    assert client.get("/api/v1/search/why", {"listing": str(piano.pk), "q": "piano"}).status_code == 404


# --- trending ---------------------------------------------------------------------------------------------------------


def ask(client, q, ip="10.0.0.1", **body):
    answer = client.post(
        "/api/v1/search/track", {"q": q, **body}, content_type="application/json", headers={"X-Real-IP": ip}
    )
    assert answer.status_code == 204, answer.content


def trending(client, **query):
    actions.count_popular()
    return [one["q"] for one in client.get("/api/v1/search/trending", query).json()["results"]]


def test_what_many_people_look_for_is_trending(client):
    listed("Piano", "Violin")
    for _ in range(3):
        client.force_login(UserFactory())
        ask(client, "piano")
    ask(client, "violin")
    assert trending(client) == ["piano"]


def test_one_person_cannot_stuff_the_box(client):
    listed("Piano")
    client.force_login(UserFactory())
    for _ in range(20):
        ask(client, "Piano")
        ask(client, "piano ")
    assert trending(client) == []


def test_one_network_cannot_stuff_the_box(client):
    listed("Piano")
    for last in range(1, 60):
        ask(client, "piano", ip=f"10.1.1.{last}")
    assert trending(client) == []


def test_what_finds_nothing_or_gives_contacts_away_never_trends(client):
    listed("Piano")
    for _ in range(4):
        client.force_login(UserFactory())
        ask(client, "unobtainium")
        ask(client, "piano call 0501234567")
    assert trending(client) == []


def test_what_is_hidden_is_no_trend(client):
    (piano,) = listed("Piano")
    for _ in range(4):
        client.force_login(UserFactory())
        ask(client, "piano")
    piano.hidden_at = piano.published_at
    piano.save()
    assert trending(client) == []


def test_neighbourhoods_have_trends_of_their_own(client):
    listed("Piano")
    marina, jlt = NeighborhoodFactory(), NeighborhoodFactory(latitude=25.2)
    for _ in range(3):
        client.force_login(UserFactory())
        ask(client, "piano", neighborhood=marina.slug)
    assert trending(client, neighborhood=marina.slug) == ["piano"]
    assert trending(client, neighborhood=jlt.slug) == []
    assert trending(client) == ["piano"]


def test_what_staff_hid_stays_hidden(client):
    listed("Piano")
    for _ in range(3):
        client.force_login(UserFactory())
        ask(client, "piano")
    assert trending(client) == ["piano"]
    PopularSearch.objects.update(is_hidden=True)
    assert trending(client) == []


# --- history ----------------------------------------------------------------------------------------------------------


def history(client):
    return [one["q"] for one in client.get("/api/v1/search/history").json()["results"]]


def test_history_holds_each_search_once_with_the_last_on_top(client):
    client.force_login(UserFactory())
    ask(client, "piano")
    ask(client, "violin", asked={"condition": ["new"], "max_price": "500"})
    ask(client, "Piano")
    assert history(client) == ["Piano", "violin"]


def test_a_history_says_what_was_asked_as_saved_searches_do(client):
    client.force_login(UserFactory())
    place = {"latitude": 25.0801234, "longitude": "55.1401234", "radius_km": 5}
    answers = {"category": "electronics", "attr_storage": "256_gb", "attr_battery_health_min": 80}
    ask(client, "phone", asked=place | answers | {"condition": "good", "max_price": 500, "verbatim": True})
    (entry,) = client.get("/api/v1/search/history").json()["results"]
    assert entry["asked"] == {
        "attr_battery_health_min": ["80"],
        "attr_storage": ["256_gb"],
        "category": "electronics",
        "condition": ["good"],
        "latitude": 25.08,
        "longitude": 55.14,
        "max_price": "500",
        "radius_km": 5.0,
        "verbatim": True,
    }


def test_history_is_forgotten_one_by_one_or_as_a_whole(client):
    client.force_login(UserFactory())
    for q in ("piano", "violin", "harp"):
        ask(client, q)
    entry = SearchEntry.objects.get(q="violin")
    assert client.delete(f"/api/v1/search/history/{entry.pk}").status_code == 204
    assert history(client) == ["harp", "piano"]
    assert client.delete("/api/v1/search/history").status_code == 204
    assert history(client) == []


def test_nobody_reads_or_forgets_the_history_of_another(client):
    entry = actions.remember_search(user=UserFactory(), asked=Asked(q="surprise for him"))
    client.force_login(UserFactory())
    assert history(client) == []
    assert client.delete(f"/api/v1/search/history/{entry.pk}").status_code == 404
    assert SearchEntry.objects.filter(pk=entry.pk).exists()
    client.logout()
    assert client.get("/api/v1/search/history").status_code == 401


def test_history_refuses_what_is_no_filter(client):
    client.force_login(UserFactory())
    answer = client.post("/api/v1/search/track", {"q": "piano", "asked": {"hack": 1}}, content_type="application/json")
    assert answer.status_code == 400
    assert not SearchEntry.objects.exists()


def test_only_so_many_searches_are_kept():
    user = UserFactory()
    for n in range(105):
        actions.remember_search(user=user, asked=Asked(q=f"thing {n}"))
    assert SearchEntry.objects.filter(user=user).count() == 100
    assert not SearchEntry.objects.filter(q="thing 0").exists()


@pytest.mark.parametrize("many", [1, 20])
def test_history_is_one_query(client, many, django_assert_num_queries):
    user = UserFactory()
    for n in range(many):
        actions.remember_search(user=user, asked=Asked(q=f"thing {n}"))
    client.force_login(user)
    history(client)
    with django_assert_num_queries(4):  # Django's session, ours, the person, the page
        assert len(history(client)) == many


def test_seller_who_stopped_selling_is_not_suggested(client):
    SellerFactory(username="gonegirl", listings_hidden_at="2026-01-01T00:00Z")
    ProductFactory()
    assert suggested(client, "gonegi") == []
