"""A person's own data here: told on request, blanked when they leave. Accounts asks (`accounts.ports`)."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from accounts.models import User
from messaging.actions.retention import blank_words_of
from messaging.models import Message, Participation, Reaction
from messaging.states import MessageState


def export_person(user: User) -> Iterator[tuple[str, Any]]:
    """One file for each conversation, with all that the person reads there: what they said, and what was said to them."""
    sides = Participation.objects.filter(person=user).select_related("conversation", "other").order_by("id")
    for side in sides.iterator(chunk_size=200):
        yield f"messaging/{side.conversation_id}.json", _told(user, side)


def _told(user: User, side: Participation) -> dict[str, Any]:
    said = Message.objects.filter(conversation=side.conversation).order_by("id").prefetch_related("images")
    product_id = side.conversation.product_id
    return {
        "with": side.other.username,
        "product_id": str(product_id) if product_id else None,
        "begun": side.conversation.created_at.isoformat(),
        "archived": side.archived_at is not None,
        "messages": [
            _message(message, user)
            for message in said.iterator(chunk_size=500)
            if message.state == MessageState.SENT or message.sender_id == user.pk
        ],
        "reactions": [
            {"message_id": str(one.message_id), "emoji": one.emoji, "at": one.created_at.isoformat()}
            for one in Reaction.objects.filter(person=user, message__conversation=side.conversation).order_by("id")
        ],
    }


def _message(message: Message, user: User) -> dict[str, Any]:
    is_over = message.expires_at is not None and message.expires_at <= timezone.now()  # also before the sweep comes
    shown = message.hidden_at is None and not is_over
    place = {name: message.facts[name] for name in ("latitude", "longitude", "label") if name in message.facts}
    return {
        "id": str(message.pk),
        "by_me": message.sender_id == user.pk,
        "kind": message.kind,
        "state": message.state,
        "body": message.body if shown else "",
        "location": (place or None) if shown and not message.unsent_at else None,
        "image_ids": [str(image.asset_id) for image in message.images.all()] if shown and not message.unsent_at else [],
        "sent_at": message.sent_at.isoformat(),
        "edited_at": message.edited_at and message.edited_at.isoformat(),
        "unsent_at": message.unsent_at and message.unsent_at.isoformat(),
    }


def erase_person(user: User) -> dict[str, int]:
    """What a person said goes, their reactions too; the rows stay, for what others said in between.

    Before media's own eraser, which then takes the pictures that no message holds any more. Runs in the erasure's transaction.
    """
    reactions, _each = Reaction.objects.filter(person=user).delete()
    return {"messages": blank_words_of(user), "reactions": reactions}
