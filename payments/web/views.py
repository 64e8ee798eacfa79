"""What a seller earned and how it reaches them."""

import uuid
from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from core.errors import Refusal
from core.money import Money
from core.web import newest_page, signed_in
from payments import actions, selectors
from payments.models import Payout, SellerAccount
from payments.rules import is_payable, payout_fee, smallest_payout
from payments.selectors import earnings
from payments.web.chart import bars
from payments.web.forms import SettingsForm

PAGE = 10
DEFAULT_CURRENCY = "AED"
WEEKS = 8
HOME = "/selling/money"
# What the provider calls what it still wants to know, by how its names begin, as people know it.
NEEDS = (
    ("external_account", gettext_lazy("Your bank account (IBAN)")),
    ("individual.verification", gettext_lazy("A picture of your Emirates ID or passport")),
    ("person.verification", gettext_lazy("A picture of your Emirates ID or passport")),
    ("individual.id_number", gettext_lazy("The number of your Emirates ID")),
    ("individual.dob", gettext_lazy("Your date of birth")),
    ("individual.address", gettext_lazy("Your home address")),
    ("individual.phone", gettext_lazy("Your phone number")),
    ("individual.email", gettext_lazy("Your email address")),
    ("individual", gettext_lazy("Your name as in your passport")),
    ("business_profile", gettext_lazy("What you sell")),
    ("company", gettext_lazy("Your company's papers")),
    ("tos_acceptance", gettext_lazy("That you accept their terms")),
)


@never_cache
@signed_in
@require_safe
def money(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@signed_in
def change_settings(request: HttpRequest) -> HttpResponse:
    me: Any = request.user
    currency = _currency(me, request.POST.get("currency", ""))
    form = SettingsForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            actions.change_payout_settings(
                seller=me,
                schedule=typed["schedule"],
                minimum=form.minimum_in(currency),
                legal_name=typed["legal_name"],
                tax_number=typed["tax_number"],
                takes_cash=typed["cash"] == "yes" if typed["cash"] else None,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Kept. It holds from the next payout on."))
            return HttpResponseRedirect(f"{HOME}?{urlencode({'currency': currency})}")
    return _page(request, form=form, status=422)


def _page(request: HttpRequest, *, form: SettingsForm | None = None, status: int = 200) -> HttpResponse:
    me: Any = request.user
    currencies = _currencies(me)
    asked = (request.POST if request.method == "POST" else request.GET).get("currency", "")
    currency = asked if asked in currencies else currencies[0]
    account = earnings.seller_account(me)
    weeks = earnings.weeks_of(me, currency, now=timezone.now(), weeks=WEEKS)
    payouts, further = newest_page(request, earnings.payouts_of(me).filter(currency=currency), size=PAGE)
    context = {
        "section": "me",
        "currency": currency,
        "currencies": currencies,
        "is_suspended": me.suspended_at is not None,
        "balance": selectors.balance_of(me, currency),
        "minimum": smallest_payout(account, currency),
        "bars": bars(weeks),
        "weeks": list(reversed(weeks)),
        "has_earned": any(week.earned.minor or week.paid_out.minor for week in weeks),
        "payouts": payouts,
        "next": further,
        "statement_url": f"/api/v1/payouts/statement?{urlencode({'currency': currency})}",
        "form": form or SettingsForm.of(account, currency),
        **_account_facts(account),
    }
    return _may_leave(request, render(request, "payments/money.html", context, status=status))


def _account_facts(account: SellerAccount | None) -> dict[str, Any]:
    return {
        "account": account,
        "can_be_paid": account is not None and (is_payable(account) or account.frozen_at is not None),
        "needs": needs_of(account),
    }


def needs_of(account: SellerAccount | None) -> list[str]:
    """What is still wanted, each thing once, in words."""
    named = account.requirements if account else []
    words = [
        next((str(said) for start, said in NEEDS if str(name).startswith(start)), str(name).replace("_", " "))
        for name in named
    ]
    return list(dict.fromkeys(words))


def _currencies(me: User) -> list[str]:
    """In which somebody has sold; our own where they have sold nothing yet."""
    return [currency for _seller, currency in selectors.currencies_of([me.pk])] or [DEFAULT_CURRENCY]


def _currency(me: User, asked: str) -> str:
    currencies = _currencies(me)
    return asked if asked in currencies else currencies[0]


# --- being paid now ---------------------------------------------------------------------------------------------------


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def payout_now(request: HttpRequest) -> HttpResponse:
    """At once for a fee, or with the next transfer: the sums stand there before anybody decides."""
    me: Any = request.user
    currency = _currency(me, (request.POST if request.method == "POST" else request.GET).get("currency", ""))
    errors = []
    if request.method == "POST":
        method = "instant" if request.POST.get("method") == "instant" else "standard"
        try:
            payout = actions.request_payout(seller=me, method=method, currency=currency)
        except Refusal as refusal:
            errors.append(refusal.message)
        else:
            messages.success(request, _("It is on its way to your bank."))
            return HttpResponseRedirect(f"{HOME}/payouts/{payout.pk}")
    available = selectors.balance_of(me, currency).available
    account = earnings.seller_account(me)
    context = {
        "section": "me",
        "currency": currency,
        "errors": errors,
        "ways": ways_out(available, takes_instant=bool(account and account.takes_instant)),
    }
    return render(request, "payments/instant.html", context, status=422 if errors else 200)


def ways_out(available: Money, *, takes_instant: bool) -> list[dict[str, Any]]:
    """The ways to be paid, each with its sums."""
    if available.minor <= 0:
        return []
    fee = payout_fee(available, "instant")
    plain = {
        "method": "standard",
        "title": _("By bank transfer"),
        "when": _("1 to 3 working days"),
        "lines": [_line(_("Your balance"), available), _line(_("You get"), available, "sum")],
        "button": _("Pay me by transfer"),
    }
    instant = {
        "method": "instant",
        "title": _("At once"),
        "when": _("within 30 minutes"),
        "lines": [
            _line(_("Your balance"), available),
            _line(_("Fee, {percent} %").format(percent=settings.PAYMENTS["instant_percent"]), fee, "less"),
            _line(_("You get"), available - fee, "sum"),
        ],
        "button": _("Pay me at once"),
    }
    return [instant, plain] if takes_instant else [plain]


def _line(label: str, amount: Money, kind: str = "") -> dict[str, Any]:
    return {"label": label, "money": amount, "kind": kind}


@never_cache
@signed_in
@require_safe
def payout(request: HttpRequest, payout_id: uuid.UUID) -> HttpResponse:
    me: Any = request.user
    found: Payout = earnings.payout_of(me, payout_id)
    lines = [_line(_("Taken from your balance"), found.amount)]
    if found.fee_minor:
        lines.append(_line(_("Fee"), found.fee, "less"))
    lines.append(_line(_("To your bank"), found.net, "sum"))
    holds = list(earnings.holds_of_payout(found)[:50])
    context = {"section": "me", "payout": found, "lines": lines, "holds": holds}
    return render(request, "payments/payout.html", context)


# --- the account at the provider -----------------------------------------------------------------------------------------


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def onboarding(request: HttpRequest) -> HttpResponse:
    """What is still needed; the button leads to the provider's own pages and back."""
    me: Any = request.user
    if request.method == "POST":
        try:
            there = actions.start_onboarding(
                seller=me,
                return_url=f"{settings.SITE_URL}{HOME}/onboarding/back",
                refresh_url=f"{settings.SITE_URL}{HOME}/onboarding",
            )
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(f"{HOME}/onboarding")
        return HttpResponseRedirect(there)
    return _onboarding_page(request, earnings.seller_account(me))


@never_cache
@signed_in
@require_safe
def onboarded(request: HttpRequest) -> HttpResponse:
    """Back from the provider: look at how the account stands now."""
    me: Any = request.user
    try:
        account = actions.sync_account(seller=me)
    except Refusal as refusal:
        messages.warning(request, refusal.message)
        return HttpResponseRedirect(f"{HOME}/onboarding")
    return _onboarding_page(request, account, just_back=True)


def _onboarding_page(request: HttpRequest, account: SellerAccount | None, *, just_back: bool = False) -> HttpResponse:
    context = {"section": "me", "just_back": just_back, **_account_facts(account)}
    return _may_leave(request, render(request, "payments/onboarding.html", context))


def _may_leave(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Browsers check where a form is sent on to as well: from these pages the provider's own are allowed."""
    origins = [settings.STRIPE["api_base"] or "https://connect.stripe.com"]
    answer: Any = csp_update({"form-action": origins})(lambda _request: response)(request)
    return answer
