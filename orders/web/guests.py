"""Carts of browsers that nobody has signed in at: a key in a cookie that scripts cannot read, its hash in the database."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from orders.selectors import Owner

KEY, COUNT = (
    "cart",
    "cart_count",
)  # cookies; the second is what the header shows, so that no page asks the database for it
KEPT_FOR = int(timedelta(days=30).total_seconds())


def owner_of(request: HttpRequest) -> Owner:
    """Whose cart this browser fills: the person's who is signed in, else its own."""
    user: Any = request.user
    return Owner(user) if user.is_authenticated else Owner(None, request.COOKIES.get(KEY, ""))


def owner_with_key(request: HttpRequest) -> Owner:
    """The same for whoever puts something in: a guest without a key gets one."""
    owner = owner_of(request)
    return owner if owner.user or owner.guest_key else Owner(None, secrets.token_urlsafe(32))


def remember(response: HttpResponse, owner: Owner, count: int) -> HttpResponse:
    """Leave the guest's key and number with the browser; nothing where somebody is signed in."""
    if owner.user is None:
        for name, value in ((KEY, owner.guest_key), (COUNT, str(count))):
            response.set_cookie(
                name,
                value,
                max_age=KEPT_FOR,
                httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
    return response


def forget(response: HttpResponse) -> HttpResponse:
    """The guest's cart is a person's now."""
    for name in (KEY, COUNT):
        response.delete_cookie(name, samesite="Lax")
    return response
