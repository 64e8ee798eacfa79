"""Answering the other's turn, and taking back one's own."""

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.rules import check_not_suspended
from core.events import Event, publish
from core.states import move
from messaging.actions import touch_cards
from offers import errors, rules
from offers.actions.deals import check_open, seal
from offers.actions.locks import lock_offer, lock_table
from offers.actions.telling import UPDATED, tell_parties
from offers.events import OfferDeclined, OfferWithdrawn
from offers.models import Offer
from offers.states import OFFER_MOVES, OfferState


@transaction.atomic
def accept_offer(*, person: User, offer_id: uuid.UUID) -> Offer:
    """Say yes to the other's turn: the listing (and what is traded) is set aside for the buyer until `payment_due_at`.

    The others who wait go on waiting, with their clocks stopped. Accepting again is the same answer and changes nothing.
    Locks product, stock, every turn that waits on it, conversation. Publishes OfferAccepted.

    Raises:
        OfferNotFound, NoLongerWaiting, NotYourTurn, TooLate.
        ReservedForAnother, NotForSale, OutOfStock, TradedThingGone, PriceFell: it cannot be had (for this) now.
        Suspended, OtherNotThere: one of the two may not trade.
    """
    now = timezone.now()
    table = lock_table(person=person, offer_id=offer_id)
    offer = table.offer
    if offer.state == OfferState.ACCEPTED and table.side != offer.made_by:
        return offer
    check_open(table, person=person, at=now)
    rules.check_price_stands(offer, asked=rules.asking_price(table.product, offer.variant))
    seal(offer, product=table.product, trade_product=table.trade_product, at=now)
    _show(offer)
    return offer


@transaction.atomic
def decline_offer(*, person: User, offer_id: uuid.UUID) -> Offer:
    """Say no to the other's turn; the negotiation is over. Publishes OfferDeclined.

    Raises:
        OfferNotFound, NoLongerWaiting, NotYourTurn, TooLate, Suspended.
    """
    offer, side = lock_offer(person=person, offer_id=offer_id)
    check_not_suspended(person)
    rules.check_answers(offer, side=side, at=timezone.now())
    return _end(offer, OfferState.DECLINED, OfferDeclined(offer_id=offer.pk))


@transaction.atomic
def withdraw_offer(*, person: User, offer_id: uuid.UUID) -> Offer:
    """Take one's own turn back before it is answered; the negotiation is over. Publishes OfferWithdrawn.

    Raises:
        OfferNotFound, NoLongerWaiting, OnlyItsMakerWithdraws, TooLate, Suspended.
    """
    offer, side = lock_offer(person=person, offer_id=offer_id)
    check_not_suspended(person)
    rules.check_waiting(offer)
    if side != offer.made_by:
        raise errors.OnlyItsMakerWithdraws
    if rules.is_over_time(offer, at=timezone.now()):
        raise errors.TooLate
    return _end(offer, OfferState.WITHDRAWN, OfferWithdrawn(offer_id=offer.pk))


def _end(offer: Offer, state: OfferState, news: Event) -> Offer:
    move(offer, state, OFFER_MOVES, responded_at=timezone.now(), stopped_at=None)
    publish(news)
    _show(offer)
    return offer


def _show(offer: Offer) -> None:
    touch_cards(reference=offer.pk)
    tell_parties(offer, UPDATED)
