"""The verbs of payments."""

from payments.actions.commands import (
    order_account,
    order_bank_payout,
    order_cancel,
    order_charge,
    order_claw_back,
    order_command,
    order_customer,
    order_refund,
    order_transfer,
)
from payments.actions.fees import drop_fee_amounts, save_fee_amounts, save_fee_rule

__all__ = [
    "drop_fee_amounts",
    "order_account",
    "order_bank_payout",
    "order_cancel",
    "order_charge",
    "order_claw_back",
    "order_command",
    "order_customer",
    "order_refund",
    "order_transfer",
    "save_fee_amounts",
    "save_fee_rule",
]
