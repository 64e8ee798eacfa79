# ruff: noqa: S603 - our own programs
"""PostgreSQL killed while people buy: what was acknowledged is there, and nothing is torn.

`./souk test` kills it three times, `./souk test --full` ten times.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.cluster import Cluster

pytestmark = pytest.mark.django_db  # for the database that this one is a copy of
ROOT = Path(__file__).resolve().parents[2]
LONG = 300  # seconds that a busy machine may take


@pytest.fixture
def cluster(django_db_setup, django_db_blocker) -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="souk-pg-", dir="/tmp"))  # short enough for unix sockets
    with django_db_blocker.unblock():
        found = Cluster(folder)
        try:
            found.start()
            found.fill()
            yield found
        finally:
            found.kill()
            shutil.rmtree(folder, ignore_errors=True)


def shopper(cluster: Cluster, *words: str) -> list[str]:
    del cluster
    return [sys.executable, "-m", "tests.operations.shopper", *words]


def environment(cluster: Cluster) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {
        **kept,
        "DATABASE_URL": cluster.url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SOUK_ENV": "test",
        "SOUK_READ_DOTENV": "0",
        "CHECKOUTS_PER_PERSON": "1000000/h",
    }


@pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.full)])
def test_what_was_acknowledged_is_there_and_nothing_is_torn(cluster, kills):
    notes, dice = cluster.folder / "notes", random.Random(20261120)
    given = {"env": environment(cluster), "cwd": ROOT}
    subprocess.run(shopper(cluster, "prepare"), check=True, timeout=LONG, **given)
    notes.touch()
    with subprocess.Popen(shopper(cluster, "shop", str(notes)), stdout=subprocess.PIPE, text=True, **given) as shop:
        try:
            assert shop.stdout is not None
            assert shop.stdout.readline().strip() == "shopping"
            for kill in range(kills):
                wait_for_more(notes, 10)
                time.sleep(dice.uniform(0.05, 0.8))
                assert shop.poll() is None, f"the shoppers went away before kill {kill}"
                cluster.kill()
                cluster.start()
            wait_for_more(notes, 10)
        finally:
            shop.kill()
    done = subprocess.run(
        shopper(cluster, "judge", str(notes)), check=True, timeout=LONG, capture_output=True, text=True, **given
    )
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told["told"] == {}, told
    assert told["paid"] > kills


def wait_for_more(notes: Path, lines: int) -> None:
    """Until so many more things were acknowledged than now."""
    before, until = len(notes.read_text().splitlines()), time.monotonic() + LONG
    while len(notes.read_text().splitlines()) < before + lines:
        assert time.monotonic() < until, "nobody buys"
        time.sleep(0.1)
