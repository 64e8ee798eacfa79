"""Processes of our own on unix sockets: Redis and the two servers, as `./souk up` runs them, to load, stop and kill."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import redis

from benchmarks.databases import ROOT
from core.tests.servers import UVICORN

BIN = Path(sys.executable).parent
LONG = 60.0  # seconds that a busy machine may take for anything


class Process:
    """One program, its children with it. It ends with whoever started it."""

    def __init__(
        self, name: str, command: list[str], *, log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name, self.command, self.log = name, command, log
        self.environment = dict(os.environ if environment is None else environment)
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._popen is None:
            msg = f"{self.name} was never started"
            raise RuntimeError(msg)
        return self._popen.pid

    def lives(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *self.command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """As a machine does that loses power: no last words. Does nothing to what was never started."""
        if self._popen is not None:
            self.tell(signal.SIGKILL)

    def hang(self) -> None:
        """It lives and answers nobody."""
        os.killpg(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        """In good order; does nothing to what was never started."""
        if self._popen is not None:
            with contextlib.suppress(ProcessLookupError):
                self.go_on()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.tell(signal.SIGTERM, within=10)
            self.kill()

    def tell(self, number: int, *, within: float = LONG) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)
        assert self._popen is not None  # noqa: S101 - `pid` has said so
        self._popen.wait(within)

    def wait_until(self, answers: Callable[[], bool]) -> None:
        end = time.monotonic() + LONG
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if answers():
                    return
            if not self.lives() or time.monotonic() > end:
                msg = f"{self.name} does not come up:\n{self.last_words()}"
                raise RuntimeError(msg)
            time.sleep(0.05)

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]


class Redis(Process):
    """A Redis that nobody else uses and that keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        program = shutil.which("redis-server") or "redis-server"
        words = [program, "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no"]
        super().__init__("redis", [*words, "--databases", "16", "--dir", str(folder)], log=folder / "redis.log")

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        super().start()
        self.wait_until(lambda: self._asked(b"PING") == b"+PONG")

    def empty(self) -> None:
        """FLUSHALL: what is kept is gone, connections stay."""
        self._asked(b"FLUSHALL")

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5)

    def _asked(self, word: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(self.socket))
            line.sendall(word + b"\r\n")
            return line.recv(100).strip()


class Sockets(Process):
    """uvicorn with the websockets."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *, name: str = "realtime") -> None:
        self.socket = folder / f"{name}.sock"
        words = [str(BIN / "uvicorn"), "config.asgi:application", "--uds", str(self.socket), *UVICORN]
        super().__init__(name, words, log=folder / f"{name}.log", environment={**environment, "DB_POOL": "1"})

    def start(self, *, wait: bool = True) -> None:
        self.socket.unlink(missing_ok=True)
        super().start()
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        self.wait_until(lambda: _connects(self.socket))


class Web(Process):
    """granian with pages and API."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *, workers: int = 1) -> None:
        self.socket = folder / "web.sock"
        words = [str(BIN / "granian"), "--interface", "wsgi", "config.wsgi:application", "--uds", str(self.socket)]
        words += ["--workers", str(workers), "--blocking-threads", "2", "--no-ws", "--log-level", "warning"]
        super().__init__("web", words, log=folder / "web.log", environment=environment)

    def start(self, *, wait: bool = True) -> None:
        self.socket.unlink(missing_ok=True)
        super().start()
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        self.wait_until(lambda: _status(self.socket, "/healthz") == 200)


def _connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(str(path))
    return True


def _status(path: Path, address: str) -> int:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(str(path))
        line.sendall(f"GET {address} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        answer = http.client.HTTPResponse(line)
        answer.begin()
        return answer.status
