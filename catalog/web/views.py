"""Reading pages of the catalogue: a listing, a category, a seller, what one saved."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import actions as people_actions
from accounts import selectors as people
from accounts.models import User
from catalog import actions, selectors
from catalog.models import Product
from catalog.shapes import product_card
from catalog.web.listing import listing_page
from core.filters import FilterForm
from core.geo import LatLng
from core.middleware import caller_ip
from core.web import continued, is_part, keyset_page, render_list, safe_next, signed_in
from places.selectors import Standpoint, standpoint

PAGE = 24
SORTS = {
    "recent": gettext_lazy("Newest"),
    "price_low": gettext_lazy("Lowest price"),
    "price_high": gettext_lazy("Highest price"),
}
ORDER = {"recent": "-published_at", "price_low": "price_minor", "price_high": "-price_minor"}


class MembersRequest(HttpRequest):
    """Of somebody who is signed in."""

    user: User


@require_safe
def listing(request: HttpRequest, product_id: uuid.UUID) -> HttpResponse:
    """One listing; a sold one keeps its page."""
    product = selectors.product_page(viewer=request.user, product_id=product_id)
    place = looking_around(request)
    if product.seller_id != request.user.pk:
        actions.record_view(product_id=product.pk, viewer=str(request.user.pk or caller_ip(request)))
    context = listing_page(request, product, place)
    similar = selectors.similar_products(viewer=request.user, product=product)
    return render(request, "catalog/listing.html", context | {"similar": cards([one.row for one in similar], place)})


@require_POST
@signed_in
def save(request: MembersRequest, product_id: uuid.UUID) -> HttpResponse:
    actions.add_favourite(user=request.user, product_id=product_id)
    return _heart(request, product_id, is_saved=True)


@require_POST
@signed_in
def unsave(request: MembersRequest, product_id: uuid.UUID) -> HttpResponse:
    actions.remove_favourite(user=request.user, product_id=product_id)
    return _heart(request, product_id, is_saved=False)


def _heart(request: HttpRequest, product_id: uuid.UUID, *, is_saved: bool) -> HttpResponse:
    if not is_part(request):
        return HttpResponseRedirect(safe_next(request, f"/l/{product_id}"))
    if request.GET.get("as") == "button":
        return render(request, "catalog/_save.html", {"product": {"pk": product_id}, "is_saved": is_saved})
    title = request.POST.get("title", "")[:100]
    return render(request, "parts/heart.html", {"product_id": product_id, "is_saved": is_saved, "title": title})


@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    """The whole tree, with how much is for sale on each shelf."""
    counts = selectors.shelf_counts()
    tree = selectors.category_tree()
    for shelf in tree:
        shelf.listing_count = counts.get(shelf.pk, {}).get("active", 0)
    context = {"section": "categories", "categories": tree}
    return render(request, "catalog/categories.html", context)


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """What is for sale on one shelf and those below it, anywhere."""
    shelf = selectors.shelf(slug)
    form = FilterForm(request.GET, groups=selectors.filter_groups(selectors.questions_of(shelf)))
    asked = form.asked
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else "recent"
    found = selectors.products_on_shelf(
        viewer=request.user,
        shelf=shelf,
        min_price=asked.get("min_price"),
        max_price=asked.get("max_price"),
        conditions=asked.get("condition", ()),
        attributes=selectors.asked_attributes(asked),
        currency="" if sort == "recent" else selectors.FILTER_CURRENCY,
    )
    here = f"/c/{slug}"
    context = {
        "section": "categories",
        "category": shelf.category,
        "below": next((c.below for c in selectors.category_tree() if c.pk == shelf.category.pk), []),
        "crumbs": [(c.name, f"/c/{c.slug}") for c in shelf.path[:-1]],
        "address": f"{settings.SITE_URL}{here}",
        "form": form,
        "filter_count": len(asked),
        "kept": [("sort", sort)] if "sort" in request.GET else [],
        "clear_url": here,
        "sorts": SORTS,
        "sort": sort,
    }
    return render_list(request, "catalog/category.html", context | page_of_cards(request, found, order=ORDER[sort]))


@require_safe
def seller(request: HttpRequest, username: str) -> HttpResponse:
    """A person as their neighbours see them, and what they sell."""
    person = people.visible_person_by_username(request.user, username)
    shows_sold = request.GET.get("shown") == "sold"
    listings = selectors.products_sold_by if shows_sold else selectors.products_shown_by
    context = {
        "person": people.person_profile(request.user, person),
        "address": f"{settings.SITE_URL}/u/{person.username}",
        "is_me": person.pk == request.user.pk,
        "is_followed": request.user.is_authenticated and people.follows(request.user, person),
        "shows_sold": shows_sold,
    }
    found = listings(person, viewer=request.user)
    return render_list(request, "catalog/seller.html", context | page_of_cards(request, found, order="-published_at"))


@require_POST
@signed_in
def follow(request: MembersRequest, username: str) -> HttpResponse:
    person = people.visible_person_by_username(request.user, username)
    people_actions.follow_person(follower=request.user, followed=person)
    return _followed(request, person.username, is_followed=True)


@require_POST
@signed_in
def unfollow(request: MembersRequest, username: str) -> HttpResponse:
    person = people.person_by_username(username)
    people_actions.unfollow_person(follower=request.user, followed=person)
    return _followed(request, person.username, is_followed=False)


def _followed(request: HttpRequest, username: str, *, is_followed: bool) -> HttpResponse:
    if is_part(request):
        return render(request, "catalog/_follow.html", {"person": {"username": username}, "is_followed": is_followed})
    messages.success(request, _("You follow them now.") if is_followed else _("You no longer follow them."))
    return HttpResponseRedirect(safe_next(request, f"/u/{username}"))


@require_safe
@signed_in
def saved(request: MembersRequest) -> HttpResponse:
    """What a person keeps in mind, newest first; sold things stay until they are let go."""
    found = selectors.favourites(request.user)
    context = {"section": "saved"} | page_of_cards(request, found, order="-saved_id", also=("saved_id",))
    return render_list(request, "catalog/saved.html", context)


def page_of_cards(
    request: HttpRequest, found: QuerySet[Product], *, order: str, also: Sequence[str] = ()
) -> dict[str, Any]:
    """What `parts/cards.html` shows: one page of cards and the address of the next."""
    rows, after = keyset_page(
        selectors.card_rows(found, viewer=request.user, also=also),
        order=order,
        cursor=request.GET.get("cursor", ""),
        size=PAGE,
    )
    return {"cards": cards(rows, looking_around(request)), "next": continued(request, after)}


def looking_around(request: HttpRequest) -> Standpoint | None:
    """Where the visitor chose to look around, in the feeds; for saying how far a thing is."""
    return standpoint(
        request.COOKIES.get("place", ""),
        radius=request.COOKIES.get("radius", ""),
        own=getattr(request.user, "neighborhood", None),
    )


def cards(rows: Any, place: Standpoint | None) -> list[dict[str, Any]]:
    origin: LatLng | None = place.at if place else None
    return [product_card(row, origin=origin) for row in rows]
