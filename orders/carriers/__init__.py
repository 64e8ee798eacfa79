"""Carriers behind one port. `manual`: whoever sends enters what the counter told them. `http`: a carrier's service (docs/money.md)."""

from django.conf import settings

from orders.carriers.http import HttpCarrier
from orders.carriers.manual import ManualCarrier
from orders.carriers.port import (
    Booking,
    Carrier,
    CarrierRefused,
    CarrierUnclear,
    Label,
    Parcel,
    TrackingEvent,
)

MANUAL = "manual"
HTTP = "http"

__all__ = [
    "HTTP",
    "MANUAL",
    "Booking",
    "Carrier",
    "CarrierRefused",
    "CarrierUnclear",
    "Label",
    "Parcel",
    "TrackingEvent",
    "carrier_named",
    "offered",
]


def offered() -> list[str]:
    """The adapters that can be used here."""
    return [MANUAL, *([HTTP] if settings.ORDERS["carrier_url"] else [])]


def carrier_named(name: str) -> Carrier | None:
    """None where it is not set up."""
    if name not in offered():
        return None
    if name == MANUAL:
        return ManualCarrier()
    return HttpCarrier(url=settings.ORDERS["carrier_url"], key=settings.ORDERS["carrier_key"])
