"""Real server processes for tests: uvicorn as production runs it, and a Redis of the test's own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from redis import Redis
from redis.exceptions import RedisError

PATIENCE = 30.0
# As in deploy/launcher/processes.sh; tests/operations holds the two together.
UVICORN = [
    "--lifespan",
    "off",
    "--ws-max-size",
    "131072",
    "--ws-per-message-deflate",
    "false",
    "--ws-ping-interval",
    "20",
    "--ws-ping-timeout",
    "20",
    "--timeout-graceful-shutdown",
    "5",
    "--no-access-log",
    "--log-level",
    "warning",
]


class Server:
    """One uvicorn on a unix socket, on the test's database and Redis."""

    def __init__(self, folder: Path, name: str, *, redis: str | None = None, **environment: str) -> None:
        self.path = folder / f"{name}.sock"
        self.log = folder / f"{name}.log"
        self._environment = {
            **os.environ,
            "DATABASE_URL": _database_url(),
            "DB_POOL": "1",
            "SOUK_ENV": "test",
            "SOUK_READ_DOTENV": "0",
            "LOG_LEVEL": "WARNING",
            **({"REDIS_URL": redis} if redis else {}),
            **environment,
        }
        self.start()

    def start(self) -> None:
        self.path.unlink(missing_ok=True)
        arguments = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--uds", str(self.path)]
        self.process = subprocess.Popen(  # noqa: S603
            [*arguments, *UVICORN],
            cwd=settings.BASE_DIR,
            env=self._environment,
            stdout=self.log.open("ab"),
            stderr=subprocess.STDOUT,
        )

    def wait(self) -> "Server":
        """Until it answers: several start at once."""
        _wait(self.path.exists, lambda: f"uvicorn did not start:\n{self.log.read_text()}")
        return self

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)


class OwnRedis:
    """A Redis that may be stopped, frozen and emptied."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "redis.sock"
        self.url = f"unix://{self.path}"
        self.start()

    def start(self) -> None:
        program = shutil.which("redis-server") or "redis-server"
        self.process = subprocess.Popen(  # noqa: S603
            [program, "--port", "0", "--unixsocket", str(self.path), "--save", "", "--dir", str(self.path.parent)],
            stdout=subprocess.DEVNULL,
        )
        _wait(self._answers, lambda: "redis-server did not start")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def flush(self) -> None:
        Redis.from_url(self.url).flushall()

    def _answers(self) -> bool:
        try:
            return bool(Redis.from_url(self.url).ping())
        except (RedisError, OSError):
            return False


@contextmanager
def short_folder() -> Iterator[Path]:
    """A unix socket's path has at most 107 bytes, and pytest's folders may be longer."""
    with tempfile.TemporaryDirectory(prefix="souk-", dir="/tmp") as folder:
        yield Path(folder)


def _database_url() -> str:
    now = connection.settings_dict
    host = quote(now["HOST"] or "", safe="")
    password = f":{quote(now['PASSWORD'])}" if now["PASSWORD"] else ""
    port = f":{now['PORT']}" if now["PORT"] else ""
    return f"postgis://{now['USER']}{password}@{host}{port}/{now['NAME']}"


def _wait(until: object, words: object) -> None:
    end = time.perf_counter() + PATIENCE
    while not until():  # type: ignore[operator]
        if time.perf_counter() > end:
            raise AssertionError(words())  # type: ignore[operator]
        time.sleep(0.02)
