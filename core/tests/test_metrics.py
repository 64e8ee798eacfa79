import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core.health import beat_heart
from core.metrics import _forget_the_dead
from core.models import Delivery, DeliveryState, OutboxEvent

pytestmark = pytest.mark.django_db


def lines(client: Client) -> dict[str, float]:
    text = client.get("/metrics").content.decode()
    return {k: float(v) for k, v in (line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("souk_"))}


def test_counts_deliveries_that_wait_and_that_are_parked(client):
    event = OutboxEvent.objects.create(name="core.tested", payload={})
    Delivery.objects.create(event=event, handler="a", due_at=timezone.now() - timedelta(seconds=90))
    Delivery.objects.create(event=event, handler="b", state=DeliveryState.PARKED)
    Delivery.objects.create(event=event, handler="c", state=DeliveryState.DONE)
    seen = lines(client)
    assert seen['souk_deliveries{state="pending"}'] == 1
    assert seen['souk_deliveries{state="parked"}'] == 1
    assert 89 < seen["souk_deliveries_overdue_seconds"] < 120


def test_tells_the_age_of_each_heartbeat(client):
    beat_heart("relay")
    assert lines(client)['souk_heartbeat_age_seconds{name="relay"}'] < 5


def test_says_zero_where_nothing_waits(client):
    seen = lines(client)
    assert seen['souk_deliveries{state="parked"}'] == 0
    assert seen["souk_deliveries_overdue_seconds"] == 0


def test_a_killed_process_has_no_open_sockets(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    for pid in (child.pid, os.getpid()):
        (tmp_path / f"gauge_livesum_{pid}.db").touch()
        (tmp_path / f"counter_{pid}.db").touch()
    _forget_the_dead(tmp_path)
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {f"gauge_livesum_{os.getpid()}.db", f"counter_{os.getpid()}.db", f"counter_{child.pid}.db"}
