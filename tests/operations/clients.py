"""What a client of the messages has to do so that it misses nothing, in its plainest form."""

import asyncio
import contextlib
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import WebSocketException

from benchmarks.api import Api, Refused
from benchmarks.talkers import Talker

PATIENCE = 15.0  # seconds until a question counts as lost and is put again
BROKEN = (OSError, EOFError, TimeoutError, WebSocketException)


@dataclass(frozen=True)
class Heard:
    """A numbered frame, as it was kept."""

    seq: int
    name: str
    message: dict[str, Any]


class App:
    """Somebody's app, in one conversation: it keeps what it hears in order, comes back when cut off, and asks for what it missed."""

    def __init__(
        self, talker: Talker, *, sockets: Sequence[Path], web: Path, dice: random.Random, resumes: bool = True
    ) -> None:
        self.talker, self.dice, self.resumes = talker, dice, resumes
        self.kept: list[Heard] = []
        self.accepted: dict[str, str] = {}  # our name for a message -> the server's
        self.counted: Counter[str] = Counter()  # what happened, for those who look afterwards
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []  # that each send took, with all its repetitions
        self.close_codes: list[int | None] = []
        self.closed_at = 0.0  # seconds since the epoch
        self._sockets, self._api = list(sockets), Api(web, talker.token)
        self._ahead: dict[int, Heard] = {}  # heard before what comes in front of it
        self._refs = itertools.count(1)
        self._asked: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._line: ClientConnection | None = None
        self._resuming: asyncio.Task[None] | None = None
        self._welcome = asyncio.Event()
        self._wanted = self._leaving = False
        self._newest: str | None = None

    # --- being there ------------------------------------------------------------------------------------------

    @property
    def stream(self) -> str:
        return f"conversation:{self.talker.conversation}"

    @property
    def last(self) -> int:
        return self.kept[-1].seq if self.kept else 0

    async def live(self) -> None:
        """Stay connected until told to leave, to whichever server takes us."""
        while not self._leaving:
            door = self.dice.choice(self._sockets)
            try:
                async with unix_connect(
                    str(door),
                    "ws://localhost/ws/v1/me/",
                    additional_headers={"Authorization": f"Bearer {self.talker.token}"},
                    compression=None,
                    open_timeout=PATIENCE,
                    ping_interval=None,
                    close_timeout=1,
                ) as line:
                    await self._stay(line)
            except BROKEN:
                self.counted["cut off"] += 1
            await asyncio.sleep(self.dice.uniform(0.01, 0.1))

    async def _stay(self, line: ClientConnection) -> None:
        self._line = line
        try:
            async for text in line:
                self._hear(json.loads(text))
        finally:
            self.close_codes.append(line.close_code)
            self.closed_at = time.time()
            self._line = None
            self._welcome.clear()
            for future in self._asked.values():
                if not future.done():
                    future.set_exception(ConnectionError())

    async def arrives(self) -> None:
        """Wait until a server has greeted us."""
        await asyncio.wait_for(self._welcome.wait(), PATIENCE * 2)

    def cut(self) -> None:
        """Lose the line, as in a lift."""
        if self._line is not None:
            self._line.transport.abort()

    def stays_out(self) -> None:
        """Do not come back after the line is lost."""
        self._leaving = True

    async def leave(self) -> None:
        self._leaving = True
        if self._line is not None:
            await self._line.close()
        self._api.close()

    # --- hearing ----------------------------------------------------------------------------------------------

    def _hear(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind in ("ack", "error"):
            future = self._asked.get(frame["ref"])
            if future is not None and not future.done():
                future.set_result(frame)
        elif kind == "ready":
            self._welcome.set()
            self._resume()
        elif kind == "resync":
            self.counted["told to resume"] += 1
            self._resume()
        elif kind == "pong":
            newest = frame["data"]["newest"]
            if newest != self._newest:  # something was said since we last asked; whether we heard it, the numbers tell
                self._newest = newest
                self._resume()
        elif frame.get("stream") == self.stream and frame.get("seq"):
            self._keep(Heard(frame["seq"], kind, frame["data"]))

    def _keep(self, heard: Heard) -> None:
        if heard.seq <= self.last:
            self.counted["heard again"] += 1
        elif heard.seq == self.last + 1 or not self.resumes:
            self.kept.append(heard)
            following = self._ahead.pop(heard.seq + 1, None)
            if following is not None:
                self._keep(following)
        else:
            self._ahead[heard.seq] = heard
            self._resume()

    def _resume(self) -> None:
        self._wanted = True
        if self.resumes and (self._resuming is None or self._resuming.done()):
            self._resuming = asyncio.create_task(self._catch_up())

    async def _catch_up(self) -> None:
        more = False
        with contextlib.suppress(*BROKEN):  # the next connection begins with it anyway
            while more or self._wanted or self._ahead:
                self._wanted = False
                self.counted["resumed"] += 1
                try:
                    answer = await self.ask("resume", {"streams": {self.stream: self.last}})
                except Refused as refusal:
                    self.statuses[refusal.status] += 1
                    self._wanted = True
                    await asyncio.sleep(max(0.2, refusal.retry_after))
                    continue
                more = answer["streams"][self.stream]["more"]
                self._ahead = {seq: heard for seq, heard in self._ahead.items() if seq > self.last}

    # --- speaking ---------------------------------------------------------------------------------------------

    async def ask(self, name: str, content: dict[str, Any]) -> dict[str, Any]:
        """One command over the socket; what its `ack` says.

        Raises Refused, and one of BROKEN when nobody knows what became of it.
        """
        line = self._line
        if line is None:
            raise ConnectionError
        ref = str(next(self._refs))
        future = self._asked[ref] = asyncio.get_running_loop().create_future()
        try:
            await line.send(json.dumps({"type": name, "ref": ref, "data": content}))
            frame = await asyncio.wait_for(future, PATIENCE)
        finally:
            del self._asked[ref]
        if frame["type"] == "error":
            raise Refused(frame["data"]["status"], frame["data"])
        return frame["data"]

    async def ping(self) -> None:
        """The heartbeat, whose answer says how far the conversations are."""
        if self._line is not None:
            with contextlib.suppress(*BROKEN):
                await self._line.send(json.dumps({"type": "ping"}))

    async def say(self, body: str, client_id: str, *, over: str = "", doubts: float = 0.05) -> None:
        """Send until it is accepted, over the door named or over any; now and then once more, as a doubtful client would."""
        began = time.monotonic()
        while True:
            door = over or self.dice.choice(("socket", "rest"))
            try:
                message = await self._send(door, {"content": body, "client_id": client_id})
            except BROKEN:
                self.counted[f"{door}: nobody knows"] += 1
                await asyncio.sleep(self.dice.uniform(0.02, 0.1))
                continue
            except Refused as refusal:
                self.statuses[refusal.status] += 1
                if refusal.status != 429:
                    raise
                await asyncio.sleep(min(refusal.retry_after, 2))
                continue
            self.statuses[200] += 1
            assert self.accepted.setdefault(client_id, message["id"]) == message["id"], (
                "a resend became another message"
            )
            if self.dice.random() >= doubts:
                break
            self.counted["sent again"] += 1
        self.seconds.append(time.monotonic() - began)

    async def _send(self, door: str, content: dict[str, Any]) -> dict[str, Any]:
        if door == "socket":
            return await self.ask("message:send", {"conversation_id": self.talker.conversation, **content})
        return await self._api.post(f"/api/v1/conversations/{self.talker.conversation}/messages", content)
