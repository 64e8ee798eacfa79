"""Does the ledger hold? Asked of the rows themselves, not of what keeps them."""

import hashlib
import json
import uuid
from dataclasses import dataclass, field

from django.db import connection

from payments.models import LedgerEntry, LedgerSeal, LedgerTransaction
from payments.states import AccountKind

GENESIS = "0" * 64
SHOWN = 20  # of each kind of fault


@dataclass
class Verdict:
    """What the auditor found. `faults`: in words, the first of each kind; `unsealed`: not linked yet, which is no fault."""

    transactions: int = 0
    entries: int = 0
    sealed: int = 0
    unsealed: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.faults


def audit_ledger() -> Verdict:
    """Walk the whole ledger: transactions come to nothing, balances are their lines, what is held is what holds say, the chain."""
    verdict = Verdict(
        transactions=LedgerTransaction.objects.count(),
        entries=LedgerEntry.objects.count(),
        unsealed=LedgerTransaction.objects.filter(seal=None).count(),
    )
    for question, words in _QUESTIONS.items():
        with connection.cursor() as cursor:
            cursor.execute(question, {"shown": SHOWN})
            verdict.faults += [words.format(*row) for row in cursor.fetchall()]
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
            verdict.faults.append(f"the chain breaks at link {link.position}, transaction {link.transaction_id}")
            return
        previous = link.hash
        verdict.sealed += 1


_QUESTIONS = {
    """
    SELECT t.id, coalesce(a.currency, '-'), coalesce(sum(e.amount), 0)
    FROM payments_ledgertransaction t
    LEFT JOIN payments_ledgerentry e ON e.transaction_id = t.id LEFT JOIN payments_ledgeraccount a ON a.id = e.account_id
    GROUP BY t.id, a.currency HAVING coalesce(sum(e.amount), 0) <> 0 OR count(e.id) = 0 ORDER BY t.id LIMIT %(shown)s
    """: "transaction {0} comes to {2} {1}",
    """
    SELECT a.code, b.amount, coalesce(s.sum, 0)
    FROM payments_ledgeraccount a LEFT JOIN payments_ledgerbalance b ON b.account_id = a.id
    LEFT JOIN (SELECT account_id, sum(amount) AS sum FROM payments_ledgerentry GROUP BY account_id) s ON s.account_id = a.id
    WHERE b.amount IS DISTINCT FROM coalesce(s.sum, 0) ORDER BY a.id LIMIT %(shown)s
    """: "account {0} says {1}, its lines {2}",
    # What is captured and neither released nor given back is held, and nothing else is.
    """
    SELECT a.code, b.amount, coalesce(h.held, 0)
    FROM payments_ledgeraccount a JOIN payments_ledgerbalance b ON b.account_id = a.id
    LEFT JOIN (
        SELECT h.reference, h.currency, sum(h.refunded_minor - h.amount_minor)::bigint AS held
        FROM payments_paymenthold h JOIN payments_payment p ON p.id = h.payment_id
        WHERE p.state = 'captured' AND h.state IN ('held', 'cancelled') GROUP BY h.reference, h.currency
    ) h ON h.reference = a.owner AND h.currency = a.currency
    WHERE a.kind = 'hold' AND b.amount <> coalesce(h.held, 0) ORDER BY a.id LIMIT %(shown)s
    """: "account {0} holds {1}, its holds say {2}",
    """
    SELECT a.code, b.amount, coalesce(-p.amount_minor, 0)
    FROM payments_ledgeraccount a JOIN payments_ledgerbalance b ON b.account_id = a.id
    LEFT JOIN payments_payout p ON p.id::text = a.owner AND p.state = 'pending'
    WHERE a.kind = 'payout' AND b.amount <> coalesce(-p.amount_minor, 0) ORDER BY a.id LIMIT %(shown)s
    """: "account {0} says {1}, its payout {2}",
    """
    SELECT a.code, b.amount, coalesce(-r.amount_minor, 0)
    FROM payments_ledgeraccount a JOIN payments_ledgerbalance b ON b.account_id = a.id
    LEFT JOIN payments_refund r ON r.id::text = a.owner AND r.state = 'requested'
    WHERE a.kind = 'refund' AND b.amount <> coalesce(-r.amount_minor, 0) ORDER BY a.id LIMIT %(shown)s
    """: "account {0} says {1}, its refund {2}",
}
