"""How API requests prove who sends them."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from accounts import selectors, tokens
from accounts.errors import InvalidToken
from accounts.models import Session, User


class TokenAuthentication(BaseAuthentication):
    """A bearer access token. `request.auth` is the session, read anew on each request: what was revoked ends at once."""

    keyword = b"bearer"

    def authenticate(self, request: Request) -> tuple[User, Session] | None:
        """Raises InvalidToken, SessionEnded."""
        words = request.headers.get("Authorization", "").encode().split()
        if not words or words[0].lower() != self.keyword:
            return None
        if len(words) != 2:
            raise InvalidToken
        claims = tokens.read_access(words[1])
        session = selectors.live_session(claims.session_id, user_id=claims.user_id, version=claims.version)
        session.user.session_in_hand = session  # type: ignore[attr-defined]
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class PageAuthentication(SessionAuthentication):
    """Our own pages: the browser's session, with CSRF. Revoked ones were signed out by WebSessionMiddleware already."""


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of POST /api/v1/auth/login, good for 15 minutes.",
        }


class PageScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.PageAuthentication"
    name = "cookie"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "Our own pages: the browser's session. Writes need the X-CSRFToken header.",
        }
