"""What happens in conversations, as others hear of it."""

import uuid

from core.events import Event, event


@event("messaging.message_sent")
class MessageSent(Event):
    """A message took its place in a conversation. `recipient_id` is the other person."""

    message_id: uuid.UUID
    conversation_id: uuid.UUID
    recipient_id: uuid.UUID
    kind: str


@event("messaging.message_held")
class MessageHeld(Event):
    """The scanner held a message; a moderator is to read it."""

    message_id: uuid.UUID


@event("messaging.message_flagged")
class MessageFlagged(Event):
    """A message was delivered, and a moderator is to read it all the same."""

    message_id: uuid.UUID


@event("messaging.message_rejected")
class MessageRejected(Event):
    message_id: uuid.UUID
