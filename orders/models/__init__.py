"""Carts, vouchers, delivery terms, checkouts and orders, hand-over and shipments, disputes, invoices."""

from orders.models.carts import Cart, CartItem
from orders.models.delivery import DeliveryTerms
from orders.models.disputes import Dispute, DisputeEvidence
from orders.models.fulfilment import HandoverCode, Meeting, Shipment
from orders.models.invoices import Invoice
from orders.models.orders import Checkout, Order, OrderEvent, OrderItem
from orders.models.vouchers import Voucher, VoucherUse

__all__ = [
    "Cart",
    "CartItem",
    "Checkout",
    "DeliveryTerms",
    "Dispute",
    "DisputeEvidence",
    "HandoverCode",
    "Invoice",
    "Meeting",
    "Order",
    "OrderEvent",
    "OrderItem",
    "Shipment",
    "Voucher",
    "VoucherUse",
]
