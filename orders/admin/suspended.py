"""What somebody suspended bought and sold that is paid and under way, and one way to end what was not sent."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from core.desk import ReasonForm, amount, person
from core.errors import Refusal
from core.staff import Way, ways_from
from orders import actions
from orders.actions.refunds import MAY_CANCEL
from orders.admin.parts import order_link
from orders.selectors.suspensions import paid_and_not_sent, paid_under_way

SHOWN = 200


class OrdersOfSuspended:
    """A page of `OrderAdmin`."""

    admin_site: Any
    opts: Any
    media: Any

    def suspended_view(self, request: HttpRequest, person_id: uuid.UUID) -> HttpResponse:
        if not request.user.has_perm("orders.view_order"):
            raise PermissionDenied
        somebody = User.objects.filter(pk=person_id).first()
        if somebody is None:
            raise Http404
        may_call_off = request.user.has_perm(MAY_CANCEL)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            answer = self._call_off(request, somebody, form)
            if answer is not None:
                return answer
        orders = list(paid_under_way(somebody)[:SHOWN])
        ends = set(paid_and_not_sent(somebody).values_list("pk", flat=True))
        rows = [
            {
                "cells": (
                    order_link(order),
                    person(order.buyer),
                    person(order.seller),
                    amount(order.total_minor - order.refunded_minor, order.currency),
                    order.get_fulfilment_state_display(),
                    _("can be called off") if order.pk in ends else _("goes on"),
                )
            }
            for order in orders
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": _("Orders under way"),
            "person": somebody,
            "part": {
                "rows": rows,
                "columns": (_("number"), _("buyer"), _("seller"), _("with us"), _("delivery"), ""),
            },
            "may_call_off": may_call_off and bool(ends) and somebody.suspended_at is not None,
            "form": form,
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/orders/suspended.html", context, status=422 if form.errors else 200)

    def _call_off(self, request: HttpRequest, somebody: User, form: ReasonForm) -> HttpResponse | None:
        staff: Any = request.user
        try:
            ended = actions.call_off_orders_of(staff=staff, person_id=somebody.pk, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            form.add_error(None, refusal.message)
            return None
        words = ngettext(
            "{count} order is called off. Large amounts wait for a second person.",
            "{count} orders are called off. Large amounts wait for a second person.",
            ended.orders,
        )
        messages.success(request, words.format(count=ended.orders))
        return HttpResponseRedirect(request.path)


def _to_orders_under_way(request: HttpRequest, somebody: Any) -> list[Way]:
    if not request.user.has_perm("orders.view_order") or somebody.suspended_at is None:
        return []
    return [Way(_("Orders under way"), reverse("admin:orders_order_suspended", args=[somebody.pk]), "urgent")]


ways_from("accounts.user")(_to_orders_under_way)
ways_from("moderation.case.person")(_to_orders_under_way)
