import pytest
from django.core.cache import cache

from core.cache import ForgivingRedisCache


def test_one_client_serves_all_calls():
    cache.set("core:tests:kept", 1)
    asking, writing = cache._cache.get_client("any"), cache._cache.get_client("any", write=True)
    assert cache.get("core:tests:kept") == 1
    assert cache._cache.get_client("other") is asking
    assert cache._cache.get_client("other", write=True) is writing


@pytest.fixture
def away(monkeypatch):
    monkeypatch.setattr(ForgivingRedisCache, "away_until", 0.0)
    return ForgivingRedisCache("unix:///nowhere/redis.sock", {})


def test_a_redis_that_is_away_is_an_empty_one(away):
    away.set("a", 1)
    assert away.get("a", "nothing") == "nothing"
    assert away.get_many(["a"]) == {}
    assert away.run_script("return 1", "a") is None
