"""A real worker and a real relay, killed in the middle of their work: what they left is done by those who come after, once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from accounts.actions import follow_person
from accounts.tests.factories import UserFactory
from config.celery import app
from core.models import Delivery, DeliveryState
from media.models import MediaAsset
from media.tests.pictures import as_bytes, drawn
from media.tests.sending import sent, stored
from notifications.models import DevMessage, Notification, Send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

EACH = 15  # uploads, and follows that somebody is told about
ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
RELAY = [sys.executable, "manage.py", "relay"]
WORKER = [str(BIN / "celery"), "--app", "config", "--quiet", "worker", "--concurrency", "2", "--without-gossip"]
Start = Callable[[], list[subprocess.Popen]]


@pytest.fixture
def start(disk: Path) -> Iterator[Start]:
    """Start a relay and a worker as `./souk up` does, on the database of the tests. They end with the test."""
    surroundings = os.environ | {"DATABASE_URL": address_of_database(), "MEDIA_ROOT": str(disk)}
    running: list[subprocess.Popen] = []

    def go() -> list[subprocess.Popen]:
        with (disk / "processes.log").open("ab") as log:
            pair = [
                subprocess.Popen(  # noqa: S603
                    command, cwd=ROOT, env=surroundings, stdout=log, stderr=log, start_new_session=True
                )
                for command in (RELAY, [*WORKER, "--without-mingle"])
            ]
        running.extend(pair)
        return pair

    app.control.purge()
    yield go
    kill(running)
    app.control.purge()


def address_of_database() -> str:
    to = {name: quote(str(value), safe="") for name, value in connection.settings_dict.items()}
    return f"postgis://{to['USER']}:{to['PASSWORD']}@{to['HOST']}:{to['PORT']}/{to['NAME']}"


def kill(processes: list[subprocess.Popen]) -> None:
    """Like a machine that loses power: no last words, for a worker's children neither."""
    for process in processes:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.wait(timeout=10)


def wait_until(happens: Callable[[], Any], *, seconds: int = 30) -> None:
    end = time.monotonic() + seconds
    while not happens():
        states = sorted(Delivery.objects.values_list("handler", "state", "attempts", "last_error"))
        assert time.monotonic() < end, states
        time.sleep(0.05)


def done() -> int:
    return Delivery.objects.filter(state=DeliveryState.DONE).count()


def in_work() -> int:
    return Delivery.objects.filter(state=DeliveryState.PENDING, running_until__isnull=False).count()


def nothing_waits() -> bool:
    return not Delivery.objects.filter(state=DeliveryState.PENDING).exists()


def let_leases_run_out() -> None:
    """As if the minutes had gone by after which work that nobody finished is handed out again."""
    now = timezone.now()
    Delivery.objects.filter(state=DeliveryState.PENDING).update(due_at=now, running_until=None)


def test_what_a_killed_worker_left_is_done_once_and_nothing_is_lost(start, disk):
    star, fans = UserFactory(username="star"), UserFactory.create_batch(EACH)
    owner = UserFactory(username="layla")
    uploads = []
    for number, fan in enumerate(fans):
        uploads.append(sent(owner, as_bytes(drawn(320 + number, 240), "JPEG")).pk)
        follow_person(follower=fan, followed=star)

    first = start()
    wait_until(lambda: done() >= 10 and in_work() > 0)
    kill(first)
    assert MediaAsset.objects.exclude(state="ready").exists(), "everything was done before the kill"

    let_leases_run_out()
    start()
    wait_until(nothing_waits)

    assert not Delivery.objects.exclude(state=DeliveryState.DONE).exists()
    pictures = MediaAsset.objects.filter(pk__in=uploads)
    assert [p.state for p in pictures] == ["ready"] * EACH
    keys = sorted(variant["key"] for picture in pictures for variant in picture.variants)
    assert sorted(str(path.relative_to(disk / "public")) for path in stored()) == keys  # every file, no half of one
    assert stored("private") == []  # no original is left lying about
    told = Notification.objects.filter(user=star).values_list("once_key", flat=True)
    assert sorted(told) == sorted(f"follow:{fan.pk}" for fan in fans)
    assert set(Send.objects.values_list("state", flat=True)) <= {"sent"}
    wanted, mails = Send.objects.filter(channel="email").count(), DevMessage.objects.filter(to=star.email).count()
    assert (
        wanted <= mails <= wanted + 2
    )  # what left in the very moment before its record, from two pairs of hands, comes twice
