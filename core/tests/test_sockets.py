"""What is said on `/ws/v1/me/`: the handshake, commands and refusals, rooms, resuming, and how sockets end."""

import asyncio
import time
import uuid
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import time_machine
from channels.layers import get_channel_layer
from django.db import transaction
from django.utils import timezone

from accounts.actions import end_all_sessions, issue_socket_ticket, open_session, restrict_person, revoke_session
from accounts.models import Session, SocketTicket
from accounts.states import SessionKind
from accounts.tests.factories import UserFactory
from accounts.tokens import token_pair
from core.realtime import commands, telling
from core.realtime.checking import NotAnnounced
from core.realtime.telling import tell_person, tell_room

OURS = {"Origin": "http://testserver"}

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def person():
    return UserFactory(username=f"person{time.time_ns()}", phone=None)


def signed_in(person) -> Session:
    return open_session(user=person, kind=SessionKind.API).session


def ticket_of(person, **given) -> str:
    return issue_socket_ticket(session=given.get("session") or signed_in(person)).ticket


def bearer_of(person) -> dict[str, str]:
    opened = open_session(user=person, kind=SessionKind.API)
    return {"Authorization": f"Bearer {token_pair(person, opened.refresh_token)['access_token']}"}


# --- the handshake ---------------------------------------------------------------------------------------------------


def test_the_first_frame_says_who_and_how(exchange, person):
    phone = exchange.open(headers=OURS, ticket=ticket_of(person))
    ready = phone.hear()
    assert (ready["type"], ready["stream"], ready["seq"]) == ("ready", "me", None)
    assert ready["data"]["person_id"] == str(person.pk)
    assert ready["data"]["heartbeat_seconds"] == 25
    said_at = datetime.fromisoformat(ready["data"]["server_time"])
    assert abs(said_at - timezone.now()) < timedelta(seconds=5)


def test_an_app_comes_with_its_token_and_without_an_origin(exchange, person):
    assert exchange.open(headers=bearer_of(person)).hear("ready")


@pytest.mark.parametrize(
    ("headers", "query", "code"),
    [
        (OURS, {}, 4401),
        (OURS, {"ticket": "made-up"}, 4401),
        (OURS | {"Authorization": "Bearer made-up"}, {}, 4401),
        (OURS | {"Authorization": "Basic bW9uYTpw"}, {}, 4401),
    ],
)
def test_nobody_gets_in_without_a_proof(exchange, headers, query, code):
    assert exchange.open(headers=headers, **query).closed() == code


def test_a_ticket_opens_one_socket(exchange, person):
    ticket = ticket_of(person)
    assert exchange.open(headers=OURS, ticket=ticket).hear("ready")
    assert exchange.open(headers=OURS, ticket=ticket).closed() == 4401


def test_a_ticket_is_good_for_thirty_seconds(exchange, person):
    ticket = ticket_of(person)
    SocketTicket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert exchange.open(headers=OURS, ticket=ticket).closed() == 4401


def test_a_ticket_of_an_ended_session_opens_nothing(exchange, person):
    session = signed_in(person)
    ticket = ticket_of(person, session=session)
    revoke_session(user=person, session_id=session.pk)
    assert exchange.open(headers=OURS, ticket=ticket).closed() == 4401


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://testserver.elsewhere.example", "null", None])
def test_a_ticket_is_for_our_own_pages(exchange, person, origin):
    ticket = ticket_of(person)
    phone = exchange.open(headers={"Origin": origin} if origin else {}, ticket=ticket)
    assert phone.closed() == 4403
    assert SocketTicket.objects.filter(session__user=person, used_at=None).exists()


def test_a_page_of_another_site_gets_in_with_no_token_either(exchange, person):
    assert exchange.open(headers=bearer_of(person) | {"Origin": "https://elsewhere.example"}).closed() == 4403


def test_an_origin_is_ours_by_the_host_it_asked_or_by_the_settings(exchange, person, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://souk.example", "https://*.souk.example"]
    for ours in settings.CSRF_TRUSTED_ORIGINS:
        assert exchange.open(headers={"Origin": ours.replace("*", "ar")}, ticket=ticket_of(person)).hear("ready")
    for other in ("http://ar.souk.example", "https://arsouk.example", "https://souk.example.com"):
        assert exchange.open(headers={"Origin": other}, ticket=ticket_of(person)).closed() == 4403
    settings.ALLOWED_HOSTS = ["souk.example"]
    assert exchange.open(headers=OURS, ticket=ticket_of(person)).closed() == 4403


def test_a_suspended_person_is_told_why(exchange, person):
    ticket, bearer = ticket_of(person), bearer_of(person)
    restrict_person(user=person, kind="account", reason_en="x", reason_ar="x")
    assert exchange.open(headers=OURS, ticket=ticket).closed() == 4403
    assert exchange.open(headers=bearer).closed() == 4403


def test_other_addresses_are_refused_in_the_handshake(exchange):
    assert exchange.open("/ws/v1/you/").closed() == 4404


# --- commands and refusals -------------------------------------------------------------------------------------------


def test_a_command_is_acknowledged_with_its_ref(dial, person, app):
    phone = dial(person)
    phone.send("test:echo", {"words": "hello"}, ref=7)
    answer = phone.hear()
    assert (answer["type"], answer["ref"], answer["data"]) == ("ack", 7, {"words": "hello"})
    assert app.callers[0].person == person


REFUSED = {
    "unknown": ("nonsense", {}, "realtime.unknown_command", 400, "type"),
    "missing field": ("test:echo", {}, "core.invalid", 400, "words"),
    "unknown field": ("test:echo", {"words": "x", "word": "x"}, "core.invalid", 400, "word"),
    "wrong field": ("test:echo", {"words": "far too many words"}, "core.invalid", 400, "words"),
    "no object": ("test:echo", ["words"], "core.invalid", 400, "non_field_errors"),
    "by a rule": ("test:refuse", {}, "core.rate_limited", 429, None),
    "a bug": ("test:break", {}, "core.failed", 500, None),
    "database away": ("test:no-database", {}, "core.unavailable", 503, None),
    "unknown stream": ("resume", {"streams": {"nothing:1": 0}}, "realtime.unknown_stream", 400, "streams"),
    "a negative number": ("resume", {"streams": {"test:1": -1}}, "core.invalid", 400, "streams.test:1"),
    "too many streams": ("resume", {"streams": {f"test:{n}": 0 for n in range(101)}}, "core.invalid", 400, "streams"),
    "ping with data": ("ping", {"x": 1}, "core.invalid", 400, "x"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_has_the_ref_and_the_code_of_the_api(dial, person, app, case):
    name, data, code, status, attr = REFUSED[case]
    phone = dial(person)
    phone.send("test:echo", {"words": "before"}, ref="before")
    phone.send_text(orjson.dumps({"type": name, "ref": "mine", "data": data}).decode())
    assert phone.hear()["ref"] == "before"
    answer = phone.hear()
    assert (answer["type"], answer["ref"]) == ("error", "mine")
    refused = answer["data"]
    assert (refused["code"], refused["status"]) == (code, status)
    assert [error["attr"] for error in refused["errors"]] == ([attr] if attr else [])
    assert refused["title"]
    assert phone.ask("test:echo", {"words": "after"})  # the socket lives on


def test_a_refusal_says_when_to_come_back(dial, person, app):
    assert dial(person).refused("test:refuse")["retry_after"] == 7


@pytest.mark.parametrize(
    ("query", "headers", "own", "spoken"),
    [
        ({"lang": "ar"}, {}, "en", "ar"),
        ({}, {"Accept-Language": "ar-AE,en;q=0.5"}, "en", "ar"),
        ({}, {}, "ar", "ar"),
        ({"lang": "en"}, {"Accept-Language": "ar"}, "ar", "en"),
        ({"lang": "xx"}, {"Accept-Language": "fr"}, "en", "en"),
    ],
)
def test_a_socket_speaks_the_language_it_asked_for(exchange, person, app, query, headers, own, spoken):
    person.language = own
    person.save()
    phone = exchange.open(headers=OURS | headers, ticket=ticket_of(person), **query)
    phone.hear("ready")
    assert phone.ask("test:language") == {"words": spoken}


def test_a_commands_limit_is_the_persons_and_not_the_sockets(dial, person, app, settings):
    settings.RATE_LIMITS_ENABLED = True
    one, two = dial(person), dial(person)
    for _ in range(3):
        one.ask("test:echo", {"words": "x"})
    refused = two.refused("test:echo", {"words": "x"})
    assert (refused["code"], refused["status"]) == ("core.rate_limited", 429)
    assert 1 <= refused["retry_after"] <= 20
    assert len(app.callers) == 3


def test_commands_of_one_socket_come_one_after_the_other_and_hold_up_no_other(dial, person, app):
    slow, quick = dial(person), dial(person)
    slow.send("test:wait", ref="first")
    slow.send("test:echo", {"words": "x"}, ref="second")
    assert quick.ask("test:echo", {"words": "y"})
    assert not app.callers[1:]
    app.may_go_on.set()
    assert [slow.hear()["ref"], slow.hear()["ref"]] == ["first", "second"]


# --- frames that are none --------------------------------------------------------------------------------------------

NO_FRAMES = [
    "{",
    "[]",
    '"ping"',
    '{"type": 1}',
    '{"ref": "x"}',
    '{"type": "ping", "ref": {}}',
    '{"type": "ping", "more": 1}',
]


@pytest.mark.parametrize(
    "text", [*NO_FRAMES, '{"type": "ping", "ref": "' + "x" * 65 + '"}', '{"type": "ping", "ref": true}']
)
def test_what_is_no_frame_is_refused_without_a_ref(dial, person, text):
    phone = dial(person)
    phone.send_text(text)
    answer = phone.hear()
    assert (answer["type"], answer["ref"], answer["data"]["code"]) == ("error", None, "realtime.not_a_frame")


def test_the_third_in_a_row_closes(dial, person):
    phone = dial(person)
    for _ in range(2):
        phone.send_text("{")
    phone.send("ping")
    assert phone.hear("pong")
    for _ in range(2):
        phone.send_text("{")
    phone.send_bytes(b"{}")
    assert phone.closed() == 4400
    assert [frame["type"] for frame in phone.heard] == ["error"] * 5


def test_a_frame_of_more_than_64_kib_closes(dial, person, app):
    phone = dial(person)
    phone.send_text('{"type":"ping","data":{}' + " " * (64 * 1024 - 25) + "}")
    assert phone.hear("pong")
    phone.send_text('{"type":"ping","data":{}' + "é" * (32 * 1024) + "}")
    assert phone.closed() == 4413


def test_too_many_frames_close(dial, person, settings):
    settings.REALTIME = settings.REALTIME | {"frames_per_minute": 5}
    phone = dial(person)
    for _ in range(6):
        phone.send("ping")
    assert phone.closed() == 4429


# --- how sockets end -------------------------------------------------------------------------------------------------


def test_a_session_that_is_revoked_takes_its_sockets_with_it_and_leaves_the_others(dial, person, deliver):
    here, there = signed_in(person), signed_in(person)
    kept, ended = dial(person, session=here), dial(person, session=there)
    revoke_session(user=person, session_id=there.pk)
    deliver()
    assert ended.closed(timeout=2) == 4401
    kept.send("ping")
    assert kept.hear("pong")


def test_signing_out_everywhere_ends_all_sockets(dial, person, deliver):
    phones = [dial(person), dial(person)]
    end_all_sessions(user=person, because="signed_out_everywhere")
    deliver()
    assert [phone.closed(timeout=2) for phone in phones] == [4401, 4401]


def test_a_suspension_ends_sockets_and_a_lesser_restriction_does_not(dial, person, deliver):
    phone = dial(person)
    restrict_person(user=person, kind="sell", reason_en="x", reason_ar="x")
    deliver()
    phone.send("ping")
    assert phone.hear("pong")
    restrict_person(user=person, kind="account", reason_en="x", reason_ar="x")
    deliver()
    assert phone.closed(timeout=2) == 4403


def test_without_being_told_a_socket_looks_by_itself(dial, person, settings):
    settings.REALTIME = settings.REALTIME | {"recheck_seconds": 0.5}
    phone = dial(person)
    Session.objects.filter(user=person).update(revoked_at=timezone.now())
    assert phone.closed(timeout=4) == 4401


def test_no_command_passes_after_the_end_even_if_nobody_was_told(dial, person, app):
    phone = dial(person)
    Session.objects.filter(user=person).update(revoked_at=timezone.now())
    assert phone.refused("test:echo", {"words": "x"})["code"] == "accounts.session_ended"
    assert phone.closed() == 4401
    assert not app.callers


def test_a_socket_ends_with_the_token_that_opened_it(exchange, person):
    bearer = bearer_of(person)
    phone = exchange.open(headers=bearer)
    phone.hear("ready")
    with time_machine.travel(timezone.now() + timedelta(minutes=15)):
        assert phone.closed(timeout=4) == 4401


def test_a_silent_socket_ends(dial, person, settings):
    settings.REALTIME = settings.REALTIME | {"silent_seconds": 1.0}
    silent, alive = dial(person), dial(person)
    for _ in range(10):
        alive.send("ping")
        time.sleep(0.2)
    assert silent.closed() == 4408
    assert alive.hear("pong")


def test_the_sixth_socket_ends_the_oldest(dial, person):
    other = dial(UserFactory(username=f"other{time.time_ns()}", phone=None))
    phones = [dial(person) for _ in range(6)]
    assert phones[0].closed() == 4409
    for phone in (*phones[1:], other):
        phone.send("ping")
        assert phone.hear("pong")


def test_the_oldest_goes_first_even_when_places_were_renewed_in_between(dial, exchange, person):
    phones = [dial(person) for _ in range(5)]
    exchange.hold_places()
    dial(person)
    assert phones[0].closed() == 4409
    phones[1].send("ping")
    assert phones[1].hear("pong")


# --- telling ---------------------------------------------------------------------------------------------------------


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
