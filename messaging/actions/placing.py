"""How a message takes its place in a conversation, and how those who are connected hear of it. For the other actions here."""

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection
from django.utils import translation

from accounts.models import User
from core.realtime.telling import tell_each, tell_person
from messaging import selectors
from messaging.errors import ConversationNotFound, MessageNotFound
from messaging.models import Conversation, Message, Participation, StreamEntry
from messaging.selectors import other_in
from messaging.states import EntryKind, MessageState

# The rest of a statement whose `said` is the message that takes the place `seq`: the entry in the log, the conversation's count,
# and for both people what stands last and (for who did not say it) one more to read. A message brings archived conversations back.
_PLACED = """
    entered AS (
        INSERT INTO messaging_streamentry (conversation_id, seq, kind, message_id, at)
        SELECT %(conversation)s::uuid, %(seq)s::bigint, 'message:new', said.id, %(now)s::timestamptz FROM said
    ),
    counted AS (
        UPDATE messaging_conversation c SET last_seq = %(seq)s::bigint FROM said WHERE c.id = %(conversation)s::uuid
    ),
    shelved AS (
        UPDATE messaging_participation p SET last_message_id = said.id, last_message_at = %(now)s::timestamptz,
            changed_at = %(now)s::timestamptz, archived_at = NULL,
            unread_count = p.unread_count + CASE WHEN p.person_id IS NOT DISTINCT FROM %(sender)s::uuid THEN 0 ELSE 1 END
        FROM said WHERE p.conversation_id = %(conversation)s::uuid
    )
    SELECT id FROM said
"""
_WRITE = f"""
    WITH said AS (
        INSERT INTO messaging_message (id, conversation_id, seq, sender_id, kind, state, body, folded, facts, reference,
            reply_to_id, client_id, marks, sent_at, expires_at)
        VALUES (%(id)s::uuid, %(conversation)s::uuid, %(seq)s::bigint, %(sender)s::uuid, %(kind)s::text, 'sent',
            %(body)s::text, %(folded)s::text, %(facts)s::jsonb, %(reference)s::uuid, %(reply_to)s::uuid, %(client_id)s::text,
            %(marks)s::jsonb, %(now)s::timestamptz, %(expires_at)s::timestamptz)
        ON CONFLICT (sender_id, client_id) WHERE NOT (client_id = '') DO NOTHING RETURNING id
    ), {_PLACED}
"""  # noqa: S608 - texts of ours
_PLACE = f"WITH said AS (SELECT %(id)s::uuid AS id), {_PLACED}"


# By hand, as all that every message asks: building the statement takes longer than answering it.
_OF_CONVERSATION = [field.attname for field in Conversation._meta.concrete_fields]
_LOCK = f"""
    SELECT {", ".join(_OF_CONVERSATION)} FROM messaging_conversation
    WHERE id = %(id)s::uuid AND (%(person)s::uuid IS NULL OR %(person)s::uuid IN (first_id, second_id)) FOR NO KEY UPDATE
"""  # noqa: S608 - names of columns


def lock_conversation(conversation_id: uuid.UUID, *, person: User | None = None) -> Conversation:
    """Lock a conversation, in which numbers are given one after the other; of a person, where one asks.

    Raises:
        ConversationNotFound.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"id": conversation_id, "person": None if person is None else person.pk})
        row = cursor.fetchone()
    if row is None:
        raise ConversationNotFound
    return Conversation.from_db(connection.alias, _OF_CONVERSATION, row)


def lock_message(message_id: uuid.UUID, *, person: User | None = None) -> tuple[Conversation, Message]:
    """Lock the conversation that a message stands in, under whose lock all its messages change, and read the message.

    Raises:
        MessageNotFound: none, or none that this person may see.
    """
    where = Message.objects.filter(pk=message_id).values_list("conversation_id", flat=True).first()
    if where is None:
        raise MessageNotFound
    try:
        conversation = lock_conversation(where, person=person)
    except ConversationNotFound:
        raise MessageNotFound from None
    message = Message.objects.select_related("sender").get(pk=message_id)
    if person is not None and message.state != MessageState.SENT and message.sender_id != person.pk:
        raise MessageNotFound
    return conversation, message


def write(conversation: Conversation, message: Message) -> bool:
    """Write a new message with its place in the locked conversation, in one statement: this is what people wait for.

    False where its sender has a message of that client_id already; then nothing was written.
    """
    message.seq = conversation.last_seq + 1
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            _places(conversation, message)
            | {
                "kind": str(message.kind),
                "body": message.body,
                "folded": message.folded,
                "facts": json.dumps(message.facts),
                "reference": message.reference,
                "reply_to": message.reply_to_id,
                "client_id": message.client_id,
                "marks": json.dumps(message.marks),
                "expires_at": message.expires_at,
            },
        )
        written = cursor.fetchone() is not None
    if written:
        conversation.last_seq = message.seq
        message._state.adding = False
        message.is_new = True
    return written


def place(conversation: Conversation, message: Message) -> None:
    """The same for a message that was written before and takes its place (`conversation.last_seq` + 1) only now."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, _places(conversation, message))
    conversation.last_seq += 1


def _places(conversation: Conversation, message: Message) -> dict[str, Any]:
    return {
        "id": message.pk,
        "conversation": conversation.pk,
        "seq": conversation.last_seq + 1,
        "sender": message.sender_id,
        "now": message.sent_at,
    }


def enter_updates(conversation: Conversation, messages: Sequence[Message], *, now: datetime) -> None:
    """Give the changes of some messages numbers of their own in the locked conversation, and tell both people of each."""
    first = conversation.last_seq + 1
    numbered = list(enumerate(messages, start=first))
    StreamEntry.objects.bulk_create(
        [
            StreamEntry(conversation=conversation, seq=seq, kind=EntryKind.UPDATED, message=message, at=now)
            for seq, message in numbered
        ]
    )
    conversation.last_seq += len(numbered)
    conversation.save(update_fields=["last_seq"])
    Participation.objects.filter(conversation=conversation).update(changed_at=now)
    for seq, message in numbered:
        tell_both(conversation, message.pk, str(EntryKind.UPDATED), seq=seq)


# --- telling ----------------------------------------------------------------------------------------------------------


def stream_of(conversation_id: uuid.UUID) -> str:
    return f"conversation:{conversation_id}"


def tell_both(conversation: Conversation, message_id: uuid.UUID, name: str, *, seq: int) -> None:
    """Tell each of the two after the commit, with the message as they see it, in their language."""
    seen = {person_id: partial(_seen_by, person_id, message_id) for person_id in both(conversation)}
    tell_each(seen, name, stream=stream_of(conversation.pk), seq=seq)


def tell_sender(message: Message, name: str) -> None:
    """Tell a message's sender alone: of what nobody else sees."""
    if message.sender_id is not None:
        tell_person(message.sender_id, name, partial(_seen_by, message.sender_id, message.pk))


def tell_of_conversation(conversation_id: uuid.UUID, *person_ids: uuid.UUID) -> None:
    """Tell people that a conversation of theirs stands differently now (archived, muted, disappearing…)."""
    for person_id in person_ids:
        tell_person(person_id, "conversation:updated", partial(_conversation_seen_by, person_id, conversation_id))


def _seen_by(person_id: uuid.UUID, message_id: uuid.UUID) -> dict[str, Any]:
    person = User.objects.get(pk=person_id)
    with translation.override(person.language):
        return selectors.message_shape(person, [message_id])[0]


def _conversation_seen_by(person_id: uuid.UUID, conversation_id: uuid.UUID) -> dict[str, Any]:
    person = User.objects.get(pk=person_id)
    with translation.override(person.language):
        return selectors.conversation_shape(person, conversation_id)


def participation_of(conversation: Conversation, person_id: uuid.UUID) -> Participation:
    """Lock one side of a conversation. Raises ConversationNotFound."""
    found = (
        Participation.objects.select_for_update(of=("self",), no_key=True)
        .filter(conversation=conversation, person_id=person_id)
        .first()
    )
    if found is None:
        raise ConversationNotFound
    return found


def both(conversation: Conversation) -> tuple[uuid.UUID, uuid.UUID]:
    return conversation.first_id, conversation.second_id


__all__ = [
    "both",
    "enter_updates",
    "lock_conversation",
    "lock_message",
    "other_in",
    "participation_of",
    "place",
    "stream_of",
    "tell_both",
    "tell_of_conversation",
    "tell_sender",
    "write",
]
