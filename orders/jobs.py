"""What is asked of carriers, outside of any transaction. Each may be run twice or be killed at any point: the shipment's id is
the key of its booking, and what a carrier tells is added once.
"""

import uuid

import structlog
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core.errors import Refusal
from core.sweeps import each
from media.actions import take_file
from media.states import Purpose
from orders import actions, selectors
from orders.carriers import CarrierRefused, CarrierUnclear, Label, Parcel, carrier_named
from orders.models import Shipment
from orders.states import ShipmentState

log = structlog.get_logger(__name__)

_ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


def book_parcel(shipment_id: uuid.UUID) -> None:
    """Announce a parcel to its carrier, and fetch its label. Raises CarrierUnclear, so that its delivery is tried again."""
    shipment = selectors.shipment_of(shipment_id)
    carrier = carrier_named(shipment.adapter)
    if carrier is None or shipment.state != ShipmentState.BOOKED:
        return
    if not shipment.carrier_reference:
        try:
            booking = carrier.book(_parcel(shipment))
        except CarrierRefused as refusal:
            actions.note_refused(shipment_id=shipment_id, code=refusal.code)
            return
        shipment = actions.note_booked(shipment_id=shipment_id, booking=booking)
    if shipment.label_id is None:
        _fetch_label(shipment)


def _fetch_label(shipment: Shipment) -> None:
    carrier = carrier_named(shipment.adapter)
    try:
        label = carrier.label(shipment.carrier_reference) if carrier else None
    except CarrierRefused as refusal:
        log.warning("label_refused", shipment=str(shipment.pk), code=refusal.code)
        return
    if label is not None:
        _keep(shipment, label)


def _keep(shipment: Shipment, label: Label) -> None:
    """As an upload of the seller's, by the way that all uploads take: examined before it is given out."""
    name = f"{shipment.tracking_number or shipment.pk}.{_ENDINGS[label.content_type]}"
    file = SimpleUploadedFile(name, label.content, content_type=label.content_type)
    try:
        asset = take_file(owner=shipment.order.seller, file=file, purpose=Purpose.LABEL)
    except Refusal as refusal:
        log.warning("label_not_kept", shipment=str(shipment.pk), code=refusal.code)
        return
    actions.keep_label(shipment_id=shipment.pk, asset_id=asset.pk)


def cancel_parcel(shipment_id: uuid.UUID) -> None:
    """Tell a carrier not to fetch a parcel. Raises CarrierUnclear, so that its delivery is tried again."""
    shipment = selectors.shipment_of(shipment_id)
    carrier = carrier_named(shipment.adapter)
    if carrier is None or not shipment.carrier_reference:
        return
    try:
        carrier.cancel(shipment.carrier_reference, key=f"cancel:{shipment.pk}")
    except CarrierRefused as refusal:  # it is on its way already: its return is between the carrier and the seller
        log.warning("parcel_not_cancelled", shipment=str(shipment.pk), code=refusal.code)


def poll_carriers(*, limit: int = 200) -> int:
    """Ask where the parcels are that nobody told us of for an hour; return how many answered.

    The asking is noted before it is done, so that two polls do not ask for the same. A carrier that does not answer is asked again at
    the next turn.
    """
    due = actions.claim_parcels_to_check(at=timezone.now(), limit=limit)
    return each(due, _ask_carrier, expected=(CarrierUnclear, CarrierRefused))


def _ask_carrier(shipment: Shipment) -> bool:
    carrier = carrier_named(shipment.adapter)
    if carrier is None or not carrier.tracks:
        return False
    actions.note_tracking(shipment_id=shipment.pk, events=carrier.track(shipment.carrier_reference))
    return True


def _parcel(shipment: Shipment) -> Parcel:
    order = shipment.order
    home = order.seller.addresses.filter(is_default=True).first() or order.seller.addresses.order_by("pk").first()
    sender = {"name": order.seller.full_name or order.seller.username, "phone": str(order.seller.phone or "")}
    if home is not None:
        sender |= {"street": home.street, "city": home.city}
    wanted = ("recipient", "phone", "street", "building", "unit", "city", "country", "instructions")
    recipient = {name: str(order.address.get(name) or "") for name in wanted}
    return Parcel(
        key=str(shipment.pk),
        order_code=order.code,
        sender=sender,
        recipient=recipient,
        service=shipment.service,
        weight_grams=shipment.weight_grams,
    )
