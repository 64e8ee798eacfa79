"""The verbs of orders."""

from orders.actions.cancelling import (
    cancel_order,
    cancel_unpaid,
    cancel_unpaid_order,
    cancel_unpaid_orders,
    expire_due_checkouts,
)
from orders.actions.carts import (
    Put,
    Synced,
    accept_cart_changes,
    add_to_cart,
    change_cart_item,
    clear_cart,
    forget_old_guest_carts,
    merge_guest_cart,
    remove_from_cart,
    sync_cart,
)
from orders.actions.cash_returns import (
    confirm_cash_back,
    deny_cash_back,
    find_cash_back,
    keep_cash_sale,
    say_cash_given_back,
    undo_cash_sale,
)
from orders.actions.chargebacks import (
    note_chargeback_closed,
    note_chargeback_opened,
)
from orders.actions.charging import (
    hear_of_payment,
    make_intent,
    pay_by_test_method,
    settle_checkout,
)
from orders.actions.clocks import (
    cancel_late,
    deliver_overdue,
    release_due,
    remind_of_meetings,
    run_cash_back_clocks,
    run_dispute_clocks,
    settle_no_shows,
)
from orders.actions.completing import (
    confirm_received,
)
from orders.actions.confirming import (
    confirm_paid_checkout,
)
from orders.actions.decisions import (
    accept_decision,
    appeal_dispute,
    claim_dispute,
    decide_appeal,
    decide_dispute,
    note_on_dispute,
    release_dispute,
)
from orders.actions.delivery import (
    change_delivery_terms,
)
from orders.actions.dispute_ends import (
    confirm_return,
    reject_return,
    send_back,
)
from orders.actions.disputes import (
    add_evidence,
    answer_dispute,
    escalate_dispute,
    open_dispute,
    take_settlement,
    withdraw_dispute,
)
from orders.actions.handover import (
    hand_over,
    show_handover_code,
)
from orders.actions.invoices import (
    issue_cash_credit_note,
    issue_credit_note,
    issue_invoice,
)
from orders.actions.meetings import (
    agree_meeting,
    cancel_after_no_show,
    contest_no_show,
    decline_meeting,
    propose_meeting,
    report_no_show,
)
from orders.actions.opening import (
    open_checkout,
    open_order_for_offer,
)
from orders.actions.parcels import (
    attach_label,
    call_off_parcels,
    claim_parcels_to_check,
    dispatch_order,
    keep_label,
    note_booked,
    note_refused,
    note_tracking,
)
from orders.actions.paying import (
    prepare_to_pay,
)
from orders.actions.preparing import (
    accept_order,
    mark_ready,
)
from orders.actions.refunds import (
    cancel_order_by_staff,
    note_refund_failed,
    note_refund_refused,
    note_refund_sent,
    refund_order,
)
from orders.actions.suspensions import CalledOff, call_off_orders_of, follow_standing
from orders.actions.talking import (
    say_of_dispute,
    say_of_meeting,
    say_of_order,
)
from orders.actions.timeline import (
    note_event,
)
from orders.actions.vouchers import (
    VoucherFields,
    change_platform_voucher,
    change_voucher,
    drop_voucher,
    issue_platform_voucher,
    issue_voucher,
)

__all__ = [
    "CalledOff",
    "Put",
    "Synced",
    "VoucherFields",
    "accept_cart_changes",
    "accept_decision",
    "accept_order",
    "add_evidence",
    "add_to_cart",
    "agree_meeting",
    "answer_dispute",
    "appeal_dispute",
    "attach_label",
    "call_off_orders_of",
    "call_off_parcels",
    "cancel_after_no_show",
    "cancel_late",
    "cancel_order",
    "cancel_order_by_staff",
    "cancel_unpaid",
    "cancel_unpaid_order",
    "cancel_unpaid_orders",
    "change_cart_item",
    "change_delivery_terms",
    "change_platform_voucher",
    "change_voucher",
    "claim_dispute",
    "claim_parcels_to_check",
    "clear_cart",
    "confirm_cash_back",
    "confirm_paid_checkout",
    "confirm_received",
    "confirm_return",
    "contest_no_show",
    "decide_appeal",
    "decide_dispute",
    "decline_meeting",
    "deliver_overdue",
    "deny_cash_back",
    "dispatch_order",
    "drop_voucher",
    "escalate_dispute",
    "expire_due_checkouts",
    "find_cash_back",
    "follow_standing",
    "forget_old_guest_carts",
    "hand_over",
    "hear_of_payment",
    "issue_cash_credit_note",
    "issue_credit_note",
    "issue_invoice",
    "issue_platform_voucher",
    "issue_voucher",
    "keep_cash_sale",
    "keep_label",
    "make_intent",
    "mark_ready",
    "merge_guest_cart",
    "note_booked",
    "note_chargeback_closed",
    "note_chargeback_opened",
    "note_event",
    "note_on_dispute",
    "note_refund_failed",
    "note_refund_refused",
    "note_refund_sent",
    "note_refused",
    "note_tracking",
    "open_checkout",
    "open_dispute",
    "open_order_for_offer",
    "pay_by_test_method",
    "prepare_to_pay",
    "propose_meeting",
    "refund_order",
    "reject_return",
    "release_dispute",
    "release_due",
    "remind_of_meetings",
    "remove_from_cart",
    "report_no_show",
    "run_cash_back_clocks",
    "run_dispute_clocks",
    "say_cash_given_back",
    "say_of_dispute",
    "say_of_meeting",
    "say_of_order",
    "send_back",
    "settle_checkout",
    "settle_no_shows",
    "show_handover_code",
    "sync_cart",
    "take_settlement",
    "undo_cash_sale",
    "withdraw_dispute",
]
