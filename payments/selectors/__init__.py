"""The questions of payments."""

from payments.selectors.accounts import seller_account
from payments.selectors.audit import Verdict, audit_ledger, cover
from payments.selectors.balances import balance_of, balances_of, currencies_of
from payments.selectors.charges import hold_for, payments_for
from payments.selectors.export import beancount_lines
from payments.selectors.fees import fee_rules
from payments.selectors.ledger import ledger_balance, may_take_cash, owed_to, postings_of
from payments.selectors.payouts import (
    is_payout_late,
    paid_by,
    payout_of,
    payout_standing,
    payouts_of,
    refunds_waiting,
)
from payments.selectors.picture import money_picture
from payments.selectors.reconciliation import open_breaks, payouts_are_stopped, unexplained
from payments.selectors.statements import CommissionStatement, commission_statement, movements_of
from payments.selectors.watch import PROVEN, OurMoney, ledger_health, payouts_health

__all__ = [
    "PROVEN",
    "CommissionStatement",
    "OurMoney",
    "Verdict",
    "audit_ledger",
    "balance_of",
    "balances_of",
    "beancount_lines",
    "commission_statement",
    "cover",
    "currencies_of",
    "fee_rules",
    "hold_for",
    "is_payout_late",
    "ledger_balance",
    "ledger_health",
    "may_take_cash",
    "money_picture",
    "movements_of",
    "open_breaks",
    "owed_to",
    "paid_by",
    "payments_for",
    "payout_of",
    "payout_standing",
    "payouts_are_stopped",
    "payouts_health",
    "payouts_of",
    "postings_of",
    "refunds_waiting",
    "seller_account",
    "unexplained",
]
