"""What tests share. Imported by tests and `conftest.py` only."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

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


@contextmanager
def counted_queries() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as queries:
        yield queries
