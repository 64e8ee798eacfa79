"""Redis goes away, hangs, comes back and forgets: sockets stay, and nothing is lost for who asks."""

import time
from collections.abc import Iterator

import pytest

from accounts.tests.factories import UserFactory
from core.realtime import hub as hub_module
from core.realtime import presence, telling
from core.realtime.telling import tell_person
from core.tests.servers import OwnRedis, short_folder

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def redis(settings, monkeypatch) -> Iterator[OwnRedis]:
    """Asked for before `dial`, so that the exchange finds it."""
    for module in (telling, presence):
        monkeypatch.setattr(module, "_client", None)
        monkeypatch.setattr(module, "_away_until", 0.0)
    monkeypatch.setattr(telling, "_missed", set())
    monkeypatch.setattr(telling, "LEFT_ALONE_FOR", 0.2)
    monkeypatch.setattr(hub_module, "LONGEST_PAUSE", 0.4)
    monkeypatch.setattr(hub_module, "ASK_EVERY", 0.3)
    monkeypatch.setattr(hub_module, "DEAF_AFTER", 1.0)
    with short_folder() as folder:
        running = OwnRedis(folder)
        settings.REALTIME_REDIS_URL = running.url
        yield running
        running.stop()


def test_after_a_restart_everybody_is_asked_to_catch_up_and_hears_again(redis, dial, person, app):
    app.owner = person
    phone, stream = dial(person), f"test:{app.stream_id}"
    redis.stop()
    app.said.append("while it was away")
    tell_person(person.pk, "test:said", {"words": "while it was away"}, stream=stream, seq=1)
    assert phone.hears_nothing(within=0.2)
    redis.start()
    phone.hear("resync")
    assert phone.ask("resume", {"streams": {stream: 0}})["streams"][stream]["seq"] == 1
    assert phone.hear("test:said")["data"]["words"] == "while it was away"
    time.sleep(0.3)  # the teller leaves a Redis that failed alone for a moment
    tell_person(person.pk, "test:news", {"words": "hello again"})
    assert phone.hear("test:news")


def test_whoever_was_not_told_by_one_server_is_asked_to_catch_up_when_that_one_is_back(redis, dial, person, app):
    phone = dial(person)
    telling._away_until = time.monotonic() + 60  # for this process only: the hub hears Redis all the time
    tell_person(person.pk, "test:news", {"words": "lost"})
    assert phone.hear()["type"] == "resync"  # although this process has nothing else to tell
    telling._away_until = 0.0
    tell_person(person.pk, "test:news", {"words": "next"})
    assert phone.hear()["data"] == {"words": "next"}


def test_a_redis_that_hangs_is_noticed(redis, dial, person, app):
    phone = dial(person)
    redis.freeze()
    time.sleep(1.6)
    redis.thaw()
    phone.hear("resync")
    tell_person(person.pk, "test:news", {"words": "hello again"})
    assert phone.hear("test:news")


def test_one_can_come_and_give_commands_while_it_is_away(redis, dial, person, app):
    redis.stop()
    first = dial(person)
    began = time.perf_counter()
    second = dial(person)
    assert time.perf_counter() - began < 1.5
    assert first.ask("test:echo", {"words": "x"}) == {"words": "x"}
    redis.start()
    for phone in (first, second):
        phone.hear("resync")
    tell_person(person.pk, "test:news", {"words": "hello"})
    for phone in (first, second):
        assert phone.hear("test:news")


def test_one_who_came_while_it_was_slow_is_asked_to_catch_up(redis, dial, person, app, monkeypatch):
    monkeypatch.setattr(hub_module, "PATIENCE", 0.1)
    monkeypatch.setattr(hub_module, "DEAF_AFTER", 60.0)
    dial(UserFactory(username=f"other{time.time_ns()}", phone=None))
    redis.freeze()
    phone = dial(person)
    tell_person(person.pk, "test:news", {"words": "unheard"})
    redis.thaw()
    phone.hear("resync")
    time.sleep(0.3)
    tell_person(person.pk, "test:news", {"words": "heard"})
    assert phone.hear("test:news")


def test_a_redis_that_forgets_everything_loses_no_frame_and_no_place(redis, dial, exchange, person, app):
    phones = [dial(person) for _ in range(5)]
    redis.flush()
    tell_person(person.pk, "test:news", {"words": "still here"})
    for phone in phones:
        assert phone.hear("test:news")
    assert presence.online([person.pk]) == set()
    exchange.hold_places()
    assert presence.online([person.pk]) == {person.pk}
    dial(person)
    assert phones[0].closed() == 4409


def test_nobody_is_known_to_be_there_while_it_is_away(redis, dial, person):
    dial(person)
    assert presence.online([person.pk]) == {person.pk}
    redis.stop()
    began = time.perf_counter()
    assert [presence.online([person.pk]) for _ in range(20)] == [set()] * 20
    assert time.perf_counter() - began < 0.5
