"""Carriers behind one port. `manual`: whoever sends enters what the counter told them. `http`: a carrier's service (docs/money.md)."""

import json
from typing import Any

from django.conf import settings

from orders.carriers.http import HttpCarrier, read_events, signature_fits
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
    "is_signed",
    "offered",
    "read_events",
    "words_in",
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


def is_signed(name: str, header: str, body: bytes, *, now: float) -> bool:
    """Whether a carrier that is set up here signed these bytes, in the last five minutes."""
    if name == MANUAL or carrier_named(name) is None:
        return False
    return signature_fits(header, body, key=settings.ORDERS["carrier_key"], now=now)


def words_in(body: bytes) -> dict[str, Any] | None:
    """None for what is no JSON object."""
    try:
        said = json.loads(body)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None
