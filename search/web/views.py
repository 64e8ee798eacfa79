"""Searching as a page, what the box above it suggests, and why a listing stands where it does."""

import uuid
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.models import User
from catalog import selectors as catalog
from core.amounts import money_words
from core.middleware import caller_ip
from core.money import Money
from core.web import render_list
from feeds import actions as ranking
from feeds.selectors.filters import DEFAULT_CURRENCY
from feeds.shapes import map_facts
from places.models import Neighborhood
from places.selectors import RADII_KM, Standpoint, neighborhood_with_slug, standpoint
from search import actions, selectors
from search.errors import QueryNotText, QueryTooLong, QueryTooShort, TooManyWords
from search.rules import SHORTEST_SUGGESTED, tidy
from search.selectors import Answer, Asked
from search.states import AlertFrequency, Reading, SearchSort
from search.web.asking import Asking, read_asking

PAGE, ON_MAP, LOOK_AHEAD = 24, 60, 60
RECENT, TRENDS = 6, 8
WRONG_WORDS = (QueryTooLong, TooManyWords, QueryNotText)


class MembersRequest(HttpRequest):
    """Of somebody who is signed in."""

    user: User


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What is for sale by words, filters, or both; where nothing is asked, where to begin."""
    place = looking_around(request)
    asking = read_asking(request.GET, place=place)
    context: dict[str, Any] = {"section": "search", "asking": asking, "place": place, "q": asking.asked.q}
    if asking.is_empty:
        return _page(request, context | _beginnings(request, place) | {"categories": catalog.category_tree()})
    cursor = request.GET.get("cursor")
    can_map = place is not None or asking.asked.place is not None
    on_map = can_map and request.GET.get("view") == "map"
    try:
        found = selectors.find(
            asking.asked,
            viewer=request.user,
            size=ON_MAP if on_map else PAGE,
            cursor=cursor,
            with_facets=not cursor,
            verbatim="verbatim" in request.GET,
        )
    except WRONG_WORDS as refusal:
        return _page(request, context | {"refusal": refusal.message, "asking": None}, status=refusal.status)
    context["verbatim_url"] = f"?{selectors.query_of(asking.kept | {'verbatim': True})}"
    if found.understood.reading == Reading.PRICED:  # the price is a filter now, in links, chips and what is saved
        query = request.GET.copy()
        query["q"], query["max_price"] = found.understood.q, found.understood.max_price
        asking = read_asking(query, place=place)
        context |= {"asking": asking, "read_price": money_words(Money.parse(query["max_price"], DEFAULT_CURRENCY))}
    if not cursor:
        _note(request, asking, found, place)
    context |= {"can_map": can_map} | _results(request, asking, found, place, on_map=on_map)
    return _page(request, context)


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render_list(request, "search/search.html", context)
    response.status_code = status
    return response


def _results(
    request: HttpRequest, asking: Asking, found: Answer, place: Standpoint | None, *, on_map: bool
) -> dict[str, Any]:
    understood = found.understood
    sort = asking.asked.sort or (SearchSort.RELEVANCE if asking.asked.q else SearchSort.RECENT)
    here = asking.kept | ({"q": understood.q} if understood.q else {})
    facets = found.counts.facets if found.counts else ()
    context: dict[str, Any] = {
        "found": found,
        "understood": understood,
        "was_corrected": understood.reading == Reading.CORRECTED,
        "was_loosened": understood.reading == Reading.LOOSENED,
        "left_out": "، ".join(understood.left_out) if _arabic(understood.left_out) else ", ".join(understood.left_out),
        "meant_url": f"?{selectors.query_of(_freely(asking.kept) | {'q': understood.did_you_mean})}",
        "cards": found.page.items,
        "next": _next(here, found),
        "many": _rounded(found),
        "sort": str(sort),
        "sorts": _sorts(asking, place),
        "chips": asking.chips,
        "filter_count": asking.filter_count,
        "clear_url": f"?{urlencode({'q': asking.asked.q})}" if asking.asked.q else request.path,
        "facets": facets,
        "carried": asking.carried(facet.name for facet in facets),
        "on_map": on_map,
        "why_path": "/search/why/",
        "why_query": selectors.query_of(here) if sort == SearchSort.RELEVANCE else "",
    }
    if on_map and found.page.items:
        context["map"] = map_facts(found.page.items, _middle(asking, place))
    if "cursor" not in request.GET:
        was_corrected = understood.reading == Reading.CORRECTED  # then what is kept has the word that listings have
        meant = replace(asking.asked, q=understood.q) if was_corrected else asking.asked
        context |= _to_save(request, asking, meant, place)
        context["query"] = selectors.query_of(here if was_corrected else asking.kept)
    if not found.page.items:
        context |= _ways_on(asking, here)
        context["trends"] = selectors.trending(limit=TRENDS)
    return context


def _arabic(words: tuple[str, ...]) -> bool:
    return any(not word.isascii() for word in words)


def _next(here: dict[str, Any], found: Answer) -> str:
    """Where the list goes on, of the words that were searched for."""
    return f"?{selectors.query_of(here | {'cursor': found.page.next_cursor})}" if found.page.next_cursor else ""


def _freely(kept: dict[str, Any]) -> dict[str, Any]:
    """The same with words that may be corrected again."""
    return {name: said for name, said in kept.items() if name != "verbatim"}


def _rounded(found: Answer) -> int:
    """How many there are, or a number that there are surely more of."""
    return found.count if found.count_is_exact else max(found.count // 100 * 100, len(found.page.items))


def _sorts(asking: Asking, place: Standpoint | None) -> dict[str, Any]:
    sorts = dict(SearchSort.choices)
    if place is None and asking.asked.place is None:
        del sorts[SearchSort.NEAREST]
    if not asking.asked.q:
        del sorts[SearchSort.RELEVANCE]
    return {str(key): words for key, words in sorts.items()}


def _middle(asking: Asking, place: Standpoint | None) -> Standpoint:
    """What the map is drawn around."""
    at, radius = asking.asked.place, asking.asked.radius_km
    if place is None or (at is not None and at != place.at):
        assert at is not None  # noqa: S101 - a map is offered only with a place
        return Standpoint(name="", at=at, radius_km=round(radius or 5))
    return place


def _to_save(request: HttpRequest, asking: Asking, asked: Asked, place: Standpoint | None) -> dict[str, Any]:
    """What the sheet "save this search" is made of; nothing where a search cannot be saved."""
    if asked.availability != "available":
        return {}
    person = request.user
    return {
        "can_save": True,
        "saved": selectors.saved_as(person, asked) if person.is_authenticated else None,
        "suggested_name": selectors.name_of(selectors.as_parameters(selectors.worth_keeping(asked)), asking.names),
        "alerts": AlertFrequency.choices,
        "radii": RADII_KM if place and asked.anywhere and not asked.neighborhood else (),
    }


def _ways_on(asking: Asking, here: dict[str, Any]) -> dict[str, Any]:
    """What else to try where nothing is found."""
    words = asking.asked.q
    filters = asking.kept.keys() - {"q", "sort", "verbatim"}
    return {
        "without_filters_url": f"?{urlencode({'q': words})}" if words and filters else "",
        "shorter": [
            (shorter, f"?{selectors.query_of(_freely(here) | {'q': shorter})}")
            for shorter in (" ".join(words.split()[:-1]), " ".join(words.split()[1:]))
            if shorter
        ],
    }


def _beginnings(request: HttpRequest, place: Standpoint | None) -> dict[str, Any]:
    """What somebody may want to search for who has not said yet."""
    recent = list(selectors.history_of(request.user)[:RECENT]) if request.user.is_authenticated else []
    hood = neighborhood_with_slug(place.slug) if place and place.slug else None
    trends = selectors.trending(neighborhood_id=hood.pk, limit=TRENDS) if hood else []
    return {
        "recent": [(entry, selectors.query_of({"q": entry.q} | entry.asked)) for entry in recent],
        "trends": trends or selectors.trending(limit=TRENDS),
    }


def _note(request: HttpRequest, asking: Asking, found: Answer, place: Standpoint | None) -> None:
    """Count the search for what is popular, remember it for its owner, and keep a sample of how it was ranked."""
    words = asking.asked.q
    if words:
        person = request.user if request.user.is_authenticated else None
        hood: Neighborhood | None = neighborhood_with_slug(place.slug) if place and place.slug else None
        with suppress(QueryTooShort):
            actions.track_search(q=words, user=person, address=caller_ip(request), neighborhood=hood)
        if person is not None:
            actions.remember_search(user=person, asked=asking.itself, verbatim="verbatim" in asking.kept)
    by_formula = asking.asked.sort in ("", SearchSort.RELEVANCE) and words
    if by_formula and found.page.items and ranking.is_sampled():
        question = selectors.read_question(replace(asking.asked, q=found.understood.q))
        shown = selectors.results(question, viewer=request.user, size=LOOK_AHEAD).items
        ranked = selectors.as_ranked(question, [uuid.UUID(str(item["id"])) for item in shown])
        ranking.note_impressions(feed="search", page_size=PAGE, ranked=ranked, place=asking.asked.place)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """The options under the search box: what the letters may become; before any, what one looked for lately."""
    q = tidy(request.GET.get("q", ""))
    context: dict[str, Any] = {"q": q}
    if len(q.replace(" ", "")) < SHORTEST_SUGGESTED:
        context |= _beginnings(request, looking_around(request))
    else:
        try:
            context["suggestions"] = selectors.suggestions(q, viewer=request.user)
        except (QueryTooShort, *WRONG_WORDS):
            context["suggestions"] = []
    response = render(request, "search/_suggestions.html", context)
    patch_vary_headers(response, ("Cookie",))
    return response


@require_safe
def why(request: HttpRequest, product_id: uuid.UUID) -> HttpResponse:
    """Why the visitor finds a listing for these words, sorted as they had it."""
    place = looking_around(request)
    asking = read_asking(request.GET, place=place)
    found = selectors.why_found(selectors.read_question(asking.asked), viewer=request.user, product_id=product_id)
    context = {
        "why": found,
        "product": found.product,
        "place": place,
        "listing_url": f"/l/{product_id}",
        "section": "search",
    }
    return render(request, "search/why.html", context)


def looking_around(request: HttpRequest) -> Standpoint | None:
    """Where the visitor chose to look around, in the feeds."""
    return standpoint(
        request.COOKIES.get("place", ""),
        radius=request.COOKIES.get("radius", ""),
        own=getattr(request.user, "neighborhood", None),
    )
