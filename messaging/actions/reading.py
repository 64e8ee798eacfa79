"""How far somebody's devices got, and how far they read. Both only ever rise."""

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.realtime.telling import tell_person
from messaging.actions.placing import other_in, participation_of, stream_of
from messaging.models import Conversation, Message, Participation
from messaging.selectors import conversation_of
from messaging.states import MessageState


@transaction.atomic
def mark_read(*, person: User, conversation_id: uuid.UUID, seq: int | None = None) -> Participation:
    """The person has read a conversation up to a number, or all of it. The other person is told, where that is news.

    Locks the person's side only, so nobody who writes waits for a reader.

    Raises:
        ConversationNotFound.
    """
    conversation = conversation_of(person, conversation_id)
    side = participation_of(conversation, person.pk)
    newest = _newest(conversation)
    seq = newest if seq is None else max(0, min(seq, newest))
    if seq <= side.read_seq:
        return side
    now = timezone.now()
    before = side.read_seq
    side.read_seq, side.read_at = seq, now
    if seq > side.delivered_seq:
        side.delivered_seq, side.delivered_at = seq, now
    side.unread_count = 0 if seq >= newest else _unread(conversation, person, after=seq)
    side.save(update_fields=["read_seq", "read_at", "delivered_seq", "delivered_at", "unread_count"])
    _tell(conversation, person, "message:read", after=before, seq=seq, at={"read_at": now})
    return side


@transaction.atomic
def mark_delivered(*, person: User, conversation_id: uuid.UUID, seq: int) -> Participation:
    """A device of the person has everything up to a number. The other person is told, where that is news.

    Raises:
        ConversationNotFound.
    """
    conversation = conversation_of(person, conversation_id)
    side = participation_of(conversation, person.pk)
    seq = max(0, min(seq, _newest(conversation)))
    if seq <= side.delivered_seq:
        return side
    now = timezone.now()
    before = side.delivered_seq
    side.delivered_seq, side.delivered_at = seq, now
    side.save(update_fields=["delivered_seq", "delivered_at"])
    _tell(conversation, person, "message:delivered", after=before, seq=seq, at={"delivered_at": now})
    return side


def _newest(conversation: Conversation) -> int:
    """Read again under the lock on the person's side: whoever writes needs that too before they commit."""
    return Conversation.objects.values_list("last_seq", flat=True).get(pk=conversation.pk)


def _unread(conversation: Conversation, person: User, *, after: int) -> int:
    """Everything said after a number that is not the person's own, notices and what was unsent since included."""
    later = Message.objects.filter(conversation=conversation, state=MessageState.SENT, seq__gt=after)
    return later.filter(Q(sender=None) | ~Q(sender=person)).count()


def _tell(
    conversation: Conversation, person: User, name: str, *, after: int, seq: int, at: dict[str, datetime]
) -> None:
    """`message_id` is the newest message of the other person that this is news about; no news about none."""
    other_id = other_in(conversation, person.pk)
    said = Message.objects.filter(conversation=conversation, sender_id=other_id, seq__gt=after, seq__lte=seq)
    message_id = said.order_by("-seq").values_list("pk", flat=True).first()
    if message_id is None:
        return
    news = {
        "conversation_id": str(conversation.pk),
        "seq": seq,
        "message_id": str(message_id),
        "user_id": str(person.pk),
        **at,
    }
    tell_person(other_id, name, news, stream=stream_of(conversation.pk))
