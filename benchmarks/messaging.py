"""Messages against a raw echo: `./souk bench messaging [--pairs 200] [--rate 30] [--quick]`.

Pairs of people, all connected, write to each other: over their sockets, over the API, and (the floor) to a bare asyncio server that
only publishes each frame over the same Redis to the other's socket. Once at a steady rate, from sending to receipt at the other
socket; once as fast as each sender gets answers. Prints both sides and writes docs/benchmarks/messaging.md.
"""

import argparse
import asyncio
import itertools
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import uvloop
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed

from benchmarks.api import Api, Refused
from benchmarks.databases import ROOT, Server
from benchmarks.load import Measured, cpu_seconds, family, measured
from benchmarks.messaging_report import Cell, Facts, write
from benchmarks.processes import Process, Redis, Sockets, Web
from benchmarks.talkers import Office, Talker

DATABASE = "souk_bench_messaging"
WORDS = (
    "salam",
    "the chair",
    "is still here",
    "come by",
    "after sunset",
    "it fits",
    "in a small car",
    "قهوة",
    "أم شاي",
)
Send = Callable[["Line", str], Awaitable[None]]


class Line:
    """One socket of one person. `waiting` knows when each message was sent, whoever did it."""

    def __init__(self, talker: Talker, waiting: dict[str, float]) -> None:
        self.talker, self.waiting = talker, waiting
        self.took: list[float] = []  # milliseconds from sending to receipt, of what the other sent
        self.heard = 0
        self.sizes: dict[str, int] = {}  # bytes of a frame of each type
        self._line: ClientConnection | None = None
        self._asked: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._refs = itertools.count(1)
        self._ready = asyncio.Event()

    async def connect(self, socket: Path, address: str) -> asyncio.Task[None]:
        self._line = await unix_connect(
            str(socket),
            f"ws://localhost{address}",
            additional_headers={"Authorization": f"Bearer {self.talker.token}"},
            compression=None,
            ping_interval=None,
            open_timeout=60,
        )
        reading = asyncio.create_task(self._read(self._line))
        await asyncio.wait_for(self._ready.wait(), 60)
        return reading

    async def _read(self, line: ClientConnection) -> None:
        try:
            async for text in line:
                self._hear(orjson.loads(text), len(text))
        except ConnectionClosed:
            return

    def _hear(self, frame: dict[str, Any], size: int) -> None:
        now = time.perf_counter()
        kind = frame["type"]
        if kind == "message:new":
            sent = None if frame["data"]["is_mine"] else self.waiting.pop(frame["data"]["body"], None)
            if sent is not None:
                self.took.append((now - sent) * 1000)
        elif kind in ("ack", "error"):
            future = self._asked.pop(frame["ref"])
            if not future.done():
                future.set_result(frame)
        elif kind == "ready":
            self._ready.set()
        self.sizes[kind] = size

    async def send(self, body: str) -> None:
        assert self._line is not None  # noqa: S101
        ref = str(next(self._refs))
        future = self._asked[ref] = asyncio.get_running_loop().create_future()
        content = {
            "conversation_id": self.talker.conversation,
            "content": body,
            "client_id": f"{ref}-{time.time_ns()}",
        }
        await self._line.send(orjson.dumps({"type": "message:send", "ref": ref, "data": content}).decode())
        answer = await asyncio.wait_for(future, 60)
        if answer["type"] == "error":
            raise Refused(answer["data"]["status"], answer["data"])

    async def close(self) -> None:
        if self._line is not None:
            await self._line.close()


@dataclass
class Crowd:
    """Pairs of connected people, and what measures them."""

    lines: list[tuple[Line, Line]]
    waiting: dict[str, float]
    serving: Callable[[], list[int]]  # processes whose processor time counts
    errors: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def steady(self, send: Send, *, rate: float, seconds: float) -> Cell:
        """So many a second, whatever comes back, evenly from everybody."""
        speakers = [line for pair in self.lines for line in pair]
        self.dice.shuffle(speakers)
        total = int(rate * seconds)
        sending: set[asyncio.Task[None]] = set()
        before, began = self._begin()
        for number in range(total):
            wait = began + number / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            task = asyncio.create_task(self._one(send, speakers[number % len(speakers)]))
            sending.add(task)
            task.add_done_callback(sending.discard)
        await asyncio.gather(*sending)
        return await self._end(before, began, total)

    async def saturated(self, send: Send, *, seconds: float) -> Cell:
        """One of each pair sends the next message as soon as the last was accepted."""
        before, began = self._begin()
        counts = await asyncio.gather(*(self._keep_on(send, one, began + seconds) for one, _ in self.lines))
        return await self._end(before, began, sum(counts))

    async def _keep_on(self, send: Send, line: Line, end: float) -> int:
        count = 0
        while time.perf_counter() < end:
            await self._one(send, line)
            count += 1
        return count

    async def _one(self, send: Send, line: Line) -> None:
        body = f"{' '.join(self.dice.choices(WORDS, k=6))} {_letters(next(self._numbers))}"
        self.waiting[body] = time.perf_counter()
        try:
            await send(line, body)
        except (Refused, OSError, TimeoutError):
            self.errors += 1

    def _begin(self) -> tuple[float, float]:
        self.errors = 0
        self.waiting.clear()
        for line in itertools.chain.from_iterable(self.lines):
            line.took.clear()
        return cpu_seconds(self.serving()), time.perf_counter()

    async def _end(self, before: float, began: float, accepted: int) -> Cell:
        seconds = time.perf_counter() - began
        until = time.perf_counter() + 10
        while self.waiting and time.perf_counter() < until:  # noqa: ASYNC110 - receipts come one by one
            await asyncio.sleep(0.01)
        spent = cpu_seconds(self.serving()) - before
        took = [ms for line in itertools.chain.from_iterable(self.lines) for ms in line.took]
        found: Measured = measured(took, seconds, self.errors)
        return Cell(
            found.p50,
            found.p95,
            accepted / seconds,
            len(took),
            self.errors + len(self.waiting),
            spent / max(1, accepted) * 1000,
        )


async def over_socket(line: Line, body: str) -> None:
    await line.send(body)


def over_api(web: Path, talkers: Sequence[Talker]) -> Send:
    """Everybody keeps one connection to the API."""
    doors = {talker.id: Api(web, talker.token) for talker in talkers}

    async def send(line: Line, body: str) -> None:
        path = f"/api/v1/conversations/{line.talker.conversation}/messages"
        await doors[line.talker.id].post(path, {"content": body, "client_id": str(time.time_ns())})

    return send


def main() -> None:
    asked = _arguments()
    server = Server.from_environment()
    server.make(DATABASE)
    server.manage(DATABASE, "migrate")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="souk-bench-", dir="/tmp")))
        redis = Redis(folder)
        environment = server.environment(DATABASE) | {
            "REDIS_URL": redis.url,
            "REDIS_FIRST_DB": "0",
            "SOUK_ENV": "development",  # under `test`, every frame would be held against its shape
            "RATE_LIMITS_ENABLED": "false",  # each of them says more than a person may
            "SOCKET_FRAMES_PER_MINUTE": "1000000",
            "LOG_JSON": "true",
            "MEDIA_ROOT": str(folder / "media"),
        }
        sockets, web = Sockets(folder, environment), Web(folder, environment, workers=2)
        office = Office(environment)
        people = office.pairs(asked.pairs)
        office.close()
        for process in (redis, sockets, web):
            stack.callback(process.stop)
            process.start()
        found = uvloop.run(_measure(server, folder, redis, sockets, web, people, asked))
    write(found, asked)


async def _measure(  # noqa: PLR0917
    server: Server,
    folder: Path,
    redis: Redis,
    sockets: Sockets,
    web: Web,
    people: list[tuple[Talker, Talker]],
    asked: argparse.Namespace,
) -> Facts:
    waiting: dict[str, float] = {}

    def ours() -> list[int]:
        return [*family(sockets.pid), *family(web.pid), redis.pid, *_backends(server)]

    async with AsyncExitStack() as stack:
        lines = await _connected(stack, people, waiting, lambda _one, _other: (sockets.socket, "/ws/v1/me/"))
        real = Crowd(lines, waiting, ours)
        api = over_api(web.socket, [talker for pair in people for talker in pair])
        await real.saturated(over_socket, seconds=asked.seconds / 4)  # plans, fills caches, tells the frames' sizes
        frame, ack = lines[0][1].sizes["message:new"], lines[0][0].sizes["ack"]

        echo = _echo(folder, redis, frame, ack)
        stack.callback(echo.stop)
        echo.start()
        echo.wait_until((folder / "echo.sock").exists)
        echoing: dict[str, float] = {}
        raw_lines = await _connected(
            stack,
            people,
            echoing,
            lambda one, other: (folder / "echo.sock", f"/?me={one.talker.id}&other={other.talker.id}"),
        )
        raw = Crowd(raw_lines, echoing, lambda: [echo.pid, redis.pid])

        cells: dict[str, list[Cell]] = {}
        for _round in range(asked.rounds):
            for name, crowd, send in (("echo", raw, over_socket), ("socket", real, over_socket), ("api", real, api)):
                await crowd.saturated(send, seconds=min(1.0, asked.seconds / 4))
                for kind, told in (
                    ("steady", crowd.steady(send, rate=asked.rate, seconds=asked.seconds)),
                    ("saturated", crowd.saturated(send, seconds=asked.seconds)),
                ):
                    cell = await told
                    cells.setdefault(f"{name}, {kind}", []).append(cell)
                    print(f"  {name:7} {kind:10} {cell}", file=sys.stderr)
    return Facts(cells=cells, frame_bytes=frame, ack_bytes=ack)


async def _connected(
    stack: AsyncExitStack,
    people: list[tuple[Talker, Talker]],
    waiting: dict[str, float],
    door: Callable[[Line, Line], tuple[Path, str]],
) -> list[tuple[Line, Line]]:
    lines = [(Line(one, waiting), Line(other, waiting)) for one, other in people]
    for one, other in lines:
        for line, peer in ((one, other), (other, one)):
            reading = await line.connect(*door(line, peer))
            stack.callback(reading.cancel)
            stack.push_async_callback(line.close)
    return lines


def _echo(folder: Path, redis: Redis, frame: int, ack: int) -> Process:
    words = [
        sys.executable,
        "-m",
        "benchmarks.echo",
        str(folder / "echo.sock"),
        f"{redis.url}?db=2",
        str(frame),
        str(ack),
    ]
    return Process("echo", words, log=folder / "echo.log")


def _backends(server: Server) -> list[int]:
    with server.connect(DATABASE) as line:
        rows = line.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in rows]


def _letters(number: int) -> str:
    """A number as a word: digits in a message would look like a telephone's."""
    found = ""
    while number:
        number, rest = divmod(number, 20)
        found += "bcdfghjklmnpqrstvwxz"[rest]
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.messaging", description=__doc__)
    parser.add_argument("--pairs", type=int, default=None, help="of people (200)")
    parser.add_argument(
        "--rate", type=float, default=30, help="messages a second of the steady part, all pairs together"
    )
    parser.add_argument("--seconds", type=float, default=None, help="of each measurement (10)")
    parser.add_argument("--rounds", type=int, default=None, help="each measurement so often, in turns (2)")
    parser.add_argument("--quick", action="store_true", help="20 pairs, a second each: does it run at all")
    parser.add_argument("--note", default="", help="a sentence for the report, about the machine")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks" / "messaging.md")
    asked = parser.parse_args()
    asked.pairs = asked.pairs or (20 if asked.quick else 200)
    asked.seconds = asked.seconds or (1 if asked.quick else 10)
    asked.rounds = asked.rounds or (1 if asked.quick else 2)
    return asked


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    main()
