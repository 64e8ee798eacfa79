"""Messages as somebody in the conversation sees them. The hot reads select exact columns, with all that a message shows in one row."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from accounts.models import User, display_name
from core.cursors import decode_cursor, encode_cursor
from core.errors import InvalidCursor
from core.realtime.registry import Missed
from media import selectors as media
from media.models import MediaAsset
from messaging import ports
from messaging.errors import MessageNotFound
from messaging.models import Message, Participation
from messaging.selectors.access import conversation_of
from messaging.states import EntryKind, MessageKind, MessageState
from messaging.words import excerpt, notice_text

Row = dict[str, Any]

MAX_PAGE = 100
CHANGED_AT_MOST = 300  # conversations named to somebody who was away; the inbox shows the rest

# What a message is made of, of rows `m` of messaging_message and the parameter `viewer`.
_COLUMNS = (
    ("id", "m.id"),
    ("conversation_id", "m.conversation_id"),
    ("seq", "m.seq"),
    ("kind", "m.kind"),
    ("state", "m.state"),
    ("sender_id", "m.sender_id"),
    ("sender_username", "u.username"),
    ("sender_full_name", "u.full_name"),
    ("sender_avatar_key", "u.avatar_key"),
    ("sender_is_verified", "(u.email_verified_at IS NOT NULL OR u.phone_verified_at IS NOT NULL)"),
    ("sender_is_trusted", "(u.identity_verified_at IS NOT NULL OR u.business_verified_at IS NOT NULL)"),
    ("body", "m.body"),
    ("facts", "m.facts"),
    ("reference", "m.reference"),
    ("client_id", "m.client_id"),
    ("sent_at", "m.sent_at"),
    ("edited_at", "m.edited_at"),
    ("unsent_at", "m.unsent_at"),
    ("hidden_at", "m.hidden_at"),
    ("expires_at", "m.expires_at"),
    ("blanked_at", "m.blanked_at"),
    ("reply_id", "r.id"),
    ("reply_kind", "r.kind"),
    ("reply_body", "r.body"),
    ("reply_facts", "r.facts"),
    ("reply_sender_id", "r.sender_id"),
    ("reply_unsent_at", "r.unsent_at"),
    ("reply_hidden_at", "r.hidden_at"),
    ("reply_expires_at", "r.expires_at"),
    ("reply_blanked_at", "r.blanked_at"),
    (
        "reactions",
        """(SELECT jsonb_agg(jsonb_build_array(re.emoji, re.person_id) ORDER BY re.id) FROM messaging_reaction re
            WHERE re.message_id = m.id)""",
    ),
    (
        "images",
        """CASE WHEN m.kind = 'image' THEN (SELECT jsonb_agg(jsonb_build_object('id', a.id, 'kind', a.kind,
            'purpose', a.purpose, 'state', a.state, 'width', a.width, 'height', a.height, 'placeholder', a.placeholder,
            'variants', a.variants) ORDER BY i.position) FROM messaging_messageimage i
            JOIN media_mediaasset a ON a.id = i.asset_id WHERE i.message_id = m.id) END""",
    ),
    ("other_delivered_seq", "coalesce(op.delivered_seq, 0)"),
    ("other_read_seq", "coalesce(op.read_seq, 0)"),
)
KEYS = tuple(key for key, _sql in _COLUMNS)
_SELECT = ", ".join(sql for _key, sql in _COLUMNS)
_JOINS = """
    LEFT JOIN accounts_user u ON u.id = m.sender_id
    LEFT JOIN messaging_message r ON r.id = m.reply_to_id
    LEFT JOIN messaging_participation op ON op.conversation_id = m.conversation_id AND op.person_id <> %(viewer)s::uuid
"""


def rows_of(statement: str, order_by: str, parameters: Mapping[str, Any]) -> list[Row]:
    """The rows of the messages that `statement` (of ours) selects, with all that their shapes need."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_SELECT} FROM ({statement}) m {_JOINS} ORDER BY {order_by}",  # noqa: S608 - texts of ours
            parameters,
        )
        return [_read(dict(zip(KEYS, row, strict=True))) for row in cursor.fetchall()]


def _read(row: Row) -> Row:
    for name in ("facts", "reply_facts", "reactions", "images"):
        if isinstance(row[name], str):
            row[name] = orjson.loads(row[name])
    return row


def message_shape(viewer: User, messages: Sequence[Message | uuid.UUID | Row]) -> list[dict[str, Any]]:
    """Messages on the wire (`shapes.MessageOut`), as one of the two people sees them, in the order given.

    Takes messages, their ids, or rows of this module: one query for those that are no rows, one more for each kind of card.
    Addresses of pictures are signed for the viewer. Texts are in the active language. The caller has checked that the viewer takes
    part; messages that the viewer may not see (the other's held ones) are left out.
    """
    wanted = [_row_in_hand(message) for message in messages]
    ids = [one for one in wanted if isinstance(one, uuid.UUID)]
    found: dict[uuid.UUID, Row] = {}
    if ids:
        statement = "SELECT * FROM messaging_message WHERE id = ANY(%(ids)s::uuid[])"
        found = {row["id"]: row for row in rows_of(statement, "m.id", {"ids": ids, "viewer": viewer.pk})}
    rows = [row for one in wanted if (row := found.get(one) if isinstance(one, uuid.UUID) else one) is not None]
    return shapes(viewer, [row for row in rows if row["state"] == MessageState.SENT or row["sender_id"] == viewer.pk])


def _row_in_hand(message: Message | uuid.UUID | Row) -> uuid.UUID | Row:
    return message.pk if isinstance(message, Model) else message


def shapes(viewer: User, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """`message_shape` of rows; no query but the cards'."""
    now = timezone.now()
    references: dict[str, list[uuid.UUID]] = defaultdict(list)
    for row in rows:
        if row["reference"] is not None and not is_gone(row, now):
            references[row["kind"]].append(row["reference"])
    cards = {kind: ports.cards(kind, viewer, wanted) for kind, wanted in references.items()}
    return [_shape(viewer, row, cards.get(row["kind"], {}), now) for row in rows]


def is_gone(row: Row, now: datetime, prefix: str = "") -> bool:
    """Whether nobody in the conversation reads its words any more."""
    if any(row[f"{prefix}{name}"] is not None for name in ("unsent_at", "hidden_at", "blanked_at")):
        return True
    expires = row[f"{prefix}expires_at"]
    return expires is not None and expires <= now


def _shape(viewer: User, row: Row, cards: Mapping[uuid.UUID, dict[str, Any]], now: datetime) -> dict[str, Any]:
    mine = row["sender_id"] == viewer.pk
    gone = is_gone(row, now)
    kind, facts = row["kind"], row["facts"]
    place = facts if kind == MessageKind.LOCATION and not gone and "latitude" in facts else None
    return {
        "id": str(row["id"]),
        "conversation_id": str(row["conversation_id"]),
        "seq": row["seq"],
        "kind": kind,
        "state": row["state"],
        "sender": None if row["sender_id"] is None else _sender(row),
        "is_mine": mine,
        "body": "" if gone else row["body"],
        "images": [] if gone or not row["images"] else _images(viewer, row["images"]),
        "location": place
        and {"latitude": place["latitude"], "longitude": place["longitude"], "label": place.get("label", "")},
        "offer": None if gone else cards.get(row["reference"]),
        "notice": {"key": facts.get("notice", ""), "text": notice_text(facts)} if kind == MessageKind.SYSTEM else None,
        "reply_to": None if row["reply_id"] is None else _reply(viewer, row, now),
        "reactions": [] if gone or not row["reactions"] else _reactions(viewer, row["reactions"]),
        "status": _status(row) if mine else None,
        "client_id": row["client_id"] if mine else None,
        "sent_at": row["sent_at"],
        "edited_at": row["edited_at"],
        "unsent": row["unsent_at"] is not None,
        "hidden": row["hidden_at"] is not None,
        "expires_at": row["expires_at"],
    }


def _sender(row: Row) -> dict[str, Any]:
    """How `accounts.selectors.person_brief` shows a person, without what belongs beside a listing."""
    return {
        "id": str(row["sender_id"]),
        "username": row["sender_username"],
        "display_name": display_name(full_name=row["sender_full_name"], username=row["sender_username"]),
        "avatar_url": media.public_url(row["sender_avatar_key"]) if row["sender_avatar_key"] else None,
        "is_verified": row["sender_is_verified"],
        "is_trusted": row["sender_is_trusted"],
    }


def _status(row: Row) -> str | None:
    if row["state"] != MessageState.SENT:
        return None
    if row["seq"] <= row["other_read_seq"]:
        return "read"
    return "delivered" if row["seq"] <= row["other_delivered_seq"] else "sent"


def _images(viewer: User, assets: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    shown = (media.private_picture(MediaAsset(**asset), viewer=viewer) for asset in assets)
    return [picture for picture in shown if picture is not None]


def _reactions(viewer: User, given: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    counted: dict[str, dict[str, Any]] = {}
    for emoji, person_id in given:
        one = counted.setdefault(emoji, {"emoji": emoji, "count": 0, "mine": False})
        one["count"] += 1
        one["mine"] = one["mine"] or person_id == str(viewer.pk)
    return list(counted.values())


def _reply(viewer: User, row: Row, now: datetime) -> dict[str, Any]:
    gone = is_gone(row, now, "reply_")
    return {
        "id": str(row["reply_id"]),
        "kind": row["reply_kind"],
        "excerpt": excerpt(
            kind=row["reply_kind"], body=row["reply_body"], facts=row["reply_facts"] or {}, is_gone=gone
        ),
        "is_mine": row["reply_sender_id"] == viewer.pk,
    }


# --- a conversation from its newest message back ----------------------------------------------------------------------


@dataclass(frozen=True)
class History:
    """Some messages of a conversation, newest first, with the cursors of the older and the newer ones (None at an end)."""

    items: list[dict[str, Any]]
    older: str | None
    newer: str | None


_OF_CONVERSATION = "SELECT * FROM messaging_message WHERE conversation_id = %(conversation)s::uuid AND state = 'sent'"


def history(
    person: User,
    conversation_id: uuid.UUID,
    *,
    before: int | None = None,
    after: int | None = None,
    cursor: str | None = None,
    limit: int = 30,
) -> History:
    """A page of a conversation: the newest, those before a number, or those right after one. `cursor` is one of a page's own.

    A person's own messages that a moderator has yet to read, or sent back, stand where they were written; nobody else sees them.

    Raises:
        ConversationNotFound, InvalidCursor.
    """
    conversation = conversation_of(person, conversation_id)
    edge: datetime | None = None  # when the message was sent beside which the page begins
    if cursor:
        before, after, edge = _read_cursor(cursor)
    limit = min(limit, MAX_PAGE)
    asked = {"conversation": conversation.pk, "viewer": person.pk, "wanted": limit + 1, "seq": after or before or 0}
    forward = after is not None
    if forward:
        rows = rows_of(
            f"{_OF_CONVERSATION} AND seq > %(seq)s::bigint ORDER BY seq LIMIT %(wanted)s::int", "m.seq", asked
        )
    else:
        below = "" if before is None else " AND seq < %(seq)s::bigint"
        rows = rows_of(f"{_OF_CONVERSATION}{below} ORDER BY seq DESC LIMIT %(wanted)s::int", "m.seq DESC", asked)
    more = len(rows) > limit
    rows = rows[:limit][::-1] if forward else rows[:limit]
    has_newer, has_older = (more, True) if forward else (before is not None, more)
    if not rows:
        return History(items=[], older=None, newer=None) if forward or before else _only_own(person, conversation_id)
    oldest, newest = rows[-1], rows[0]
    own = _own_undelivered(
        person,
        conversation_id,
        since=(edge if forward else oldest["sent_at"]) if has_older else None,
        until=(newest["sent_at"] if forward else edge or newest["sent_at"]) if has_newer else None,
    )
    return History(
        items=shapes(person, _merged(rows, own)),
        older=_cursor(oldest, is_before=True) if has_older else None,
        newer=_cursor(newest, is_before=False) if has_newer else None,
    )


def _only_own(person: User, conversation_id: uuid.UUID) -> History:
    return History(
        items=shapes(person, _own_undelivered(person, conversation_id, since=None, until=None)), older=None, newer=None
    )


def _merged(rows: list[Row], own: list[Row]) -> list[Row]:
    """Both newest first; numbered ones keep the order of their numbers, whatever the clocks of two machines say."""
    merged = []
    for row in rows:
        while own and own[0]["sent_at"] >= row["sent_at"]:
            merged.append(own.pop(0))
        merged.append(row)
    return merged + own


def _own_undelivered(
    person: User, conversation_id: uuid.UUID, *, since: datetime | None, until: datetime | None
) -> list[Row]:
    """What a person wrote and nobody else sees, within the time that a page covers."""
    statement = """
        SELECT * FROM messaging_message WHERE conversation_id = %(conversation)s::uuid AND sender_id = %(viewer)s::uuid
            AND state <> 'sent' AND sent_at >= coalesce(%(since)s::timestamptz, '-infinity')
            AND sent_at < coalesce(%(until)s::timestamptz, 'infinity')
        ORDER BY id DESC LIMIT 50
    """
    asked = {"conversation": conversation_id, "viewer": person.pk, "since": since, "until": until}
    return rows_of(statement, "m.id DESC", asked)


def _cursor(row: Mapping[str, Any], *, is_before: bool) -> str:
    return encode_cursor([is_before, row["seq"], row["sent_at"].isoformat()])


def _read_cursor(cursor: str) -> tuple[int | None, int | None, datetime]:
    is_before, seq, sent_at = decode_cursor(cursor, length=3)
    if not isinstance(is_before, bool) or type(seq) is not int or not 0 <= seq < 2**63:
        raise InvalidCursor
    with suppress(ValueError, TypeError):
        moment = datetime.fromisoformat(sent_at)
        if moment.tzinfo is not None:
            return (seq, None, moment) if is_before else (None, seq, moment)
    raise InvalidCursor


def cursor_before(person: User, conversation_id: uuid.UUID, message_id: uuid.UUID) -> str:
    """The cursor of what was said before a message. Raises ConversationNotFound, MessageNotFound."""
    conversation = conversation_of(person, conversation_id)
    found = Message.objects.filter(pk=message_id, conversation=conversation, state=MessageState.SENT)
    row = found.values("seq", "sent_at").first()
    if row is None:
        raise MessageNotFound
    return _cursor(row, is_before=True)


def number_of(person: User, conversation_id: uuid.UUID, message_id: uuid.UUID) -> int:
    """The number of a message in a conversation of the person's. Raises ConversationNotFound, MessageNotFound."""
    conversation = conversation_of(person, conversation_id)
    seq = Message.objects.filter(pk=message_id, conversation=conversation).values_list("seq", flat=True).first()
    if seq is None:
        raise MessageNotFound
    return seq


def message_of(person: User, message_id: uuid.UUID) -> dict[str, Any]:
    """One message on the wire. Raises MessageNotFound: none that the person may see."""
    statement = """
        SELECT * FROM messaging_message WHERE id = %(id)s::uuid AND EXISTS (
            SELECT 1 FROM messaging_participation p
            WHERE p.conversation_id = messaging_message.conversation_id AND p.person_id = %(viewer)s::uuid)
    """
    shown = message_shape(person, rows_of(statement, "m.id", {"id": message_id, "viewer": person.pk}))
    if not shown:
        raise MessageNotFound
    return shown[0]


# --- what somebody missed ---------------------------------------------------------------------------------------------


def missed(person: User, conversation_id: uuid.UUID, after: int, limit: int) -> list[Missed]:
    """The entries of a conversation's log after a number, in order, each with its message as it is now.

    Raises:
        ConversationNotFound.
    """
    conversation_of(person, conversation_id)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT seq, kind, message_id FROM messaging_streamentry
            WHERE conversation_id = %s::uuid AND seq > %s::bigint ORDER BY seq LIMIT %s::int
            """,
            [conversation_id, after, limit],
        )
        entries = cursor.fetchall()
    shown = {one["id"]: one for one in message_shape(person, list({message_id for _, _, message_id in entries}))}
    return [
        Missed(name=str(EntryKind(kind)), seq=seq, data=shown[str(message_id)]) for seq, kind, message_id in entries
    ]


def changed_conversations(person: User, since: datetime) -> list[uuid.UUID]:
    """Those of a person with entries after a moment, the latest first."""
    sides = Participation.objects.filter(person=person, changed_at__gt=since)
    return list(sides.order_by("-changed_at").values_list("conversation_id", flat=True)[:CHANGED_AT_MOST])


def newest_change(person_id: uuid.UUID) -> datetime | None:
    """When the newest entry of a person's conversations came."""
    sides = Participation.objects.filter(person_id=person_id, changed_at__isnull=False)
    return sides.order_by("-changed_at").values_list("changed_at", flat=True).first()
