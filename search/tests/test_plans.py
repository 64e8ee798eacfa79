import itertools
import json
import os

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from catalog.models import Category
from core.geo import FEED_RESOLUTION, WIDE_RESOLUTION
from feeds.tests.worlds import MARINA, World
from search.actions import index_products
from search.engines import engine
from search.engines.literals import literal
from search.models import Word
from search.selectors import Asked, counts, read_question, results, suggestions
from search.selectors.pace import pace
from search.selectors.vocabulary import meant

pytestmark = pytest.mark.django_db
FULL = bool(os.environ.get("SOUK_TEST_FULL"))
DOCUMENTS = 300_000 if FULL else 30_000
COMMON, MIDDLING, RARE = "piano", "harp", "zither"  # in every third document, in two of a hundred, in a handful

# The documents of a big market, nearly all without listings.
_DOCUMENTS = """
    INSERT INTO search_searchdocument (product_id, availability, words, published_at, price_minor, currency, category_id, condition,
        feed_type, seller_id, public_location, feed_cell, wide_cell, indexed_at, version, copied_version)
    SELECT gen_random_uuid(), CASE WHEN n %% 20 < 9 THEN 'available' WHEN n %% 20 < 17 THEN 'sold' ELSE 'none' END,
        array_to_tsvector(array['word' || n %% 997, 'thing' || n %% 311, 'both' || n %% 7]
            || CASE WHEN n %% 3 = 0 THEN '{piano}' ELSE '{}'::text[] END || CASE WHEN n %% 49 = 0 THEN '{harp}' ELSE '{}'::text[] END
            || CASE WHEN n %% 4999 = 0 THEN '{zither}' ELSE '{}'::text[] END
            || ARRAY['@w' || floor(extract(epoch FROM now() - (%(many)s - n) * interval '30 seconds') / 604800),
                '@d' || floor(extract(epoch FROM now() - (%(many)s - n) * interval '30 seconds') / 86400)]),
        now() - (%(many)s - n) * interval '30 seconds', 100 + (n * 7919::bigint) %% 1000000, 'AED',
        (%(shelves)s::bigint[])[1 + n %% %(shelf_count)s], 'good', 'community', gen_random_uuid(), %(here)s::geography,
        %(cell)s + n %% 400, %(wide)s + n %% 20, now(), 1, 0
    FROM generate_series(1, %(many)s) n
"""


@pytest.fixture(scope="module")
def market(django_db_setup, django_db_blocker):
    """So many documents that the planner chooses as it does for a million, with all indexes in place, and some listings."""
    with django_db_blocker.unblock(), transaction.atomic():
        shelves = list(Category.objects.values_list("pk", flat=True))
        public = MARINA.snapped()
        values = {
            "many": DOCUMENTS,
            "shelves": shelves,
            "shelf_count": len(shelves),
            "here": f"SRID=4326;POINT({public.longitude} {public.latitude})",
            "cell": public.cell(FEED_RESOLUTION),
            "wide": public.cell(WIDE_RESOLUTION),
        }
        world = World(3, listings=0)
        index_products([p.pk for p in world.add(2_000, title="Trumpet", state="active", hidden_at=None)])
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for name in connection.introspection.get_constraints(cursor, "search_searchdocument"):
                if name.endswith("_fk_catalog_product_id"):
                    cursor.execute(f"ALTER TABLE search_searchdocument DROP CONSTRAINT {name}")
            cursor.execute(_DOCUMENTS, values)
            for table in ("search_searchdocument", "search_word", "catalog_product", "accounts_user", "accounts_block"):
                cursor.execute(f"ANALYZE {table}")
        yield world.viewer
        transaction.set_rollback(True)


def plans_of(ask, *, generic=False):
    """The plan of each statement about documents or their listings that `ask` sends, as lists of nodes with the paths to them.

    `generic`: the plan that a connection keeps, which knows no values.
    """
    sent = []

    def keep(execute, sql, params, many, context):
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        ask()
    sent = [pair for pair in sent if "count(*)" not in pair[0]]  # the pace, which is read once a minute
    asked = [pair for pair in sent if "search_searchdocument" in pair[0] or "AS asked (id" in pair[0]]
    with connection.cursor() as cursor:
        return [kept_plan(cursor, *pair) if generic and pair[1] else plan(cursor, *pair) for pair in asked]


def plan(cursor, sql, params=None):
    cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
    answer = cursor.fetchone()[0]
    return list(nodes((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"], ()))


SMALL_TABLES_WAYS = ("seqscan", "bitmapscan", "hashjoin", "mergejoin")


def kept_plan(cursor, sql, params):
    """Without what only suits small tables: there are few people here."""
    for way in SMALL_TABLES_WAYS:
        cursor.execute(f"SET LOCAL enable_{way} = off")
    cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    cursor.execute(f"PREPARE asked AS {sql % {name: f'${n}' for n, name in enumerate(params, start=1)}}")
    try:
        return plan(cursor, f"EXECUTE asked ({', '.join(map(literal, params.values()))})")
    finally:
        cursor.execute("DEALLOCATE asked")
        cursor.execute("SET LOCAL plan_cache_mode = auto")
        for way in SMALL_TABLES_WAYS:
            cursor.execute(f"SET LOCAL enable_{way} = on")


def nodes(node, path):
    yield node, path
    for child in node.get("Plans", ()):
        yield from nodes(child, (*path, node))


def scans(plan, table="search_searchdocument"):
    return [(node, path) for node, path in plan if node.get("Relation Name") == table]


def indexes_of(plan):
    return {node["Index Name"] for node, _path in plan if "Index Name" in node}


def check_walks(plan, index):
    """Documents are read along an index, and nothing is sorted between it and the LIMIT that stops it."""
    assert scans(plan)
    for scan, path in scans(plan):
        assert scan["Node Type"] in {"Index Scan", "Index Only Scan"}
        assert scan["Index Name"] == index
        below = list(itertools.takewhile(lambda node: node["Node Type"] != "Limit", reversed(path)))
        assert len(below) < len(path)
        assert not {"Sort", "Incremental Sort"} & {node["Node Type"] for node in below}


def check_collects(plan, index="search_words"):
    """What has the words is collected by their index, then sorted."""
    ((scan, _path),) = scans(plan)
    assert scan["Node Type"] == "Bitmap Heap Scan"
    assert index in indexes_of(plan)


def check_by_id(plan):
    """Listings are fetched by their ids."""
    found = [(scan["Node Type"], scan.get("Index Name")) for scan, _path in scans(plan, "catalog_product")]
    assert found
    assert set(found) == {("Index Scan", "catalog_product_pkey")}


def windows_of(asked, viewer):
    """Of each statement that looks for candidates, until the first ones are ranked."""
    plans = plans_of(lambda: results(read_question(asked), viewer=viewer, size=20))
    return list(itertools.takewhile(scans, plans))


def window_of(asked, viewer):
    return windows_of(asked, viewer)[0]


def test_a_common_word_is_looked_for_among_the_newest(market):
    (probe,) = windows_of(Asked(q=COMMON), market)
    check_walks(probe, "search_recent")


def test_a_middling_word_is_looked_for_in_the_days_that_will_do(market):
    probe, edge, *days = windows_of(Asked(q=MIDDLING), market)
    check_walks(probe, "search_recent")
    check_walks(edge, "search_recent")
    assert 1 <= len(days) <= 2
    for one in days:
        assert indexes_of(one) <= {"search_recent", "search_words"}


@pytest.mark.parametrize(("q", "index"), [(COMMON, "search_recent"), (MIDDLING, "search_words")])
def test_of_words_that_are_known_one_statement_finds_enough(market, q, index):
    Word.objects.create(word=q, lexeme=q, documents=1_000, lately=DOCUMENTS * 9 // 20 // (3 if q == COMMON else 49))
    cache.delete("search:pace")
    assert pace()
    (found,) = windows_of(Asked(q=q), market)
    assert indexes_of(found) <= {index, "search_recent"}  # in a market this small walking is as good


@pytest.mark.parametrize("q", [RARE, f"{COMMON} {RARE}", f"{MIDDLING} {RARE}"])
def test_rare_words_are_collected_by_their_index(market, q):
    probe, edge, rest = windows_of(Asked(q=q), market)
    check_walks(probe, "search_recent")
    check_walks(edge, "search_recent")
    check_collects(rest)


@pytest.mark.parametrize("word", ["nowhere", RARE])
def test_whether_anything_has_a_word_is_asked_of_the_index_of_words(market, word):
    (plan,) = plans_of(lambda: engine().has([word]))
    check_collects(plan)


def test_a_misspelt_word_is_corrected_by_an_index(market):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_word (word, documents) SELECT 'trum' || chr(97 + n % 26) || n, 1 FROM generate_series(1, 2000) n"
        )
        cursor.execute("ANALYZE search_word")
    sent = []

    def keep(execute, sql, params, many, context):
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        meant(["trumpte"])
    with connection.cursor() as cursor:
        assert indexes_of(plan(cursor, *sent[0])) == {"search_word_near"}


def test_sold_listings_have_an_index_of_their_words(market):
    check_collects(windows_of(Asked(q=RARE, availability="sold"), market)[-1], "search_sold_words")


@pytest.mark.parametrize(
    ("sort", "index"), [("recent", "search_recent"), ("price_low", "search_price"), ("price_high", "search_price")]
)
@pytest.mark.parametrize("q", ["", COMMON])
def test_lists_walk_the_index_of_their_order(market, q, sort, index):
    check_walks(window_of(Asked(q=q, sort=sort), market), index)


def test_a_shelf_is_walked_newest_first(market):
    slug = Category.objects.filter(parent=None, children=None).order_by("pk")[0].slug
    check_walks(window_of(Asked(category=slug), market), "search_shelf")


@pytest.mark.parametrize("q", [COMMON, MIDDLING])
def test_a_search_nearby_never_reads_all_documents(market, q):
    plan = window_of(Asked(q=q, place=MARINA, radius_km=2), market)
    assert {scan["Node Type"] for scan, _path in scans(plan)} <= {"Index Scan", "Bitmap Heap Scan"}
    assert indexes_of(plan) & {"search_cell", "search_words", "search_recent"}


def test_candidates_are_ranked_by_their_ids(market):
    asked = read_question(Asked(q="trumpet", place=MARINA, radius_km=50))
    plans = plans_of(lambda: results(asked, viewer=market, size=20), generic=True)
    ranked = next(plan for plan in plans if not scans(plan))
    check_by_id(ranked)
    ((scan, _path),) = scans(ranked, "accounts_user")
    assert scan["Index Name"] == "accounts_user_pkey"
    assert {scan["Node Type"] for scan, _path in scans(ranked, "accounts_block")} <= {"Index Scan", "Index Only Scan"}


def test_facets_are_counted_by_ids_too(market):
    asked = Asked(q="trumpet", conditions=["good"])
    *found, counted = plans_of(lambda: counts(read_question(asked), asked, viewer=market), generic=True)
    for scan, path in itertools.chain(*map(scans, found)):
        assert scan["Node Type"] != "Seq Scan"
        assert "Limit" in {node["Node Type"] for node in path}
    check_by_id(counted)


@pytest.mark.parametrize("name", ["search_words", "search_sold_words"])
def test_no_search_reads_through_what_waits_to_be_indexed(market, name):
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE oid = %s::regclass", [name])
        assert cursor.fetchone()[0] == ["fastupdate=off"]


def test_titles_to_suggest_are_the_newest(market):
    found, titles = plans_of(lambda: suggestions("trum", viewer=market), generic=True)
    assert "Limit" in {node["Node Type"] for _scan, path in scans(found) for node in path}
    check_by_id(titles)


def test_the_statement_that_ranks_is_the_same_for_all_searches_of_a_shape(market):
    def ranking(asked):
        sent = []

        def keep(execute, sql, params, many, context):
            sent.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(keep):
            results(read_question(asked), viewer=market, size=20)
        return next(sql for sql in sent if "AS asked (id)" in sql)

    here = {"place": MARINA, "radius_km": 50}
    one = ranking(Asked(q="trumpet", conditions=["good", "fair"], min_price="1", **here))
    other = ranking(Asked(q="trumpets new", conditions=["new", "good", "like_new"], min_price="2", **here))
    assert one == other
