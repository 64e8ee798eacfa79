"""What Celery runs for the kernel."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from core import audit, deliveries
from core.health import beat_heart
from core.models import IdempotencyRecord, OutboxEvent, RateBucket

KEPT_EVENTS_FOR = timedelta(days=30)


@shared_task(name="core.deliver")
def deliver(delivery_id: int) -> None:
    deliveries.carry_out(delivery_id)


@shared_task(name="core.canary")
def canary() -> None:
    """Prove every half minute that beat ticks, the broker carries and a worker works."""
    beat_heart("worker")


@shared_task(name="core.seal_audit")
def seal_audit() -> None:
    while audit.seal() == 5000:
        pass


@shared_task(name="core.forget_old_rows")
def forget_old_rows() -> None:
    """Drop idempotency records after their week, full rate buckets, and events that were delivered a month ago."""
    now = timezone.now()
    IdempotencyRecord.objects.filter(created_at__lt=now - settings.IDEMPOTENCY_KEPT_FOR).delete()
    RateBucket.objects.filter(tat__lt=now - timedelta(days=2)).delete()
    OutboxEvent.objects.filter(occurred_at__lt=now - KEPT_EVENTS_FOR).exclude(
        deliveries__state__in=["pending", "parked"]
    ).delete()
