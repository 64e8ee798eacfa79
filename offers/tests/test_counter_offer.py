from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.errors import Suspended
from accounts.tests.factories import BlockFactory, UserFactory
from catalog.errors import NotForSale
from catalog.tests.factories import ProductFactory
from core.models import OutboxEvent
from core.money import Money
from messaging.models import Message
from offers import errors
from offers.actions import counter_offer, make_offer
from offers.models import Offer
from offers.tests.factories import OfferFactory, TermsFactory

pytestmark = pytest.mark.django_db


def aed(amount):
    return Money.parse(amount, "AED")


def refused(refusal, *, offer, **said):
    before = Offer.objects.values().get(pk=offer.pk), Message.objects.count(), OutboxEvent.objects.count()
    turns = Offer.objects.count()
    with pytest.raises(refusal) as caught:
        counter_offer(offer_id=offer.pk, **said)
    after = Offer.objects.values().get(pk=offer.pk), Message.objects.count(), OutboxEvent.objects.count()
    assert (before, turns) == (after, Offer.objects.count())
    return caught.value


def the_sellers_turn(**more):
    """A counter of AED 230 by the seller, which the buyer is to answer."""
    first = OfferFactory(state="countered", responded_at=timezone.now())
    return OfferFactory(
        product=first.product,
        buyer=first.buyer,
        conversation=first.conversation,
        negotiation_id=first.pk,
        turn=2,
        made_by="seller",
        amount_minor=230_00,
        **more,
    )


def test_answers_with_a_new_turn_and_a_new_clock(news):
    offer = OfferFactory(expires_at=timezone.now() + timedelta(minutes=5))
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False):
        Offer.objects.update(expires_at=timezone.now() + timedelta(minutes=5))
        turn = counter_offer(person=offer.seller, offer_id=offer.pk, amount=aed("230.00"), message="For you.")
        assert turn.expires_at == timezone.now() + timedelta(hours=24)
    offer.refresh_from_db()
    assert (offer.state, offer.responded_at) == ("countered", turn.created_at)
    assert (turn.turn, turn.negotiation_id, turn.made_by, turn.state) == (2, offer.pk, "seller", "pending")
    assert (turn.buyer, turn.seller, turn.conversation) == (offer.buyer, offer.seller, offer.conversation)
    assert (turn.amount, turn.message) == (aed("230.00"), "For you.")
    assert Message.objects.get(reference=turn.pk).sender == offer.seller
    assert news() == ["offers.offer_made", "messaging.message_sent"]


def test_the_buyer_counters_back_below(news):
    offer = the_sellers_turn()
    turn = counter_offer(person=offer.buyer, offer_id=offer.pk, amount=aed("215.00"))
    assert (turn.turn, turn.made_by, turn.negotiation_id) == (3, "buyer", offer.negotiation_id)


@pytest.mark.parametrize("amount", ["200.00", "150.00"])
def test_a_seller_asks_for_more_than_the_buyer_offers(amount):
    offer = OfferFactory()
    refusal = refused(errors.CounterNotHigher, offer=offer, person=offer.seller, amount=aed(amount))
    assert refusal.at == "counter_price"


@pytest.mark.parametrize("amount", ["230.00", "240.00"])
def test_a_buyer_offers_less_than_the_seller_asks(amount):
    offer = the_sellers_turn()
    refused(errors.CounterNotLower, offer=offer, person=offer.buyer, amount=aed(amount))


def test_refuses_above_the_price_of_now():
    offer = OfferFactory()
    refused(errors.AmountAboveAsked, offer=offer, person=offer.seller, amount=aed("250.01"))
    offer.product.price_minor = 220_00
    offer.product.save()
    refused(errors.AmountAboveAsked, offer=offer, person=offer.seller, amount=aed("230.00"))


def test_refuses_whoever_made_the_turn_and_strangers():
    offer = OfferFactory()
    refused(errors.NotYourTurn, offer=offer, person=offer.buyer, amount=aed("190.00"))
    refused(errors.OfferNotFound, offer=offer, person=UserFactory(), amount=aed("190.00"))


@pytest.mark.parametrize("state", ["countered", "accepted", "declined", "withdrawn", "expired", "superseded"])
def test_refuses_when_no_answer_is_waited_for(state):
    due = timezone.now() if state == "accepted" else None
    offer = OfferFactory(state=state, responded_at=timezone.now(), payment_due_at=due)
    refused(errors.NoLongerWaiting, offer=offer, person=offer.seller, amount=aed("230.00"))


def test_refuses_when_the_time_is_over():
    offer = OfferFactory(expires_at=timezone.now() - timedelta(seconds=1))
    refused(errors.TooLate, offer=offer, person=offer.seller, amount=aed("230.00"))


def test_refuses_after_ten_turns():
    last = OfferFactory(product=ProductFactory(), turn=10)
    refused(errors.TooManyTurns, offer=last, person=last.seller, amount=aed("230.00"))


@pytest.mark.parametrize(("state", "refusal"), [("reserved", errors.ReservedForAnother), ("paused", NotForSale)])
def test_refuses_while_the_listing_is_not_to_be_had(state, refusal):
    offer = OfferFactory(product__state=state)
    refused(refusal, offer=offer, person=offer.seller, amount=aed("230.00"))


def test_refuses_when_one_of_the_two_may_not_trade():
    offer = OfferFactory()
    BlockFactory(blocker=offer.buyer, blocked=offer.seller)
    refused(errors.OtherNotThere, offer=offer, person=offer.seller, amount=aed("230.00"))
    gone = OfferFactory(buyer__suspended=True)
    refused(errors.OtherNotThere, offer=gone, person=gone.seller, amount=aed("230.00"))
    alone = the_sellers_turn()
    alone.buyer.suspended_at = timezone.now()
    refused(Suspended, offer=alone, person=alone.buyer, amount=aed("210.00"))


def test_what_is_traded_stays_unless_it_is_named():
    buyer = UserFactory()
    mine, better = ProductFactory(seller=buyer), ProductFactory(seller=buyer)
    offer = OfferFactory(buyer=buyer, kind="trade", amount_minor=None, trade_product=mine)
    more = counter_offer(person=offer.seller, offer_id=offer.pk, amount=aed("50.00"))
    assert (more.kind, more.trade_product) == ("mixed", mine)
    other = counter_offer(person=buyer, offer_id=more.pk, amount=None, trade_product_id=better.pk)
    assert (other.kind, other.trade_product, other.amount) == ("trade", better, None)
    money = counter_offer(person=offer.seller, offer_id=other.pk, amount=aed("240.00"), trade_product_id=None)
    assert (money.kind, money.trade_product) == ("cash", None)


def test_a_trade_without_money_counts_as_zero():
    buyer = UserFactory()
    mine = ProductFactory(seller=buyer)
    offer = OfferFactory(buyer=buyer, kind="mixed", amount_minor=50_00, trade_product=mine)
    refused(errors.CounterNotHigher, offer=offer, person=offer.seller, amount=None)
    refused(errors.NothingOffered, offer=offer, person=offer.seller, amount=None, trade_product_id=None)


def test_a_seller_may_ask_only_for_what_the_buyer_has_for_sale():
    offer = OfferFactory()
    theirs = ProductFactory(seller=offer.seller)
    refused(errors.NotYourThing, offer=offer, person=offer.seller, amount=None, trade_product_id=theirs.pk)


def test_a_buyers_counter_meets_the_sellers_terms():
    offer = the_sellers_turn()
    TermsFactory(product=offer.product, floor_percent=60, auto_accept_percent=90)
    declined = counter_offer(person=offer.buyer, offer_id=offer.pk, amount=aed("100.00"))
    assert (declined.state, declined.ending) == ("declined", "floor")
    again = the_sellers_turn()
    TermsFactory(product=again.product, auto_accept_percent=90)
    assert counter_offer(person=again.buyer, offer_id=again.pk, amount=aed("225.00")).state == "accepted"


def test_a_sellers_counter_does_not_meet_the_sellers_own_terms():
    offer = OfferFactory()
    TermsFactory(product=offer.product, floor_percent=90, auto_accept_percent=95)
    assert counter_offer(person=offer.seller, offer_id=offer.pk, amount=aed("240.00")).state == "pending"


def test_the_old_card_is_drawn_anew(entries):
    product, buyer = ProductFactory(), UserFactory()
    first = make_offer(buyer=buyer, product_id=product.pk, amount=aed("200.00"))
    counter_offer(person=product.seller, offer_id=first.pk, amount=aed("230.00"))
    assert entries(first) == ["message:new", "message:updated"]
