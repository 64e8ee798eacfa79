"""What may be said, by whom, to whom, and until when it can be changed. Pure decisions; numbers are settings (`MESSAGING`)."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.errors import Restricted, Suspended
from accounts.models import User
from accounts.rules import is_newcomer
from accounts.states import RestrictionKind
from core.geo import LatLng
from core.ratelimits import Limit
from messaging.errors import (
    CannotBeEdited,
    CannotBeReached,
    CannotBeUnsent,
    MessageGone,
    NoPictures,
    NoPlace,
    NotDelivered,
    NothingSaid,
    NotOfThisKind,
    NotYourMessage,
    OffersHaveTheirOwnDoor,
    SameWordsAgain,
    TooLateToEdit,
    TooLateToUnsend,
    TooLong,
    TooManyNewConversations,
    TooManyPictures,
    UnknownKind,
    UnknownReaction,
    UnknownTerm,
)
from messaging.models import Message
from messaging.selectors import Standing
from messaging.states import DISAPPEAR_AFTER, EDITABLE, REACTIONS, SENT_BY_PEOPLE, MessageKind, MessageState

MAX_LABEL = 100  # characters of a shared place's name
DAY = timedelta(days=1)


def check_may_write(standing: Standing) -> None:
    """Whether a person may say something to the other one now. Raises Suspended, Restricted, CannotBeReached."""
    if standing.suspended_at is not None or not standing.is_active or RestrictionKind.ACCOUNT in standing.open_kinds:
        raise Suspended
    if RestrictionKind.MESSAGE in standing.open_kinds:
        raise Restricted(kind=str(RestrictionKind.MESSAGE))
    if standing.is_blocked or not standing.other_is_there:
        raise CannotBeReached


def new_conversations_a_day(person: User, *, now: datetime) -> int:
    """Somebody who came a moment ago and has proven no phone begins few."""
    return settings.MESSAGING["newcomer_conversations" if is_newcomer(person, now=now) else "conversations"]


def check_new_conversations(*, begun: int, limit: int) -> None:
    """`begun`: within the last day. Raises TooManyNewConversations."""
    if begun >= limit:
        raise TooManyNewConversations(limit=limit, retry_after=3600)


def messages_a_minute() -> Limit:
    return Limit(settings.MESSAGING["a_minute"], 60)


def same_words_since(now: datetime) -> datetime:
    return now - timedelta(minutes=settings.MESSAGING["same_words_minutes"])


def check_same_words(standing: Standing) -> None:
    """Raises SameWordsAgain: these words went to as many people already, in conversations that the sender began.

    Whoever answers many people with the same words ("it is sold") is not meant.
    """
    limit = settings.MESSAGING["same_words"]
    if standing.same_words >= limit:
        raise SameWordsAgain(limit=limit, retry_after=settings.MESSAGING["same_words_minutes"] * 60)


def check_content(*, kind: str, body: str, image_ids: Sequence[uuid.UUID], location: Any) -> None:
    """Each kind carries its own and nothing else.

    Raises:
        OffersHaveTheirOwnDoor, UnknownKind, NothingSaid, TooLong, NoPictures, TooManyPictures, NoPlace, NotOfThisKind.
    """
    if kind == MessageKind.OFFER:
        raise OffersHaveTheirOwnDoor
    if kind not in SENT_BY_PEOPLE:
        raise UnknownKind
    check_length(body)
    if kind == MessageKind.TEXT and not body:
        raise NothingSaid
    if kind != MessageKind.IMAGE and image_ids:
        raise NotOfThisKind(attr="image_ids")
    if kind == MessageKind.IMAGE and not image_ids:
        raise NoPictures
    if len(image_ids) > settings.MESSAGING["images"]:
        raise TooManyPictures(limit=settings.MESSAGING["images"])
    if kind != MessageKind.LOCATION and location is not None:
        raise NotOfThisKind(attr="location")
    if kind == MessageKind.LOCATION and location is None:
        raise NoPlace


def check_length(body: str) -> None:
    """Raises TooLong."""
    if len(body) > settings.MESSAGING["characters"]:
        raise TooLong(limit=settings.MESSAGING["characters"])


def place_facts(place: LatLng, label: str) -> dict[str, Any]:
    """A shared place as a message keeps it: degrees to about a metre. Raises TooLong."""
    if len(label) > MAX_LABEL:
        raise TooLong(attr="location", limit=MAX_LABEL)
    return {"latitude": round(place.latitude, 5), "longitude": round(place.longitude, 5), "label": label}


def disappears_at(*, after: int | None, now: datetime) -> datetime | None:
    return now + timedelta(seconds=after) if after else None


def check_term(seconds: int | None) -> None:
    """Raises UnknownTerm."""
    if seconds is not None and seconds not in DISAPPEAR_AFTER:
        raise UnknownTerm(choices=", ".join(map(str, DISAPPEAR_AFTER)))


def term_notice(seconds: int | None) -> tuple[str, dict[str, Any]]:
    """The notice that tells both of a new term, and what fills it."""
    if seconds is None:
        return "disappearing_off", {}
    days = seconds // 86_400
    return ("disappearing_on_day", {}) if days == 1 else ("disappearing_on", {"days": days})


def check_reaction(emoji: str | None) -> None:
    """Raises UnknownReaction."""
    if emoji is not None and emoji not in REACTIONS:
        raise UnknownReaction(choices=" ".join(REACTIONS))


def check_there(message: Message, *, now: datetime) -> None:
    """Raises NotDelivered, MessageGone."""
    if message.state != MessageState.SENT:
        raise NotDelivered
    gone = message.unsent_at or message.hidden_at or message.blanked_at
    if gone or (message.expires_at is not None and message.expires_at <= now):
        raise MessageGone


def check_author(message: Message, person: User) -> None:
    """Raises NotYourMessage."""
    if message.sender_id != person.pk:
        raise NotYourMessage


def check_may_edit(message: Message, person: User, *, now: datetime) -> None:
    """Raises NotYourMessage, NotDelivered, MessageGone, CannotBeEdited, TooLateToEdit."""
    check_author(message, person)
    check_there(message, now=now)
    if message.kind not in EDITABLE:
        raise CannotBeEdited
    minutes = settings.MESSAGING["edit_minutes"]
    if now - message.sent_at > timedelta(minutes=minutes):
        raise TooLateToEdit(minutes=minutes)


def check_may_unsend(message: Message, person: User, *, now: datetime) -> None:
    """Raises NotYourMessage, NotDelivered, MessageGone, CannotBeUnsent, TooLateToUnsend."""
    check_author(message, person)
    check_there(message, now=now)
    if message.kind not in SENT_BY_PEOPLE:
        raise CannotBeUnsent
    hours = settings.MESSAGING["unsend_hours"]
    if now - message.sent_at > timedelta(hours=hours):
        raise TooLateToUnsend(hours=hours)
