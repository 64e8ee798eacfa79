from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.errors import Suspended
from accounts.tests.factories import BlockFactory, UserFactory
from catalog.actions import take_hold
from catalog.errors import NotForSale, OutOfStock
from catalog.models import ProductVariant, StockHold
from catalog.tests.factories import HoldFactory, ProductFactory
from core.models import OutboxEvent
from core.money import Money
from messaging.models import StreamEntry
from offers import errors
from offers.actions import accept_offer, decline_offer, make_offer, withdraw_offer
from offers.models import Offer
from offers.tests.factories import OfferFactory

pytestmark = pytest.mark.django_db


def refused(refusal, answer, *, person, offer):
    def world():
        return (
            list(Offer.objects.order_by("id").values()),
            list(StockHold.objects.order_by("id").values()),
            OutboxEvent.objects.count(),
            StreamEntry.objects.count(),
        )

    before = world()
    with pytest.raises(refusal):
        answer(person=person, offer_id=offer.pk)
    assert world() == before


def test_accepting_reserves_the_listing_and_opens_the_payments_window(news):
    offer = OfferFactory()
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        accept_offer(person=offer.seller, offer_id=offer.pk)
        now = timezone.now()
    offer.refresh_from_db()
    offer.product.refresh_from_db()
    assert (offer.state, offer.responded_at) == ("accepted", now)
    assert offer.payment_due_at == now + timedelta(hours=24)
    assert offer.product.state == "reserved"
    hold = StockHold.objects.get()
    assert (hold.variant, hold.quantity, hold.reference) == (offer.variant, 1, f"offer:{offer.pk}")
    assert hold.expires_at is None  # the offer's deadline is the only one
    assert "offers.offer_accepted" in news()


def test_accepting_stops_the_clocks_of_the_others():
    offer = OfferFactory()
    other = OfferFactory(product=offer.product)
    elsewhere = OfferFactory()
    accept_offer(person=offer.seller, offer_id=offer.pk)
    offer.refresh_from_db()
    other.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (other.state, other.stopped_at) == ("pending", offer.responded_at)
    assert (elsewhere.stopped_at, offer.stopped_at) == (None, None)


def test_accepting_again_is_the_same_answer_and_changes_nothing():
    offer = OfferFactory()
    accept_offer(person=offer.seller, offer_id=offer.pk)
    before = Offer.objects.values().get(), StockHold.objects.values().get(), OutboxEvent.objects.count()
    with time_machine.travel(timezone.now() + timedelta(hours=30)):
        assert accept_offer(person=offer.seller, offer_id=offer.pk).state == "accepted"
    assert (Offer.objects.values().get(), StockHold.objects.values().get(), OutboxEvent.objects.count()) == before


def test_the_buyer_accepts_the_sellers_turn_and_nobody_their_own():
    offer = OfferFactory(made_by="seller", turn=2)
    refused(errors.NotYourTurn, accept_offer, person=offer.seller, offer=offer)
    assert accept_offer(person=offer.buyer, offer_id=offer.pk).state == "accepted"
    refused(errors.NoLongerWaiting, accept_offer, person=offer.seller, offer=offer)


@pytest.mark.parametrize("answer", [accept_offer, decline_offer, withdraw_offer])
def test_offers_of_others_do_not_exist(answer):
    refused(errors.OfferNotFound, answer, person=UserFactory(), offer=OfferFactory())


@pytest.mark.parametrize("answer", [accept_offer, decline_offer])
@pytest.mark.parametrize("state", ["countered", "declined", "withdrawn", "expired", "superseded"])
def test_refuses_when_no_answer_is_waited_for(answer, state):
    offer = OfferFactory(state=state, responded_at=timezone.now())
    refused(errors.NoLongerWaiting, answer, person=offer.seller, offer=offer)
    refused(errors.NoLongerWaiting, withdraw_offer, person=offer.buyer, offer=offer)


def test_refuses_when_the_time_is_over():
    offer = OfferFactory(expires_at=timezone.now())
    refused(errors.TooLate, accept_offer, person=offer.seller, offer=offer)
    refused(errors.TooLate, decline_offer, person=offer.seller, offer=offer)
    refused(errors.TooLate, withdraw_offer, person=offer.buyer, offer=offer)


def test_a_stopped_clock_runs_out_never():
    gone = timezone.now() - timedelta(days=2)
    offer = OfferFactory(expires_at=gone, stopped_at=gone - timedelta(hours=1), product__state="reserved")
    refused(errors.ReservedForAnother, accept_offer, person=offer.seller, offer=offer)
    assert decline_offer(person=offer.seller, offer_id=offer.pk).state == "declined"


@pytest.mark.parametrize("state", ["paused", "expired", "removed", "sold"])
def test_accepting_refuses_what_is_not_for_sale(state):
    offer = OfferFactory(product__state=state)
    refused(NotForSale, accept_offer, person=offer.seller, offer=offer)


def test_accepting_refuses_a_variant_of_which_none_is_left():
    offer = OfferFactory()
    ProductVariant.objects.create(product=offer.product, options={"size": "l"})
    HoldFactory(product=None, variant=offer.variant)
    refused(OutOfStock, accept_offer, person=offer.seller, offer=offer)


def test_accepting_refuses_an_amount_that_the_price_has_fallen_below():
    offer = OfferFactory(product__price_minor=199_99)
    refused(errors.PriceFell, accept_offer, person=offer.seller, offer=offer)


def test_accepting_refuses_when_one_of_the_two_may_not_trade():
    offer = OfferFactory(buyer__suspended=True)
    refused(errors.OtherNotThere, accept_offer, person=offer.seller, offer=offer)
    blocked = OfferFactory()
    BlockFactory(blocker=blocked.buyer, blocked=blocked.seller)
    refused(errors.OtherNotThere, accept_offer, person=blocked.seller, offer=blocked)
    offer.buyer.suspended_at = timezone.now()
    refused(Suspended, withdraw_offer, person=offer.buyer, offer=offer)


def traded():
    buyer = UserFactory()
    mine = ProductFactory(seller=buyer)
    return mine, OfferFactory(buyer=buyer, kind="trade", amount_minor=None, trade_product=mine)


def test_a_trade_sets_both_things_aside_and_stops_the_clocks_on_both():
    mine, offer = traded()
    for_mine = OfferFactory(product=mine)
    accept_offer(person=offer.seller, offer_id=offer.pk)
    mine.refresh_from_db()
    offer.product.refresh_from_db()
    for_mine.refresh_from_db()
    assert (mine.state, offer.product.state) == ("reserved", "reserved")
    assert for_mine.stopped_at is not None
    assert set(StockHold.objects.values_list("reference", flat=True)) == {f"offer:{offer.pk}"}
    assert StockHold.objects.count() == 2


def test_nothing_is_promised_in_two_trades():
    mine, offer = traded()
    second = OfferFactory(buyer=offer.buyer, kind="trade", amount_minor=None, trade_product=mine)
    accept_offer(person=offer.seller, offer_id=offer.pk)
    refused(errors.TradedThingGone, accept_offer, person=second.seller, offer=second)


def test_what_somebody_else_holds_is_not_traded():
    mine, offer = traded()
    take_hold(variant_id=mine.variants.get().pk, reference="order:1")
    refused(errors.TradedThingGone, accept_offer, person=offer.seller, offer=offer)


def test_declining_ends_it(news):
    offer = OfferFactory()
    decline_offer(person=offer.seller, offer_id=offer.pk)
    offer.refresh_from_db()
    assert (offer.state, offer.ending) == ("declined", "")
    assert offer.responded_at is not None
    assert news() == ["offers.offer_declined"]


def test_whoever_made_it_withdraws_and_only_they(news):
    offer = OfferFactory()
    refused(errors.OnlyItsMakerWithdraws, withdraw_offer, person=offer.seller, offer=offer)
    refused(errors.NotYourTurn, decline_offer, person=offer.buyer, offer=offer)
    withdraw_offer(person=offer.buyer, offer_id=offer.pk)
    offer.refresh_from_db()
    assert offer.state == "withdrawn"
    assert news() == ["offers.offer_withdrawn"]


def test_an_answer_draws_the_card_anew(entries):
    product = ProductFactory()
    offer = make_offer(buyer=UserFactory(), product_id=product.pk, amount=Money(200_00, "AED"))
    decline_offer(person=product.seller, offer_id=offer.pk)
    assert entries(offer) == ["message:new", "message:updated"]
