"""What Celery runs for offers, on beat's word (`config/schedule.py`)."""

from celery import shared_task

from offers import actions
from offers.actions.sweeps import PAYMENT_BATCH, SWEEP_BATCH


@shared_task(name="offers.expire_offers")
def expire_offers() -> None:
    """End what nobody answered and what nobody paid, batch by batch until nothing is due."""
    actions.stop_forgotten_clocks()
    while actions.expire_due_offers() == SWEEP_BATCH:
        pass
    while actions.release_unpaid_offers() == PAYMENT_BATCH:
        pass


@shared_task(name="offers.archive_offers")
def archive_offers() -> None:
    """Take what is long over out of the lists, batch by batch."""
    while actions.archive_old_offers() == SWEEP_BATCH:
        pass
