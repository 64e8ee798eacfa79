from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Block
from accounts.tests.factories import FollowFactory, UserFactory
from catalog.tests.factories import JLT, DiscoverFactory, ProductFactory
from core.testing import counted_queries

pytestmark = pytest.mark.django_db


def titles(answer):
    assert answer.status_code == 200, answer.content
    return [card["title"] for card in answer.json()["results"]]


def test_discover_shows_videos_of_everywhere_newest_first_and_nothing_of_the_neighbourhood(api):
    now = timezone.now()
    ProductFactory(title="Neighbour's")
    DiscoverFactory(title="Old", published_at=now - timedelta(days=1))
    DiscoverFactory(title="New", published_at=now)
    answer = api.get("/api/v1/feeds/discover")
    assert titles(answer) == ["New", "Old"]
    card = answer.json()["results"][0]
    assert card["video"]["url"]
    assert (card["is_live"], card["viewer_count"]) == (False, 0)
    assert card["place"]["distance_km"] is None
    near = api.get("/api/v1/feeds/discover", {"latitude": JLT.latitude, "longitude": JLT.longitude})
    assert near.json()["results"][0]["place"]["distance_km"] is not None


def test_popular_puts_much_liked_before_a_little_newer(api):
    now = timezone.now()
    DiscoverFactory(title="Liked", published_at=now - timedelta(hours=20), view_count=50, favourite_count=40)
    DiscoverFactory(title="Newer", published_at=now)
    DiscoverFactory(title="Liked long ago", published_at=now - timedelta(days=9), view_count=50, favourite_count=40)
    assert titles(api.get("/api/v1/feeds/discover", {"sort": "popular"})) == ["Liked", "Newer", "Liked long ago"]


def test_discover_refuses_what_it_does_not_know(api):
    for query, code in (
        ({"radius_km": 5}, "core.unknown_parameter"),
        ({"sort": "nearest"}, "core.invalid"),
        ({"latitude": 25}, "feeds.half_a_place"),
    ):
        answer = api.get("/api/v1/feeds/discover", query)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_following_is_for_people_who_are_signed_in(api):
    answer = api.get("/api/v1/feeds/following")
    assert (answer.status_code, answer.json()["code"]) == (401, "core.not_authenticated")


def test_following_shows_both_feeds_of_those_one_follows(api):
    viewer, followed, blocked = UserFactory(), UserFactory(), UserFactory()
    FollowFactory(follower=viewer, followed=followed)
    FollowFactory(follower=viewer, followed=blocked)
    Block.objects.create(blocker=blocked, blocked=viewer)
    now = timezone.now()
    ProductFactory(title="Chair", seller=followed, published_at=now - timedelta(hours=1))
    DiscoverFactory(title="Film", seller=followed, published_at=now)
    ProductFactory(title="Stranger's")
    ProductFactory(title="Blocked", seller=blocked)
    api.force_authenticate(viewer)
    assert titles(api.get("/api/v1/feeds/following")) == ["Film", "Chair"]
    assert titles(api.get("/api/v1/feeds/following", {"per_page": 1})) == ["Film"]
    assert api.get("/api/v1/feeds/following", {"sort": "recent"}).json()["code"] == "core.unknown_parameter"


def test_somebody_elses_cursor_is_refused(api):
    one, other, followed = UserFactory(), UserFactory(), UserFactory()
    for follower in (one, other):
        FollowFactory(follower=follower, followed=followed)
    ProductFactory.create_batch(2, seller=followed)
    api.force_authenticate(one)
    link = api.get("/api/v1/feeds/following", {"per_page": 1}).json()["next"]
    api.force_authenticate(other)
    assert api.get(link).json()["code"] == "core.invalid_cursor"


@pytest.mark.parametrize("path", ["discover", "discover?sort=popular", "following"])
def test_twenty_rows_cost_as_many_queries_as_one(api, path):
    viewer, seller = UserFactory(), UserFactory()
    FollowFactory(follower=viewer, followed=seller)
    api.force_authenticate(viewer)
    counts = []
    for many in (1, 20):
        DiscoverFactory.create_batch(many - len(counts), seller=seller)
        with counted_queries() as queries:
            assert len(titles(api.get(f"/api/v1/feeds/{path}"))) == many
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4
