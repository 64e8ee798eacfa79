"""Does the ledger hold? Asked of the rows themselves, not of what keeps them."""

import hashlib
import json
import uuid
from dataclasses import dataclass, field

from django.db import connection

from payments.models import LedgerEntry, LedgerSeal, LedgerTransaction
from payments.ports import audit_questions
from payments.selectors.audit_questions import QUESTIONS
from payments.states import AccountKind, BreakKind

GENESIS = "0" * 64
SHOWN = 100  # of each kind of fault


@dataclass(frozen=True)
class Fault:
    """Something that does not hold. Amounts in minor units; None where it is not one of amounts."""

    kind: BreakKind
    ref: str
    words: str
    currency: str = ""
    in_ledger: int | None = None
    by_itself: int | None = None


@dataclass
class Verdict:
    """What the auditor found. `found`: the first of each kind; `unsealed`: not linked yet, which is no fault."""

    transactions: int = 0
    entries: int = 0
    sealed: int = 0
    unsealed: int = 0
    found: list[Fault] = field(default_factory=list)
    is_whole: bool = True  # else there are more faults than are shown

    @property
    def faults(self) -> list[str]:
        """In words, with their kind."""
        return [f"{fault.kind}: {fault.words}" for fault in self.found]

    @property
    def holds(self) -> bool:
        return not self.found


def audit_ledger() -> Verdict:
    """Walk the whole ledger: transactions come to nothing, balances are their lines, the chain; and whatever happened is posted, with
    its amount, and nothing else is.
    """
    verdict = Verdict(
        transactions=LedgerTransaction.objects.count(),
        entries=LedgerEntry.objects.count(),
        unsealed=LedgerTransaction.objects.filter(seal=None).count(),
    )
    for question in (*QUESTIONS, *audit_questions()):
        with connection.cursor() as cursor:
            cursor.execute(question.sql, {"shown": SHOWN})
            rows = cursor.fetchall()
        verdict.is_whole &= len(rows) < SHOWN
        for row in rows:
            ref, currency, in_ledger, by_itself = row
            words = question.words.format(*row)
            verdict.found.append(Fault(question.kind, ref, words, currency, in_ledger, by_itself))
    _walk(verdict)
    return verdict


def cover() -> dict[str, int]:
    """By currency: what lies at the provider beyond all that is owed to sellers and buyers, in minor units. Below zero is our loss."""
    owed = (AccountKind.HOLD, AccountKind.SELLER, AccountKind.PAYOUT, AccountKind.REFUND)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.currency, sum(CASE WHEN a.kind = 'seller' THEN least(b.amount, 0) ELSE b.amount END)::bigint
            FROM payments_ledgerbalance b JOIN payments_ledgeraccount a ON a.id = b.account_id
            WHERE a.kind = ANY(%s) AND b.amount <> 0 GROUP BY a.currency
            """,
            [[AccountKind.CLEARING.value, *(kind.value for kind in owed)]],
        )
        return dict(cursor.fetchall())


def link_hash(row: LedgerTransaction, *, previous_hash: str) -> str:
    """SHA-256 over the previous hash and the transaction's canonical JSON with its lines, which are loaded with their accounts."""
    content = {
        "id": str(row.pk),
        "kind": row.kind,
        "ref": row.ref,
        "subject": row.subject,
        "actor_id": str(row.actor_id) if row.actor_id else None,
        "reverses": str(row.reverses_id) if row.reverses_id else None,
        "note": row.note,
        "at": row.occurred_at.isoformat(),
        "lines": [
            [entry.pk, entry.account.code, entry.amount] for entry in sorted(row.entries.all(), key=lambda e: e.pk)
        ],
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous_hash}\n{canonical}".encode()).hexdigest()


def unsealed_ids(limit: int) -> list[uuid.UUID]:
    return list(LedgerTransaction.objects.filter(seal=None).order_by("pk").values_list("pk", flat=True)[:limit])


def _walk(verdict: Verdict) -> None:
    previous = GENESIS
    links = LedgerSeal.objects.select_related("transaction").prefetch_related("transaction__entries__account")
    for link in links.order_by("position").iterator(chunk_size=2000):
        if (
            link.position != verdict.sealed + 1
            or link.previous_hash != previous
            or link.hash != link_hash(link.transaction, previous_hash=previous)
        ):
            words = f"the chain breaks at link {link.position}, transaction {link.transaction_id}"
            verdict.found.append(Fault(BreakKind.LEDGER_BROKEN, f"seal:{link.position}", words))
            return
        previous = link.hash
        verdict.sealed += 1
