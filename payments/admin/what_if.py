"""“What if” of a fee rule: other numbers, tried on what is for sale now. Nothing is changed."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from core.money import Money
from payments import selectors
from payments.models import FeeAmounts, FeeRule
from payments.selectors.what_if import Change, fee_what_if

MARKET = "AED"


class WhatIfForm(forms.Form):
    percent = forms.DecimalField(label=_("percent"), min_value=0, max_value=100, max_digits=5, decimal_places=2)
    fixed = forms.DecimalField(label=_("fixed part"), min_value=0, max_digits=10, decimal_places=2, required=False)
    minimum = forms.DecimalField(label=_("smallest fee"), min_value=0, max_digits=10, decimal_places=2, required=False)
    maximum = forms.DecimalField(label=_("largest fee"), min_value=0, max_digits=10, decimal_places=2, required=False)
    is_active = forms.BooleanField(label=_("in force"), required=False)

    def change(self, rule: FeeRule) -> Change:
        said = self.cleaned_data
        return Change(
            rule=rule,
            percent=said["percent"],
            amounts=FeeAmounts(
                rule=rule,
                currency=MARKET,
                fixed_minor=_minor(said["fixed"]) or 0,
                minimum_minor=_minor(said["minimum"]) or 0,
                maximum_minor=_minor(said["maximum"]),
            ),
            is_active=said["is_active"],
        )


def what_if_view(model_admin: Any, request: HttpRequest, rule_id: str) -> HttpResponse:
    """The form with the rule's numbers, and what others would do."""
    if not request.user.has_perm("payments.view_feerule"):
        raise PermissionDenied
    rule = next((one for one in selectors.fee_rules(with_switched_off=True) if str(one.pk) == rule_id), None)
    if rule is None:
        raise Http404
    form = WhatIfForm(request.GET) if "percent" in request.GET else WhatIfForm(initial=_numbers(rule))
    found = fee_what_if(form.change(rule), currency=MARKET) if form.is_bound and form.is_valid() else None
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("What if “{name}” had other numbers?").format(name=rule.name),
        "rule": rule,
        "form": form,
        "found": found,
        "channels": [
            {
                "name": name,
                "listings": one.listings,
                "before": Money(one.before, MARKET),
                "after": Money(one.after, MARKET),
            }
            for name, one in (found.by_channel.items() if found else ())
        ],
        "currency": MARKET,
        "is_nav_sidebar_enabled": False,
    }
    return TemplateResponse(request, "admin/payments/what_if.html", context)


def _numbers(rule: FeeRule) -> dict[str, Any]:
    amounts = next((one for one in rule.amounts.all() if one.currency == MARKET), None)
    return {
        "percent": rule.percent,
        "fixed": _amount(amounts.fixed_minor if amounts else 0),
        "minimum": _amount(amounts.minimum_minor if amounts else 0),
        "maximum": _amount(amounts.maximum_minor if amounts else None),
        "is_active": rule.is_active,
    }


def _amount(minor: int | None) -> str:
    return "" if minor is None else str(Money(minor, MARKET))


def _minor(amount: Decimal | None) -> int | None:
    return None if amount is None else Money.parse(amount, MARKET).minor
