"""Who is there: known to all processes, with a moment's grace for a page that is loaded again."""

import time
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from redis import Redis

from accounts.models import User
from accounts.tests.factories import UserFactory
from core.realtime import ports, presence
from core.realtime.presence import online

pytestmark = pytest.mark.usefixtures("committed")


class Listener:
    def __init__(self) -> None:
        self.news: list[tuple[str, uuid.UUID]] = []
        self.last_seen_at = None

    def came(self, person_id: uuid.UUID) -> None:
        self.news.append(("came", person_id))

    def left(self, person_id: uuid.UUID) -> None:
        self.last_seen_at = User.objects.get(pk=person_id).last_seen_at
        self.news.append(("left", person_id))


@pytest.fixture(autouse=True)
def _empty_house(settings) -> None:
    """Who sat in an earlier test's sockets leaves no queue of departures before this one's."""
    Redis.from_url(settings.REALTIME_REDIS_URL).delete(presence._everybody())


@pytest.fixture
def listener(monkeypatch) -> Iterator[Listener]:
    """Registered as messaging would be: above accounts."""
    heard = Listener()
    monkeypatch.setattr(ports, "_listeners", [*ports._listeners, heard])
    return heard


@pytest.fixture
def quick(settings) -> None:
    settings.REALTIME = settings.REALTIME | {"left_after_seconds": 0.3}


def news_of(listener, person, count, within=30.0):
    until = time.perf_counter() + within
    while time.perf_counter() < until:
        found = [what for what, who in listener.news if who == person.pk]
        if len(found) >= count:
            return found
        time.sleep(0.02)
    return [what for what, who in listener.news if who == person.pk]


def test_coming_and_leaving_is_told_once_however_many_sockets(dial, person, listener, quick):
    assert online([person.pk]) == set()
    phones = [dial(person) for _ in range(3)]
    assert online([person.pk, uuid.uuid4()]) == {person.pk}
    for phone in phones[:2]:
        phone.hang_up()
    assert online([person.pk]) == {person.pk}
    assert news_of(listener, person, 1) == ["came"]
    phones[2].hang_up()
    assert news_of(listener, person, 2) == ["came", "left"]
    assert online([person.pk]) == set()


def test_leaving_dates_when_somebody_was_last_seen_before_others_hear_of_it(dial, person, listener, quick):
    User.objects.filter(pk=person.pk).update(last_seen_at=timezone.now() - timedelta(days=3))
    dial(person).hang_up()
    assert news_of(listener, person, 2) == ["came", "left"]
    assert timezone.now() - listener.last_seen_at < timedelta(seconds=5)


def test_who_returns_within_the_moment_never_left(dial, person, listener, settings):
    settings.REALTIME = settings.REALTIME | {"left_after_seconds": 2}
    dial(person).hang_up()
    assert online([person.pk]) == {person.pk}
    dial(person)
    time.sleep(2.5)
    assert news_of(listener, person, 1) == ["came"]
    assert online([person.pk]) == {person.pk}


def test_people_of_a_server_that_died_leave_when_their_time_runs_out(exchange, dial, person, listener, settings):
    dial(UserFactory(username=f"other{time.time_ns()}", phone=None))  # another server is still there to notice
    redis = Redis.from_url(settings.REALTIME_REDIS_URL)
    redis.zadd(presence._everybody(), {str(person.pk): time.time() + 0.5})
    assert online([person.pk]) == {person.pk}
    assert news_of(listener, person, 1) == ["left"]


def test_asking_for_nobody_asks_nobody(settings):
    settings.REALTIME_REDIS_URL = "unix:///tmp/nobody-listens-here.sock"
    assert online([]) == set()
