"""The hot reads cost the same however much there is, and walk an index to what they show."""

import json
from dataclasses import dataclass

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from messaging.models import Conversation
from messaging.selectors import (
    changed_conversations,
    conversation_shape,
    history,
    inbox,
    missed,
    newest_change,
    presence_of,
    search,
    unread_count,
)
from messaging.tests.crowds import analyse, conversation_with, inbox_of

pytestmark = pytest.mark.django_db


def statements(call):
    with CaptureQueriesContext(connection) as queries:
        call()
    return len([q for q in queries.captured_queries if "SAVEPOINT" not in q["sql"]])


@dataclass
class Crowd:
    """Somebody with so many conversations, and one more with so many messages."""

    me: User
    talk: Conversation


def crowd_of(count):
    me = UserFactory()
    inbox_of(me, count, product=ProductFactory())
    return Crowd(me, conversation_with(count, person=me))


@pytest.fixture(scope="module")
def crowds(django_db_setup, django_db_blocker):
    """A small one and a large one, among others' conversations."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = crowd_of(20), crowd_of(2000)
        analyse()
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def small(crowds):
    return crowds[0]


@pytest.fixture
def large(crowds):
    return crowds[1]


def test_reads_cost_the_same_at_20_and_at_2000_conversations(small, large):
    reads = {
        "inbox": (inbox, 2),
        "inbox, unread": (lambda me: inbox(me, "unread"), 2),
        "inbox, archived": (lambda me: inbox(me, "archived"), 1),
        "inbox, searched": (lambda me: inbox(me, search="there"), 2),
        "unread count": (unread_count, 1),
        "newest": (lambda me: newest_change(me.pk), 1),
        "changed": (lambda me: changed_conversations(me, me.created_at), 1),
        "presence": (presence_of, 1),
        "search": (lambda me: search(me, "still there"), 1),
    }
    for name, (read, most) in reads.items():
        counts = statements(lambda read=read: read(small.me)), statements(lambda read=read: read(large.me))
        assert counts == (most, most), name


def test_reads_cost_the_same_at_20_and_at_2000_messages(small, large):
    reads = {
        "history": (lambda crowd: history(crowd.me, crowd.talk.pk), 3),
        "history further back": (lambda crowd: history(crowd.me, crowd.talk.pk, before=19), 3),
        "missed": (lambda crowd: missed(crowd.me, crowd.talk.pk, 0, 500), 3),
        "conversation": (lambda crowd: conversation_shape(crowd.me, crowd.talk.pk), 2),
    }
    for name, (read, most) in reads.items():
        counts = statements(lambda read=read: read(small)), statements(lambda read=read: read(large))
        assert counts == (most, most), name


@pytest.mark.parametrize("size", [0, 1], ids=["small", "large"])
def test_the_api_answers_within_six_statements(api, crowds, size):
    crowd = crowds[size]
    api.force_authenticate(crowd.me)
    for address in (
        "/api/v1/conversations",
        f"/api/v1/conversations/{crowd.talk.pk}",
        f"/api/v1/conversations/{crowd.talk.pk}/messages",
        f"/api/v1/conversations/{crowd.talk.pk}/messages?cursor={history(crowd.me, crowd.talk.pk, limit=5).older}",
        "/api/v1/messages/unread-count",
        "/api/v1/messages/search?q=words",
        "/api/v1/presence",
    ):
        assert statements(lambda address=address: api.get(address)) <= 6, address


# --- plans ------------------------------------------------------------------------------------------------------------


def plan_of(ask, saying):
    """The plan of the statement with these words that `ask` sends, node by node with the path from the root.

    In so small a world the planner may not do what only suits small tables. The statistics are made anew each time: autovacuum may
    have looked in between, and does not see what no transaction has committed.
    """
    analyse()
    sent = []

    def keep(execute, sql, params, many, context):
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        ask()
    ((sql, params),) = [(sql, params) for sql, params in sent if saying in sql]
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        answer = cursor.fetchone()[0]
        for way in ("seqscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = on")
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return list(nodes(plan, ()))


def nodes(node, path):
    yield node, path
    for child in node.get("Plans", ()):
        yield from nodes(child, (*path, node))


def check_walks(plan, *indexes):
    """One of these indexes is walked in its order up to the LIMIT, without a sort in between."""
    ((scan, path),) = [(n, path) for n, path in plan if n.get("Index Name") in indexes and path]
    assert scan["Node Type"] in {"Index Scan", "Index Only Scan"}
    assert path[-1]["Node Type"] == "Limit", [node["Node Type"] for node in path]


@pytest.mark.parametrize(("filter", "index"), [("all", "messaging_inbox"), ("unread", "messaging_inbox_unread")])
def test_the_inbox_walks_the_index_of_its_filter(large, filter, index):  # noqa: A002
    for cursor in (None, inbox(large.me, filter).next_cursor):
        check_walks(plan_of(lambda cursor=cursor: inbox(large.me, filter, cursor=cursor), "LIMIT"), index)


def test_the_archive_walks_its_index(large):
    large.me.participations.update(archived_at=large.me.created_at)
    check_walks(plan_of(lambda: inbox(large.me, "archived"), "LIMIT"), "messaging_inbox_archived")


@pytest.mark.parametrize("where", [{}, {"before": 1000}, {"after": 1000}])
def test_history_walks_its_index(large, where):
    plan = plan_of(lambda: history(large.me, large.talk.pk, **where), "state = 'sent'")
    check_walks(plan, "messaging_seq_once")


def test_own_undelivered_ones_are_found_by_their_own_index(large):
    plan = plan_of(lambda: history(large.me, large.talk.pk), "state <> 'sent'")
    assert "messaging_not_delivered" in {n.get("Index Name") for n, _ in plan}


def test_counting_reads_what_is_unread_only(large):
    plan = plan_of(lambda: unread_count(large.me), "sum(unread_count)")
    assert {n["Index Name"] for n, _ in plan if "Index Name" in n} == {"messaging_inbox_unread"}


def test_resuming_and_heartbeats_walk_their_indexes(large):
    check_walks(plan_of(lambda: missed(large.me, large.talk.pk, 1500, 100), "streamentry"), "messaging_entry_once")
    check_walks(plan_of(lambda: newest_change(large.me.pk), "changed_at"), "messaging_changed")
