"""What is told and never kept: that somebody is typing, that somebody is here."""

import uuid

from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from core.realtime.presence import online
from core.realtime.telling import tell_person
from messaging import rules
from messaging.actions.placing import other_in, stream_of, tell_of_conversation
from messaging.selectors import conversation_of, conversations_between, people_who_see, standing

TYPING_FOR = 5  # seconds, the specification's


def begin_typing(*, person: User, conversation_id: uuid.UUID) -> None:
    """Tell the other person that words are on their way. It is over by itself after `TYPING_FOR` seconds; lost where Redis is away.

    Raises:
        ConversationNotFound. Suspended, Restricted, CannotBeReached: who may not write does not type either.
    """
    conversation = conversation_of(person, conversation_id)
    other_id = other_in(conversation, person.pk)
    rules.check_may_write(standing(person_id=person.pk, other_id=other_id, now=timezone.now()))
    cache.set(_typing(conversation_id, person.pk), 1, TYPING_FOR)
    _tell_typing(other_id, "typing:active", conversation_id, person)


def stop_typing(*, person: User, conversation_id: uuid.UUID) -> None:
    """They think again. Said by somebody who was not typing, it is told to nobody.

    Raises:
        ConversationNotFound.
    """
    conversation = conversation_of(person, conversation_id)
    if cache.delete(_typing(conversation_id, person.pk)):
        _tell_typing(other_in(conversation, person.pk), "typing:inactive", conversation_id, person)


def is_typing(*, person_id: uuid.UUID, conversation_id: uuid.UUID) -> bool:
    return cache.get(_typing(conversation_id, person_id)) is not None


def _typing(conversation_id: uuid.UUID, person_id: uuid.UUID) -> str:
    return f"typing:{conversation_id}:{person_id}"


def _tell_typing(other_id: uuid.UUID, name: str, conversation_id: uuid.UUID, person: User) -> None:
    news = {"user_id": str(person.pk), "conversation_id": str(conversation_id)}
    tell_person(other_id, name, news, stream=stream_of(conversation_id))


def tell_contacts_of_arrival(*, person_id: uuid.UUID) -> None:
    """Somebody opened their first socket: those of their contacts who are here, and may know it, are told."""
    _tell_presence(person_id, "user:online")


def tell_contacts_of_leaving(*, person_id: uuid.UUID) -> None:
    """Their last socket has been gone for a moment."""
    _tell_presence(person_id, "user:offline")


def _tell_presence(person_id: uuid.UUID, name: str) -> None:
    person = User.objects.filter(pk=person_id).first()
    if person is None:
        return
    here = name == "user:online"
    news = {"user_id": str(person_id), "is_online": here, "last_seen_at": None if here else person.last_seen_at}
    for contact_id in online(people_who_see(person)):
        tell_person(contact_id, name, news)


def part_contacts(*, blocker_id: uuid.UUID, blocked_id: uuid.UUID) -> None:
    """After a block neither sees the other here any more, and whoever blocked sees what can no longer be written in."""
    for person_id, other_id in ((blocker_id, blocked_id), (blocked_id, blocker_id)):
        if conversations_between(person_id, other_id):
            news = {"user_id": str(other_id), "is_online": False, "last_seen_at": None}
            tell_person(person_id, "user:offline", news)
    for conversation_id in conversations_between(blocker_id, blocked_id):
        tell_of_conversation(conversation_id, blocker_id)
