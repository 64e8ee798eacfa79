"""What is due to be forgotten, and what an open case still needs."""

import uuid
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from messaging.models import Conversation, Message, MessageRevision, Participation
from messaging.states import CONVERSATION_TARGET, MESSAGE_TARGET
from moderation.models import Report
from moderation.selectors import undecided_cases


def due_to_disappear(at: datetime, *, limit: int) -> list[uuid.UUID]:
    """Conversations with messages whose time has come, the earliest first."""
    due = Message.objects.filter(expires_at__lte=at, disappeared_at=None).order_by("expires_at")
    return _each_once(due.values_list("conversation_id", flat=True)[:limit])


def due_to_be_blanked(before: datetime, *, limit: int) -> list[uuid.UUID]:
    """Conversations with words to be forgotten."""
    found = [
        *_old_unsent(before).values_list("conversation_id", flat=True)[:limit],
        *_old_disappeared(before).values_list("conversation_id", flat=True)[:limit],
        *_of_erased_people().values_list("conversation_id", flat=True)[:limit],
        *MessageRevision.objects.filter(replaced_at__lt=before)
        .order_by("replaced_at")
        .values_list("message__conversation_id", flat=True)[:limit],
    ]
    return _each_once(found)


def messages_to_blank(conversation: Conversation, before: datetime) -> QuerySet[Message]:
    here = Message.objects.filter(conversation=conversation)
    return here.filter(
        Q(pk__in=_old_unsent(before).filter(conversation=conversation).values("pk"))
        | Q(pk__in=_old_disappeared(before).filter(conversation=conversation).values("pk"))
        | Q(pk__in=_of_erased_people().filter(conversation=conversation).values("pk"))
    )


def old_revisions(conversation: Conversation, before: datetime) -> QuerySet[MessageRevision]:
    """What messages said before they were edited, long ago."""
    return MessageRevision.objects.filter(message__conversation=conversation, replaced_at__lt=before)


def _old_unsent(before: datetime) -> QuerySet[Message]:
    return Message.objects.filter(unsent_at__lt=before, blanked_at=None)


def _old_disappeared(before: datetime) -> QuerySet[Message]:
    return Message.objects.filter(disappeared_at__lt=before, blanked_at=None)


def _of_erased_people() -> QuerySet[Message]:
    """What was kept of them for a case. (Their words were all unsent when they left, so this reads a small index.)"""
    erased = User.objects.filter(pk=OuterRef("sender_id"), erased_at__isnull=False)
    return Message.objects.filter(Exists(erased), unsent_at__isnull=False, blanked_at=None)


def _each_once(ids: "QuerySet[Message, uuid.UUID] | list[uuid.UUID]") -> list[uuid.UUID]:
    return list(dict.fromkeys(ids))


def is_in_open_case(conversation: Conversation) -> bool:
    """Whether a case that nobody has decided is about one side of it or a message in it, or one of the two names it in a report."""
    sides = Participation.objects.filter(conversation=conversation).values("pk")
    messages = Message.objects.filter(conversation=conversation).values("pk")
    cases = undecided_cases()
    about = cases.filter(
        Q(target_kind=CONVERSATION_TARGET, target_id__in=sides) | Q(target_kind=MESSAGE_TARGET, target_id__in=messages)
    )
    both = (conversation.first_id, conversation.second_id)  # whoever else names it keeps nobody's words
    named = Report.objects.filter(case__in=cases, related_id=conversation.pk, reporter__in=both)
    return about.exists() or named.exists()
