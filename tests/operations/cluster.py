# ruff: noqa: S603 - our own programs
"""A PostgreSQL of one test's own, to be killed: a copy of the database that pytest made, on a unix socket."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from django.db import connection

LONG = 120.0  # seconds that a busy machine may take for anything
DATABASE = "souk"
BIN = Path(
    subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S607
    if shutil.which("pg_config")
    else "/nowhere"
)


def programs() -> Path:
    """Where initdb and postgres are."""
    if (BIN / "initdb").exists():
        return BIN
    return max(path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb"))


class Cluster:
    """`start`, `kill` (as a machine does that loses power) and `start` again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, 5999
        self._popen: subprocess.Popen[bytes] | None = None
        # The server refuses to run as root.
        self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        if self._as:
            shutil.chown(folder, "postgres", "postgres")
        self._run("initdb", "-D", str(folder / "pg"), "-A", "trust", "-U", "souk", "-E", "UTF8", "--locale=C.UTF-8")

    @property
    def url(self) -> str:
        return f"postgis://souk@{str(self.folder).replace('/', '%2F')}:{self.port}/{DATABASE}"

    def start(self) -> None:
        options = {"listen_addresses": "", "port": self.port, "unix_socket_directories": self.folder, "fsync": "off"}
        words = [str(programs() / "postgres"), "-D", str(self.folder / "pg")]
        words += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        until = time.monotonic() + LONG
        while True:
            with (self.folder / "pg.log").open("ab") as log:
                self._popen = subprocess.Popen([*self._as, *words], stdout=log, stderr=log, start_new_session=True)
            while self._popen.poll() is None:
                if self._answers():
                    return
                if time.monotonic() > until:
                    raise TimeoutError((self.folder / "pg.log").read_text()[-2000:])
                time.sleep(0.1)
            time.sleep(0.5)  # the memory of the one before is not free yet

    def kill(self) -> None:
        """No last words of anybody: neither the server's nor its backends'."""
        if self._popen is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait(timeout=LONG)
            for backend in self._children():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(backend, signal.SIGKILL)

    def fill(self) -> None:
        """Everything that pytest's own database has."""
        to = connection.settings_dict
        self._run("createdb", "-h", str(self.folder), "-p", str(self.port), "-U", "souk", DATABASE)
        dump = [str(programs() / "pg_dump"), "-h", to["HOST"], "-U", to["USER"], "-Fc", str(to["NAME"])]
        dump += ["-p", str(to["PORT"])] if to["PORT"] else []
        kept = self.folder / "dump"
        with kept.open("wb") as out:
            environment = {**os.environ, "PGPASSWORD": str(to["PASSWORD"] or "")}
            subprocess.run(dump, stdout=out, env=environment, check=True)
        restore = [str(programs() / "pg_restore"), "-h", str(self.folder), "-p", str(self.port), "-U", "souk"]
        subprocess.run([*restore, "--no-owner", "--no-privileges", "-d", DATABASE, str(kept)], check=True)

    def _children(self) -> list[int]:
        """Backends have sessions of their own; they are known by the folder that they work in."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (path / "cwd").resolve() == (self.folder / "pg").resolve():
                    found.append(int(path.name))
        return found

    def _answers(self) -> bool:
        words = [str(programs() / "pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port)]
        return subprocess.run(words, check=False).returncode == 0

    def _run(self, program: str, *words: str) -> None:
        subprocess.run([*self._as, str(programs() / program), *words], check=True, stdout=subprocess.DEVNULL)
