"""The key of a guest's cart: in a signed cookie of a browser, or in the header `Cart-Key` of an app."""

import secrets

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from orders.actions import merge_guest_cart
from orders.selectors import Owner

COOKIE = "cart"
HEADER = "Cart-Key"
_signer = Signer(salt="orders.cart")


def carried_key(request: HttpRequest) -> str:
    """The key that a request carries, "" without one. One that we did not sign is none."""
    sealed = request.headers.get(HEADER) or request.COOKIES.get(COOKIE, "")
    try:
        return str(_signer.unsign(sealed)) if sealed else ""
    except BadSignature:
        return ""


def seal(key: str) -> str:
    """A key as it is carried."""
    return _signer.sign(key)


def owner_of(request: HttpRequest) -> Owner:
    """Whose cart a request is about. Of a guest without a key the owner has none: nothing is kept before something is put in."""
    if request.user.is_authenticated:
        return Owner(request.user)
    return Owner(None, carried_key(request))


def owner_to_keep(request: HttpRequest) -> Owner:
    """The same, with a new key for a guest who has none."""
    owner = owner_of(request)
    return owner if owner.user is not None or owner.guest_key else Owner(None, secrets.token_urlsafe(24))


def remember(response: HttpResponse, owner: Owner) -> None:
    """Let a guest's browser carry the key from now on."""
    if owner.user is None and owner.guest_key:
        response.set_cookie(
            COOKIE,
            seal(owner.guest_key),
            max_age=int(settings.ORDERS["guest_carts"].total_seconds()),
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )


def bring_cart(user: User, request: HttpRequest) -> None:
    """What somebody put into a cart before they signed in comes with them (`accounts.ports`)."""
    key = carried_key(request)
    if key:
        merge_guest_cart(user=user, guest_key=key)
