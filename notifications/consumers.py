"""What sockets hear about notifications."""

from core.realtime.registry import announce
from notifications.api.serializers import NotificationOut

announce(
    "notification:new",
    shape=NotificationOut,
    stream="me",
    summary="Something was put on the person's list; the bell counts one more.",
)
