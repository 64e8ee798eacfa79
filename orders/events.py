"""What happens to orders."""

import uuid

from core.events import Event, event


@event("orders.order_placed")
class OrderPlaced(Event):
    """Opened; most wait for payment now. Cash sales and trades are confirmed in the same moment."""

    order_id: uuid.UUID


@event("orders.order_confirmed")
class OrderConfirmed(Event):
    """Paid (or agreed, where nothing is paid through us): the seller is to deliver. `source_reference`: the offer it came from."""

    order_id: uuid.UUID
    source_reference: str


@event("orders.order_cancelled")
class OrderCancelled(Event):
    """Nothing comes of it; what was paid goes back. `Order.cancelled_because` says why."""

    order_id: uuid.UUID
    source_reference: str
    because: str


@event("orders.order_prepared")
class OrderPrepared(Event):
    """The seller has taken it on, or has it ready: `Order.fulfilment_state`."""

    order_id: uuid.UUID


@event("orders.order_dispatched")
class OrderDispatched(Event):
    order_id: uuid.UUID


@event("orders.parcel_ordered")
class ParcelOrdered(Event):
    """A carrier is to be told of a parcel."""

    shipment_id: uuid.UUID


@event("orders.parcel_called_off")
class ParcelCalledOff(Event):
    """A parcel that a carrier knows of will not be sent."""

    shipment_id: uuid.UUID


@event("orders.order_missed")
class OrderMissed(Event):
    """It did not arrive, as the carrier says."""

    order_id: uuid.UUID


@event("orders.order_delivered")
class OrderDelivered(Event):
    """With the buyer: by the carrier's word, by a hand-over code, or by the clock."""

    order_id: uuid.UUID


@event("orders.order_completed")
class OrderCompleted(Event):
    """Finished: the money is the seller's. From now on the two may review each other."""

    order_id: uuid.UUID


@event("orders.order_reinstated")
class OrderReinstated(Event):
    """A bank had decided for the buyer and took it back: the payment stands, and the order is where it stood."""

    order_id: uuid.UUID


@event("orders.order_refunded")
class OrderRefunded(Event):
    """Some or all of the money is on its way back."""

    order_id: uuid.UUID
    refund_id: uuid.UUID


@event("orders.cash_back_said")
class CashBackSaid(Event):
    """The seller of a cash sale says that the buyer has the money back; the buyer is asked."""

    order_id: uuid.UUID
    line_id: uuid.UUID  # of the timeline: it may be said again after it was denied


@event("orders.cash_back_denied")
class CashBackDenied(Event):
    """The buyer says that they have not."""

    order_id: uuid.UUID
    line_id: uuid.UUID


@event("orders.cash_back_unanswered")
class CashBackUnanswered(Event):
    """The buyer has not said whether they have it, and their time is nearly over."""

    order_id: uuid.UUID


@event("orders.cash_back_escalated")
class CashBackEscalated(Event):
    """Their time is over: staff look at it."""

    order_id: uuid.UUID
    line_id: uuid.UUID


@event("orders.cash_sale_kept")
class CashSaleKept(Event):
    """Staff found that the money did not go back."""

    order_id: uuid.UUID
    line_id: uuid.UUID


@event("orders.cash_given")
class CashGiven(Event):
    """What a seller owed in cash is with the buyer, by the buyer's word or our staff's."""

    order_id: uuid.UUID
    line_id: uuid.UUID


@event("orders.cash_not_given")
class CashNotGiven(Event):
    """Our staff found that a seller did not give what they owe. The buyer may still say that they have it."""

    order_id: uuid.UUID
    line_id: uuid.UUID


@event("orders.cash_owed")
class CashOwed(Event):
    """A dispute about a cash sale ended, and the seller owes the buyer some or all of the money. We never held it."""

    order_id: uuid.UUID
    line_id: uuid.UUID


@event("orders.cash_sale_undone")
class CashSaleUndone(Event):
    """A cash sale did not stand, by the word of both or of our staff: the seller owes us no commission for it."""

    order_id: uuid.UUID
    by_staff: bool


@event("orders.meeting_proposed")
class MeetingProposed(Event):
    meeting_id: uuid.UUID


@event("orders.meeting_agreed")
class MeetingAgreed(Event):
    meeting_id: uuid.UUID


@event("orders.party_suspended")
class PartySuspended(Event):
    """One of the two may not trade any more while it is paid and under way: it goes on, and the other hears what that means."""

    order_id: uuid.UUID
    line_id: uuid.UUID  # of the timeline: its side is that of whoever is suspended


@event("orders.party_restored")
class PartyRestored(Event):
    """They may trade again, and it is still under way."""

    order_id: uuid.UUID
    line_id: uuid.UUID


@event("orders.meeting_called_off")
class MeetingCalledOff(Event):
    """By one of the two, before its time."""

    meeting_id: uuid.UUID


@event("orders.meeting_comes_up")
class MeetingComesUp(Event):
    """It is in a few hours."""

    meeting_id: uuid.UUID


@event("orders.meeting_missed")
class MeetingMissed(Event):
    meeting_id: uuid.UUID


@event("orders.dispute_opened")
class DisputeOpened(Event):
    dispute_id: uuid.UUID


@event("orders.dispute_answered")
class DisputeAnswered(Event):
    """The seller said what they would do."""

    dispute_id: uuid.UUID


@event("orders.dispute_escalated")
class DisputeEscalated(Event):
    """Staff are to decide."""

    dispute_id: uuid.UUID


@event("orders.dispute_decided")
class DisputeDecided(Event):
    dispute_id: uuid.UUID


@event("orders.dispute_appealed")
class DisputeAppealed(Event):
    dispute_id: uuid.UUID


@event("orders.return_asked")
class ReturnAsked(Event):
    """The buyer is to send it back first."""

    dispute_id: uuid.UUID


@event("orders.return_sent")
class ReturnSent(Event):
    dispute_id: uuid.UUID


@event("orders.dispute_closed")
class DisputeClosed(Event):
    dispute_id: uuid.UUID
