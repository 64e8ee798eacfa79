"""What happens to listings."""

import uuid
from datetime import datetime

from core.events import Event, event


@event("catalog.product_submitted")
class ProductSubmitted(Event):
    """A listing or a material edit of one waits for a moderator."""

    product_id: uuid.UUID
    revision: int


@event("catalog.product_published")
class ProductPublished(Event):
    """A listing is for sale (first time, after review, or again)."""

    product_id: uuid.UUID


@event("catalog.product_edited")
class ProductEdited(Event):
    product_id: uuid.UUID
    revision: int


@event("catalog.price_changed")
class PriceChanged(Event):
    product_id: uuid.UUID
    old_minor: int
    new_minor: int


@event("catalog.product_rejected")
class ProductRejected(Event):
    product_id: uuid.UUID


@event("catalog.product_unlisted")
class ProductUnlisted(Event):
    """No longer for sale: paused, expired, removed or hidden. `because` is the state or `hidden`."""

    product_id: uuid.UUID
    because: str


@event("catalog.product_expires_soon")
class ProductExpiresSoon(Event):
    """The term of a listing that is for sale ends within `actions.NOTICE_OF_END`. Once for each term."""

    product_id: uuid.UUID
    expires_at: datetime


@event("catalog.product_sold")
class ProductSold(Event):
    product_id: uuid.UUID


@event("catalog.product_favoured")
class ProductFavoured(Event):
    product_id: uuid.UUID
    user_id: uuid.UUID
