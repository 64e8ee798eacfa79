"""Which ways a notification takes, and the signature of an unsubscribe link."""

import uuid
from typing import Any

from django.core.signing import BadSignature, Signer

from notifications.errors import InvalidUnsubscribeLink
from notifications.states import ALWAYS_MAILED, DIGESTIBLE, NotificationKind, SendChannel

_signer = Signer(salt="notifications.unsubscribe")

# Mailed by default only to somebody whom no push reaches: a mail for each would be a flood.
PUSHED_FIRST = frozenset(
    {
        NotificationKind.NEW_MESSAGE,
        NotificationKind.NEW_OFFER,
        NotificationKind.OFFER_COUNTERED,
        NotificationKind.OFFER_ENDED,
        NotificationKind.SAVED_SEARCH,
        NotificationKind.ORDER_NEWS,
        NotificationKind.MEETING,
    }
)

# Told on the list only, unless the person asks for more.
QUIET = frozenset({NotificationKind.NEW_FOLLOWER})


def channels_for(
    *, kind: str, email_enabled: bool, push_enabled: bool, kinds: dict[str, Any], has_email: bool, has_push: bool
) -> list[str]:
    """The channels beside the list. Notices, security and exports are mailed whatever the preferences say."""
    wants = kinds.get(kind, {})
    chosen: list[str] = []
    if waits_for_digest(kind, kinds):
        return chosen
    by_default = kind not in QUIET and not (kind in PUSHED_FIRST and has_push and push_enabled)
    mailed = kind in ALWAYS_MAILED or (email_enabled and wants.get("email", by_default))
    if has_email and mailed:
        chosen.append(SendChannel.EMAIL.value)
    if has_push and push_enabled and wants.get("push", True):
        chosen.append(SendChannel.PUSH.value)
    return chosen


def waits_for_digest(kind: str, kinds: dict[str, Any]) -> bool:
    """Whether the person wants to read of this in the digest instead of at once."""
    return kind in DIGESTIBLE and bool(kinds.get(kind, {}).get("digest", False))


def unsubscribe_token(user_id: uuid.UUID, kind: str) -> str:
    return _signer.sign(f"{user_id}.{kind}")


def read_unsubscribe_token(token: str) -> tuple[uuid.UUID, str]:
    """Whose mail of which kind. Raises InvalidUnsubscribeLink."""
    try:
        user_id, _, kind = _signer.unsign(token).partition(".")
        return uuid.UUID(user_id), kind
    except (BadSignature, ValueError):
        raise InvalidUnsubscribeLink from None
