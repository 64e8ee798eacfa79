import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.tests.factories import ProductFactory
from core.testing import counted_queries
from feeds.ranking import Weights
from feeds.selectors import days_with_samples, gini, what_if, yesterday
from feeds.states import Surface
from feeds.tests.factories import sample
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db

NEAR = {"metres": 100, "age_hours": 700}
NEW = {"metres": 9_000, "age_hours": 1}
BY_PLACE, BY_TIME = Weights(freshness=0, distance=10), Weights(freshness=10, distance=0)


@pytest.fixture
def two_sides():
    """One near and old, one far and new, of two sellers in two neighbourhoods; pages of one."""
    here, there = NeighborhoodFactory(), NeighborhoodFactory(latitude=25.2)
    near, new = ProductFactory(title="Near and old"), ProductFactory(title="Far and new")
    for _ in range(3):
        sample(
            [
                {
                    "product_id": near.pk,
                    "seller_id": near.seller_id,
                    "neighborhood_id": here.pk,
                    "seller_tier": "power",
                    "facts": NEAR,
                },
                {
                    "product_id": new.pk,
                    "seller_id": new.seller_id,
                    "neighborhood_id": there.pk,
                    "seller_tier": "new",
                    "facts": NEW,
                },
            ],
            page_size=1,
        )
    return near, new, here, there


def test_who_rises_and_who_falls(two_sides):
    near, new, here, there = two_sides
    found = what_if(day=yesterday(), current=BY_PLACE, proposed=BY_TIME)
    assert (found.samples, found.of_samples, found.stays) == (3, 3, 0)
    (rises,), (falls,) = found.rising, found.falling
    assert (rises.product, rises.rank_before, rises.rank_after, rises.seen_in, rises.change) == (new, 2, 1, 3, 3)
    assert (falls.product, falls.rank_before, falls.rank_after, falls.change) == (near, 1, 2, -3)
    assert [(str(t.label), t.before, t.after) for t in found.tiers] == [
        ("power sellers", 1, 0),
        ("new sellers", 0, 1),
    ]
    assert [(n.label, n.change) for n in found.neighborhoods] == [(here, -1), (there, 1)]
    assert (found.sellers_before, found.sellers_after, found.gini_before, found.gini_after) == (1, 1, 0.5, 0.5)


def test_the_same_weights_change_nothing(two_sides):
    found = what_if(day=yesterday(), current=BY_PLACE, proposed=BY_PLACE)
    assert (found.stays, found.rising, found.falling) == (1, [], [])
    assert found.gini_before == found.gini_after
    assert all(one.change == 0 for one in (*found.tiers, *found.neighborhoods))


def test_a_page_spread_over_sellers_shows_more_of_them():
    shop, other = uuid.uuid4(), uuid.uuid4()
    rows = [{"seller_id": shop, "facts": {"age_hours": 1 + n}} for n in range(3)]
    sample([*rows, {"seller_id": other, "facts": {"age_hours": 30}}], page_size=3)
    found = what_if(day=yesterday(), current=Weights(diversity=0), proposed=Weights(diversity=0.5))
    assert (found.sellers_before, found.sellers_after) == (1, 2)
    assert found.gini_after < found.gini_before


def test_a_day_without_samples_says_so():
    found = what_if(day=yesterday(), current=Weights(), proposed=Weights())
    assert (found.samples, found.of_samples, found.tiers, found.surfaces) == (0, 0, [], [])


@pytest.fixture
def feed_and_search():
    """Of the same two listings, two first pages of a feed and one of a search; words speak for the far one."""
    near, new = ProductFactory(title="Near and old"), ProductFactory(title="Far and new")
    rows = [
        {"product_id": near.pk, "seller_id": near.seller_id, "facts": NEAR | {"text": 0.1}},
        {"product_id": new.pk, "seller_id": new.seller_id, "facts": NEW | {"text": 1}},
    ]
    for feed in ("community", "community", "search"):
        sample(rows, page_size=1, feed=feed)
    return near, new


def test_what_changes_is_told_of_each_surface(feed_and_search):
    near, new = feed_and_search
    found = what_if(day=yesterday(), current=BY_PLACE, proposed=BY_TIME)
    assert (found.samples, found.of_samples) == (3, 3)
    assert [(one.surface, one.samples, one.stays, one.sellers_after) for one in found.surfaces] == [
        ("community", 2, 0, 1),
        ("search", 1, 0, 1),
    ]
    assert [(m.product, m.surface, m.seen_in) for m in found.rising] == [(new, "community", 2), (new, "search", 1)]
    assert [(m.product, m.surface, m.seen_in) for m in found.falling] == [(near, "community", 2), (near, "search", 1)]


def test_one_surface_is_replayed_alone(feed_and_search):
    found = what_if(day=yesterday(), current=BY_PLACE, proposed=BY_TIME, surface=Surface.SEARCH)
    assert (found.samples, found.of_samples) == (1, 1)
    assert [(one.surface, one.of_samples, one.samples, one.is_chosen) for one in found.surfaces] == [
        ("community", 2, 0, False),
        ("search", 1, 1, True),
    ]
    assert [(mover.surface, mover.seen_in) for mover in found.rising] == [("search", 1)]
    nothing = what_if(day=yesterday(), current=BY_PLACE, proposed=BY_TIME, surface=Surface.DISCOVER)
    assert (nothing.samples, nothing.rising, len(nothing.surfaces)) == (0, [], 2)


def test_no_surface_crowds_another_out_when_it_is_chosen(monkeypatch):
    monkeypatch.setattr("feeds.selectors.replay.MOST_SAMPLES", 2)
    for feed in ("community", "community", "community", "search", "search"):
        sample([{"facts": {"age_hours": 1}}], feed=feed)
    found = what_if(day=yesterday(), current=Weights(), proposed=Weights(), surface=Surface.SEARCH)
    assert (found.samples, found.of_samples) == (2, 2)


def test_days_are_those_of_the_people_here(settings):
    settings.DISPLAY_TIME_ZONE = "Asia/Dubai"
    (row,) = sample([{"facts": {"age_hours": 1}}])
    late = timezone.now().replace(hour=21, minute=30, second=0, microsecond=0) - timedelta(days=3)
    type(row).objects.filter(pk=row.pk).update(at=late)  # 01:30 of the next day in Dubai
    assert days_with_samples() == [(late + timedelta(hours=4)).date()]
    assert what_if(day=(late + timedelta(hours=4)).date(), current=Weights(), proposed=Weights()).samples == 1
    assert what_if(day=late.date(), current=Weights(), proposed=Weights()).samples == 0


def test_no_more_than_some_samples_are_replayed(monkeypatch):
    monkeypatch.setattr("feeds.selectors.replay.MOST_SAMPLES", 2)
    for _ in range(5):
        sample([{"facts": {"age_hours": 1}}])
    found = what_if(day=yesterday(), current=Weights(), proposed=Weights())
    assert (found.samples, found.of_samples) == (2, 5)


def test_a_seller_erased_from_a_sample_leaves_the_rest():
    rows = sample([{"facts": NEAR}, {"facts": NEW}, {"facts": NEW}])
    rows[0].delete()
    assert what_if(day=yesterday(), current=BY_PLACE, proposed=BY_TIME).samples == 1
    assert days_with_samples()


def test_it_costs_the_same_queries_for_few_and_for_many():
    counts = []
    for many in (1, 20):
        for _ in range(many):
            products = ProductFactory.create_batch(2, images=0)
            sample(
                [
                    {"product_id": p.pk, "seller_id": p.seller_id, "facts": f}
                    for p, f in zip(products, (NEAR, NEW), strict=True)
                ],
                page_size=1,
            )
        with counted_queries() as queries:
            assert what_if(day=yesterday(), current=BY_PLACE, proposed=BY_TIME).rising
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5


@given(st.lists(st.floats(0, 1e6), max_size=30))
def test_gini_lies_between_all_alike_and_one_has_all(values):
    assert -1e-9 <= gini(values) < 1
    assert gini([3.0] * 7) == pytest.approx(0)
    assert gini([0.0] * 9 + [5.0]) == pytest.approx(0.9)
