"""The moderators' console: the queue, the page of a case, reports, decisions, policies, filters, the switches, and today's numbers."""

from moderation.admin import cases, filters, records, today

__all__ = ["cases", "filters", "records", "today"]
