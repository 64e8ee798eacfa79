"""Something is wrong: the buyer says what, the seller answers, both show what they have; and what came of it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from core.errors import Refusal
from core.money import Money
from core.web import signed_in
from media.selectors import private_picture
from orders import actions, rules
from orders.models import Dispute, DisputeEvidence, Order
from orders.selectors import pages
from orders.states import DisputeState, FulfilmentAxis, PayBy, SellerAnswer, Side
from orders.web import shown
from orders.web.forms import (
    AnswerForm,
    AppealForm,
    DisputeForm,
    EvidenceForm,
    RefusableForm,
    RejectReturnForm,
    ReturnForm,
    money_of,
)


@dataclass(frozen=True)
class Matter:
    """Who asks, about which dispute, from which side."""

    request: HttpRequest
    me: Any
    order: Order
    found: Dispute
    side: Side


TOGETHER = timedelta(seconds=5)  # words and pictures that were sent in one go
STILL_SPOKEN_OF = (DisputeState.OPEN, DisputeState.UNDER_REVIEW, DisputeState.AWAITING_RETURN, DisputeState.APPEALED)


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def dispute(request: HttpRequest, order_id: uuid.UUID, side: Side) -> HttpResponse:
    me: Any = request.user
    order = pages.order_page(me, order_id, side=side)
    found = pages.open_dispute(order)
    if request.method == "POST" and side == Side.BUYER:
        return _open(request, me, order)
    if found is None or (side == Side.BUYER and "again" in request.GET and shown.may_complain(order)):
        if side == Side.SELLER or not shown.may_complain(order):
            return HttpResponseRedirect(shown.address_of(order, side=side))
        return _form_page(request, order, DisputeForm(initial={"wanted": str(_left(order))}))
    return _page(Matter(request, me, order, found, side))


def _open(request: HttpRequest, me: User, order: Order) -> HttpResponse:
    form = DisputeForm(request.POST, sent=_ids(request))
    if form.is_valid():
        typed = form.cleaned_data
        try:
            actions.open_dispute(
                buyer=me,
                order_id=order.pk,
                reason=typed["reason"],
                text=typed["text"],
                wanted=money_of(form, "wanted", order.currency),
                picture_ids=typed["pictures"],
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            sent = _("Sent. Nothing is paid to the seller until this is settled.")
            messages.success(request, _("Sent. The seller is to answer.") if order.pay_by == PayBy.CASH else sent)
            return HttpResponseRedirect(f"/orders/{order.pk}/dispute")
    return _form_page(request, order, form, status=422)


def _left(order: Order) -> Money:
    return Money(order.total_minor - order.refunded_minor, order.currency)


def _ids(request: HttpRequest) -> list[str]:
    return request.POST.getlist("pictures")


def _form_page(request: HttpRequest, order: Order, form: DisputeForm, *, status: int = 200) -> HttpResponse:
    context = {
        "section": "me",
        "order": order,
        "here": shown.address_of(order, side=Side.BUYER),
        "form": form,
        "takes_pictures": True,
        "is_buyer": True,
    }
    return render(request, "orders/dispute.html", context, status=status)


# --- one that is on -----------------------------------------------------------------------------------------------------


def _page(matter: Matter, *, forms: dict[str, RefusableForm] | None = None, status: int = 200) -> HttpResponse:
    me, order, found, side = matter.me, matter.order, matter.found, matter.side
    is_buyer = side == Side.BUYER
    names = {Side.BUYER: order.buyer.display_name, Side.SELLER: order.seller.display_name}
    first, statements = _statements(found, pages.evidence_of(found), viewer=me, names=names)
    is_open = found.state == DisputeState.OPEN
    returned = pages.return_parcel(order, since=found.created_at)
    comes_back = found.state == DisputeState.AWAITING_RETURN
    appealable = found.state == DisputeState.DECIDED and rules.may_appeal(found, side)
    offered = found.seller_answer == SellerAnswer.OFFERS and found.offered_minor is not None
    context = {
        "section": "me",
        "order": order,
        "here": shown.address_of(order, side=side),
        "dispute": found,
        "is_buyer": is_buyer,
        "buyer": names[Side.BUYER],
        "first_pictures": first,
        "statements": statements,
        "appealed_by": names.get(Side(found.appealed_by), "") if found.appealed_by else "",
        "takes_pictures": found.state in STILL_SPOKEN_OF,
        "answer_form": AnswerForm(initial={"answer": SellerAnswer.ACCEPTS})
        if is_open and not is_buyer and not found.seller_answer
        else None,
        "offer_open": is_open and is_buyer and offered,
        "offered": Money(found.offered_minor or 0, order.currency),
        "evidence_form": EvidenceForm() if found.state in STILL_SPOKEN_OF else None,
        "return_form": ReturnForm() if comes_back and is_buyer and returned is None else None,
        "returned": returned,
        "can_confirm_return": comes_back and not is_buyer,
        "reject_form": RejectReturnForm() if comes_back and not is_buyer and returned is not None else None,
        "appeal_form": AppealForm() if appealable else None,
        "can_accept_decision": appealable and found.outcome != "partial",
        "can_withdraw": is_buyer
        and order.fulfilment_state != FulfilmentAxis.RETURNING
        and found.state in (DisputeState.OPEN, DisputeState.UNDER_REVIEW, DisputeState.AWAITING_RETURN),
        **(forms or {}),
    }
    return render(matter.request, "orders/dispute.html", context, status=status)


def _statements(
    found: Dispute, evidence: list[DisputeEvidence], *, viewer: User, names: dict[Any, str]
) -> tuple[list[Any], list[dict[str, Any]]]:
    """What both said, in their order: what was sent in one go is one statement. The first pictures belong to the report itself."""
    first: list[Any] = []
    statements: list[dict[str, Any]] = []
    for piece in evidence:
        picture = private_picture(piece.picture, viewer=viewer) if piece.picture else None
        if piece.side == Side.BUYER and not piece.text and piece.at - found.created_at < TOGETHER:
            first += [picture] if picture else []
            continue
        last = statements[-1] if statements else None
        if last is None or last["side"] != piece.side or piece.text or piece.at - last["at"] > TOGETHER:
            last = {
                "side": piece.side,
                "who": names.get(Side(piece.side), ""),
                "text": piece.text,
                "at": piece.at,
                "pictures": [],
            }
            statements.append(last)
        if picture:
            last["pictures"].append(picture)
    return first, statements


@require_POST
@signed_in
def step(request: HttpRequest, order_id: uuid.UUID, name: str, side: Side) -> HttpResponse:
    """What either of them does next in a dispute that is on."""
    me: Any = request.user
    order = pages.order_page(me, order_id, side=side)
    found = pages.open_dispute(order)
    if found is None:
        raise Http404
    matter = Matter(request, me, order, found, side)
    if name in FORMS:
        return FORMS[name](matter)
    if name not in TAPS:
        raise Http404
    act, done = TAPS[name]
    if order.pay_by == PayBy.CASH:
        done = TAPS_IN_CASH.get(name, done)
    try:
        act(matter)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, done)
    return _back(matter)


def _back(matter: Matter) -> HttpResponse:
    return HttpResponseRedirect(f"{shown.address_of(matter.order, side=matter.side)}/dispute")


def _answer(matter: Matter) -> HttpResponse:
    form = AnswerForm(matter.request.POST)

    def act() -> None:
        typed = form.cleaned_data
        offers = typed["answer"] == SellerAnswer.OFFERS
        actions.answer_dispute(
            seller=matter.me,
            dispute_id=matter.found.pk,
            answer=typed["answer"],
            offered=money_of(form, "amount", matter.order.currency) if offers else None,
            needs_return=typed["needs_return"],
            text=typed["text"],
        )

    return _by_form(matter, "answer_form", form, act, _("The buyer reads it now."))


def _evidence(matter: Matter) -> HttpResponse:
    form = EvidenceForm(matter.request.POST, sent=_ids(matter.request))

    def act() -> None:
        typed = form.cleaned_data
        actions.add_evidence(
            person=matter.me, dispute_id=matter.found.pk, text=typed["text"], picture_ids=typed["pictures"]
        )

    return _by_form(matter, "evidence_form", form, act, _("Added."))


def _appeal(matter: Matter) -> HttpResponse:
    form = AppealForm(matter.request.POST)

    def act() -> None:
        actions.appeal_dispute(person=matter.me, dispute_id=matter.found.pk, text=form.cleaned_data["text"])

    return _by_form(matter, "appeal_form", form, act, _("Somebody else of us looks at it again."))


def _send_back(matter: Matter) -> HttpResponse:
    form = ReturnForm(matter.request.POST)

    def act() -> None:
        actions.send_back(buyer=matter.me, dispute_id=matter.found.pk, **form.cleaned_data)

    return _by_form(matter, "return_form", form, act, _("Thank you. The seller says when it is there."))


def _reject_return(matter: Matter) -> HttpResponse:
    form = RejectReturnForm(matter.request.POST)

    def act() -> None:
        actions.reject_return(seller=matter.me, dispute_id=matter.found.pk, text=form.cleaned_data["text"])

    return _by_form(matter, "reject_form", form, act, _("We look at it now."))


def _by_form(matter: Matter, name: str, form: RefusableForm, act: Callable[[], object], done: str) -> HttpResponse:
    if form.is_valid():
        try:
            act()
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(matter.request, done)
            return _back(matter)
    return _page(matter, forms={name: form}, status=422)


FORMS: dict[str, Callable[[Matter], HttpResponse]] = {
    "answer": _answer,
    "evidence": _evidence,
    "appeal": _appeal,
    "return": _send_back,
    "reject": _reject_return,
}
TAPS_IN_CASH = {  # of money that we never held, we send none
    "settle": gettext_lazy("Settled. The seller owes you the money."),
    "returned": gettext_lazy("Thank you. You owe the buyer the cash now."),
}
TAPS: dict[str, tuple[Callable[[Matter], object], Any]] = {
    "settle": (
        lambda m: actions.take_settlement(buyer=m.me, dispute_id=m.found.pk),
        gettext_lazy("Settled. The money is on its way back."),
    ),
    "escalate": (
        lambda m: actions.escalate_dispute(person=m.me, dispute_id=m.found.pk),
        gettext_lazy("We look at it now."),
    ),
    "withdraw": (
        lambda m: actions.withdraw_dispute(buyer=m.me, dispute_id=m.found.pk),
        gettext_lazy("Taken back. The order goes on."),
    ),
    "returned": (
        lambda m: actions.confirm_return(seller=m.me, dispute_id=m.found.pk),
        gettext_lazy("Thank you. The buyer gets the money."),
    ),
    "accept": (
        lambda m: actions.accept_decision(person=m.me, dispute_id=m.found.pk),
        gettext_lazy("Thank you. It is carried out now."),
    ),
}
