"""Buying: how one gets it and how one pays, then the order is made."""

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions.addresses import add_address
from accounts.models import User
from accounts.selectors import addresses as addresses_of
from core.amounts import money_words
from core.errors import Refusal
from core.money import Money
from core.web import is_part, signed_in
from orders import actions, selectors
from orders.errors import CartChanged, CartEmpty, SellerDoesNotShip, VoucherNotFound
from orders.models import Voucher
from orders.quotes import CheckoutQuote, Wanted, quote_checkout
from orders.selectors import pages
from orders.states import CheckoutState, Delivery, PayBy, Source, VoucherKind
from orders.web.buying_forms import CheckoutForm, NewAddressForm
from orders.web.cart import take_over
from orders.web.guests import forget
from orders.web.shown import Line

SHOWN_VOUCHERS = 4


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """Of one thing (`?buy=<variant>&quantity=`), or of the whole cart."""
    _owner, brought = take_over(request)
    first = {"delivery": Delivery.MEET, "pay_by": PayBy.CARD}
    response = _sent(request) if request.method == "POST" else _page(request, CheckoutForm(initial=first))
    return forget(response) if brought else response


def _sent(request: HttpRequest) -> HttpResponse:
    me: Any = request.user
    then = request.POST.get("then", "preview")
    form = CheckoutForm(request.POST)
    if then == "address":
        return _new_address(request, me, form)
    if then != "buy" or not form.is_valid():
        return _page(request, form, is_preview=True)
    return _buy(request, me, form)


def _buy(request: HttpRequest, me: User, form: CheckoutForm) -> HttpResponse:
    typed = form.cleaned_data
    ships = typed["delivery"] == Delivery.SHIP
    if ships and not typed["address_id"] and request.POST.get("new-street"):  # typed, and went straight on
        return _new_address(request, me, form)
    try:
        made = actions.open_checkout(
            buyer=me,
            lines=_bought_now(request),
            pay_by=typed["pay_by"],
            delivery=typed["delivery"],
            address_id=typed["address_id"] if ships else None,
            voucher_codes=codes_of(request),
            note=typed["note"],
            source=Source.BUY_NOW,
        )
    except CartChanged as refusal:
        messages.warning(request, refusal.message)
        return HttpResponseRedirect("/cart")
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, form, status=422)
    return HttpResponseRedirect(f"/checkout/{made.pk}/{'done' if made.state == CheckoutState.PAID else 'pay'}")


def _new_address(request: HttpRequest, me: User, form: CheckoutForm) -> HttpResponse:
    new = NewAddressForm(request.POST)
    if new.is_valid():
        try:
            made = add_address(user=me, **new.cleaned_data)
        except Refusal as refusal:
            new.refuse(refusal)
        else:
            kept = request.POST.copy()
            kept["address_id"], kept["delivery"] = str(made.pk), Delivery.SHIP.value
            return _page(request, CheckoutForm(kept), is_preview=True)
    return _page(request, form, new_address=new, status=422)


def _page(
    request: HttpRequest,
    form: CheckoutForm,
    *,
    new_address: NewAddressForm | None = None,
    is_preview: bool = False,
    status: int = 200,
) -> HttpResponse:
    me: Any = request.user
    try:
        quote, codes, delivery = _quoted(request, me, form)
    except CartEmpty:
        return _away(request, "/cart")
    except Refusal as refusal:
        if begun := _begun(request, me):
            return _away(request, f"/checkout/{begun}/pay")
        messages.error(request, refusal.message)
        return _away(request, _back(request))
    if is_preview and not form.errors.keys() & {"voucher_code", "delivery"}:
        form = _unvalidated(form)
    addresses = list(addresses_of(me))
    chosen = str(form["address_id"].value() or "") or str(addresses[0].pk if addresses else "")
    new = new_address or NewAddressForm(initial={"recipient": me.full_name, "phone": str(me.phone or "")})
    context = {
        "section": "cart",
        "form": form,
        "addresses": addresses,
        "chosen_address": chosen,
        "new_address": new,
        "parts": quote.parts,
        "ships": delivery == Delivery.SHIP,
        "parcels": quote.parcels_minor,
        "only_meet": [part.seller.display_name for part in quote.parts if part.parcel_minor is None],
        "currency": quote.currency,
        "bill": bill_of(quote),
        "codes": codes,
        "applied": [{"code": voucher.code} for voucher, _off in quote.vouchers],
        "on_offer": _on_offer(quote, codes),
        "back_url": _back(request),
    }
    return render(request, "orders/checkout.html", context, status=status)


def _quoted(request: HttpRequest, me: User, form: CheckoutForm) -> tuple[CheckoutQuote, list[str], str]:
    """What it comes to, with the vouchers that count and in the way that is possible; what is not is said beside its field."""
    wanted = _bought_now(request)
    if wanted is None:
        lines = selectors.cart_lines(selectors.cart_for(selectors.Owner(me)))
        wanted = [Wanted(variant_id=line.variant_id, quantity=line.quantity) for line in lines]
    delivery = form["delivery"].value() or Delivery.MEET
    codes = codes_of(request)
    quote = partial(quote_checkout, buyer=me, wanted=wanted, at=timezone.now())
    for _try in range(2):  # each of the two may be what is not possible
        try:
            return quote(delivery=delivery, voucher_codes=codes), codes, delivery
        except SellerDoesNotShip as refusal:
            _say(form, refusal)
            delivery = Delivery.MEET
        except Refusal as refusal:
            if not codes or refusal.at != VoucherNotFound.attr:
                raise
            _say(form, refusal)
            kept = [
                code for code in codes if code in request.POST.getlist("voucher") and code != request.POST.get("use")
            ]
            codes = kept if len(kept) < len(codes) else []
    return quote(delivery=delivery, voucher_codes=codes), codes, delivery


def _say(form: CheckoutForm, refusal: Refusal) -> None:
    """Once, beside its field."""
    if form.is_bound and refusal.at not in form.errors:
        form.refuse(refusal)


def _away(request: HttpRequest, address: str) -> HttpResponse:
    """There is nothing to check out here; a part of a page asks its browser to go there."""
    if is_part(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _unvalidated(form: CheckoutForm) -> CheckoutForm:
    """The same words without complaints: somebody only looked at what it comes to."""
    names = ("delivery", "address_id", "pay_by", "note")
    return CheckoutForm(initial={name: form[name].value() for name in names})


def codes_of(request: HttpRequest) -> list[str]:
    """The vouchers that stand in the form, the one that was just typed or tapped too, less the one that was taken off."""
    named = [*request.POST.getlist("voucher"), request.POST.get("use", ""), request.POST.get("voucher_code", "")]
    dropped = request.POST.get("drop", "").upper()
    return [code for code in dict.fromkeys(code.strip().upper() for code in named) if code and code != dropped]


def _bought_now(request: HttpRequest) -> list[Wanted] | None:
    """The one thing that is bought at once; None for the cart."""
    try:
        variant_id = uuid.UUID(request.GET.get("buy", ""))
        quantity = max(1, int(request.GET.get("quantity", "1")))
    except ValueError:
        return None
    return [Wanted(variant_id=variant_id, quantity=quantity)]


def _begun(request: HttpRequest, me: User) -> uuid.UUID | None:
    """What is reserved for oneself waits to be paid."""
    wanted = _bought_now(request) or []
    found = selectors.open_checkouts_with(buyer=me, variant_ids=[want.variant_id for want in wanted]) if wanted else []
    return found[-1] if found else None


def _back(request: HttpRequest) -> str:
    """To the listing for what is bought at once, else to the cart."""
    wanted = _bought_now(request)
    product_id = pages.product_of_variant(wanted[0].variant_id) if wanted else None
    return f"/l/{product_id}" if product_id else "/cart"


def bill_of(quote: CheckoutQuote) -> list[Line]:
    """The sums that a buyer sees: things, delivery, vouchers, total."""
    cur = quote.currency
    lines = [Line(_("Things"), Money(quote.items_minor, cur))]
    lines.append(Line(_("Delivery"), Money(quote.delivery_minor, cur)))
    lines += [
        Line(_("Voucher {code}").format(code=voucher.code), Money(off, cur), "less") for voucher, off in quote.vouchers
    ]
    return [*lines, Line(_("Total"), Money(quote.total_minor, cur), "sum")]


def _on_offer(quote: CheckoutQuote, codes: list[str]) -> list[dict[str, str]]:
    found = selectors.vouchers_on_show(
        sellers=[part.seller.pk for part in quote.parts], currency=quote.currency, at=timezone.now()
    )
    return [
        {"code": voucher.code, "words": voucher_words(voucher)}
        for voucher in found[:SHOWN_VOUCHERS]
        if voucher.code.upper() not in codes
    ]


def voucher_words(voucher: Voucher) -> str:
    """ "10 % off", "AED 25 off"."""
    if voucher.kind == VoucherKind.PERCENT:
        return _("{much} off").format(much=f"{voucher.percent:f}".rstrip("0").rstrip(".") + " %")
    return _("{much} off").format(much=money_words(voucher.amount) if voucher.amount else "")
