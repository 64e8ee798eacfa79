"""What the pages of every app share: refusals, lists that continue, and a visitor's language and theme.

Both choices are cookies, so a page is right before it is painted.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from core.errors import InvalidCursor, Refusal
from core.rest.pagination import decode_cursor, encode_cursor

REMEMBERED_FOR = int(timedelta(days=365).total_seconds())
THEMES = ("light", "dark")
NOT_FOUND = 404
View = Callable[..., HttpResponse]


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """Where the form says to go next, if that is one of our own pages."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else default


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language of this visitor for a year."""
    response = HttpResponseRedirect(safe_next(request))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=REMEMBERED_FOR, samesite="Lax")
    return response


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark for a year; anything else goes back to following the device."""
    response = HttpResponseRedirect(safe_next(request))
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=REMEMBERED_FOR, samesite="Lax")
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal as a whole page: what was refused, and a way on. Where htmx asked, a toast instead."""
    if is_part(request):
        toast = {"souk:toast": {"words": refusal.message, "kind": "error"}}
        response = HttpResponse(status=refusal.status, headers={"HX-Trigger": json.dumps(toast)})
    elif refusal.status == NOT_FOUND:
        response = render(request, "404.html", status=NOT_FOUND)
    else:
        response = render(request, "refused.html", {"refusal": refusal}, status=refusal.status)
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def signed_in(view: View) -> View:
    """Send strangers to sign in first; they come back to where they were."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        back = request.get_full_path() if request.method == "GET" else safe_next(request)
        sign_in = f"{settings.LOGIN_URL}?{urlencode({'next': back})}"
        if is_part(request):
            return HttpResponse(status=204, headers={"HX-Redirect": sign_in})
        return HttpResponseRedirect(sign_in)

    return guarded


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of a page. Answers that differ by it vary by `HX-Request`."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")


def render_list(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page with a list of cards; only the cards and the way to the next ones where htmx continues it."""
    is_first_page = "cursor" not in request.GET
    part = is_part(request) and not is_first_page
    response = render(request, "parts/cards.html" if part else template, context | {"is_first_page": is_first_page})
    patch_vary_headers(response, ("HX-Request",))
    return response


def continued(request: HttpRequest, cursor: str) -> str:
    """The address of the same page from `cursor` on, "" without one."""
    if not cursor:
        return ""
    query = request.GET.copy()
    query["cursor"] = cursor
    return f"?{query.urlencode()}"


def newest_page(request: HttpRequest, rows: QuerySet, *, size: int) -> tuple[list[Any], str]:
    """The rows after the cursor of the request's address, and the address of those after them ("": there are none).

    `rows` come with the highest primary key first. Raises InvalidCursor.
    """
    if cursor := request.GET.get("cursor"):
        (before,) = decode_cursor(cursor, length=1)
        try:
            rows = rows.filter(pk__lt=before)
        except (ValidationError, ValueError, TypeError):
            raise InvalidCursor from None
    found = list(rows[: size + 1])
    after = encode_cursor([str(found[size - 1].pk)]) if len(found) > size else ""
    return found[:size], continued(request, after)


def keyset_page(rows: QuerySet, *, order: str, cursor: str, size: int) -> tuple[list[Any], str]:
    """The rows after `cursor` in the order of one column and then `id` (both descending for "-column"), and the next cursor.

    `rows` are dictionaries with the column and `id`. Raises InvalidCursor.
    """
    descending, column = order.startswith("-"), order.removeprefix("-")
    if cursor:
        value, pk = decode_cursor(cursor, length=2)
        beyond = "lt" if descending else "gt"
        try:
            rows = rows.filter(Q(**{f"{column}__{beyond}": value}) | Q(**{column: value, f"id__{beyond}": pk}))
        except (ValidationError, ValueError, TypeError):
            raise InvalidCursor from None
    found = list(rows.order_by(order, "-id" if descending else "id")[: size + 1])
    if len(found) <= size:
        return found, ""
    last = found[size - 1]
    return found[:size], encode_cursor([last[column], last["id"]])
