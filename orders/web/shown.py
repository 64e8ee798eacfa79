"""What pages show of an order, in the words of its reader."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.selectors import person_brief
from core.money import Money
from orders import proofs, rules, words
from orders.actions.meetings import no_show_settles_at
from orders.models import Meeting, Order, OrderItem
from orders.selectors import pages
from orders.states import (
    Delivery,
    DisputeAxis,
    FulfilmentAxis,
    MeetingState,
    OrderState,
    PayBy,
    PaymentAxis,
    Side,
)

HAS_IT = (FulfilmentAxis.DELIVERED, FulfilmentAxis.HANDED_OVER)
PAID = (PaymentAxis.HELD, PaymentAxis.RELEASED, PaymentAxis.CASH_PAID, PaymentAxis.NOTHING_DUE, PaymentAxis.CASH_DUE)


@dataclass(frozen=True)
class Stage:
    """One of the stations on the way of an order."""

    label: str
    is_done: bool
    is_now: bool = False


@dataclass(frozen=True)
class Line:
    """A line of a bill. `kind`: "", "less" or "sum"."""

    label: str
    money: Money
    kind: str = ""
    hint: str = ""


def order_row(order: Order, *, side: str) -> dict[str, Any]:
    """An order in a list."""
    items = [item for item in order.items.all() if not item.is_traded]
    other = order.seller if side == Side.BUYER else order.buyer
    return {
        "order": order,
        "url": address_of(order, side=side),
        "item": items[0] if items else None,
        "more": len(items) - 1,
        "picture": picture_of(items[0]) if items else None,
        "other": other.display_name,
        "money": order.total if side == Side.BUYER else order.payout,
        "badge": badge(order, side=side),
        "due": due(order, side=side),
    }


def address_of(order: Order, *, side: str) -> str:
    return f"/orders/{order.pk}" if side == Side.BUYER else f"/selling/orders/{order.pk}"


def picture_of(item: OrderItem) -> Any:
    """The listing's cover as it is now; a listing that is gone has its icon."""
    return item.product.cover


def badge(order: Order, *, side: str) -> dict[str, str]:
    """How it stands, in two or three words."""
    kind, icon, text = _in_trouble(order) or _over(order, side) or _under_way(order)
    return {"kind": kind, "icon": icon, "text": text}


def _in_trouble(order: Order) -> tuple[str, str, str] | None:
    if order.dispute_state == DisputeAxis.CHARGEBACK:
        return "coral", "scale", _("in dispute with the bank")
    return ("coral", "scale", _("in dispute")) if order.dispute_state == DisputeAxis.OPEN else None


def _over(order: Order, side: str) -> tuple[str, str, str] | None:
    """Not begun, or over."""
    if order.state == OrderState.AWAITING_PAYMENT:
        return "saffron", "clock", _("to be paid") if side == Side.BUYER else _("not paid yet")
    if order.state == OrderState.CANCELLED:
        return "", "circle-x", _("cancelled")
    if order.payment_state == PaymentAxis.REFUNDED:
        return "", "undo-2", _("given back")
    return ("palm", "circle-check", _("done")) if order.state == OrderState.COMPLETED else None


def _under_way(order: Order) -> tuple[str, str, str]:
    state = FulfilmentAxis(order.fulfilment_state)
    if state in rules.BEFORE_DISPATCH and order.delivery == Delivery.MEET:
        return "saffron", "handshake", _("to be handed over")
    if state in rules.BEFORE_DISPATCH:
        return "saffron", "package", _("ready to go") if state == FulfilmentAxis.READY else _("to be sent")
    icons = {FulfilmentAxis.DISPATCHED: "truck", FulfilmentAxis.DELIVERED: "package-open"}
    return "coral" if state == FulfilmentAxis.MISSED else "palm", icons.get(state, "package"), str(state.label)


def due(order: Order, *, side: str) -> dict[str, Any] | None:
    """What has to happen next, by when."""
    if order.state == OrderState.AWAITING_PAYMENT and order.expires_at:
        words_ = _("Pay until") if side == Side.BUYER else _("To be paid until")
        return {"words": words_, "at": order.expires_at, "is_soon": True}
    if order.state != OrderState.CONFIRMED or order.dispute_state in pages.IN_TROUBLE:
        return None
    if order.fulfilment_state in rules.BEFORE_DISPATCH and order.dispatch_by:
        meets = order.delivery == Delivery.MEET
        if side == Side.SELLER:
            words_ = _("Hand it over until") if meets else _("Send it until")
        else:
            words_ = _("You meet until") if meets else _("It is sent until")
        return {"words": words_, "at": order.dispatch_by, "is_soon": side == Side.SELLER}
    if order.inspection_ends_at:
        words_ = _("Look at it until") if side == Side.BUYER else _("The money is yours on")
        return {"words": words_, "at": order.inspection_ends_at, "is_soon": False}
    return None


def stages(order: Order) -> list[Stage]:
    """The way of an order, for the eye; the words beside it say the same."""
    paid = order.state in (OrderState.CONFIRMED, OrderState.COMPLETED)
    first = {PayBy.CARD: _("Paid"), PayBy.CASH: _("Ordered"), PayBy.NOTHING: _("Agreed")}[PayBy(order.pay_by)]
    has_it = order.fulfilment_state in HAS_IT or order.state == OrderState.COMPLETED
    if order.delivery == Delivery.MEET:
        agreed = any(m.state in (MeetingState.AGREED, MeetingState.KEPT) for m in order.meetings.all())
        way = [(first, paid), (_("Time and place"), agreed or has_it), (_("Handed over"), has_it)]
    else:
        sent = has_it or order.fulfilment_state == FulfilmentAxis.DISPATCHED
        ready = sent or order.fulfilment_state in (FulfilmentAxis.PREPARING, FulfilmentAxis.READY)
        way = [(first, paid), (_("Packed"), ready), (_("On its way"), sent), (_("Delivered"), has_it)]
    way.append((_("Done"), order.state == OrderState.COMPLETED))
    now = next((n for n, (_label, done) in enumerate(way) if not done), len(way))
    return [Stage(label=label, is_done=done, is_now=n == now) for n, (label, done) in enumerate(way)]


def bill(order: Order, *, side: str) -> list[Line]:
    """The amounts as they were agreed; they add up from top to bottom."""
    cur = order.currency
    discount = order.shop_discount_minor + order.platform_discount_minor
    lines = [Line(_("Things"), Money(order.items_minor, cur))]
    if order.delivery_minor:
        lines.append(Line(_("Delivery"), Money(order.delivery_minor, cur)))
    if discount and side == Side.BUYER:
        lines.append(Line(_("Voucher"), Money(discount, cur), "less"))
    if side == Side.SELLER and order.shop_discount_minor:
        lines.append(Line(_("Your voucher"), Money(order.shop_discount_minor, cur), "less"))
    given_back = Money(order.refunded_minor, cur)
    back = _("To give back to the buyer") if order.cash_owed_minor else _("Given back to the buyer")
    if side == Side.SELLER and order.refunded_minor == order.total_minor > 0:  # our commission too
        return [
            *lines,
            Line(back, given_back, "less"),
            Line(_("You get"), Money(0, cur), "sum"),
        ]
    if side == Side.SELLER:
        if order.commission_minor:
            lines.append(Line(_("Our commission"), order.commission, "less", hint=commission_words(order)))
        lines.append(Line(_("You were to get") if order.refunded_minor else _("You get"), order.payout, "sum"))
        if order.refunded_minor:
            hint = _("our commission on it goes back too")
            lines.append(Line(back, given_back, "less", hint=hint))
        return lines
    lines.append(Line(_("Total"), order.total, "sum"))
    if order.refunded_minor:
        lines.append(Line(_("The seller owes you") if order.cash_owed_minor else _("Given back"), given_back, "less"))
    return lines


def sums_of(orders: Sequence[Order], *, delivery_minor: int | None = None) -> list[Line]:
    """How the sum of a purchase comes about that is to be paid; nothing where it is the things alone. `delivery_minor`: by another way
    than the one that stands.
    """
    cur = orders[0].currency if orders else ""
    stands = sum(order.delivery_minor for order in orders)
    delivery = stands if delivery_minor is None else delivery_minor
    discount = sum(order.shop_discount_minor + order.platform_discount_minor for order in orders)
    if not delivery and not discount:
        return []
    lines = [Line(_("Things"), Money(sum(order.items_minor for order in orders), cur))]
    if delivery:
        lines.append(Line(_("Delivery"), Money(delivery, cur)))
    if discount:
        lines.append(Line(_("Voucher"), Money(discount, cur), "less"))
    total = sum(order.total_minor for order in orders) - stands + delivery
    return [*lines, Line(_("Total"), Money(total, cur), "sum")]


def way_sums(order: Order, parcel: Money | None) -> list[dict[str, Any]]:
    """What an order that is not paid comes to by each way that its buyer may choose. `parcel`: None, it is met."""
    ways = [(Delivery.MEET, 0), *([] if parcel is None else [(Delivery.SHIP, parcel.minor)])]
    return [
        {
            "way": way.value,
            "total": Money(order.total_minor - order.delivery_minor + delivery, order.currency),
            "bill": sums_of([order], delivery_minor=delivery),
        }
        for way, delivery in ways
    ]


def commission_words(order: Order) -> str:
    percent = order.fee.get("percent") if isinstance(order.fee, dict) else None
    return _("{percent} %, as agreed when it was bought").format(percent=_plain(percent)) if percent else ""


def _plain(percent: Any) -> str:
    text = str(percent)
    return text.rstrip("0").rstrip(".") if "." in text else text


def qr_picture(text: str) -> str:
    """A QR code as a picture that can stand in a page."""
    return f"data:image/svg+xml;base64,{base64.b64encode(proofs.picture_of(text).encode()).decode()}"


def handover_address(order: Order, code: str) -> str:
    """Where the seller's camera leads: their page of this order, the code already in its field."""
    return f"{settings.SITE_URL}/selling/orders/{order.pk}?code={code}#handover"


def no_show(order: Order, meetings: list[Meeting], *, side: str, at: datetime) -> dict[str, Any] | None:
    """Somebody did not come to the last meeting: what the reader may do about it."""
    last = meetings[0] if meetings else None
    if last is None or last.state != MeetingState.MISSED or order.dispute_state in pages.IN_TROUBLE:
        return None
    settles_at = no_show_settles_at(last)
    is_sellers = side == Side.SELLER and last.missed_by == Side.BUYER
    return {
        "meeting": last,
        "by_me": last.missed_by == side,
        "can_contest": last.missed_by == side and last.contested_at is None,
        "can_cancel": is_sellers and settles_at is not None and settles_at <= at,
        "can_cancel_from": settles_at if is_sellers and settles_at is not None and settles_at > at else None,
    }


def meeting_now(meetings: list[Meeting]) -> Meeting | None:
    return next((one for one in meetings if one.state in pages.OPEN_MEETINGS), None)


def order_page(order: Order, viewer: User, *, side: str) -> dict[str, Any]:
    """Everything around one order, for one of its two."""
    meetings = pages.meetings_of(order)
    order._prefetched_objects_cache["meetings"] = meetings  # type: ignore[attr-defined]
    meeting = meeting_now(meetings)
    other = order.seller if side == Side.BUYER else order.buyer
    now = timezone.now()
    confirmed = order.state == OrderState.CONFIRMED
    waits = confirmed and order.fulfilment_state in (*rules.BEFORE_DISPATCH, FulfilmentAxis.MISSED)
    dispute = pages.open_dispute(order) if order.dispute_state != DisputeAxis.NONE else None
    meets = order.delivery == Delivery.MEET
    return {
        "section": "me",
        "order": order,
        "side": side,
        "here": address_of(order, side=side),
        "is_buyer": side == Side.BUYER,
        "items": [item for item in order.items.all() if not item.is_traded],
        "given": [item for item in order.items.all() if item.is_traded],
        "bill": bill(order, side=side),
        "badge": badge(order, side=side),
        "stages": [] if order.state == OrderState.CANCELLED else stages(order),
        "money_words": words.money_words(order, reader=side),
        "thing_words": words.fulfilment_words(order, reader=side),
        "hold": hold_kind(order),
        "hold_until": order.inspection_ends_at if order.payment_state == PaymentAxis.HELD else None,
        "timeline": [
            {"line": line, "words": words.event_words(line, reader=side), "icon": icon_of(line.kind)}
            for line in pages.timeline(order)
        ],
        "other": person_brief(other),
        "other_url": f"/u/{other.username}",
        "meets": meets,
        "meeting": meeting,
        "meeting_is_mine": meeting is not None and meeting.proposed_by == side,
        "meeting_is_over": meeting is not None and meeting.starts_at < now,
        "meets_now": waits and meets,
        "no_show": no_show(order, meetings, side=side, at=now) if waits and meets and meeting is None else None,
        "shipments": pages.shipments_of(order),
        "dispute": dispute,
        "is_in_dispute": order.dispute_state in pages.IN_TROUBLE,
        "can_pay": side == Side.BUYER
        and order.state == OrderState.AWAITING_PAYMENT
        and (order.expires_at is None or order.expires_at > now),
        "can_cancel": rules.may_cancel(order, Side(side)),
        "can_say_cash_back": side == Side.SELLER
        and (order.payment_state == PaymentAxis.CASH_PAID or order.cash_owed_minor > 0)
        and order.dispute_state not in pages.IN_TROUBLE
        and order.cash_back_said_at is None,
        "asks_cash_back": side == Side.BUYER and (rules.cash_back_waits(order) or order.cash_owed_minor > 0),
        "cash_back_answer_by": rules.cash_back_answer_by(order),
        "cash_words": cash_words(order, at=now) if side == Side.BUYER else "",
        "can_confirm": side == Side.BUYER
        and confirmed
        and order.dispute_state not in pages.IN_TROUBLE
        and order.fulfilment_state in (FulfilmentAxis.DISPATCHED, FulfilmentAxis.DELIVERED),
        "can_dispute": side == Side.BUYER and may_complain(order),
        "shows_code": side == Side.BUYER and waits and meets and order.dispute_state not in pages.IN_TROUBLE,
        # The seller learns where it goes once it is paid, and only while it is to be sent.
        "address": ((side == Side.BUYER or order.state == OrderState.CONFIRMED) and order.address) or None,
    }


def may_complain(order: Order) -> bool:
    """Whether the page offers to report a problem; whether it may still be opened, the action decides."""
    confirmed = order.state in (OrderState.CONFIRMED, OrderState.COMPLETED)
    with_money = order.payment_state in (PaymentAxis.HELD, PaymentAxis.RELEASED)
    if order.payment_state == PaymentAxis.CASH_PAID:
        until = rules.cash_dispute_until(order)
        with_money = until is not None and timezone.now() <= until
    return confirmed and with_money and order.dispute_state not in pages.IN_TROUBLE


def cash_words(order: Order, *, at: datetime) -> str:
    """What the buyer of a cash sale can do when something is wrong, and what we can: we never held the money."""
    if order.pay_by != PayBy.CASH or order.payment_state not in (PaymentAxis.CASH_DUE, PaymentAxis.CASH_PAID):
        return ""
    if order.payment_state == PaymentAxis.CASH_DUE:
        return _("Look at it before you pay. Cash goes straight to the seller: we cannot send it back to you.")
    until = rules.cash_dispute_until(order)
    if until is not None and at <= until:
        return _(
            "Is something wrong? Tell us by {until}. You paid in cash, so we do not hold the money: we can decide that the seller"
            " gives it back to you, and a seller who does not deal fairly may take no more cash."
        ).format(until=words.moment_words(until))
    return _(
        "The time to report a problem is over. The seller can still give you the cash back; if somebody cheated you, report them"
        " and we look at their account."
    )


def hold_kind(order: Order) -> str:
    """Which of the pictures of money stands beside the words."""
    if order.state == OrderState.CANCELLED:
        return "off"
    return {
        PaymentAxis.UNPAID: "unpaid",
        PaymentAxis.HELD: "held",
        PaymentAxis.RELEASED: "gone",
        PaymentAxis.REFUNDED: "back",
        PaymentAxis.CASH_DUE: "cash",
        PaymentAxis.CASH_PAID: "cash",
        PaymentAxis.NOTHING_DUE: "trade",
        PaymentAxis.VOID: "off",
    }[PaymentAxis(order.payment_state)]


_ICONS = (
    ("dispute", "scale"),
    ("evidence", "scale"),
    ("appeal", "scale"),
    ("chargeback", "scale"),
    ("refund", "undo-2"),
    ("cancel", "circle-x"),
    ("gone", "circle-x"),
    ("not_paid", "circle-x"),
    ("late", "circle-x"),
    ("meeting", "handshake"),
    ("handed", "handshake"),
    ("no_show", "triangle-alert"),
    ("wrong_code", "triangle-alert"),
    ("missed", "triangle-alert"),
    ("paid", "wallet"),
    ("agreed", "wallet"),
    ("cash", "banknote"),
    ("released", "banknote"),
    ("dispatched", "truck"),
    ("tracking", "truck"),
    ("delivered", "package-open"),
    ("inspection", "eye"),
    ("completed", "circle-check"),
    ("accepted", "package"),
    ("ready", "package"),
    ("return", "undo-2"),
)


def icon_of(kind: str) -> str:
    return next((icon for start, icon in _ICONS if kind.startswith(start)), "receipt")


def seconds_left(until: datetime | None) -> int:
    return 0 if until is None else max(0, int((until - timezone.now()).total_seconds()))
