"""Run a program on a stranger's file with little to break: a cap on memory, processor time and file size, no secrets in its
environment, no core dump, and an end together with whoever started it.

The parent calls `run`; the child is this file as a script, which sets its own limits and then becomes the program.
"""

import argparse
import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h


@dataclass(frozen=True)
class Limits:
    """`memory` and `file_bytes` in bytes, `cpu_seconds` of processor time, `wall_seconds` on the clock."""

    memory: int
    cpu_seconds: int
    wall_seconds: int
    file_bytes: int


@dataclass(frozen=True)
class Outcome:
    """How the program ended. `spent`: it used up its processor time or memory, which is the file's doing, not ours."""

    status: int
    output: bytes
    errors: str

    @property
    def spent(self) -> bool:
        return self.status in (-signal.SIGXCPU, -signal.SIGXFSZ, -signal.SIGSEGV, -signal.SIGABRT)


class TookTooLong(Exception):  # noqa: N818 - what happened, in plain words
    """The clock ran out while the processor allowance did not: the machine is busy, the file may be fine."""


def run(
    argv: Sequence[str],
    *,
    limits: Limits,
    folder: Path,
    given: bytes = b"",
    each_line: Callable[[str], None] | None = None,
) -> Outcome:
    """Run a program in `folder` and wait for it. `each_line` hears its output as it comes.

    Raises:
        TookTooLong: `wall_seconds` passed.
    """
    command = [
        sys.executable,
        "-I",
        __file__,
        *("--memory", str(limits.memory)),
        *("--cpu", str(limits.cpu_seconds)),
        *("--file-bytes", str(limits.file_bytes)),
        *("--parent", str(os.getpid())),
        "--",
        *argv,
    ]
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    with subprocess.Popen(  # noqa: S603 - argv of our own making, never through a shell
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        late = threading.Event()
        timer = threading.Timer(limits.wall_seconds, _stop, (process, late))
        timer.start()
        try:
            output, errors = _talk(process, given, each_line)
        finally:
            timer.cancel()
            _kill_group(process)
    if late.is_set():
        raise TookTooLong(argv[0])
    return Outcome(status=process.returncode, output=output, errors=errors[-4000:])


def _talk(
    process: "subprocess.Popen[bytes]", given: bytes, each_line: Callable[[str], None] | None
) -> tuple[bytes, str]:
    if each_line is None:
        output, errors = process.communicate(given)
        return output, errors.decode(errors="replace")
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None  # noqa: PT018, S101 - pipes
    heard: list[bytes] = []
    listener = threading.Thread(target=lambda: heard.append(process.stderr.read()), daemon=True)  # type: ignore[union-attr]
    listener.start()
    process.stdin.close()
    for line in process.stdout:
        each_line(line.decode(errors="replace").strip())
    process.wait()
    listener.join(timeout=5)
    return b"", b"".join(heard).decode(errors="replace")


def _stop(process: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    _kill_group(process)


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _confine(memory: int, cpu: int, file_bytes: int, parent: int) -> None:
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked to die with it
            sys.exit(1)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory", type=int, required=True)
    parser.add_argument("--cpu", type=int, required=True)
    parser.add_argument("--file-bytes", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("program", nargs="+")
    wanted = parser.parse_args()
    _confine(wanted.memory, wanted.cpu, wanted.file_bytes, wanted.parent)
    os.execvp(wanted.program[0], wanted.program)  # noqa: S606 - the point of this file


if __name__ == "__main__":
    main()
