"""Who is told when something happens. Each reaction is one sentence."""

from notifications.handlers import cash, decisions, finding, listings, orders, payouts, people, sending, talking

__all__ = ["cash", "decisions", "finding", "listings", "orders", "payouts", "people", "sending", "talking"]
