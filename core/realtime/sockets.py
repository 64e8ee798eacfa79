"""One open socket as the hub sees it: what it has yet to be told, and when it ends."""

import asyncio
import contextlib
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from enum import IntEnum
from typing import Any

from django.conf import settings

from core.ids import uuid7
from core.realtime import meters
from core.realtime.ports import Admission

LAST_WORDS = 5.0  # seconds that a closing socket has to take what was already said to it
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Close(IntEnum):
    """Why the server ends a socket. Written for clients in docs/realtime.md."""

    NOT_JSON = 4400
    NOT_SIGNED_IN = 4401
    NOT_ALLOWED = 4403
    NO_SUCH_SOCKET = 4404
    TOO_SLOW = 4408
    TOO_MANY_SOCKETS = 4409
    FRAME_TOO_BIG = 4413
    TOO_MANY_FRAMES = 4429
    SERVER_RESTARTS = 1012
    TRY_AGAIN_LATER = 1013


class Socket:
    """Frames wait in a queue of its own, and a task of its own hands them on, so a reader that takes none holds up nobody.

    `send` is the ASGI server's. A queue that grows beyond its limits, or one frame that is not taken for too long, ends the
    socket: the client comes back and resumes from the database.
    """

    def __init__(self, send: Send, admission: Admission, language: str) -> None:
        self.id = str(uuid7())
        self.admission = admission
        self.person_id: uuid.UUID = admission.person.pk
        self.session_id = admission.session_id
        self.language = language
        self.rooms: set[str] = set()
        self.heard_at = self.checked_at = time.monotonic()
        self.has_arrived = False  # presence knows of it
        self.over = asyncio.Event()  # nothing more can be said
        self._send = send
        self._is_open = False  # `ready` was said
        self._waiting: deque[str] = deque()
        self._bytes = 0
        self._most_frames, self._most_bytes = settings.REALTIME["waiting_frames"], settings.REALTIME["waiting_bytes"]
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._stuck_since: float | None = None
        self._ending: asyncio.Task[None] | None = None
        self._writer = asyncio.get_running_loop().create_task(self._hand_on())

    def open(self, ready: str) -> None:
        """Say the first frame; what was told since the socket's channels are heard follows it."""
        self._waiting.appendleft(ready)
        self._bytes += len(ready)
        self._is_open = True
        self._news.set()

    def offer(self, text: str) -> None:
        """Queue a frame; never waits. A reader that has fallen too far behind is dropped."""
        if self._ending is not None or self.over.is_set():
            return
        self._waiting.append(text)
        self._bytes += len(text)
        if len(self._waiting) > self._most_frames or self._bytes > self._most_bytes:
            self.end(Close.TOO_SLOW)
        elif self._is_open:
            self._news.set()

    async def say(self, text: str) -> None:
        """Queue a frame of an answer, once the socket's reader has taken most of what came before."""
        while self._bytes > self._most_bytes // 4 or len(self._waiting) > self._most_frames // 10:
            if self._ending is not None or self.over.is_set():
                return
            self._room.clear()
            await self._room.wait()
        self.offer(text)

    def end(self, code: int, reason: str = "") -> None:
        """Close it from our side: what is queued goes out first, unless the reader is too slow for that."""
        if self._ending is None:
            meters.CLOSED.labels(code=str(int(code))).inc()
            self._ending = asyncio.get_running_loop().create_task(self._end(code, reason))

    @property
    def is_stalled(self) -> bool:
        """Whether its reader has not taken a single frame for too long."""
        since = self._stuck_since
        return since is not None and time.monotonic() - since > settings.REALTIME["stalled_seconds"]

    async def gone(self) -> None:
        """Stop the tasks of a socket that the other side has left."""
        self.over.set()
        self._room.set()
        tasks = [task for task in (self._writer, self._ending) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _hand_on(self) -> None:
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                taken = 0
                while self._waiting:
                    text = self._waiting.popleft()
                    self._stuck_since = time.monotonic()
                    await self._send({"type": "websocket.send", "text": text})
                    self._stuck_since = None
                    self._bytes -= len(text)
                    taken += 1
                self._room.set()
                meters.FRAMES.inc(taken)
        except (OSError, RuntimeError):  # the ASGI server's ways to say that nobody is there any more
            self.over.set()
            self._room.set()

    async def _end(self, code: int, reason: str) -> None:
        if code == Close.TOO_SLOW:
            self._waiting.clear()
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS):
                    await self._all_taken()
        self._writer.cancel()
        self._room.set()
        with contextlib.suppress(TimeoutError, OSError, RuntimeError):
            async with asyncio.timeout(LAST_WORDS):
                await self._send({"type": "websocket.close", "code": int(code), "reason": reason})
        self.over.set()

    async def _all_taken(self) -> None:
        while (self._waiting or self._stuck_since is not None) and not self.over.is_set():
            self._room.clear()
            await self._room.wait()
