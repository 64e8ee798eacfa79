"""Who is connected now, known to all processes through Redis.

Two kinds of sorted sets: the sockets of each person, and everybody who is online; scores are moments (seconds since the epoch) at
which an entry runs out unless its process refreshes it. A process that dies takes nobody's presence with it for long, and a
Redis that is away or was emptied is an empty house until the next refresh.
"""

import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

REFRESH_EVERY = 20.0
HOLDS_FOR = 65.0  # seconds that an entry lives without a refresh: three are missing

_client: Redis | None = None
_away_until = 0.0


def online(person_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Who of these has a socket open, or had one ten seconds ago. Nobody when Redis is away."""
    global _client, _away_until  # noqa: PLW0603 - one connection pool per process
    asked = list(person_ids)
    if not asked or time.monotonic() < _away_until:
        return set()
    try:
        if _client is None:
            _client = Redis.from_url(settings.REALTIME_REDIS_URL, socket_timeout=0.2, socket_connect_timeout=0.2)
        scores: Any = _client.zmscore(_everybody(), [str(pk) for pk in asked])
    except (RedisError, OSError) as error:
        _away_until = time.monotonic() + 2.0
        log.warning("presence_unknown", error=repr(error))
        return set()
    now = time.time()
    return {pk for pk, until in zip(asked, scores, strict=True) if until is not None and until > now}


@dataclass(frozen=True)
class Arrival:
    """What a new socket changed: whether its person was away before, and which of their sockets are too many now, oldest first."""

    is_first: bool
    surplus: tuple[str, ...] = ()


# Socket ids are UUIDv7, so their order is that of opening.
_ARRIVE = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[6])
local was = redis.call('ZSCORE', KEYS[2], ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[4])
local ids = redis.call('ZRANGE', KEYS[1], 0, -1)
table.sort(ids)
local answer = {was and 0 or 1}
for i = 1, #ids - tonumber(ARGV[5]) do
  redis.call('ZREM', KEYS[1], ids[i])
  answer[#answer + 1] = ids[i]
end
return answer
"""
_LEAVE = """
redis.call('ZREM', KEYS[1], ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('ZCARD', KEYS[1]) > 0 then return 0 end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[4])
return 1
"""
_DEPARTED = """
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 100)
if #due > 0 then redis.call('ZREM', KEYS[1], unpack(due)) end
return due
"""


class Presence:
    """The writing side, for the hub of one event loop. Every method raises RedisError or OSError when Redis is away."""

    def __init__(self) -> None:
        self._redis = AsyncRedis.from_url(
            settings.REALTIME_REDIS_URL, socket_timeout=1.0, socket_connect_timeout=1.0, max_connections=20
        )
        self._arrive = self._redis.register_script(_ARRIVE)
        self._leave = self._redis.register_script(_LEAVE)
        self._departed = self._redis.register_script(_DEPARTED)

    async def arrive(self, person_id: uuid.UUID, socket_id: str) -> Arrival:
        now = time.time()
        first, *surplus = await self._arrive(
            keys=[_sockets_of(person_id), _everybody()],
            args=[
                now,
                now + HOLDS_FOR,
                socket_id,
                str(person_id),
                settings.REALTIME["sockets_per_person"],
                int(HOLDS_FOR * 2),
            ],
        )
        return Arrival(bool(first), tuple(pk.decode() for pk in surplus))

    async def leave(self, person_id: uuid.UUID, socket_id: str) -> None:
        """The last socket of a person leaves a moment's grace behind; `departed` finds who did not return in it."""
        now = time.time()
        await self._leave(
            keys=[_sockets_of(person_id), _everybody()],
            args=[now, now + settings.REALTIME["left_after_seconds"], socket_id, str(person_id)],
        )

    async def refresh(self, sockets: Sequence[tuple[uuid.UUID, str]]) -> None:
        """Hold the places of all sockets of this process; after Redis was emptied this writes them anew."""
        until = time.time() + HOLDS_FOR
        for start in range(0, len(sockets), 500):
            part = sockets[start : start + 500]
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.zadd(_everybody(), {str(person_id): until for person_id, _ in part})
                for person_id, socket_id in part:
                    pipe.zadd(_sockets_of(person_id), {socket_id: until})
                    pipe.expire(_sockets_of(person_id), int(HOLDS_FOR * 2))
                await pipe.execute()

    async def departed(self) -> list[uuid.UUID]:
        """Whose time has run out. Each is told to one process only, whoever asks first."""
        return [uuid.UUID(member.decode()) for member in await self._departed(keys=[_everybody()], args=[time.time()])]

    async def publish(self, channel: str, payload: bytes) -> None:
        await self._redis.publish(channel, payload)

    async def close(self) -> None:
        await self._redis.aclose()


def _everybody() -> str:
    return f"{settings.REALTIME_PREFIX}online"


def _sockets_of(person_id: uuid.UUID) -> str:
    return f"{settings.REALTIME_PREFIX}sockets:{person_id}"
