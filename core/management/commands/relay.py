"""`manage.py relay`: hand committed outbox deliveries to Celery. Run one or several."""

import signal
from typing import Any

import psycopg
import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection
from kombu.exceptions import OperationalError

from core import deliveries
from core.events import NOTIFY_CHANNEL
from core.health import beat_heart
from core.tasks import deliver

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0  # beside LISTEN: picks up what came due by time and what a lost notification left


class Command(BaseCommand):
    help = "Hand committed outbox deliveries to the workers until stopped."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stopping = False
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        ticks = 0
        while not self.stopping:
            try:
                if ticks % 15 == 0:
                    beat_heart("relay")
                ticks += 1
                if not self._hand_out():
                    self._wait()
            except (DatabaseError, psycopg.OperationalError) as error:
                log.warning("relay_database_away", error=repr(error))
                close_old_connections()
                signal.sigtimedwait([], POLL_SECONDS)

    def _stop(self, *_: Any) -> None:
        self.stopping = True

    def _hand_out(self) -> bool:
        """Send one batch; True when there may be more at once."""
        ids = deliveries.claim_due()
        for index, delivery_id in enumerate(ids):
            try:
                deliver.apply_async((delivery_id,), retry=False)
            except (OperationalError, OSError) as error:
                log.warning("relay_broker_away", error=repr(error))
                deliveries.release(ids[index:])
                return False
        return bool(ids)

    def _wait(self) -> None:
        connection.ensure_connection()
        raw = connection.connection
        raw.execute(f"LISTEN {NOTIFY_CHANNEL}")
        for _notification in raw.notifies(timeout=POLL_SECONDS, stop_after=1):
            pass
