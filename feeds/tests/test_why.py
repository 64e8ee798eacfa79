import re

import pytest
from django.utils import translation

from accounts.models import Block, Follow, SellerStanding
from accounts.tests.factories import UserFactory
from catalog.tests.factories import JLT, MARINA_MALL, ProductFactory, SellerFactory
from core.testing import counted_queries
from feeds import words
from feeds.ranking import TERMS, Facts, Weights, score
from feeds.selectors import facts_of, weights_in_force, why_shown
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/feeds/{}/why"
HERE = {"latitude": JLT.latitude, "longitude": JLT.longitude}


def why(api, product, feed="community", **query):
    answer = api.get(URL.format(feed), {"listing": str(product.pk), **query})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_each_term_is_told_with_its_share_the_greatest_first(api):
    seller = SellerFactory()
    SellerStanding.objects.create(user=seller, rating="4.80", review_count=31, sales_count=40)
    said = why(api, ProductFactory(seller=seller, place=MARINA_MALL), **HERE)
    shares = [term["share"] for term in said["terms"]]
    assert {term["term"] for term in said["terms"]} == set(TERMS) - {"text"}
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=0.01)
    assert all(term["says"] and term["name"] and term["share_words"] for term in said["terms"])
    assert said["summary"].startswith("Above all because it is ")
    assert said["version"] == 1
    by_term = {term["term"]: term["says"] for term in said["terms"]}
    assert "about 0.7 km" in by_term["distance"]
    assert "4.8 of 5 stars (31 reviews)" in by_term["trust"]
    assert len(said["also"]) == 2


def test_without_a_place_neither_distance_nor_newcomers_are_spoken_of(api):
    terms = {term["term"] for term in why(api, ProductFactory())["terms"]}
    assert terms == {"freshness", "trust", "engagement"}


def test_it_is_said_in_the_reader_s_language(api):
    product = ProductFactory(place=MARINA_MALL)
    answer = api.get(URL.format("community"), {"listing": str(product.pk), **HERE}, headers={"Accept-Language": "ar"})
    assert re.search("[؀-ۿ]", answer.json()["terms"][0]["says"] + answer.json()["terms"][1]["says"])


@pytest.mark.parametrize(
    ("feed", "sort", "term", "says"),
    [
        ("community", "nearest", "distance", "about 0.7 km"),
        ("community", "recent", "freshness", "put up"),
        ("community", "price_low", "price", "AED 250."),
        ("community", "price_high", "price", "AED 250."),
        ("discover", "recent", "freshness", "put up"),
        ("discover", "live_first", "freshness", "put up"),
        ("discover", "popular", "engagement", "watched"),
    ],
)
def test_where_one_thing_sorts_that_is_all_there_is_to_say(api, feed, sort, term, says):
    said = why(api, ProductFactory(feed_type=feed, place=MARINA_MALL), feed, sort=sort, **HERE)
    assert [(one["term"], one["share"]) for one in said["terms"]] == [(term, 1.0)]
    assert says in said["summary"]
    assert said["version"] is None


def test_whom_one_follows_is_the_reason_in_following(api):
    viewer, product = UserFactory(), ProductFactory()
    assert api.get(URL.format("following"), {"listing": str(product.pk)}).status_code == 401
    api.force_authenticate(viewer)
    refused = api.get(URL.format("following"), {"listing": str(product.pk)})
    assert (refused.status_code, refused.json()["code"]) == (404, "feeds.not_in_this_feed")
    Follow.objects.create(follower=viewer, followed=product.seller)
    assert why(api, product, "following")["terms"][0]["term"] == "following"


@pytest.mark.parametrize(
    ("feed", "query", "status", "code"),
    [
        ("community", {"listing": None}, 400, "core.invalid"),
        ("community", {"listing": "x"}, 400, "core.invalid"),
        ("community", {"sort": "popular"}, 400, "core.invalid"),
        ("discover", {"sort": "nearest"}, 400, "core.invalid"),
        ("community", {"sort": "nearest"}, 400, "feeds.nearest_needs_a_place"),
        ("community", {"latitude": 25}, 400, "feeds.half_a_place"),
        ("community", {"colour": "red"}, 400, "core.unknown_parameter"),
        ("discover", {}, 404, "feeds.not_in_this_feed"),
        ("sideways", {}, 404, "core.not_found"),
    ],
    ids=str,
)
def test_refuses_what_makes_no_sense(api, feed, query, status, code):
    product = ProductFactory()
    asked = {key: value for key, value in ({"listing": str(product.pk)} | query).items() if value is not None}
    answer = api.get(URL.format(feed), asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nothing_is_explained_to_somebody_who_may_not_see_it(api, client):
    viewer, mine, hidden = UserFactory(), ProductFactory(), ProductFactory(state="paused")
    Block.objects.create(blocker=mine.seller, blocked=viewer)
    api.force_authenticate(viewer)
    client.force_login(viewer)
    for product in (mine, hidden, ProductFactory(seller=SellerFactory(suspended=True))):
        answer = api.get(URL.format("community"), {"listing": str(product.pk)})
        assert (answer.status_code, answer.json()["code"]) == (404, "catalog.product_not_found")
        assert client.get(f"/why/{product.pk}").status_code == 404


def test_it_costs_few_queries(api):
    product = ProductFactory(place=MARINA_MALL)
    weights_in_force()
    with counted_queries() as queries:
        why(api, product, **HERE)
    assert len(queries) == 1


def test_what_is_explained_is_what_ranks(api):
    product = ProductFactory(place=MARINA_MALL, view_count=7)
    shown = why_shown(viewer=None, product_id=product.pk, place=JLT)
    facts = facts_of(product, place=JLT, now=product.published_at)
    whole = score(facts, Weights()) * sum(Weights().of(t) for t in TERMS if t != "text")
    for reason in shown.reasons:
        part = Weights().of(reason.term) * words.terms(facts, Weights())[reason.term]
        assert reason.share == pytest.approx(part / whole, abs=0.01)


def test_a_score_of_nothing_has_no_shares():
    nothing = Weights(text=0, freshness=0, distance=0, trust=0, engagement=0, newcomer=0)
    reasons = words.explain(Facts(age_hours=1), nothing)
    assert {reason.share for reason in reasons} == {0}
    assert "Nothing in particular" in words.in_one_sentence(reasons)


@pytest.mark.parametrize("text", [0.1, 0.4, 0.9])
def test_search_explains_words_too(text):
    reasons = words.explain(Facts(age_hours=1, text=text, metres=400), Weights())
    assert "words" in next(reason.says for reason in reasons if reason.term == "text")


class TestPages:
    def test_the_page_reads_without_javascript(self, client):
        product = ProductFactory(title="Velvet sofa", place=MARINA_MALL)
        page = client.get(f"/why/{product.pk}").content.decode()
        assert "Velvet sofa" in page
        assert "How new it is" in page
        assert f'href="/l/{product.pk}"' in page
        assert "noindex" in page

    def test_sorted_by_one_thing_it_says_so(self, client):
        product = ProductFactory()
        page = client.get(f"/why/{product.pk}?feed=community&sort=recent").content.decode()
        assert "You sorted by time" in page
        assert "You chose this order" in page

    def test_an_unknown_feed_or_order_is_passed_over(self, client):
        product = ProductFactory()
        for query in ("feed=sideways", "sort=upside-down", "feed=community&sort=popular"):
            assert "How new it is" in client.get(f"/why/{product.pk}?{query}").content.decode()
        assert client.get(f"/why/{product.pk}?feed=discover").status_code == 404
        assert client.get(f"/why/{product.pk}?feed=following").status_code == 404

    def test_cards_lead_there_where_the_formula_chose_them(self, client):
        NeighborhoodFactory(slug="dubai-marina")
        near, video = ProductFactory(place=MARINA_MALL), ProductFactory(feed_type="discover")
        assert f'href="/why/{video.pk}?feed=discover&amp;sort=suggested"' in client.get("/discover").content.decode()
        assert "/why/" not in client.get("/discover?sort=recent").content.decode()
        assert "/why/" not in client.get("/").content.decode()
        assert f"/why/{near.pk}?feed=community" in client.get("/?sort=suggested").content.decode()

    def test_a_listing_leads_there_while_it_is_for_sale(self, client):
        assert "/why/" in client.get(f"/l/{ProductFactory().pk}").content.decode()
        assert "/why/" not in client.get(f"/l/{ProductFactory(state='sold').pk}").content.decode()


def test_distances_are_said_as_coarsely_as_everywhere():
    with translation.override("en"):
        assert words.how_far(4) == "0.1 km"
        assert words.how_far(4_649) == "4.6 km"
        assert words.how_far(12_400) == "12 km"
