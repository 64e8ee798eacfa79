"""Conversations as one of the two people sees them."""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone
from django.utils.translation import get_language

from accounts.errors import Restricted, Suspended
from accounts.models import User, display_name
from accounts.selectors import open_restriction_kinds
from accounts.states import MessagesFrom, RestrictionKind
from catalog.states import WITH_A_PAGE
from core.cursors import decode_cursor, encode_cursor
from core.errors import InvalidCursor
from core.money import Money
from core.realtime import presence
from core.text import fold
from media import selectors as media
from messaging.errors import CannotBeReached, ConversationNotFound
from messaging.selectors.messages import is_gone
from messaging.states import InboxFilter
from messaging.words import excerpt

Row = dict[str, Any]

MAX_PAGE = 100
PICTURE_WIDTH = 320  # pixels of a listing's picture beside a conversation
UNAVAILABLE = "unavailable"  # what others than its seller read as the state of a listing that is off show

# What a conversation is made of, of rows `p` of messaging_participation.
_COLUMNS = (
    ("participation_id", "p.id"),
    ("conversation_id", "p.conversation_id"),
    ("unread_count", "p.unread_count"),
    ("read_seq", "p.read_seq"),
    ("archived_at", "p.archived_at"),
    ("muted_until", "p.muted_until"),
    ("last_message_at", "p.last_message_at"),
    ("last_seq", "c.last_seq"),
    ("disappear_after", "c.disappear_after"),
    ("created_at", "c.created_at"),
    ("other_delivered_seq", "op.delivered_seq"),
    ("other_read_seq", "op.read_seq"),
    ("other_id", "o.id"),
    ("other_username", "o.username"),
    ("other_full_name", "o.full_name"),
    ("other_avatar_key", "o.avatar_key"),
    ("other_is_verified", "(o.email_verified_at IS NOT NULL OR o.phone_verified_at IS NOT NULL)"),
    ("other_is_trusted", "(o.identity_verified_at IS NOT NULL OR o.business_verified_at IS NOT NULL)"),
    ("other_rating", "s.rating"),
    ("other_review_count", "coalesce(s.review_count, 0)"),
    ("other_show_neighborhood", "o.show_neighborhood"),
    ("other_neighborhood_en", "n.name_en"),
    ("other_neighborhood_ar", "n.name_ar"),
    ("other_is_there", "(o.is_active AND o.suspended_at IS NULL)"),
    ("other_show_last_seen", "o.show_last_seen"),
    ("other_last_seen_at", "o.last_seen_at"),
    ("other_messages_from", "o.messages_from"),
    (
        "other_follows",
        "EXISTS (SELECT 1 FROM accounts_follow f WHERE f.follower_id = o.id AND f.followed_id = p.person_id)",
    ),
    (
        "is_blocked",
        """(EXISTS (SELECT 1 FROM accounts_block b WHERE b.blocker_id = p.person_id AND b.blocked_id = o.id)
            OR EXISTS (SELECT 1 FROM accounts_block b WHERE b.blocker_id = o.id AND b.blocked_id = p.person_id))""",
    ),
    ("product_id", "pr.id"),
    ("product_title", "pr.title"),
    ("product_price_minor", "pr.price_minor"),
    ("product_currency", "pr.currency"),
    ("product_state", "pr.state"),
    ("product_hidden_at", "pr.hidden_at"),
    ("product_seller_id", "pr.seller_id"),
    ("cover_id", "a.id"),
    ("cover_kind", "a.kind"),
    ("cover_width", "a.width"),
    ("cover_height", "a.height"),
    ("cover_placeholder", "a.placeholder"),
    ("cover_variants", "a.variants"),
    ("last_id", "m.id"),
    ("last_seq_said", "m.seq"),
    ("last_kind", "m.kind"),
    ("last_state", "m.state"),
    ("last_sender_id", "m.sender_id"),
    ("last_body", "m.body"),
    ("last_facts", "m.facts"),
    ("last_sent_at", "m.sent_at"),
    ("last_unsent_at", "m.unsent_at"),
    ("last_hidden_at", "m.hidden_at"),
    ("last_expires_at", "m.expires_at"),
    ("last_blanked_at", "m.blanked_at"),
)
KEYS = tuple(key for key, _sql in _COLUMNS)
_SELECT = ", ".join(sql for _key, sql in _COLUMNS)
_JOINS = """
    JOIN messaging_conversation c ON c.id = p.conversation_id
    JOIN messaging_participation op ON op.conversation_id = p.conversation_id AND op.person_id = p.other_id
    JOIN accounts_user o ON o.id = p.other_id
    LEFT JOIN accounts_sellerstanding s ON s.user_id = o.id
    LEFT JOIN places_neighborhood n ON n.id = o.neighborhood_id
    LEFT JOIN catalog_product pr ON pr.id = c.product_id
    LEFT JOIN media_mediaasset a ON a.id = pr.cover_id
    LEFT JOIN messaging_message m ON m.id = p.last_message_id
"""


def _rows(statement: str, parameters: Mapping[str, Any], *, backward: bool = False) -> list[Row]:
    way = "ASC" if backward else "DESC"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_SELECT} FROM ({statement}) p {_JOINS} "  # noqa: S608 - texts of ours
            f"ORDER BY p.last_message_at {way} NULLS LAST, p.id {way}",
            parameters,
        )
        return [_read(dict(zip(KEYS, row, strict=True))) for row in cursor.fetchall()]


def _read(row: Row) -> Row:
    for name in ("last_facts", "cover_variants"):
        if isinstance(row[name], str):
            row[name] = orjson.loads(row[name])
    return row


# --- the inbox --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Inbox:
    """Some conversations, the one last written in first, with the cursors of the pages beside (None at an end)."""

    items: list[dict[str, Any]]
    next_cursor: str | None
    previous_cursor: str | None


# In the words of the partial indexes, one for each filter.
_FILTERS = {
    InboxFilter.ALL: "archived_at IS NULL AND last_message_at IS NOT NULL",
    InboxFilter.UNREAD: "archived_at IS NULL AND unread_count > 0",
    InboxFilter.ARCHIVED: "archived_at IS NOT NULL AND last_message_at IS NOT NULL",
}
# Names and titles as they are written, words that were said as they are folded.
_MATCHING = """
    AND (EXISTS (SELECT 1 FROM accounts_user o WHERE o.id = other_id
                 AND (o.username ILIKE %(like)s::text OR o.full_name ILIKE %(like)s::text))
         OR EXISTS (SELECT 1 FROM messaging_conversation c JOIN catalog_product pr ON pr.id = c.product_id
                    WHERE c.id = conversation_id AND pr.hidden_at IS NULL AND pr.title ILIKE %(like)s::text)
         OR EXISTS (SELECT 1 FROM messaging_message m
                    WHERE m.conversation_id = messaging_participation.conversation_id AND m.folded LIKE %(folded)s::text
                    AND m.state = 'sent' AND m.hidden_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > %(now)s::timestamptz)))
"""


def inbox(
    person: User,
    filter: str = InboxFilter.ALL,  # noqa: A002 - the specification's word
    search: str = "",
    *,
    cursor: str | None = None,
    limit: int = 20,
) -> Inbox:
    """A page of a person's conversations in which something was said. `search` looks at names, titles and words.

    Raises:
        InvalidCursor.
    """
    backward, moment, last_id = _read_cursor(cursor) if cursor else (False, None, None)
    limit = min(limit, MAX_PAGE)
    beyond, way = (">", "ASC") if backward else ("<", "DESC")
    place = f"AND (last_message_at, id) {beyond} (%(moment)s::timestamptz, %(last_id)s::uuid)" if cursor else ""
    statement = f"""
        SELECT * FROM messaging_participation WHERE person_id = %(person)s::uuid AND {_FILTERS[InboxFilter(filter)]} {place}
        {_MATCHING if search.strip() else ""} ORDER BY last_message_at {way}, id {way} LIMIT %(wanted)s::int
    """  # noqa: S608 - texts of ours
    asked: dict[str, Any] = {"person": person.pk, "moment": moment, "last_id": last_id, "wanted": limit + 1}
    if search.strip():
        asked |= {"like": like(search.strip()), "folded": like(fold(search)), "now": timezone.now()}
    rows = _rows(statement, asked, backward=backward)
    more = len(rows) > limit
    rows = rows[:limit][::-1] if backward else rows[:limit]
    has_next, has_previous = (True, more) if backward else (more, cursor is not None)
    return Inbox(
        items=_shapes(person, rows),
        next_cursor=_cursor(rows[-1], backward=False) if rows and has_next else None,
        previous_cursor=_cursor(rows[0], backward=True) if rows and has_previous else None,
    )


def like(words: str) -> str:
    """The pattern that finds these words anywhere."""
    return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _cursor(row: Row, *, backward: bool) -> str:
    return encode_cursor([backward, row["last_message_at"].isoformat(), str(row["participation_id"])])


def _read_cursor(cursor: str) -> tuple[bool, datetime, uuid.UUID]:
    backward, moment, last_id = decode_cursor(cursor, length=3)
    with suppress(ValueError, TypeError, AttributeError):
        read = datetime.fromisoformat(moment)
        if isinstance(backward, bool) and read.tzinfo is not None:
            return backward, read, uuid.UUID(last_id)
    raise InvalidCursor


def conversation_shapes(person: User, conversation_ids: Sequence[uuid.UUID]) -> list[dict[str, Any]]:
    """Conversations of a person on the wire (`shapes.ConversationOut`), the one last written in first."""
    statement = """
        SELECT * FROM messaging_participation
        WHERE person_id = %(person)s::uuid AND conversation_id = ANY(%(ids)s::uuid[])
    """
    return _shapes(person, _rows(statement, {"person": person.pk, "ids": list(conversation_ids)}))


def conversation_shape(person: User, conversation_id: uuid.UUID) -> dict[str, Any]:
    """Raises ConversationNotFound."""
    found = conversation_shapes(person, [conversation_id])
    if not found:
        raise ConversationNotFound
    return found[0]


def unread_count(person: User) -> dict[str, int]:
    """How many messages wait to be read, and in how many conversations; archived ones aside."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(unread_count), 0)::bigint, count(*) FROM messaging_participation "
            "WHERE person_id = %s::uuid AND archived_at IS NULL AND unread_count > 0",
            [person.pk],
        )
        messages, conversations = cursor.fetchone()
    return {"unread_count": messages, "conversations": conversations}


# --- shapes -----------------------------------------------------------------------------------------------------------


def _shapes(person: User, rows: Sequence[Row]) -> list[dict[str, Any]]:
    if not rows:
        return []
    now = timezone.now()
    shown = [row["other_id"] for row in rows if _shows_presence(person, row)]
    online = presence.online(shown) if shown else set()
    own_reason = _own_reason(person)
    return [_shape(person, row, online, own_reason, now) for row in rows]


def _own_reason(person: User) -> str | None:
    """Why the person may write to nobody."""
    kinds = open_restriction_kinds(person)
    if person.suspended_at is not None or not person.is_active or RestrictionKind.ACCOUNT in kinds:
        return Suspended.code
    return Restricted.code if RestrictionKind.MESSAGE in kinds else None


def _shows_presence(person: User, row: Row) -> bool:
    """Whether the other lets this person know when they are here: what one hides, one does not see of others."""
    takes_messages = row["other_messages_from"] == MessagesFrom.EVERYONE or (
        row["other_messages_from"] == MessagesFrom.FOLLOWING and row["other_follows"]
    )
    return (
        person.show_last_seen
        and row["other_show_last_seen"]
        and row["other_is_there"]
        and takes_messages
        and not row["is_blocked"]
    )


def _shape(person: User, row: Row, online: set[uuid.UUID], own_reason: str | None, now: datetime) -> dict[str, Any]:
    reachable = row["other_is_there"] and not row["is_blocked"]
    reason = own_reason or (None if reachable else CannotBeReached.code)
    return {
        "id": str(row["conversation_id"]),
        "other": _other(person, row, online),
        "product": _product(person, row),
        "last_message": _last_message(person, row, now),
        "unread_count": row["unread_count"],
        "last_seq": row["last_seq"],
        "read_seq": row["read_seq"],
        "other_read_seq": row["other_read_seq"],
        "other_delivered_seq": row["other_delivered_seq"],
        "is_archived": row["archived_at"] is not None,
        "muted_until": row["muted_until"] if row["muted_until"] and row["muted_until"] > now else None,
        "disappear_after": row["disappear_after"],
        "can_write": reason is None,
        "cannot_write_because": reason,
        "created_at": row["created_at"],
    }


def _other(person: User, row: Row, online: set[uuid.UUID]) -> dict[str, Any]:
    """What `accounts.selectors.person_brief` says, from a row, and whether they are here; a test holds the two equal."""
    arabic = (get_language() or "en").startswith("ar")
    neighborhood = (arabic and row["other_neighborhood_ar"]) or row["other_neighborhood_en"]
    seen = _shows_presence(person, row)
    return {
        "id": str(row["other_id"]),
        "username": row["other_username"],
        "display_name": display_name(full_name=row["other_full_name"], username=row["other_username"]),
        "avatar_url": media.public_url(row["other_avatar_key"]) if row["other_avatar_key"] else None,
        "is_verified": row["other_is_verified"],
        "is_trusted": row["other_is_trusted"],
        "rating": None if row["other_rating"] is None else str(row["other_rating"]),
        "review_count": row["other_review_count"],
        "neighborhood": neighborhood if row["other_show_neighborhood"] else None,
        "is_online": seen and row["other_id"] in online,
        "last_seen_at": row["other_last_seen_at"] if seen else None,
    }


def _product(person: User, row: Row) -> dict[str, Any] | None:
    """The listing as this person may know it: one that is off show keeps its title, one that moderation hid not even that."""
    if row["product_id"] is None:
        return None
    own = row["product_seller_id"] == person.pk
    if row["product_hidden_at"] is not None and not own:
        return None
    shown = own or row["product_state"] in WITH_A_PAGE
    minor = row["product_price_minor"]
    return {
        "id": str(row["product_id"]),
        "title": row["product_title"],
        "price": str(Money(minor, row["product_currency"])) if shown and minor is not None else None,
        "currency": row["product_currency"],
        "state": row["product_state"] if shown else UNAVAILABLE,
        "picture": _picture(row) if shown else None,
    }


def _picture(row: Row) -> dict[str, Any] | None:
    variants = row["cover_variants"]
    if not variants:
        return None
    narrow = [v for v in variants if v["width"] <= PICTURE_WIDTH and v["format"] != "mp4"]
    return {
        "id": str(row["cover_id"]),
        "kind": row["cover_kind"],
        "width": row["cover_width"],
        "height": row["cover_height"],
        "placeholder": row["cover_placeholder"],
        **media.shown(narrow or variants),
    }


def _last_message(person: User, row: Row, now: datetime) -> dict[str, Any] | None:
    if row["last_id"] is None:
        return None
    mine = row["last_sender_id"] == person.pk
    gone = is_gone(row, now, "last_")
    status = None
    if mine and row["last_seq_said"] is not None:
        read, delivered = row["other_read_seq"], row["other_delivered_seq"]
        status = (
            "read" if row["last_seq_said"] <= read else "delivered" if row["last_seq_said"] <= delivered else "sent"
        )
    return {
        "id": str(row["last_id"]),
        "kind": row["last_kind"],
        "excerpt": excerpt(kind=row["last_kind"], body=row["last_body"], facts=row["last_facts"] or {}, is_gone=gone),
        "is_mine": mine,
        "sent_at": row["last_sent_at"],
        "status": status,
    }
