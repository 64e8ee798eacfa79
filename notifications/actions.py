"""Telling people, and what they do with it."""

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from accounts.models import Device, User
from core.events import publish
from core.realtime.telling import tell_person
from core.states import move
from notifications.errors import NoSuchNotification, UnknownKind
from notifications.events import NotificationCreated
from notifications.models import DevMessage, Notification, NotificationSettings, Send
from notifications.rules import channels_for, read_unsubscribe_token
from notifications.selectors import settings_of, shape_of
from notifications.states import OFF_LIST, SEND_MOVES, NotificationKind, SendState


@transaction.atomic
def tell(*, user: User, kind: str, facts: dict[str, Any], url: str = "", once_key: str = "") -> Notification | None:
    """Put a notification on a person's list and on its way through the channels they chose.

    With a `once_key` the same is told once, whatever is delivered twice. Publishes NotificationCreated; sockets hear
    `notification:new`. Returns None where it was told already, or the person is gone.
    """
    if not user.is_active:
        return None
    notification = Notification(user=user, kind=kind, facts=facts, url=url, once_key=once_key)
    if once_key:
        Notification.objects.bulk_create([notification], ignore_conflicts=True)
        if not Notification.objects.filter(pk=notification.pk).exists():
            return None
    else:
        notification.save()
    settings = settings_of(user)
    channels = channels_for(
        kind=kind,
        email_enabled=settings.email_enabled,
        push_enabled=settings.push_enabled,
        kinds=settings.kinds,
        has_email=bool(user.email and user.email_verified_at),
        has_push=Device.objects.filter(user=user).exclude(push_token="").exists(),
    )
    if kind not in OFF_LIST:
        tell_person(user.pk, "notification:new", lambda: _shape_for(user, notification))
    if channels:
        Send.objects.bulk_create([Send(notification=notification, channel=c) for c in channels])
        publish(NotificationCreated(notification_id=notification.pk))
    return notification


def _shape_for(user: User, notification: Notification) -> dict[str, Any]:
    with translation.override(user.language):
        return shape_of(notification)


def tell_many(*, users: Iterable[User], kind: str, facts: dict[str, Any], url: str = "", once_key: str = "") -> int:
    """Tell each of many people; return how many were told now."""
    return sum(tell(user=u, kind=kind, facts=facts, url=url, once_key=once_key) is not None for u in users)


@transaction.atomic
def read_notification(*, user: User, notification_id: uuid.UUID) -> Notification:
    """Mark one as read. Raises NoSuchNotification."""
    notification = _own(user, notification_id)
    if notification.read_at is None:
        notification.read_at = timezone.now()
        notification.save(update_fields=["read_at"])
    return notification


def read_all_notifications(*, user: User) -> int:
    """Mark all as read and return how many were not."""
    return Notification.objects.filter(user=user, read_at=None).update(read_at=timezone.now())


@transaction.atomic
def delete_notification(*, user: User, notification_id: uuid.UUID) -> None:
    """Take one off the list. Raises NoSuchNotification."""
    _own(user, notification_id).delete()


@transaction.atomic
def change_settings(
    *,
    user: User,
    push_enabled: bool | None = None,
    email_enabled: bool | None = None,
    kinds: dict[str, Any] | None = None,
) -> NotificationSettings:
    """Change what is given and leave the rest. A kind's value is a bool for all ways, or `{"email": …, "push": …}`.

    Raises:
        UnknownKind: a kind that does not exist; nothing is changed.
    """
    NotificationSettings.objects.get_or_create(user=user)
    settings = NotificationSettings.objects.select_for_update(of=("self",)).get(user=user)
    if push_enabled is not None:
        settings.push_enabled = push_enabled
    if email_enabled is not None:
        settings.email_enabled = email_enabled
    for kind, value in (kinds or {}).items():
        if kind not in NotificationKind.values:
            raise UnknownKind(kind=kind)
        ways = {"email": value, "push": value} if isinstance(value, bool) else value
        settings.kinds[kind] = settings.kinds.get(kind, {}) | ways
    settings.save()
    return settings


def unsubscribe(*, token: str) -> str:
    """Switch off mail of the kind that a mail's own link names and return the kind. Raises InvalidUnsubscribeLink."""
    user_id, kind = read_unsubscribe_token(token)
    change_settings(user=User.objects.get(pk=user_id), kinds={kind: {"email": False}})
    return kind


@transaction.atomic
def record_sent(*, send: Send, error: str = "") -> None:
    """Write down how a send went. A failed one is tried again with its delivery."""
    send = Send.objects.select_for_update(of=("self",)).get(pk=send.pk)
    if error:
        move(send, SendState.FAILED, SEND_MOVES, last_error=error[:300])
    else:
        move(send, SendState.SENT, SEND_MOVES, last_error="", sent_at=timezone.now())


def export_person(user: User) -> Iterator[tuple[str, Any]]:
    """What a person was told, and how they want to be told."""
    told = Notification.objects.filter(user=user).order_by("-id")
    yield (
        "notifications/notifications.json",
        [
            {
                "kind": n.kind,
                "facts": n.facts,
                "created_at": n.created_at.isoformat(),
                "read_at": n.read_at and n.read_at.isoformat(),
            }
            for n in told
        ],
    )
    settings = settings_of(user)
    yield (
        "notifications/settings.json",
        {"email_enabled": settings.email_enabled, "push_enabled": settings.push_enabled, "kinds": settings.kinds},
    )


def erase_person(user: User) -> dict[str, int]:
    """Forget what a person was told, and what told others of them by name."""
    told, _ = Notification.objects.filter(user=user).delete()
    about, _ = Notification.objects.filter(facts__user_id=str(user.pk)).delete()
    NotificationSettings.objects.filter(user=user).delete()
    return {"notifications": told + about}


def empty_dev_outbox() -> None:
    DevMessage.objects.all().delete()


def _own(user: User, notification_id: uuid.UUID) -> Notification:
    found = Notification.objects.select_for_update(of=("self",)).filter(user=user, pk=notification_id).first()
    if found is None:
        raise NoSuchNotification
    return found
