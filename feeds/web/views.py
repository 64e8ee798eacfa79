"""The feeds as pages: near, discover, following. The place and its radius are a visitor's choice, kept in cookies."""

import uuid
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from catalog import selectors as catalog
from catalog.errors import CategoryNotFound
from core.filters import FilterForm
from core.geo import LatLng
from core.web import continued, is_part, render_list, safe_next
from feeds import selectors
from feeds.selectors import Page
from feeds.serving import noted
from feeds.shapes import map_facts
from feeds.states import CommunitySort, DiscoverSort, Feed
from feeds.web.forms import PlaceForm
from feeds.web.visit import looking_around, remember
from places import selectors as places
from places.selectors import RADII_KM, read_radius, read_standpoint

PAGE = 24
ON_MAP = 60
PLACES_SHOWN = 80
SORTS = dict(CommunitySort.choices)
DISCOVER_SORTS = {
    sort.value: sort.label for sort in (DiscoverSort.SUGGESTED, DiscoverSort.RECENT, DiscoverSort.POPULAR)
}


@require_safe
def community(request: HttpRequest) -> HttpResponse:
    """What neighbours sell, as a list or on a map."""
    place = looking_around(request)
    context = _asked(request, sorts=SORTS, sort=CommunitySort.NEAREST) | {
        "tab": "near",
        "section": "home",
        "place": place,
        "radii": RADII_KM,
    }
    context["why_query"] = _why_query("community", context["sort"])
    if place is None:  # no neighbourhood is loaded yet
        return render_list(request, "feeds/community.html", context)
    on_map = request.GET.get("view") == "map"
    ask = partial(
        selectors.community_feed,
        viewer=request.user,
        place=place.at,
        radius_km=place.radius_km,
        filters=selectors.read_filters(**context.pop("filters")),
        sort=context["sort"],
    )
    size = ON_MAP if on_map else PAGE
    page = noted(ask, feed=Feed.COMMUNITY, place=place.at, size=size, cursor=request.GET.get("cursor"))
    context |= _shown(request, page) | {"on_map": on_map, "can_map": True}
    if on_map:
        context["map"] = map_facts(page.items, place)
    if not page.items:
        context["wider"] = next((km for km in RADII_KM if km > place.radius_km), None)
    return render_list(request, "feeds/community.html", context)


@require_safe
def discover(request: HttpRequest) -> HttpResponse:
    """What sellers show on video, wherever they are."""
    place = looking_around(request)
    context = _asked(request, sorts=DISCOVER_SORTS, sort=DiscoverSort.SUGGESTED) | {
        "tab": "discover",
        "section": "discover",
    }
    context["why_query"] = _why_query("discover", context["sort"])
    here = place and place.at
    ask = partial(
        selectors.discover_feed,
        viewer=request.user,
        place=here,
        filters=selectors.read_filters(**context.pop("filters")),
        sort=context["sort"],
    )
    page = noted(ask, feed=Feed.DISCOVER, place=here, size=PAGE, cursor=request.GET.get("cursor"))
    return render_list(request, "feeds/discover.html", context | _shown(request, page))


@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """What the people that one follows sell, newest first."""
    context: dict[str, Any] = {"tab": "following", "section": "home"}
    if request.user.is_authenticated:
        place = looking_around(request)
        page = selectors.following_feed(
            viewer=request.user, place=place and place.at, size=PAGE, cursor=request.GET.get("cursor")
        )
        context |= _shown(request, page)
    return render_list(request, "feeds/following.html", context)


@require_safe
def why(request: HttpRequest, product_id: uuid.UUID) -> HttpResponse:
    """Why the visitor sees a listing in a feed, sorted as they had it."""
    asked, place = request.GET, looking_around(request)
    feed = asked.get("feed", "")
    sorts = SORTS if feed == Feed.COMMUNITY else DISCOVER_SORTS if feed == Feed.DISCOVER else {}
    shown = selectors.why_shown(
        viewer=request.user,
        product_id=product_id,
        feed=Feed(feed) if feed in Feed.values else None,
        sort=asked["sort"] if asked.get("sort") in sorts else "",
        place=place and place.at,
    )
    context = {"why": shown, "product": shown.product, "place": place, "listing_url": f"/l/{product_id}"}
    return render(request, "feeds/why.html", context)


@require_safe
def choose_place(request: HttpRequest) -> HttpResponse:
    """Neighbourhoods by name, the nearest first: a page, or just the list for the sheet."""
    here = looking_around(request)
    wanted = request.GET.get("q", "").strip()[:80]
    found = list(places.neighborhoods(q=wanted))
    if here is not None:
        found.sort(key=lambda neighborhood: here.at.metres_to(LatLng.of(neighborhood.centre)))
    context = {"neighborhoods": found[:PLACES_SHOWN], "q": wanted, "here": here, "next": safe_next(request)}
    response = render(request, "feeds/_places.html" if is_part(request) else "feeds/place.html", context)
    patch_vary_headers(response, ("HX-Request",))
    return response


@require_POST
def set_place(request: HttpRequest) -> HttpResponse:
    """Remember where the visitor looks around, and how far."""
    response = HttpResponseRedirect(safe_next(request))
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return response
    asked = form.cleaned_data
    stands = looking_around(request)
    radius = read_radius(str(asked["radius_km"] or (stands.radius_km if stands else "")))
    if asked["latitude"] is not None and asked["longitude"] is not None:
        place = read_standpoint(f"{asked['latitude']:.3f},{asked['longitude']:.3f}", radius)
    elif asked["neighborhood"]:
        place = read_standpoint(asked["neighborhood"], radius)
    else:
        place = stands.within(radius) if stands else None
    if place is not None:
        remember(response, place)
    return response


def _asked(request: HttpRequest, *, sorts: dict[str, Any], sort: str) -> dict[str, Any]:
    """The filters, chips and sorts of a feed, from the address. What makes no sense is left out."""
    shelf = _shelf(request.GET.get("category", ""))
    form = FilterForm(request.GET, groups=catalog.filter_groups(catalog.questions_of(shelf) if shelf else []))
    asked = form.asked
    tree = catalog.category_tree()
    category = shelf.category if shelf else None
    chosen = request.GET.get("sort", "")
    return {
        "categories": tree,
        "category": category,
        "below": next((root.below for root in tree if shelf and root.pk == shelf.path[0].pk), []),
        "form": form,
        "filters": {
            "category": category.slug if category else "",
            "min_price": asked.get("min_price"),
            "max_price": asked.get("max_price"),
            "conditions": asked.get("condition", ()),
            "attributes": catalog.asked_attributes(asked),
        },
        "filter_count": len(asked),
        "kept": [(name, request.GET[name]) for name in ("category", "sort", "view") if name in request.GET],
        "clear_url": f"?category={category.slug}" if category else request.path,
        "sorts": sorts,
        "sort": chosen if chosen in sorts else sort,
    }


def _shelf(slug: str) -> catalog.Shelf | None:
    try:
        return catalog.shelf(slug) if slug else None
    except CategoryNotFound:
        return None


def _why_query(feed: str, sort: str) -> str:
    """What a card's "why" is asked about; where one thing alone sorts, the page has said so already."""
    return urlencode({"feed": feed, "sort": sort}) if sort == CommunitySort.SUGGESTED else ""


def _shown(request: HttpRequest, page: Page) -> dict[str, Any]:
    return {"cards": page.items, "next": continued(request, page.next_cursor or "")}
