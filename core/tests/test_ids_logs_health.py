import time
from datetime import timedelta

import pytest
from django.utils import timezone

from config.logs import redact, scrub
from core.health import beat_heart
from core.ids import uuid7
from core.models import Heartbeat


def test_ids_sort_by_time_and_are_version_7():
    first = uuid7()
    time.sleep(0.002)
    second = uuid7()
    assert first < second
    assert (first.version, first.variant) == (7, "specified in RFC 4122")


@pytest.mark.parametrize(
    "secret", ["+971501234567", "mona@example.com", "784-1990-1234567-1", "eyJhbGciOi.eyJzdWIi.c2ln", "sk_live_abc"]
)
def test_secrets_inside_text_do_not_reach_the_log(secret):
    assert secret not in scrub(f"sent to {secret} now")


def test_secret_names_do_not_reach_the_log():
    entry = redact(None, "info", {"event": "x", "password": "hunter2", "access_token": "t", "status_code": 200})
    assert entry == {"event": "x", "password": "[redacted]", "access_token": "[redacted]", "status_code": 200}


@pytest.mark.django_db
def test_ready_says_which_part_is_missing(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    beat_heart("relay")
    beat_heart("worker")
    assert client.get("/readyz").json()["status"] == "ok"
    Heartbeat.objects.filter(name="worker").update(beat_at=timezone.now() - timedelta(minutes=5))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["worker"]) == (200, "silent")
