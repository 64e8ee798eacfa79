"""What is found becomes an answer: plain values, ready for JSON."""

from dataclasses import asdict
from typing import Any

from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param, replace_query_param

from search.selectors import Answer
from search.states import Reading


def answer(found: Answer, request: Request, number: int | None) -> dict[str, Any]:
    return {
        "results": found.page.items,
        **_links(found, request, number),
        "count": found.count,
        "count_is_exact": found.count_is_exact,
        "understood": asdict(found.understood),
        "suggested": found.suggested,
        "more": _more(found),
        "facets": None if found.counts is None else [asdict(facet) for facet in found.counts.facets],
    }


def _more(found: Answer) -> dict[str, Any] | None:
    more = found.more
    return None if more is None else {"q": more.q, "left_out": more.left_out, "results": more.items}


def _links(found: Answer, request: Request, number: int | None) -> dict[str, str | None]:
    """Pages beside this one, of the words that were searched for."""
    here = request.build_absolute_uri()
    if found.understood.reading != Reading.VERBATIM:
        here = replace_query_param(here, "q", found.understood.q)
    if found.understood.max_price:
        here = replace_query_param(here, "max_price", found.understood.max_price)
    if number is not None:
        more = found.page.next_cursor is not None
        return {
            "next": replace_query_param(here, "page", number + 1) if more else None,
            "previous": replace_query_param(here, "page", number - 1) if number > 1 else None,
        }

    def link(cursor: str | None) -> str | None:
        return cursor and replace_query_param(remove_query_param(here, "cursor"), "cursor", cursor)

    return {"next": link(found.page.next_cursor), "previous": link(found.page.previous_cursor)}
