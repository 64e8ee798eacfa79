"""A seller's vouchers."""

import uuid
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.amounts import amount_words, currency_words
from core.errors import Refusal
from core.money import Money
from core.templatetags.souk import a_day
from core.web import newest_page, signed_in
from orders import actions, selectors
from orders.actions.vouchers import VoucherFields
from orders.models import Voucher
from orders.states import VoucherKind
from orders.web.buying_forms import VoucherForm
from orders.web.checkout import voucher_words
from orders.web.forms import money_of, zone

PAGE = 20
CURRENCY = "AED"
HERE = "/selling/vouchers"


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def vouchers(request: HttpRequest) -> HttpResponse:
    me: Any = request.user
    if request.method != "POST":
        return _page(request, VoucherForm(initial={"kind": VoucherKind.PERCENT}))
    form = VoucherForm(request.POST)
    if form.is_valid():
        try:
            actions.issue_voucher(seller=me, code=form.cleaned_data["code"], fields=_fields(form))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Made. Buyers can use it now."))
            return HttpResponseRedirect(HERE)
    return _page(request, form, status=422)


def _fields(form: VoucherForm) -> VoucherFields:
    """What the action takes. Raises NotAnAmount."""
    typed = form.cleaned_data
    is_percent = typed["kind"] == VoucherKind.PERCENT
    worth, minimum, cap = (money_of(form, name, CURRENCY) for name in ("worth", "minimum", "cap"))
    last_day = typed["ends_on"]
    return {
        "kind": typed["kind"],
        "percent": typed["worth"] if is_percent else None,
        "amount_minor": worth.minor if worth and not is_percent else None,
        "currency": CURRENCY,
        "minimum_minor": minimum.minor if minimum else 0,
        "cap_minor": cap.minor if cap and is_percent else None,
        "total_limit": typed["total_limit"],
        "person_limit": typed["person_limit"],
        "ends_at": datetime.combine(last_day + timedelta(days=1), time.min, tzinfo=zone()) if last_day else None,
        "is_listed": typed["is_listed"],
    }


@require_POST
@signed_in
def switch(request: HttpRequest, voucher_id: uuid.UUID, name: str) -> HttpResponse:
    """Off, on again, or away."""
    me: Any = request.user
    done = {"start": _("It counts again."), "stop": _("Nobody can use it any more."), "drop": _("Gone.")}
    if name not in done:
        raise Http404
    try:
        if name == "drop":
            actions.drop_voucher(seller=me, voucher_id=voucher_id)
        else:
            actions.change_voucher(seller=me, voucher_id=voucher_id, fields={"is_active": name == "start"})
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, done[name])
    return HttpResponseRedirect(HERE)


def _page(request: HttpRequest, form: VoucherForm, *, status: int = 200) -> HttpResponse:
    me: Any = request.user
    rows, further = newest_page(request, selectors.vouchers_of(me), size=PAGE)
    context = {
        "section": "me",
        "form": form,
        "currency": CURRENCY,
        "rows": [_row(voucher) for voucher in rows],
        "next": further,
    }
    return render(request, "orders/vouchers.html", context, status=status)


def _row(voucher: Voucher) -> dict[str, Any]:
    over = voucher.ends_at is not None and voucher.ends_at <= timezone.now()
    return {
        "voucher": voucher,
        "words": voucher_words(voucher),
        "about": " · ".join(_about(voucher)),
        "in_force": voucher.is_active and not over,
    }


def _about(voucher: Voucher) -> list[str]:
    """How often it was used, from what sum on, until when."""
    if voucher.total_limit is not None:
        words = [_("used {n} of {limit}").format(n=voucher.used, limit=voucher.total_limit)]
    elif voucher.used:
        words = [ngettext("used once", "used {n} times", voucher.used).format(n=voucher.used)]
    else:
        words = [_("not used yet")]
    if voucher.minimum_minor:
        words.append(_("from {currency} {amount}").format(**_sum(voucher, voucher.minimum_minor)))
    if voucher.cap_minor:
        words.append(_("at most {currency} {amount}").format(**_sum(voucher, voucher.cap_minor)))
    if voucher.ends_at:
        words.append(_("until {day}").format(day=a_day(voucher.ends_at - timedelta(seconds=1))))
    return words


def _sum(voucher: Voucher, minor: int) -> dict[str, str]:
    return {"currency": currency_words(voucher.currency), "amount": amount_words(Money(minor, voucher.currency))}
