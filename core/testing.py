"""What tests share. Imported by tests and `conftest.py` only."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from core.deliveries import carry_out
from core.models import Delivery, DeliveryState


def deliver_everything(*, rounds: int = 10) -> int:
    """Carry out waiting deliveries until none is left; return how many. Fails the test where one fails."""
    count = 0
    for _round in range(rounds):
        ids = list(Delivery.objects.filter(state=DeliveryState.PENDING).order_by("id").values_list("id", flat=True))
        if not ids:
            return count
        for delivery_id in ids:
            carry_out(delivery_id)
            count += 1
            row = Delivery.objects.get(pk=delivery_id)
            assert row.state == DeliveryState.DONE, f"{row.handler}: {row.last_error}"  # noqa: S101
    msg = "deliveries keep making deliveries"
    raise AssertionError(msg)


def make_due() -> None:
    """Bring the deliveries that wait for a later attempt forward to now."""
    Delivery.objects.filter(state=DeliveryState.PENDING).update(due_at=timezone.now())


def browser(person: Any) -> Client:
    """Somebody at our pages or in the console, signed in."""
    client = Client()
    client.force_login(person, backend="accounts.backends.IdentifierBackend")
    return client


def client_of(person: Any) -> APIClient:
    """Somebody at the API, signed in."""
    client = APIClient()
    client.force_authenticate(person)
    return client


def key() -> dict[str, Any]:
    """The header of a deed that is done for the first time."""
    return {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}


@contextmanager
def counted_queries() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as queries:
        yield queries
