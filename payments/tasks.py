"""What Celery runs for payments, on beat's word (`config/schedule.py`)."""

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from core.health import beat_heart
from payments import actions, selectors
from payments.actions.sealing import SEAL_BATCH
from payments.selectors.payouts import RAN
from payments.states import Schedule

logger = logging.getLogger(__name__)
NIGHTLY = timedelta(days=1)
STATUS_EVERY = timedelta(minutes=50)  # of payouts on their way, of which no event told us
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


@shared_task(name="payments.seal_ledger")
def seal_ledger() -> None:
    while actions.seal_ledger() == SEAL_BATCH:
        pass


@shared_task(name="payments.audit_ledger")
def audit_ledger() -> None:
    """Prove every night that the ledger holds. What does not stands in the log and among the breaks, and the heartbeat that does not
    come in `/readyz`.
    """
    actions.note_audit()


@shared_task(name="payments.run_payouts")
def run_payouts() -> None:
    """Pay whom their schedule says."""
    actions.run_due_payouts(at=timezone.now())
    beat_heart(RAN)


@shared_task(name="payments.run_instant_payouts")
def run_instant_payouts() -> None:
    actions.run_due_payouts(at=timezone.now(), schedules=[Schedule.INSTANT])


@shared_task(name="payments.check_payouts")
def check_payouts() -> None:
    """Ask how payouts on their way are doing, and say in the log which are late."""
    actions.sync_payouts_on_their_way(older_than=timezone.now() - STATUS_EVERY)
    for words in selectors.payout_standing(at=timezone.now()).late:
        logger.error("A payout is late: %s", words)
