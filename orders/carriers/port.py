"""What we ask of a carrier, in plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class CarrierUnclear(Exception):  # noqa: N818 - no refusal: it may have happened
    """No answer, or none that says what became of it. The same request may be sent again with the same key."""


class CarrierRefused(Exception):  # noqa: N818 - a kind of answer
    """The carrier will not do this as asked; `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Parcel:
    """What is to be sent. `key` is the shipment's id: booking twice with it books once. Weights in grams."""

    key: str
    order_code: str
    sender: Mapping[str, str]
    recipient: Mapping[str, str]
    service: str = ""
    weight_grams: int | None = None


@dataclass(frozen=True)
class Booking:
    """`reference` is the carrier's own id of the parcel."""

    reference: str
    tracking_number: str
    tracking_url: str = ""


@dataclass(frozen=True)
class Label:
    content: bytes
    content_type: str


@dataclass(frozen=True)
class TrackingEvent:
    """One thing that a carrier saw. `state` is one of `orders.states.ShipmentState`, `at` the carrier's time (UTC)."""

    id: str
    at: datetime
    state: str
    place: str = ""
    note: str = ""


class Carrier(Protocol):
    """Raises CarrierUnclear and CarrierRefused, nothing else. Never called within a transaction."""

    name: str
    tracks: bool  # whether it can be asked where a parcel is

    def book(self, parcel: Parcel) -> Booking: ...
    def label(self, reference: str) -> Label | None: ...
    def track(self, reference: str) -> list[TrackingEvent]: ...
    def cancel(self, reference: str, *, key: str) -> None: ...
