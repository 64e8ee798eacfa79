import json
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from accounts.models import SellerStanding
from accounts.tests.factories import UserFactory
from catalog.models import Product
from catalog.tests.factories import CategoryFactory, ProductFactory
from core.cursors import decode_cursor, encode_cursor
from core.errors import InvalidCursor
from core.geo import LatLng
from core.testing import counted_queries
from feeds.models import RankingWeights
from feeds.ranking import Facts, diversified, score
from feeds.selectors import Filters, community_feed, discover_feed, suggested, weights_in_force, weights_numbered
from feeds.states import WeightsState
from feeds.tests.test_feeds_mean_what_they_say import FILTERS
from feeds.tests.test_plans import check_walks_in_order, city, one_shelf, plan_of  # noqa: F401 - a fixture
from feeds.tests.worlds import MARINA, World, passes, sort_key, walk

pytestmark = pytest.mark.django_db

NOON = "2026-01-08T12:00:00+00:00"


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic(), time_machine.travel(NOON, tick=False):
        world = World(31)
        for number, seller in enumerate(world.sellers):
            seller.email_verified_at = timezone.now() if number % 2 else None
            seller.sells_since = timezone.now() - timedelta(days=number * 7)
            seller.save()
        SellerStanding.objects.filter(user=world.sellers[2]).update(review_count=31)
        yield world
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def facts_of(product, place):
    now, seller = timezone.now(), product.seller
    standing = getattr(seller, "standing", None)
    return Facts(
        age_hours=(now - product.published_at).total_seconds() / 3600,
        metres=place.metres_to(LatLng.of(product.public_location)) if place else None,
        is_proven=seller.is_verified,
        is_checked=seller.is_trusted,
        rating=float(standing.rating) if standing and standing.rating is not None else None,
        review_count=standing.review_count if standing else 0,
        sales_count=standing.sales_count if standing else 0,
        seller_days=(now - seller.sells_since).total_seconds() / 86400 if seller.sells_since else None,
        views=product.view_count,
        favourites=product.favourite_count,
    )


def suggested_of(listed, place, windows):
    """What the suggested order means: of the first by each of these sorts, best first, spread over sellers."""
    chosen = {p.pk: p for sort, many in windows for p in sorted(listed, key=sort_key(sort, place))[:many]}
    weights = weights_in_force()
    rows = [(score(facts_of(p, place), weights), p.seller_id, p.pk) for p in chosen.values()]
    ranked = diversified(rows, weights, score=lambda r: r[0], seller=lambda r: r[1], key=lambda r: r[2])
    return [row[2] for _, row in ranked]


@pytest.fixture
def narrow(monkeypatch):
    """Windows so small that they matter here."""
    monkeypatch.setattr(suggested, "NEAREST_WINDOW", 12)
    monkeypatch.setattr(suggested, "NEWEST_WINDOW", 12)
    monkeypatch.setattr(suggested, "DISCOVER_WINDOW", 20)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("radius_km", [0.4, 5, 50])
def test_the_nearest_and_the_newest_compete_by_the_formula(world, narrow, name, radius_km):
    filters = FILTERS[name](world)
    place = world.somewhere(0.01)
    for viewer in (None, world.viewer):
        listed = [
            p
            for p in world.visible(viewer)
            if p.feed_type == "community"
            and passes(p, filters)
            and place.metres_to(LatLng.of(p.public_location)) <= radius_km * 1000
        ]

        def ask(viewer=viewer, **page):
            return community_feed(
                viewer=viewer, place=place, radius_km=radius_km, filters=filters, sort="suggested", **page
            )

        expected = suggested_of(listed, place, [("nearest", 12), ("recent", 12)])
        assert walk(ask, size=7) == (expected, expected)


@pytest.mark.parametrize("radius_km", [None, 2])
@pytest.mark.parametrize("placed", [True, False])
def test_in_a_neighbourhood_too(world, narrow, radius_km, placed):
    hood, place = world.hoods[0], world.somewhere(0.02) if placed else None
    listed = [
        p
        for p in world.visible(world.viewer)
        if p.feed_type == "community"
        and p.neighborhood_id == hood.pk
        and (not placed or radius_km is None or place.metres_to(LatLng.of(p.public_location)) <= radius_km * 1000)
    ]

    def ask(**page):
        return community_feed(
            viewer=world.viewer, place=place, radius_km=radius_km, neighborhood=hood, sort="suggested", **page
        )

    expected = suggested_of(listed, place, [("recent", 12), *([("nearest", 12)] if placed else [])])
    assert walk(ask, size=5) == (expected, expected)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("placed", [True, False])
def test_of_discover_the_newest_compete(world, narrow, name, placed):
    filters, place = FILTERS[name](world), MARINA if placed else None
    listed = [p for p in world.visible(world.viewer) if p.feed_type == "discover" and passes(p, filters)]

    def ask(**page):
        return discover_feed(viewer=world.viewer, place=place, filters=filters, sort="suggested", **page)

    expected = suggested_of(listed, place, [("recent", 20)])
    assert walk(ask, size=4) == (expected, expected)


def test_listings_that_arrive_and_time_that_passes_leave_no_gap_and_no_double(noon):
    world = World(23, listings=120)

    def ask(**page):
        return community_feed(viewer=world.viewer, place=MARINA, radius_km=20, sort="suggested", **page)

    def meanwhile():
        noon.shift(timedelta(hours=5))
        world.add(4, published_at=timezone.now())

    before, _ = walk(ask, size=7)
    forward, _ = walk(ask, size=7, between=meanwhile)
    assert forward == before


def put_in_force(version, **values):
    RankingWeights.objects.filter(state="active").update(state="retired", active_until=timezone.now())
    cache.clear()
    return RankingWeights.objects.create(
        version=version, values=values, state=WeightsState.ACTIVE, active_from=timezone.now()
    )


def test_other_weights_make_another_order_but_not_of_a_list_that_is_being_read(world):
    def ask(**page):
        return community_feed(viewer=None, place=MARINA, radius_km=50, sort="suggested", **page)

    before, _ = walk(ask, size=20)
    first = ask(size=20)
    put_in_force(7, distance=0, freshness=10)
    assert [c["id"] for c in first.items] == before[:20]
    assert [c["id"] for c in ask(size=20, cursor=first.next_cursor).items] == before[20:40]
    after, _ = walk(ask, size=20)
    assert after != before
    assert sorted(after) == sorted(before)


def test_the_weights_in_force_are_read_once_and_proposals_by_nobody(django_assert_num_queries):
    cache.clear()
    with django_assert_num_queries(1):
        assert weights_in_force().version == 1
        assert weights_in_force().diversity == 0.15
    RankingWeights.objects.create(version=9, values={}, state=WeightsState.PROPOSED)
    assert weights_numbered(9) is None
    assert weights_numbered(1) == weights_in_force()
    put_in_force(10, trust=3, gone=5)
    assert weights_in_force().trust == 3
    assert weights_in_force().text == 4
    assert weights_numbered(1).trust == 1.5


def test_where_no_version_is_in_force_the_program_s_own_numbers_rank():
    RankingWeights.objects.update(state="retired", active_until=timezone.now())
    cache.clear()
    assert weights_in_force().version == 0


@pytest.mark.parametrize(
    "pin", ["", ":", "1", "1:", ":5", "x:5", "1:x", "9:now", "1:99999999999", "1:0", "٣:now", "1:now:1"]
)
def test_a_forged_cursor_is_refused(world, pin):
    ask = lambda **page: discover_feed(viewer=None, sort="suggested", size=2, **page)  # noqa: E731
    made_for, *rest = decode_cursor(ask().next_cursor, length=4)
    RankingWeights.objects.create(version=9, values={}, state=WeightsState.PROPOSED)
    forged = f"{made_for.partition(':')[0]}:{pin}".replace("now", str(int(timezone.now().timestamp())))
    with pytest.raises(InvalidCursor):
        ask(cursor=encode_cursor([forged, *rest]))
    for other in (None, 5, [made_for], made_for[1:]):
        with pytest.raises(InvalidCursor):
            ask(cursor=encode_cursor([other, *rest]))
    with pytest.raises(InvalidCursor):
        community_feed(viewer=None, place=MARINA, sort="suggested", cursor=ask().next_cursor)


def test_one_shop_does_not_fill_the_page(world):
    shop, others = world.sellers[4], [s for n, s in enumerate(world.sellers) if n in {2, 3, 5}]
    Product.objects.all().delete()
    near = {"spot": MARINA, "state": "active", "feed_type": "community", "hidden_at": None, "view_count": 0}
    moment = timezone.now() - timedelta(hours=1)
    world.add(12, seller=shop, published_at=moment, **near)
    for other in others:
        world.add(1, seller=other, published_at=moment - timedelta(days=1), **near)
    page = community_feed(viewer=None, place=MARINA, sort="suggested", size=8)
    assert {str(s.pk) for s in (shop, *others)} == {card["seller"]["id"] for card in page.items}


def test_ahead_stand_the_first_of_the_order_with_what_the_formula_read(world):
    page = community_feed(viewer=None, place=MARINA, radius_km=50, sort="suggested", size=5, look_ahead=12)
    assert len(page.items) == 5
    assert len(page.ranked.ahead) == 12
    assert [row.product_id for row in page.ranked.ahead][:5] == [card["id"] for card in page.items]
    products = {p.pk: p for p in world.visible(None)}
    for row in page.ranked.ahead:
        expected = facts_of(products[row.product_id], MARINA)
        assert score(row.facts, page.ranked.weights) == pytest.approx(score(expected, page.ranked.weights), abs=1e-6)
        assert row.seller_id == products[row.product_id].seller_id
    following = community_feed(
        viewer=None, place=MARINA, radius_km=50, sort="suggested", size=5, cursor=page.next_cursor
    )
    assert [row.product_id for row in page.ranked.ahead][5:10] == [card["id"] for card in following.items]
    assert community_feed(viewer=None, place=MARINA, sort="nearest").ranked is None


@pytest.mark.parametrize(
    "extra", [{}, {"lowest": 2000, "highest": 9000, "currency": "AED"}, {"seller_type": "verified"}], ids=str
)
@pytest.mark.parametrize("radius_km", [5, 50])
def test_candidates_are_walked_in_order_and_only_they_are_scored(city, radius_km, extra):  # noqa: F811
    def ask(filters):
        return lambda: community_feed(
            viewer=city.viewer, place=MARINA, radius_km=radius_km, sort="suggested", filters=filters
        )

    every = {"catalog_spot_newest", "catalog_cell_recent", "catalog_wide_recent"}
    check_walks_in_order(plan_of(ask(Filters(**extra))), every)
    shelf = Filters(category_ids=one_shelf(city).category_ids, **extra)
    shelved = {"catalog_spot_category", "catalog_cell_shelf_recent", "catalog_wide_shelf_recent"}
    check_walks_in_order(plan_of(ask(shelf)), shelved)
    video = plan_of(lambda: discover_feed(viewer=city.viewer, place=MARINA, sort="suggested", filters=Filters(**extra)))
    check_walks_in_order(video, {"catalog_feed_recent"})


def test_cursors_carry_no_place(world):
    page = community_feed(viewer=None, place=LatLng(25.0771234, 55.1387654), sort="suggested", size=2)
    assert "25.07" not in json.dumps(decode_cursor(page.next_cursor, length=4))


@pytest.mark.parametrize("address", ["/api/v1/feeds/community", "/api/v1/feeds/discover"])
def test_twenty_rows_cost_as_many_queries_as_one(api, address):
    weights_in_force()
    api.force_authenticate(UserFactory())
    query = {"latitude": MARINA.latitude, "longitude": MARINA.longitude, "sort": "suggested", "category": "seats"}
    shelf, feed = CategoryFactory(slug="seats"), address.rpartition("/")[2]
    counts = []
    for many in (1, 20):
        ProductFactory.create_batch(many - len(counts), category=shelf, feed_type=feed, published_at=timezone.now())
        with counted_queries() as queries:
            assert len(api.get(address, query | {"per_page": 30}).json()["results"]) == many
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4
