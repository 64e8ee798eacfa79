"""What becomes due by itself. Each job looks at the state of the world and may run twice."""

from celery import shared_task

from accounts.actions.erasure import carry_out_due_erasures
from accounts.actions.exports import expire_exports
from accounts.actions.housekeeping import forget_old_rows
from accounts.actions.restrictions import lift_run_out_restrictions


@shared_task(name="accounts.lift_restrictions")
def lift_restrictions() -> None:
    while lift_run_out_restrictions() == 500:
        pass


@shared_task(name="accounts.carry_out_erasures")
def carry_out_erasures() -> None:
    carry_out_due_erasures()


@shared_task(name="accounts.forget_old_rows")
def forget_old() -> None:
    expire_exports()
    forget_old_rows()
