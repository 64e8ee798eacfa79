from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Product
from core.geo import FEED_RESOLUTION, WIDE_RESOLUTION, LatLng
from feeds.selectors import cells_around, middle_cell
from feeds.tests.worlds import MARINA, World
from search.actions import index_products
from search.marks import ALL_TIMES, MOST, asked, of_document, stretch
from search.models import SearchDocument
from search.selectors import Asked, counts, read_question
from search.selectors.facets import _BRIEF
from search.selectors.pages import every_id

pytestmark = pytest.mark.django_db
QUESTIONS = {
    "common": {"q": "oak"},
    "middling": {"q": "piano"},
    "rare": {"q": "harp"},
    "two words": {"q": "oak piano"},
    "nearby": {"q": "oak", "place": MARINA, "radius_km": 5},
    "in a wide circle": {"q": "oak", "place": MARINA, "radius_km": 50},
    "filtered": {"q": "oak", "max_price": "100"},
    "sold": {"q": "oak", "availability": "sold"},
    "nothing": {"q": "zither"},
}


@pytest.fixture
def town():
    """Listings of three years, more of them of late; what they are is spread unevenly."""
    world, now = World(5, listings=0), timezone.now()
    listings = []
    for number in range(240):
        words = ["oak"] if number % 3 else []
        words += ["piano"] if number % 11 == 0 or 60 < number < 75 else []
        words += ["harp"] if number in (3, 200, 231) else []
        state = "sold" if number % 5 == 0 else "active"
        listings += world.add(1, title=" ".join(words) or "lamp", state=state, hidden_at=None)
        age = timedelta(days=1100 * (number / 240) ** 2)
        Product.objects.filter(pk=listings[-1].pk).update(published_at=now - age)
    index_products([p.pk for p in listings])
    return world


@pytest.fixture
def probed(monkeypatch):
    def look_at(number, rare=0):
        monkeypatch.setattr("search.selectors.walking.PROBED", number)
        monkeypatch.setattr("search.selectors.walking.RARE", rare)

    return look_at


@pytest.mark.parametrize("sort", ["recent", "relevance"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_week_by_week_nothing_is_left_out_or_in_another_order(town, probed, monkeypatch, name, sort):
    monkeypatch.setattr("search.selectors.pages.WINDOW", 12)
    monkeypatch.setattr("search.selectors.pages.WIDE_WINDOW", 12)
    question = read_question(Asked(**QUESTIONS[name], sort=sort))
    found = []
    for number, rare in ((10_000, 0), (8, 0), (30, 0), (8, 1000)):
        probed(number, rare)
        found.append(list(every_id(question, viewer=town.viewer, size=5)))
    assert found[0] == found[1] == found[2] == found[3]
    assert bool(found[0]) == (name != "nothing")


@pytest.mark.parametrize("name", QUESTIONS)
def test_as_much_is_counted_week_by_week(town, probed, monkeypatch, name):
    monkeypatch.setattr("search.selectors.facets.COUNTED", 40)
    monkeypatch.setattr("search.selectors.walking.LONGEST", timedelta(weeks=200))
    wanted = Asked(**QUESTIONS[name])
    found = []
    for number in (10_000, 8, 30):
        probed(number)
        counted = counts(read_question(wanted), wanted, viewer=town.viewer)
        # That nothing is left beyond LONGEST is not known of what was not asked for.
        found.append([replace(one, is_exact=True) if one.name in _BRIEF else one for one in counted.facets])
        found[-1] += [counted.total, counted.is_exact]
    assert found[0] == found[1] == found[2]


def test_what_was_not_asked_for_is_counted_as_far_as_it_was_looked_for_and_said_so(town, probed):
    wanted = Asked(**QUESTIONS["common"])
    exact, brief = [], []
    for number, found in ((10_000, exact), (8, brief)):
        probed(number)
        found += [
            f for f in counts(read_question(wanted), wanted, viewer=town.viewer).facets if f.name == "availability"
        ]
    (exact,), (brief,) = exact, brief
    assert (exact.is_exact, brief.is_exact) == (False, False)  # more than are counted of either, or not looked for
    sold = {facet: next(c.count for c in facet.choices if c.value == "sold") for facet in (exact, brief)}
    assert 0 < sold[brief] <= sold[exact]


@pytest.mark.parametrize("days", [0, 1, 9, 40, 300])
@pytest.mark.parametrize("radius", [None, 2_000, 5_000, 30_000])
def test_a_document_has_one_of_the_marks_of_its_time_and_place(days, radius):
    now = timezone.now()
    here = MARINA.snapped()
    cells = here.cell(FEED_RESOLUTION), here.cell(WIDE_RESOLUTION)
    around = cells_around(here, radius) if radius else None
    times = stretch(now - timedelta(days=days), now)
    assert times.began <= now - timedelta(days=days)
    wanted = set(asked(times, around))
    assert wanted
    for age in {0, days // 2, days}:
        assert wanted & set(of_document(now - timedelta(days=age), *cells))
    if not any(mark.startswith("@c") for mark in wanted):
        assert not wanted & set(of_document(times.weeks.began - timedelta(seconds=1), *cells))
    if around and any("c" in mark for mark in wanted):
        there = LatLng(here.latitude - 3, here.longitude)
        assert not wanted & set(of_document(now, there.cell(FEED_RESOLUTION), there.cell(WIDE_RESOLUTION)))


def test_the_middle_cell_of_the_migration_is_that_of_the_index(town):
    middle = import_module("search.migrations.0009_documents_know_what_ranking_reads").MIDDLE
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT feed_cell, {middle} FROM search_searchdocument d WHERE feed_cell IS NOT NULL")  # noqa: S608
        found = cursor.fetchall()
    assert found
    assert all(said == middle_cell(cell) for cell, said in found)


def test_too_many_marks_are_not_asked_for():
    around = cells_around(MARINA.snapped(), 5_000)
    year = stretch(timezone.now() - timedelta(days=364), timezone.now())
    assert len(asked(year, None)) == len(year.numbers) <= MOST
    assert asked(stretch(timezone.now() - 2 * timedelta(days=364), timezone.now()), None) == []
    assert asked(ALL_TIMES, None) == []
    cells = {f"@c{cell}" for cell in around.middle}
    assert set(asked(ALL_TIMES, around)) == set(asked(year, around)) == cells
    far = cells_around(MARINA.snapped(), 50_000)
    assert set(asked(year, far)) == set(asked(year, None))
    assert set(asked(ALL_TIMES, far)) <= {f"@c{cell}" for cell in far.rough}


def test_the_migration_marks_documents_as_indexing_does(town):
    written = dict(SearchDocument.objects.values_list("pk", "words"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE search_searchdocument SET words = ts_delete(words, (SELECT coalesce(array_agg(w), '{}') "
                       "FROM unnest(tsvector_to_array(words)) w WHERE w LIKE '@%'))")  # fmt: skip
    assert dict(SearchDocument.objects.values_list("pk", "words")) != written
    with connection.cursor() as cursor:
        cursor.execute(import_module("search.migrations.0009_documents_know_what_ranking_reads").MARK)
    assert dict(SearchDocument.objects.values_list("pk", "words")) == written
