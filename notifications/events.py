"""What happens to notifications."""

import uuid

from core.events import Event, event


@event("notifications.notification_created")
class NotificationCreated(Event):
    """Somebody is to be told; its channels are written beside it and wait."""

    notification_id: uuid.UUID
