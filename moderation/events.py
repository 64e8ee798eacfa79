"""What moderation does, as others hear of it."""

import uuid

from core.events import Event, event


@event("moderation.case_opened")
class CaseOpened(Event):
    case_id: uuid.UUID


@event("moderation.report_made")
class ReportMade(Event):
    report_id: uuid.UUID


@event("moderation.target_auto_hidden")
class TargetAutoHidden(Event):
    case_id: uuid.UUID


@event("moderation.decision_made")
class DecisionMade(Event):
    decision_id: uuid.UUID


@event("moderation.decision_undone")
class DecisionUndone(Event):
    decision_id: uuid.UUID
