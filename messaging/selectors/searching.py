"""Finding words again that were said in one's own conversations, in English and Arabic spelling variants alike."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import User
from core.cursors import decode_cursor, encode_cursor
from core.errors import InvalidCursor
from core.text import fold
from messaging.errors import SearchTooShort
from messaging.selectors.access import conversation_of
from messaging.selectors.conversations import like
from messaging.selectors.messages import rows_of, shapes

MAX_PAGE = 100
SHORTEST = 2  # letters

# The matches are found first, by the words or by the conversations, whichever the planner thinks are fewer, and sorted after: with
# the order inside, it would read everybody's messages from the newest back for a word that is rare.
_MATCHES = """
    WITH found AS MATERIALIZED (
        SELECT * FROM messaging_message WHERE folded LIKE ALL (%(words)s::text[]) AND state = 'sent'
            AND hidden_at IS NULL AND unsent_at IS NULL AND blanked_at IS NULL
            AND (expires_at IS NULL OR expires_at > %(now)s::timestamptz)
            AND conversation_id {where}
    )
    SELECT * FROM found WHERE id < %(before)s::uuid ORDER BY id DESC LIMIT %(wanted)s::int
"""
_EVERYWHERE = "IN (SELECT conversation_id FROM messaging_participation WHERE person_id = %(viewer)s::uuid)"
_HERE = "= %(conversation)s::uuid"
_LAST = uuid.UUID(int=2**128 - 1)


@dataclass(frozen=True)
class Found:
    """Messages, the newest first, and the cursor of those before (None at the end)."""

    items: list[dict[str, Any]]
    next_cursor: str | None


def search(
    person: User, q: str, conversation_id: uuid.UUID | None = None, *, cursor: str | None = None, limit: int = 20
) -> Found:
    """Messages in which every one of the words stands, also as a part of another word.

    Raises:
        SearchTooShort, ConversationNotFound, InvalidCursor.
    """
    words = fold(q)
    if len(words) < SHORTEST:
        raise SearchTooShort(letters=SHORTEST)
    if conversation_id is not None:
        conversation_of(person, conversation_id)
    limit = min(limit, MAX_PAGE)
    asked = {
        "words": [like(word) for word in words.split()],
        "now": timezone.now(),
        "viewer": person.pk,
        "conversation": conversation_id,
        "before": _read_cursor(cursor) if cursor else _LAST,
        "wanted": limit + 1,
    }
    rows = rows_of(_MATCHES.format(where=_HERE if conversation_id else _EVERYWHERE), "m.id DESC", asked)
    more, rows = len(rows) > limit, rows[:limit]
    return Found(items=shapes(person, rows), next_cursor=encode_cursor([str(rows[-1]["id"])]) if more else None)


def _read_cursor(cursor: str) -> uuid.UUID:
    (last,) = decode_cursor(cursor, length=1)
    try:
        return uuid.UUID(last)
    except (ValueError, AttributeError, TypeError):
        raise InvalidCursor from None
