"""Questions about carts, checkouts, orders and vouchers, by topic."""

from orders.selectors.carts import CartChange, Owner, cart_changes, cart_count, cart_for, cart_lines
from orders.selectors.checkouts import checkout_of, due_checkouts, open_checkouts_with
from orders.selectors.fulfilment import (
    disputes_due,
    due_releases,
    held_labels_and_evidence,
    is_shown_to,
    label_of,
    late_orders,
    meetings_to_remind_of,
    no_shows_to_settle,
    overdue_arrivals,
    overdue_decisions,
    parcels_to_check,
    shipment_of,
    shipment_with_reference,
)
from orders.selectors.vouchers import own_voucher, uses_of, vouchers_coded, vouchers_of, vouchers_on_show

__all__ = [
    "CartChange",
    "Owner",
    "cart_changes",
    "cart_count",
    "cart_for",
    "cart_lines",
    "checkout_of",
    "disputes_due",
    "due_checkouts",
    "due_releases",
    "held_labels_and_evidence",
    "is_shown_to",
    "label_of",
    "late_orders",
    "meetings_to_remind_of",
    "no_shows_to_settle",
    "open_checkouts_with",
    "overdue_arrivals",
    "overdue_decisions",
    "own_voucher",
    "parcels_to_check",
    "shipment_of",
    "shipment_with_reference",
    "uses_of",
    "vouchers_coded",
    "vouchers_of",
    "vouchers_on_show",
]
