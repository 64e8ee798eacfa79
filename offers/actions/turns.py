"""Saying a number: the first offer, and every counter. Each turn is a row of its own and a card in the conversation."""

import uuid
from datetime import datetime
from enum import Enum

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.rules import check_unrestricted, check_verified, is_newcomer
from accounts.selectors import open_restriction_kinds
from accounts.states import RestrictionKind
from catalog.errors import OutOfStock, ProductNotFound
from catalog.models import Product, ProductVariant
from catalog.ports import quote_fee
from catalog.rules import check_for_sale
from catalog.selectors import may_see, variant_of, variants_with_stock
from core.events import publish
from core.money import Money
from core.ratelimits import Limit, take
from core.states import move
from messaging.actions import post_card, start_conversation, touch_cards
from offers import errors, rules
from offers.actions.deals import check_open, check_traded, expire, seal
from offers.actions.locks import lock_offers, lock_products, lock_stock, lock_table, lock_waiting
from offers.actions.telling import NEW, UPDATED, show_chip, tell_parties
from offers.events import OfferDeclined, OfferMade
from offers.models import Offer
from offers.selectors import LIVE, live_offer, terms_of
from offers.states import CARD, OFFER_MOVES, Ending, OfferKind, OfferState, Side


class Keep(Enum):
    """Not named: as it was in the turn that is answered."""

    KEEP = "keep"


KEEP = Keep.KEEP


@transaction.atomic
def make_offer(
    *,
    buyer: User,
    product_id: uuid.UUID,
    variant_id: uuid.UUID | None = None,
    kind: str = OfferKind.CASH,
    amount: Money | None = None,
    trade_product_id: uuid.UUID | None = None,
    message: str = "",
) -> Offer:
    """Open a negotiation. The turn is a card in the conversation about the listing and waits 24 hours for the seller.

    The seller's terms may answer at once: below the floor it is declined (the floor is told nobody), from the other end on it is
    accepted as `accept_offer` does. Locks both listings, and for an acceptance what `accept_offer` locks. Publishes OfferMade when
    it waits, else OfferDeclined or OfferAccepted.

    Raises:
        accounts' refusals (suspended, nothing proven, may not write), messaging's (blocked, too many conversations).
        ProductNotFound, NotForSale, VariantNotFound, OutOfStock, OwnListing, TakesNoOffers, TakesNoTrades, AlreadyHaggling.
        ChooseVariant, NothingOffered, NoTradeNamed, NotInThisKind, NotYourThing, MessageTooLong, WrongCurrency, AmountNotPositive,
        AmountAboveAsked, AmountNotAboveFee: naming the field.
        TooManyOffers.
    """
    now = timezone.now()
    check_verified(buyer)
    check_may_write(buyer)
    rules.check_parts(kind=kind, amount=amount, trade_product_id=trade_product_id)
    rules.check_message(message)
    products = lock_products([product_id, trade_product_id])
    product = products.get(product_id)
    if product is None or not may_see(viewer=buyer, product=product):
        raise ProductNotFound
    if product.seller_id == buyer.pk:
        raise errors.OwnListing
    check_for_sale(product)
    terms = terms_of(product.pk)
    rules.check_takes(terms, kind=kind)
    variant = _variant_meant(product, variant_id)
    asked = rules.asking_price(product, variant)
    _check_amount(product, amount, asked=asked, at="offered_price")
    if trade_product_id is not None:
        check_traded(products.get(trade_product_id), buyer=buyer)
    _leave_nothing_open(buyer=buyer, product=product, at=now)
    take(f"offers:{buyer.pk}", _limit_of(buyer, at=now), refusal=errors.TooManyOffers)
    answer = rules.house_answer(terms, kind=kind, amount=amount, asked=asked)
    if answer == OfferState.ACCEPTED:
        lock_stock(products)
        lock_waiting(products)
    conversation = start_conversation(person=buyer, other_id=product.seller_id, product_id=product.pk)
    offer = Offer(
        product=product,
        variant=variant,
        conversation=conversation,
        buyer=buyer,
        seller=product.seller,
        made_by=Side.BUYER,
        kind=kind,
        amount_minor=amount.minor if amount else None,
        currency=product.currency,
        trade_product=products[trade_product_id] if trade_product_id else None,
        message=message,
        asked_minor=asked.minor,
        created_at=now,
        expires_at=now + settings.OFFER_LIFE,
    )
    offer.negotiation_id = offer.pk
    _say(offer, speaker=buyer, answer=answer, at=now)
    return offer


@transaction.atomic
def counter_offer(
    *,
    person: User,
    offer_id: uuid.UUID,
    amount: Money | None,
    trade_product_id: uuid.UUID | Keep | None = KEEP,
    message: str = "",
) -> Offer:
    """Answer the other's turn with one's own, which waits another 24 hours, and return it. What is traded stays unless it is named.

    A seller goes above what the buyer offers, a buyer below what the seller asks. A buyer's counter meets the seller's terms as a
    first offer does. Locks what `accept_offer` locks. Publishes OfferMade, OfferDeclined or OfferAccepted.

    Raises:
        OfferNotFound, NoLongerWaiting, NotYourTurn, TooLate, TooManyTurns, ReservedForAnother, NotForSale, OtherNotThere,
        accounts' refusals; CounterNotHigher, CounterNotLower, and what a first offer's parts are refused for.
    """
    now = timezone.now()
    named = None if isinstance(trade_product_id, Keep) else trade_product_id
    table = lock_table(person=person, offer_id=offer_id, also=named)
    answered, side, product = table.offer, table.side, table.product
    check_open(table, person=person, at=now)
    check_may_write(person)
    rules.check_message(message)
    traded_id = answered.trade_product_id if isinstance(trade_product_id, Keep) else trade_product_id
    kind = rules.kind_of(amount=amount, trade_product_id=traded_id)
    terms = terms_of(product.pk)
    if side == Side.BUYER and traded_id not in (None, answered.trade_product_id):
        rules.check_takes(terms, kind=kind)
    asked = rules.asking_price(product, answered.variant)
    _check_amount(product, amount, asked=asked, at="counter_price")
    rules.check_counter(by=side, amount=amount, trade_product_id=traded_id, answered=answered)
    traded = lock_products([traded_id]).get(traded_id) if traded_id else None  # held already, by `lock_table`
    if traded_id is not None:
        check_traded(traded, buyer=answered.buyer)
    answer = rules.house_answer(terms, kind=kind, amount=amount, asked=asked) if side == Side.BUYER else None
    move(answered, OfferState.COUNTERED, OFFER_MOVES, responded_at=now, stopped_at=None)
    touch_cards(reference=answered.pk)
    tell_parties(answered, UPDATED)
    turn = Offer(
        negotiation_id=answered.negotiation_id,
        turn=answered.turn + 1,
        product=product,
        variant=answered.variant,
        conversation_id=answered.conversation_id,
        buyer=answered.buyer,
        seller=answered.seller,
        made_by=side,
        kind=kind,
        amount_minor=amount.minor if amount else None,
        currency=product.currency,
        trade_product=traded,
        message=message,
        asked_minor=asked.minor,
        created_at=now,
        expires_at=now + settings.OFFER_LIFE,
    )
    _say(turn, speaker=person, answer=answer, at=now)
    return turn


def _say(offer: Offer, *, speaker: User, answer: OfferState | None, at: datetime) -> None:
    """Write a turn down, let the seller's terms answer it, show its card, tell both sides and whoever watches the listing."""
    offer.save(force_insert=True)
    if answer == OfferState.ACCEPTED:
        seal(offer, product=offer.product, trade_product=offer.trade_product, at=at)
    elif answer == OfferState.DECLINED:
        move(offer, OfferState.DECLINED, OFFER_MOVES, responded_at=at, ending=Ending.FLOOR)
        publish(OfferDeclined(offer_id=offer.pk))
    else:
        publish(OfferMade(offer_id=offer.pk))
    post_card(sender=speaker, conversation_id=offer.conversation_id, kind=CARD, reference=offer.pk, body=offer.message)
    tell_parties(offer, NEW)
    show_chip(offer)


def check_may_write(person: User) -> None:
    """Raises Suspended, Restricted."""
    check_unrestricted(person, kind=RestrictionKind.MESSAGE, open_kinds=open_restriction_kinds(person))


def _variant_meant(product: Product, variant_id: uuid.UUID | None) -> ProductVariant:
    """Raises VariantNotFound, ChooseVariant, OutOfStock."""
    if variant_id is not None:
        variant = variant_of(product, variant_id)
    else:
        on_offer = list(variants_with_stock(product)[:2])
        if len(on_offer) != 1:
            raise errors.ChooseVariant
        variant = on_offer[0]
    if variant.available <= 0:
        raise OutOfStock(wanted=1, available=0)
    return variant


def _check_amount(product: Product, amount: Money | None, *, asked: Money, at: str) -> None:
    if amount is None:
        return
    rules.check_amount(amount, asked=asked, at=at)
    quote = quote_fee(price=amount, channel=product.feed_type, category=product.category, seller=product.seller)
    rules.check_above_fee(amount, fee=quote.fee, at=at)


def _leave_nothing_open(*, buyer: User, product: Product, at: datetime) -> None:
    """One live offer per buyer and listing; one whose time is over, and that the sweep has not met yet, ends here.

    Raises AlreadyHaggling.
    """
    live = live_offer(buyer=buyer, product=product)
    if live is None:
        return
    last = lock_offers(Q(pk=live.pk))[live.pk]
    if rules.is_over_time(last, at=at):
        expire(last, at=at)
    elif last.state in LIVE:
        raise errors.AlreadyHaggling(offer_id=str(last.pk))


def _limit_of(buyer: User, *, at: datetime) -> Limit:
    who = "newcomer" if is_newcomer(buyer, now=at) else "other"
    return Limit.parse(settings.OFFERS_PER_PERSON[who])
