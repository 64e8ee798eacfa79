"""The verbs of payments."""

from payments.actions.cash import charge_cash_commission, return_cash_commission
from payments.actions.charges import cancel_payment, open_payment
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
from payments.actions.holds import freeze_hold, release_hold, unfreeze_hold
from payments.actions.posting import Line, Posting, post, post_many, reverse
from payments.actions.refunds import approve_refund, refund_hold, refuse_refund, retry_refund
from payments.actions.results import note_command_refused, note_customer, note_intent, note_refund

__all__ = [
    "Line",
    "Posting",
    "approve_refund",
    "cancel_payment",
    "charge_cash_commission",
    "drop_fee_amounts",
    "freeze_hold",
    "note_command_refused",
    "note_customer",
    "note_intent",
    "note_refund",
    "open_payment",
    "order_account",
    "order_bank_payout",
    "order_cancel",
    "order_charge",
    "order_claw_back",
    "order_command",
    "order_customer",
    "order_refund",
    "order_transfer",
    "post",
    "post_many",
    "refund_hold",
    "refuse_refund",
    "release_hold",
    "retry_refund",
    "return_cash_commission",
    "reverse",
    "save_fee_amounts",
    "save_fee_rule",
    "unfreeze_hold",
]
