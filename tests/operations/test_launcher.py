import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def souk(*arguments: str, home: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher as a stranger to this test run: none of its settings, a SOUK_HOME of its own."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(  # noqa: S603
        [str(ROOT / "souk"), *arguments],
        env=environment | {"SOUK_HOME": str(home)} | extra,
        capture_output=True,
        text=True,
        timeout=240,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_help_names_every_command(tmp_path):
    answer = souk("help", home=tmp_path)
    assert answer.returncode == 0
    for command in ("up", "test", "down", "status", "logs", "manage", "psql", "bench", "reset", "doctor"):
        assert f"./souk {command}" in answer.stdout


def test_refuses_a_command_that_does_not_exist(tmp_path):
    answer = souk("uo", home=tmp_path)
    assert answer.returncode == 2
    assert "no command uo" in answer.stderr


def test_status_and_down_say_so_when_nothing_runs_and_make_nothing(tmp_path):
    home = tmp_path / "home"
    assert souk("status", home=home).returncode == 1
    assert souk("down", home=home).stdout.strip() == "Not running."
    assert not home.exists()


def test_reset_deletes_nothing_unasked(tmp_path):
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "photo.jpg").write_text("precious")
    answer = souk("reset", home=tmp_path)
    assert answer.returncode == 2
    assert (tmp_path / "media" / "photo.jpg").read_text() == "precious"


def test_refuses_a_port_that_is_none(tmp_path):
    assert "is no port" in souk("up", home=tmp_path / "home", SOUK_PORT="80000").stderr


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ({}, True),
        ({"SOUK_ENV": "development"}, True),
        ({"SOUK_ENV": "production"}, False),
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, False),
        ({"SOUK_ENV": "production", "STRIPE_SIMULATED": "1"}, False),
    ],
)
def test_payments_are_simulated_without_a_key_and_never_in_production(given, used):
    script = f"source {ROOT}/deploy/launcher/simulator.sh; uses_simulator"
    answer = subprocess.run(["/bin/bash", "-c", script], env=given, check=False, timeout=60)  # noqa: S603
    assert (answer.returncode == 0) == used


@pytest.mark.full
@pytest.mark.skipif(Path(sys.prefix) != ROOT / ".venv", reason="would install packages; ./souk test has them")
def test_comes_up_mends_itself_and_goes_down_clean():
    home = Path(tempfile.mkdtemp(prefix="souk-e2e-"))
    try:
        up = souk("up", "--detach", home=home, SOUK_PORT="18432", SOUK_RUN=f"{home}/run")
        assert up.returncode == 0, up.stdout + up.stderr
        first = pids(home)

        os.kill(first["web"], signal.SIGKILL)

        eventually(lambda: pids(home)["web"] not in (0, first["web"]))
        eventually(lambda: answers(home))
        assert "already running" in souk("up", home=home, SOUK_RUN=f"{home}/run").stdout.lower()
        last = pids(home)
        assert "Stopped." in souk("down", home=home, SOUK_RUN=f"{home}/run").stdout
        assert not [pid for pid in last.values() if Path(f"/proc/{pid}").exists()]
    finally:
        souk("reset", "--yes", home=home, SOUK_RUN=f"{home}/run")
        shutil.rmtree(home)


def pids(home: Path) -> dict[str, int]:
    """The processes that the supervisor looks after; 0 for one that waits for its next start."""
    rows = (line.split() for line in (home / "run/processes").read_text().splitlines())
    return {name: int(pid.replace("-", "0")) for name, pid, *_ in rows}


def answers(home: Path) -> bool:
    url = (home / "run/ready").read_text().strip() + "/readyz"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
            return json.load(answer)["parts"]["database"] == "ok"
    except OSError:
        return False


def eventually(holds: Callable[[], bool]) -> None:
    for _ in range(120):
        if holds():
            return
        time.sleep(0.5)
    pytest.fail("waited a minute for it")
