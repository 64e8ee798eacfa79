"""Conversations ready to look at. Made directly, not by actions: a test of one action starts anywhere."""

from typing import Any

import factory
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from core.ids import uuid7
from core.text import fold
from media.states import Purpose
from media.tests.factories import ReadyImageFactory
from messaging.models import Conversation, Message, Participation, StreamEntry
from messaging.states import EntryKind, MessageKind


class ConversationFactory(factory.django.DjangoModelFactory):
    """A conversation of `person` (who began it) and `other`, both sides with it. `said=3`: with so many messages, in turns."""

    class Meta:
        model = Conversation
        skip_postgeneration_save = True

    class Params:
        person = factory.SubFactory(UserFactory)
        other = factory.SubFactory(UserFactory)

    first = factory.LazyAttribute(lambda o: min(o.person, o.other, key=lambda p: p.pk))
    second = factory.LazyAttribute(lambda o: max(o.person, o.other, key=lambda p: p.pk))
    started_by = factory.SelfAttribute("person")
    product = None

    @factory.post_generation
    def said(self: Conversation, create: bool, count: int | None, **_: Any) -> None:
        for one, other in ((self.first, self.second), (self.second, self.first)):
            Participation.objects.create(conversation=self, person=one, other=other)
        for number in range(count or 0):
            say(self, self.started_by if number % 2 == 0 else other_of(self, self.started_by), f"Words {number + 1}")


class MessagePictureFactory(ReadyImageFactory):
    """A picture to send."""

    purpose = Purpose.MESSAGE


def other_of(conversation: Conversation, person: User) -> User:
    return conversation.second if conversation.first_id == person.pk else conversation.first


def side(conversation: Conversation, person: User) -> Participation:
    return Participation.objects.get(conversation=conversation, person=person)


def say(conversation: Conversation, sender: User | None, body: str = "", **facts: Any) -> Message:
    """A message with its place, entry and counts, without any rule."""
    now = facts.pop("sent_at", None) or timezone.now()
    conversation.refresh_from_db()
    conversation.last_seq += 1
    conversation.save()
    message = Message.objects.create(
        id=uuid7(),
        conversation=conversation,
        seq=conversation.last_seq,
        sender=sender,
        kind=facts.pop("kind", MessageKind.TEXT if sender else MessageKind.SYSTEM),
        body=body,
        folded=fold(body),
        sent_at=now,
        **facts,
    )
    StreamEntry.objects.create(conversation=conversation, seq=message.seq, kind=EntryKind.NEW, message=message, at=now)
    for one in Participation.objects.filter(conversation=conversation):
        one.last_message, one.last_message_at, one.changed_at = message, now, now
        one.unread_count += one.person_id != message.sender_id
        one.save()
    return message
