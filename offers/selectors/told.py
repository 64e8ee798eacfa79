"""What an offer tells: on the wire, in a frame, on a card in a conversation, in a line of a list."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.selectors import person_brief
from catalog.models import Product
from catalog.states import ProductState
from core.amounts import money_words
from core.money import Money
from media.models import MediaAsset
from media.selectors import picture, shown
from offers.models import Offer
from offers.rules import MAX_TURNS, is_over_time
from offers.selectors.lists import with_parts
from offers.states import Ending, OfferState, Side

CARD_WIDTH = 640  # pixels; wider renditions are for the listing's own page


def offer_shape(viewer_id: uuid.UUID, offers: Iterable[Offer]) -> list[dict[str, Any]]:
    """Offers of `with_parts` as one of their parties sees them. No query."""
    return [_shape(viewer_id, offer) for offer in offers]


def shape_for(viewer_id: uuid.UUID, offer_id: uuid.UUID) -> dict[str, Any]:
    """One offer as it stands now, for one of its parties."""
    return _shape(viewer_id, with_parts(Offer.objects.filter(pk=offer_id)).get())


def cards(viewer: User, references: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """What cards in conversations show of these offers (`messaging.ports`). One query."""
    found = with_parts(Offer.objects.filter(pk__in=list(references)))
    return {offer.pk: _shape(viewer.pk, offer) for offer in found}


def card_line(offer_id: uuid.UUID) -> str:
    """An offer in a few words, in the active language: for lists of conversations and push messages."""
    offer = Offer.objects.filter(pk=offer_id).first()
    return "" if offer is None else _("Offer: {what}").format(what=in_words(offer))


def in_words(offer: Offer) -> str:
    """What is offered, in the active language."""
    if offer.amount is None:
        return _("a trade")
    money = money_words(offer.amount)
    return money if offer.trade_product_id is None else _("a trade and {money}").format(money=money)


def in_money(minor: int, currency: str) -> str:
    """As notices keep it, for `core.amounts`."""
    return f"{currency} {Money(minor, currency)}"


def chip(offer: Offer) -> dict[str, Any]:
    """A buyer's turn as strangers may see it: first name and initial, and how much."""
    return {
        "name": offer.buyer.display_name,
        "amount": None if offer.amount is None else str(offer.amount),
        "currency": offer.currency,
        "kind": offer.kind,
        "made_at": offer.created_at,
    }


def _shape(viewer_id: uuid.UUID, offer: Offer) -> dict[str, Any]:
    return {
        "id": offer.pk,
        "negotiation_id": offer.negotiation_id,
        "conversation_id": offer.conversation_id,
        "turn": offer.turn,
        "product": _thing(offer.product),
        "variant": {"id": offer.variant_id, "options": offer.variant.options},
        "buyer": person_brief(offer.buyer),
        "seller": person_brief(offer.seller),
        "made_by": offer.made_by,
        "kind": offer.kind,
        "amount": None if offer.amount is None else str(offer.amount),
        "currency": offer.currency,
        "asked": str(Money(offer.asked_minor, offer.currency)),
        "percent_of_asked": _percent(offer),
        "trade_product": _thing(offer.trade_product) if offer.trade_product else None,
        "message": "" if offer.words_hidden else offer.message,  # type: ignore[attr-defined]
        "state": offer.state,
        # A block is nobody's news: for both it is simply over.
        "ending": "" if offer.ending == Ending.BLOCKED else offer.ending,
        "expires_at": offer.expires_at,
        "clock_stopped": offer.stopped_at is not None,
        "seconds_left": _seconds_left(offer),
        "responded_at": offer.responded_at,
        "payment_due_at": offer.payment_due_at,
        "paid_at": offer.paid_at,
        "order_id": getattr(offer, "order_id", None),
        "created_at": offer.created_at,
        "actions": open_actions(viewer_id, offer),
    }


def open_actions(viewer_id: uuid.UUID, offer: Offer) -> list[str]:
    """What this party may do with the turn now, as far as the offer and its listings tell."""
    if offer.state != OfferState.PENDING or is_over_time(offer, at=timezone.now()):
        return []
    side = Side.BUYER if viewer_id == offer.buyer_id else Side.SELLER
    if side == offer.made_by:
        return ["withdraw"]
    if not offer.product.is_listed:
        return ["decline"]
    traded = offer.trade_product
    may_accept = (traded is None or traded.is_listed) and _price_stands(offer)
    may_counter = offer.turn < MAX_TURNS
    return [*(["accept"] if may_accept else []), "decline", *(["counter"] if may_counter else [])]


def _price_stands(offer: Offer) -> bool:
    asked = offer.variant.price_minor or offer.product.price_minor or 0
    return offer.amount_minor is None or offer.amount_minor <= asked


def _percent(offer: Offer) -> int | None:
    return None if offer.amount_minor is None else round(offer.amount_minor * 100 / offer.asked_minor)


def _seconds_left(offer: Offer) -> int | None:
    """How long the waiting turn still waits; the same number for as long as its clock stands."""
    if offer.state != OfferState.PENDING:
        return None
    return max(0, int((offer.expires_at - (offer.stopped_at or timezone.now())).total_seconds()))


def _thing(product: Product) -> dict[str, Any]:
    gone = product.state == ProductState.REMOVED
    return {
        "id": product.pk,
        "title": product.title,
        "price": None if product.price is None else str(product.price),
        "currency": product.currency,
        "state": product.state,
        "picture": None if gone else _picture(product.cover),
    }


def _picture(cover: MediaAsset | None) -> dict[str, Any] | None:
    whole = picture(cover)
    if whole is None or cover is None:
        return None
    narrow = [v for v in cover.variants if v["width"] <= CARD_WIDTH and v["format"] != "mp4"]
    return {**whole, **shown(narrow or cover.variants), "video": None}
