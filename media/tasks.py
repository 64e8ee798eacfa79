"""The sweeps that keep storage clean and jobs moving."""

from celery import shared_task
from django.utils import timezone

from media import actions, jobs


@shared_task(name="media.expire_stale_assets")
def expire_stale_assets() -> None:
    actions.expire_stale_assets(now=timezone.now())


@shared_task(name="media.requeue_stuck_assets")
def requeue_stuck_assets() -> None:
    actions.requeue_stuck_assets(now=timezone.now())


@shared_task(name="media.sweep_originals")
def sweep_originals() -> None:
    jobs.sweep_originals(now=timezone.now())
