"""Sockets on real servers: two processes behind one Redis, as production runs them, and a client library of others."""

import asyncio
import signal
import socket
import struct
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest
from django.db import connection
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed

from accounts.actions import open_session, revoke_session
from accounts.states import SessionKind
from accounts.tests.factories import UserFactory
from accounts.tokens import token_pair
from core.realtime import telling
from core.realtime.telling import frame, person_channel
from core.tests.servers import Server, short_folder

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture(scope="module")
def servers(committed: None) -> Iterator[tuple[Server, Server]]:
    with short_folder() as folder:
        both = Server(folder, "a"), Server(folder, "b")
        for server in both:
            server.wait()
        yield both
        for server in both:
            server.stop()


class Client:
    """One signed-in app."""

    def __init__(self) -> None:
        self.person = UserFactory(username=f"person{time.time_ns()}", phone=None)
        self.session = self.bearer = None
        self.sign_in()

    def sign_in(self) -> None:
        opened = open_session(user=self.person, kind=SessionKind.API)
        self.session, self.bearer = opened.session, token_pair(self.person, opened.refresh_token)["access_token"]

    def connect(self, server: Server) -> Any:
        return unix_connect(
            str(server.path),
            uri="ws://localhost/ws/v1/me/",
            additional_headers={"Authorization": f"Bearer {self.bearer}"},
        )

    def tell(self, n: int, words: str = "") -> None:
        telling.publish(person_channel(self.person.pk), frame("news", {"n": n, "words": words}))


async def heard(line: ClientConnection, name: str, *, within: float = 30.0) -> dict[str, Any]:
    async with asyncio.timeout(within):
        while True:
            found = orjson.loads(await line.recv())
            if found["type"] == name:
                return found


async def closed(line: ClientConnection, *, within: float = 30.0) -> int:
    async with asyncio.timeout(within):
        try:
            while True:
                await line.recv()
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 1006


def test_two_servers_are_one(servers):
    """Frames reach the sockets on both, the sixth socket ends the oldest wherever that is, and so does the end of a session."""
    client = Client()

    async def story() -> None:
        async with AsyncExitStack() as stack:
            lines = []
            for n in range(5):
                line = await stack.enter_async_context(client.connect(servers[n % 2]))
                await heard(line, "ready")
                lines.append(line)
            await asyncio.to_thread(client.tell, 1)
            assert [(await heard(line, "news"))["data"]["n"] for line in lines] == [1] * 5
            sixth = await stack.enter_async_context(client.connect(servers[1]))
            await heard(sixth, "ready")
            assert await closed(lines[0]) == 4409
            await asyncio.to_thread(client.tell, 2)
            assert [(await heard(line, "news"))["data"]["n"] for line in [*lines[1:], sixth]] == [2] * 5
            await asyncio.to_thread(revoke_session, user=client.person, session_id=client.session.pk)
            await asyncio.to_thread(telling.publish, person_channel(client.person.pk), telling.RECHECK)
            assert [await closed(line) for line in [*lines[1:], sixth]] == [4401] * 5

    asyncio.run(story())


def test_a_socket_that_hears_nothing_for_longer_than_redis_time_outs_still_hears(servers):
    client = Client()

    async def story() -> None:
        async with client.connect(servers[0]) as line:
            await heard(line, "ready")
            await asyncio.sleep(6.5)  # redis-py 8 and channels-redis cut such a line after five
            await asyncio.to_thread(client.tell, 1)
            assert await heard(line, "news")

    asyncio.run(story())


@pytest.mark.parametrize(("size", "code"), [(70_000, 4413), (140_000, 1009)])
def test_frames_beyond_the_limit_end_the_socket(servers, size, code):
    client = Client()

    async def story() -> None:
        async with client.connect(servers[0]) as line:
            await heard(line, "ready")
            await line.send('{"type":"ping","data":"' + "x" * size + '"}')
            assert await closed(line) == code

    asyncio.run(story())


def test_one_who_does_not_read_is_dropped_and_holds_up_nobody(servers):
    client = Client()
    stalled = RawLine(servers[0], client.bearer)

    async def story() -> list[float]:
        async with client.connect(servers[0]) as line:
            await heard(line, "ready")
            delays = []
            for n in range(450):
                began = time.perf_counter()
                await asyncio.to_thread(client.tell, n, "x" * 4000)
                assert (await heard(line, "news"))["data"]["n"] == n
                delays.append(time.perf_counter() - began)
            return delays

    delays = asyncio.run(story())
    assert max(delays) < 1.0
    frames, code = stalled.read_to_the_end()
    assert code == 4408
    assert 10 < frames < 450


def test_connections_to_the_database_are_few_and_come_back(servers):
    clients = [Client() for _ in range(30)]

    async def visit(client: Client, n: int) -> None:
        async with client.connect(servers[n % 2]) as line:
            await heard(line, "ready")
            for ref in range(5):
                await line.send(orjson.dumps({"type": "resume", "ref": ref, "data": {}}).decode())
            for _ in range(5):
                await heard(line, "ack")

    async def story() -> None:
        for _ in range(2):
            await asyncio.gather(*(visit(client, n) for n, client in enumerate(clients)))

    asyncio.run(story())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE state <> 'idle') FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        total, busy = cursor.fetchone()
    assert total <= 2 * 10  # the pools of two servers
    assert busy == 0


def test_a_server_that_restarts_says_so_and_takes_its_people_back(servers):
    client = Client()

    async def story() -> None:
        async with client.connect(servers[0]) as line:
            await heard(line, "ready")
            began = time.perf_counter()
            servers[0].process.send_signal(signal.SIGTERM)
            assert await closed(line) == 1012
            await asyncio.to_thread(servers[0].process.wait, 10)
            assert time.perf_counter() - began < 5
        await asyncio.to_thread(servers[0].start)
        await asyncio.to_thread(servers[0].wait)
        async with client.connect(servers[0]) as line:
            await heard(line, "ready")
            await asyncio.to_thread(client.tell, 1)
            assert await heard(line, "news")

    asyncio.run(story())
    assert "Traceback" not in servers[0].log.read_text()


class RawLine:
    """A client that shakes hands and then reads nothing."""

    def __init__(self, server: Server, bearer: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10)
        self._socket.connect(str(server.path))
        key = b64encode(b"sixteen bytes ok").decode()
        self._socket.sendall(
            f"GET /ws/v1/me/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\nAuthorization: Bearer {bearer}\r\n\r\n".encode()
        )
        self._rest = b""
        while b'"ready"' not in self._rest:
            self._rest += self._socket.recv(4096)
        self._rest = self._rest.partition(b"\r\n\r\n")[2]

    def read_to_the_end(self) -> tuple[int, int]:
        """How many frames came, and the code of the last, which closes."""
        frames = 0
        while True:
            opcode, payload = self._frame()
            if opcode == 8:
                return frames, struct.unpack("!H", payload[:2])[0]
            frames += 1

    def _frame(self) -> tuple[int, bytes]:
        first, length = self._take(2)
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
        return first & 0x0F, self._take(length)

    def _take(self, count: int) -> bytes:
        while len(self._rest) < count:
            part = self._socket.recv(65536)
            assert part, "the line was cut without a word"
            self._rest += part
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken
