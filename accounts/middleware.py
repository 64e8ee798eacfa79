"""Browser sessions that can be revoked, and the second factor of staff."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts import selectors
from accounts.actions import second_factor
from accounts.actions.sessions import note_seen, open_session, revoke_session
from accounts.errors import SessionNotFound
from accounts.models import User
from accounts.ports import greet
from accounts.states import SessionKind

GetResponse = Callable[[HttpRequest], HttpResponse]
OUR_SESSION = "souk_session"  # where the browser's session names ours


def browser_key(request: HttpRequest) -> str:
    """SHA-256 of the browser session's key: enough to find it again, useless to whoever reads the table."""
    key = request.session.session_key or ""
    return hashlib.sha256(key.encode()).hexdigest() if key else ""


def tie_session(sender: object, request: HttpRequest, user: User, **_: Any) -> None:
    """Open a session of ours with every sign-in of Django's: our pages', the console's, allauth's.

    Django's signal is the only place that all of them pass.
    """
    opened = open_session(
        user=user,
        kind=SessionKind.WEB,
        user_agent=request.headers.get("User-Agent", ""),
        browser_key=browser_key(request),
    )
    request.session[OUR_SESSION] = str(opened.session.pk)
    greet(user, request)


def untie_session(sender: object, request: HttpRequest, user: User | None, **_: Any) -> None:
    """End our session when Django signs a browser out."""
    named = request.session.get(OUR_SESSION)
    if named and user is not None:
        with suppress(SessionNotFound):
            revoke_session(user=user, session_id=named, because="signed_out")


class WebSessionMiddleware:
    """Sign a browser out whose session of ours was revoked, and date the last use of the others.

    `request.souk_session` is the session of a signed-in browser, else None.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.souk_session = None  # type: ignore[attr-defined]
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self._check(request)
        return self.get_response(request)

    def _check(self, request: HttpRequest) -> None:
        named = request.session.get(OUR_SESSION)
        user: Any = request.user
        session = selectors.browser_session(named, user_id=user.pk) if named else None
        if session is None:
            logout(request)
            return
        note_seen(session=session, browser_key=browser_key(request))
        request.souk_session = user.session_in_hand = session  # type: ignore[attr-defined]


class StaffSecondFactorMiddleware:
    """Let nobody into the console without the second factor: where the house asks for it, and whoever has set one up.

    Staff without one is led to set it up. Elsewhere `User.has_perm` refuses.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = getattr(request, "souk_session", None)
        if session is not None and session.second_factor_at is None and self._is_console(request):
            has_one = second_factor.is_set_up(session.user)
            if has_one or settings.STAFF_SECOND_FACTOR:
                page = "/second-factor" if has_one else "/me/second-factor"
                return HttpResponseRedirect(f"{page}?{urlencode({'next': request.get_full_path()})}")
        return self.get_response(request)

    def _is_console(self, request: HttpRequest) -> bool:
        return (
            request.path.startswith(reverse("admin:index"))
            and request.path not in (reverse("admin:logout"), reverse("admin:login"))
            and request.user.is_authenticated
            and request.user.is_staff
        )
