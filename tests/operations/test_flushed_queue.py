# ruff: noqa: S603 - our own programs
"""Redis forgets everything while commands for the provider wait in it: each is carried out all the same, and once."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.db.models import F

from accounts.tests.factories import UserFactory
from benchmarks.processes import BIN, Process, Redis
from core.models import Delivery, DeliveryState
from payments.models import Payment, ProviderCommand
from payments.states import CommandState
from payments.tests.money import asked, part
from stripe_simulator.testing import KEY, running_simulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
PATIENCE = 200  # seconds


@pytest.fixture
def stripe() -> Iterator:
    with running_simulator(available_after=0) as running:
        yield running


@pytest.fixture
def house(stripe) -> Iterator[tuple[Redis, Process, Process]]:
    """A Redis, a relay and a worker of their own, on the test's database. Only Redis runs yet. There is no beat."""
    to = {name: quote(str(value), safe="") for name, value in connection.settings_dict.items() if name != "OPTIONS"}
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="souk-flush-", dir="/tmp"))  # short enough for unix sockets
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        redis = Redis(folder)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            "DATABASE_URL": f"postgis://{to['USER']}:{to['PASSWORD']}@{to['HOST']}:{to['PORT']}/{to['NAME']}",
            "REDIS_URL": redis.url,
            "REDIS_FIRST_DB": "0",
            "SOUK_READ_DOTENV": "0",
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_API_BASE": stripe.url,
        }
        celery = [str(BIN / "celery"), "--app", "config", "--quiet", "worker", "--concurrency", "2", "--without-mingle"]
        relay = Process(
            "relay", [sys.executable, "manage.py", "relay"], log=folder / "relay.log", environment=environment
        )
        worker = Process("worker", celery, log=folder / "worker.log", environment=environment)
        for process in (redis, relay, worker):
            stack.callback(process.kill)
        redis.start()
        yield redis, relay, worker


def until(happened, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.2)


def queued(redis: Redis) -> int:
    """Tasks that lie in the broker."""
    client = redis.client()
    client.select(3)
    return int(client.llen("celery"))


def let_a_minute_pass() -> None:
    """After which what was handed out and not finished is handed out again."""
    waiting = Delivery.objects.filter(state=DeliveryState.PENDING)
    waiting.update(due_at=F("due_at") - timedelta(minutes=1))


@pytest.mark.parametrize("number", [60, pytest.param(500, marks=pytest.mark.full)])
def test_what_lay_in_a_queue_that_was_emptied_is_done_once(stripe, house, number):
    redis, relay, worker = house
    payer, seller = UserFactory(), UserFactory()
    for _ in range(number):
        asked(part(seller), payer=payer)
    relay.start()
    until(lambda: queued(redis) >= number, "all lies in the queue")

    redis.empty()
    assert queued(redis) == 0
    worker.start()
    let_a_minute_pass()
    until(lambda: queued(redis) or _left() < number, "it is handed out again")
    let_a_minute_pass()  # and once more, while the first are carried out: each may come twice
    until(lambda: not Delivery.objects.filter(state=DeliveryState.PENDING).exists(), "all is handed out")
    # Whoever heard "in other hands" leaves the command to the clock.
    clock = [sys.executable, "manage.py", "run_commands"]

    def all_done() -> bool:
        subprocess.run(clock, env=worker.environment, check=True, capture_output=True)
        return _left() == 0

    until(all_done, "all is done")

    assert set(ProviderCommand.objects.values_list("state", flat=True)) == {CommandState.DONE}
    made = Counter(
        intent.metadata.to_dict()["command"]
        for intent in stripe.client().v1.payment_intents.list({"limit": 100}).auto_paging_iter()
    )
    assert len(made) == number
    assert set(made.values()) == {1}
    assert Payment.objects.exclude(client_secret="").count() == number


def _left() -> int:
    return ProviderCommand.objects.exclude(state=CommandState.DONE).count()
