"""What a socket hears: telling, rooms, resuming."""

import asyncio
import time
import uuid
from datetime import UTC, datetime

import pytest
from channels.layers import get_channel_layer
from django.db import transaction

from accounts.tests.factories import UserFactory
from core.realtime import commands, telling
from core.realtime.checking import NotAnnounced
from core.realtime.telling import tell_person, tell_room
from core.tests.callers import OURS, ticket_of

pytestmark = pytest.mark.usefixtures("committed")


def test_every_socket_of_the_person_hears_it_and_nobody_elses(dial, person, app):
    other = dial(UserFactory(username=f"other{time.time_ns()}", phone=None))
    phones = [dial(person), dial(person)]
    tell_person(person.pk, "test:news", {"words": "hello"})
    for phone in phones:
        frame = phone.hear("test:news")
        assert (frame["stream"], frame["seq"], frame["data"]) == ("me", None, {"words": "hello"})
    assert other.hears_nothing("test:news")


def test_nothing_is_told_before_the_commit_or_without_it(dial, person, app):
    phone = dial(person)
    with transaction.atomic():
        tell_person(person.pk, "test:news", {"words": "first"})
        assert phone.hears_nothing("test:news")
    assert phone.hear("test:news")["data"] == {"words": "first"}
    with transaction.atomic():
        tell_person(person.pk, "test:news", {"words": "undone"})
        transaction.set_rollback(True)
    assert phone.hears_nothing("test:news")


def test_a_function_is_asked_after_the_commit(dial, person, app):
    phone = dial(person)
    with transaction.atomic():
        person.bio = "new words"
        person.save()
        tell_person(person.pk, "test:news", lambda: {"words": type(person).objects.get(pk=person.pk).bio})
    assert phone.hear("test:news")["data"] == {"words": "new words"}


def test_a_burst_that_came_at_once_arrives_whole_and_in_order(dial, person, app):
    phone = dial(person)
    for n in range(3000):
        telling.publish(telling.person_channel(person.pk), telling.frame("test:news", {"words": str(n)}))
    assert [phone.hear("test:news")["data"]["words"] for _ in range(3000)] == [str(n) for n in range(3000)]


def test_ready_comes_first_whatever_is_told_meanwhile(exchange, person, app):
    phone = exchange.open(headers=OURS, ticket=ticket_of(person))
    until = time.perf_counter() + 5
    while not phone.peek() and time.perf_counter() < until:
        telling.publish(telling.person_channel(person.pk), telling.frame("test:news", {"words": "x"}))
    assert phone.hear()["type"] == "ready"


def test_a_room_is_heard_between_joining_and_leaving(dial, person, app):
    inside, outside = dial(person), dial(person)
    room = f"room:{time.time_ns()}"
    inside.ask("test:join", {"room": room})
    tell_room(room, "test:news", {"words": "in"}, stream="me")
    assert inside.hear("test:news")["data"] == {"words": "in"}
    inside.ask("test:leave", {"room": room})
    tell_room(room, "test:news", {"words": "out"}, stream="me")
    assert inside.hears_nothing("test:news")
    assert not outside.heard


def test_a_socket_is_in_a_limited_number_of_rooms(dial, person, app, settings):
    settings.REALTIME = settings.REALTIME | {"rooms_per_socket": 3}
    phone = dial(person)
    for n in range(3):
        phone.ask("test:join", {"room": f"room:{n}"})
    assert phone.refused("test:join", {"room": "room:3"})["code"] == "realtime.too_many_rooms"
    assert phone.ask("test:join", {"room": "room:1"}) == {}
    tell_room("room:3", "test:news", {"words": "x"}, stream="me")
    assert phone.hears_nothing("test:news")


@pytest.mark.parametrize(
    ("name", "data", "stream", "seq"),
    [
        ("test:unheard-of", {"words": "x"}, "me", None),
        ("test:news", {"words": "x", "secret": 1}, "me", None),
        ("test:news", {}, "me", None),
        ("test:news", {"words": 1}, "me", None),
        ("test:news", {"words": "x"}, "test:1", None),
        ("test:news", {"words": "x"}, "me", 4),
        ("test:said", {"words": "x"}, "test:1", None),
        ("test:said", {"words": "x"}, "me", 1),
    ],
)
def test_a_frame_that_was_not_announced_so_fails_its_test(person, app, name, data, stream, seq):
    with pytest.raises(NotAnnounced):
        tell_person(person.pk, name, data, stream=stream, seq=seq)
    with pytest.raises(NotAnnounced), transaction.atomic():
        tell_person(person.pk, name, lambda: data, stream=stream, seq=seq)


def test_an_answer_that_was_not_announced_fails_too(dial, person, app):
    assert dial(person).refused("test:wrong")["code"] == "core.failed"


# --- resuming --------------------------------------------------------------------------------------------------------


def test_what_was_missed_comes_in_order_before_the_ack(dial, person, app):
    app.owner, app.said = person, ["one", "two", "three"]
    phone, stream = dial(person), f"test:{app.stream_id}"
    answer = phone.ask("resume", {"streams": {stream: 1}})
    assert answer == {"streams": {stream: {"seq": 3, "more": False}}, "changed": [], "refused": {}}
    assert [(f["type"], f["stream"], f["seq"], f["data"]["words"]) for f in phone.heard] == [
        ("test:said", stream, 2, "two"),
        ("test:said", stream, 3, "three"),
    ]


def test_nothing_missed_is_an_ack_with_the_clients_own_number(dial, person, app):
    app.owner, app.said = person, ["one"]
    phone, stream = dial(person), f"test:{app.stream_id}"
    assert phone.ask("resume", {"streams": {stream: 1}})["streams"] == {stream: {"seq": 1, "more": False}}
    assert not phone.heard


def test_500_come_at_a_time(dial, person, app):
    app.owner, app.said = person, [str(n) for n in range(1, 1101)]
    phone, stream = dial(person), f"test:{app.stream_id}"
    seq, more, seqs = 0, True, []
    while more:
        answer = phone.ask("resume", {"streams": {stream: seq}})["streams"][stream]
        seq, more = answer["seq"], answer["more"]
        seqs += [frame["seq"] for frame in phone.heard]
        phone.heard.clear()
    assert seqs == list(range(1, 1101))


def test_after_2000_frames_the_other_streams_wait_for_the_next_call(dial, person, app, monkeypatch):
    monkeypatch.setattr(commands, "RESUME_ALTOGETHER", 2)
    app.owner, app.said = person, ["one", "two", "three"]
    phone, stream = dial(person), f"test:{app.stream_id}"
    answer = phone.ask("resume", {"streams": {stream: 0, f"test:{uuid.uuid4()}": 5}})
    assert list(answer["streams"].values()) == [{"seq": 3, "more": False}, {"seq": 5, "more": True}]


def test_other_streams_with_news_are_named(dial, person, app):
    app.owner, app.said = person, ["one"]
    phone, stream = dial(person), f"test:{app.stream_id}"
    before, after = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    assert phone.ask("resume", {"since": before})["changed"] == [stream]
    assert phone.ask("resume", {"since": before, "streams": {stream: 0}})["changed"] == []
    assert phone.ask("resume", {"since": after})["changed"] == []
    phone.send("ping")
    assert phone.hear("pong")["data"] == {"newest": "2026-01-01T00:00:00Z"}


def test_somebody_elses_stream_is_refused_and_keeps_nobody_waiting(dial, person, app):
    app.owner, app.said = person, ["one"]
    stranger = dial(UserFactory(username=f"other{time.time_ns()}", phone=None))
    stream = f"test:{app.stream_id}"
    answer = stranger.ask("resume", {"streams": {stream: 0, "test:no-id": 0}})
    assert answer == {
        "streams": {},
        "changed": [],
        "refused": {stream: "core.not_found", "test:no-id": "core.not_found"},
    }
    assert not stranger.heard


def test_telling_survives_a_redis_that_is_away(person, app, settings, monkeypatch):
    settings.REALTIME_REDIS_URL = "unix:///tmp/nobody-listens-here.sock"
    monkeypatch.setattr(telling, "_client", None)
    monkeypatch.setattr(telling, "_away_until", 0.0)
    monkeypatch.setattr(telling, "_missed", set())
    began = time.perf_counter()
    for _ in range(5):
        tell_person(person.pk, "test:news", {"words": "x"})
    assert time.perf_counter() - began < 0.5
    assert telling._missed == {telling.person_channel(person.pk)}


def test_the_channel_layer_that_others_may_look_for_works():
    async def story() -> dict[str, str]:
        layer = get_channel_layer()
        mine = await layer.new_channel()
        await layer.group_add("group", mine)
        await layer.group_send("group", {"type": "hello"})
        heard = await asyncio.wait_for(layer.receive(mine), 5)
        await layer.flush()
        return heard

    assert asyncio.run(story()) == {"type": "hello"}
