"""One hub per process and event loop: it hears Redis once and hands each frame to every socket that should have it.

There is no channel layer in between (docs/adr/0010). A frame is serialised where it is told and travels as it is; the hub never
reads it. What begins with "!" is meant for the hub itself.
"""

import asyncio
import itertools
import math
import random
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from core.realtime import meters
from core.realtime.ports import gatekeeper, presence_listeners
from core.realtime.presence import REFRESH_EVERY, Arrival, Presence
from core.realtime.sockets import Close, Socket
from core.realtime.telling import RECHECK, RESYNC, end_socket, everybody, frame, person_channel, room_channel
from core.realtime.threads import db

log = structlog.get_logger(__name__)

PATIENCE = (
    2.0  # seconds that a newcomer waits for Redis to confirm its channels; without them it is told to resync later
)
ASK_EVERY, DEAF_AFTER = 5.0, 12.0  # seconds: a Redis that hangs closes no connection, so it is asked for a sign of life
LONGEST_PAUSE = 5.0  # seconds between two tries to reach Redis again
AWAY = (RedisError, OSError, TimeoutError)

_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def hub() -> "Hub":
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        found = _hubs[loop] = Hub()
    return found


class Hub:
    """Who listens to what here, and the one connection on which this process hears Redis."""

    def __init__(self) -> None:
        self._members: dict[str, set[Socket]] = defaultdict(set)  # by channel
        self._sockets: dict[str, Socket] = {}
        self._presence = Presence()
        self._news = asyncio.Event()  # the channels to be heard have changed
        self._asked: set[str] = set()  # channels that Redis was asked for on the connection in hand
        self._owed: Counter[str] = Counter()  # confirmations under way, by channel
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._hears = True  # until a try has failed
        self._heard_at = time.monotonic()
        self._urgent = asyncio.Event()  # somebody says that sign-ins have ended
        self._errands: set[asyncio.Task[None]] = set()
        start = asyncio.get_running_loop().create_task
        self._tasks = [
            start(self._listen()),
            start(self._every(1.0, self._look_around, self._urgent)),
            start(self._every(1.0, self._tell_departures)),
            start(self._every(REFRESH_EVERY, self.hold_places)),
        ]

    # --- sockets come and go ---

    async def enter(self, socket: Socket) -> None:
        """Take in a new socket; when this returns, frames to its person reach it (or Redis is away)."""
        self._sockets[socket.id] = socket
        meters.OPEN.inc()
        await asyncio.gather(self._join(socket, person_channel(socket.person_id)), self._arrive(socket))

    async def leave(self, socket: Socket) -> None:
        if self._sockets.pop(socket.id, None) is None:
            return
        meters.OPEN.dec()
        for channel in (person_channel(socket.person_id), *map(room_channel, socket.rooms)):
            self._part(socket, channel)
        await socket.gone()
        with suppress(*AWAY):
            await self._presence.leave(socket.person_id, socket.id)

    async def join_room(self, socket: Socket, room: str) -> None:
        socket.rooms.add(room)
        await self._join(socket, room_channel(room))

    def leave_room(self, socket: Socket, room: str) -> None:
        if room in socket.rooms:
            socket.rooms.discard(room)
            self._part(socket, room_channel(room))

    async def stop(self) -> None:
        """Let go of everything; for tests, whose loops end before the process does."""
        running = {*self._tasks, *self._errands}
        while running:  # redis keeps a cancellation to itself that comes while it sends (python/cpython#86296)
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=0.2)
        await self._presence.close()
        _hubs.pop(asyncio.get_running_loop(), None)

    async def _join(self, socket: Socket, channel: str) -> None:
        self._members[channel].add(socket)
        if self._is_heard(channel):
            return
        confirmed = self._waiting.get(channel)
        if confirmed is None:
            confirmed = self._waiting[channel] = asyncio.get_running_loop().create_future()
        self._news.set()
        if self._hears:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await asyncio.shield(confirmed)
                return
        # It goes on deaf, and is asked to catch up once it is heard.
        confirmed.add_done_callback(lambda heard: None if heard.cancelled() else self._resync([socket]))

    def _part(self, socket: Socket, channel: str) -> None:
        members = self._members.get(channel)
        if members is not None:
            members.discard(socket)
            if not members:
                del self._members[channel]
                if confirmed := self._waiting.pop(channel, None):
                    confirmed.cancel()
                self._news.set()

    async def _arrive(self, socket: Socket) -> None:
        try:
            arrival = await self._presence.arrive(socket.person_id, socket.id)
            for surplus in arrival.surplus:
                order = end_socket(socket.person_id, surplus, Close.TOO_MANY_SOCKETS)
                await self._presence.publish(person_channel(socket.person_id), order)
        except AWAY as error:
            log.warning("presence_unknown", error=repr(error))
            arrival = Arrival(is_first=False)
        socket.has_arrived = True
        if arrival.is_first:
            errand = asyncio.get_running_loop().create_task(self._tell_listeners("came", socket.person_id))
            self._errands.add(errand)
            errand.add_done_callback(self._errands.discard)

    # --- what is heard ---

    def _is_heard(self, channel: str) -> bool:
        return channel in self._asked and not self._owed[channel]

    async def _listen(self) -> None:
        pause, was_away = 0.1, False
        while True:
            try:
                await self._listen_once(resync=was_away)
            except AWAY as error:
                log.warning("hub_lost_redis", error=repr(error))
            except Exception:  # a hub that hears nothing more would look alive
                log.exception("hub_lost_redis")
            if self._hears:  # it worked for a while
                pause = 0.1
            self._hears, was_away = False, True
            self._asked.clear()
            self._owed.clear()
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads processes, hides nothing
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _listen_once(self, *, resync: bool) -> None:
        client = Redis.from_url(
            settings.REALTIME_REDIS_URL,
            socket_timeout=None,  # it waits for news, however long there are none
            socket_connect_timeout=2.0,
            retry=Retry(NoBackoff(), 0),  # a reconnection behind our back would lose frames without anybody knowing
        )
        pubsub = client.pubsub()
        asking: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(3.0):
                await self._ask(pubsub, {everybody(), *self._members})
                while any(self._owed.values()):
                    self._take(await pubsub.get_message(timeout=3.0))
            self._hears = True
            if resync:
                self._resync_all()
            asking = asyncio.get_running_loop().create_task(self._keep_asking(pubsub))
            for taken in itertools.count():
                self._take(await pubsub.get_message(timeout=ASK_EVERY))
                if taken % 20 == 0:
                    # What has arrived already is read without a pause, and sockets would fall behind during a burst.
                    await asyncio.sleep(0)
                if asking.done():
                    asking.result()
                if time.monotonic() - self._heard_at > DEAF_AFTER:
                    msg = "Redis says nothing any more"
                    raise TimeoutError(msg)
        finally:
            if asking is not None:
                asking.cancel()
            with suppress(*AWAY):
                await pubsub.aclose()
            with suppress(*AWAY):
                await client.aclose()

    async def _ask(self, pubsub: PubSub, channels: set[str]) -> None:
        self._asked |= channels
        self._owed.update(channels)
        await pubsub.subscribe(*channels)

    async def _keep_asking(self, pubsub: PubSub) -> None:
        """Bring what Redis sends us in line with who is here, many changes at once, and ask it for signs of life."""
        while True:
            self._news.clear()
            wanted = {everybody(), *self._members}
            if fresh := wanted - self._asked:
                await self._ask(pubsub, fresh)
            if idle := self._asked - wanted:
                self._asked -= idle
                self._owed.update(idle)
                await pubsub.unsubscribe(*idle)
            if time.monotonic() - self._heard_at > ASK_EVERY - 1:
                await pubsub.ping()
            await wait_within(self._news, ASK_EVERY)

    def _take(self, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        self._heard_at = time.monotonic()
        kind = message["type"]
        if kind == "message":
            self._pass_on(message["channel"].decode(), message["data"])
        elif kind in ("subscribe", "unsubscribe"):
            channel = message["channel"].decode()
            self._owed[channel] -= 1
            if self._owed[channel] <= 0:
                del self._owed[channel]
                if channel in self._asked and (confirmed := self._waiting.pop(channel, None)):
                    confirmed.set_result(None)

    def _pass_on(self, channel: str, payload: bytes) -> None:
        members = self._sockets.values() if channel == everybody() else self._members.get(channel, ())
        if payload.startswith(b"!"):
            self._obey(payload, list(members))
            return
        text = payload.decode()
        for socket in list(members):
            socket.offer(text)

    def _obey(self, order: bytes, members: list[Socket]) -> None:
        if order == RECHECK:
            for socket in members:
                socket.checked_at = -math.inf
            self._urgent.set()
        elif order == RESYNC:
            self._resync(members)
        elif order.startswith(b"!end "):
            _, code, socket_id = order.decode().split(" ")
            if (meant := self._sockets.get(socket_id)) is not None:
                meant.end(int(code))

    def _resync_all(self) -> None:
        meters.RESYNCS.inc()
        self._resync(list(self._sockets.values()))

    def _resync(self, sockets: list[Socket]) -> None:
        text = frame("resync", {}).decode()
        for socket in sockets:
            socket.offer(text)

    # --- what becomes due by itself ---

    async def _every(
        self, seconds: float, call: Callable[[], Awaitable[None]], urgent: asyncio.Event | None = None
    ) -> None:
        while True:
            try:
                await call()
            except (*AWAY, DatabaseError) as error:
                log.warning("hub_duty_failed", duty=call.__name__, error=repr(error))
            except Exception:  # a duty that failed once is tried again; without it sockets would never be looked at
                log.exception("hub_duty_failed", duty=call.__name__)
            if urgent is None:
                await asyncio.sleep(seconds)
                continue
            await wait_within(urgent, seconds)
            urgent.clear()

    async def _look_around(self) -> None:
        """End the sockets whose proof ran out, that fell silent or do not read, and those whose sign-in has ended."""
        now, today, limits = time.monotonic(), time.time(), settings.REALTIME
        due: dict[uuid.UUID, list[Socket]] = defaultdict(list)
        for socket in list(self._sockets.values()):
            expires_at = socket.admission.expires_at
            if expires_at is not None and expires_at <= today:
                socket.end(Close.NOT_SIGNED_IN, "accounts.invalid_token")
            elif socket.is_stalled or now - socket.heard_at > limits["silent_seconds"]:
                socket.end(Close.TOO_SLOW)
            elif now - socket.checked_at > limits["recheck_seconds"]:
                due[socket.session_id].append(socket)
        if due:
            await self._recheck(due, now)

    async def _recheck(self, due: dict[uuid.UUID, list[Socket]], now: float) -> None:
        looked_at = [socket for sockets in due.values() for socket in sockets]
        for socket in looked_at:
            socket.checked_at = now  # before the question: what happens while it is answered is asked again
        try:
            fallen = await db(gatekeeper().fallen)(list(due))
        except DatabaseError:
            for socket in looked_at:
                socket.checked_at = -math.inf
            raise
        for socket in looked_at:
            if refusal := fallen.get(socket.session_id):
                socket.end(Close.NOT_ALLOWED if refusal.status == 403 else Close.NOT_SIGNED_IN, refusal.code)

    async def hold_places(self) -> None:
        """Tell Redis who is here, before what it knows runs out."""
        # Not those on their way in: renewed before it is noticed, an arrival would be none.
        await self._presence.refresh([(s.person_id, s.id) for s in self._sockets.values() if s.has_arrived])

    async def _tell_departures(self) -> None:
        for person_id in await self._presence.departed():
            await self._tell_listeners("left", person_id)

    async def _tell_listeners(self, what: str, person_id: uuid.UUID) -> None:
        for listener in presence_listeners():
            try:
                await db(getattr(listener, what))(person_id)
            except Exception:  # of one app, which must not keep the others from hearing it
                log.exception("presence_not_told", what=what)


async def wait_within(event: asyncio.Event, seconds: float) -> None:
    """Until it is set, or for so long. Unlike `wait_for` of Python 3.11 this never loses a cancellation that comes meanwhile."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
