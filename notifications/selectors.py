"""Questions about notifications."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Product
from catalog.selectors import products_with_a_page, visible_products
from core.amounts import money_words, one_stop
from notifications.models import DevMessage, Notification, NotificationSettings
from notifications.states import DIGESTIBLE, OFF_LIST, NotificationKind
from notifications.words import words_of


def notifications_of(user: User, *, unread_only: bool = False, kind: str | None = None) -> QuerySet[Notification]:
    """What is on a person's list, newest first."""
    found = Notification.objects.filter(user=user).exclude(kind__in=OFF_LIST).order_by("-id")
    if unread_only:
        found = found.filter(read_at=None)
    return found.filter(kind=kind) if kind else found


def notifications_about(person: User) -> QuerySet[Notification]:
    """What told anybody of this person by name (index `notifications_about`)."""
    named = Notification.objects.filter(facts__has_key="user_id").alias(about=KT("facts__user_id"))
    return named.filter(about=str(person.pk))


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


NEWS_UNTIL = timedelta(days=8)  # what no digest took by then is no news any more


def waiting_for_digest(user: User, *, now: datetime) -> QuerySet[Notification]:
    """What a person is to read in the next digest, and has not read yet; newest first."""
    return _waiting(now).filter(user=user).order_by("-id")


def people_with_news(*, now: datetime) -> QuerySet[Notification, UUID]:
    """Ids of people for whom something waits for the digest."""
    return _waiting(now).order_by().values_list("user_id", flat=True).distinct()


def _waiting(now: datetime) -> QuerySet[Notification]:
    return Notification.objects.filter(
        waits_for_digest=True, kind__in=DIGESTIBLE, read_at=None, created_at__gt=now - NEWS_UNTIL
    )


@dataclass(frozen=True)
class DigestLine:
    """A listing in a digest mail."""

    title: str
    says: str
    url: str


def digest_lines(notification: Notification) -> list[DigestLine]:
    """What a digest tells, without what its reader may not see any more, in the active language."""
    found = notification.facts.get("found", [])
    shown = {str(p.pk): p for p in _shown(notification.user, (one["product_id"] for one in found))}
    lines = []
    for one in found:
        product = shown.get(one["product_id"])
        if product is not None:
            wording = _("{price} now. {search}") if one["reason"] == "cheaper" else _("{price}. {search}")
            price = money_words(product.price) if product.price else ""
            says = one_stop(wording.format(price=price, search=one["search"]))
            lines.append(DigestLine(product.title, says, f"/l/{product.pk}"))
    for one in _still_open(notification.user, notification.facts.get("news", [])):
        words = words_of(one["kind"], one["facts"])
        lines.append(DigestLine(words.title, words.body, one["url"]))
    return lines


def _still_open(user: User, news: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """News of listings whose page the person may open now: not of what was hidden, or whose seller they are apart from since."""
    about = {str(one["facts"].get("product_id", "")) for one in news} - {""}
    may_open = products_with_a_page(user).filter(pk__in=[UUID(pk) for pk in about]).values_list("pk", flat=True)
    kept = {"", *map(str, may_open)} if about else {""}
    return [one for one in news if str(one["facts"].get("product_id", "")) in kept]


def news_for_digest(user: User, *, now: datetime) -> list[Notification]:
    """Locked, what a digest of now tells of things that the person saved. Only inside a transaction."""
    waiting = list(waiting_for_digest(user, now=now).select_for_update(of=("self",), skip_locked=True))
    kept = {id(one["note"]) for one in _still_open(user, [{"note": note, "facts": note.facts} for note in waiting])}
    return [note for note in waiting if id(note) in kept]


def _shown(user: User, ids: Iterable[str]) -> QuerySet[Product]:
    return visible_products(user).filter(pk__in=[UUID(pk) for pk in ids])


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
