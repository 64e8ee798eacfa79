"""The box for buying beside a listing, and the cart."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import selectors as catalogue
from catalog.models import Product
from catalog.ports import ParcelOffer
from core.amounts import amount_words, currency_words
from core.errors import Refusal
from core.money import Money
from core.web import is_part
from orders import actions, selectors
from orders.models import CartItem, DeliveryTerms
from orders.selectors import CartChange, Owner
from orders.states import Change
from orders.tokens import carried_key
from orders.web.buying_forms import BuyForm
from orders.web.guests import forget, owner_of, owner_with_key, remember
from orders.web.shown import Line

MOST_PIECES = 20
LONGEST_NUMBER = 9  # digits; how many may be bought, the action says


@require_http_methods(["GET", "HEAD", "POST"])
def buy(request: HttpRequest, product_id: uuid.UUID) -> HttpResponse:
    """Buy now, or put it into the cart: a box beside the listing, or a page of its own."""
    product = catalogue.product_page(viewer=request.user, product_id=product_id)
    if product.seller_id == request.user.pk:
        return HttpResponse() if is_part(request) else HttpResponseRedirect(f"/l/{product_id}")
    if request.method != "POST":
        return _box(request, product, owner_of(request))
    form = BuyForm(request.POST, variants=_choices(product))
    if form.is_valid() and request.POST.get("then") != "cart":
        query = urlencode({"buy": form.cleaned_data["variant_id"], "quantity": form.cleaned_data["quantity"]})
        return HttpResponseRedirect(f"/checkout?{query}")
    return _put_in(request, product, form)


def _put_in(request: HttpRequest, product: Product, form: BuyForm) -> HttpResponse:
    owner = owner_with_key(request)
    try:
        if form.is_valid():
            actions.add_to_cart(owner=owner, product_id=product.pk, **form.cleaned_data)
    except Refusal as refusal:
        form.refuse(refusal)
    if form.errors:
        return _box(request, product, owner, form=form, status=422)
    count = selectors.cart_count(owner)
    if is_part(request):
        return remember(_box(request, product, owner, count=count), owner, count)
    messages.success(request, _("It is in your cart."))
    return remember(HttpResponseRedirect("/cart"), owner, count)


@never_cache
@require_safe
def cart(request: HttpRequest) -> HttpResponse:
    """What somebody means to buy, by seller, with what changed since they last looked."""
    owner, brought = take_over(request)
    found = selectors.cart_for(owner)
    lines = selectors.cart_lines(found)
    changes = {change.item.pk: change for change in selectors.cart_changes(found, lines)}
    left = catalogue.available_of([line.variant_id for line in lines])
    shown = [_line(item, changes.get(item.pk), left.get(item.variant_id, 0)) for item in lines]
    there = [line for line in shown if not line["is_gone"]]
    context = {
        "section": "cart",
        "sellers": _by_seller(shown, selectors.delivery_terms_of({line["product"].seller_id for line in shown})),
        "changes": [_change_words(one) for one in changes.values()],
        # What is reserved for somebody else stays in the cart whatever one says to it.
        "can_accept": any(change.what != Change.RESERVED for change in changes.values()),
        "bill": _sums(there),
        "can_go_on": bool(there) and len(there) == len(shown),
        "voucher_hint": True,
    }
    response = render(request, "orders/cart.html", context)
    return forget(response) if brought else response


def take_over(request: HttpRequest) -> tuple[Owner, bool]:
    """Who signed in brings along what they had put in before; says so once."""
    owner = owner_of(request)
    key = carried_key(request)
    if owner.user is None or not key:
        return owner, False
    if actions.merge_guest_cart(user=owner.user, guest_key=key):
        messages.info(request, _("What you put in before you signed in is in your cart too."))
    return owner, True


@require_POST
def change(request: HttpRequest, item_id: uuid.UUID) -> HttpResponse:
    """As many as the button says, or as was typed."""
    said = (request.POST.get("quantity") or request.POST.get("typed", "")).strip()
    if not said.isdecimal() or len(said) > LONGEST_NUMBER:  # Arabic digits are decimal too
        messages.error(request, _("Type a whole number."))
        return HttpResponseRedirect("/cart")
    quantity = int(said)

    def act(owner: Owner) -> None:
        if quantity:
            actions.change_cart_item(owner=owner, item_id=item_id, quantity=quantity)
        else:
            actions.remove_from_cart(owner=owner, item_id=item_id)

    return _and_back(request, act)


@require_POST
def remove(request: HttpRequest, item_id: uuid.UUID) -> HttpResponse:
    return _and_back(request, lambda owner: actions.remove_from_cart(owner=owner, item_id=item_id))


@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    return _and_back(request, lambda owner: actions.clear_cart(owner=owner))


@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """The person has seen what changed: new prices hold, what is gone is taken out."""
    return _and_back(request, lambda owner: actions.accept_cart_changes(owner=owner))


def _and_back(request: HttpRequest, act: Callable[[Owner], object]) -> HttpResponse:
    owner = owner_of(request)
    try:
        act(owner)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return remember(HttpResponseRedirect("/cart"), owner, selectors.cart_count(owner))


def _box(
    request: HttpRequest,
    product: Product,
    owner: Owner,
    *,
    form: BuyForm | None = None,
    count: int | None = None,
    status: int = 200,
) -> HttpResponse:
    variants = _choices(product)
    lines = selectors.cart_lines(selectors.cart_for(owner))
    is_for_sale = bool(product.is_listed and product.price and variants)
    begun = None if is_for_sale else _begun(product, owner)
    if not is_for_sale and begun is None and is_part(request):
        return HttpResponse()
    context = {
        "section": "",
        "product": product,
        "listing_url": f"/l/{product.pk}",
        "begun": begun,
        "form": (form or BuyForm(variants=variants)) if is_for_sale else None,
        "in_cart": sum(line.quantity for line in lines if line.variant.product_id == product.pk),
        "cart_count": count,
        # The listing's own page says so above the box.
        "parcel": None if is_part(request) or not product.price else _parcel(product, product.price),
    }
    response = render(request, "orders/_buy.html" if is_part(request) else "orders/buy.html", context, status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response


def _parcel(product: Product, price: Money) -> ParcelOffer:
    return selectors.parcel_offer(seller_id=product.seller_id, currency=product.currency).for_things(price)


def _begun(product: Product, owner: Owner) -> uuid.UUID | None:
    """The purchase of this thing that the person has begun and not paid."""
    if owner.user is None:
        return None
    every = [variant.pk for variant in catalogue.variants_with_stock(product)]
    found = selectors.open_checkouts_with(buyer=owner.user, variant_ids=every)
    return found[-1] if found else None


def _choices(product: Product) -> list[Any]:
    """The variants of which some are left."""
    return [variant for variant in catalogue.variants_with_stock(product) if variant.available > 0]


def _line(item: CartItem, change: CartChange | None, available: int) -> dict[str, Any]:
    what = change.what if change else None
    minor = change.now_minor if change else item.seen_minor
    return {
        "item": item,
        "product": item.variant.product,
        "url": f"/l/{item.variant.product_id}",
        "options": " · ".join(str(value) for value in item.variant.options.values()),
        "money": Money(minor * item.quantity, item.variant.product.currency),
        "change": _said(change) if change else "",
        "is_gone": what in (Change.GONE, Change.RESERVED, Change.OWN),
        "most": min(available, MOST_PIECES),
        "fewer": max(1, item.quantity - 1),
        "one_more": item.quantity + 1,
    }


def _said(change: CartChange) -> str:
    """What became of a line, in a sentence."""
    item, currency = change.item, change.item.variant.product.currency
    if change.what == Change.PRICE:
        old, new = Money(item.seen_minor, item.currency), Money(change.now_minor, currency)
        return _("was {currency} {old}, is {currency} {new} now").format(
            currency=currency_words(currency), old=amount_words(old), new=amount_words(new)
        )
    if change.what == Change.FEWER:
        return _("only {n} left").format(n=change.available)
    return str(Change(change.what).label)


def _change_words(change: CartChange) -> str:
    return _("{title}: {what}").format(title=change.item.variant.product.title, what=_said(change))


def _by_seller(lines: list[dict[str, Any]], terms: dict[uuid.UUID, DeliveryTerms]) -> list[dict[str, Any]]:
    found: dict[Any, dict[str, Any]] = {}
    for line in lines:
        seller = line["product"].seller
        parcel = selectors.offer_of(terms.get(seller.pk), currency=line["product"].currency)
        group = {"name": seller.display_name, "url": f"/u/{seller.username}", "lines": [], "parcel": parcel}
        found.setdefault(seller.pk, group)["lines"].append(line)
    return list(found.values())


def _sums(lines: list[dict[str, Any]]) -> list[Line]:
    """One sum for each currency; they are paid apart."""
    sums: dict[str, int] = {}
    for line in lines:
        money = line["money"]
        sums[money.currency] = sums.get(money.currency, 0) + money.minor
    return [Line(_("Things"), Money(minor, currency), "sum") for currency, minor in sums.items()]
