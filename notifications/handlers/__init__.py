"""Who is told when something happens. Each reaction is one sentence."""

from notifications.handlers import decisions, finding, listings, orders, payouts, people, sending, talking

__all__ = ["decisions", "finding", "listings", "orders", "payouts", "people", "sending", "talking"]
