"""What happens to money. References ("checkout:…", "order:…") are those of whoever opened the payment."""

import uuid

from core.events import Event, event


@event("payments.command_ordered")
class CommandOrdered(Event):
    """Something is to be done at the provider."""

    command_id: uuid.UUID


@event("payments.provider_event_received")
class ProviderEventReceived(Event):
    """The provider rang: an event lies in the inbox."""

    event_id: str


@event("payments.payment_captured")
class PaymentCaptured(Event):
    """The money is with us. `was_cancelled`: it had been called off, and whoever opened it decides what becomes of it."""

    payment_id: uuid.UUID
    reference: str
    was_cancelled: bool = False


@event("payments.payment_declined")
class PaymentDeclined(Event):
    """A try failed; the payment stays open for another."""

    payment_id: uuid.UUID
    reference: str
    failure_code: str


@event("payments.payment_cancelled")
class PaymentCancelled(Event):
    payment_id: uuid.UUID
    reference: str


@event("payments.hold_released")
class HoldReleased(Event):
    """A seller's share is in their balance."""

    hold_id: uuid.UUID
    reference: str


@event("payments.refund_requested")
class RefundRequested(Event):
    """Some of a hold is to be given back; `Refund.needs_approval` says whether a second person must agree first."""

    refund_id: uuid.UUID
    reference: str


@event("payments.refund_sent")
class RefundSent(Event):
    """The provider has taken the refund on; the hold counts it as given back."""

    refund_id: uuid.UUID
    reference: str


@event("payments.refund_failed")
class RefundFailed(Event):
    """It could not be carried out, or came back: the money is with us again."""

    refund_id: uuid.UUID
    reference: str


@event("payments.refund_refused")
class RefundRefused(Event):
    """The second person did not agree."""

    refund_id: uuid.UUID
    reference: str


@event("payments.chargeback_opened")
class ChargebackOpened(Event):
    chargeback_id: uuid.UUID
    reference: str  # of its payment


@event("payments.chargeback_closed")
class ChargebackClosed(Event):
    """Decided by the bank: `Chargeback.state` says how."""

    chargeback_id: uuid.UUID
    reference: str


@event("payments.fraud_warned")
class FraudWarned(Event):
    """The card's bank says that the payer may not be its owner: a refund now saves a chargeback. Whoever opened the payment decides."""

    payment_id: uuid.UUID
    reference: str


@event("payments.books_differ")
class BooksDiffer(Event):
    """The provider's books and ours do not agree on more than the operator tolerates: no payout until it is explained."""

    run_id: uuid.UUID


@event("payments.payout_ordered")
class PayoutOrdered(Event):
    payout_id: uuid.UUID


@event("payments.payout_paid")
class PayoutPaid(Event):
    payout_id: uuid.UUID


@event("payments.payout_failed")
class PayoutFailed(Event):
    payout_id: uuid.UUID


@event("payments.seller_account_changed")
class SellerAccountChanged(Event):
    """What the provider lets a seller do, or wants to know of them, is another."""

    user_id: uuid.UUID
