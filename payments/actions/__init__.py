"""The verbs of payments."""

from payments.actions.commands import order_command
from payments.actions.fees import drop_fee_amounts, save_fee_amounts, save_fee_rule

__all__ = ["drop_fee_amounts", "order_command", "save_fee_amounts", "save_fee_rule"]
