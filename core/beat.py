"""Celery beat that holds a lock in the database: a second beat waits instead of doubling every job."""

from typing import Any

import structlog
from django.db import connection
from django_celery_beat.schedulers import DatabaseScheduler

log = structlog.get_logger(__name__)

BEAT_LOCK = 0x5011_0002


class LockedDatabaseScheduler(DatabaseScheduler):
    """The database scheduler, ticking only while this process holds the advisory lock."""

    RETRY_AFTER = 5.0  # seconds

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if not self._holds_lock():
            return self.RETRY_AFTER
        return super().tick(*args, **kwargs)

    def _holds_lock(self) -> bool:
        # A session lock may be taken again by the session that has it, so it is counted: ask only on a new connection.
        if getattr(self, "_locked_on", None) is connection.connection and connection.is_usable():
            return True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [BEAT_LOCK])
            (won,) = cursor.fetchone()
        self._locked_on = connection.connection if won else None
        if not won:
            log.info("another_beat_holds_the_lock")
        return bool(won)
