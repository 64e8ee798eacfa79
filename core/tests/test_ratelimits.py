import threading

import pytest
import time_machine
from django.db import connection

from core.cache import ForgivingRedisCache
from core.errors import TooMany
from core.ratelimits import Limit, take, take_if_known

THREE_AN_HOUR = Limit.parse("3/h")


@pytest.fixture(autouse=True)
def _limits_on(settings):
    settings.RATE_LIMITS_ENABLED = True


@pytest.mark.django_db
@pytest.mark.parametrize("count", [take, take_if_known])
def test_the_burst_passes_and_the_next_is_refused_with_a_time(count):
    for _ in range(3):
        count("someone", THREE_AN_HOUR)
    with pytest.raises(TooMany) as refusal:
        count("someone", THREE_AN_HOUR)
    assert 1100 < refusal.value.retry_after <= 1200
    count("someone else", THREE_AN_HOUR)


@pytest.mark.django_db
def test_one_more_is_free_when_it_said_so():
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        for _ in range(3):
            take("someone", THREE_AN_HOUR)
        clock.shift(1201)
        take("someone", THREE_AN_HOUR)
        with pytest.raises(TooMany):
            take("someone", THREE_AN_HOUR)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_of_many_at_once_exactly_the_burst_passes():
    passed = []

    def ask():
        try:
            take("crowd", THREE_AN_HOUR)
            passed.append(1)
        except TooMany:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(16)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(passed) == 3


@pytest.mark.django_db
def test_ordinary_requests_pass_when_redis_is_away(settings, monkeypatch):
    monkeypatch.setattr(ForgivingRedisCache, "away_until", 0.0)  # and again afterwards: the tests' own is not away
    settings.CACHES = {
        "default": {"BACKEND": "core.cache.ForgivingRedisCache", "LOCATION": "unix:///nowhere/redis.sock?db=1"}
    }
    for _ in range(10):
        take_if_known("someone", THREE_AN_HOUR)
