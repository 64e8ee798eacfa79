"""What was said is changed: edited, unsent, reacted to, or a card's offer moved on. Each change takes a number of its own."""

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.rules import check_not_suspended
from core.events import publish
from core.text import fold
from messaging import rules
from messaging.actions.placing import enter_updates, lock_message, other_in
from messaging.actions.sending import check_warning, kept_marks
from messaging.errors import NothingSaid, SendItAsMessage
from messaging.events import MessageFlagged
from messaging.models import Conversation, Message, MessageRevision, Reaction
from messaging.selectors import standing
from messaging.states import MessageKind, MessageState
from moderation.selectors import verdict
from moderation.states import ScanAction


@transaction.atomic
def edit_message(*, sender: User, message_id: uuid.UUID, body: str, acknowledge_warning: bool = False) -> Message:
    """Write the words of a message anew, within minutes of sending it. What it said before is kept for cases.

    The same words change nothing. Locks the conversation. Publishes MessageFlagged.

    Raises:
        MessageNotFound, NotYourMessage, NotDelivered, MessageGone, CannotBeEdited, TooLateToEdit.
        NothingSaid, TooLong. Suspended, Restricted, CannotBeReached.
        Warned, SendItAsMessage: the scanner would warn of the new words, or hold them.
    """
    body = body.strip()
    rules.check_length(body)
    found = verdict(text=body, author=sender)
    conversation, message = lock_message(message_id, person=sender)
    now = timezone.now()
    rules.check_may_edit(message, sender, now=now)
    rules.check_may_write(standing(person_id=sender.pk, other_id=other_in(conversation, sender.pk), now=now))
    if message.kind == MessageKind.TEXT and not body:
        raise NothingSaid
    if body == message.body:
        return message
    check_warning(found, acknowledged=acknowledge_warning)
    if found.action == ScanAction.HOLD:
        raise SendItAsMessage(attr="content")
    MessageRevision.objects.create(message=message, body=message.body, replaced_at=now)
    message.body, message.folded, message.marks, message.edited_at = body, fold(body), kept_marks(found), now
    message.save(update_fields=["body", "folded", "marks", "edited_at"])
    enter_updates(conversation, [message], now=now)
    if found.action == ScanAction.CASE:
        publish(MessageFlagged(message_id=message.pk))
    return message


@transaction.atomic
def unsend_message(*, sender: User, message_id: uuid.UUID) -> Message:
    """Take a message back for both, within a day. That there was one stays; what it said is kept for cases for a while.

    Also from somebody who blocked, or was blocked by, the other: it is one's own words. Locks the conversation.

    Raises:
        Suspended. MessageNotFound, NotYourMessage, NotDelivered, MessageGone, CannotBeUnsent, TooLateToUnsend.
    """
    check_not_suspended(sender)
    conversation, message = lock_message(message_id, person=sender)
    now = timezone.now()
    rules.check_may_unsend(message, sender, now=now)
    MessageRevision.objects.create(message=message, body=message.body, replaced_at=now)
    message.body, message.folded, message.unsent_at = "", "", now
    message.save(update_fields=["body", "folded", "unsent_at"])
    enter_updates(conversation, [message], now=now)
    return message


@transaction.atomic
def react(*, person: User, message_id: uuid.UUID, emoji: str | None) -> Message:
    """Answer a message with one of `states.REACTIONS`, with another one than before, or (None) with none any more.

    The same again changes nothing. Counts nothing as unread. Locks the conversation.

    Raises:
        UnknownReaction. MessageNotFound, NotDelivered, MessageGone. Suspended, Restricted, CannotBeReached.
    """
    rules.check_reaction(emoji)
    conversation, message = lock_message(message_id, person=person)
    now = timezone.now()
    rules.check_there(message, now=now)
    rules.check_may_write(standing(person_id=person.pk, other_id=other_in(conversation, person.pk), now=now))
    given = Reaction.objects.filter(message=message, person=person)
    before = given.values_list("emoji", flat=True).first()
    if before == emoji:
        return message
    given.delete()
    if emoji is not None:
        Reaction.objects.create(message=message, person=person, emoji=emoji, created_at=now)
    enter_updates(conversation, [message], now=now)
    return message


@transaction.atomic
def touch_cards(*, reference: uuid.UUID) -> int:
    """What a card shows has changed: each message of that reference gets an entry in its conversation's log, and both people are told.

    Locks the conversations by primary key. Returns how many cards there are.
    """
    cards = list(Message.objects.filter(reference=reference, state=MessageState.SENT).order_by("seq"))
    now = timezone.now()
    locked = (
        Conversation.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in={card.conversation_id for card in cards})
        .order_by("pk")
    )
    for conversation in locked:
        enter_updates(conversation, [c for c in cards if c.conversation_id == conversation.pk], now=now)
    return len(cards)
