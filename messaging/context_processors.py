"""The number on Messages."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from messaging.selectors import unread_count


def unread(request: HttpRequest) -> dict[str, Any]:
    """Counted only where a template asks for it, once for each page."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_messages": 0}
    return {"unread_messages": SimpleLazyObject(lambda: unread_count(user)["conversations"])}
