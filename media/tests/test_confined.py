import signal
import sys
import time
from pathlib import Path

import pytest

from media.confined import Limits, TookTooLong, run

ROOMY = Limits(memory=1024**3, cpu_seconds=10, wall_seconds=20, file_bytes=1024**2)


def python(code: str, folder: Path, limits: Limits = ROOMY) -> object:
    return run([sys.executable, "-I", "-c", code], limits=limits, folder=folder)


def test_hears_what_the_program_says(tmp_path: Path) -> None:
    ended = run(["cat"], limits=ROOMY, folder=tmp_path, given=b"hello")

    assert (ended.status, ended.output, ended.spent) == (0, b"hello", False)


def test_memory_is_capped(tmp_path: Path) -> None:
    ended = python("x = bytearray(2 * 1024**3)", tmp_path)

    assert ended.status == 1
    assert "MemoryError" in ended.errors


def test_processor_time_is_capped(tmp_path: Path) -> None:
    ended = python("while True: pass", tmp_path, Limits(1024**3, cpu_seconds=1, wall_seconds=20, file_bytes=1024))

    assert ended.status == -signal.SIGXCPU
    assert ended.spent


def test_files_are_capped(tmp_path: Path) -> None:
    ended = python("open('x', 'wb').write(b'0' * 4 * 1024**2)", tmp_path)

    assert ended.status != 0
    assert (tmp_path / "x").stat().st_size <= 1024**2


def test_the_clock_ends_it_and_its_children(tmp_path: Path) -> None:
    code = "import subprocess; p = subprocess.Popen(['sleep', '60']); open('pid', 'w').write(str(p.pid)); p.wait()"

    with pytest.raises(TookTooLong):
        python(code, tmp_path, Limits(1024**3, cpu_seconds=5, wall_seconds=1, file_bytes=1024))

    child = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 5
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(child)


def alive(process: int) -> bool:
    """Neither gone nor a zombie that nobody has collected yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_no_secret_of_ours_is_in_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "telltale")

    ended = run(["env"], limits=ROOMY, folder=tmp_path)

    assert b"telltale" not in ended.output
    assert b"DATABASE_URL" not in ended.output
