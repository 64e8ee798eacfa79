import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import NotASeller
from accounts.models import User
from accounts.tests.factories import UserFactory
from catalog.ports import parcel_offer
from catalog.tests.factories import ProductFactory, SellerFactory
from core.models import AuditEntry
from core.money import Money
from core.testing import counted_queries
from orders import errors
from orders.actions import change_delivery_terms, open_checkout, personal
from orders.models import DeliveryTerms, Order
from orders.quotes import Wanted, quote_checkout
from orders.tests.factories import DeliveryTermsFactory, VoucherFactory
from orders.tests.shopping import aed, bought, everything, home_of, stocked, the_order, wanted
from payments.models import PaymentHold

pytestmark = pytest.mark.django_db


def quoted(*things: Wanted, delivery: str = "ship", codes: tuple[str, ...] = (), buyer: User | None = None):
    return quote_checkout(
        buyer=buyer or UserFactory(), wanted=things, delivery=delivery, voucher_codes=codes, at=timezone.now()
    )


def one_of(price_minor: int, **seller):
    return wanted(ProductFactory(images=0, price_minor=price_minor, **seller))[0]


# --- what it costs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "price", "delivery", "costs"),
    [
        (None, 100_00, "ship", 0),  # in the price
        (None, 100_00, "meet", 0),
        ({}, 100_00, "ship", 15_00),
        ({}, 100_00, "meet", 0),
        ({}, 199_99, "ship", 15_00),
        ({}, 200_00, "ship", 0),
        ({}, 500_00, "ship", 0),
        ({"never_free": True}, 500_00, "ship", 15_00),
        ({"parcel_minor": 0}, 100_00, "ship", 0),
        ({"only_meets": True}, 100_00, "meet", 0),
        ({"currency": "EGP"}, 100_00, "ship", 0),  # they named no price in dirhams
    ],
)
def test_a_parcel_costs_what_its_seller_said_and_meeting_nothing(terms, price, delivery, costs):
    seller = SellerFactory()
    if terms is not None:
        DeliveryTermsFactory(seller=seller, **terms)
    quote = quoted(one_of(price, seller=seller), delivery=delivery)
    assert (quote.delivery_minor, quote.total_minor) == (costs, price + costs)
    assert quote.items_minor == price


def test_pieces_and_things_of_one_seller_reach_the_free_sum_together():
    seller = DeliveryTermsFactory().seller
    cups = wanted(stocked(3, price_minor=60_00, seller=seller), quantity=2)
    assert quoted(*cups).delivery_minor == 15_00
    assert quoted(*cups, one_of(80_00, seller=seller)).delivery_minor == 0


def test_each_seller_is_paid_for_their_own_parcel():
    cheap, dear = DeliveryTermsFactory().seller, DeliveryTermsFactory(parcel_minor=25_00, never_free=True).seller
    quote = quoted(one_of(100_00, seller=cheap), one_of(300_00, seller=dear), one_of(50_00))
    costs = {part.seller.pk: part.delivery_minor for part in quote.parts}
    assert (costs[cheap.pk], costs[dear.pk], sum(costs.values())) == (15_00, 25_00, 40_00)
    assert quote.total_minor == 490_00


def test_the_shops_voucher_counts_for_the_free_sum_and_ours_does_not():
    seller = DeliveryTermsFactory().seller
    thing = one_of(210_00, seller=seller)
    shop = VoucherFactory(shop=seller, fixed=20_00)
    ours = VoucherFactory(fixed=50_00)
    assert quoted(thing).delivery_minor == 0
    assert quoted(thing, codes=(shop.code,)).delivery_minor == 15_00
    assert quoted(thing, codes=(ours.code,)).delivery_minor == 0


def test_no_voucher_takes_anything_off_a_parcel():
    seller = DeliveryTermsFactory().seller
    ours = VoucherFactory(fixed=500_00)
    quote = quoted(one_of(100_00, seller=seller), codes=(ours.code,))
    assert quote.delivery_minor == 15_00
    assert quote.discount_minor < quote.items_minor
    assert quote.total_minor == quote.items_minor - quote.discount_minor + 15_00


def test_the_terms_of_all_sellers_cost_one_query():
    def asked(count):
        things = [one_of(50_00, seller=DeliveryTermsFactory().seller) for _n in range(count)]
        buyer = UserFactory()
        with counted_queries() as found:
            quoted(*things, buyer=buyer)
        assert sum("orders_deliveryterms" in query["sql"] for query in found) == 1
        return len(found)

    assert asked(1) == asked(20)


# --- buying -----------------------------------------------------------------------------------------------------------


def test_delivery_is_the_sellers_and_bears_no_commission():
    product = ProductFactory(images=0, price_minor=100_00)
    met = the_order(bought(product))
    other = ProductFactory(images=0, price_minor=100_00, category=product.category)
    DeliveryTermsFactory(seller=other.seller)
    buyer = UserFactory()
    checkout = bought(other, buyer=buyer, delivery="ship", address_id=home_of(buyer).pk)
    order = the_order(checkout)
    assert (order.delivery_minor, order.total_minor, checkout.total_minor) == (15_00, 115_00, 115_00)
    assert order.commission_minor == met.commission_minor
    assert order.payout_minor == met.payout_minor + 15_00
    hold = PaymentHold.objects.get(reference=f"order:{order.pk}")
    assert (hold.amount_minor, hold.share_minor, hold.payment.amount_minor) == (115_00, order.payout_minor, 115_00)


def test_whoever_only_meets_refuses_parcels_by_name_and_nothing_changes():
    seller = SellerFactory(username="layla", full_name="Layla Haddad")
    DeliveryTermsFactory(seller=seller, only_meets=True)
    buyer, things = UserFactory(), [one_of(100_00), one_of(100_00, seller=seller)]
    home, before = home_of(buyer), everything()
    with pytest.raises(errors.SellerDoesNotShip) as caught:
        open_checkout(buyer=buyer, lines=things, delivery="ship", address_id=home.pk)
    assert (caught.value.code, caught.value.facts["seller"]) == ("orders.seller_does_not_ship", "layla")
    assert "Layla H." in caught.value.message
    assert everything() == before
    assert open_checkout(buyer=buyer, lines=things).orders.count() == 2


def test_an_order_keeps_the_price_that_it_was_opened_with():
    terms = DeliveryTermsFactory()
    buyer = UserFactory()
    product = ProductFactory(images=0, price_minor=100_00, seller=terms.seller)
    checkout = bought(product, buyer=buyer, delivery="ship", address_id=home_of(buyer).pk)
    change_delivery_terms(seller=terms.seller, ships=False, parcel=aed(40_00), free_from=None)
    assert the_order(checkout).delivery_minor == 15_00


# --- saying so --------------------------------------------------------------------------------------------------------


def test_a_seller_says_what_a_parcel_costs_and_it_is_written_down():
    seller = SellerFactory()
    terms = change_delivery_terms(seller=seller, ships=True, parcel=aed(15_00), free_from=aed(200_00))
    assert (terms.ships, terms.parcel, terms.free_from) == (True, aed(15_00), aed(200_00))
    entry = AuditEntry.objects.get(action="orders.delivery_terms_changed")
    assert (entry.actor_id, entry.before["parcel"], entry.after["parcel"]) == (seller.pk, "0.00", "15.00")
    change_delivery_terms(seller=seller, ships=True, parcel=aed(15_00), free_from=aed(200_00))
    assert AuditEntry.objects.filter(action="orders.delivery_terms_changed").count() == 1
    change_delivery_terms(seller=seller, ships=False, parcel=aed(15_00), free_from=None)
    assert DeliveryTerms.objects.get().free_from is None
    assert AuditEntry.objects.filter(action="orders.delivery_terms_changed").count() == 2


@pytest.mark.parametrize(
    ("said", "attr"),
    [
        ({"parcel": aed(-1)}, "parcel"),
        ({"parcel": aed(300_01)}, "parcel"),  # nothing is kept of it: a price could hide there
        ({"free_from": aed(0)}, "free_from"),
        ({"free_from": Money(100_00, "EGP")}, "free_from"),
        ({"parcel": Money(15_00, "SAR"), "free_from": None}, "currency"),
    ],
)
def test_amounts_that_make_no_sense_are_refused_by_name(said, attr):
    seller = SellerFactory()
    fields = {"ships": True, "parcel": aed(15_00), "free_from": aed(200_00)} | said
    with pytest.raises(errors.NotDeliveryTerms) as caught:
        change_delivery_terms(seller=seller, **fields)
    assert caught.value.at == attr
    assert not DeliveryTerms.objects.exists()
    assert not AuditEntry.objects.filter(action="orders.delivery_terms_changed").exists()


def test_only_who_sells_says_so():
    with pytest.raises(NotASeller):
        change_delivery_terms(seller=UserFactory(sells_since=None), ships=True, parcel=aed(0), free_from=None)
    assert not DeliveryTerms.objects.exists()


@pytest.mark.parametrize("wrong", [{"parcel_minor": -1}, {"free_from_minor": 0}])
def test_the_database_refuses_them_too(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        DeliveryTermsFactory(**wrong)


def test_a_listing_tells_them_before_anybody_buys():
    terms = DeliveryTermsFactory()
    told = parcel_offer(seller_id=terms.pk, currency="AED")
    assert (told.ships, told.price, told.free_from) == (True, aed(15_00), aed(200_00))
    assert parcel_offer(seller_id=terms.pk, currency="USD").price == Money(0, "USD")
    assert parcel_offer(seller_id=SellerFactory().pk, currency="AED").price == aed(0)
    assert not parcel_offer(seller_id=DeliveryTermsFactory(only_meets=True).pk, currency="USD").ships


def test_they_go_with_their_person_and_into_their_export():
    terms = DeliveryTermsFactory()
    told = dict(personal.export_person(terms.seller))
    assert told["orders/delivery.json"]["parcel"] == "15.00"
    assert personal.erase_person(terms.seller)["delivery_terms"] == 1
    assert not DeliveryTerms.objects.exists()
    assert not Order.objects.exists()
