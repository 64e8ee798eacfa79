"""What is said on `/ws/v1/me/`: commands, refusals, and frames that are none."""

import orjson
import pytest

from core.tests.callers import OURS, ticket_of

pytestmark = pytest.mark.usefixtures("committed")


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
