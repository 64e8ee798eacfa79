"""Parcels: booked with a carrier, followed, called off. What asks a carrier runs outside of any transaction (`parcel_jobs`)."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from core.events import publish
from core.states import move
from media.actions import attach_assets, release_assets
from media.states import Purpose
from orders import carriers
from orders.actions.completing import arrive
from orders.actions.locks import lock_order, lock_own_order
from orders.actions.timeline import note_event
from orders.carriers import Booking, TrackingEvent
from orders.errors import AddressMissing, MetInPerson, NoCarrier, ShipmentNotFound, TrackingNumberNeeded
from orders.events import OrderDispatched, OrderMissed, ParcelCalledOff, ParcelOrdered
from orders.models import Order, Shipment
from orders.rules import BEFORE_DISPATCH, check_confirmed, check_undisputed
from orders.selectors.fulfilment import parcels_to_check
from orders.states import (
    FULFILMENT_MOVES,
    SHIPMENT_MOVES,
    Delivery,
    FulfilmentAxis,
    OrderState,
    PayBy,
    ShipmentState,
    Side,
)

OWN_COURIER = "own courier"  # whoever brings it themselves has no tracking number
HISTORY_AT_MOST = 100


@transaction.atomic
def dispatch_order(
    *,
    seller: User,
    order_id: uuid.UUID,
    carrier: str = "",
    tracking_number: str = "",
    tracking_url: str = "",
    label_id: uuid.UUID | None = None,
    adapter: str = carriers.MANUAL,
    service: str = "",
    weight_grams: int | None = None,
) -> Shipment:
    """The seller has given an order to a carrier, or (another `adapter` than manual) orders the carrier to fetch it.

    By hand it is on its way now. A carrier that is ordered is told after the commit; the order is ready until it was fetched. Ordering
    again while a parcel waits for its carrier is the same answer. Locks the order. Publishes OrderDispatched or ParcelOrdered.

    Raises:
        OrderNotFound, NotYourSideOfIt, NotConfirmed, InDispute, MetInPerson, AddressMissing.
        NoCarrier, TrackingNumberNeeded. media's refusals of the label.
        WrongState: it is on its way already.
    """
    order, _side = lock_own_order(person=seller, order_id=order_id, side=Side.SELLER)
    check_confirmed(order)
    check_undisputed(order)
    if order.delivery != Delivery.SHIP:
        raise MetInPerson
    if not order.address:
        raise AddressMissing
    if carriers.carrier_named(adapter) is None:
        raise NoCarrier
    waiting = order.shipments.filter(is_return=False, adapter=adapter, state=ShipmentState.BOOKED).first()
    if adapter != carriers.MANUAL and waiting is not None:
        return waiting
    if adapter == carriers.MANUAL and not tracking_number and carrier.strip().lower() != OWN_COURIER:
        raise TrackingNumberNeeded
    shipment = Shipment(
        order=order,
        adapter=adapter,
        carrier=carrier.strip() or adapter,
        service=service,
        tracking_number=tracking_number.strip(),
        tracking_url=tracking_url,
        weight_grams=weight_grams,
    )
    if label_id is not None:
        [shipment.label] = attach_assets(owner=seller, asset_ids=[label_id], purpose=Purpose.LABEL)
    shipment.save(force_insert=True)
    if adapter == carriers.MANUAL:
        move(shipment, ShipmentState.IN_TRANSIT, SHIPMENT_MOVES)
        _on_its_way(order, shipment, at=timezone.now(), actor=seller)
        return shipment
    if order.fulfilment_state != FulfilmentAxis.READY:
        move(order, FulfilmentAxis.READY, FULFILMENT_MOVES, axis="fulfilment_state")
        note_event(order, "ready", Side.SELLER, actor=seller)
    publish(ParcelOrdered(shipment_id=shipment.pk))
    return shipment


@transaction.atomic
def attach_label(*, seller: User, order_id: uuid.UUID, label_id: uuid.UUID) -> Shipment:
    """Keep a label that the seller has made elsewhere with the order's last parcel, in place of another.

    Raises:
        OrderNotFound, NotYourSideOfIt, ShipmentNotFound; media's refusals.
    """
    order, _side = lock_own_order(person=seller, order_id=order_id, side=Side.SELLER)
    shipment = order.shipments.filter(is_return=False).order_by("-id").first()
    if shipment is None:
        raise ShipmentNotFound
    before = shipment.label_id
    [shipment.label] = attach_assets(owner=seller, asset_ids=[label_id], purpose=Purpose.LABEL)
    shipment.save(update_fields=["label", "updated_at"])
    if before is not None and before != label_id:
        release_assets(asset_ids=[before])
    return shipment


@transaction.atomic
def note_booked(*, shipment_id: uuid.UUID, booking: Booking) -> Shipment:
    """A carrier has taken a parcel on. Noted twice it changes nothing."""
    _order, shipment = lock_parcel(shipment_id)
    if not shipment.carrier_reference:
        shipment.carrier_reference, shipment.tracking_number = booking.reference, booking.tracking_number
        shipment.tracking_url = booking.tracking_url
        shipment.save(update_fields=["carrier_reference", "tracking_number", "tracking_url", "updated_at"])
        if shipment.state == ShipmentState.CANCELLED:  # called off while it was being booked
            publish(ParcelCalledOff(shipment_id=shipment.pk))
    return shipment


@transaction.atomic
def note_refused(*, shipment_id: uuid.UUID, code: str) -> None:
    """A carrier will not take a parcel: the seller sends it another way."""
    order, shipment = lock_parcel(shipment_id)
    if shipment.state != ShipmentState.BOOKED:
        return
    move(shipment, ShipmentState.CANCELLED, SHIPMENT_MOVES)
    note_event(order, "tracking", Side.SYSTEM, note=f"{shipment.carrier}: {code}")


@transaction.atomic
def note_tracking(*, shipment_id: uuid.UUID, events: Sequence[TrackingEvent]) -> Shipment:
    """Add what a carrier told of a parcel, in whatever order and however often it comes, and let the order follow.

    The newest event by the carrier's own time says where the parcel is; delivered is the end. Locks the order. Publishes
    OrderDispatched, OrderDelivered, OrderMissed. Raises ShipmentNotFound.
    """
    order, shipment = lock_parcel(shipment_id)
    known = {line["id"] for line in shipment.history}
    fresh = [event for event in {e.id: e for e in events}.values() if event.id not in known]
    if not fresh:
        return shipment
    lines = sorted([*shipment.history, *map(_line, fresh)], key=lambda line: (line["at"], line["id"]))
    shipment.history = lines[-HISTORY_AT_MOST:]
    shipment.save(update_fields=["history", "updated_at"])
    _follow(order, shipment)
    return shipment


def _follow(order: Order, shipment: Shipment) -> None:
    """Where the parcel is by its history, and where the order is by that."""
    ended = (ShipmentState.DELIVERED, ShipmentState.CANCELLED)
    if shipment.state in ended:
        return
    delivered = next((line for line in shipment.history if line["state"] == ShipmentState.DELIVERED), None)
    newest = delivered or shipment.history[-1]
    if newest["state"] == shipment.state:
        return
    at = datetime.fromisoformat(newest["at"])
    facts: dict[str, Any] = {"delivered_at": at} if delivered else {}
    move(shipment, newest["state"], SHIPMENT_MOVES, **facts)
    note_event(order, "tracking", Side.SYSTEM, note=newest["note"] or str(shipment.get_state_display()))
    if shipment.is_return:
        _return_follows(order)
    elif order.state == OrderState.CONFIRMED:
        _order_follows(order, shipment)


def _order_follows(order: Order, shipment: Shipment) -> None:
    now = timezone.now()  # a carrier's clock starts none of ours
    if order.fulfilment_state in BEFORE_DISPATCH:
        _on_its_way(order, shipment, at=now)
    under_way = (FulfilmentAxis.DISPATCHED, FulfilmentAxis.MISSED)
    if order.pay_by != PayBy.CARD:
        return  # brought is not paid: the code, or the buyer's word, says that
    if shipment.state == ShipmentState.DELIVERED and order.fulfilment_state in under_way:
        arrive(order, FulfilmentAxis.DELIVERED, kind="delivered", side=Side.SYSTEM, at=now)
    elif shipment.state == ShipmentState.FAILED and order.fulfilment_state == FulfilmentAxis.DISPATCHED:
        move(order, FulfilmentAxis.MISSED, FULFILMENT_MOVES, axis="fulfilment_state")
        note_event(order, "missed", Side.SYSTEM)
        publish(OrderMissed(order_id=order.pk))


def _return_follows(order: Order) -> None:
    may_return = (FulfilmentAxis.DELIVERED, FulfilmentAxis.HANDED_OVER, FulfilmentAxis.DISPATCHED)
    if order.fulfilment_state in may_return:
        move(order, FulfilmentAxis.RETURNING, FULFILMENT_MOVES, axis="fulfilment_state")


def _on_its_way(order: Order, shipment: Shipment, *, at: datetime, actor: User | None = None) -> None:
    move(
        order,
        FulfilmentAxis.DISPATCHED,
        FULFILMENT_MOVES,
        axis="fulfilment_state",
        dispatched_at=at,
        arrive_by=at + settings.ORDERS["arrival_window"],
    )
    side = Side.SELLER if actor else Side.SYSTEM
    note_event(order, "dispatched", side, actor=actor, at=at, carrier=shipment.carrier)
    publish(OrderDispatched(order_id=order.pk))


@transaction.atomic
def call_off_parcels(*, order_id: uuid.UUID) -> int:
    """What a cancelled order has booked and nobody has fetched is not sent; return how many. Publishes ParcelCalledOff."""
    order = lock_order(order_id)
    if order.state != OrderState.CANCELLED:
        return 0
    waiting = list(order.shipments.filter(state=ShipmentState.BOOKED).order_by("pk"))
    for shipment in waiting:
        move(shipment, ShipmentState.CANCELLED, SHIPMENT_MOVES)
        if shipment.carrier_reference:
            publish(ParcelCalledOff(shipment_id=shipment.pk))
    return len(waiting)


def lock_parcel(shipment_id: uuid.UUID) -> tuple[Order, Shipment]:
    """Lock a parcel's order, under which its parcels change, and read the parcel. Raises ShipmentNotFound."""
    order_id = Shipment.objects.filter(pk=shipment_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise ShipmentNotFound
    order = lock_order(order_id)
    return order, Shipment.objects.get(pk=shipment_id)


def _line(event: TrackingEvent) -> dict[str, str]:
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "state": event.state,
        "place": event.place,
        "note": event.note,
    }


@transaction.atomic
def keep_label(*, shipment_id: uuid.UUID, asset_id: uuid.UUID) -> None:
    """A label that a carrier made belongs to a parcel, while it is still being examined."""
    _order, shipment = lock_parcel(shipment_id)
    if shipment.label_id is None:
        shipment.label_id = asset_id
        shipment.save(update_fields=["label", "updated_at"])


@transaction.atomic
def claim_parcels_to_check(*, at: datetime, limit: int) -> list[Shipment]:
    """Parcels under way of carriers that can be asked, and that nobody asked for within the last hour; noted as asked for."""
    due = list(
        Shipment.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(parcels_to_check(at=at))
        .order_by(F("checked_at").asc(nulls_first=True))[:limit]
    )
    Shipment.objects.filter(pk__in=[shipment.pk for shipment in due]).update(checked_at=at)
    return due
