"""Telling people, and what they do with it."""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from accounts.models import User
from accounts.selectors import push_devices
from core.events import publish
from core.realtime.telling import tell_person
from core.states import move
from core.sweeps import each
from notifications.errors import NoSuchNotification, UnknownKind
from notifications.events import NotificationCreated
from notifications.models import DevMessage, Notification, NotificationSettings, Send
from notifications.rules import channels_for, read_unsubscribe_token, waits_for_digest
from notifications.selectors import news_for_digest, notifications_about, people_with_news, settings_of, shape_of
from notifications.states import OFF_LIST, SEND_MOVES, NotificationKind, SendState
from search.actions import note_told
from search.models import Find
from search.selectors import due_finds, people_to_send_a_digest, untold_at_once
from search.states import FindReason


@transaction.atomic
def tell(*, user: User, kind: str, facts: dict[str, Any], url: str = "", once_key: str = "") -> Notification | None:
    """Put a notification on a person's list and on its way through the channels they chose.

    With a `once_key` the same is told once, whatever is delivered twice. Publishes NotificationCreated; sockets hear
    `notification:new`. Returns None where it was told already, or the person is gone.
    """
    if not user.is_active:
        return None
    settings = settings_of(user)
    notification = Notification(
        user=user,
        kind=kind,
        facts=facts,
        url=url,
        once_key=once_key,
        waits_for_digest=waits_for_digest(kind, settings.kinds),
    )
    if once_key:
        Notification.objects.bulk_create([notification], ignore_conflicts=True)
        if not Notification.objects.filter(pk=notification.pk).exists():
            return None
    else:
        notification.save()
    channels = channels_for(
        kind=kind,
        email_enabled=settings.email_enabled,
        push_enabled=settings.push_enabled,
        kinds=settings.kinds,
        has_email=bool(user.email and user.email_verified_at),
        has_push=push_devices(user).exists(),
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


# --- what people follow -----------------------------------------------------------------------------------------------

BATCH = 200  # people told in one transaction
IN_A_DIGEST = 20  # listings


def tell_finds(*, product_id: uuid.UUID) -> int:
    """Tell whoever wants to hear at once that their saved searches found a listing; return how many people were told now.

    In batches of their own transactions. A person whom two searches brought the same listing hears of it once.
    """
    told = 0
    while True:
        with transaction.atomic():
            finds = list(
                untold_at_once(product_id)
                .select_related("saved_search__user", "product")
                .select_for_update(of=("self",), skip_locked=True)[:BATCH]
            )
            for _person, theirs in groupby(finds, key=lambda find: find.user_id):
                told += _tell_find(next(theirs)) is not None
            note_told(finds=finds, at=timezone.now())
        if len(finds) < BATCH:
            return told


def _tell_find(find: Find) -> Notification | None:
    product = find.product
    return tell(
        user=find.saved_search.user,
        kind=NotificationKind.SAVED_SEARCH,
        facts={
            "title": product.title,
            "product_id": str(product.pk),
            "name": find.saved_search.name,
            "saved_search_id": str(find.saved_search_id),
            "price": f"{product.price} {product.currency}",
            "what": "found_cheaper" if find.reason == FindReason.CHEAPER else "found_new",
        },
        url=f"/l/{product.pk}",
        once_key=f"found:{product.pk}:{product.price_minor}",
    )


def send_digests(*, now: datetime | None = None) -> int:
    """Send everybody whose digest is due one: what their daily and weekly searches found, and what they saved and want to read of
    there. Return how many. Each person once a day, in a transaction of their own; safe to run again and to skip.
    """
    at = now or timezone.now()
    readers = {*people_to_send_a_digest(now=at), *people_with_news(now=at)}
    due = User.objects.filter(pk__in=readers, is_active=True).order_by("pk").iterator(chunk_size=500)
    return each(due, lambda user: _send_digest(user, at))


@transaction.atomic
def _send_digest(user: User, at: datetime) -> bool:
    finds = list(
        due_finds(now=at)
        .filter(user_id=user.pk)
        .select_related("saved_search", "product")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("-id")
    )
    news = news_for_digest(user, now=at)
    newest = {find.product_id: find for find in reversed(finds)}  # a listing once, by the find that is last
    about = {str(note.facts.get("product_id")) for note in news} | {str(pk) for pk in newest}
    if not about:
        return False
    names = list(dict.fromkeys(find.saved_search.name for find in newest.values()))
    told = tell(
        user=user,
        kind=NotificationKind.SEARCH_DIGEST,
        facts={
            "count": len(about),
            "names": ", ".join(names[:3]),
            "found": [
                {
                    "product_id": str(find.product_id),
                    "search": find.saved_search.name,
                    "reason": find.reason,
                }
                for find in list(newest.values())[-IN_A_DIGEST:][::-1]
            ],
            "news": [{"kind": note.kind, "facts": note.facts, "url": note.url} for note in news[:IN_A_DIGEST]],
        },
        url="/searches" if newest else "/saved",
        once_key=f"digest:{at.date()}",
    )
    if told is None:  # today's is out already: this waits for the next one
        return False
    note_told(finds=finds, at=at)
    Notification.objects.filter(pk__in=[note.pk for note in news]).update(waits_for_digest=False)
    return True


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
    about, _ = notifications_about(user).delete()
    NotificationSettings.objects.filter(user=user).delete()
    return {"notifications": told + about}


def empty_dev_outbox() -> None:
    DevMessage.objects.all().delete()


def _own(user: User, notification_id: uuid.UUID) -> Notification:
    found = Notification.objects.select_for_update(of=("self",)).filter(user=user, pk=notification_id).first()
    if found is None:
        raise NoSuchNotification
    return found
