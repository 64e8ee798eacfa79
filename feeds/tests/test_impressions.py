import json
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from accounts.ports import erasers
from accounts.tests.factories import UserFactory
from catalog.tests.factories import JLT, MARINA_MALL, DiscoverFactory, ProductFactory
from core.cache import ForgivingRedisCache
from core.geo import LatLng
from core.testing import counted_queries
from feeds import actions, tasks
from feeds.actions import impressions
from feeds.models import Impression
from feeds.ranking import score
from feeds.selectors import community_feed, weights_in_force
from feeds.selectors.replay import facts_of_impression
from feeds.tests.factories import sample

pytestmark = pytest.mark.django_db

URL = "/api/v1/feeds/community"
HERE = {"latitude": JLT.latitude, "longitude": JLT.longitude, "sort": "suggested"}


@pytest.fixture(autouse=True)
def all_are_noted(settings):
    settings.RANKING_SAMPLE = 1.0


def test_a_ranked_first_page_is_noted_with_what_stood_next_in_line(api, settings):
    settings.RANKING_LOOK_AHEAD = 4
    ProductFactory.create_batch(6, images=0)
    shown = api.get(URL, HERE | {"per_page": 2}).json()
    assert len(shown["results"]) == 2
    assert actions.flush_impressions() == 4
    rows = list(Impression.objects.order_by("position"))
    assert [row.position for row in rows] == [1, 2, 3, 4]
    assert [str(row.product_id) for row in rows][:2] == [card["id"] for card in shown["results"]]
    assert {(row.feed, row.version, row.page_size) for row in rows} == {("community", 1, 2)}
    assert len({row.sample for row in rows}) == 1
    following = api.get(shown["next"]).json()["results"]
    assert [str(row.product_id) for row in rows][2:] == [card["id"] for card in following]
    assert actions.flush_impressions() == 0


def test_pages_of_discover_are_noted_too(client):
    video = DiscoverFactory()
    assert client.get("/discover").status_code == 200
    actions.flush_impressions()
    assert Impression.objects.get().feed == "discover"
    assert Impression.objects.get().product_id == video.pk


@pytest.mark.parametrize("query", [{"sort": "nearest"}, {"sort": "recent"}, {"sort": "price_low"}])
def test_what_one_thing_sorts_is_not_noted(api, query):
    ProductFactory()
    assert api.get(URL, HERE | query).json()["results"]
    assert actions.flush_impressions() == 0


def test_an_empty_page_and_later_pages_are_not_noted(api):
    assert api.get(URL, HERE).json()["results"] == []
    assert actions.flush_impressions() == 0
    ProductFactory.create_batch(3, images=0)
    link = api.get(URL, HERE | {"per_page": 1}).json()["next"]
    actions.flush_impressions()
    Impression.objects.all().delete()
    assert api.get(link).status_code == 200
    assert actions.flush_impressions() == 0


def test_only_a_share_is_noted(settings):
    settings.RANKING_SAMPLE = 0
    assert not any(actions.is_sampled() for _ in range(100))
    settings.RANKING_SAMPLE = 0.5
    assert 300 < sum(actions.is_sampled() for _ in range(1000)) < 700


def test_noting_costs_no_query(api, settings):
    ProductFactory.create_batch(3, images=0)
    weights_in_force()
    counts = []
    for settings.RANKING_SAMPLE in (0, 1):
        with counted_queries() as queries:
            assert len(api.get(URL, HERE).json()["results"]) == 3
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 2


def test_nobody_can_tell_who_looked_or_where_from(api):
    home = LatLng(latitude=25.0771234, longitude=55.1387654)
    ProductFactory(place=MARINA_MALL, published_at=timezone.now() - timedelta(days=9))
    viewer = UserFactory()
    api.force_authenticate(viewer)
    with time_machine.travel(timezone.now().replace(minute=17, second=43), tick=False):
        api.get(URL, {"latitude": home.latitude, "longitude": home.longitude, "sort": "suggested"})
    waiting = cache._cache.get_client(None).lrange("feeds:impressions", 0, -1)[0].decode()
    actions.flush_impressions()
    row = Impression.objects.get()
    kept = waiting + json.dumps({f.name: str(getattr(row, f.name)) for f in Impression._meta.fields})
    for secret in (str(viewer.pk), viewer.username, "25.07", "55.13"):
        assert secret not in kept
    assert (row.at.second, row.at.minute) == (0, 17)
    assert row.sample.version == 4

    def noted_from(place):
        Impression.objects.all().delete()
        api.get(URL, {"latitude": place.latitude, "longitude": place.longitude, "sort": "suggested"})
        actions.flush_impressions()
        return Impression.objects.get().facts["metres"]

    middle = impressions.cell_centre(home.cell(impressions.READER_RESOLUTION))
    assert noted_from(home) == noted_from(middle)


def test_the_facts_are_those_that_ranked(api):
    product = ProductFactory(place=MARINA_MALL, view_count=40, favourite_count=3)
    api.get(URL, HERE)
    actions.flush_impressions()
    row = Impression.objects.get()
    page = community_feed(viewer=None, place=JLT, sort="suggested", look_ahead=1)
    weights = weights_in_force()
    assert score(facts_of_impression(row), weights) == pytest.approx(
        score(page.ranked.ahead[0].facts, weights), abs=0.1
    )
    assert row.facts["views"] == 40
    assert row.neighborhood_id == product.neighborhood_id
    assert "rating" not in row.facts


def test_without_redis_the_page_is_shown_and_nothing_is_noted(api):
    ProductFactory()
    nowhere = {
        "BACKEND": "core.cache.ForgivingRedisCache",
        "LOCATION": "unix:///nowhere/redis.sock?db=0",
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
    }
    with override_settings(CACHES={"default": nowhere}):
        assert len(api.get(URL, HERE).json()["results"]) == 1
        assert actions.flush_impressions() == 0
    ForgivingRedisCache.away_until = 0.0
    assert actions.flush_impressions() == 0
    assert not Impression.objects.exists()


def test_old_samples_fall_out_when_no_job_fetches_them(api, monkeypatch):
    monkeypatch.setattr(impressions, "MOST_WAITING", 2)
    ProductFactory()
    for _ in range(4):
        api.get(URL, HERE)
    assert actions.flush_impressions() == 2


def test_samples_are_forgotten_after_some_days(settings):
    settings.RANKING_SAMPLES_KEPT = timedelta(days=14)
    sample([{}, {}], days_ago=15)
    kept = sample([{}], days_ago=13)
    tasks.forget_old_impressions()
    assert list(Impression.objects.values_list("sample", flat=True)) == [kept[0].sample]


def test_what_was_shown_of_a_person_s_listings_goes_with_them(api):
    product = ProductFactory()
    seller = product.seller
    api.get(URL, HERE)
    tasks.flush_impressions()
    sample([{}])
    assert erasers()["feeds"](seller) == {"impressions": 1}
    assert Impression.objects.count() == 1
    api.get(URL, HERE)
    seller.erased_at = timezone.now()
    seller.save()
    assert actions.flush_impressions() == 0
    assert not Impression.objects.filter(seller_id=seller.pk).exists()
