"""Carts of browsers that nobody has signed in at: the key that the API knows too, and beside it how many things are in."""

from django.conf import settings
from django.http import HttpResponse

from orders import tokens
from orders.selectors import Owner
from orders.tokens import owner_of
from orders.tokens import owner_to_keep as owner_with_key

__all__ = ["COUNT", "forget", "owner_of", "owner_with_key", "remember"]

COUNT = "cart_count"  # a cookie that the header shows, so that no page asks the database for it


def remember(response: HttpResponse, owner: Owner, count: int) -> HttpResponse:
    """Leave the guest's key and number with the browser; nothing where somebody is signed in."""
    tokens.remember(response, owner)
    if owner.user is None:
        response.set_cookie(
            COUNT,
            str(count),
            max_age=int(settings.ORDERS["guest_carts"].total_seconds()),
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    return response


def forget(response: HttpResponse) -> HttpResponse:
    """The guest's cart is a person's now."""
    for name in (tokens.COOKIE, COUNT):
        response.delete_cookie(name, samesite="Lax")
    return response
