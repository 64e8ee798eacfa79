"""A person's own haggling: told on request, ended and blanked when they leave. Accounts asks (`accounts.ports`)."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.events import publish
from core.states import move
from offers.actions.locks import lock_offers
from offers.events import OfferDeclined, OfferWithdrawn
from offers.models import Offer
from offers.selectors import all_offers_of, live_offers_of
from offers.states import OFFER_MOVES, OfferState, Side


def export_person(user: User) -> Iterator[tuple[str, Any]]:
    """Every turn of one's negotiations, on either side; the other's words are in the conversation, as they were said to one."""
    yield "offers/offers.json", [_told(offer, user) for offer in all_offers_of(user)]


def _told(offer: Offer, user: User) -> dict[str, Any]:
    return {
        "id": str(offer.pk),
        "negotiation_id": str(offer.negotiation_id),
        "turn": offer.turn,
        "listing": offer.product.title,
        "listing_id": str(offer.product_id),
        "my_side": Side.BUYER if offer.buyer_id == user.pk else Side.SELLER,
        "made_by": offer.made_by,
        "kind": offer.kind,
        "amount": None if offer.amount is None else str(offer.amount),
        "currency": offer.currency,
        "offered_in_trade": str(offer.trade_product_id) if offer.trade_product_id else None,
        "message": offer.message,
        "state": offer.state,
        "made_at": offer.created_at.isoformat(),
        "ended_at": offer.responded_at.isoformat() if offer.responded_at else None,
    }


@transaction.atomic
def erase_person(user: User) -> dict[str, int]:
    """End what still waits in a person's name, and blank the words they put beside their numbers. Returns how many turns.

    The rows stay: the other side's books refer to them. Nobody who has accepted or was accepted gets here (`why_not_erased`).
    """
    now = timezone.now()
    for offer in lock_offers((Q(buyer=user) | Q(seller=user)) & Q(state=OfferState.PENDING)).values():
        theirs = (offer.made_by == Side.BUYER) == (offer.buyer_id == user.pk)
        state = OfferState.WITHDRAWN if theirs else OfferState.DECLINED
        move(offer, state, OFFER_MOVES, responded_at=now, stopped_at=None)
        publish((OfferWithdrawn if theirs else OfferDeclined)(offer_id=offer.pk))
    said = Offer.objects.filter(Q(buyer=user, made_by=Side.BUYER) | Q(seller=user, made_by=Side.SELLER))
    return {"offers": said.update(message="")}


def why_not_erased(user: User) -> str | None:
    """While something is reserved for a payment, both people stay."""
    accepted = live_offers_of(user).filter(state=OfferState.ACCEPTED)
    return _("An accepted offer of yours, or to you, waits for its payment.") if accepted.exists() else None
