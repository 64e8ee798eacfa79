"""One order, as its buyer and as its seller see it."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from core.money import Money
from core.web import signed_in
from orders import rules
from orders.models import Order
from orders.selectors import pages
from orders.selectors.invoices import invoices_of
from orders.states import Delivery, FulfilmentAxis, OrderState, PaymentAxis, Side
from orders.web import shown
from orders.web.forms import CancelForm, DispatchForm, HandoverForm, MeetingForm, RefundForm, RefusableForm

CARRIERS = ("Aramex", "DHL", "Emirates Post", "FedEx", "Jeebly", "Quiqup", "SMSA", "UPS")
Forms = dict[str, RefusableForm]


@never_cache
@signed_in
@require_safe
def bought_one(request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
    return show(request, order_id, Side.BUYER)


@never_cache
@signed_in
@require_safe
def sold_one(request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
    return show(request, order_id, Side.SELLER)


def show(
    request: HttpRequest,
    order_id: uuid.UUID,
    side: Side,
    *,
    forms: Forms | None = None,
    code: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of an order, with the forms that were refused, or with the hand-over code that its buyer asked for."""
    me: Any = request.user
    order = pages.order_page(me, order_id, side=side)
    context = shown.order_page(order, me, side=side) | {"cancel_form": CancelForm()}
    if context["meets_now"]:
        context |= meeting_context(order)
    context |= _of_seller(request, order) if side == Side.SELLER else _of_buyer(order, code)
    context |= {"invoices": _papers(me, order)} | (forms or {})
    return render(request, "orders/order.html", context, status=status)


def _papers(me: User, order: Order) -> list[dict[str, str]]:
    """Receipts and invoices of the order."""
    return [
        {
            "url": f"/orders/{order.pk}/invoices/{paper.pk}",
            "label": paper.get_kind_display(),
            "number": paper.content.get("number") or f"{paper.series}-{paper.number}",
        }
        for paper in invoices_of(person=me, order_id=order.pk)
    ]


def _of_buyer(order: Order, code: str) -> dict[str, Any]:
    paid = order.checkout.payment if order.checkout.payment_id else None
    facts: dict[str, Any] = {"card": paid.method if paid and paid.method.get("last4") else None}
    if code:
        facts |= {
            "code": f"{code[:3]} {code[3:]}" if len(code) == 6 else code,
            "code_spoken": " ".join(code),
            "qr": shown.qr_picture(shown.handover_address(order, code)),
        }
    return facts


def _of_seller(request: HttpRequest, order: Order) -> dict[str, Any]:
    open_ = order.state == OrderState.CONFIRMED and order.dispute_state not in pages.IN_TROUBLE
    before = open_ and order.fulfilment_state in rules.BEFORE_DISPATCH
    ships = order.delivery == Delivery.SHIP
    left = order.total_minor - order.refunded_minor
    with_money = order.payment_state in (PaymentAxis.HELD, PaymentAxis.RELEASED)
    return {
        "steps": {
            "accept": before and order.fulfilment_state == FulfilmentAxis.WAITING,
            "ready": before and order.fulfilment_state != FulfilmentAxis.READY,
            "dispatch": before and ships,
            "handover": open_
            and not ships
            and order.fulfilment_state in (*rules.BEFORE_DISPATCH, FulfilmentAxis.MISSED),
        },
        "carriers": CARRIERS,
        "dispatch_form": DispatchForm(),
        "handover_form": HandoverForm(initial={"code": request.GET.get("code", "")[:12]}),
        "can_refund": with_money and left > 0 and order.dispute_state not in pages.IN_TROUBLE,
        "refund_form": RefundForm(initial={"amount": str(Money(left, order.currency))}),
    }


def meeting_context(order: Order) -> dict[str, Any]:
    """The form for a time and a place, with safe places that are on the way for both, in a list and on a map."""
    points = pages.meeting_points_for(order)
    spots = [
        {
            "at": [point.location.y, point.location.x],
            "key": str(point.pk),
            "count": 1,
            "minor": number,
            "words": str(number),
            "title": point.name,
        }
        for number, point in enumerate(points, start=1)
    ]
    city = next((point.neighborhood.city for point in points if point.neighborhood), "")
    return {
        "points": points,
        "points_map": {
            "centre": spots[0]["at"] if spots else None,
            "spots": spots,
            "districts_url": f"/api/v1/neighborhoods.geojson?city={city}" if city else "",
            "tile_url": settings.MAP_TILE_URL,
        },
        "meeting_form": MeetingForm(points=points),
    }


@never_cache
@signed_in
@require_safe
def pay_for_offer(request: HttpRequest, offer_id: uuid.UUID) -> HttpResponse:
    """From an accepted offer to where it is paid, or to its order once it is."""
    me: Any = request.user
    order = pages.order_for_offer(me, offer_id)
    if order.state == OrderState.AWAITING_PAYMENT:
        return HttpResponseRedirect(f"/checkout/{order.checkout_id}/pay")
    return HttpResponseRedirect(f"/orders/{order.pk}")
