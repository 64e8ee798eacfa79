"""Whose conversation this is, and what decides whether somebody may write in it."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from messaging.errors import ConversationNotFound
from messaging.models import Conversation, MessageImage, Participation
from messaging.states import MessageState


def conversations_of(person: User) -> QuerySet[Conversation]:
    return Conversation.objects.filter(Q(first_id=person.pk) | Q(second_id=person.pk))


def conversation_of(person: User, conversation_id: uuid.UUID) -> Conversation:
    """A conversation that the person is in. Raises ConversationNotFound."""
    found = conversations_of(person).filter(pk=conversation_id).first()
    if found is None:
        raise ConversationNotFound
    return found


def conversation_between(person: User, other_id: uuid.UUID, product_id: uuid.UUID | None = None) -> Conversation | None:
    """The conversation of two people about a listing, or about none; None where they have not begun it."""
    first_id, second_id = sorted((person.pk, other_id))
    theirs = Conversation.objects.filter(first_id=first_id, second_id=second_id)
    about = theirs.filter(product=None) if product_id is None else theirs.filter(product_id=product_id)
    return about.first()


def other_in(conversation: Conversation, person_id: uuid.UUID) -> uuid.UUID:
    """Whom the person talks with."""
    return conversation.second_id if conversation.first_id == person_id else conversation.first_id


@dataclass(frozen=True)
class Standing:
    """What decides, as it is now, whether a person may write to another; and who the writer is, as a message shows them."""

    username: str
    full_name: str
    avatar_key: str
    is_verified: bool
    is_trusted: bool
    suspended_at: datetime | None
    is_active: bool
    open_kinds: frozenset[str]  # of restrictions in force
    other_is_there: bool  # neither suspended nor gone
    is_blocked: bool  # either way
    said_before_id: uuid.UUID | None  # their message with this client_id
    same_words: int  # to how many others, in conversations that they began


_STANDING = """
    SELECT s.username, s.full_name, s.avatar_key,
        (s.email_verified_at IS NOT NULL OR s.phone_verified_at IS NOT NULL),
        (s.identity_verified_at IS NOT NULL OR s.business_verified_at IS NOT NULL),
        s.suspended_at, s.is_active,
        ARRAY(SELECT r.kind FROM accounts_restriction r WHERE r.user_id = s.id AND r.lifted_at IS NULL
              AND r.starts_at <= %(now)s::timestamptz AND (r.ends_at IS NULL OR r.ends_at > %(now)s::timestamptz))::text[],
        coalesce((SELECT o.is_active AND o.suspended_at IS NULL FROM accounts_user o WHERE o.id = %(other)s::uuid), false),
        EXISTS (SELECT 1 FROM accounts_block b WHERE b.blocker_id = s.id AND b.blocked_id = %(other)s::uuid)
            OR EXISTS (SELECT 1 FROM accounts_block b WHERE b.blocker_id = %(other)s::uuid AND b.blocked_id = s.id),
        CASE WHEN %(client_id)s::text <> '' THEN (SELECT m.id FROM messaging_message m
            WHERE m.sender_id = s.id AND m.client_id = %(client_id)s::text AND NOT (m.client_id = '')) END,
        CASE WHEN %(words)s::text <> '' THEN (SELECT count(DISTINCT m.conversation_id) FROM messaging_message m
            JOIN messaging_conversation c ON c.id = m.conversation_id
            WHERE m.sender_id = s.id AND md5(m.folded) = md5(%(words)s::text) AND m.id >= %(since)s::uuid
                AND c.started_by_id = s.id AND m.conversation_id <> %(conversation)s::uuid) ELSE 0 END
    FROM accounts_user s WHERE s.id = %(person)s::uuid
"""


def standing(
    *,
    person_id: uuid.UUID,
    other_id: uuid.UUID,
    now: datetime,
    conversation_id: uuid.UUID | None = None,
    client_id: str = "",
    words: str = "",
    since: datetime | None = None,
) -> Standing:
    """One query, asked before every message, so it is written by hand. `words`: folded, looked for since then."""
    asked: dict[str, Any] = {
        "person": person_id,
        "other": other_id,
        "now": now,
        "conversation": conversation_id,
        "client_id": client_id,
        "words": words,
        "since": uuid.UUID(int=int((since or now).timestamp() * 1000) << 80),  # the least UUIDv7 of that moment
    }
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, asked)
        row = cursor.fetchone()
    if row is None:  # erased rows stay, so nobody who signed in is missing
        raise ConversationNotFound
    values: list[Any] = list(row)
    values[7] = frozenset(values[7])
    return Standing(*values)


def held_assets(asset_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the files that stand in a message. Media asks (`media.ports`)."""
    return set(MessageImage.objects.filter(asset_id__in=asset_ids).values_list("asset_id", flat=True))


def is_shown_to(asset_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    """Whether a picture stands in a message that this person reads in a conversation of theirs. Media asks (`media.ports`)."""
    theirs = Participation.objects.filter(person_id=person_id, conversation=OuterRef("message__conversation"))
    return MessageImage.objects.filter(Exists(theirs), asset_id=asset_id, message__state=MessageState.SENT).exists()


def conversations_between(person_id: uuid.UUID, other_id: uuid.UUID) -> list[uuid.UUID]:
    """Those of two people in which something was said."""
    sides = Participation.objects.filter(person_id=person_id, other_id=other_id, last_message_at__isnull=False)
    return list(sides.order_by("-last_message_at").values_list("conversation_id", flat=True)[:100])
