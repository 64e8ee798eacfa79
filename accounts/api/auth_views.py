"""Joining, signing in and out, codes, passwords, sessions: `/api/v1/auth/`.

Answers hold tokens, so none is kept for an Idempotency-Key. The public ones look at no Authorization header: a stale token must not
stand in the way of a new one.
"""

import uuid
from typing import Any

from django.contrib.auth import logout
from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions, selectors, signin, tokens
from accounts.actions import second_factor
from accounts.actions.codes import prove_identifier, send_code, sign_in_with_code
from accounts.actions.registration import sign_up
from accounts.actions.sessions import open_session
from accounts.api.serializers import (
    ChangePasswordIn,
    ForgotPasswordIn,
    LoginIn,
    LogoutIn,
    MeOut,
    RefreshIn,
    RegisterIn,
    ResetPasswordIn,
    SecondFactorIn,
    SendCodeIn,
    SentOut,
    SessionOut,
    SignedInOut,
    TokensOut,
    VerifiedOut,
    VerifyCodeIn,
)
from accounts.errors import InvalidToken, NotAnIdentifier, WrongCode
from accounts.identifiers import read_identifier
from accounts.models import Challenge, Session, User
from accounts.ports import greet
from accounts.states import SessionKind
from core.rest.etags import etag, with_etag
from core.rest.pagination import CursorPages
from core.rest.query import refuse_unknown
from core.rest.views import SoukView


def current_session(request: Request) -> Session | None:
    """The session in hand: the token's, or the browser's."""
    if isinstance(request.auth, Session):
        return request.auth
    return getattr(request._request, "souk_session", None)


def body(serializer: Any, request: Request) -> dict[str, Any]:
    bound = serializer(data=request.data, context={"request": request})
    bound.is_valid(raise_exception=True)
    return bound.validated_data


def sign_in(request: Request, user: User, device_id: str, status: int = 200) -> Response:
    opened = open_session(
        user=user, kind=SessionKind.API, device_id=device_id, user_agent=request.headers.get("User-Agent", "")
    )
    greet(user, request._request)
    return Response(
        {**tokens.token_pair(user, opened.refresh_token), "user": MeOut(selectors.own_account(user.pk)).data},
        status=status,
    )


def sent(challenge: Challenge) -> Response:
    lives = round((challenge.expires_at - challenge.created_at).total_seconds())
    return Response({"challenge_id": challenge.pk, "channel": challenge.channel, "expires_in": lives}, status=202)


class PublicView(SoukView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    unkeyed = None


JOINING = [
    OpenApiExample(
        "With an email address and a password",
        request_only=True,
        value={
            "username": "mona.h",
            "email": "mona@example.com",
            "password": "four plain words here",
            "full_name": "Mona Hassan",
            "language": "ar",
            "role": "both",
        },
    ),
    OpenApiExample(
        "With a phone number, signing in by code",
        request_only=True,
        value={"username": "omar", "phone": "+971501234567"},
    ),
]
SIGNING_IN = [
    OpenApiExample(
        "By password", request_only=True, value={"identifier": "mona@example.com", "password": "four plain words here"}
    ),
    OpenApiExample("By a one-time code", request_only=True, value={"phone": "+971501234567", "code": "301846"}),
]


class Register(PublicView):
    @extend_schema(operation_id="auth_register", request=RegisterIn, responses={201: SignedInOut}, examples=JOINING)
    def post(self, request: Request) -> Response:
        """Join. A code goes to each address and number; the tokens work at once."""
        given = body(RegisterIn, request)
        device_id = given.pop("device_id", "")
        return sign_in(request, sign_up(**given), device_id, status=201)


class Login(PublicView):
    @extend_schema(operation_id="auth_login", request=LoginIn, responses=SignedInOut, examples=SIGNING_IN)
    def post(self, request: Request) -> Response:
        """Sign in with email, username or phone, by password or by a code of `send-otp` with `purpose: login`."""
        given = body(LoginIn, request)
        if given["by_code"]:
            user = self._by_code(given)
        else:
            user = signin.person_by_password(request._request, identifier=given["who"], password=given["password"])
        return sign_in(request, user, given.get("device_id", ""))

    def _by_code(self, given: dict[str, Any]) -> User:
        try:
            identifier = read_identifier(given["who"])
        except NotAnIdentifier:
            raise WrongCode from None
        return sign_in_with_code(identifier=identifier, code=given["code"], challenge_id=given.get("challenge_id"))


class SendCode(PublicView):
    @extend_schema(operation_id="auth_send_otp", request=SendCodeIn, responses={202: SentOut})
    def post(self, request: Request) -> Response:
        """Send a six-digit code. The answer is the same whether or not anybody has this address or number."""
        given = body(SendCodeIn, request)
        return sent(send_code(identifier=given["read"], purpose=given["purpose"]))


class VerifyCode(PublicView):
    @extend_schema(
        operation_id="auth_verify_otp",
        request=VerifyCodeIn,
        responses=PolymorphicProxySerializer("VerifiedOrSignedIn", [VerifiedOut, SignedInOut], None),
    )
    def post(self, request: Request) -> Response:
        """Prove an address or number; with `purpose: login`, sign in by it."""
        given = body(VerifyCodeIn, request)
        proof = {"identifier": given["read"], "code": given["code"], "challenge_id": given.get("challenge_id")}
        if given["purpose"] == "login":
            return sign_in(request, sign_in_with_code(**proof), given.get("device_id", ""))
        prove_identifier(**proof)
        return Response({"verified": True, "channel": given["read"].channel})


class Refresh(PublicView):
    @extend_schema(operation_id="auth_refresh", request=RefreshIn, responses=TokensOut)
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for its child and a new access token. A used one that comes back ends the session."""
        jti, _session_id = tokens.read_refresh(body(RefreshIn, request)["refresh_token"])
        child = actions.rotate_refresh_token(jti=jti)
        return Response(tokens.token_pair(child.session.user, child))


class ForgotPassword(PublicView):
    @extend_schema(operation_id="auth_forgot_password", request=ForgotPasswordIn, responses={202: None})
    def post(self, request: Request) -> Response:
        """Send a link, good for an hour, that sets a new password. The answer never tells whether somebody has this address."""
        actions.request_password_reset(identifier=body(ForgotPasswordIn, request)["read"])
        return Response(status=202)


class ResetPassword(PublicView):
    @extend_schema(operation_id="auth_reset_password", request=ResetPasswordIn, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password by a link's token, once. Everybody who was signed in as this person is signed out."""
        given = body(ResetPasswordIn, request)
        signin.forgive(actions.reset_password(token=given["token"], new_password=given["new_password"]))
        return Response(status=204)


class Logout(SoukView):
    permission_classes = (AllowAny,)
    unkeyed = None

    @extend_schema(operation_id="auth_logout", request=LogoutIn, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the session in hand. An app whose access token is stale sends its refresh token instead of the header."""
        given = body(LogoutIn, request)
        session = current_session(request)
        if session is None and given.get("refresh_token"):
            _jti, session_id = tokens.read_refresh(given["refresh_token"])
            session = selectors.session_by_id(session_id)
        if session is None:
            raise InvalidToken
        actions.revoke_session(user=session.user, session_id=session.pk, because="signed_out")
        if session.kind == SessionKind.WEB:
            logout(request._request)
        return Response(status=204)


class LogoutEverywhere(SoukView):
    bodyless = frozenset({"post"})
    unkeyed = None

    @extend_schema(operation_id="auth_logout_all", request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End all of one's sessions, this one too; every access token is void at once."""
        actions.end_all_sessions(user=request.user, because="signed_out_everywhere")
        return Response(status=204)


class SecondFactor(SoukView):
    unkeyed = None

    @extend_schema(operation_id="auth_second_factor", request=SecondFactorIn, responses={204: None})
    def post(self, request: Request) -> Response:
        """Let the session in hand act as staff, by a code of one's authenticator app or a recovery code."""
        session = current_session(request)
        if session is None:
            raise InvalidToken
        second_factor.pass_second_factor(
            user=request.user, code=body(SecondFactorIn, request)["code"], session_id=session.pk
        )
        return Response(status=204)


class Sessions(SoukView):
    pagination_class = CursorPages

    @extend_schema(operation_id="auth_sessions", responses=SessionOut(many=True))
    def get(self, request: Request) -> Response:
        """Where one is signed in, last seen first."""
        refuse_unknown(request, set())
        session = current_session(request)
        found = selectors.open_sessions(request.user)[:100]
        shown = SessionOut(found, many=True, context={"current_id": session.pk if session else None}).data
        return Response({"results": shown, "next": None, "previous": None})


class SessionDetail(SoukView):
    @extend_schema(operation_id="auth_session_revoke", responses={204: None})
    def delete(self, request: Request, session_id: uuid.UUID) -> Response:
        """End one of one's sessions."""
        actions.revoke_session(user=request.user, session_id=session_id)
        return Response(status=204)


class ChangePassword(SoukView):
    unkeyed = None

    @extend_schema(operation_id="auth_change_password", request=ChangePasswordIn, responses={204: None})
    def post(self, request: Request) -> Response:
        """Change the password, or set a first one. All other sessions end."""
        session = current_session(request)
        actions.change_password(
            user=request.user, session_id=session.pk if session else None, **body(ChangePasswordIn, request)
        )
        return Response(status=204)


class Me(SoukView):
    @extend_schema(operation_id="auth_me", responses=MeOut)
    def get(self, request: Request) -> Response:
        """One's own account. The same as `GET /users/me`."""
        refuse_unknown(request, set())
        return own_account(request)


def own_account(request: Request) -> Response:
    user = selectors.own_account(request.user.pk)
    return with_etag(request, Response(MeOut(user).data), etag(user.pk, user.revision))
