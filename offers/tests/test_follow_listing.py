from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import block_person
from accounts.tests.factories import UserFactory
from catalog.actions import (
    edit_product,
    hide_product,
    mark_sold,
    pause_product,
    release_hold,
    remove_product,
    resume_product,
    take_hold,
)
from catalog.models import StockHold
from catalog.tests.factories import ProductFactory
from core.events import publish
from core.money import Money
from messaging.models import Message
from offers.actions import accept_offer, follow_listing, make_offer
from offers.events import OfferSuperseded
from offers.tests.factories import OfferFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def fresh(*offers):
    for offer in offers:
        offer.refresh_from_db()
    return [(offer.state, offer.ending) for offer in offers]


@pytest.fixture
def product():
    return ProductFactory()


def made(product):
    return make_offer(buyer=UserFactory(), product_id=product.pk, amount=Money(200_00, "AED"))


def test_sold_elsewhere_overtakes_all_that_wait(product, deliver, entries):
    offers = [made(product) for _ in range(3)]
    stays = made(ProductFactory())
    deliver()
    mark_sold(seller=product.seller, product_id=product.pk)
    deliver()
    assert fresh(*offers, stays) == [("superseded", "sold")] * 3 + [("pending", "")]
    assert entries(offers[0]) == ["message:new", "message:updated"]
    assert offers[0].responded_at is not None


def test_overtakes_batch_by_batch(product):
    OfferFactory.create_batch(5, product=product)
    mark_sold(seller=product.seller, product_id=product.pk)
    assert follow_listing(product_id=product.pk, batch=2) == 5


def test_a_traded_thing_that_is_sold_overtakes_the_offers_that_name_it(deliver):
    mine = ProductFactory()
    trade = OfferFactory(buyer=mine.seller, kind="trade", amount_minor=None, trade_product=mine)
    mark_sold(seller=mine.seller, product_id=mine.pk)
    deliver()
    assert fresh(trade) == [("superseded", "sold")]


@pytest.mark.parametrize("how", ["removed", "hidden"])
def test_what_is_taken_away_overtakes_them(product, deliver, how):
    offer = made(product)
    if how == "removed":
        remove_product(seller=product.seller, product_id=product.pk)
    else:
        hide_product(product_id=product.pk)
    deliver()
    assert fresh(offer) == [("superseded", "unlisted")]


def test_a_deal_about_what_moderators_took_down_is_over(product, deliver):
    offer, other = made(product), made(product)
    accept_offer(person=product.seller, offer_id=offer.pk)
    deliver()
    hide_product(product_id=product.pk)
    deliver()
    assert fresh(offer, other) == [("superseded", "unlisted")] * 2
    assert StockHold.objects.get().released_at is not None
    product.refresh_from_db()
    assert (product.state, product.is_listed) == ("active", False)


def test_a_pause_changes_nothing_but_what_can_be_done(product, deliver):
    offer = made(product)
    expires_at = offer.expires_at
    pause_product(seller=product.seller, product_id=product.pk)
    deliver()
    resume_product(seller=product.seller, product_id=product.pk)
    deliver()
    assert fresh(offer) == [("pending", "")]
    assert (offer.expires_at, offer.stopped_at) == (expires_at, None)


def test_a_reservation_by_others_stops_the_clocks_since_it_began_and_gives_all_of_it_back(product, deliver, entries):
    offer = made(product)
    deliver()
    expires_at, start = offer.expires_at, timezone.now()
    with time_machine.travel(start + HOUR, tick=False):
        hold = take_hold(variant_id=product.variants.get().pk, reference="order:1")
    with time_machine.travel(start + HOUR + timedelta(minutes=7), tick=False):
        deliver()  # the news is late
    offer.refresh_from_db()
    assert offer.stopped_at == start + HOUR
    with time_machine.travel(start + 30 * HOUR, tick=False):
        release_hold(hold_id=hold.pk)
        deliver()
    offer.refresh_from_db()
    assert (offer.state, offer.stopped_at) == ("pending", None)
    assert offer.expires_at == expires_at + 29 * HOUR
    assert entries(offer) == ["message:new", "message:updated", "message:updated"]


def test_late_news_of_a_reservation_that_is_over_stops_nothing(product, deliver):
    offer = made(product)
    hold = take_hold(variant_id=product.variants.get().pk, reference="order:1")
    release_hold(hold_id=hold.pk)
    deliver()
    offer.refresh_from_db()
    assert offer.stopped_at is None


def test_a_new_price_is_noted_for_everybody_who_haggles(product, deliver, premoderation_off):
    waiting, over = made(product), OfferFactory(product=product, state="declined", responded_at=timezone.now())
    deliver()
    edit_product(seller=product.seller, product_id=product.pk, price_minor=240_00)
    deliver()
    notices = Message.objects.filter(kind="system")
    assert [n.conversation_id for n in notices] == [waiting.conversation_id]
    assert notices[0].facts == {"notice": "price_changed", "price": "AED 240.00", "old_price": "AED 250.00"}
    assert over.conversation_id != waiting.conversation_id


def test_a_block_ends_what_lives_between_the_two_and_frees_what_was_held(deliver):
    seller, buyer = UserFactory(), UserFactory()
    waiting = OfferFactory(product__seller=seller, buyer=buyer)
    accepted = OfferFactory(product__seller=buyer, buyer=seller)
    another = OfferFactory(product=accepted.product)
    accept_offer(person=buyer, offer_id=accepted.pk)
    stranger = OfferFactory(product=waiting.product)
    block_person(blocker=seller, blocked=buyer)
    deliver()
    assert fresh(waiting, accepted) == [("superseded", "blocked")] * 2
    assert fresh(stranger, another) == [("pending", "")] * 2
    accepted.product.refresh_from_db()
    assert accepted.product.state == "active"
    assert another.stopped_at is None
    assert StockHold.objects.get().released_at is not None


def test_news_that_comes_twice_draws_a_card_and_changes_nothing(product, deliver):
    offer = made(product)
    mark_sold(seller=product.seller, product_id=product.pk)
    deliver()
    publish(OfferSuperseded(offer_id=offer.pk))
    deliver()
    assert fresh(offer) == [("superseded", "sold")]
