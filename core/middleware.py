"""What every request gets: an id that is echoed and logged, and a language."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from core.context import Trace, current
from core.errors import Refusal
from core.ids import uuid7
from core.web import refusal_page

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Take the caller's X-Request-ID where it is sane, else make one; answer with it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")  # request.headers would keep the old value for later readers
        request_id = sent if _SANE_ID.fullmatch(sent) else str(uuid7())
        request.META["HTTP_X_REQUEST_ID"] = request_id  # django-structlog binds the same one
        token = current.set(Trace(request_id=request_id, ip=caller_ip(request)))
        try:
            response = self.get_response(request)
        finally:
            current.reset(token)
        response["X-Request-ID"] = request_id
        return response


class LanguageMiddleware:
    """Speak the language that the address names (`?lang=ar`), else of the cookie (pages), else of Accept-Language, else
    English.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = (request.GET.get("lang", ""), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))
        chosen = next((language for language in asked if language in dict(settings.LANGUAGES)), None)
        language = chosen or translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


class StaffClockMiddleware:
    """In the console moments are read and typed in the market's time, as on the pages that people speak to staff about."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/"):
            return self.get_response(request)
        with timezone.override(ZoneInfo(settings.DISPLAY_TIME_ZONE)):
            return self.get_response(request)


class RefusalPageMiddleware:
    """A refusal that a page's view did not expect becomes a page that says so; the API answers its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refusal_page(request, exception) if isinstance(exception, Refusal) else None


def caller_ip(request: HttpRequest) -> str | None:
    """The caller's address. Our own proxy overwrites X-Real-IP, so it is believed only from a unix socket or loopback."""
    peer = request.META.get("REMOTE_ADDR") or ""
    if peer in ("", "127.0.0.1", "::1") or settings.IN_PRODUCTION:
        claimed = request.headers.get("X-Real-IP", "")
        return claimed if _is_address(claimed) else peer or None
    return peer


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
