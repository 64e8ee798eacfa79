import uuid
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.errors import NotVerified, Restricted, Suspended
from accounts.models import Restriction
from accounts.tests.factories import BlockFactory, UserFactory
from catalog.errors import NotForSale, OutOfStock, ProductNotFound, VariantNotFound
from catalog.models import ProductVariant, StockHold
from catalog.states import FeedType
from catalog.tests.factories import HoldFactory, ProductFactory
from core.errors import Refusal
from core.models import OutboxEvent
from core.money import Money
from messaging.models import Conversation, Message
from offers import errors
from offers.actions import accept_offer, make_offer
from offers.models import Offer
from offers.tests.factories import ConversationFactory, OfferFactory, TermsFactory

pytestmark = pytest.mark.django_db


def aed(amount):
    return Money.parse(amount, "AED")


def refused(refusal, **said):
    """The refusal, after looking that nothing was written."""
    before = Offer.objects.count(), Conversation.objects.count(), Message.objects.count(), OutboxEvent.objects.count()
    with pytest.raises(refusal) as caught:
        make_offer(**said)
    after = Offer.objects.count(), Conversation.objects.count(), Message.objects.count(), OutboxEvent.objects.count()
    assert before == after
    assert StockHold.objects.filter(reference__startswith="offer:").count() == 0
    return caught.value


@pytest.fixture
def product():
    return ProductFactory()


@pytest.fixture
def buyer():
    return UserFactory()


def test_waits_a_day_for_the_seller_as_a_card_in_the_conversation(product, buyer, news):
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        offer = make_offer(buyer=buyer, product_id=product.pk, amount=aed("200.00"), message="Today?")
    offer.refresh_from_db()
    assert (offer.state, offer.turn, offer.made_by, offer.kind) == ("pending", 1, "buyer", "cash")
    assert (offer.amount, offer.asked_minor, offer.message) == (aed("200.00"), 250_00, "Today?")
    assert offer.expires_at - offer.created_at == timedelta(hours=24)
    assert offer.negotiation_id == offer.pk
    assert (offer.buyer, offer.seller) == (buyer, product.seller)
    card = Message.objects.get(reference=offer.pk)
    assert (card.kind, card.sender, card.conversation) == ("offer", buyer, offer.conversation)
    assert "offers.offer_made" in news()


def test_the_asking_price_itself_may_be_offered(product, buyer):
    assert make_offer(buyer=buyer, product_id=product.pk, amount=aed("250.00")).state == "pending"


@pytest.mark.parametrize(
    ("said", "refusal", "attr"),
    [
        ({"amount": aed("250.01")}, errors.AmountAboveAsked, "offered_price"),
        ({"amount": aed("0.00")}, errors.AmountNotPositive, "offered_price"),
        ({"amount": aed("-1.00")}, errors.AmountNotPositive, "offered_price"),
        ({"amount": aed("5.00")}, errors.AmountNotAboveFee, "offered_price"),  # the fee's minimum
        ({"amount": None}, errors.NothingOffered, "offered_price"),
        ({"amount": Money(200_00, "EGP")}, errors.WrongCurrency, "currency"),
        ({"amount": aed("200.00"), "trade_product_id": uuid.uuid4()}, errors.NotInThisKind, "trade_product_id"),
        ({"kind": "trade"}, errors.NoTradeNamed, "trade_product_id"),
        ({"kind": "mixed", "amount": aed("1.00")}, errors.NoTradeNamed, "trade_product_id"),
        (
            {"kind": "trade", "amount": aed("1.00"), "trade_product_id": uuid.uuid4()},
            errors.NotInThisKind,
            "offered_price",
        ),
        ({"kind": "trade", "trade_product_id": uuid.uuid4()}, errors.NotYourThing, "trade_product_id"),
        ({"amount": aed("200.00"), "message": "x" * 501}, errors.MessageTooLong, "message"),
    ],
)
def test_refuses_what_breaks_the_rules_and_names_the_field(buyer, said, refusal, attr):
    product = ProductFactory(feed_type=FeedType.DISCOVER)
    assert refused(refusal, buyer=buyer, product_id=product.pk, **said).at == attr


def test_refuses_ones_own_listing(product):
    refused(errors.OwnListing, buyer=product.seller, product_id=product.pk, amount=aed("200.00"))


@pytest.mark.parametrize("state", ["draft", "pending_review", "paused", "expired", "removed", "rejected"])
def test_what_is_off_show_does_not_exist(buyer, state):
    product = ProductFactory(state=state)
    refused(ProductNotFound, buyer=buyer, product_id=product.pk, amount=aed("200.00"))


@pytest.mark.parametrize("state", ["reserved", "sold"])
def test_refuses_what_is_reserved_or_sold(buyer, state):
    product = ProductFactory(state=state)
    refused(NotForSale, buyer=buyer, product_id=product.pk, amount=aed("200.00"))


def test_refuses_what_does_not_exist(buyer):
    refused(ProductNotFound, buyer=buyer, product_id=uuid.uuid4(), amount=aed("200.00"))


@pytest.mark.parametrize("who", ["buyer", "seller"])
def test_with_a_block_between_them_the_listing_does_not_exist(product, buyer, who):
    pair = (buyer, product.seller) if who == "buyer" else (product.seller, buyer)
    BlockFactory(blocker=pair[0], blocked=pair[1])
    refused(ProductNotFound, buyer=buyer, product_id=product.pk, amount=aed("200.00"))


def test_refuses_people_who_may_not(product):
    for person, refusal in (
        (UserFactory(suspended=True), Suspended),
        (UserFactory(unproven=True), NotVerified),
    ):
        refused(refusal, buyer=person, product_id=product.pk, amount=aed("200.00"))
    silenced = UserFactory()
    Restriction.objects.create(user=silenced, kind="message", starts_at=timezone.now())
    refused(Restricted, buyer=silenced, product_id=product.pk, amount=aed("200.00"))


def test_refuses_a_second_live_offer_and_names_the_first(product, buyer):
    first = make_offer(buyer=buyer, product_id=product.pk, amount=aed("200.00"))
    refusal = refused(errors.AlreadyHaggling, buyer=buyer, product_id=product.pk, amount=aed("210.00"))
    assert refusal.facts == {"offer_id": str(first.pk)}


def test_an_overdue_offer_that_no_sweep_has_met_is_not_in_the_way(product, buyer):
    with time_machine.travel(timezone.now() - timedelta(hours=25)):
        first = make_offer(buyer=buyer, product_id=product.pk, amount=aed("200.00"))
    make_offer(buyer=buyer, product_id=product.pk, amount=aed("210.00"))
    first.refresh_from_db()
    assert (first.state, first.ending) == ("expired", "time")


def test_below_the_floor_it_is_declined_at_once_and_nobody_is_told_the_floor(product, buyer, news):
    TermsFactory(product=product, floor_percent=80)
    offer = make_offer(buyer=buyer, product_id=product.pk, amount=aed("199.99"))
    assert (offer.state, offer.ending) == ("declined", "floor")
    assert "offers.offer_declined" in news()
    assert "offers.offer_made" not in news()
    assert Message.objects.filter(reference=offer.pk).exists()
    assert make_offer(buyer=buyer, product_id=product.pk, amount=aed("200.00")).state == "pending"


def test_from_the_sellers_mark_on_it_is_accepted_at_once(product, buyer, news):
    TermsFactory(product=product, auto_accept_percent=90)
    waiting = make_offer(buyer=UserFactory(), product_id=product.pk, amount=aed("224.99"))
    offer = make_offer(buyer=buyer, product_id=product.pk, amount=aed("225.00"))
    assert offer.state == "accepted"
    assert offer.payment_due_at - offer.responded_at == timedelta(hours=24)
    product.refresh_from_db()
    assert product.state == "reserved"
    hold = StockHold.objects.get()
    assert (hold.reference, hold.expires_at) == (f"offer:{offer.pk}", None)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.stopped_at) == ("pending", offer.responded_at)
    assert "offers.offer_accepted" in news()


def test_refuses_where_the_seller_takes_none(product, buyer):
    TermsFactory(product=product, takes_offers=False)
    refused(errors.TakesNoOffers, buyer=buyer, product_id=product.pk, amount=aed("200.00"))


def test_refuses_trades_where_the_seller_takes_none(product, buyer):
    TermsFactory(product=product, takes_trades=False)
    mine = ProductFactory(seller=buyer)
    refused(errors.TakesNoTrades, buyer=buyer, product_id=product.pk, kind="trade", trade_product_id=mine.pk)


def test_trades_a_listing_of_ones_own(product, buyer):
    mine = ProductFactory(seller=buyer)
    TermsFactory(product=product, floor_percent=99, auto_accept_percent=100)
    offer = make_offer(buyer=buyer, product_id=product.pk, kind="trade", trade_product_id=mine.pk)
    assert (offer.state, offer.kind, offer.amount, offer.trade_product) == ("pending", "trade", None, mine)
    mixed = make_offer(
        buyer=buyer,
        product_id=ProductFactory().pk,
        kind="mixed",
        amount=aed("50.00"),
        trade_product_id=mine.pk,
    )
    assert (mixed.kind, mixed.amount) == ("mixed", aed("50.00"))


def test_refuses_to_trade_anothers_or_what_is_not_for_sale(product, buyer):
    for thing in (ProductFactory(), ProductFactory(seller=buyer, state="paused"), product):
        refused(errors.NotYourThing, buyer=buyer, product_id=product.pk, kind="trade", trade_product_id=thing.pk)


def test_asks_which_variant_and_takes_its_own_price(buyer):
    product = ProductFactory(condition="new")
    large = ProductVariant.objects.create(product=product, options={"size": "l"}, price_minor=300_00)
    refused(errors.ChooseVariant, buyer=buyer, product_id=product.pk, amount=aed("200.00"))
    refused(VariantNotFound, buyer=buyer, product_id=product.pk, variant_id=uuid.uuid4(), amount=aed("200.00"))
    offer = make_offer(buyer=buyer, product_id=product.pk, variant_id=large.pk, amount=aed("280.00"))
    assert (offer.variant, offer.asked_minor) == (large, 300_00)


def test_refuses_a_variant_of_which_none_is_left(buyer):
    product = ProductFactory(condition="new")
    large = ProductVariant.objects.create(product=product, options={"size": "l"})
    HoldFactory(product=None, variant=large)
    refused(OutOfStock, buyer=buyer, product_id=product.pk, variant_id=large.pk, amount=aed("200.00"))


def test_newcomers_make_five_a_day_and_others_forty_an_hour(settings):
    settings.RATE_LIMITS_ENABLED = True
    newcomer, regular = UserFactory(phone_verified_at=None), UserFactory()
    products = ProductFactory.create_batch(7, images=0)
    for product in products:  # they talk already: how many conversations one begins is messaging's to say
        ConversationFactory(buyer=newcomer, product=product)
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        for product in products[:5]:
            make_offer(buyer=newcomer, product_id=product.pk, amount=aed("200.00"))
        for product in products[:6]:
            make_offer(buyer=regular, product_id=product.pk, amount=aed("200.00"))
        refusal = refused(errors.TooManyOffers, buyer=newcomer, product_id=products[5].pk, amount=aed("200.00"))
    assert refusal.retry_after == 24 * 3600 // 5
    with time_machine.travel(timezone.now() + timedelta(hours=5)):
        make_offer(buyer=newcomer, product_id=products[5].pk, amount=aed("200.00"))


def test_what_is_refused_counts_towards_no_limit(settings, buyer):
    settings.RATE_LIMITS_ENABLED = True
    settings.OFFERS_PER_PERSON = {"newcomer": "1/d", "other": "1/d"}
    product = ProductFactory()
    refused(errors.AmountAboveAsked, buyer=buyer, product_id=product.pk, amount=aed("251.00"))
    make_offer(buyer=buyer, product_id=product.pk, amount=aed("250.00"))


def test_after_a_refusal_by_the_accepting_house_nothing_stays(buyer, monkeypatch):
    product = ProductFactory()
    TermsFactory(product=product, auto_accept_percent=50)
    other = OfferFactory(product=product)
    accept_offer(person=product.seller, offer_id=other.pk)
    with pytest.raises(Refusal):
        make_offer(buyer=buyer, product_id=product.pk, amount=aed("200.00"))
    assert StockHold.objects.get().reference == f"offer:{other.pk}"
