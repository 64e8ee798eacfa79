"""What the auditor asks, in SQL over the rows themselves.

Each answer is a reference, a currency, what the ledger says and what the thing itself says. Both sides are begun from: a thing that was
never posted has no account to be found by, and a posting may be of something that never was. Each question is one statement, so
it sees whole transactions only. What is sold beside us, in cash, only orders know: those questions come by a port.
"""

from payments.ports import AuditQuestion
from payments.states import BreakKind

# A provider's thing and its one posting: which line of it has which amount. NULL: it was counted in parts, and is only to be there.
# A refund that failed and was sent again has postings of its earlier tries too, and a bank's own refunds stand in the posting of its
# verdict: those are begun from one side here, and from the other by their accounts below.
_POSTED_ONCE = """
    SELECT 'capture' AS kind, charge_id AS ref, currency, 'clearing' AS on_kind, '' AS owner, amount_minor AS amount
    FROM payments_payment WHERE state = 'captured'
    UNION ALL
    SELECT 'release', id::text, currency, 'hold', reference, NULL FROM payments_paymenthold WHERE released_at IS NOT NULL
    UNION ALL
    SELECT 'payout_ordered', id::text, currency, 'payout', id::text, -amount_minor
    FROM payments_payout WHERE state NOT IN ('awaiting_approval', 'refused')
    UNION ALL
    SELECT 'transfer', transfer_id, currency, 'payout', id::text, amount_minor FROM payments_payout WHERE transfer_id <> ''
    UNION ALL
    SELECT 'payout_failed', id::text, currency, 'seller', seller_id::text, -amount_minor FROM payments_payout WHERE state = 'failed'
    UNION ALL
    SELECT 'chargeback', provider_id, currency, 'chargeback', id::text, amount_minor
    FROM payments_chargeback WHERE withdrawn_at IS NOT NULL
    UNION ALL
    SELECT 'chargeback_won', provider_id, currency, 'chargeback', id::text, -amount_minor
    FROM payments_chargeback WHERE reinstated_at IS NOT NULL
"""
_POSTED_AT_LEAST = """
    SELECT 'refund_ordered' AS kind, r.id || ':' || r.tries AS ref, h.currency, 'refund' AS on_kind, r.id::text AS owner,
        -r.amount_minor AS amount
    FROM payments_refund r JOIN payments_paymenthold h ON h.id = r.hold_id
    WHERE r.state NOT IN ('awaiting_approval', 'refused') AND r.reason <> 'chargeback'
    UNION ALL
    SELECT 'refund', r.provider_id, h.currency, 'refund', r.id::text, r.amount_minor
    FROM payments_refund r JOIN payments_paymenthold h ON h.id = r.hold_id
    WHERE r.state IN ('pending', 'succeeded') AND r.reason <> 'chargeback'
    UNION ALL
    SELECT 'refund_failed', r.id || ':' || r.tries, h.currency, 'refund', r.id::text, r.amount_minor
    FROM payments_refund r JOIN payments_paymenthold h ON h.id = r.hold_id WHERE r.state = 'failed' AND r.reason <> 'chargeback'
    UNION ALL
    SELECT 'chargeback_lost', provider_id, currency, 'chargeback', id::text, -amount_minor
    FROM payments_chargeback WHERE state = 'lost'
"""
_LINE = """
    (SELECT sum(e.amount)::bigint FROM payments_ledgerentry e JOIN payments_ledgeraccount a ON a.id = e.account_id
     WHERE e.transaction_id = t.id AND a.kind = d.on_kind AND a.owner = d.owner AND a.currency = d.currency)
"""
_BOTH = f"""
    (SELECT * FROM ({_POSTED_ONCE}) once) d FULL JOIN (
        SELECT * FROM payments_ledgertransaction
        WHERE kind IN ('capture', 'release', 'payout_ordered', 'transfer', 'payout_failed', 'chargeback', 'chargeback_won')
    ) t ON t.kind = d.kind AND t.ref = d.ref
"""  # noqa: S608
_AT_LEAST = f"(SELECT * FROM ({_POSTED_AT_LEAST}) more) d LEFT JOIN payments_ledgertransaction t ON t.kind = d.kind AND t.ref = d.ref"  # noqa: S608
# What has an account of its own, and what should lie on it by the thing's own row.
_DUE = """
    SELECT 'hold' AS kind, h.reference AS owner, h.currency, sum(CASE
        WHEN p.state = 'captured' AND h.state IN ('held', 'cancelled') THEN h.refunded_minor - h.amount_minor ELSE 0 END)::bigint AS due
    FROM payments_paymenthold h JOIN payments_payment p ON p.id = h.payment_id GROUP BY h.reference, h.currency
    UNION ALL SELECT 'payout', id::text, currency, CASE state WHEN 'pending' THEN -amount_minor ELSE 0 END FROM payments_payout
    UNION ALL SELECT 'refund', r.id::text, h.currency, CASE r.state WHEN 'requested' THEN -r.amount_minor ELSE 0 END
    FROM payments_refund r JOIN payments_paymenthold h ON h.id = r.hold_id
    UNION ALL SELECT 'chargeback', id::text, currency,
        CASE WHEN withdrawn_at IS NOT NULL AND reinstated_at IS NULL AND state <> 'lost' THEN amount_minor ELSE 0 END
    FROM payments_chargeback
"""
_ACCOUNTS = f"""
    (SELECT a.kind, a.owner, a.currency, coalesce(b.amount, 0) AS amount
     FROM payments_ledgeraccount a LEFT JOIN payments_ledgerbalance b ON b.account_id = a.id
     WHERE a.kind IN ('hold', 'payout', 'refund', 'chargeback')) a
    FULL JOIN ({_DUE}) d ON d.kind = a.kind AND d.owner = a.owner AND d.currency = a.currency
"""  # noqa: S608

QUESTIONS = (
    AuditQuestion(
        BreakKind.LEDGER_BROKEN,
        """
        SELECT 'transaction:' || t.id, coalesce(a.currency, ''), coalesce(sum(e.amount), 0)::bigint, 0
        FROM payments_ledgertransaction t
        LEFT JOIN payments_ledgerentry e ON e.transaction_id = t.id LEFT JOIN payments_ledgeraccount a ON a.id = e.account_id
        GROUP BY t.id, a.currency HAVING coalesce(sum(e.amount), 0) <> 0 OR count(e.id) = 0 ORDER BY t.id LIMIT %(shown)s
        """,
        "{0} comes to {2} {1}",
    ),
    AuditQuestion(
        BreakKind.LEDGER_BROKEN,
        """
        SELECT a.code, a.currency, b.amount, coalesce(s.sum, 0)::bigint
        FROM payments_ledgeraccount a LEFT JOIN payments_ledgerbalance b ON b.account_id = a.id
        LEFT JOIN (SELECT account_id, sum(amount) AS sum FROM payments_ledgerentry GROUP BY account_id) s ON s.account_id = a.id
        WHERE b.amount IS DISTINCT FROM coalesce(s.sum, 0) ORDER BY a.id LIMIT %(shown)s
        """,
        "account {0} says {2}, its lines {3}",
    ),
    AuditQuestion(
        BreakKind.NOT_POSTED,
        f"""
        SELECT d.kind || ' ' || d.ref, d.currency, 0, coalesce(d.amount, 0) FROM {_BOTH} WHERE t.id IS NULL
        UNION ALL
        SELECT d.kind || ' ' || d.ref, d.currency, 0, coalesce(d.amount, 0) FROM {_AT_LEAST} WHERE t.id IS NULL
        UNION ALL
        SELECT d.kind || ':' || d.owner, d.currency, 0, d.due FROM {_ACCOUNTS} WHERE a.kind IS NULL AND d.due <> 0
        ORDER BY 1 LIMIT %(shown)s
        """,  # noqa: S608
        "{0} of {3} {1} happened and is not posted",
    ),
    AuditQuestion(
        BreakKind.NEVER_HAPPENED,
        f"""
        SELECT t.kind || ' ' || t.ref, coalesce(s.currency, ''), coalesce(s.moved, 0)::bigint, 0
        FROM {_BOTH} LEFT JOIN LATERAL (
            SELECT a.currency, sum(e.amount) AS moved FROM payments_ledgerentry e JOIN payments_ledgeraccount a ON a.id = e.account_id
            WHERE e.transaction_id = t.id AND e.amount > 0 GROUP BY a.currency LIMIT 1
        ) s ON true WHERE d.kind IS NULL
        UNION ALL
        SELECT a.kind || ':' || a.owner, a.currency, a.amount, 0 FROM {_ACCOUNTS} WHERE d.kind IS NULL
        ORDER BY 1 LIMIT %(shown)s
        """,  # noqa: S608
        "{0} of {2} {1} is posted, and there is no such thing",
    ),
    AuditQuestion(
        BreakKind.POSTED_OTHERWISE,
        f"""
        SELECT * FROM (
            SELECT d.kind || ' ' || d.ref, d.currency, {_LINE} AS line, d.amount FROM {_BOTH}
            WHERE t.id IS NOT NULL AND d.amount IS NOT NULL
            UNION ALL
            SELECT d.kind || ' ' || d.ref, d.currency, {_LINE}, d.amount FROM {_AT_LEAST} WHERE t.id IS NOT NULL
            UNION ALL
            SELECT a.kind || ':' || a.owner, a.currency, a.amount, d.due FROM {_ACCOUNTS}
            WHERE a.kind IS NOT NULL AND d.kind IS NOT NULL
        ) compared WHERE line IS DISTINCT FROM amount ORDER BY 1 LIMIT %(shown)s
        """,  # noqa: S608
        "{0} says {2} {1} in the ledger and {3} by itself",
    ),
)
