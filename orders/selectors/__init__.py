"""Questions about carts, checkouts, orders and vouchers, by topic."""

from orders.selectors.carts import CartChange, Owner, cart_changes, cart_count, cart_for, cart_lines
from orders.selectors.checkouts import checkout_of, due_checkouts, open_checkouts_with
from orders.selectors.vouchers import own_voucher, uses_of, vouchers_coded, vouchers_of, vouchers_on_show

__all__ = [
    "CartChange",
    "Owner",
    "cart_changes",
    "cart_count",
    "cart_for",
    "cart_lines",
    "checkout_of",
    "due_checkouts",
    "open_checkouts_with",
    "own_voucher",
    "uses_of",
    "vouchers_coded",
    "vouchers_of",
    "vouchers_on_show",
]
