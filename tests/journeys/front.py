"""What nginx is in production: one address, sockets to the server of sockets and everything else to the pages."""

import asyncio
import threading
from contextlib import suppress
from typing import Any

import uvicorn

from core.realtime.hub import hub

SOCKETS = b"GET /ws/"
CHUNK = 64 * 1024
PATIENCE = 30.0  # seconds


class Front:
    """A loop in a thread, with the sockets' own server in it."""

    def __init__(self, application: Any, pages: tuple[str, int]) -> None:
        self.pages = pages
        self.loop = asyncio.new_event_loop()
        self._lines: set[asyncio.StreamWriter] = set()
        self._sockets_lines: set[asyncio.StreamWriter] = set()
        self._dead: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self.loop.run_forever, name="front", daemon=True)
        self._thread.start()
        config = uvicorn.Config(application, host="127.0.0.1", port=0, lifespan="off", log_level="warning", ws="auto")
        self._sockets = uvicorn.Server(config)
        self._run(self._start())

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def _run(self, call: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(call, self.loop).result(PATIENCE)

    async def _start(self) -> None:
        self._serving = asyncio.create_task(self._sockets.serve())
        while not self._sockets.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        self.sockets = self._sockets.servers[0].sockets[0].getsockname()
        self._door = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._door.sockets[0].getsockname()[1]

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass a connection on by how it begins; browsers open a new one for each socket."""
        first = await reader.read(CHUNK)
        if not first:
            writer.close()
            return
        is_socket = first.startswith(SOCKETS)
        there, onward = await asyncio.open_connection(*(self.sockets if is_socket else self.pages))
        onward.write(first)
        line = {writer, onward}
        self._lines |= line
        self._sockets_lines |= line if is_socket else set()
        await asyncio.gather(self._carry(reader, onward), self._carry(there, writer))
        for known in (self._lines, self._sockets_lines, self._dead):
            known.difference_update(line)

    async def _carry(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        try:
            while block := await source.read(CHUNK):
                if to not in self._dead:
                    to.write(block)
                    await to.drain()
        except OSError:
            pass
        finally:
            to.close()

    def hang_up(self) -> None:
        """End every connection there is; new ones are taken."""
        self._run(self._hang_up())

    async def _hang_up(self) -> None:
        for writer in self._lines:
            writer.transport.abort()

    def fall_silent(self) -> None:
        """The sockets that are open now carry nothing any more, and nobody is told: a line behind a laptop that sleeps."""
        self.loop.call_soon_threadsafe(lambda: self._dead.update(self._sockets_lines))

    def close(self) -> None:
        self._run(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE)
        self.loop.close()

    async def _close(self) -> None:
        self._door.close()
        await self._hang_up()
        self._sockets.should_exit = True
        self._sockets.force_exit = True
        with suppress(TimeoutError):  # a socket that will not end goes with the loop; the test was over
            await asyncio.wait_for(self._serving, PATIENCE / 2)
        await hub().stop()
