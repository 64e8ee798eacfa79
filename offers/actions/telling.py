"""What those who are connected see at once of an offer, and the listing's scrolling chips."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation

from core.realtime.presence import online
from core.realtime.telling import tell_each, tell_room
from offers.models import Offer
from offers.selectors import chip, language_of, shape_for, terms_of
from offers.states import OfferState, Side

NEW = "offer:new"
UPDATED = "offer:updated"
CHIP = "offer:chip"


def room_of(product_id: UUID) -> str:
    """The room, and the stream, of everybody who looks at a listing's offers."""
    return f"offers:{product_id}"


def tell_parties(offer: Offer, name: str) -> None:
    """Send both sides the offer as each of them sees it, in their language, once the transaction commits."""
    parties = (offer.seller_id, offer.buyer_id) if offer.made_by == Side.BUYER else (offer.buyer_id, offer.seller_id)
    tell_each({person_id: partial(_seen_by, person_id, offer.pk) for person_id in parties}, name)


def tell_whoever_is_there(offer: Offer, name: str) -> None:
    """The same to those who are connected when the transaction commits."""

    def tell() -> None:
        here = online([offer.buyer_id, offer.seller_id])
        tell_each({person_id: partial(_seen_by, person_id, offer.pk) for person_id in here}, name)

    transaction.on_commit(tell, robust=True)


def _seen_by(person_id: UUID, offer_id: UUID) -> dict[str, Any]:
    with translation.override(language_of(person_id)):
        return shape_for(person_id, offer_id)


def show_chip(offer: Offer) -> None:
    """Show a buyer's turn to whoever looks at the listing, where its seller switched that on."""
    if offer.made_by != Side.BUYER or offer.state not in (OfferState.PENDING, OfferState.ACCEPTED):
        return
    if terms_of(offer.product_id).shows_offers:
        room = room_of(offer.product_id)
        tell_room(room, CHIP, chip(offer), stream=room)
