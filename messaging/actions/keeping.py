"""How one keeps a conversation: put away, quiet; and, for both, for how long what is said stays."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from messaging import rules
from messaging.actions.placing import both, lock_conversation, other_in, participation_of, tell_of_conversation
from messaging.actions.sending import post_notice
from messaging.models import Conversation, Participation
from messaging.selectors import conversation_of, standing


@transaction.atomic
def archive_conversation(*, person: User, conversation_id: uuid.UUID) -> Participation:
    """Put a conversation away for this person; the other notices nothing, and a new message brings it back.

    Raises:
        ConversationNotFound.
    """
    return _keep(person, conversation_id, archived_at=timezone.now())


@transaction.atomic
def unarchive_conversation(*, person: User, conversation_id: uuid.UUID) -> Participation:
    """Raises ConversationNotFound."""
    return _keep(person, conversation_id, archived_at=None)


@transaction.atomic
def mute_conversation(*, person: User, conversation_id: uuid.UUID, until: datetime | None) -> Participation:
    """No push messages about it until then; None: they ring again. A moment far in the future is for good.

    Raises:
        ConversationNotFound.
    """
    return _keep(person, conversation_id, muted_until=until)


def _keep(person: User, conversation_id: uuid.UUID, **facts: datetime | None) -> Participation:
    side = participation_of(conversation_of(person, conversation_id), person.pk)
    if "archived_at" in facts and bool(side.archived_at) == bool(facts["archived_at"]):
        return side
    for name, value in facts.items():
        setattr(side, name, value)
    side.save(update_fields=list(facts))
    tell_of_conversation(conversation_id, person.pk)
    return side


@transaction.atomic
def set_disappearing(*, person: User, conversation_id: uuid.UUID, seconds: int | None) -> Conversation:
    """Let what either says from now on disappear after so many seconds, or (None) stay. A notice tells both who talk.

    What was said before keeps its own term. Locks the conversation.

    Raises:
        UnknownTerm. ConversationNotFound. Suspended, Restricted, CannotBeReached.
    """
    rules.check_term(seconds)
    conversation = lock_conversation(conversation_id, person=person)
    other_id = other_in(conversation, person.pk)
    rules.check_may_write(standing(person_id=person.pk, other_id=other_id, now=timezone.now()))
    if conversation.disappear_after == seconds:
        return conversation
    conversation.disappear_after = seconds
    conversation.save(update_fields=["disappear_after"])
    notice, facts = rules.term_notice(seconds)
    post_notice(conversation_id=conversation_id, notice=notice, facts=facts)
    tell_of_conversation(conversation_id, *both(conversation))
    return conversation


@transaction.atomic
def keep_conversation(
    *,
    person: User,
    conversation_id: uuid.UUID,
    is_archived: bool | None = None,
    **chosen: Any,
) -> None:
    """Several of the above at once, all or none: `is_archived`, `muted_until`, `disappear_after`; what is not named stays.

    Raises:
        What each of them refuses.
    """
    conversation_of(person, conversation_id)
    if "disappear_after" in chosen:
        set_disappearing(person=person, conversation_id=conversation_id, seconds=chosen["disappear_after"])
    if "muted_until" in chosen:
        mute_conversation(person=person, conversation_id=conversation_id, until=chosen["muted_until"])
    if is_archived is not None:
        archive = archive_conversation if is_archived else unarchive_conversation
        archive(person=person, conversation_id=conversation_id)
