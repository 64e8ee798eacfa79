"""What a seller asks for a parcel."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.errors import Refusal
from core.money import Money
from core.web import signed_in
from orders import actions, selectors
from orders.models import DeliveryTerms
from orders.web.buying_forms import DeliveryForm
from orders.web.forms import money_of

HERE = "/selling/delivery"


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def delivery(request: HttpRequest) -> HttpResponse:
    me: Any = request.user
    terms = selectors.own_delivery_terms(me)
    if request.method != "POST":
        return _page(request, terms, DeliveryForm.of(terms))
    form = DeliveryForm(request.POST)
    if form.is_valid():
        currency = terms.currency
        try:
            actions.change_delivery_terms(
                seller=me,
                ships=form.cleaned_data["ships"] == "yes",
                parcel=money_of(form, "parcel", currency) or Money(0, currency),
                free_from=money_of(form, "free_from", currency),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Kept. It holds for what is bought from now on."))
            return HttpResponseRedirect(HERE)
    return _page(request, terms, form, status=422)


def _page(request: HttpRequest, terms: DeliveryTerms, form: DeliveryForm, *, status: int = 200) -> HttpResponse:
    context = {
        "section": "me",
        "form": form,
        "currency": terms.currency,
        "parcel": selectors.offer_of(terms, currency=terms.currency),
    }
    return render(request, "orders/delivery.html", context, status=status)
