"""What Celery runs for orders, on beat's word (`config/schedule.py`)."""

from celery import shared_task

from orders import actions, jobs
from orders.actions import carts
from orders.actions.cancelling import SWEEP_BATCH


@shared_task(name="orders.expire_checkouts")
def expire_checkouts() -> None:
    """Call off what nobody paid in time, batch by batch until nothing is due."""
    while actions.expire_due_checkouts() == SWEEP_BATCH:
        pass


@shared_task(name="orders.forget_guest_carts")
def forget_guest_carts() -> None:
    """Delete guests' carts that nobody came back to, batch by batch."""
    while actions.forget_old_guest_carts() == carts.SWEEP_BATCH:
        pass


@shared_task(name="orders.run_clocks")
def run_clocks() -> None:
    """Everything that is due of paid orders, batch by batch: what somebody can wait for first."""
    for clock in (
        actions.release_due,
        actions.settle_no_shows,
        actions.run_dispute_clocks,
        actions.cancel_late,
        actions.deliver_overdue,
        actions.remind_of_meetings,
        actions.run_cash_back_clocks,
    ):
        while clock() >= SWEEP_BATCH:
            pass


@shared_task(name="orders.poll_carriers")
def poll_carriers() -> None:
    """Ask carriers where the parcels are that they told nothing of."""
    jobs.poll_carriers()
