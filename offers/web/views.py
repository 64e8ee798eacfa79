"""Haggling on pages: the box beside a listing, all of one's offers, and their answers."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from catalog import selectors as catalogue
from catalog.models import Product
from catalog.states import ProductState
from core.errors import Refusal
from core.money import Money
from core.web import is_part, newest_page, safe_next, signed_in
from offers import actions, selectors
from offers.models import Offer, OfferTerms
from offers.web.forms import CounterForm, OfferForm, TermsForm

PAGE = 20
MOST_THINGS = 50  # of one's own that may be traded: as many as may be open at once
SUGGESTED = (95, 90, 80)  # percent of the asking price, one tap each
TABS = {"received": gettext_lazy("Received"), "sent": gettext_lazy("Sent")}
ANSWERED = {
    "accept": gettext_lazy("Agreed. It is reserved until it is paid."),
    "decline": gettext_lazy("Declined. The other side is told."),
    "withdraw": gettext_lazy("Taken back."),
    "counter": gettext_lazy("Your price is on its way."),
}


@require_http_methods(["GET", "HEAD", "POST"])
def on_listing(request: HttpRequest, product_id: uuid.UUID) -> HttpResponse:
    """The box beside a listing, or a page of its own: one's offer, the form for one, the seller's terms; what others offered."""
    product = catalogue.product_page(viewer=request.user, product_id=product_id)
    if request.method == "POST":
        return _make(request, product)
    return _box(request, product)


@signed_in
def _make(request: HttpRequest, product: Product) -> HttpResponse:
    me: Any = request.user
    form = _offer_form(me, product, selectors.terms_of(product.pk), request.POST)
    if form.is_valid():
        try:
            offer = actions.make_offer(buyer=me, product_id=product.pk, **form.said)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _went(request, f"/messages/{offer.conversation_id}")
    return _box(request, product, form=form, status=422)


@require_POST
@signed_in
def change_terms(request: HttpRequest, product_id: uuid.UUID) -> HttpResponse:
    """The seller's own rules for one listing."""
    me: Any = request.user
    form = TermsForm(request.POST)
    if form.is_valid():
        try:
            actions.set_terms(seller=me, product_id=product_id, **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Kept. It holds for offers from now on."))
            return _went(request, f"/l/{product_id}/offers")
    product = catalogue.product_page(viewer=me, product_id=product_id)
    return _box(request, product, terms_form=form, status=422)


@require_safe
@signed_in
def my_offers(request: HttpRequest) -> HttpResponse:
    """All one's negotiations by their last turn, those that one has received first."""
    me: Any = request.user
    shown = request.GET.get("shown", "")
    shown = shown if shown in TABS else "received"
    page, further = newest_page(request, selectors.offers_of(me, as_buyer=shown == "sent"), size=PAGE)
    context = {
        "section": "messages",
        "shown": shown,
        "tabs": [{"name": name, "label": label} for name, label in TABS.items()],
        "offers": selectors.offer_shape(me.pk, page),
        "next": further,
    }
    return render(request, "offers/offers.html", context)


@require_POST
@signed_in
def respond(request: HttpRequest, offer_id: uuid.UUID, answer: str) -> HttpResponse:
    """Answer a turn, for pages without scripts; with them the card asks the API."""
    me: Any = request.user
    if answer not in ANSWERED:
        raise Http404
    if answer == "counter":
        form = CounterForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Say your price."))
            return HttpResponseRedirect(safe_next(request, "/offers"))
        turn = selectors.offer_of(me, offer_id)
        amount = Money.parse(form.cleaned_data["counter_price"], turn.currency)
        offer = actions.counter_offer(person=me, offer_id=offer_id, amount=amount)
    else:
        act = {"accept": actions.accept_offer, "decline": actions.decline_offer, "withdraw": actions.withdraw_offer}
        offer = act[answer](person=me, offer_id=offer_id)
    messages.success(request, ANSWERED[answer])
    return HttpResponseRedirect(safe_next(request, f"/messages/{offer.conversation_id}"))


def _box(
    request: HttpRequest,
    product: Product,
    *,
    form: OfferForm | None = None,
    terms_form: TermsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    me: Any = request.user
    terms = selectors.terms_of(product.pk)
    is_mine = product.seller_id == me.pk
    live = None if is_mine or not me.is_authenticated else selectors.live_offer(buyer=me, product=product)
    context = {
        "section": "",
        "product": product,
        "product_key": str(product.pk),
        "is_mine": is_mine,
        "is_page": not is_part(request),
        "is_for_sale": product.is_listed,
        "is_reserved": product.state == ProductState.RESERVED,
        "terms": terms,
        "offer": selectors.shape_for(me.pk, live.pk) if live else None,
        "chips": [_chip(one) for one in selectors.recent_offers(product.pk, viewer=me)],
    }
    if is_mine:
        context["terms_form"] = terms_form or TermsForm.of(terms)
        context["waiting"] = selectors.waiting_on(product.pk).count()
    elif product.is_listed and terms.takes_offers and live is None and me.is_authenticated:
        context["form"] = form or _offer_form(me, product, terms)
        context["suggested"] = _suggested(product)
    template = "offers/_box.html" if is_part(request) else "offers/on_listing.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response


def _offer_form(me: User, product: Product, terms: OfferTerms, *given: Any) -> OfferForm:
    things = catalogue.products_of_seller(me, states=(ProductState.ACTIVE,)).filter(hidden_at=None)
    return OfferForm(
        *given,
        variants=[v for v in catalogue.variants_with_stock(product) if v.is_active and v.available > 0],
        things=things[:MOST_THINGS] if terms.takes_trades else (),
        currency=product.currency,
    )


def _chip(offer: Offer) -> dict[str, Any]:
    return selectors.chip(offer) | {"words": selectors.in_words(offer)}


def _suggested(product: Product) -> list[dict[str, Any]]:
    """A little less, in whole units, for one tap each; none where it would round to the same."""
    price = product.price_minor or 0
    amounts = {percent: price * percent // 100 // 100 * 100 for percent in SUGGESTED}
    return [
        {"percent": 100 - percent, "money": Money(minor, product.currency)}
        for percent, minor in amounts.items()
        if 0 < minor < price
    ]


def _went(request: HttpRequest, address: str) -> HttpResponse:
    """Go there, also where htmx sent the form."""
    if is_part(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
