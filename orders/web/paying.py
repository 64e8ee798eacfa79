"""Paying for a checkout: the card form, the way to the bank and back, and what comes after."""

import uuid
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.selectors import addresses as addresses_of
from core.amounts import amount_words, currency_words
from core.errors import Refusal
from core.web import is_part, signed_in
from orders import actions
from orders.errors import AlreadyPaid
from orders.models import Checkout, Order
from orders.selectors import pages, parcel_price_of
from orders.states import CheckoutState, Delivery, PayBy, Source
from orders.web.buying_forms import WayForm
from orders.web.shown import sums_of, way_sums
from payments import actions as payments
from payments.errors import ProviderError
from payments.models import Payment
from payments.selectors.commands import WaitsBecause, charge_wait
from payments.states import PaymentState

LOOKS_AGAIN, LOOKS_AGAIN_AT_LATEST = 3, 15  # seconds
STRIPE = "https://js.stripe.com"
# What Stripe's own script needs, on this one page and only where the operator has set a key.
CARD_POLICY = {
    "script-src": [STRIPE, "https://*.js.stripe.com"],
    "frame-src": [STRIPE, "https://*.js.stripe.com", "https://hooks.stripe.com"],
    "connect-src": ["https://api.stripe.com"],
}
TEST_CARDS = (
    ("pm_card_visa", "4242 4242 4242 4242", gettext_lazy("Visa: it is paid at once")),
    ("pm_card_authenticationRequired", "4000 0027 6000 3184", gettext_lazy("The bank asks who you are first")),
    ("pm_card_chargeDeclined", "4000 0000 0000 0002", gettext_lazy("The bank declines it")),
    ("pm_card_chargeDeclinedInsufficientFunds", "4000 0000 0000 9995", gettext_lazy("Not enough money on it")),
    ("pm_card_createDispute", "4000 0000 0000 0259", gettext_lazy("Paid, and disputed with the bank later")),
)
DECLINED = {
    "insufficient_funds": gettext_lazy("There is not enough money on this card. Use another one."),
    "expired_card": gettext_lazy("This card has expired. Use another one."),
    "incorrect_cvc": gettext_lazy("The three digits on the back are not right. Type them again."),
    "authentication_required": gettext_lazy("Your bank wants to know that it is you. Try again and confirm it."),
    "payment_intent_authentication_failure": gettext_lazy("You did not confirm it at your bank. Try again."),
    "processing_error": gettext_lazy("The bank did not answer in time. Try again in a moment."),
}


def is_simulated() -> bool:
    """No key of Stripe's is set: the simulator stands in for it."""
    return bool(settings.STRIPE["api_base"])


def takes_real_cards() -> bool:
    return bool(settings.STRIPE["publishable_key"]) and not is_simulated()


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, checkout_id: uuid.UUID) -> HttpResponse:
    me: Any = request.user
    checkout = pages.checkout_page(me, checkout_id)
    if checkout.state == CheckoutState.PAID:
        return HttpResponseRedirect(f"/checkout/{checkout_id}/done")
    orders = pages.orders_of_checkout(checkout)
    if request.method == "POST" and checkout.state == CheckoutState.OPEN:
        if request.POST.get("then") == "way":
            return _keep_way(request, me, checkout, orders)
        if _has_way(orders):
            return _keep_way_and_pay(request, me, checkout, orders)
        return _pay_by_test_card(request, checkout, orders)
    if is_part(request):
        return _look_again(request, checkout, orders)
    return _page(request, checkout, orders)


def _look_again(request: HttpRequest, checkout: Checkout, orders: list[Order]) -> HttpResponse:
    """A page that waits for the provider asks whether it still has to; by that the provider is asked, too, once it is time."""
    if _is_over(checkout) or _asked(checkout) is not None:
        return HttpResponse(status=204, headers={"HX-Redirect": f"/checkout/{checkout.pk}/back"})
    return _page(request, checkout, orders, is_away=True)


def _is_over(checkout: Checkout) -> bool:
    return checkout.state == CheckoutState.CANCELLED or checkout.expires_at <= timezone.now()


def _keep_way_and_pay(request: HttpRequest, me: User, checkout: Checkout, orders: list[Order]) -> HttpResponse:
    """One step: how they get it and the payment. What it comes to must be the sum that stood beside the way they chose: where it is
    another one by now, they read it first, and nothing is charged.
    """
    in_cash = request.POST.get("pay_by") == PayBy.CASH
    if not in_cash and not _knows_card(request):
        form = _way_said(request, me, orders)
        return _page(request, checkout, orders, way_form=form, card_errors=[_("Choose a card.")], status=422)
    answer = _say_way(request, me, checkout, orders)
    if answer is not None:
        return answer
    checkout = pages.checkout_page(me, checkout.pk)
    orders = pages.orders_of_checkout(checkout)
    if checkout.state != CheckoutState.OPEN:
        return HttpResponseRedirect(f"/checkout/{checkout.pk}/pay")
    if request.POST.get(f"seen_{orders[0].delivery}") != str(checkout.total):
        total = checkout.total
        words = _("It comes to {currency} {amount} now. Nothing was charged: look at it, and pay if that is right.")
        facts = {"currency": currency_words(total.currency), "amount": amount_words(total)}
        messages.info(request, words.format(**facts))
        return HttpResponseRedirect(f"/checkout/{checkout.pk}/pay")
    return _pay_by_test_card(request, checkout, orders)


def _knows_card(request: HttpRequest) -> bool:
    """One of the simulator's cards, where that stands in."""
    return request.POST.get("card", "") in {method for method, _number, _words in TEST_CARDS} and not takes_real_cards()


def _pay_by_test_card(request: HttpRequest, checkout: Checkout, orders: list[Order]) -> HttpResponse:
    """With the simulator alone: the card behaves as it says."""
    chosen = request.POST.get("card", "")
    if not _knows_card(request):
        return _page(request, checkout, orders, card_errors=[_("Choose a card.")], status=422)
    payment = _asked(checkout)
    if payment is None:
        return _page(request, checkout, orders, is_away=True, status=503)
    back = f"{settings.SITE_URL}/checkout/{checkout.pk}/back"
    try:
        paid = payments.confirm_test_payment(payment_id=payment.pk, method=chosen, return_url=back)
    except ProviderError:
        return _page(request, checkout, orders, is_away=True, status=503)
    if paid.next_action_url:
        return HttpResponseRedirect(paid.next_action_url)
    return _after(request, checkout, paid)


@never_cache
@signed_in
@require_safe
def back(request: HttpRequest, checkout_id: uuid.UUID) -> HttpResponse:
    """From the card form or the bank: look at how the payment stands now, do not wait for news of it."""
    me: Any = request.user
    checkout = pages.checkout_page(me, checkout_id)
    if checkout.payment_id is None:
        return HttpResponseRedirect(f"/checkout/{checkout_id}/pay")
    try:
        paid = payments.sync_payment(payment_id=checkout.payment_id)
    except ProviderError:
        return HttpResponseRedirect(f"/checkout/{checkout_id}/done")  # it goes on looking
    return _after(request, checkout, paid)


def _after(request: HttpRequest, checkout: Checkout, paid: Payment) -> HttpResponse:
    """Where a try to pay leads: to the thanks, to the wait for the bank, or back to the card with a kind word."""
    if paid.state == PaymentState.CAPTURED:
        actions.confirm_paid_checkout(payment_id=paid.pk)
        return HttpResponseRedirect(f"/checkout/{checkout.pk}/done")
    if paid.state == PaymentState.PROCESSING:
        return HttpResponseRedirect(f"/checkout/{checkout.pk}/done")
    return HttpResponseRedirect(f"/checkout/{checkout.pk}/pay")


@never_cache
@signed_in
@require_safe
def done(request: HttpRequest, checkout_id: uuid.UUID) -> HttpResponse:
    """Thank you, or one moment; the page asks again by itself until it is through."""
    me: Any = request.user
    checkout = pages.checkout_page(me, checkout_id)
    if checkout.state == CheckoutState.OPEN and checkout.payment_id and checkout.payment:
        checkout = _looked_at(me, checkout)
    if checkout.state == CheckoutState.CANCELLED or _waits_for_card(checkout):
        address = f"/checkout/{checkout_id}/pay"
        if is_part(request):
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return HttpResponseRedirect(address)
    context = {
        "section": "",
        "checkout": checkout,
        "here": request.path,
        "is_paid": checkout.state == CheckoutState.PAID,
        "orders": pages.orders_of_checkout(checkout),
    }
    return render(request, "orders/done.html", context)


def _looked_at(me: User, checkout: Checkout) -> Checkout:
    """An answer of the provider's may be here although the news of it is not."""
    try:
        paid = payments.sync_payment(payment_id=checkout.payment_id)
    except ProviderError:
        return checkout
    if paid.state == PaymentState.CAPTURED:
        actions.confirm_paid_checkout(payment_id=paid.pk)
    return pages.checkout_page(me, checkout.pk)


def _waits_for_card(checkout: Checkout) -> bool:
    payment = checkout.payment
    return checkout.state == CheckoutState.OPEN and (payment is None or payment.state == PaymentState.OPEN)


@require_POST
@signed_in
def cancel(request: HttpRequest, checkout_id: uuid.UUID) -> HttpResponse:
    me: Any = request.user
    checkout = pages.checkout_page(me, checkout_id)
    if actions.cancel_unpaid(checkout_id=checkout.pk, because="buyer", person=me):
        messages.success(request, _("Called off. Nothing was charged."))
        return HttpResponseRedirect("/orders?shown=cancelled")
    messages.info(request, _("It was paid already."))
    return HttpResponseRedirect(f"/checkout/{checkout_id}/done")


def _asked(checkout: Checkout) -> Payment | None:
    """The payment, known to the provider; None while that does not answer."""
    if checkout.payment is None:
        return None
    payment = actions.make_intent(payment=checkout.payment)
    return payment if payment.provider_id else None


# --- the page ---------------------------------------------------------------------------------------------------------


def _page(
    request: HttpRequest,
    checkout: Checkout,
    orders: list[Order],
    *,
    way_form: WayForm | None = None,
    card_errors: list[str] | None = None,
    is_away: bool = False,
    status: int = 200,
) -> HttpResponse:
    me: Any = request.user
    is_over = _is_over(checkout)
    payment = None if is_over or is_away else _asked(checkout)
    item = next((item for order in orders for item in order.items.all()), None)
    way_form = None if is_over else way_form or _way(me, orders)
    context: dict[str, Any] = {
        "section": "",
        "checkout": checkout,
        "orders": orders,
        "bill": sums_of(orders),
        "here": f"/checkout/{checkout.pk}/pay",
        "again_url": f"/l/{item.product_id}" if item else "/cart",
        "is_over": is_over,
        "away": away_words(checkout) if is_away or (payment is None and not is_over) else None,
        "declined": declined(payment) if payment else None,
        "card_errors": card_errors or [],
        "way_form": way_form,
        "way_sums": way_sums(orders[0], way_form.parcel) if way_form else [],
        "chosen_card": request.POST.get("card", ""),
    }
    if payment and takes_real_cards():
        context["stripe"] = {
            "key": settings.STRIPE["publishable_key"],
            "secret": payment.client_secret,
            "return_url": f"{settings.SITE_URL}/checkout/{checkout.pk}/back",
        }
    elif payment and is_simulated():
        context["test_cards"] = [
            {"method": method, "number": number, "words": words} for method, number, words in TEST_CARDS
        ]
    context["LANGUAGE_CODE"] = get_language()
    response = render(request, "orders/pay.html", context, status=status)
    return with_policy(request, response)


def away_words(checkout: Checkout) -> dict[str, Any]:
    """What is true while the provider cannot be reached for a payment, and in how many seconds the page looks again by itself."""
    wait = charge_wait(checkout.payment) if checkout.payment else None
    title = _("The payment service is not answering")
    again_in: int | None = min(wait.seconds(timezone.now()), LOOKS_AGAIN_AT_LATEST) if wait else LOOKS_AGAIN
    if wait is None:
        text = _("If your card was charged, you see it here in a moment. It is never charged twice.")
    elif wait.because == WaitsBecause.PARKED:
        title, again_in = _("We cannot take this payment now"), None
        text = _(
            "Nothing was charged. The payment service failed again and again, and one of us looks at it."
            " You can stop here and buy it again."
        )
    elif wait.because == WaitsBecause.FAILED:
        title = _("The payment service had a fault of its own")
        text = _("Nothing was charged. We ask it again by ourselves, and this page goes on as soon as it answers.")
    else:
        text = _("Nothing was charged. What you buy stays reserved for you; we ask again by ourselves.")
    return {"title": title, "text": text, "again_in": again_in}


def with_policy(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let this page alone ask Stripe's card form, or be sent on to the simulator's page of the bank."""
    if takes_real_cards():
        policy: dict[str, Any] = CARD_POLICY
    elif is_simulated():
        policy = {"form-action": [settings.STRIPE["api_base"]]}
    else:
        return response
    answer: Any = csp_update(policy)(lambda _request: response)(request)
    return answer


def declined(payment: Payment) -> dict[str, Any] | None:
    """Why the last try failed, kindly; nothing was charged."""
    if not payment.failure_code:
        return None
    return {
        "title": _("That did not go through"),
        "text": DECLINED.get(
            payment.failure_code, _("Your bank declined this card. Nothing was charged. Use another one.")
        ),
    }


def _way(me: User, orders: list[Order]) -> WayForm | None:
    """For something that was haggled for: nobody has asked yet how it is handed over."""
    if not _has_way(orders):
        return None
    order = orders[0]
    addresses = list(addresses_of(me))
    known = ("recipient", "street", "building", "unit", "city")
    chosen = [a for a in addresses if all(order.address.get(name) == str(getattr(a, name)) for name in known)]
    first = str((chosen or addresses)[0].pk) if addresses else ""
    initial = {"delivery": order.delivery, "pay_by": order.pay_by, "address_id": first}
    return WayForm(initial=initial, addresses=addresses, parcel=parcel_price_of(order))


def _has_way(orders: list[Order]) -> bool:
    return bool(orders) and orders[0].source == Source.OFFER


def _way_said(request: HttpRequest, me: User, orders: list[Order]) -> WayForm:
    return WayForm(request.POST, addresses=addresses_of(me), parcel=parcel_price_of(orders[0]))


def _keep_way(request: HttpRequest, me: User, checkout: Checkout, orders: list[Order]) -> HttpResponse:
    """The way alone, where another form takes the card."""
    answer = _say_way(request, me, checkout, orders)
    return answer or HttpResponseRedirect(f"/checkout/{checkout.pk}/pay")


def _say_way(request: HttpRequest, me: User, checkout: Checkout, orders: list[Order]) -> HttpResponse | None:
    """How they get it, and cash where they chose that; None: it waits for a card, maybe over another sum."""
    form = _way_said(request, me, orders)
    if not form.is_valid():
        return _page(request, checkout, orders, way_form=form, status=422)
    typed = form.cleaned_data
    ships, in_cash = typed["delivery"] == Delivery.SHIP, typed["pay_by"] == PayBy.CASH
    if not in_cash and not ships and orders[0].delivery == Delivery.MEET:
        return None  # as it is
    actions.hear_of_payment(buyer=me, checkout_id=checkout.pk)
    try:
        actions.prepare_to_pay(
            buyer=me,
            order_id=orders[0].pk,
            delivery=typed["delivery"],
            address_id=typed["address_id"] if ships else None,
            pay_by=typed["pay_by"],
        )
    except AlreadyPaid as refusal:
        messages.info(request, refusal.message)
        return HttpResponseRedirect(f"/checkout/{checkout.pk}/back")
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, checkout, orders, way_form=form, status=422)
    return HttpResponseRedirect(f"/checkout/{checkout.pk}/done") if in_cash else None
