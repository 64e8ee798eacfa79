"""The verbs of orders."""

from orders.actions.timeline import note_event

__all__ = ["note_event"]
