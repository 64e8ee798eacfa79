"""The questions of payments."""

from payments.selectors.accounts import seller_account
from payments.selectors.balances import balance_of, balances_of, currencies_of
from payments.selectors.charges import hold_for, payments_for
from payments.selectors.fees import fee_rules
from payments.selectors.ledger import ledger_balance, may_take_cash, owed_to, postings_of
from payments.selectors.picture import money_picture
from payments.selectors.reconciliation import open_breaks, payouts_are_stopped, unexplained

__all__ = [
    "balance_of",
    "balances_of",
    "currencies_of",
    "fee_rules",
    "hold_for",
    "ledger_balance",
    "may_take_cash",
    "money_picture",
    "open_breaks",
    "owed_to",
    "payments_for",
    "payouts_are_stopped",
    "postings_of",
    "seller_account",
    "unexplained",
]
