"""What a buyer and a seller do with an order: each step is a form that calls one action and comes back to the order."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from core.errors import Refusal
from core.web import signed_in
from orders import actions
from orders.selectors import pages
from orders.states import Side
from orders.web.forms import CancelForm, DispatchForm, HandoverForm, MeetingForm, RefundForm, RefusableForm, money_of
from orders.web.order import show


@require_POST
@signed_in
def cancel(request: HttpRequest, order_id: uuid.UUID, side: Side) -> HttpResponse:
    form = CancelForm(request.POST)

    def act(me: User) -> None:
        actions.cancel_order(person=me, order_id=order_id, reason=form.cleaned_data["reason"])

    done = _("Called off. The buyer gets the money back.") if side == Side.SELLER else _("The order is cancelled.")
    return carry_out(request, order_id, side, act, form=form, name="cancel_form", done=done)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def code(request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
    """The hand-over code, shown on purpose and never kept in a history: coming back to its address shows the order without it."""
    me: Any = request.user
    if request.method != "POST":
        return HttpResponseRedirect(f"/orders/{order_id}")
    try:
        secret = actions.show_handover_code(buyer=me, order_id=order_id)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return HttpResponseRedirect(f"/orders/{order_id}")
    return show(request, order_id, Side.BUYER, code=secret)


@require_POST
@signed_in
def received(request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
    def act(me: User) -> None:
        actions.confirm_received(buyer=me, order_id=order_id)

    return carry_out(request, order_id, Side.BUYER, act, done=_("Thank you. The seller is paid."))


@require_POST
@signed_in
def say_cash_back(request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
    def act(me: User) -> None:
        actions.say_cash_given_back(seller=me, order_id=order_id)

    return carry_out(request, order_id, Side.SELLER, act, done=_("The buyer is asked whether they have it."))


@require_POST
@signed_in
def answer_cash_back(request: HttpRequest, order_id: uuid.UUID, answer: str) -> HttpResponse:
    if answer not in ("yes", "no"):
        raise Http404

    def act(me: User) -> None:
        said = actions.confirm_cash_back if answer == "yes" else actions.deny_cash_back
        said(buyer=me, order_id=order_id)

    done = _("Thank you. It is settled between you.") if answer == "yes" else _("The seller is told that you do not.")
    return carry_out(request, order_id, Side.BUYER, act, done=done)


@require_POST
@signed_in
def accept(request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
    def act(me: User) -> None:
        actions.accept_order(seller=me, order_id=order_id)

    return carry_out(request, order_id, Side.SELLER, act, done=_("The buyer is told that you are on it."))


@require_POST
@signed_in
def ready(request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
    def act(me: User) -> None:
        actions.mark_ready(seller=me, order_id=order_id)

    return carry_out(request, order_id, Side.SELLER, act, done=_("The buyer is told that it is ready."))


@require_POST
@signed_in
def dispatch(request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
    form = DispatchForm(request.POST)

    def act(me: User) -> None:
        typed = form.cleaned_data
        actions.dispatch_order(
            seller=me,
            order_id=order_id,
            carrier=typed["carrier"],
            tracking_number=typed["tracking_number"],
            tracking_url=typed["tracking_url"],
            label_id=typed["label_id"],
        )

    done = _("On its way. The buyer can follow it.")
    return carry_out(request, order_id, Side.SELLER, act, form=form, name="dispatch_form", done=done)


@require_POST
@signed_in
def hand_over(request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
    form = HandoverForm(request.POST)

    def act(me: User) -> None:
        actions.hand_over(seller=me, order_id=order_id, code=form.cleaned_data["code"])

    done = _("The code is right. Well sold!")
    return carry_out(request, order_id, Side.SELLER, act, form=form, name="handover_form", done=done)


@require_POST
@signed_in
def refund(request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
    me: Any = request.user
    order = pages.order_page(me, order_id, side=Side.SELLER)
    form = RefundForm(request.POST)

    def act(me: User) -> None:
        amount = money_of(form, "amount", order.currency)
        actions.refund_order(seller=me, order_id=order_id, amount=amount, reason=form.cleaned_data["reason"])

    done = _("It is on its way back to the buyer.")
    return carry_out(request, order_id, Side.SELLER, act, form=form, name="refund_form", done=done)


def carry_out(
    request: HttpRequest,
    order_id: uuid.UUID,
    side: Side,
    act: Callable[[User], object],
    *,
    form: RefusableForm | None = None,
    name: str = "",
    done: str,
) -> HttpResponse:
    """Do it and come back to the order; a refusal stands in its form, or above the page where there is none."""
    me: Any = request.user
    if form is not None and not form.is_valid():
        return show(request, order_id, side, forms={name: form}, status=422)
    try:
        act(me)
    except Refusal as refusal:
        if form is not None:
            form.refuse(refusal)
            return show(request, order_id, side, forms={name: form}, status=422)
        messages.error(request, refusal.message)
    else:
        messages.success(request, done)
    return HttpResponseRedirect(f"/{'orders' if side == Side.BUYER else 'selling/orders'}/{order_id}")


# --- meetings -----------------------------------------------------------------------------------------------------------


@require_POST
@signed_in
def propose_meeting(request: HttpRequest, order_id: uuid.UUID, side: Side) -> HttpResponse:
    me: Any = request.user
    order = pages.order_page(me, order_id, side=side)
    form = MeetingForm(request.POST, points=pages.meeting_points_for(order))

    def act(me: User) -> None:
        typed = form.cleaned_data
        actions.propose_meeting(
            person=me,
            order_id=order_id,
            starts_at=form.starts_at,
            point_id=typed["point"],
            place="" if typed["point"] else typed["place"],
            note=typed["note"],
        )

    done = _("Proposed. The other side is asked.")
    return carry_out(request, order_id, side, act, form=form, name="meeting_form", done=done)


@require_POST
@signed_in
def answer_meeting(
    request: HttpRequest, order_id: uuid.UUID, meeting_id: uuid.UUID, answer: str, side: Side
) -> HttpResponse:
    act_by = {
        "agree": (actions.agree_meeting, _("Agreed. See you there.")),
        "decline": (actions.decline_meeting, _("Called off. Propose another time.")),
        "contest": (
            actions.contest_no_show,
            _("Thank you. Both of you say something else: meet again, or call it off."),
        ),
        "no-show": (actions.report_no_show, _("Thank you for telling us. The other side is asked.")),
    }
    if answer not in act_by and answer != "cancel":
        raise Http404
    carry, done = act_by.get(answer, (None, _("Called off. The buyer gets the money back.")))

    def act(me: User) -> None:
        if carry is None:
            actions.cancel_after_no_show(seller=me, meeting_id=meeting_id)
        else:
            carry(person=me, meeting_id=meeting_id)

    return carry_out(request, order_id, side, act, done=done)
