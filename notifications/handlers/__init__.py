"""Who is told when something happens. Each reaction is one sentence."""

from notifications.handlers import decisions, listings, people, sending, talking

__all__ = ["decisions", "listings", "people", "sending", "talking"]
