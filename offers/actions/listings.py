"""What becomes of offers when something happens to the listing, or between the two people.

All of it looks at how the listing stands now, not at what the news said: news may come late, twice and in any order.
"""

import uuid

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog.models import Product
from catalog.states import ProductState
from core.events import publish, publish_many
from core.states import move
from messaging.actions import post_notice, touch_cards
from offers.actions.clocks import reserved_since, restart_clocks, stop_clocks
from offers.actions.deals import let_go
from offers.actions.locks import lock_offers, lock_products, lock_stock, lock_waiting, reference_of, variants_of
from offers.actions.telling import UPDATED, tell_whoever_is_there
from offers.events import AskingPriceChanged, OfferSuperseded
from offers.models import Offer
from offers.rules import fate_of
from offers.selectors import OPEN, in_money, touched_by, waiting_on
from offers.states import OFFER_MOVES, Ending, OfferState
from orders.actions import cancel_unpaid_order, cancel_unpaid_orders

BATCH = 500


def follow_listing(*, product_id: uuid.UUID, batch: int = BATCH) -> int:
    """Let the offers on a listing, and those that offer it in trade, follow how it stands; return how many changed.

    Sold or taken away: they are superseded, batch by batch. Reserved: the clocks of those who wait for it stand since then. Otherwise
    stopped clocks run on. Publishes OfferSuperseded for each, or ClocksStopped, ClocksRestarted.
    """
    if not touched_by(product_id).exists():
        return 0
    changed = 0
    for offer_id in touched_by(product_id).filter(state=OfferState.ACCEPTED).values_list("pk", flat=True):
        changed += _end_taken_down(product_id, offer_id)
    while step := _follow(product_id, batch):  # until nothing is left to do
        changed += step
    return changed


@transaction.atomic
def _follow(product_id: uuid.UUID, batch: int) -> int:
    product = lock_products([product_id])[product_id]
    ending = fate_of(product)
    if ending is not None:
        return _supersede(product_id, ending, batch)
    lock_waiting([product_id])
    if product.state == ProductState.RESERVED:
        return stop_clocks(product, at=reserved_since(product))
    return restart_clocks(product)


def _supersede(product_id: uuid.UUID, ending: Ending, batch: int) -> int:
    """The move is made for all at once; the filter on `state` is what `move` would check, under the same lock."""
    ids = list(
        touched_by(product_id)
        .select_for_update(of=("self",), no_key=True)
        .filter(state=OfferState.PENDING)
        .order_by("pk")
        .values_list("pk", flat=True)[:batch]
    )
    Offer.objects.filter(pk__in=ids).update(
        state=OfferState.SUPERSEDED, ending=ending, responded_at=timezone.now(), stopped_at=None
    )
    publish_many([OfferSuperseded(offer_id=pk) for pk in ids])
    return len(ids)


@transaction.atomic
def _end_taken_down(product_id: uuid.UUID, offer_id: uuid.UUID) -> int:
    """A deal about something that moderators took off show is over, with its order, and what it held is free. A paid one is left to
    orders: the buyer gets the money back there.
    """
    deal = Offer.objects.get(pk=offer_id)
    if fate_of(Product.objects.get(pk=product_id)) != Ending.UNLISTED:
        return 0
    if not cancel_unpaid_order(reference=reference_of(offer_id)):
        return 0
    products = lock_products([deal.product_id, deal.trade_product_id])
    if fate_of(products[product_id]) != Ending.UNLISTED:  # put on show again this moment
        transaction.set_rollback(True)
        return 0
    lock_stock(products)
    offer = lock_waiting(products, also=offer_id)[offer_id]
    if offer.state != OfferState.ACCEPTED:
        return 0
    let_go(offer, products=list(products.values()))
    _overtake(offer, Ending.UNLISTED)
    return 1


@transaction.atomic
def end_offers_between(*, person_id: uuid.UUID, other_id: uuid.UUID) -> int:
    """Two who blocked each other haggle no more: what lives between them ends, and what it held is free; return how many.

    A deal that is paid stands. All listings of all that lives between them are locked at once, between the orders and the stock: one
    deal's after another's would be out of order. Publishes OfferSuperseded for each.
    """
    between = Q(buyer_id=person_id, seller_id=other_id) | Q(buyer_id=other_id, seller_id=person_id)
    live = between & OPEN
    deals = [
        reference_of(pk) for pk in Offer.objects.filter(live, state=OfferState.ACCEPTED).values_list("pk", flat=True)
    ]
    things = {
        pk for pair in Offer.objects.filter(live).values_list("product_id", "trade_product_id") for pk in pair if pk
    }
    off = cancel_unpaid_orders(references=deals, also=variants_of(things))
    products = lock_products(things)
    lock_stock(products)
    waiting = Q(product_id__in=list(products), state=OfferState.PENDING)
    locked = lock_offers(live | waiting).values()
    offers = [
        offer
        for offer in locked
        if {offer.buyer_id, offer.seller_id} == {person_id, other_id}
        and (offer.state == OfferState.PENDING or reference_of(offer.pk) in off)
    ]
    for offer in offers:
        if offer.state == OfferState.ACCEPTED:
            let_go(offer, products=[products[pk] for pk in (offer.product_id, offer.trade_product_id) if pk])
        _overtake(offer, Ending.BLOCKED)
    return len(offers)


def _overtake(offer: Offer, ending: Ending) -> None:
    move(offer, OfferState.SUPERSEDED, OFFER_MOVES, responded_at=timezone.now(), stopped_at=None, ending=ending)
    publish(OfferSuperseded(offer_id=offer.pk))


@transaction.atomic
def announce_price(*, product_id: uuid.UUID, old_minor: int, new_minor: int) -> int:
    """The asking price moved: whoever haggles about it now is to hear. Publishes AskingPriceChanged for each that waits."""
    ids = list(waiting_on(product_id).order_by("pk").values_list("pk", flat=True))
    publish_many([AskingPriceChanged(offer_id=pk, old_minor=old_minor, new_minor=new_minor) for pk in ids])
    return len(ids)


@transaction.atomic
def note_price(*, offer_id: uuid.UUID, old_minor: int, new_minor: int) -> None:
    """Say in the conversation of a waiting offer, to both, that the asking price moved. Nothing where it waits no more."""
    offer = Offer.objects.filter(pk=offer_id, state=OfferState.PENDING).first()
    if offer is None:
        return
    facts = {
        "price": in_money(new_minor, offer.currency),
        "old_price": in_money(old_minor, offer.currency),
    }
    post_notice(conversation_id=offer.conversation_id, notice="price_changed", facts=facts)


# --- drawing again what the house changed -----------------------------------------------------------------------------


@transaction.atomic
def show_again(*, offer_id: uuid.UUID) -> None:
    """Draw an offer's card anew in its conversation, and tell those of the two who are connected how it stands.

    Called for every offer of a sweep: most of their people are not there.
    """
    touch_cards(reference=offer_id)
    tell_whoever_is_there(Offer.objects.get(pk=offer_id), UPDATED)


def show_clocks(*, product_id: uuid.UUID) -> int:
    """Draw the cards of all who wait for a listing anew, one transaction each; return how many."""
    ids = list(waiting_on(product_id).order_by("pk").values_list("pk", flat=True))
    for offer_id in ids:
        show_again(offer_id=offer_id)
    return len(ids)
