"""What the scanner asks of moderators, and what their decisions do to messages.

Moderation has locked what it decides about, and audits; each verb may be said twice.
"""

import uuid
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from core.events import publish
from core.states import move
from messaging import rules
from messaging.actions.placing import (
    enter_updates,
    lock_conversation,
    lock_message,
    other_in,
    place,
    tell_both,
    tell_sender,
)
from messaging.errors import NoLongerReachable
from messaging.events import MessageRejected, MessageSent
from messaging.models import Message
from messaging.selectors import standing
from messaging.states import MESSAGE_MOVES, MESSAGE_TARGET, EntryKind, MessageState
from moderation.actions import open_flagged_case, open_review_case
from moderation.rules import severity_of_marks


@transaction.atomic
def bring_before_moderators(*, message_id: uuid.UUID) -> None:
    """Open the case of a message that the scanner held, or delivered and wants read; bring the open one up to its words of now.

    Raises:
        MessageNotFound.
    """
    _conversation, message = lock_message(message_id)
    open_case = open_review_case if message.state == MessageState.HELD else open_flagged_case
    open_case(
        target_kind=MESSAGE_TARGET,
        target_id=message.pk,
        severity=severity_of_marks(mark["kind"] for mark in message.marks),
    )


@transaction.atomic
def release_message(*, message_id: uuid.UUID) -> Message:
    """A message that was held, or sent back, is delivered: it takes the next place, as if it were said now. Locks the conversation.

    Publishes MessageSent.

    Raises:
        MessageNotFound. NoLongerReachable: the two blocked each other, or the other one is gone.
    """
    conversation, message = lock_message(message_id)
    if message.state == MessageState.SENT or message.sender_id is None:
        return message
    now = timezone.now()
    stands = standing(person_id=message.sender_id, other_id=other_in(conversation, message.sender_id), now=now)
    if stands.is_blocked or not stands.other_is_there:
        raise NoLongerReachable
    move(
        message,
        MessageState.SENT,
        MESSAGE_MOVES,
        seq=conversation.last_seq + 1,
        sent_at=now,
        expires_at=rules.disappears_at(after=conversation.disappear_after, now=now),
    )
    place(conversation, message)
    publish(
        MessageSent(
            message_id=message.pk,
            conversation_id=conversation.pk,
            recipient_id=other_in(conversation, message.sender_id),
            kind=str(message.kind),
        )
    )
    tell_both(conversation, message.pk, str(EntryKind.NEW), seq=conversation.last_seq)
    return message


@transaction.atomic
def reject_message(*, message_id: uuid.UUID) -> Message:
    """A message that was held is not delivered; its sender keeps seeing it, and why, the notice of the decision says.

    Locks the conversation. Publishes MessageRejected.

    Raises:
        MessageNotFound. WrongState: it was delivered already (hide it).
    """
    _conversation, message = lock_message(message_id)
    if message.state == MessageState.REJECTED:
        return message
    move(message, MessageState.REJECTED, MESSAGE_MOVES)
    publish(MessageRejected(message_id=message.pk))
    tell_sender(message, "message:rejected")
    return message


@transaction.atomic
def hold_message_again(*, message_id: uuid.UUID) -> Message:
    """Undo a rejection: it waits for a moderator as before. Raises MessageNotFound, WrongState."""
    _conversation, message = lock_message(message_id)
    if message.state != MessageState.HELD:
        move(message, MessageState.HELD, MESSAGE_MOVES)
        tell_sender(message, "message:held")
    return message


@transaction.atomic
def hide_messages(*, conversation_id: uuid.UUID, message_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Take messages off show for both people; that there were some stays. Returns those that were on show, for the way back.

    Locks the conversation.

    Raises:
        ConversationNotFound.
    """
    conversation = lock_conversation(conversation_id)
    now = timezone.now()
    shown = list(
        Message.objects.filter(
            conversation=conversation, pk__in=message_ids, state=MessageState.SENT, hidden_at=None
        ).order_by("seq")
    )
    Message.objects.filter(pk__in=[message.pk for message in shown]).update(hidden_at=now)
    enter_updates(conversation, shown, now=now)
    return [message.pk for message in shown]


@transaction.atomic
def restore_messages(*, conversation_id: uuid.UUID, message_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Show messages again that a decision hid. Returns those that were hidden. Locks the conversation.

    Raises:
        ConversationNotFound.
    """
    conversation = lock_conversation(conversation_id)
    hidden = list(
        Message.objects.filter(conversation=conversation, pk__in=message_ids, hidden_at__isnull=False).order_by("seq")
    )
    Message.objects.filter(pk__in=[message.pk for message in hidden]).update(hidden_at=None)
    enter_updates(conversation, hidden, now=timezone.now())
    return [message.pk for message in hidden]
