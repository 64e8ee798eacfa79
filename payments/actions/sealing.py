"""Linking the ledger into a hash chain, so that a change behind our back shows: even its owner cannot mend the links after it."""

from django.db import connection, transaction

from core.health import beat_heart
from payments.models import LedgerSeal, LedgerTransaction
from payments.selectors.audit import GENESIS, link_hash, unsealed_ids

SEALER_LOCK = 0x5011_0302
SEAL_BATCH = 2000


@transaction.atomic
def seal_ledger(*, limit: int = SEAL_BATCH) -> int:
    """Link the transactions that are not linked yet, oldest first, and return how many. One sealer at a time; others do nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = LedgerSeal.objects.order_by("-position").first()
    position, previous = (last.position, last.hash) if last else (0, GENESIS)
    seals = []
    rows = LedgerTransaction.objects.filter(pk__in=unsealed_ids(limit)).order_by("pk")
    for row in rows.prefetch_related("entries__account"):
        position += 1
        seals.append(
            LedgerSeal(
                transaction=row, position=position, previous_hash=previous, hash=link_hash(row, previous_hash=previous)
            )
        )
        previous = seals[-1].hash
    LedgerSeal.objects.bulk_create(seals)
    beat_heart("ledger sealer")
    return len(seals)
