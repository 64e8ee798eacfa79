import itertools
import json
import os

import pytest
from django.db import connection, transaction

from accounts.models import Block, Follow, User
from catalog.models import Product, PublicCell
from core.geo import LatLng
from feeds.selectors import Filters, community_feed, discover_feed, following_feed
from feeds.tests.worlds import MARINA, World

pytestmark = pytest.mark.django_db

# ruff: noqa: S608


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    """A city with all indexes in place: with `./souk test --full` so big that the planner chooses as it does for a million listings,
    else a small one in which it may not do what only suits small tables.
    """
    full = bool(os.environ.get("SOUK_TEST_FULL"))
    with django_db_blocker.unblock(), transaction.atomic():
        world = World(3, listings=0)
        world.spots = [world.somewhere(0.02) for _ in range(60)] + [MARINA] * 10
        crowd = [User(username=f"crowd{n}", password="!") for n in range(10_000 if full else 100)]
        world.sellers += User.objects.bulk_create(crowd, batch_size=1000)
        Block.objects.bulk_create(
            [Block(blocker=a, blocked=b) for a, b in itertools.pairwise(world.sellers)], batch_size=1000
        )
        Follow.objects.bulk_create([Follow(follower=world.viewer, followed=s) for s in world.sellers[10:40]])
        world.add(1_000)
        multiply(40 if full else 5)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            if not full:
                for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin"):
                    cursor.execute(f"SET LOCAL enable_{way} = off")
        yield world
        transaction.set_rollback(True)


def multiply(times):
    """As many listings over again, with other ids, at other minutes."""
    columns = [f'"{f.column}"' for f in Product._meta.concrete_fields if f.column not in {"id", "published_at"}]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO catalog_product (id, published_at, {', '.join(columns)}) "
            f"SELECT gen_random_uuid(), published_at + n * interval '7 minutes', {', '.join(columns)} "
            "FROM catalog_product, generate_series(1, %s) n",
            [times],
        )


def plan_of(ask):
    """The plan of the (last) statement that `ask` sends, node by node with the path from the root."""
    sent = []

    def keep(execute, sql, params, many, context):
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        ask()
    sql, params = sent[-1]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        answer = cursor.fetchone()[0]
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return list(nodes(plan, ()))


def nodes(node, path):
    yield node, path
    for child in node.get("Plans", ()):
        yield from nodes(child, (*path, node))


def reads(plan, table="catalog_product"):
    """The scans of a table outside the last step, which fetches the page's rows by id."""
    return [
        (n, path)
        for n, path in plan
        if n.get("Relation Name") == table and n.get("Index Name") != "catalog_product_pkey"
    ]


def check_walks_in_order(plan, indexes):
    """Listings are read along these indexes, and nothing is sorted between an index and the LIMIT that stops it."""
    scans = reads(plan)
    assert {scan.get("Index Name") for scan, _ in scans} == indexes
    for scan, path in scans:
        assert scan["Node Type"] in {"Index Scan", "Index Only Scan"}
        below_limit = list(itertools.takewhile(lambda n: n["Node Type"] != "Limit", reversed(path)))
        assert len(below_limit) < len(path), "an unbounded walk"
        assert not {"Sort", "Incremental Sort", "Hash Join"} & {n["Node Type"] for n in below_limit}


def one_shelf(world):
    return Filters(category_ids=(world.categories[2].pk,))


PRICE = {"lowest": 2000, "highest": 9000, "currency": "AED"}


@pytest.mark.parametrize(
    "filters", [Filters(), Filters(**PRICE), Filters(conditions=("fair",)), Filters(seller_type="verified")], ids=str
)
def test_nearest_walks_cells_by_distance_and_stops(city, filters):
    plan = plan_of(lambda: community_feed(viewer=city.viewer, place=MARINA, filters=filters))
    check_walks_in_order(plan, {"catalog_spot_newest"})
    assert {n["Index Name"] for n, _ in reads(plan, "catalog_publiccell")} == {"catalog_cells_near"}
    assert "Incremental Sort" in {n["Node Type"] for n, _ in plan}


def test_nearest_in_a_category_walks_its_own_index(city):
    plan = plan_of(lambda: community_feed(viewer=city.viewer, place=MARINA, filters=one_shelf(city)))
    # In a small city the shelf's own index and that of all listings cost nearly the same.
    used = {scan.get("Index Name") for scan, _ in reads(plan)}
    own = {"catalog_spot_category"}
    check_walks_in_order(plan, own if os.environ.get("SOUK_TEST_FULL") else used & {*own, "catalog_spot_newest"})
    assert "Incremental Sort" in {n["Node Type"] for n, _ in plan}


@pytest.mark.parametrize("extra", [{}, PRICE, {"conditions": ("fair",)}, {"seller_type": "verified"}], ids=str)
@pytest.mark.parametrize("radius_km", [5, 50])
@pytest.mark.parametrize(("sort", "index"), [("recent", "recent"), ("price_low", "price"), ("price_high", "price")])
def test_circles_are_merged_from_ordered_cells(city, sort, index, radius_km, extra):
    def ask(filters):
        return lambda: community_feed(viewer=city.viewer, place=MARINA, radius_km=radius_km, sort=sort, filters=filters)

    check_walks_in_order(plan_of(ask(Filters(**extra))), {f"catalog_cell_{index}", f"catalog_wide_{index}"})
    shelf = Filters(category_ids=one_shelf(city).category_ids, **extra)
    check_walks_in_order(plan_of(ask(shelf)), {f"catalog_cell_shelf_{index}", f"catalog_wide_shelf_{index}"})


def test_a_neighbourhood_is_walked_by_its_own_indexes(city):
    for sort, index in (("recent", "catalog_hood_recent"), ("price_low", "catalog_hood_price")):
        plan = plan_of(lambda sort=sort: community_feed(viewer=city.viewer, neighborhood=city.hoods[0], sort=sort))
        check_walks_in_order(plan, {index})


def test_discover_and_following_walk_newest_first(city):
    check_walks_in_order(plan_of(lambda: discover_feed(viewer=city.viewer)), {"catalog_feed_recent"})
    check_walks_in_order(plan_of(lambda: discover_feed(viewer=city.viewer, sort="popular")), {"catalog_feed_recent"})
    check_walks_in_order(plan_of(lambda: following_feed(viewer=city.viewer)), {"catalog_seller_recent"})


def test_the_index_of_places_holds_only_what_is_listed_nearby():
    # Django's PostGIS backend drops the condition of an index that is given a point field's name.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY (%s)",
            [["catalog_near", "catalog_spot_newest"]],
        )
        found = dict(cursor.fetchall())
    assert len(found) == 2
    for definition in found.values():
        assert "WHERE" in definition
        assert "'community'" in definition


def test_a_listing_that_moves_leaves_its_cell_known():
    world = World(9, listings=0)
    (product,) = world.add(1, spot=MARINA)
    before = PublicCell.objects.count()
    product.public_location = LatLng(25.3, 55.4).snapped().point
    product.save()
    assert PublicCell.objects.count() == before + 1
    product.save()
    assert PublicCell.objects.count() == before + 1
