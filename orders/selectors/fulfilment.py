"""Questions about parcels, meetings and what is due."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts.models import User
from accounts.rules import may_act_for
from orders.errors import LabelNotFound, OrderNotFound, ShipmentNotFound
from orders.models import Dispute, Meeting, Order, Shipment
from orders.rules import BEFORE_DISPATCH, REMIND_OF_CASH_BEFORE, SCOPE
from orders.states import (
    DisputeAxis,
    DisputeState,
    FulfilmentAxis,
    MeetingState,
    OrderState,
    PaymentAxis,
    ShipmentState,
    Side,
)
from payments.models import PaymentHold, Refund
from payments.states import REINSTATED, HoldState, RefundState

ASKED_EVERY = timedelta(hours=1)
REMIND_BEFORE = timedelta(hours=3)
FAILED_REFUND_WAITS = timedelta(days=7)  # for our staff to try again; later it comes out of the seller's balance
UNDISPUTED = (DisputeAxis.NONE, DisputeAxis.CLOSED)
UNDER_WAY = (
    ShipmentState.BOOKED,
    ShipmentState.IN_TRANSIT,
    ShipmentState.OUT_FOR_DELIVERY,
    ShipmentState.FAILED,
)


def shipment_of(shipment_id: uuid.UUID) -> Shipment:
    """Raises ShipmentNotFound."""
    found = Shipment.objects.select_related("order__seller").filter(pk=shipment_id).first()
    if found is None:
        raise ShipmentNotFound
    return found


def shipment_with_reference(*, adapter: str, reference: str) -> Shipment:
    """The parcel that a carrier knows by its own name. Raises ShipmentNotFound."""
    found = Shipment.objects.filter(adapter=adapter, carrier_reference=reference).first() if reference else None
    if found is None:
        raise ShipmentNotFound
    return found


def label_of(*, person: User, order_id: uuid.UUID) -> Shipment:
    """The last parcel of an order with its label, for the seller and for staff who may look at orders' money.

    Raises:
        OrderNotFound: for everybody else, the buyer too.
        LabelNotFound.
    """
    order = Order.objects.select_related("seller").filter(pk=order_id).first()
    is_staff = person.is_staff and person.has_perm("payments.view_payment")
    if order is None or not (is_staff or may_act_for(actor=person, seller=order.seller, scope=SCOPE)):
        raise OrderNotFound
    found = order.shipments.exclude(label=None).select_related("label").order_by("-id").first()
    if found is None:
        raise LabelNotFound
    return found


def held_labels_and_evidence(asset_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the files that a parcel or a dispute keeps (`media.ports`)."""
    labels = Shipment.objects.filter(label__in=asset_ids).values_list("label_id", flat=True)
    evidence = Dispute.objects.filter(evidence__picture__in=asset_ids).values_list("evidence__picture_id", flat=True)
    return {pk for pk in (*labels, *evidence) if pk is not None}


def parcels_to_check(*, at: datetime) -> Q:
    """Under way with a carrier that can be asked, and not asked for within the hour."""
    long_ago = Q(checked_at=None) | Q(checked_at__lte=at - ASKED_EVERY)
    return Q(state__in=UNDER_WAY) & ~Q(carrier_reference="") & long_ago


# --- what is due ------------------------------------------------------------------------------------------------------


def late_orders(*, at: datetime, limit: int) -> list[uuid.UUID]:
    """Confirmed orders that were not sent or handed over in time, and those that did not arrive and whose time is over."""
    confirmed = Order.objects.filter(state=OrderState.CONFIRMED, dispute_state__in=UNDISPUTED)
    not_sent = Q(fulfilment_state__in=BEFORE_DISPATCH, dispatch_by__lte=at)
    late = list(_first(confirmed.filter(not_sent), "dispatch_by", limit))
    lost = Q(arrive_by__lte=at) | Q(arrive_by=None, dispatch_by__lte=at)
    missed = confirmed.filter(lost, fulfilment_state=FulfilmentAxis.MISSED)
    return late + list(_first(missed, "dispatch_by", limit - len(late)))


def overdue_arrivals(*, at: datetime, limit: int) -> list[uuid.UUID]:
    """On their way for longer than anything takes."""
    sent = Order.objects.filter(state=OrderState.CONFIRMED, fulfilment_state=FulfilmentAxis.DISPATCHED)
    return list(_first(sent.filter(arrive_by__lte=at, dispute_state__in=UNDISPUTED), "arrive_by", limit))


def due_releases(*, at: datetime, limit: int) -> list[uuid.UUID]:
    """Looked at for long enough, undisputed, with something held that is not frozen and of which nothing waits to be given back.

    A refund that failed keeps it for as long as our staff have to send it once more.
    """
    ours = Concat(Value("order:"), Cast(OuterRef("pk"), CharField()))
    holds = PaymentHold.objects.filter(reference=ours, state=HoldState.HELD, frozen_at=None)
    unsettled = Q(state=RefundState.AWAITING_APPROVAL)
    # What a bank took and sent back is nobody's to send again.
    unsettled |= Q(state=RefundState.FAILED, updated_at__gt=at - FAILED_REFUND_WAITS) & ~Q(failure_code=REINSTATED)
    refunds = Refund.objects.filter(unsettled, hold__reference=ours)
    due = Order.objects.filter(
        Exists(holds),
        ~Exists(refunds),
        state=OrderState.CONFIRMED,
        payment_state=PaymentAxis.HELD,
        inspection_ends_at__lte=at,
        dispute_state__in=UNDISPUTED,
    )
    return list(_first(due, "inspection_ends_at", limit))


def meetings_to_remind_of(*, at: datetime, limit: int) -> list[uuid.UUID]:
    soon = Meeting.objects.filter(
        state=MeetingState.AGREED, reminded_at=None, starts_at__gt=at, starts_at__lte=at + REMIND_BEFORE
    )
    return list(soon.order_by("starts_at").values_list("pk", flat=True)[:limit])


def no_shows_to_settle(*, before: datetime, limit: int) -> list[uuid.UUID]:
    """Sellers who did not come and have not said otherwise, reported before that moment."""
    due = Meeting.objects.filter(
        state=MeetingState.MISSED,
        missed_by=Side.SELLER,
        contested_at=None,
        reported_at__lte=before,
        order__state=OrderState.CONFIRMED,
        order__fulfilment_state=FulfilmentAxis.MISSED,
        order__dispute_state__in=UNDISPUTED,
    )
    return list(due.order_by("reported_at").values_list("pk", flat=True)[:limit])


def disputes_due(field: str, state: DisputeState, *, at: datetime, limit: int) -> list[uuid.UUID]:
    """Disputes in a state whose clock (`answer_by`, `appeal_by`, `return_by`) ran out. One that a bank decides stands still."""
    due = Dispute.objects.filter(state=state, **{f"{field}__lte": at})
    due = due.exclude(order__dispute_state=DisputeAxis.CHARGEBACK)
    return list(due.order_by(field).values_list("pk", flat=True)[:limit])


def cash_back_to_remind_of(*, at: datetime, limit: int) -> list[uuid.UUID]:
    """Buyers who have not said yet whether the cash is back, and soon our staff look at it."""
    before = at - settings.ORDERS["cash_back_window"] + REMIND_OF_CASH_BEFORE
    return _cash_to_ask_for(before, Q(cash_back_reminded_at=None, cash_back_staff_at=None), limit)


def cash_back_unanswered(*, at: datetime, limit: int) -> list[uuid.UUID]:
    """Whose time to say it is over."""
    return _cash_to_ask_for(at - settings.ORDERS["cash_back_window"], Q(cash_back_staff_at=None), limit)


def _cash_to_ask_for(before: datetime, where: Q, limit: int) -> list[uuid.UUID]:
    """Of those who said that it is back, and of those who owe it; each by an index of its own."""
    said = Order.objects.filter(
        where, payment_state=PaymentAxis.CASH_PAID, cash_back_said_at__lte=before, cash_owed_minor=0
    )
    last = Q(cash_back_said_at__lte=before) | Q(cash_back_said_at=None)
    owed = Order.objects.filter(where, last, cash_owed_minor__gt=0, cash_owed_unpaid_at=None, cash_owed_at__lte=before)
    found = list(said.order_by("cash_back_said_at", "id").values_list("pk", flat=True)[:limit])
    found += owed.order_by("cash_owed_at", "id").values_list("pk", flat=True)[:limit]
    return found[:limit]


def overdue_decisions(*, at: datetime) -> int:
    """How many disputes wait for our staff for longer than we promise."""
    waits = (DisputeState.UNDER_REVIEW, DisputeState.APPEALED)
    return Dispute.objects.filter(state__in=waits, decide_by__lte=at).count()


def _first(orders: QuerySet[Order], by: str, limit: int) -> QuerySet[Order, uuid.UUID]:
    return orders.order_by(F(by).asc(nulls_last=True), "id").values_list("pk", flat=True)[: max(0, limit)]


def is_shown_to(asset_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    """Whether a file is evidence in a dispute of this person's, whose pages show it to both sides (`media.ports`)."""
    of_theirs = Q(order__buyer=person_id) | Q(order__seller=person_id)
    return Dispute.objects.filter(of_theirs, evidence__picture=asset_id, evidence__is_internal=False).exists()
