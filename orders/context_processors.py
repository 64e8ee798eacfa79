"""The numbers on the cart and on the orders."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from orders.selectors.pages import waiting_for


def waiting(request: HttpRequest) -> dict[str, Any]:
    """Counted only where a template asks for it, once for each page."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"orders_waiting": {"in_cart": request.COOKIES.get("cart_count", "") if request else 0}}
    return {"orders_waiting": SimpleLazyObject(lambda: waiting_for(user))}
