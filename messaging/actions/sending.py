"""Saying something: people's messages, the cards of other apps, notices of the house."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from accounts.models import User
from core.events import publish
from core.geo import LatLng
from core.ids import uuid7
from core.ratelimits import take_if_known
from core.realtime.telling import tell_each
from core.text import fold
from media.actions import attach_assets
from media.models import MediaAsset
from media.states import Purpose
from messaging import ports, rules
from messaging.actions.placing import (
    lock_conversation,
    other_in,
    stream_of,
    tell_both,
    tell_sender,
    write,
)
from messaging.errors import ClientIdUsed, NotInThisConversation, SendItAsMessage, TooManyMessages, Warned
from messaging.events import MessageFlagged, MessageHeld, MessageSent
from messaging.models import Conversation, Message, MessageImage, Participation
from messaging.selectors import Standing, shapes, standing
from messaging.states import EntryKind, MessageKind, MessageState
from messaging.words import NOTICES
from moderation.scanner import Verdict
from moderation.selectors import verdict
from moderation.states import MarkKind, ScanAction


def send_message(
    *,
    sender: User,
    conversation_id: uuid.UUID,
    kind: str = MessageKind.TEXT,
    body: str = "",
    image_ids: Sequence[uuid.UUID] = (),
    location: Mapping[str, Any] | None = None,
    reply_to_id: uuid.UUID | None = None,
    client_id: str = "",
    acknowledge_warning: bool = False,
) -> Message:
    """Say something in a conversation. It is accepted once it is committed; those who are connected are told then.

    `location`: `{"latitude", "longitude", "label"}`, shared on purpose, in degrees. With a `client_id` the same message sent again is
    the first one. What the scanner holds is seen by its sender alone until a moderator read it. Locks the conversation, then
    files. Publishes MessageSent or MessageHeld, and MessageFlagged.

    Raises:
        What `rules.check_content` refuses. TooManyMessages, SameWordsAgain.
        ConversationNotFound: none of the sender's. Suspended, Restricted, CannotBeReached.
        NotInThisConversation: what it answers is elsewhere. ClientIdUsed: for something else.
        Warned: the scanner found ways around us, and the sender has not said that they know.
        NotYourMedia, MediaNotReady, WrongPurpose, AttachedTwice: a picture cannot be used.
    """
    body = body.strip()
    rules.check_content(kind=kind, body=body, image_ids=image_ids, location=location)
    facts = _place(location) if location is not None else {}
    take_if_known(f"messaging:{sender.pk}", rules.messages_a_minute(), refusal=TooManyMessages)
    found = verdict(text=" ".join(filter(None, (body, facts.get("label", "")))), author=sender)
    is_held = found.action == ScanAction.HOLD
    with transaction.atomic():
        conversation = lock_conversation(conversation_id, person=sender)
        now = timezone.now()
        folded = fold(body)
        stands = standing(
            person_id=sender.pk,
            other_id=other_in(conversation, sender.pk),
            now=now,
            conversation_id=conversation.pk,
            client_id=client_id,
            words=folded if conversation.started_by_id == sender.pk else "",
            since=rules.same_words_since(now),
        )
        message = Message(
            id=uuid7(),
            conversation=conversation,
            sender=sender,
            kind=kind,
            state=MessageState.HELD if is_held else MessageState.SENT,
            body=body,
            folded=folded,
            facts=facts,
            reply_to_id=reply_to_id,
            client_id=client_id,
            marks=kept_marks(found),
            sent_at=now,
            expires_at=None if is_held else rules.disappears_at(after=conversation.disappear_after, now=now),
        )
        if stands.said_before_id is not None:
            return _the_first(message, image_ids)
        rules.check_may_write(stands)
        rules.check_same_words(stands)
        check_warning(found, acknowledged=acknowledge_warning)
        answered = _answered(conversation, sender, reply_to_id, now=now) if reply_to_id else None
        assets = attach_assets(owner=sender, asset_ids=image_ids, purpose=Purpose.MESSAGE) if image_ids else []
        if is_held:
            return _hold(conversation, message, assets)
        if not write(conversation, message):
            return _the_first(message, image_ids)
        _keep_pictures(message, assets)
        publish(_sent(conversation, message))
        if found.action == ScanAction.CASE:
            publish(MessageFlagged(message_id=message.pk))
        _tell(conversation, message, sender, stands, answered=answered, assets=assets)
        return message


def _place(location: Mapping[str, Any]) -> dict[str, Any]:
    place = LatLng(latitude=location["latitude"], longitude=location["longitude"])
    return rules.place_facts(place, str(location.get("label") or "").strip())


def check_warning(found: Verdict, *, acknowledged: bool) -> None:
    """Raises Warned."""
    if found.action == ScanAction.WARN and not acknowledged:
        raise Warned(kinds=", ".join(str(MarkKind(kind).label) for kind in found.kinds))


def kept_marks(found: Verdict) -> list[dict[str, Any]]:
    return [{"kind": str(mark.kind), "start": mark.start, "end": mark.end} for mark in found.marks]


def _the_first(again: Message, image_ids: Sequence[uuid.UUID]) -> Message:
    """The message of this client_id that was accepted before. Raises ClientIdUsed: it is another one."""
    first = Message.objects.get(sender_id=again.sender_id, client_id=again.client_id)
    if first.conversation_id != again.conversation_id or _content(first, _shown_in(first)) != _content(
        again, list(image_ids)
    ):
        raise ClientIdUsed
    return first


def _content(message: Message, image_ids: Sequence[uuid.UUID]) -> tuple[Any, ...]:
    return (str(message.kind), _as_sent(message), message.facts, message.reply_to_id, list(image_ids))


def _as_sent(message: Message) -> str:
    """The words as they were first sent: an edit in between makes no other message of a resend."""
    if message._state.adding:
        return message.body
    before = message.revisions.order_by("id").values_list("body", flat=True).first()
    return message.body if before is None else before


def _shown_in(message: Message) -> list[uuid.UUID]:
    if message.kind != MessageKind.IMAGE:
        return []
    return list(MessageImage.objects.filter(message=message).order_by("position").values_list("asset_id", flat=True))


def _answered(conversation: Conversation, sender: User, reply_to_id: uuid.UUID, *, now: datetime) -> Message:
    found = Message.objects.filter(pk=reply_to_id, conversation=conversation, state=MessageState.SENT).first()
    if found is None:
        raise NotInThisConversation
    rules.check_there(found, now=now)
    return found


def _hold(conversation: Conversation, message: Message, assets: Sequence[MediaAsset]) -> Message:
    """Keep it for a moderator: no number, no news to the other person."""
    Message.objects.bulk_create([message], ignore_conflicts=bool(message.client_id))
    if message.client_id and not Message.objects.filter(pk=message.pk).exists():
        return _the_first(message, [asset.pk for asset in assets])
    message.is_new = True
    _keep_pictures(message, assets)
    Participation.objects.filter(conversation=conversation, person_id=message.sender_id).update(
        last_message=message, last_message_at=message.sent_at, archived_at=None
    )
    publish(MessageHeld(message_id=message.pk))
    tell_sender(message, "message:held")
    return message


def _keep_pictures(message: Message, assets: Sequence[MediaAsset]) -> None:
    if assets:
        MessageImage.objects.bulk_create(
            [MessageImage(message=message, asset=asset, position=number) for number, asset in enumerate(assets)]
        )


def _sent(conversation: Conversation, message: Message) -> MessageSent:
    return MessageSent(
        message_id=message.pk,
        conversation_id=conversation.pk,
        recipient_id=other_in(conversation, message.sender_id or conversation.first_id),
        kind=str(message.kind),
    )


def _tell(
    conversation: Conversation,
    message: Message,
    sender: User,
    stands: Standing,
    *,
    answered: Message | None,
    assets: Sequence[MediaAsset],
) -> None:
    """Tell both people's sockets, without reading again what is in hand. Whom it was said to comes first."""
    row = _row(message, stands, answered, assets)
    other_id = other_in(conversation, sender.pk)
    message.shown = shapes(sender, [row])[0]
    shown = {other_id: shapes(User(pk=other_id), [row])[0], sender.pk: message.shown}
    tell_each(shown, str(EntryKind.NEW), stream=stream_of(conversation.pk), seq=message.seq)


_OF_MESSAGE = (
    *("id", "conversation_id", "seq", "kind", "state", "sender_id", "body", "facts", "reference", "client_id"),
    *("sent_at", "edited_at", "unsent_at", "hidden_at", "expires_at", "blanked_at"),
)


def _row(message: Message, stands: Standing, answered: Message | None, assets: Sequence[MediaAsset]) -> dict[str, Any]:
    """The row that `selectors.messages` would read of a message that was written a moment ago."""
    row = {name: getattr(message, name) for name in _OF_MESSAGE}
    for name in ("username", "full_name", "avatar_key", "is_verified", "is_trusted"):
        row[f"sender_{name}"] = getattr(stands, name)
    for name in ("id", "kind", "body", "facts", "sender_id", "unsent_at", "hidden_at", "expires_at", "blanked_at"):
        row[f"reply_{name}"] = getattr(answered, name, None)
    pictures = ("id", "kind", "purpose", "state", "width", "height", "placeholder", "variants")
    row["images"] = [{name: getattr(asset, name) for name in pictures} for asset in assets]
    return row | {"reactions": None, "other_delivered_seq": 0, "other_read_seq": 0}


# --- other apps' cards, the house's notices ---------------------------------------------------------------------------


@transaction.atomic
def post_card(
    *,
    sender: User,
    conversation_id: uuid.UUID,
    kind: str = MessageKind.OFFER,
    reference: uuid.UUID,
    body: str = "",
) -> Message:
    """Put a card of a higher app into a conversation, as something that `sender` said. What it shows, that app draws (`ports`).

    The app has checked its own rules; the words beside the card are checked here. Locks the conversation. Publishes
    MessageSent, and MessageFlagged.

    Raises:
        ConversationNotFound. Suspended, Restricted, CannotBeReached.
        TooLong. SendItAsMessage: the scanner would warn of the words or hold them, and a card cannot wait.
    """
    body = body.strip()
    rules.check_length(body)
    found = verdict(text=body, author=sender)
    if found.action in (ScanAction.WARN, ScanAction.HOLD):
        raise SendItAsMessage(attr="message")
    conversation = lock_conversation(conversation_id, person=sender)
    now = timezone.now()
    rules.check_may_write(standing(person_id=sender.pk, other_id=other_in(conversation, sender.pk), now=now))
    message = Message(
        id=uuid7(),
        conversation=conversation,
        sender=sender,
        kind=kind,
        body=body,
        folded=fold(body),
        facts={"line": _lines(kind, reference)},
        reference=reference,
        marks=kept_marks(found),
        sent_at=now,
    )
    _post(conversation, message)
    if found.action == ScanAction.CASE:
        publish(MessageFlagged(message_id=message.pk))
    return message


@transaction.atomic
def post_notice(*, conversation_id: uuid.UUID, notice: str, facts: Mapping[str, Any]) -> Message:
    """The house says something to both people: a key of `words.NOTICES` with what fills its placeholders.

    Counts as unread for both. Locks the conversation. Publishes nothing: whatever happened has told its own news.

    Raises:
        ConversationNotFound. ValueError: no such notice.
    """
    if notice not in NOTICES:
        msg = f"no notice says “{notice}”"
        raise ValueError(msg)
    conversation = lock_conversation(conversation_id)
    return _post(
        conversation,
        Message(
            id=uuid7(),
            conversation=conversation,
            kind=MessageKind.SYSTEM,
            facts={"notice": notice, **facts},
            sent_at=timezone.now(),
        ),
    )


def _post(conversation: Conversation, message: Message) -> Message:
    write(conversation, message)
    if message.sender_id is not None:
        publish(_sent(conversation, message))
    tell_both(conversation, message.pk, str(EntryKind.NEW), seq=conversation.last_seq)
    return message


def _lines(kind: str, reference: uuid.UUID) -> dict[str, str]:
    """The card in one line in each language, kept with the message: lists show many and ask nobody again."""
    lines = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            lines[code] = ports.card_line(kind, reference)
    return {code: line for code, line in lines.items() if line}
