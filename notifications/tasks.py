"""What Celery runs for notifications, on beat's word (`config/schedule.py`)."""

from celery import shared_task

from core.health import beat_heart
from notifications import actions
from search.selectors import DIGESTS


@shared_task(name="notifications.send_digests")
def send_digests() -> None:
    actions.send_digests()
    beat_heart(DIGESTS)
