"""Whom a person talks with, and who of them lets the other know when they are here.

Presence is mutual: whoever hides their own sees nobody's. A block, a suspension, or taking no messages from somebody hides it too.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Block, Follow, User
from accounts.states import MessagesFrom
from core.realtime import presence
from messaging.models import Participation

MOST = 500  # contacts that are told and asked about: those last talked with


def people_who_see(person: User) -> list[uuid.UUID]:
    """Contacts who may know when this person is here."""
    if not person.show_last_seen or person.suspended_at is not None or not person.is_active:
        return []
    if person.messages_from == MessagesFrom.NOBODY:
        return []
    sides = _reachable(person).filter(other__show_last_seen=True)
    if person.messages_from == MessagesFrom.FOLLOWING:
        sides = sides.filter(Exists(Follow.objects.filter(follower=person, followed=OuterRef("other"))))
    return _each_once(sides)


def presence_of(person: User, wanted: Sequence[uuid.UUID] | None = None) -> list[dict[str, Any]]:
    """Who of a person's contacts is here (`shapes.PresenceOut`): of those named, or everybody who is here now.

    Whoever is no contact, or hides it, is left out.
    """
    if not person.show_last_seen:
        return []
    follows_back = Exists(Follow.objects.filter(follower=OuterRef("other"), followed=person))
    sides = _reachable(person).filter(
        Q(other__messages_from=MessagesFrom.EVERYONE) | Q(follows_back, other__messages_from=MessagesFrom.FOLLOWING),
        other__show_last_seen=True,
    )
    if wanted is not None:
        sides = sides.filter(other__in=list(wanted))
    seen = dict(sides.values_list("other_id", "other__last_seen_at")[:MOST])
    here = presence.online(seen)
    return [
        {"user_id": str(pk), "is_online": pk in here, "last_seen_at": at}
        for pk, at in seen.items()
        if wanted is not None or pk in here
    ]


def _reachable(person: User) -> QuerySet[Participation]:
    blocks = Block.objects.filter(
        Q(blocker=person, blocked=OuterRef("other")) | Q(blocker=OuterRef("other"), blocked=person)
    )
    return Participation.objects.filter(
        ~Exists(blocks),
        person=person,
        last_message_at__isnull=False,
        other__is_active=True,
        other__suspended_at=None,
    ).order_by("-last_message_at", "-id")


def _each_once(sides: QuerySet[Participation]) -> list[uuid.UUID]:
    return list(dict.fromkeys(sides.values_list("other_id", flat=True)[:MOST]))
