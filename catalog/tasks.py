"""What Celery runs for the catalogue, on beat's word (`config/schedule.py`)."""

from celery import shared_task

from catalog import actions
from catalog.actions.publishing import SWEEP_BATCH


@shared_task(name="catalog.expire_products")
def expire_products() -> None:
    """End the term of listings, batch by batch until none is due."""
    while actions.expire_due_products() == SWEEP_BATCH:
        pass


@shared_task(name="catalog.announce_ends")
def announce_ends() -> None:
    """Tell whose listings end soon, batch by batch."""
    while actions.announce_ends() == SWEEP_BATCH:
        pass


@shared_task(name="catalog.expire_holds")
def expire_holds() -> None:
    actions.expire_due_holds()


@shared_task(name="catalog.flush_views")
def flush_views() -> None:
    actions.flush_views()
