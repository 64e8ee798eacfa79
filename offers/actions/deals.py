"""What turns and answers share: whether a deal can be struck now, striking it, and letting go of it again."""

from datetime import datetime

from django.conf import settings

from accounts.models import User
from accounts.rules import check_not_suspended
from accounts.selectors import ties
from catalog.actions import release_hold, take_holds
from catalog.models import Product, ProductVariant
from catalog.rules import check_for_sale
from catalog.selectors import variants_with_stock
from catalog.states import ProductState
from core.events import publish
from core.states import move
from offers import errors, rules
from offers.actions.clocks import restart_clocks, stop_clocks
from offers.actions.locks import Table, open_holds_of, reference_of
from offers.events import OfferAccepted, OfferExpired
from offers.models import Offer
from offers.states import OFFER_MOVES, Ending, OfferState
from orders.actions import open_order_for_offer


def check_open(table: Table, *, person: User, at: datetime) -> None:
    """The turn waits for this side, the listing is to be had, and the two may trade with each other.

    Raises:
        Suspended, NoLongerWaiting, NotYourTurn, ReservedForAnother, TooLate, NotForSale, OtherNotThere.
    """
    check_not_suspended(person)
    rules.check_waiting(table.offer)
    if table.product.state == ProductState.RESERVED:  # also where the clock has not been told yet
        if table.side == table.offer.made_by:
            raise errors.NotYourTurn
        raise errors.ReservedForAnother
    rules.check_answers(table.offer, side=table.side, at=at)
    check_for_sale(table.product)
    bond = ties(person, table.other.pk)
    if bond.blocked or bond.blocked_by or table.other.suspended_at or not table.other.is_active:
        raise errors.OtherNotThere


def check_traded(product: Product | None, *, buyer: User) -> ProductVariant:
    """What is traded is a locked listing of the buyer's that is for sale, of one thing; its variant comes back.

    Raises:
        NotYourThing.
    """
    if product is None or product.seller_id != buyer.pk or not product.is_listed or buyer.listings_hidden_at:
        raise errors.NotYourThing
    on_offer = list(variants_with_stock(product)[:2])
    if len(on_offer) != 1 or on_offer[0].available <= 0:
        raise errors.NotYourThing
    return on_offer[0]


def seal(offer: Offer, *, product: Product, trade_product: Product | None, at: datetime) -> None:
    """Accept a turn: set both things aside for it until the payment is due, open its order, and stop the clocks of whoever waits.

    The caller holds the listings, their stock and the turns that wait on them. Neither the hold nor the order has an end of its own:
    the offer's deadline is the only one, and all three end in one transaction. Publishes OfferAccepted; orders OrderPlaced.

    Raises:
        NotForSale, OutOfStock, TradedThingGone.
    """
    wanted, traded = {offer.variant_id: 1}, None
    if trade_product is not None:
        try:
            traded = check_traded(trade_product, buyer=offer.buyer)
        except errors.NotYourThing:
            raise errors.TradedThingGone from None
        wanted[traded.pk] = 1
    take_holds(wanted=wanted, reference=reference_of(offer.pk), expires_at=None)
    due = at + settings.OFFER_PAYMENT_WINDOW
    move(offer, OfferState.ACCEPTED, OFFER_MOVES, responded_at=at, payment_due_at=due)
    variant = offer.variant
    variant.product = product
    open_order_for_offer(
        reference=reference_of(offer.pk),
        buyer=offer.buyer,
        seller=offer.seller,
        variant=variant,
        amount=offer.amount,
        traded_variant=traded,
        expires_at=due,
        channel=product.feed_type,
    )
    for thing in (product, trade_product):
        if thing is not None:
            thing.refresh_from_db(fields=["state"])
            if thing.state == ProductState.RESERVED:
                stop_clocks(thing, at=at)
    publish(OfferAccepted(offer_id=offer.pk))


def let_go(offer: Offer, *, products: list[Product]) -> None:
    """Give back what an accepted turn held; what is for sale again by that lets its clocks run on. The caller holds the same rows."""
    for hold in open_holds_of(offer):
        release_hold(hold_id=hold.pk)
    for product in products:
        product.refresh_from_db(fields=["state"])
        if product.state == ProductState.ACTIVE:
            restart_clocks(product)


def expire(offer: Offer, *, at: datetime, because: str = Ending.TIME) -> None:
    """A locked turn ended by the clock. Publishes OfferExpired, by which its card is drawn anew."""
    move(offer, OfferState.EXPIRED, OFFER_MOVES, responded_at=at, stopped_at=None, ending=because)
    publish(OfferExpired(offer_id=offer.pk))
