"""What Celery runs for the feeds, on beat's word (`config/schedule.py`)."""

from celery import shared_task

from feeds import actions
from feeds.actions.impressions import FORGET_BATCH


@shared_task(name="feeds.flush_impressions")
def flush_impressions() -> None:
    actions.flush_impressions()


@shared_task(name="feeds.forget_old_impressions")
def forget_old_impressions() -> None:
    """Batch by batch until none is left."""
    while actions.forget_old_impressions() == FORGET_BATCH:
        pass
