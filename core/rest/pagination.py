"""Cursor pages: stable under inserts, no count, no page numbers."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from core.cursors import decode_cursor, encode_cursor
from core.errors import InvalidCursor, PageNotSupported
from core.rest.query import PAGING, known_here

__all__ = ["MAX_PER_PAGE", "CursorPages", "decode_cursor", "encode_cursor"]

MAX_PER_PAGE = 100


class CursorPages(CursorPagination):
    """`{"results", "next", "previous"}`, newest first unless the view orders otherwise.

    Ids are UUIDv7 and sort by time, so `-id` is the newest first.
    """

    ordering: str | tuple[str, ...] = "-id"
    page_size = 20
    max_page_size = MAX_PER_PAGE
    page_size_query_param = "per_page"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        if "page" in request.query_params:
            raise PageNotSupported
        known_here(request, PAGING)
        try:
            return super().paginate_queryset(queryset, request, view)
        except NotFound:
            raise InvalidCursor from None
        except (ValueError, TypeError):
            raise InvalidCursor from None

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        return tuple(getattr(view, "cursor_ordering", None) or super().get_ordering(request, queryset, view))
