"""What the auditor of the ledger asks about sales that are paid in cash: the money is beside us, and only orders know of the sale.

Begun from both sides, as its own questions are. What is owed is read from the lines of the order, which a trigger keeps as they were
bought, with the fee of that day; what of it is given back follows from how much of the sale does not stand
(`payments.rules.returned_at`, half up).
"""

from payments.ports import AuditQuestion
from payments.states import BreakKind

_SOLD = """
    SELECT 'order:' || o.id AS ref, o.seller_id::text AS owner, o.currency, i.commission AS charged,
        div(2 * o.refunded_minor::numeric * i.commission + o.total_minor, 2 * o.total_minor::numeric)::bigint AS returned
    FROM orders_order o CROSS JOIN LATERAL (
        SELECT coalesce(sum(commission_minor), 0)::bigint AS commission FROM orders_orderitem WHERE order_id = o.id
    ) i
    WHERE o.pay_by = 'cash' AND (o.state = 'completed' OR o.payment_state IN ('cash_paid', 'refunded'))
"""
_DUE = f"""
    SELECT 'cash_commission' AS kind, ref, owner, currency, charged AS amount FROM ({_SOLD}) sold WHERE charged <> 0
    UNION ALL
    SELECT 'cash_commission_back', ref, owner, currency, -returned FROM ({_SOLD}) undone WHERE returned <> 0
"""  # noqa: S608
# By subject: what goes back in parts has a posting for each.
_POSTED = """
    SELECT t.kind, t.subject AS ref, a.owner, a.currency, sum(e.amount)::bigint AS amount
    FROM payments_ledgertransaction t
    JOIN payments_ledgerentry e ON e.transaction_id = t.id
    JOIN payments_ledgeraccount a ON a.id = e.account_id AND a.kind = 'seller'
    WHERE t.kind IN ('cash_commission', 'cash_commission_back') GROUP BY t.kind, t.subject, a.owner, a.currency
"""
_BOTH = f"""
    ({_DUE}) d FULL JOIN ({_POSTED}) p ON p.kind = d.kind AND p.ref = d.ref AND p.owner = d.owner AND p.currency = d.currency
"""

CASH_QUESTIONS = (
    AuditQuestion(
        BreakKind.NOT_POSTED,
        f"SELECT d.kind || ' ' || d.ref, d.currency, 0, d.amount FROM {_BOTH} WHERE p.kind IS NULL ORDER BY 1 LIMIT %(shown)s",  # noqa: S608
        "{0} of {3} {1} happened and is not posted",
    ),
    AuditQuestion(
        BreakKind.NEVER_HAPPENED,
        f"SELECT p.kind || ' ' || p.ref, p.currency, p.amount, 0 FROM {_BOTH} WHERE d.kind IS NULL ORDER BY 1 LIMIT %(shown)s",  # noqa: S608
        "{0} of {2} {1} is posted, and there is no such thing",
    ),
    AuditQuestion(
        BreakKind.POSTED_OTHERWISE,
        f"""
        SELECT d.kind || ' ' || d.ref, d.currency, p.amount, d.amount FROM {_BOTH}
        WHERE d.kind IS NOT NULL AND p.kind IS NOT NULL AND p.amount <> d.amount ORDER BY 1 LIMIT %(shown)s
        """,  # noqa: S608
        "{0} says {2} {1} in the ledger and {3} by itself",
    ),
)
