"""What Celery runs for messaging, on beat's word (`config/schedule.py`)."""

from celery import shared_task

from messaging import actions


@shared_task(name="messaging.expire_disappearing")
def expire_disappearing() -> None:
    """Take away what has had its time, batch by batch until nothing is due."""
    while actions.expire_disappearing():
        pass


@shared_task(name="messaging.blank_old_messages")
def blank_old_messages() -> None:
    """Forget what nobody needs any more, batch by batch."""
    while actions.blank_old_messages():
        pass
