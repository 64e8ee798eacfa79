"""What happens to offers, as others hear of it."""

import uuid

from core.events import Event, event


@event("offers.offer_made")
class OfferMade(Event):
    """A turn was said: a first offer or a counter. Whoever did not make it is to answer."""

    offer_id: uuid.UUID


@event("offers.offer_accepted")
class OfferAccepted(Event):
    """The listing is reserved for the buyer until `Offer.payment_due_at`."""

    offer_id: uuid.UUID


@event("offers.offer_declined")
class OfferDeclined(Event):
    offer_id: uuid.UUID


@event("offers.offer_withdrawn")
class OfferWithdrawn(Event):
    offer_id: uuid.UUID


@event("offers.offer_expired")
class OfferExpired(Event):
    """Nobody answered, or an accepted one was not paid in time: `Offer.ending` says which."""

    offer_id: uuid.UUID


@event("offers.batch_expired")
class BatchExpired(Event):
    """A sweep ended these offers; of each, OfferExpired tells on its own soon after."""

    offer_ids: tuple[str, ...]


@event("offers.offer_superseded")
class OfferSuperseded(Event):
    offer_id: uuid.UUID


@event("offers.asking_price_changed")
class AskingPriceChanged(Event):
    """The price of a listing moved while this offer waits; its two people are told in their conversation."""

    offer_id: uuid.UUID
    old_minor: int
    new_minor: int


@event("offers.clocks_stopped")
class ClocksStopped(Event):
    """A listing is reserved for somebody: the others who wait for it have their clocks standing."""

    product_id: uuid.UUID


@event("offers.clocks_restarted")
class ClocksRestarted(Event):
    """It is to be had again: their clocks run on, with the time back."""

    product_id: uuid.UUID
