"""What the two of an order are told, whatever they are doing: orders, meetings, disputes. The words are made when they are read."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from accounts.models import User
from core.events import handles
from core.money import Money
from notifications.actions import tell
from notifications.states import NotificationKind as Kind
from orders.events import (
    DisputeAnswered,
    DisputeAppealed,
    DisputeClosed,
    DisputeDecided,
    DisputeEscalated,
    DisputeOpened,
    MeetingAgreed,
    MeetingCalledOff,
    MeetingComesUp,
    MeetingMissed,
    MeetingProposed,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderDelivered,
    OrderDispatched,
    OrderMissed,
    OrderPrepared,
    OrderRefunded,
    OrderReinstated,
    PartyRestored,
    PartySuspended,
    ReturnAsked,
    ReturnSent,
)
from orders.models import Checkout, Dispute, Meeting, Order
from orders.rules import id_in
from orders.states import CancelledBecause, FulfilmentAxis, OrderState, PayBy, PaymentAxis, Side
from payments.events import ChargebackOpened, RefundFailed
from payments.models import Refund
from payments.rules import share_left
from payments.selectors import hold_for

BOTH = (Side.BUYER, Side.SELLER)


@handles(OrderConfirmed)
def tell_both_that_an_order_is_agreed(news: OrderConfirmed) -> None:
    order = order_of(news.order_id)
    what = {PayBy.CARD: "paid", PayBy.CASH: "agreed_cash", PayBy.NOTHING: "agreed_trade"}[PayBy(order.pay_by)]
    for side in BOTH:
        tell_side(order, side, Kind.ORDER_PAID, f"{what}.{side}", until=order.dispatch_by)


@handles(OrderPrepared)
def tell_buyer_that_an_order_is_prepared(news: OrderPrepared) -> None:
    order = order_of(news.order_id)
    stands = {FulfilmentAxis.PREPARING: "accepted", FulfilmentAxis.READY: "ready"}
    what = stands.get(FulfilmentAxis(order.fulfilment_state))
    if what:
        tell_side(order, Side.BUYER, Kind.ORDER_NEWS, f"{what}.buyer")


@handles(OrderDispatched)
def tell_buyer_that_an_order_is_on_its_way(news: OrderDispatched) -> None:
    order = order_of(news.order_id)
    parcel = order.shipments.filter(is_return=False).order_by("-id").first()
    told = {"carrier": parcel.carrier, "tracking": parcel.tracking_number} if parcel else {}
    tell_side(order, Side.BUYER, Kind.ORDER_NEWS, "sent.buyer", more=told)


@handles(OrderDelivered)
def tell_both_that_an_order_was_delivered(news: OrderDelivered) -> None:
    """Not of a hand-over, of which both know and which completes the order in the same moment."""
    order = order_of(news.order_id)
    if order.state == OrderState.CONFIRMED and order.fulfilment_state == FulfilmentAxis.DELIVERED:
        for side in BOTH:
            tell_side(order, side, Kind.ORDER_NEWS, f"delivered.{side}", until=order.inspection_ends_at)


@handles(OrderMissed)
def tell_both_that_an_order_did_not_arrive(news: OrderMissed) -> None:
    order = order_of(news.order_id)
    again = str(order.shipments.count())
    for side in BOTH:
        tell_side(order, side, Kind.ORDER_NEWS, f"missed.{side}", once=again)


@handles(OrderCompleted)
def tell_both_that_an_order_is_complete(news: OrderCompleted) -> None:
    order = order_of(news.order_id)
    sold = {PayBy.CARD: "completed", PayBy.CASH: "completed_cash", PayBy.NOTHING: "completed_trade"}
    tell_side(order, Side.BUYER, Kind.ORDER_NEWS, "completed.buyer")
    tell_side(
        order, Side.SELLER, Kind.ORDER_NEWS, f"{sold[PayBy(order.pay_by)]}.seller", more={"payout": _share(order)}
    )


@handles(OrderCancelled)
def tell_both_that_an_order_is_cancelled(news: OrderCancelled) -> None:
    """What was never paid ends quietly for whoever let it end; its seller was not told of it either."""
    order = order_of(news.order_id)
    if order.confirmed_at is None and news.because in (CancelledBecause.NOT_PAID, CancelledBecause.BUYER):
        return
    back = _in_money(order.total) if order.payment_state == PaymentAxis.REFUNDED else ""
    tell_side(order, Side.BUYER, Kind.ORDER_CANCELLED, "cancelled.buyer", more={"why": news.because, "back": back})
    tell_side(order, Side.SELLER, Kind.ORDER_CANCELLED, "cancelled.seller", more={"why": news.because})


@handles(PartySuspended)
def tell_the_other_that_somebody_may_not_trade(news: PartySuspended) -> None:
    _tell_other(news.order_id, news.line_id, "party_suspended")


@handles(PartyRestored)
def tell_the_other_that_somebody_may_trade_again(news: PartyRestored) -> None:
    _tell_other(news.order_id, news.line_id, "party_restored")


def _tell_other(order_id: uuid.UUID, line_id: uuid.UUID, what: str) -> None:
    """Whoever a line of the timeline is not about, once for it."""
    order = order_of(order_id)
    about = order.events.get(pk=line_id).side
    side = Side.SELLER if about == Side.BUYER else Side.BUYER
    tell_side(order, side, Kind.ORDER_NEWS, f"{what}.{side}", once=str(line_id))


@handles(OrderRefunded)
def tell_both_of_money_that_goes_back(news: OrderRefunded) -> None:
    order = order_of(news.order_id)
    refund = Refund.objects.select_related("hold").get(pk=news.refund_id)
    for side in BOTH:
        tell_side(
            order,
            side,
            Kind.ORDER_REFUND,
            f"refunded.{side}",
            once=str(refund.pk),
            more={"amount": _in_money(refund.amount)},
        )


@handles(RefundFailed)
def tell_buyer_that_a_refund_did_not_go_through(news: RefundFailed) -> None:
    order_id = id_in(news.reference, "order")
    order = Order.objects.filter(pk=order_id).first() if order_id else None
    if order is not None:
        tell_side(order_of(order.pk), Side.BUYER, Kind.ORDER_REFUND, "refund_failed.buyer", once=str(news.refund_id))


# --- meetings -----------------------------------------------------------------------------------------------------


@handles(MeetingProposed)
def tell_the_other_that_a_meeting_is_proposed(news: MeetingProposed) -> None:
    meeting = _meeting(news.meeting_id)
    _tell_of_meeting(meeting, _other(meeting.proposed_by), "proposed")


@handles(MeetingAgreed)
def tell_proposer_that_a_meeting_is_agreed(news: MeetingAgreed) -> None:
    meeting = _meeting(news.meeting_id)
    _tell_of_meeting(meeting, Side(meeting.proposed_by), "agreed")


@handles(MeetingComesUp)
def remind_both_of_a_meeting(news: MeetingComesUp) -> None:
    meeting = _meeting(news.meeting_id)
    for side in BOTH:
        _tell_of_meeting(meeting, side, f"comes_up.{side}")


@handles(MeetingCalledOff)
def tell_the_other_that_a_meeting_is_called_off(news: MeetingCalledOff) -> None:
    meeting = _meeting(news.meeting_id)
    line = meeting.order.events.filter(kind="meeting_declined").order_by("-id").first()
    if line is not None:
        _tell_of_meeting(meeting, _other(line.side), "called_off")


@handles(MeetingMissed)
def tell_who_is_said_not_to_have_come(news: MeetingMissed) -> None:
    meeting = _meeting(news.meeting_id)
    _tell_of_meeting(meeting, Side(meeting.missed_by), "missed")


# --- disputes -----------------------------------------------------------------------------------------------------


@handles(DisputeOpened)
def tell_seller_of_a_dispute(news: DisputeOpened) -> None:
    dispute = _dispute(news.dispute_id)
    what = "opened_cash" if dispute.order.pay_by == PayBy.CASH else "opened"
    _tell_of_dispute(dispute, Side.SELLER, f"{what}.seller", until=dispute.answer_by)


@handles(DisputeAnswered)
def tell_buyer_that_the_seller_answered(news: DisputeAnswered) -> None:
    _tell_of_dispute(_dispute(news.dispute_id), Side.BUYER, "answered.buyer")


@handles(DisputeEscalated)
def tell_both_that_staff_will_decide(news: DisputeEscalated) -> None:
    dispute = _dispute(news.dispute_id)
    again = str(dispute.order.events.filter(kind="dispute_escalated").count())
    for side in BOTH:
        _tell_of_dispute(dispute, side, "escalated", until=dispute.decide_by, once=again)


@handles(DisputeDecided)
def tell_both_what_was_decided(news: DisputeDecided) -> None:
    """The last word closes the dispute in the same moment: that is told instead."""
    dispute = _dispute(news.dispute_id)
    if dispute.closed_at is None:
        again = str(dispute.decided_at)
        for side in BOTH:
            _tell_of_dispute(dispute, side, "decided", once=again)


@handles(DisputeAppealed)
def tell_the_other_of_an_appeal(news: DisputeAppealed) -> None:
    dispute = _dispute(news.dispute_id)
    _tell_of_dispute(dispute, _other(dispute.appealed_by), "appealed")


@handles(ReturnAsked)
def tell_both_that_it_is_to_be_sent_back(news: ReturnAsked) -> None:
    dispute = _dispute(news.dispute_id)
    for side in BOTH:
        _tell_of_dispute(dispute, side, f"return_asked.{side}", until=dispute.return_by, once=str(dispute.decided_at))


@handles(ReturnSent)
def tell_seller_that_it_is_on_its_way_back(news: ReturnSent) -> None:
    dispute = _dispute(news.dispute_id)
    _tell_of_dispute(dispute, Side.SELLER, "return_sent.seller", until=dispute.return_by)


@handles(DisputeClosed)
def tell_both_that_a_dispute_is_closed(news: DisputeClosed) -> None:
    dispute = _dispute(news.dispute_id)
    in_cash = dispute.order.pay_by == PayBy.CASH and bool(dispute.refund_minor)
    outcome = f"{dispute.outcome}_cash" if in_cash else dispute.outcome
    for side in BOTH:
        _tell_of_dispute(dispute, side, "closed", outcome=outcome)


@handles(ChargebackOpened)
def tell_sellers_that_a_bank_disputes_a_payment(news: ChargebackOpened) -> None:
    checkout_id = id_in(news.reference, "checkout")
    checkout = Checkout.objects.filter(pk=checkout_id).first() if checkout_id else None
    for order in checkout.orders.order_by("pk") if checkout else ():
        once = str(news.chargeback_id)
        tell_side(order_of(order.pk), Side.SELLER, Kind.DISPUTE, "chargeback.seller", once=once)


@handles(OrderReinstated)
def tell_both_that_a_bank_took_its_decision_back(news: OrderReinstated) -> None:
    order = order_of(news.order_id)
    once = str(order.events.filter(kind="chargeback_reinstated").count())
    for side in BOTH:
        tell_side(order, side, Kind.DISPUTE, f"reinstated.{side}", once=once)


# --- how ----------------------------------------------------------------------------------------------------------


def order_of(order_id: uuid.UUID) -> Order:
    return Order.objects.select_related("buyer", "seller").get(pk=order_id)


def _meeting(meeting_id: uuid.UUID) -> Meeting:
    return Meeting.objects.select_related("order__buyer", "order__seller", "point").get(pk=meeting_id)


def _dispute(dispute_id: uuid.UUID) -> Dispute:
    return Dispute.objects.select_related("order__buyer", "order__seller").get(pk=dispute_id)


def _other(side: str) -> Side:
    return Side.SELLER if side == Side.BUYER else Side.BUYER


def _in_money(amount: Money) -> str:
    return f"{amount.currency} {amount}"


def _share(order: Order) -> str:
    """What the seller got: their share without what went back."""
    if order.pay_by != PayBy.CARD:
        return ""
    return _in_money(Money(share_left(hold_for(f"order:{order.pk}")), order.currency))


def tell_side(
    order: Order,
    side: Side,
    kind: str,
    what: str,
    *,
    until: datetime | None = None,
    once: str = "",
    url: str = "",
    more: Mapping[str, str] | None = None,
) -> None:
    """Tell one side of an order something about it, once."""
    me: User = order.buyer if side == Side.BUYER else order.seller
    other: User = order.seller if side == Side.BUYER else order.buyer
    item = order.items.order_by("id").first()
    known = {
        "title": item.title if item else order.code,
        "code": order.code,
        "order_id": str(order.pk),
        "side": side.value,
        "name": other.display_name,
        "user_id": str(other.pk),
        "amount": _in_money(order.total),
        "until": until.isoformat() if until else "",
        "what": what,
    }
    if side == Side.SELLER:
        known |= {"payout": _in_money(order.payout), "fee": _in_money(order.commission)}
    page = f"/orders/{order.pk}" if side == Side.BUYER else f"/selling/orders/{order.pk}"
    tell(
        user=me,
        kind=kind,
        facts=known | {name: value for name, value in (more or {}).items() if value},
        url=url or page,
        once_key=f"{kind}:{what}:{order.pk}:{once}"[:120],
    )


def _tell_of_meeting(meeting: Meeting, side: Side, what: str) -> None:
    point = meeting.point
    names = {"place_en": point.name_en, "place_ar": point.name_ar} if point else {"place_en": meeting.place}
    tell_side(meeting.order, side, Kind.MEETING, what, until=meeting.starts_at, once=meeting.pk.hex, more=names)


def _tell_of_dispute(
    dispute: Dispute, side: Side, what: str, *, until: datetime | None = None, once: str = "", outcome: str = ""
) -> None:
    order = dispute.order
    back = dispute.refund_minor if dispute.refund_minor is not None else dispute.wanted_minor
    tell_side(
        order,
        side,
        Kind.DISPUTE,
        what,
        until=until,
        once=f"{dispute.pk.hex}{once}"[-60:],
        url=f"/orders/{order.pk}/dispute" if side == Side.BUYER else "",
        more={
            "amount": _in_money(Money(back, order.currency)),
            "dispute_id": str(dispute.pk),
            "outcome": outcome,
        },
    )
