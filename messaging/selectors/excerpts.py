"""What moderators read of a conversation: the part that a case is about, with a little around it, and no more."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from media.models import MediaAsset
from messaging.errors import ConversationNotFound, MessageNotFound
from messaging.models import Conversation, Message, MessageImage, MessageRevision, Participation
from messaging.states import CONVERSATION_TARGET, MESSAGE_TARGET, MessageState
from moderation.models import Case, Report
from moderation.selectors import undecided_cases

AROUND = 5  # messages before and after the one that a case is about
CASES = 20
LAST = 20  # messages, where somebody reports a conversation as a whole


@dataclass(frozen=True)
class Line:
    """A message as staff read it: with what it said before it was edited or unsent."""

    message: Message
    is_cause: bool  # this one is held, was brought up or is reported
    originals: tuple[MessageRevision, ...] = ()
    pictures: tuple[MediaAsset, ...] = ()


@dataclass(frozen=True)
class Excerpt:
    """A part of a conversation, oldest first. `accused`: whose words a case is about."""

    conversation: Conversation
    accused: User
    other: User
    lines: tuple[Line, ...]

    @property
    def revision(self) -> int:
        """Grows with every edit of what is read here."""
        return 1 + sum(len(line.originals) for line in self.lines)

    @property
    def causes(self) -> tuple[Message, ...]:
        """What a decision is about: the message that is named or, of a whole conversation, all that the accused said."""
        named = tuple(line.message for line in self.lines if line.is_cause)
        return named or tuple(line.message for line in self.lines if line.message.sender_id == self.accused.pk)


def excerpt_of_message(message_id: uuid.UUID) -> Excerpt:
    """A held or flagged message with what was said right before and after it, until its case was opened.

    Raises:
        MessageNotFound.
    """
    message = message_for_staff(message_id)
    if message.sender is None:
        raise MessageNotFound
    conversation = _conversation(message.conversation_id)
    until = _opened_at(MESSAGE_TARGET, message_id)
    return Excerpt(
        conversation=conversation,
        accused=message.sender,
        other=_other(conversation, message.sender),
        lines=_lines(_around(message, until=until), cause_id=message.pk),
    )


def excerpt_of_side(participation_id: uuid.UUID) -> Excerpt:
    """What somebody reported of one person's side of a conversation: the message that they name and what stands around it, or the last
    that was said until then. Nothing where nobody reported it.

    Raises:
        ConversationNotFound.
    """
    side = side_for_staff(participation_id)
    conversation = _conversation(side.conversation_id)
    report = (
        Report.objects.filter(case__target_kind=CONVERSATION_TARGET, case__target_id=participation_id)
        .order_by("-id")
        .first()
    )
    messages: list[Message] = []
    if report is not None:
        named = conversation.messages.filter(pk=report.related_id).first() if report.related_id else None
        messages = (
            _around(named, until=report.created_at)
            if named is not None
            else _in_order(_said(conversation.pk).filter(sent_at__lte=report.created_at).order_by("-seq")[:LAST])
        )
    return Excerpt(
        conversation=conversation,
        accused=side.person,
        other=_other(conversation, side.person),
        lines=_lines(messages, cause_id=report.related_id if report else None),
    )


def lines_for_staff(conversation_id: uuid.UUID, *, before_seq: int | None = None, limit: int = 50) -> tuple[Line, ...]:
    """A page of a whole conversation, oldest first, and what was held or never delivered among it. For whoever gave a reason."""
    said = _said(conversation_id).order_by("-seq")
    newest = list((said.filter(seq__lt=before_seq) if before_seq is not None else said)[:limit])
    kept_back = _all(conversation_id).exclude(state=MessageState.SENT)
    if len(newest) == limit:
        kept_back = kept_back.filter(sent_at__gte=newest[-1].sent_at)
    if before_seq is not None:
        until = _said(conversation_id).filter(seq=before_seq).values_list("sent_at", flat=True).first()
        kept_back = kept_back.filter(sent_at__lt=until or timezone.now())
    return _lines(_in_order([*newest, *kept_back[:limit]]), cause_id=None)


def side_for_staff(participation_id: uuid.UUID) -> Participation:
    """Raises ConversationNotFound."""
    found = Participation.objects.filter(pk=participation_id).select_related("person").first()
    if found is None:
        raise ConversationNotFound
    return found


def message_for_staff(message_id: uuid.UUID) -> Message:
    """Raises MessageNotFound."""
    found = Message.objects.filter(pk=message_id).select_related("sender").first()
    if found is None:
        raise MessageNotFound
    return found


def conversations_for_staff() -> QuerySet[Any]:
    return Conversation.objects.select_related("first", "second", "product")


def among_conversations(queryset: QuerySet[Any], *, number: uuid.UUID | None, username: str) -> QuerySet[Any]:
    """Those with this number, about the listing or of the person with it; or of the person with this name."""
    if number is not None:
        return queryset.filter(Q(pk=number) | Q(product_id=number) | Q(first_id=number) | Q(second_id=number))
    people = list(User.objects.filter(username__iexact=username).values_list("pk", flat=True))
    return queryset.filter(Q(first_id__in=people) | Q(second_id__in=people))


def cases_about(conversation: Conversation) -> QuerySet[Case]:
    """The last cases about either side of a conversation or about a message in it."""
    sides = Participation.objects.filter(conversation=conversation).values("pk")
    messages = Message.objects.filter(conversation=conversation).values("pk")
    about = Q(target_kind=CONVERSATION_TARGET, target_id__in=sides) | Q(
        target_kind=MESSAGE_TARGET, target_id__in=messages
    )
    people = (conversation.first_id, conversation.second_id)
    return Case.objects.filter(about, author__in=people).order_by("-id")[:CASES]


def held_messages_waiting() -> int:
    return Message.objects.filter(state=MessageState.HELD).count()


def reported_conversations_waiting() -> int:
    return undecided_cases().filter(target_kind=CONVERSATION_TARGET).count()


def _conversation(conversation_id: uuid.UUID) -> Conversation:
    found = Conversation.objects.select_related("first", "second", "product").filter(pk=conversation_id).first()
    if found is None:
        raise ConversationNotFound
    return found


def _other(conversation: Conversation, person: User) -> User:
    return conversation.second if conversation.first_id == person.pk else conversation.first


def _opened_at(kind: str, pk: uuid.UUID) -> datetime:
    """When the case was opened that this is read for: what is said later is not part of it. Now, where it is only being opened."""
    opened = Case.objects.filter(target_kind=kind, target_id=pk).order_by("-id").values_list("opened_at", flat=True)
    return opened.first() or timezone.now()


def _all(conversation_id: uuid.UUID) -> QuerySet[Message]:
    return Message.objects.filter(conversation_id=conversation_id).select_related("sender")


def _said(conversation_id: uuid.UUID) -> QuerySet[Message]:
    return _all(conversation_id).filter(state=MessageState.SENT)


def _around(message: Message, *, until: datetime) -> list[Message]:
    said = _said(message.conversation_id).exclude(pk=message.pk)
    if message.seq is not None:
        before, after = Q(seq__lt=message.seq), Q(seq__gt=message.seq)
    else:
        before, after = Q(sent_at__lte=message.sent_at), Q(sent_at__gt=message.sent_at)
    earlier = said.filter(before).order_by("-seq")[:AROUND]
    later = said.filter(after, sent_at__lte=until).order_by("seq")[:AROUND]
    return [*reversed(earlier), message, *later]


def _in_order(messages: Sequence[Message] | QuerySet[Message]) -> list[Message]:
    return sorted(messages, key=lambda message: (message.sent_at, message.seq or 0))


def _lines(messages: Sequence[Message], *, cause_id: uuid.UUID | None) -> tuple[Line, ...]:
    ids = [message.pk for message in messages]
    originals: dict[uuid.UUID, list[MessageRevision]] = defaultdict(list)
    for revision in MessageRevision.objects.filter(message__in=ids).order_by("id"):
        originals[revision.message_id].append(revision)
    pictures: dict[uuid.UUID, list[MediaAsset]] = defaultdict(list)
    for image in MessageImage.objects.filter(message__in=ids).select_related("asset").order_by("message", "position"):
        pictures[image.message_id].append(image.asset)
    return tuple(
        Line(
            message=message,
            is_cause=message.pk == cause_id,
            originals=tuple(originals[message.pk]),
            pictures=tuple(pictures[message.pk]),
        )
        for message in messages
    )
