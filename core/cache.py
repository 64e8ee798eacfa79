"""The cache that pages may lean on: a Redis that is away is an empty Redis, and after a failure it is left alone for a moment."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

LEFT_ALONE_FOR = 2.0  # seconds without a try after a failure, so that a hanging Redis costs one time-out and not many


def _forgiving(original: Callable[..., Any], when_away: Any) -> Callable[..., Any]:
    @wraps(original)
    def call(self: "ForgivingRedisCache", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < self.away_until:
            return when_away(args, kwargs)
        try:
            return original(self, *args, **kwargs)
        except (RedisError, OSError) as error:
            type(self).away_until = time.monotonic() + LEFT_ALONE_FOR
            log.warning("cache_away", call=original.__name__, error=repr(error))
            return when_away(args, kwargs)

    return call


def _default(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return kwargs.get("default", args[1] if len(args) > 1 else None)


def _run_script(self: "ForgivingRedisCache", script: str, key: str, *values: float) -> Any:
    """What a Lua script over one key answers; None when Redis is away."""
    return self._cache.get_client(None, write=True).eval(script, 1, key, *values)


class _KeptClients(RedisCacheClient):
    """Makes one client to read by and one to write by; Django makes one for each call, which takes longer than the call."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clients: dict[bool, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if write not in self._clients:
            self._clients[write] = super().get_client(key, write=write)
        return self._clients[write]


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, answering "nothing there" instead of failing."""

    away_until = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._class = _KeptClients

    get = _forgiving(RedisCache.get, _default)
    get_many = _forgiving(RedisCache.get_many, lambda *_: {})
    set = _forgiving(RedisCache.set, lambda *_: None)
    set_many = _forgiving(RedisCache.set_many, lambda *_: [])
    add = _forgiving(RedisCache.add, lambda *_: False)
    incr = _forgiving(RedisCache.incr, lambda *_: 0)
    touch = _forgiving(RedisCache.touch, lambda *_: False)
    delete = _forgiving(RedisCache.delete, lambda *_: False)
    delete_many = _forgiving(RedisCache.delete_many, lambda *_: None)
    clear = _forgiving(RedisCache.clear, lambda *_: False)
    has_key = _forgiving(RedisCache.has_key, lambda *_: False)
    run_script = _forgiving(_run_script, lambda *_: None)
