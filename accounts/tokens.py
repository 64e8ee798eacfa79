"""Tokens on the wire: what simplejwt signs for a session of ours. What they mean is in the database."""

import time
import uuid
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token
from rest_framework_simplejwt.utils import datetime_to_epoch

from accounts.errors import InvalidToken
from accounts.models import RefreshToken, Session, User


class AccessToken(Token):
    """Fifteen minutes of access. Claims: `sub` the person, `sid` the session, `ver` the person's session version."""

    token_type = "access"  # noqa: S105
    lifetime = settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"]


class RefreshJWT(Token):
    """A link of a session's family, named by `jti`. The same row always makes the same token."""

    token_type = "refresh"  # noqa: S105
    lifetime = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]


@dataclass(frozen=True)
class AccessClaims:
    user_id: uuid.UUID
    session_id: uuid.UUID
    version: int
    expires_at: float  # seconds since the epoch


def token_pair(user: User, row: RefreshToken) -> dict[str, object]:
    """The answer of every sign-in: both tokens and the seconds that the access token lives."""
    return {
        "access_token": _access(user, row.session),
        "refresh_token": _refresh(user, row),
        "token_type": "Bearer",
        "expires_in": int(AccessToken.lifetime.total_seconds()),
    }


def _access(user: User, session: Session) -> str:
    token = AccessToken()
    token["sub"], token["sid"], token["ver"] = str(user.pk), str(session.pk), user.session_version
    return str(token)


def _refresh(user: User, row: RefreshToken) -> str:
    token = RefreshJWT()
    token["jti"], token["sub"], token["sid"] = row.jti.hex, str(user.pk), str(row.session_id)
    token["iat"], token["exp"] = datetime_to_epoch(row.issued_at), datetime_to_epoch(row.expires_at)
    return str(token)


def read_access(raw: str | bytes) -> AccessClaims:
    """Check signature, algorithm, audience, issuer, type and time. Raises InvalidToken."""
    claims = _verified(raw)
    if claims.expires_at <= time.time():
        raise InvalidToken
    return claims


@lru_cache(maxsize=4096)
def _verified(raw: str | bytes) -> AccessClaims:
    """The claims of a token of ours. Kept, because a client shows the same token for fifteen minutes and what is signed
    stays signed; the time is looked at again on each request, and the session in the database.
    """
    try:
        token = AccessToken(raw)  # type: ignore[arg-type]
        return AccessClaims(uuid.UUID(token["sub"]), uuid.UUID(token["sid"]), int(token["ver"]), float(token["exp"]))
    except (TokenError, KeyError, ValueError, TypeError, AttributeError):
        raise InvalidToken from None


def read_refresh(raw: str) -> tuple[uuid.UUID, uuid.UUID]:
    """The token's id and its session's. Raises InvalidToken."""
    try:
        token = RefreshJWT(raw)  # type: ignore[arg-type]
        return uuid.UUID(token["jti"]), uuid.UUID(token["sid"])
    except (TokenError, KeyError, ValueError, TypeError, AttributeError):
        raise InvalidToken from None
