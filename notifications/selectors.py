"""Questions about notifications."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from notifications.models import DevMessage, Notification, NotificationSettings
from notifications.states import OFF_LIST, NotificationKind
from notifications.words import words_of


def notifications_of(user: User, *, unread_only: bool = False, kind: str | None = None) -> QuerySet[Notification]:
    """What is on a person's list, newest first."""
    found = Notification.objects.filter(user=user).exclude(kind__in=OFF_LIST).order_by("-id")
    if unread_only:
        found = found.filter(read_at=None)
    return found.filter(kind=kind) if kind else found


def unread_count(user: User) -> int:
    """Unread ones, counted to 100: a badge says "99+"."""
    return Notification.objects.filter(user=user, read_at=None).exclude(kind__in=OFF_LIST)[:100].count()


def shape_of(notification: Notification) -> dict[str, Any]:
    """A notification as the list and the sockets show it, in the active language."""
    words = words_of(notification.kind, notification.facts)
    return {
        "id": str(notification.pk),
        "notification_type": str(notification.kind),
        "title": words.title,
        "body": words.body,
        "data": notification.facts,
        "url": notification.url,
        "is_read": notification.read_at is not None,
        "read_at": notification.read_at,
        "created_at": notification.created_at,
    }


def settings_of(user: User) -> NotificationSettings:
    """The person's settings, or the defaults (not saved)."""
    return NotificationSettings.objects.filter(user=user).first() or NotificationSettings(user=user)


def kinds_with_settings(settings: NotificationSettings) -> dict[str, bool]:
    """For each kind whether any way beside the list is on: the specification's `notification_types`."""
    return {
        kind: settings.kinds.get(kind, {}).get("email", True) or settings.kinds.get(kind, {}).get("push", True)
        for kind in NotificationKind.values
    }


def dev_messages(*, limit: int = 200) -> list[DevMessage]:
    return list(DevMessage.objects.all()[:limit])
