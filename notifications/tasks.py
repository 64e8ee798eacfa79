"""What Celery runs for notifications, on beat's word (`config/schedule.py`)."""

from celery import shared_task

from notifications import actions


@shared_task(name="notifications.send_digests")
def send_digests() -> None:
    actions.send_digests()
