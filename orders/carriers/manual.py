"""A counter, a taxi, one's own car: nobody is asked, the sender says what there is to know."""

from orders.carriers.port import Booking, Label, Parcel, TrackingEvent


class ManualCarrier:
    name = "manual"
    tracks = False

    def book(self, parcel: Parcel) -> Booking:
        return Booking(reference="", tracking_number="")

    def label(self, reference: str) -> Label | None:
        return None

    def track(self, reference: str) -> list[TrackingEvent]:
        return []

    def cancel(self, reference: str, *, key: str) -> None:
        return None
