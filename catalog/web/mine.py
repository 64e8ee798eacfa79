"""A seller's own listings: by what state they are in, with what can be done to each."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from catalog import actions, selectors
from catalog.models import Product
from catalog.rules import EDITABLE
from catalog.states import ProductState
from core.errors import Refusal
from core.text import localized
from core.web import continued, keyset_page, safe_next, signed_in

PAGE = 20

TABS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "for_sale": (gettext_lazy("For sale"), (ProductState.ACTIVE, ProductState.RESERVED)),
    "review": (gettext_lazy("In review"), (ProductState.PENDING_REVIEW,)),
    "drafts": (gettext_lazy("Drafts"), (ProductState.DRAFT,)),
    "paused": (gettext_lazy("Paused"), (ProductState.PAUSED, ProductState.EXPIRED)),
    "sold": (gettext_lazy("Sold"), (ProductState.SOLD,)),
    "not_approved": (gettext_lazy("Not approved"), (ProductState.REJECTED,)),
}


@dataclass(frozen=True)
class Step:
    """Something a seller can do to a listing in a list. `undo` names the step that takes it back."""

    name: str
    label: Any
    icon: str
    states: tuple[str, ...]
    carry_out: Callable[..., Product]
    done: Any
    question: Any = ""  # asked first, where there is no way back
    undo: str = ""
    danger: bool = False


STEPS = {
    step.name: step
    for step in (
        Step(
            "pause",
            gettext_lazy("Pause"),
            "pause",
            (ProductState.ACTIVE,),
            actions.pause_product,
            gettext_lazy("Paused: nobody else sees it now."),
            undo="resume",
        ),
        Step(
            "resume",
            gettext_lazy("Show again"),
            "play",
            (ProductState.PAUSED,),
            actions.resume_product,
            gettext_lazy("It is for sale again."),
            undo="pause",
        ),
        Step(
            "sold",
            gettext_lazy("Mark as sold"),
            "handshake",
            (ProductState.ACTIVE, ProductState.PAUSED, ProductState.EXPIRED),
            actions.mark_sold,
            gettext_lazy("Well sold. Its page stays, and whoever saved it is told."),
            question=gettext_lazy("Mark it as sold? People who saved it are told, and it cannot be put back on sale."),
        ),
        Step(
            "renew",
            gettext_lazy("Renew"),
            "refresh-cw",
            (ProductState.ACTIVE, ProductState.PAUSED, ProductState.EXPIRED),
            actions.renew_product,
            gettext_lazy("Renewed: it has a full term again."),
        ),
        Step(
            "remove",
            gettext_lazy("Remove"),
            "trash-2",
            (
                ProductState.DRAFT,
                ProductState.PENDING_REVIEW,
                ProductState.ACTIVE,
                ProductState.PAUSED,
                ProductState.REJECTED,
                ProductState.EXPIRED,
            ),
            actions.remove_product,
            gettext_lazy("Removed."),
            question=gettext_lazy("Remove this listing for good?"),
            danger=True,
        ),
    )
}


@require_safe
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    shown = request.GET.get("shown", "")
    shown = shown if shown in TABS else "for_sale"
    own = selectors.products_of_seller(request.user, states=TABS[shown][1])
    rows, after = keyset_page(
        own.values("id", "created_at"), order="-created_at", cursor=request.GET.get("cursor", ""), size=PAGE
    )
    tallies = selectors.tallies_of_seller(request.user)
    context = {
        "section": "me",
        "shown": shown,
        "tabs": [
            {"name": name, "label": label, "tally": sum(tallies.get(state, 0) for state in states)}
            for name, (label, states) in TABS.items()
        ],
        "rows": _rows([row["id"] for row in rows]),
        "just": _just_done(request),
        "next": continued(request, after),
        "here": request.get_full_path(),
    }
    return render(request, "catalog/mine.html", context)


def _rows(ids: list[uuid.UUID]) -> list[dict[str, Any]]:
    found = selectors.products_with_covers(ids)
    decisions = selectors.last_decisions([p.pk for p in found if p.state == ProductState.REJECTED])
    waiting = selectors.with_waiting_edits(ids)
    return [
        {
            "product": product,
            **_offered(product),
            "is_editable": product.state in EDITABLE,
            "is_waiting": product.pk in waiting,
            "reason": localized(decisions[product.pk], "reason") if product.pk in decisions else "",
        }
        for product in found
    ]


def _offered(product: Product) -> dict[str, Any]:
    """What can be done: the likeliest thing as a button, the rest in a menu. Drafts are removed from the menu too."""
    steps = [step for step in STEPS.values() if product.state in step.states]
    likely = "renew" if product.state == ProductState.EXPIRED else ""
    first = next((s for s in steps if s.name == likely), steps[0] if steps and not steps[0].danger else None)
    return {"first": first, "more": [s for s in steps if s is not first]}


def _just_done(request: HttpRequest) -> dict[str, Any] | None:
    """What was done a moment ago and how to take it back."""
    done = STEPS.get(request.GET.get("done", ""))
    if done is None or not done.undo:
        return None
    try:
        product_id = uuid.UUID(request.GET.get("id", ""))
    except ValueError:
        return None
    return {"words": done.done, "product_id": product_id, "undo": STEPS[done.undo]}


@require_POST
@signed_in
def step(request: HttpRequest, product_id: uuid.UUID, name: str) -> HttpResponse:
    """Carry one step out and come back to the list."""
    wanted = STEPS.get(name)
    if wanted is None:
        raise Http404
    back = safe_next(request, "/me/listings").split("?", 1)
    shown = next((part for part in (back[1] if len(back) > 1 else "").split("&") if part.startswith("shown=")), "")
    try:
        wanted.carry_out(seller=request.user, product_id=product_id)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return HttpResponseRedirect("?".join(filter(None, (back[0], shown))))
    if wanted.undo:
        query = "&".join(filter(None, (shown, f"done={name}", f"id={product_id}")))
        return HttpResponseRedirect(f"{back[0]}?{query}")
    messages.success(request, str(wanted.done))
    return HttpResponseRedirect("?".join(filter(None, (back[0], shown))))


def short_address(request: HttpRequest) -> HttpResponse:
    """The address that is easy to say."""
    return HttpResponseRedirect("/me/listings")
