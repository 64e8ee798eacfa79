"""A client for tests: the real application in an event loop of its own, talked to from ordinary, synchronous tests.

Use the fixture `dial` of conftest.py: `phone = dial(person)`, then `phone.ask("message:send", {...})`, `phone.hear("message:new")`.
The test needs `django_db(transaction=True)`, because commands run in other threads.
"""

import asyncio
import itertools
import queue
import threading
import time
from typing import Any
from urllib.parse import urlencode

import orjson

from core.realtime.hub import hub

TIMEOUT = 20.0  # seconds until something counts as not happening; a machine that runs everything at once is slow


class Exchange:
    """An event loop in a thread, with one hub in it: what a server process is."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.loop = asyncio.new_event_loop()
        self._phones: list[Phone] = []
        self._thread = threading.Thread(target=self.loop.run_forever, name="exchange", daemon=True)
        self._thread.start()

    def open(self, path: str = "/ws/v1/me/", *, headers: dict[str, str] | None = None, **query: str) -> "Phone":
        phone = Phone(self, path, headers or {}, query)
        self._phones.append(phone)
        return phone

    def run(self, call: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(call, self.loop).result(TIMEOUT)

    def hold_places(self) -> None:
        """Do now what the hub does every twenty seconds."""
        self.run(_hold_places())

    def close(self) -> None:
        for phone in self._phones:
            phone.hang_up()
        self.run(_stop_hub())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(TIMEOUT)
        self.loop.close()


async def _stop_hub() -> None:
    await hub().stop()


async def _hold_places() -> None:
    await hub().hold_places()


class Phone:
    """One socket of one client."""

    def __init__(self, exchange: Exchange, path: str, headers: dict[str, str], query: dict[str, str]) -> None:
        self.exchange = exchange
        self.heard: list[dict[str, Any]] = []  # frames that nobody has asked for yet, in order
        self._said: queue.Queue[dict[str, Any]] = queue.Queue()
        self._refs = itertools.count(1)
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._code: int | None = None
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": urlencode(query).encode(),
            "headers": [
                (b"host", b"testserver"),
                *((k.lower().encode(), v.encode()) for k, v in headers.items()),
            ],
            "client": ("127.0.0.1", 1),
            "subprotocols": [],
        }
        self._put({"type": "websocket.connect"})
        self._task = asyncio.run_coroutine_threadsafe(
            self.exchange.application(scope, self._inbox.get, self._take), self.exchange.loop
        )

    async def _take(self, message: dict[str, Any]) -> None:
        self._said.put(message)

    def _put(self, message: dict[str, Any]) -> None:
        self.exchange.loop.call_soon_threadsafe(self._inbox.put_nowait, message)

    def send(self, name: str, data: Any = None, *, ref: Any = None) -> None:
        self.send_text(orjson.dumps({"type": name, "ref": ref, "data": data or {}}, default=str).decode())

    def send_text(self, text: str) -> None:
        self._put({"type": "websocket.receive", "text": text})

    def send_bytes(self, data: bytes) -> None:
        self._put({"type": "websocket.receive", "bytes": data})

    def hear(self, name: str | None = None, *, timeout: float = TIMEOUT) -> dict[str, Any]:
        """The next frame (of that type); others stay in `heard`. Fails the test when none comes in time."""
        for index, frame in enumerate(self.heard):
            if name in (None, frame["type"]):
                return self.heard.pop(index)
        until = time.perf_counter() + timeout
        while (left := until - time.perf_counter()) > 0:
            said = self._next(left)
            if said is None:
                break
            if name in (None, said["type"]):
                return said
            self.heard.append(said)
        msg = f"no {name or 'frame'} came; closed: {self._code}; others: {[f['type'] for f in self.heard]}"
        raise AssertionError(msg)

    def peek(self) -> bool:
        """Whether something has come, other than being let in."""
        if (frame := self._next(0.001)) is not None:
            self.heard.append(frame)
        return bool(self.heard)

    def hears_nothing(self, name: str | None = None, *, within: float = 0.3) -> bool:
        """Whether no frame (of that type) comes within so many seconds."""
        until = time.perf_counter() + within
        while (left := until - time.perf_counter()) > 0:
            if (frame := self._next(left)) is not None:
                self.heard.append(frame)
        return not any(name in (None, frame["type"]) for frame in self.heard)

    def ask(self, name: str, data: Any = None) -> dict[str, Any]:
        """Send a command and return what its `ack` says. Fails the test when it is refused."""
        answer = self._answer(name, data)
        assert answer["type"] == "ack", answer  # noqa: S101
        return answer["data"]

    def refused(self, name: str, data: Any = None) -> dict[str, Any]:
        """Send a command that must be refused, and return what its `error` says."""
        answer = self._answer(name, data)
        assert answer["type"] == "error", answer  # noqa: S101
        return answer["data"]

    def closed(self, *, timeout: float = TIMEOUT) -> int:
        """The code with which the server closed."""
        until = time.perf_counter() + timeout
        while self._code is None and (left := until - time.perf_counter()) > 0:
            if (frame := self._next(left)) is not None:
                self.heard.append(frame)
        assert self._code is not None, "still open"  # noqa: S101
        return self._code

    def hang_up(self) -> None:
        self._put({"type": "websocket.disconnect", "code": 1001})
        self._task.result(TIMEOUT)

    def _answer(self, name: str, data: Any) -> dict[str, Any]:
        ref = str(next(self._refs))
        self.send(name, data, ref=ref)
        aside = []
        while (frame := self.hear())["type"] not in ("ack", "error") or frame["ref"] != ref:
            aside.append(frame)
        self.heard = [*aside, *self.heard]
        return frame

    def _next(self, timeout: float) -> dict[str, Any] | None:
        try:
            message = self._said.get(timeout=timeout)
        except queue.Empty:
            return None
        if message["type"] == "websocket.close":
            self._code = message.get("code", 1000)
            self._put({"type": "websocket.disconnect", "code": self._code})
            return None
        if message["type"] == "websocket.accept":
            return self._next(timeout)
        return orjson.loads(message["text"])
