"""The record that nobody can edit: what staff and the system did, why, and a hash chain over it.

Entries are committed unchained, so that writers never wait for each other; one sealer links them afterwards. The verifier walks the
chain and reports the tail that is not sealed yet.
"""

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from core.context import trace
from core.models import AuditEntry, AuditSeal

GENESIS = "0" * 64
SEALER_LOCK = 0x5011_0001


def record(
    *,
    action: str,
    target_kind: str,
    target_id: uuid.UUID | str | int,
    actor: Any = None,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry in the caller's transaction. `actor` is a person, or None for the system itself."""
    return AuditEntry.objects.create(
        action=action,
        target_kind=target_kind,
        target_id=str(target_id),
        actor_id=getattr(actor, "pk", None),
        actor_label=str(actor) if actor is not None else "system",
        reason=reason,
        before=before,
        after=after,
        request_id=trace().request_id,
        ip=trace().ip,
    )


def entry_hash(entry: AuditEntry, previous_hash: str) -> str:
    """SHA-256 over the previous hash and the entry's canonical JSON."""
    content = {
        "id": entry.pk,
        "at": entry.at.isoformat(),
        "actor_id": str(entry.actor_id) if entry.actor_id else None,
        "actor_label": entry.actor_label,
        "action": entry.action,
        "target_kind": entry.target_kind,
        "target_id": entry.target_id,
        "reason": entry.reason,
        "before": entry.before,
        "after": entry.after,
        "request_id": entry.request_id,
        "ip": entry.ip,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous_hash}\n{canonical}".encode()).hexdigest()


@transaction.atomic
def seal(*, limit: int = 5000) -> int:
    """Link unsealed entries to the chain, oldest first, and return how many. Only one sealer works at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = AuditSeal.objects.order_by("-position").first()
    position, previous = (last.position, last.hash) if last else (0, GENESIS)
    seals = []
    for entry in AuditEntry.objects.filter(seal=None).order_by("id")[:limit]:
        position += 1
        seals.append(
            AuditSeal(entry=entry, position=position, previous_hash=previous, hash=entry_hash(entry, previous))
        )
        previous = seals[-1].hash
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


@dataclass(frozen=True)
class Verdict:
    """What the verifier found: links that hold, the first that does not, and entries not linked yet."""

    sealed: int
    broken_at: int | None
    unsealed: int

    @property
    def holds(self) -> bool:
        return self.broken_at is None


def verify() -> Verdict:
    """Walk the whole chain."""
    previous, count = GENESIS, 0
    for link in AuditSeal.objects.select_related("entry").order_by("position").iterator(chunk_size=2000):
        count += 1
        if link.position != count or link.previous_hash != previous or link.hash != entry_hash(link.entry, previous):
            return Verdict(sealed=count - 1, broken_at=link.position, unsealed=_unsealed())
        previous = link.hash
    return Verdict(sealed=count, broken_at=None, unsealed=_unsealed())


def _unsealed() -> int:
    return AuditEntry.objects.filter(seal=None).count()
