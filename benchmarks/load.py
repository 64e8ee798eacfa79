"""Load on a statement (pgbench) and on an address (wrk, or threads of our own where it is missing), with latencies in milliseconds."""

import contextlib
import http.client
import json
import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import Server


@dataclass(frozen=True)
class Measured:
    p50: float
    p95: float
    rate: float  # a second
    count: int
    errors: int = 0


def measured(milliseconds: list[float], seconds: float, errors: int = 0) -> Measured:
    ordered = sorted(milliseconds) or [float("nan")]
    return Measured(
        p50=ordered[len(ordered) // 2],
        p95=ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))],
        rate=len(milliseconds) / seconds,
        count=len(milliseconds),
        errors=errors,
    )


def pgbench(
    server: Server, database: str, statement: str, *, questions: int, clients: int, seconds: float, protocol: str
) -> Measured:
    """Run a statement that reads question number `:v`. Each client's first runs, which plan, are left out of the latencies."""
    found = server.libpq(database)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "statement.sql")
        script.write_text(f"\\set v random(1, {questions})\n{statement};\n")
        command = [_program("pgbench"), "--no-vacuum", f"--protocol={protocol}", f"--client={clients}"]
        command += [f"--jobs={min(2, clients)}", f"--time={max(1, round(seconds))}", f"--file={script}"]
        command += ["--log", f"--log-prefix={folder}/log", f"--username={found['user']}", found["dbname"]]
        command += [f"--{name}={found[name]}" for name in ("host", "port") if name in found]
        environment = {"PGPASSWORD": found["password"]} if "password" in found else {}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode:
            msg = f"pgbench: {done.stderr[-2000:]}"
            raise RuntimeError(msg)
        latencies, began, ended = [], float("inf"), 0.0
        for log in Path(folder).glob("log.*"):
            for line in log.read_text().splitlines():
                _client, number, microseconds, _script, epoch, rest = line.split()[:6]
                at = int(epoch) + int(rest) / 1e6
                began, ended = min(began, at), max(ended, at)
                if int(number) > 12:
                    latencies.append(int(microseconds) / 1000)
    return measured(latencies, max(ended - began, 0.001))


_LUA = """
local requests, counter = {}, 0
function init(args)
  math.randomseed(os.time() + tonumber(tostring(requests):sub(8), 16) %% 100000)
  for line in io.lines("%(file)s") do
    local path, token = line:match("^(%%S+) (%%S+)$")
    requests[#requests + 1] = wrk.format("GET", path, {Host = "localhost", Authorization = "Bearer " .. token})
  end
end
function request() return requests[math.random(#requests)] end
function done(summary, latency, requests)
  io.write(string.format('\\n{"p50": %%f, "p95": %%f, "count": %%d, "us": %%d, "errors": %%d}\\n', latency:percentile(50) / 1000,
    latency:percentile(95) / 1000, summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
"""


def http_load(port: int, asked: Sequence[tuple[str, str]], *, clients: int, seconds: float) -> Measured:
    """Ask paths, each with an access token, from so many connections at once."""
    if shutil.which("wrk") is None:
        return _threads(port, asked, clients=clients, seconds=seconds)
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder, "requests")
        lines.write_text("".join(f"{path} {token}\n" for path, token in asked))
        script = Path(folder, "script.lua")
        script.write_text(_LUA % {"file": lines})
        done = subprocess.run(
            [
                "wrk",
                "-t2",
                f"-c{clients}",
                f"-d{max(1, round(seconds))}s",
                "-s",
                str(script),
                f"http://127.0.0.1:{port}",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return Measured(told["p50"], told["p95"], told["count"] / told["us"] * 1e6, told["count"], told["errors"])


def _threads(port: int, asked: Sequence[tuple[str, str]], *, clients: int, seconds: float) -> Measured:
    latencies: list[float] = []
    errors: list[int] = []
    end = time.monotonic() + seconds

    def ask(dice: random.Random) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.monotonic() < end:
            path, token = dice.choice(asked)
            began = time.perf_counter()
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            latencies.append((time.perf_counter() - began) * 1000)
            if answer.status != 200:
                errors.append(answer.status)

    threads = [threading.Thread(target=ask, args=(random.Random(number),)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return measured(latencies, seconds, len(errors))


def family(pid: int) -> list[int]:
    """A process and what it started."""
    found = [pid]
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) in found:
                found.append(int(path.parent.name))
    return found


def cpu_seconds(pids: Sequence[int]) -> float:
    """What processes have had of the processors until now: it says what a thing costs also on a machine that others use."""
    spent = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                spent += int(path.read_text().split()[0])
    return spent / 1e9


def _program(name: str) -> str:
    found = shutil.which(name) or next((str(p) for p in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), None)
    if found is None:
        msg = f"{name} is not installed (Debian: postgresql-contrib's own {name}, or the server's bin folder)"
        raise RuntimeError(msg)
    return found
