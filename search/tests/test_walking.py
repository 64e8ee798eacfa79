from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Product
from feeds.tests.worlds import MARINA, World
from search.actions import index_products
from search.marks import MOST, asked, of_document, week_began, week_of
from search.models import SearchDocument
from search.selectors import Asked, counts, read_question
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
    wanted = Asked(**QUESTIONS[name])
    found = []
    for number in (10_000, 8, 30):
        probed(number)
        found.append(counts(read_question(wanted), wanted, viewer=town.viewer))
    assert found[0] == found[1] == found[2]


def test_a_document_has_the_marks_that_a_search_for_its_week_and_place_asks_for():
    at = timezone.now()
    week, cell = week_of(at), 599685771850416127
    assert week_began(week) <= at < week_began(week + 1)
    marks = set(of_document(at, cell))
    for weeks, cells in (([week, week - 1], []), ([], [cell, 7]), ([week, 5], [7, cell])):
        assert marks & set(asked(weeks, cells))
    for weeks, cells in (([week - 1], []), ([], [7]), ([week], [7]), ([week - 1], [cell])):
        assert not marks & set(asked(weeks, cells))


def test_too_many_marks_are_not_asked_for():
    weeks, cells = list(range(MOST)), [1, 2]
    assert len(asked(weeks, cells)) == MOST  # the weeks alone
    assert asked([*weeks, MOST], cells) == []
    assert asked([], []) == []


def test_the_migration_marks_documents_as_indexing_does(town):
    written = dict(SearchDocument.objects.values_list("pk", "words"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE search_searchdocument SET words = ts_delete(words, (SELECT coalesce(array_agg(w), '{}') "
                       "FROM unnest(tsvector_to_array(words)) w WHERE w LIKE '@%'))")  # fmt: skip
    assert dict(SearchDocument.objects.values_list("pk", "words")) != written
    with connection.cursor() as cursor:
        cursor.execute(import_module("search.migrations.0006_marks").MARK)
    assert dict(SearchDocument.objects.values_list("pk", "words")) == written
