"""A person with many conversations, or one conversation with many messages, made by a few statements."""

import itertools
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from core.ids import uuid7
from core.text import fold
from messaging.models import (
    Conversation,
    Message,
    MessageImage,
    Participation,
    Reaction,
    StreamEntry,
)
from messaging.states import EntryKind
from messaging.tests.factories import ConversationFactory, MessagePictureFactory

_numbers = itertools.count()


def people(count: int) -> list[User]:
    made = [
        User(
            id=uuid7(), username=f"neighbour{next(_numbers)}", full_name="Omar Nasser", email_verified_at=timezone.now()
        )
        for _ in range(count)
    ]
    return User.objects.bulk_create(made, batch_size=500)


def inbox_of(person: User, count: int, *, product=None) -> None:
    """So many conversations with one message each, every other one unread."""
    now = timezone.now()
    conversations, sides, messages = [], [], []
    for number, other in enumerate(people(count)):
        first, second = sorted((person, other), key=lambda one: one.pk)
        talk = Conversation(first=first, second=second, started_by=other, product=product, last_seq=1)
        message = Message(
            id=uuid7(),
            conversation=talk,
            seq=1,
            sender=other,
            kind="text",
            body=f"Is it still there? {number}",
            folded=fold(f"Is it still there? {number}"),
            sent_at=now - timedelta(seconds=number),
        )
        conversations.append(talk)
        messages.append(message)
        for one, another in ((person, other), (other, person)):
            side = Participation(
                conversation=talk,
                person=one,
                other=another,
                last_message=message,
                last_message_at=message.sent_at,
                changed_at=message.sent_at,
                unread_count=number % 2 if one is person else 0,
            )
            sides.append(side)
    Conversation.objects.bulk_create(conversations, batch_size=1000)
    Message.objects.bulk_create(messages, batch_size=1000)
    Participation.objects.bulk_create(sides, batch_size=1000)
    StreamEntry.objects.bulk_create(
        [StreamEntry(conversation=m.conversation, seq=1, kind=EntryKind.NEW, message=m) for m in messages]
    )


def conversation_with(count: int, *, person: User | None = None) -> Conversation:
    """One with so many messages, and of everything something among the newest: pictures, answers, reactions."""
    talk = ConversationFactory(person=person or UserFactory())
    now = timezone.now()
    messages = [
        Message(
            id=uuid7(),
            conversation=talk,
            seq=number,
            sender=talk.first if number % 3 else talk.second,
            kind="image" if number % 5 == 0 else "text",
            body=f"Words {number}",
            folded=f"words {number}",
            sent_at=now - timedelta(seconds=count - number),
        )
        for number in range(1, count + 1)
    ]
    for earlier, later in zip(messages, messages[7:], strict=False):
        later.reply_to = earlier
    Message.objects.bulk_create(messages, batch_size=1000)
    entries = [StreamEntry(conversation=talk, seq=m.seq, kind=EntryKind.NEW, message=m, at=m.sent_at) for m in messages]
    StreamEntry.objects.bulk_create(entries, batch_size=1000)
    for message in messages[-15:]:
        Reaction.objects.create(message=message, person=talk.first, emoji="👍")
        if message.kind == "image":
            for position in range(2):
                asset = MessagePictureFactory(owner=message.sender)
                MessageImage.objects.create(message=message, asset=asset, position=position)
    Conversation.objects.filter(pk=talk.pk).update(last_seq=count)
    Participation.objects.filter(conversation=talk).update(last_message=messages[-1], last_message_at=now)
    return talk


def analyse() -> None:
    """Give the planner the statistics that a living database has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE accounts_user, messaging_conversation, messaging_participation, messaging_message, messaging_streamentry"
        )
