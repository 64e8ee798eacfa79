"""What the audit of the ledger found, written down beside what the comparison with the provider's books found."""

import structlog
from django.db import transaction
from django.utils import timezone

from core.health import beat_heart
from core.states import move
from payments.models import ReconciliationBreak
from payments.selectors import PROVEN, Verdict, audit_ledger
from payments.states import BREAK_MOVES, OF_THE_AUDIT, BreakState

log = structlog.get_logger(__name__)


@transaction.atomic
def note_audit() -> Verdict:
    """Audit the ledger: each fault is a break until somebody explains it, and what is not found any more has mended.

    A ledger that holds beats its heart, which `/readyz` waits for. Breaks of amounts count to what stops payouts.
    """
    verdict = audit_ledger()
    rows = ReconciliationBreak.objects.select_for_update(of=("self",)).filter(kind__in=OF_THE_AUDIT)
    there = {(row.kind, row.ref): row for row in rows.filter(state=BreakState.EXPLAINED)}
    there |= {(row.kind, row.ref): row for row in rows.filter(state=BreakState.OPEN).order_by("pk")}
    seen = set()
    for fault in verdict.found:
        log.error("ledger_does_not_hold", kind=fault.kind.value, words=fault.words)
        key = (fault.kind.value, fault.ref[:120])
        row = there.get(key)
        if key in seen:
            continue
        seen.add(key)
        says = (fault.in_ledger, fault.by_itself)
        if row is None or (row.state == BreakState.EXPLAINED and (row.expected_minor, row.found_minor) != says):
            ReconciliationBreak.objects.create(
                kind=fault.kind,
                ref=key[1],
                currency=fault.currency,
                expected_minor=fault.in_ledger,
                found_minor=fault.by_itself,
            )
        elif row.state == BreakState.OPEN:
            row.expected_minor, row.found_minor = says
            row.save(update_fields=["expected_minor", "found_minor"])
    for key, row in there.items():
        if row.state == BreakState.OPEN and key not in seen and verdict.is_whole:
            move(row, BreakState.MENDED, BREAK_MOVES, closed_at=timezone.now())
    if verdict.holds:
        beat_heart(PROVEN)
    return verdict
