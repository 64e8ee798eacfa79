"""Carrying out what the outbox holds: claim, run, record, retry, park."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from core.context import Trace, current
from core.events import Handler, handler_named, read
from core.models import Delivery, DeliveryState

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 8
HANDED_OUT_FOR = timedelta(seconds=60)  # a hand-out that nobody finished by then is handed out again


def claim_due(*, limit: int = 200) -> list[int]:
    """Mark due deliveries as handed out and return their ids, oldest first. Several relays share the work."""
    with transaction.atomic():
        ids = list(
            Delivery.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(state=DeliveryState.PENDING, due_at__lte=timezone.now())
            .order_by("due_at", "id")
            .values_list("id", flat=True)[:limit]
        )
        Delivery.objects.filter(id__in=ids).update(due_at=timezone.now() + HANDED_OUT_FOR)
    return ids


def release(ids: list[int]) -> None:
    """Give back deliveries that could not be handed out (the broker is away)."""
    Delivery.objects.filter(id__in=ids, state=DeliveryState.PENDING).update(
        due_at=timezone.now() + timedelta(seconds=2)
    )


def carry_out(delivery_id: int) -> None:
    """Run one delivery's handler unless it is done already; on failure plan the next attempt or park it."""
    row = Delivery.objects.select_related("event").filter(pk=delivery_id).first()
    if row is None or row.state != DeliveryState.PENDING:
        return
    handler = handler_named(row.handler)
    if handler is None:
        _failed(delivery_id, LookupError(f"no handler is named {row.handler}"))
        return
    token = current.set(Trace(request_id=row.event.request_id))
    try:
        (_run_job if handler.lease else _run_in_transaction)(handler, delivery_id)
    except Exception as error:  # noqa: BLE001 - whatever broke, the delivery must be planned again or parked
        log.warning("delivery_failed", delivery=delivery_id, handler=row.handler, error=repr(error))
        _failed(delivery_id, error)
    finally:
        current.reset(token)


def try_again(delivery: Delivery) -> None:
    """Give a parked delivery a fresh set of attempts, at once."""
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PARKED).update(
        state=DeliveryState.PENDING, attempts=0, due_at=timezone.now()
    )


def next_attempt(attempts: int, at: datetime) -> datetime:
    """Wait 2, 4, 8 ... seconds, an hour at most."""
    return at + timedelta(seconds=min(2**attempts, 3600))


@transaction.atomic
def _run_in_transaction(handler: Handler, delivery_id: int) -> None:
    row = (
        Delivery.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("event")
        .filter(pk=delivery_id, state=DeliveryState.PENDING)
        .first()
    )
    if row is None:  # done in the meantime, or in another worker's hands
        return
    handler.call(read(row.event))
    _done(delivery_id)


def _run_job(handler: Handler, delivery_id: int) -> None:
    """Run a job under a lease. The attempt is counted first, so that a job that kills its worker is parked in the end."""
    now = timezone.now()
    with transaction.atomic():
        row = (
            Delivery.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("event")
            .filter(pk=delivery_id, state=DeliveryState.PENDING)
            .first()
        )
        if row is None or (row.running_until and row.running_until > now):
            return
        assert handler.lease is not None  # noqa: S101 - jobs have one
        row.attempts += 1
        row.due_at = row.running_until = now + handler.lease
        if row.attempts > MAX_ATTEMPTS:
            row.state = DeliveryState.PARKED
        row.save()
        if row.state == DeliveryState.PARKED:
            return
    handler.call(read(row.event))
    _done(delivery_id)


def _done(delivery_id: int) -> None:
    Delivery.objects.filter(pk=delivery_id).update(
        state=DeliveryState.DONE, done_at=timezone.now(), running_until=None, last_error=""
    )


def _failed(delivery_id: int, error: Exception) -> None:
    with transaction.atomic():
        row = (
            Delivery.objects.select_for_update(of=("self",)).filter(pk=delivery_id, state=DeliveryState.PENDING).first()
        )
        if row is None:
            return
        if row.running_until is None:
            row.attempts += 1
        row.running_until = None
        row.last_error = f"{type(error).__name__}: {error}"[:2000]
        row.due_at = next_attempt(row.attempts, timezone.now())
        if row.attempts >= MAX_ATTEMPTS:
            row.state = DeliveryState.PARKED
        row.save()
