"""What Celery runs for payments, on beat's word (`config/schedule.py`)."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from payments import actions

NIGHTLY = timedelta(days=1)
HANGS_AFTER = timedelta(minutes=15)  # a payment that waits for the provider's word


@shared_task(name="payments.run_due_commands")
def run_due_commands() -> None:
    actions.run_due_commands()


@shared_task(name="payments.process_due_events")
def process_due_events() -> None:
    actions.process_due_events()


@shared_task(name="payments.catch_up_with_provider")
def catch_up_with_provider() -> None:
    """What no event told us."""
    actions.sweep_missed_events()
    actions.sync_what_hangs(older_than=timezone.now() - HANGS_AFTER)


@shared_task(name="payments.reconcile")
def reconcile() -> None:
    now = timezone.now()
    actions.reconcile(since=now - NIGHTLY, until=now)
