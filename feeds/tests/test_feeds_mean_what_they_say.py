import itertools
import os
import random

import pytest
from django.db import transaction

from accounts.models import Follow
from feeds.selectors import Filters, community_feed, discover_feed, following_feed
from feeds.selectors.filters import AttributeFilter
from feeds.states import CommunitySort
from feeds.tests.worlds import World, passes, sort_key, walk

pytestmark = pytest.mark.django_db
BY_ONE_THING = [
    sort for sort in CommunitySort.values if sort != CommunitySort.SUGGESTED
]  # for which see test_suggested

FILTERS = {
    "all": lambda w: Filters(),
    "shelf": lambda w: Filters(category_ids=(w.categories[2].pk,)),
    "shelves": lambda w: Filters(category_ids=(w.categories[0].pk, w.categories[1].pk)),
    "price": lambda w: Filters(lowest=3000, highest=12000, currency="AED"),
    "floor": lambda w: Filters(lowest=15000),
    "shelf and price": lambda w: Filters(category_ids=(w.categories[1].pk,), highest=12000, currency="AED"),
    "condition": lambda w: Filters(conditions=("good", "new")),
    "verified": lambda w: Filters(seller_type="verified"),
    "individual": lambda w: Filters(seller_type="individual"),
    "power": lambda w: Filters(seller_type="power"),
    "attributes": lambda w: Filters(
        category_ids=(w.categories[0].pk, w.categories[1].pk),
        attributes=(AttributeFilter("color", ("black", "red")), AttributeFilter("year", lowest=2012, highest=2014)),
    ),
}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield World(11)
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("sort", BY_ONE_THING)
def test_community_by_radius(world, name, sort):
    filters = FILTERS[name](world)
    dice = random.Random(f"{name}{sort}")
    cases = list(itertools.product((None, world.viewer), (0.4, 5, 13, 50)))
    for viewer, radius_km in cases if os.environ.get("SOUK_TEST_FULL") else dice.sample(cases, 2):
        place = world.somewhere(dice.choice([0.001, 0.03, 0.2]))
        expected = [
            p.id
            for p in sorted(world.visible(viewer), key=sort_key(sort, place))
            if p.feed_type == "community"
            and passes(p, filters)
            and place.metres_to(type(place).of(p.public_location)) <= radius_km * 1000
        ]

        def ask(*, viewer=viewer, place=place, radius_km=radius_km, **page):
            return community_feed(viewer=viewer, place=place, radius_km=radius_km, filters=filters, sort=sort, **page)

        forward, backward = walk(ask, size=dice.choice([7, 20, 50]))
        assert forward == expected
        assert backward == expected


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("sort", BY_ONE_THING)
@pytest.mark.parametrize("radius_km", [None, 2])
def test_community_by_neighbourhood(world, name, sort, radius_km):
    filters, hood = FILTERS[name](world), world.hoods[0]
    place = world.somewhere(0.05)
    expected = [
        p.id
        for p in sorted(world.visible(world.viewer), key=sort_key(sort, place))
        if p.feed_type == "community"
        and passes(p, filters)
        and p.neighborhood_id == hood.pk
        and (radius_km is None or place.metres_to(type(place).of(p.public_location)) <= radius_km * 1000)
    ]

    def ask(**page):
        return community_feed(
            viewer=world.viewer, place=place, radius_km=radius_km, neighborhood=hood, filters=filters, sort=sort, **page
        )

    assert walk(ask, size=5) == (expected, expected)


@pytest.mark.parametrize("name", FILTERS)
def test_discover(world, name):
    filters = FILTERS[name](world)
    expected = [
        p.id
        for p in sorted(world.visible(world.viewer), key=sort_key("recent", None))
        if p.feed_type == "discover" and passes(p, filters)
    ]
    for sort in ("live_first", "recent"):
        ask = lambda sort=sort, **page: discover_feed(viewer=world.viewer, filters=filters, sort=sort, **page)  # noqa: E731
        assert walk(ask, size=4) == (expected, expected)
    popular = lambda **page: discover_feed(viewer=world.viewer, filters=filters, sort="popular", **page)  # noqa: E731
    forward, backward = walk(popular, size=4)
    assert forward == backward
    assert sorted(forward) == sorted(expected)


def test_following_shows_both_feeds_of_those_whom_one_follows(world):
    for seller in (world.sellers[0], world.sellers[3], world.sellers[6], world.sellers[8]):
        Follow.objects.get_or_create(follower=world.viewer, followed=seller)
    followed = {world.sellers[3].pk, world.sellers[8].pk}  # one is blocked, one suspended
    expected = [
        p.id for p in sorted(world.visible(world.viewer), key=sort_key("recent", None)) if p.seller_id in followed
    ]
    ask = lambda **page: following_feed(viewer=world.viewer, **page)  # noqa: E731
    assert walk(ask, size=6) == (expected, expected)
