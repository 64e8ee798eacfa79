"""The verbs of orders."""

from orders.actions.cancelling import (
    cancel_order,
    cancel_unpaid,
    cancel_unpaid_order,
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
from orders.actions.confirming import confirm_paid_checkout
from orders.actions.opening import open_checkout, open_order_for_offer
from orders.actions.paying import prepare_to_pay
from orders.actions.timeline import note_event
from orders.actions.vouchers import (
    VoucherFields,
    change_platform_voucher,
    change_voucher,
    drop_voucher,
    issue_platform_voucher,
    issue_voucher,
)

__all__ = [
    "Put",
    "Synced",
    "VoucherFields",
    "accept_cart_changes",
    "add_to_cart",
    "cancel_order",
    "cancel_unpaid",
    "cancel_unpaid_order",
    "change_cart_item",
    "change_platform_voucher",
    "change_voucher",
    "clear_cart",
    "confirm_paid_checkout",
    "drop_voucher",
    "expire_due_checkouts",
    "forget_old_guest_carts",
    "issue_platform_voucher",
    "issue_voucher",
    "merge_guest_cart",
    "note_event",
    "open_checkout",
    "open_order_for_offer",
    "prepare_to_pay",
    "remove_from_cart",
    "sync_cart",
]
