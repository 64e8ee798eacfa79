"""The verbs of payments."""

from payments.actions.auditing import note_audit
from payments.actions.cash import charge_cash_commission, return_cash_commission
from payments.actions.chargebacks import answer_chargeback, cover_loss
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
    order_transfers,
)
from payments.actions.fees import drop_fee_amounts, save_fee_amounts, save_fee_rule
from payments.actions.holds import freeze_hold, release_hold, unfreeze_hold
from payments.actions.inbox import (
    process_due_events,
    process_event,
    process_event_again,
    receive_event,
    sweep_missed_events,
)
from payments.actions.onboarding import start_onboarding, sync_account
from payments.actions.paying import Run, run_due_payouts
from payments.actions.payout_results import note_account, note_bank_payout, note_claw_back, note_transfer
from payments.actions.payouts import (
    approve_payout,
    change_payout_settings,
    freeze_payouts,
    order_manual_payout,
    refuse_payout,
    request_payout,
    thaw_payouts,
)
from payments.actions.posting import Line, Posting, post, post_many, reverse
from payments.actions.reconciling import explain_break, reconcile
from payments.actions.refunds import approve_refund, refund_hold, refuse_refund, retry_refund
from payments.actions.results import note_command_refused, note_customer, note_intent, note_refund
from payments.actions.running import give_up_command, retry_command, run_command, run_due_commands
from payments.actions.sealing import seal_ledger
from payments.actions.syncing import (
    confirm_test_payment,
    sync_bank_payout,
    sync_payment,
    sync_payouts_on_their_way,
    sync_what_hangs,
)

__all__ = [
    "Line",
    "Posting",
    "Run",
    "answer_chargeback",
    "approve_payout",
    "approve_refund",
    "cancel_payment",
    "change_payout_settings",
    "charge_cash_commission",
    "confirm_test_payment",
    "cover_loss",
    "drop_fee_amounts",
    "explain_break",
    "freeze_hold",
    "freeze_payouts",
    "give_up_command",
    "note_account",
    "note_audit",
    "note_bank_payout",
    "note_claw_back",
    "note_command_refused",
    "note_customer",
    "note_intent",
    "note_refund",
    "note_transfer",
    "open_payment",
    "order_account",
    "order_bank_payout",
    "order_cancel",
    "order_charge",
    "order_claw_back",
    "order_command",
    "order_customer",
    "order_manual_payout",
    "order_refund",
    "order_transfer",
    "order_transfers",
    "post",
    "post_many",
    "process_due_events",
    "process_event",
    "process_event_again",
    "receive_event",
    "reconcile",
    "refund_hold",
    "refuse_payout",
    "refuse_refund",
    "release_hold",
    "request_payout",
    "retry_command",
    "retry_refund",
    "return_cash_commission",
    "reverse",
    "run_command",
    "run_due_commands",
    "run_due_payouts",
    "save_fee_amounts",
    "save_fee_rule",
    "seal_ledger",
    "start_onboarding",
    "sweep_missed_events",
    "sync_account",
    "sync_bank_payout",
    "sync_payment",
    "sync_payouts_on_their_way",
    "sync_what_hangs",
    "thaw_payouts",
    "unfreeze_hold",
]
