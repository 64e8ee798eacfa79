"""Money: fees, payments and holds, refunds and payouts, the ledger, and what passes between us and the provider."""

from payments.models.charges import Chargeback, Payment, PaymentHold, ProviderCustomer, Refund
from payments.models.commands import ProviderCommand, ProviderEvent
from payments.models.fees import FeeAmounts, FeeChannel, FeeRule
from payments.models.ledger import (
    LedgerAccount,
    LedgerBalance,
    LedgerEntry,
    LedgerSeal,
    LedgerTransaction,
)
from payments.models.payouts import Payout, SellerAccount
from payments.models.reconciliation import BalanceTransaction, Reconciliation, ReconciliationBreak

__all__ = [
    "BalanceTransaction",
    "Chargeback",
    "FeeAmounts",
    "FeeChannel",
    "FeeRule",
    "LedgerAccount",
    "LedgerBalance",
    "LedgerEntry",
    "LedgerSeal",
    "LedgerTransaction",
    "Payment",
    "PaymentHold",
    "Payout",
    "ProviderCommand",
    "ProviderCustomer",
    "ProviderEvent",
    "Reconciliation",
    "ReconciliationBreak",
    "Refund",
    "SellerAccount",
]
