"""How actions speak to browsers and apps that are connected now: after the commit, through Redis, and never in anybody's way."""

import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson
import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

RECHECK, RESYNC = b"!recheck", b"!resync"  # to hubs, not to clients; frames begin with a brace
LEFT_ALONE_FOR = 2.0  # seconds without a try after a failure: a hanging Redis costs one time-out and not many
Data = dict[str, Any] | Callable[[], dict[str, Any]]

_client: Redis | None = None
_away_until = 0.0
_missed: set[str] = set()  # channels that were not told while Redis was away
_making_up = threading.Lock()  # held by the thread that does it
MISSED_AT_MOST = 10_000

# Looks at every frame before it is told: tests set it, to hold frames to the shapes that apps announced.
inspect: Callable[[str, str, int | None, bytes], None] | None = None


def everybody() -> str:
    return f"{settings.REALTIME_PREFIX}everybody"


def person_channel(person_id: uuid.UUID | str) -> str:
    return f"{settings.REALTIME_PREFIX}me:{person_id}"


def room_channel(room: str) -> str:
    return f"{settings.REALTIME_PREFIX}room:{room}"


def tell_person(person_id: uuid.UUID, name: str, data: Data, *, stream: str = "me", seq: int | None = None) -> None:
    """Send a frame to every socket of a person once the transaction commits (at once outside one).

    `data` may be a function, called after the commit: it then reads what was written. Failures are logged and swallowed, because
    whoever missed the frame catches up by its number.
    """
    _after_commit([(person_channel(person_id), data)], name, stream, seq)


def tell_each(data: Mapping[uuid.UUID, Data], name: str, *, stream: str = "me", seq: int | None = None) -> None:
    """The same to several people, each with their own data, in one go. Whom it concerns most stands first."""
    _after_commit([(person_channel(person_id), theirs) for person_id, theirs in data.items()], name, stream, seq)


def tell_room(room: str, name: str, data: Data, *, stream: str, seq: int | None = None) -> None:
    """The same for everybody who joined a room."""
    _after_commit([(room_channel(room), data)], name, stream, seq)


def recheck_person(person_id: uuid.UUID) -> None:
    """After the commit, let a person's sockets look at once whether their sign-ins still stand. They do so every minute anyway."""
    transaction.on_commit(lambda: publish(person_channel(person_id), RECHECK), robust=True)


def end_socket(person_id: uuid.UUID | str, socket_id: str, code: int) -> bytes:
    """What tells the hub that holds this socket to close it."""
    return f"!end {code} {socket_id}".encode()


def frame(
    name: str, data: dict[str, Any] | None, *, stream: str = "me", seq: int | None = None, ref: Any = None
) -> bytes:
    """The frame as it travels: JSON. `ref` is that of the command that it answers."""
    made: dict[str, Any] = {"type": name, "stream": stream, "seq": seq, "ts": timezone.now(), "data": data or {}}
    if name in ("ack", "error"):
        made["ref"] = ref
    return orjson.dumps(made, default=str, option=_OPTIONS)


_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def _after_commit(told: Sequence[tuple[str, Data]], name: str, stream: str, seq: int | None) -> None:
    def made(data: Data) -> bytes:
        payload = frame(name, data() if callable(data) else data, stream=stream, seq=seq)
        if inspect is not None:
            inspect(name, stream, seq, payload)
        return payload

    if inspect is not None:
        for _channel, data in told:
            if not callable(data):
                made(data)  # a test without a commit sees it as well
    transaction.on_commit(
        lambda: _publish([(channel, made(data)) for channel, data in told]) and None, robust=inspect is None
    )


def publish(channel: str, payload: bytes) -> bool:
    """Hand a frame to Redis; False when Redis is away. When it is back, whoever was not told is asked to catch up."""
    return _publish([(channel, payload)])


def _publish(told: Sequence[tuple[str, bytes]]) -> bool:
    """Several at once go in one round trip."""
    global _away_until  # noqa: PLW0603 - of this process
    if time.monotonic() < _away_until:
        _remember(told)
        return False
    try:
        if len(told) == 1:
            _redis().publish(*told[0])
        else:
            line = _redis().pipeline(transaction=False)
            for channel, payload in told:
                line.publish(channel, payload)
            line.execute()
        _make_up()
    except (RedisError, OSError) as error:
        _away_until = time.monotonic() + LEFT_ALONE_FOR
        _remember(told)
        log.warning("frame_not_told", error=repr(error))
        return False
    return True


def _redis() -> Redis:
    global _client  # noqa: PLW0603 - one connection pool per process
    if _client is None:
        _client = Redis.from_url(settings.REALTIME_REDIS_URL, socket_timeout=0.2, socket_connect_timeout=0.2)
    return _client


def _remember(told: Sequence[tuple[str, bytes]]) -> None:
    _missed.update(channel for channel, _payload in told)
    if len(_missed) > MISSED_AT_MOST:
        _missed.clear()
        _missed.add(everybody())
    if _making_up.acquire(blocking=False):
        threading.Thread(target=_keep_making_up, name="telling", daemon=True).start()


def _keep_making_up() -> None:
    """Until all were asked: this process may have nothing else to tell for a long time."""
    try:
        while _missed:
            time.sleep(LEFT_ALONE_FOR)
            with suppress(RedisError, OSError):
                _make_up()
    finally:
        _making_up.release()


def _make_up() -> None:
    while _missed:
        try:
            channel = _missed.pop()
        except KeyError:  # another thread took the last one
            return
        try:
            _redis().publish(channel, RESYNC)
        except (RedisError, OSError):
            _missed.add(channel)
            raise
