"""Orders in the console: looked up, helped along, their disputes decided, vouchers of the platform, documents, today's numbers."""

from orders.admin import disputes, orders, today, vouchers

__all__ = ["disputes", "orders", "today", "vouchers"]
