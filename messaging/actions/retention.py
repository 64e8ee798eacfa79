"""Words that nobody is to read any more: they disappear for the two who talk, and after a time for everybody.

A case that is open keeps what it needs: nothing of a conversation that one touches is blanked until it is closed.
"""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.sweeps import each
from media.actions import release_assets
from messaging.actions.placing import enter_updates
from messaging.models import Conversation, Message, MessageImage, MessageRevision, Participation
from messaging.selectors import due_to_be_blanked, due_to_disappear, is_in_open_case, messages_to_blank, old_revisions

BATCH = 500


def expire_disappearing(*, limit: int = 5000, now: datetime | None = None) -> int:
    """Take away the words of messages whose time has come, and tell both people; return how many.

    One transaction for each conversation; one that somebody is writing in is left for the next round.
    """
    at = now or timezone.now()
    return each(due_to_disappear(at, limit=limit), lambda pk: _disappear(pk, at))


@transaction.atomic
def _disappear(conversation_id: uuid.UUID, now: datetime) -> int:
    conversation = _locked(conversation_id)
    if conversation is None:
        return 0
    due = list(
        Message.objects.filter(conversation=conversation, expires_at__lte=now, disappeared_at=None).order_by("seq")[
            :BATCH
        ]
    )
    _keep_for_cases(due, now)
    Message.objects.filter(pk__in=[message.pk for message in due]).update(body="", folded="", disappeared_at=now)
    enter_updates(conversation, [message for message in due if message.seq is not None], now=now)
    return len(due)


def blank_old_messages(*, limit: int = 5000, now: datetime | None = None) -> int:
    """Forget for good what was unsent, edited or has disappeared `kept_days` ago, and what erased people said; return how many
    messages.

    Conversations that an open case touches wait.
    """
    at = now or timezone.now()
    before = at - timedelta(days=settings.MESSAGING["kept_days"])
    return each(due_to_be_blanked(before, limit=limit), lambda pk: _forget(pk, before, at))


@transaction.atomic
def _forget(conversation_id: uuid.UUID, before: datetime, now: datetime) -> int:
    conversation = _locked(conversation_id)
    if conversation is None or is_in_open_case(conversation):
        return 0
    due = list(messages_to_blank(conversation, before)[:BATCH])
    blank(due, now=now)
    touched = {message.pk for message in due}
    edited = old_revisions(conversation, before)
    touched.update(edited.values_list("message_id", flat=True))
    edited.delete()
    return len(touched)


def blank(messages: Iterable[Message], *, now: datetime) -> None:
    """Nothing of what these said stays: not the words, not what they said before, not the place, not the pictures."""
    ids = [message.pk for message in messages]
    pictures = MessageImage.objects.filter(message_id__in=ids)
    assets = list(pictures.values_list("asset_id", flat=True))
    pictures.delete()
    release_assets(asset_ids=assets)
    MessageRevision.objects.filter(message_id__in=ids).delete()
    Message.objects.filter(pk__in=ids).update(body="", folded="", facts={}, marks=[], blanked_at=now)


def _take_from_both(messages: Iterable[Message], now: datetime) -> None:
    """As if their sender had unsent them."""
    ids = [message.pk for message in messages]
    Message.objects.filter(pk__in=ids, unsent_at=None).update(unsent_at=now)


def _keep_for_cases(messages: Iterable[Message], now: datetime) -> None:
    MessageRevision.objects.bulk_create(
        [MessageRevision(message=message, body=message.body, replaced_at=now) for message in messages if message.body]
    )


def _locked(conversation_id: uuid.UUID) -> Conversation | None:
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return rows.filter(pk=conversation_id).first()


@transaction.atomic
def blank_words_of(person: User) -> int:
    """Take everything that a person said, whatever its age, from those they said it to; and from everybody, save where an open
    case needs it: there it goes when the case is closed (`blank_old_messages`). Returns how many messages.
    """
    now, count = timezone.now(), 0
    for conversation_id in (
        Participation.objects.filter(person=person)
        .order_by("conversation_id")
        .values_list("conversation_id", flat=True)
    ):
        conversation = Conversation.objects.select_for_update(of=("self",), no_key=True).get(pk=conversation_id)
        kept = is_in_open_case(conversation)
        left = Message.objects.filter(conversation=conversation, sender=person, blanked_at=None).order_by("pk")
        for said in _batches(list(left)):
            _take_from_both(said, now)
            if kept:
                _keep_for_cases(said, now)
                Message.objects.filter(pk__in=[message.pk for message in said]).update(body="", folded="")
            else:
                blank(said, now=now)
            count += len(said)
    return count


def _batches(messages: list[Message]) -> Iterator[list[Message]]:
    for start in range(0, len(messages), BATCH):
        yield messages[start : start + BATCH]
