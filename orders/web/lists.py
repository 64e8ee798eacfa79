"""All of one's orders, as a buyer and as a seller."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.web import newest_page, signed_in
from orders.selectors import pages
from orders.states import Side
from orders.web import shown

PAGE = 20
BOUGHT = {"open": _("Open"), "done": _("Done"), "cancelled": _("Cancelled")}
SOLD = {
    "to_do": _("To do"),
    "problems": _("Problems"),
    "under_way": _("On their way"),
    "unpaid": _("Not paid yet"),
    "done": _("Done"),
    "cancelled": _("Cancelled"),
}


@never_cache
@signed_in
@require_safe
def bought(request: HttpRequest) -> HttpResponse:
    me: Any = request.user
    tab = _tab(request, BOUGHT)
    page, further = newest_page(request, pages.bought(me, tab=tab), size=PAGE)
    context = {
        "section": "me",
        "shown": tab,
        "tabs": _tabs(BOUGHT, pages.tallies_of_buyer(me)),
        "rows": [shown.order_row(order, side=Side.BUYER) for order in page],
        "next": further,
    }
    return render(request, "orders/orders.html", context)


@never_cache
@signed_in
@require_safe
def sold(request: HttpRequest) -> HttpResponse:
    me: Any = request.user
    tab = _tab(request, SOLD)
    page, further = newest_page(request, pages.sold(me, tab=tab), size=PAGE)
    context = {
        "section": "me",
        "shown": tab,
        "tabs": _tabs(SOLD, pages.tallies_of_seller(me)),
        "rows": [shown.order_row(order, side=Side.SELLER) for order in page],
        "next": further,
    }
    return render(request, "orders/selling.html", context)


def _tab(request: HttpRequest, known: dict[str, Any]) -> str:
    asked = request.GET.get("shown", "")
    return asked if asked in known else next(iter(known))


def _tabs(known: dict[str, Any], tallies: dict[str, int]) -> list[dict[str, Any]]:
    counted = {"open", "to_do", "problems", "under_way", "unpaid"}  # what is over is not counted at one
    return [
        {"name": name, "label": label, "tally": tallies[name] if name in counted else 0}
        for name, label in known.items()
    ]
