"""What follows from a dispute: something is sent back first, and then the money goes where it belongs. For the other actions here."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.events import publish
from core.money import Money
from core.states import move
from orders.actions.cash_returns import owe_cash_back
from orders.actions.completing import complete
from orders.actions.dispute_locks import lock_dispute, lock_to_settle
from orders.actions.refunds import BY_DISPUTE, give_back
from orders.actions.timeline import note_event
from orders.errors import EvidenceNeeded, NothingComesBack, NotYourSideOfIt, TrackingNumberNeeded
from orders.events import DisputeClosed, DisputeEscalated, ReturnAsked, ReturnSent
from orders.models import Dispute, DisputeEvidence, Order, Shipment
from orders.rules import left_of, reference_of
from orders.states import (
    DISPUTE_AXIS_MOVES,
    DISPUTE_MOVES,
    FULFILMENT_MOVES,
    SHIPMENT_MOVES,
    Delivery,
    DisputeAxis,
    DisputeOutcome,
    DisputeState,
    FulfilmentAxis,
    OrderState,
    PayBy,
    PaymentAxis,
    ShipmentState,
    Side,
)
from payments.actions import unfreeze_hold

SENT_BACK_FROM = (FulfilmentAxis.DISPATCHED, FulfilmentAxis.DELIVERED, FulfilmentAxis.HANDED_OVER)


def start_return(order: Order, dispute: Dispute, outcome: str, back: Money, *, at: datetime, **decision: Any) -> None:
    """The buyer is to send it back before `back` is given back. Publishes ReturnAsked."""
    move(
        dispute,
        DisputeState.AWAITING_RETURN,
        DISPUTE_MOVES,
        outcome=outcome,
        refund_minor=back.minor,
        needs_return=True,
        return_by=at + settings.ORDERS["return_window"],
        answer_by=None,
        decide_by=None,
        **decision,
    )
    note_event(order, "return_asked", Side.SYSTEM)
    publish(ReturnAsked(dispute_id=dispute.pk))


@transaction.atomic
def send_back(
    *, buyer: User, dispute_id: uuid.UUID, carrier: str, tracking_number: str = "", tracking_url: str = ""
) -> Shipment:
    """The buyer has sent it back. The seller says when it is there; if they say nothing for a week, that counts as said.

    Saying it again is the same answer. Publishes ReturnSent.

    Raises:
        DisputeNotFound, NotYourSideOfIt, NothingComesBack. TrackingNumberNeeded: what was sent must be traceable.
    """
    now = timezone.now()
    order, dispute, side = lock_dispute(dispute_id, person=buyer)
    if side != Side.BUYER:
        raise NotYourSideOfIt
    if dispute.state != DisputeState.AWAITING_RETURN:
        raise NothingComesBack
    before = order.shipments.filter(is_return=True, booked_at__gte=dispute.created_at).first()
    if before is not None:
        return before
    if order.delivery == Delivery.SHIP and not tracking_number.strip():
        raise TrackingNumberNeeded
    shipment = Shipment.objects.create(
        order=order,
        is_return=True,
        carrier=carrier.strip() or "manual",
        tracking_number=tracking_number.strip(),
        tracking_url=tracking_url,
        booked_at=now,
    )
    move(shipment, ShipmentState.IN_TRANSIT, SHIPMENT_MOVES)
    if order.fulfilment_state in SENT_BACK_FROM:
        move(order, FulfilmentAxis.RETURNING, FULFILMENT_MOVES, axis="fulfilment_state")
    dispute.return_by = now + settings.ORDERS["return_window"]
    dispute.save(update_fields=["return_by", "updated_at"])
    note_event(order, "return_sent", Side.BUYER, actor=buyer)
    publish(ReturnSent(dispute_id=dispute.pk))
    return shipment


@transaction.atomic
def confirm_return(*, seller: User, dispute_id: uuid.UUID) -> Dispute:
    """The seller has it back: the buyer's money goes back now. Publishes DisputeClosed.

    Raises:
        DisputeNotFound, WithTheBank, NotYourSideOfIt, NothingComesBack.
    """
    order, dispute, side = lock_to_settle(dispute_id, person=seller)
    if side != Side.SELLER:
        raise NotYourSideOfIt
    if dispute.state != DisputeState.AWAITING_RETURN:
        raise NothingComesBack
    _came_back(order, dispute, side=Side.SELLER, by=seller, at=timezone.now())
    return dispute


@transaction.atomic
def reject_return(*, seller: User, dispute_id: uuid.UUID, text: str) -> Dispute:
    """What came back is not what was sent, or is damaged: our staff look at it. Publishes DisputeEscalated.

    Raises:
        DisputeNotFound, WithTheBank, NotYourSideOfIt, NothingComesBack: nothing is on its way back.
    """
    order, dispute, side = lock_to_settle(dispute_id, person=seller)
    if side != Side.SELLER:
        raise NotYourSideOfIt
    if dispute.state != DisputeState.AWAITING_RETURN or not _sent_back(order, dispute):
        raise NothingComesBack
    if not text.strip():
        raise EvidenceNeeded
    DisputeEvidence.objects.create(dispute=dispute, side=Side.SELLER, author=seller, text=text.strip())
    decide_by = timezone.now() + settings.ORDERS["dispute_decision_window"]
    move(
        dispute,
        DisputeState.UNDER_REVIEW,
        DISPUTE_MOVES,
        decide_by=decide_by,
        return_by=None,
        outcome="",
        refund_minor=None,
        needs_return=False,
        decided_by=None,
        decided_at=None,
    )
    note_event(order, "dispute_escalated", Side.SELLER, actor=seller)
    publish(DisputeEscalated(dispute_id=dispute.pk))
    return dispute


@transaction.atomic
def end_return(*, dispute_id: uuid.UUID) -> bool:
    """The time of a return is over. Sent back and no word of the seller: it counts as there. Not sent: the buyer keeps it, and
    the seller the money. False: it is settled already.
    """
    order, dispute, _side = lock_to_settle(dispute_id)
    now = timezone.now()
    if dispute.state != DisputeState.AWAITING_RETURN or dispute.return_by is None or dispute.return_by > now:
        return False
    if _sent_back(order, dispute):
        _came_back(order, dispute, side=Side.SYSTEM, by=None, at=now)
    else:
        close(order, dispute, DisputeOutcome.NONE, Money(0, order.currency), at=now, by=None)
    return True


def _came_back(order: Order, dispute: Dispute, *, side: Side, by: User | None, at: datetime) -> None:
    under_way = order.shipments.filter(is_return=True).exclude(state=ShipmentState.DELIVERED).order_by("pk")
    for shipment in under_way:
        move(shipment, ShipmentState.DELIVERED, SHIPMENT_MOVES, delivered_at=at)
    if order.fulfilment_state in (*SENT_BACK_FROM, FulfilmentAxis.RETURNING, FulfilmentAxis.MISSED):
        if order.fulfilment_state == FulfilmentAxis.DISPATCHED:
            move(order, FulfilmentAxis.RETURNING, FULFILMENT_MOVES, axis="fulfilment_state")
        move(order, FulfilmentAxis.RETURNED, FULFILMENT_MOVES, axis="fulfilment_state")
    note_event(order, "returned", side, actor=by)
    back = Money(dispute.refund_minor or 0, order.currency)
    close(order, dispute, dispute.outcome, back, at=at, by=dispute.decided_by or order.seller)


def close(order: Order, dispute: Dispute, outcome: str, back: Money, *, at: datetime, by: User | None) -> None:
    """A locked dispute is over for good: the hold moves again, and the money goes where the outcome says. Publishes DisputeClosed.

    `by`: in whose name money goes back, our staff's where they decided (from a threshold on a second person agrees). What nobody gets
    back is the seller's, at once after a decision; after a withdrawal the buyer has as much time to look as was left.
    """
    move(
        dispute,
        DisputeState.CLOSED,
        DISPUTE_MOVES,
        outcome=outcome,
        refund_minor=back.minor,
        closed_at=at,
        answer_by=None,
        decide_by=None,
        appeal_by=None,
        return_by=None,
    )
    if order.dispute_state == DisputeAxis.OPEN:
        move(order, DisputeAxis.CLOSED, DISPUTE_AXIS_MOVES, axis="dispute_state")
        if order.pay_by == PayBy.CARD:
            unfreeze_hold(reference=reference_of(order))
    note_event(order, "dispute_closed", Side.SYSTEM)
    publish(DisputeClosed(dispute_id=dispute.pk))
    owed = Money(min(back.minor, left_of(order).minor), order.currency)
    refunded = owed.minor > 0
    if refunded and order.pay_by == PayBy.CASH:
        owe_cash_back(order, owed, side=Side.STAFF if dispute.decided_by is not None else Side.SYSTEM, by=by)
    elif refunded:
        staff = dispute.decided_by is not None
        asks = by if staff else None  # what the two agreed on is carried out by the house
        give_back(order, owed, reason=BY_DISPUTE, note=f"dispute {dispute.pk}", by=asks, by_staff=staff)
    if order.state != OrderState.CONFIRMED:
        return
    if (
        order.dispute_state == DisputeAxis.CHARGEBACK
    ):  # only a withdrawal: the bank's dispute gives back what is its own
        give_time_back(order, since=dispute.created_at, at=stopped_by_bank(order) or at)
        return
    if outcome == DisputeOutcome.WITHDRAWN:
        give_time_back(order, since=dispute.created_at, at=at)
    elif refunded or order.payment_state != PaymentAxis.HELD:
        _let_clock_finish(order, at=at)  # the rest is released once the refund is on its way
    else:
        complete(order, side=Side.SYSTEM, at=at)


def give_time_back(order: Order, *, since: datetime, at: datetime) -> None:
    """Every clock of a locked order stood since then."""
    stood = at - since
    clocks = [name for name in ("inspection_ends_at", "arrive_by", "dispatch_by") if getattr(order, name) is not None]
    for name in clocks:
        setattr(order, name, getattr(order, name) + stood)
    order.save(update_fields=[*clocks, "updated_at"])


def stopped_by_bank(order: Order) -> datetime | None:
    """When the bank's dispute stopped an order last."""
    return order.events.filter(kind="chargeback_opened").order_by("-id").values_list("at", flat=True).first()


def _let_clock_finish(order: Order, *, at: datetime) -> None:
    order.inspection_ends_at = at
    order.save(update_fields=["inspection_ends_at", "updated_at"])


def _sent_back(order: Order, dispute: Dispute) -> bool:
    return order.shipments.filter(is_return=True, booked_at__gte=dispute.created_at).exists()
