import logging
import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.db.models import F

from catalog.tests.factories import ProductFactory
from search import engines
from search.actions import copy_to_engine, index_products, rebuild_engine
from search.engines.opensearch import wire
from search.engines.opensearch.wire import EngineAway, EngineRefused
from search.models import SearchDocument
from search.tests.opensearch import serving
from search.tests.test_api_search import found

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings, monkeypatch):
    monkeypatch.setattr(wire, "LONGEST_PAUSE", 0.01)
    with serving() as server:
        settings.SEARCH_ENGINE, settings.OPENSEARCH_URL, settings.OPENSEARCH_ALIAS = "opensearch", server.url, "things"
        rebuild_engine(progress=quiet)
        server.asked.clear()
        yield server


def quiet(done, whole):
    """Nobody watches."""


def written(*titles):
    products = [ProductFactory(title=title) for title in titles]
    index_products([p.pk for p in products])
    return products


def titles_of(server, name="things"):
    return len(server.indexes[server.aliases[name]])


def not_copied():
    return SearchDocument.objects.exclude(copied_version=F("version")).count()


# --- copying ----------------------------------------------------------------------------------------------------------


def test_what_changed_is_copied_once(server):
    (piano,) = written("Grand piano")
    assert copy_to_engine() == 1
    assert copy_to_engine() == 0
    piano.title = "Upright piano"
    piano.save()
    index_products([piano.pk])
    assert copy_to_engine() == 1
    ((version, source),) = server.indexes[server.aliases["things"]].values()
    assert version == 2
    assert "upright" in source["a"]


def test_a_busy_server_is_asked_again(server):
    written("Grand piano")
    server.fail("_bulk", 429, times=2)
    server.fail("_bulk", 503)
    assert copy_to_engine() == 1
    assert [path for _method, path in server.asked].count("/things/_bulk") == 4


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_stays_away_costs_nothing_but_time(server, status):
    written("Grand piano")
    server.fail("_bulk", status, times=99)
    with pytest.raises(EngineAway):
        copy_to_engine()
    assert not_copied() == 1
    server.faults.clear()
    assert copy_to_engine() == 1


def test_of_a_bulk_that_failed_by_half_the_other_half_is_sent_again(server):
    products = written("Piano", "Harp", "Violin")
    server.refused_once = {str(products[1].pk)}
    assert copy_to_engine() == 3
    assert not_copied() == 0
    assert titles_of(server) == 3


def test_a_document_that_the_server_refuses_holds_up_no_other(server):
    products = written("Piano", "Harp", "Violin")
    server.refused_always = {str(products[0].pk)}
    assert copy_to_engine(batch=1) == 2
    assert list(SearchDocument.objects.filter(copied_version=0).values_list("pk", flat=True)) == [products[0].pk]


def test_an_older_version_never_overwrites_a_later_one(server):
    (piano,) = written("Piano")
    copy_to_engine()
    index = server.indexes[server.aliases["things"]]
    index[str(piano.pk)] = 7, index[str(piano.pk)][1]
    SearchDocument.objects.update(version=5)
    assert copy_to_engine() == 1  # the server has it, and more
    assert index[str(piano.pk)][0] == 7


def test_nothing_is_written_into_an_index_that_nobody_made(server):
    written("Piano")
    server.aliases.clear()
    assert copy_to_engine() == 0
    assert not_copied() == 1
    assert "things" not in server.indexes


def test_where_the_documents_are_the_index_nothing_is_copied(settings):
    settings.SEARCH_ENGINE = "postgres"
    written("Piano")
    assert copy_to_engine() == 0


# --- a new index --------------------------------------------------------------------------------------------------------


def test_a_new_index_takes_the_place_of_the_old_one_at_once(server, capsys):
    written("Piano", "Harp")
    before = server.aliases["things"]
    call_command("reindex_search")
    assert "2 of 2" in capsys.readouterr().err
    assert server.aliases["things"] != before
    assert set(server.indexes) == {server.aliases["things"]}
    assert titles_of(server) == 2
    assert not_copied() == 0


def test_what_changes_while_an_index_is_made_reaches_it(server):
    written("Piano")

    def interrupt(done, whole):
        if not SearchDocument.objects.filter(version__gt=1).exists():
            SearchDocument.objects.update(version=2)

    rebuild_engine(progress=interrupt)
    ((version, _source),) = server.indexes[server.aliases["things"]].values()
    assert version == 2
    assert not_copied() == 0


def test_a_new_index_that_stays_incomplete_is_dropped(server):
    (piano,) = written("Piano")
    before = server.aliases["things"]
    server.refused_always = {str(piano.pk)}
    with pytest.raises(EngineRefused):
        rebuild_engine(progress=quiet)
    assert server.aliases["things"] == before
    assert set(server.indexes) == {before}


# --- searching ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503, 404, 400])
def test_the_database_answers_while_the_server_cannot(server, client, status, caplog):
    written("Grand piano")
    copy_to_engine()
    server.fail("_search", status)
    with caplog.at_level(logging.WARNING):
        assert found(client, q="piano") == ["Grand piano"]
    assert "search_engine_left_alone" in caplog.text
    searches = len([path for _method, path in server.asked if path.endswith("_search")])
    assert found(client, q="piano") == ["Grand piano"]  # and is left alone for a moment
    assert len([path for _method, path in server.asked if path.endswith("_search")]) == searches


def test_half_an_answer_is_none(server, client):
    written("Grand piano")
    copy_to_engine()
    half = {"timed_out": False, "_shards": {"failed": 1}, "hits": {"hits": []}}
    server.faults.append((re.compile("_search"), lambda: (200, half)))
    assert found(client, q="piano") == ["Grand piano"]


def test_nobody_at_the_address_stops_no_search(client, settings):
    settings.SEARCH_ENGINE, settings.OPENSEARCH_URL = "opensearch", "http://127.0.0.1:9"
    written("Grand piano")
    assert found(client, q="piano") == ["Grand piano"]
    assert found(client, q="paino") == ["Grand piano"]


def test_what_only_the_server_still_has_is_not_shown(server, client):
    written("Grand piano", "Piano stool")
    copy_to_engine()
    SearchDocument.objects.filter(product__title="Piano stool").update(words="'harp':1A")
    assert found(client, q="piano") == ["Grand piano"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_searchdocument")
    assert found(client, q="piano", verbatim="true") == []


def test_a_walk_goes_on_behind_candidates_that_fall_out(server, client):
    written(*[f"Piano {n}" for n in range(120)])
    copy_to_engine()
    newest = SearchDocument.objects.order_by("-published_at", "-product_id").values("pk")[:105]
    SearchDocument.objects.filter(pk__in=list(newest.values_list("pk", flat=True))).update(words="'harp':1A")
    body = client.get("/api/v1/search", {"q": "piano", "per_page": 50}).json()
    assert len(body["results"]) == 15
    assert body["next"] is None


@pytest.mark.parametrize(("name", "url"), [("opensearch", ""), ("sphinx", "http://localhost")])
def test_an_engine_that_cannot_be_is_refused(settings, name, url):
    settings.SEARCH_ENGINE, settings.OPENSEARCH_URL = name, url
    with pytest.raises(ImproperlyConfigured):
        engines.engine()
