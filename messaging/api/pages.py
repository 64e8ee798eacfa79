"""Pages of what was said, with the addresses of those beside."""

import uuid
from typing import Any

from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from messaging import selectors


def link(request: Request, cursor: str | None, **path: Any) -> str | None:
    """The address of another page of the list that is asked for."""
    return cursor and replace_query_param(request.build_absolute_uri(**path), "cursor", cursor)


def message_page(request: Request, page: selectors.History, conversation_id: uuid.UUID) -> dict[str, Any]:
    here = {"location": f"/api/v1/conversations/{conversation_id}/messages"}
    if request.path == here["location"]:
        here = {}  # with the page size that was asked for
    return {
        "results": page.items,
        "next": link(request, page.older, **here),
        "previous": link(request, page.newer, **here),
    }
