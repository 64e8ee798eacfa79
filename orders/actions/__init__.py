"""The verbs of orders."""

from orders.actions.cancelling import (
    cancel_order,
    cancel_unpaid,
    cancel_unpaid_order,
    expire_due_checkouts,
)
from orders.actions.confirming import confirm_paid_checkout
from orders.actions.opening import open_checkout, open_order_for_offer
from orders.actions.paying import prepare_to_pay
from orders.actions.timeline import note_event

__all__ = [
    "cancel_order",
    "cancel_unpaid",
    "cancel_unpaid_order",
    "confirm_paid_checkout",
    "expire_due_checkouts",
    "note_event",
    "open_checkout",
    "open_order_for_offer",
    "prepare_to_pay",
]
