"""The API over a unix socket, asked from an event loop."""

import asyncio
import json
from pathlib import Path
from typing import Any

PATIENCE = 15.0  # seconds until a question counts as lost


class Refused(Exception):  # noqa: N818 - house style: a refusal is no error
    """An answer that is no success: its status, code and when to try again."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(status, problem.get("code"), problem.get("detail"))
        self.status, self.code = status, problem.get("code")
        self.retry_after = float(problem.get("retry_after") or 0)


class Api:
    """One kept connection to the API."""

    def __init__(self, web: Path, token: str) -> None:
        self._web, self._token = web, token
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def post(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        """Raises Refused, and one of BROKEN."""
        body = json.dumps(content).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self._token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        async with self._turn:
            try:
                status, answer = await asyncio.wait_for(self._exchange(head.encode() + body), PATIENCE)
            except BaseException:
                self.close()
                raise
        if status >= 400:
            raise Refused(status, answer)
        return answer

    async def _exchange(self, question: bytes) -> tuple[int, dict[str, Any]]:
        if self._line is None:
            self._line = await asyncio.open_unix_connection(str(self._web))
        reader, writer = self._line
        writer.write(question)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().splitlines()
        headers = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
        body = await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.close()
        return int(head[0].split()[1]), json.loads(body) if body.startswith(b"{") else {}

    def close(self) -> None:
        if self._line is not None:
            self._line[1].close()
            self._line = None
