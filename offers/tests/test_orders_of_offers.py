"""What an accepted offer and its order do to each other."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from catalog.models import Product, StockHold
from catalog.tests.factories import ProductFactory
from offers.actions import (
    accept_offer,
    end_offers_between,
    end_with_its_order,
    follow_listing,
    make_offer,
    note_paid,
    release_unpaid_offers,
)
from offers.models import Offer
from offers.selectors import shape_for
from offers.tests.factories import OfferFactory, TermsFactory
from orders.actions import cancel_order, confirm_paid_checkout, prepare_to_pay
from orders.models import Order
from orders.tests.shopping import aed, captured

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def accepted(**fields):
    offer = OfferFactory(**fields)
    accept_offer(person=offer.seller, offer_id=offer.pk)
    offer.refresh_from_db()
    return offer, Order.objects.get(source_reference=f"offer:{offer.pk}")


def pay(order):
    confirm_paid_checkout(payment_id=captured(order.checkout).pk)


def test_accepting_opens_the_order_at_the_offers_price_with_the_offers_deadline():
    offer, order = accepted()
    assert (order.buyer, order.seller, order.total_minor) == (offer.buyer, offer.seller, 200_00)
    assert order.expires_at == offer.payment_due_at
    assert (order.state, order.pay_by) == ("awaiting_payment", "card")
    assert shape_for(offer.buyer_id, offer.pk)["order_id"] == order.pk


def test_accepting_by_the_sellers_terms_opens_it_too():
    product = ProductFactory(images=0)
    TermsFactory(product=product, auto_accept_percent=80)
    offer = make_offer(buyer=OfferFactory().buyer, product_id=product.pk, amount=aed(220_00))
    assert offer.state == "accepted"
    assert Order.objects.get().total_minor == 220_00


def test_a_trade_of_things_alone_is_a_deal_at_once(deliver):
    thing = ProductFactory(images=0)
    offer, order = accepted(buyer=thing.seller, kind="trade", amount_minor=None, trade_product=thing)
    assert (order.state, order.payment_state) == ("confirmed", "nothing_due")
    deliver()
    offer.refresh_from_db()
    assert offer.paid_at is not None
    with time_machine.travel(timezone.now() + 25 * HOUR):
        assert release_unpaid_offers() == 0


def test_paying_makes_it_a_deal_and_overtakes_the_others(deliver):
    offer, order = accepted()
    other = OfferFactory(product=offer.product)
    pay(order)
    deliver()
    offer.refresh_from_db()
    other.refresh_from_db()
    assert (offer.state, offer.payment_due_at) == ("accepted", None)
    assert offer.paid_at is not None
    assert (other.state, other.ending) == ("superseded", "sold")
    with time_machine.travel(timezone.now() + 25 * HOUR):
        assert release_unpaid_offers() == 0


def test_agreeing_on_cash_makes_it_a_deal_too(deliver):
    offer, order = accepted()
    prepare_to_pay(buyer=offer.buyer, order_id=order.pk, pay_by="cash")
    deliver()
    offer.refresh_from_db()
    assert offer.paid_at is not None


def test_not_paid_in_time_ends_offer_and_order_in_one_step():
    offer, order = accepted()
    with time_machine.travel(timezone.now() + 25 * HOUR):
        assert release_unpaid_offers() == 1
    offer.refresh_from_db()
    order.refresh_from_db()
    assert (offer.state, offer.ending) == ("expired", "not_paid")
    assert (order.state, order.payment_state, order.checkout.payment.state) == ("cancelled", "void", "cancelled")
    assert Product.objects.get(pk=offer.product_id).state == "active"


def test_a_buyer_who_calls_the_order_off_ends_the_offer_and_the_others_go_on(deliver):
    offer, order = accepted()
    other = OfferFactory(product=offer.product, stopped_at=timezone.now())
    cancel_order(person=offer.buyer, order_id=order.pk)
    deliver()
    for row in (offer, other):
        row.refresh_from_db()
    assert (offer.state, offer.ending) == ("expired", "called_off")
    assert other.stopped_at is None
    assert not StockHold.objects.filter(released_at=None).exists()
    assert Product.objects.get(pk=offer.product_id).state == "active"


def test_a_seller_who_cannot_deliver_what_is_paid_ends_the_offer(deliver):
    offer, order = accepted()
    pay(order)
    deliver()
    cancel_order(person=offer.seller, order_id=order.pk)
    deliver()
    offer.refresh_from_db()
    assert (offer.state, offer.ending) == ("expired", "called_off")
    assert offer.paid_at is not None


def test_news_that_comes_twice_or_late_changes_nothing():
    offer, order = accepted()
    pay(order)
    reference = f"offer:{offer.pk}"
    assert note_paid(reference=reference)
    assert not note_paid(reference=reference)
    cancel_order(person=offer.buyer, order_id=order.pk)
    assert end_with_its_order(reference=reference, because="buyer")
    assert not end_with_its_order(reference=reference, because="buyer")
    assert not note_paid(reference=reference)
    assert not note_paid(reference="")
    assert not end_with_its_order(reference="order:1", because="buyer")


def test_two_who_part_end_their_order_when_it_is_not_paid():
    offer, order = accepted()
    assert end_offers_between(person_id=offer.buyer_id, other_id=offer.seller_id) == 1
    offer.refresh_from_db()
    order.refresh_from_db()
    assert (offer.state, order.state) == ("superseded", "cancelled")
    assert not StockHold.objects.filter(released_at=None).exists()


@pytest.mark.parametrize("noted", [True, False])
def test_a_deal_that_is_paid_stands_though_the_two_part(noted):
    offer, order = accepted()
    pay(order)
    if noted:
        note_paid(reference=f"offer:{offer.pk}")
    assert end_offers_between(person_id=offer.buyer_id, other_id=offer.seller_id) == 0
    offer.refresh_from_db()
    order.refresh_from_db()
    assert (offer.state, order.state) == ("accepted", "confirmed")


def test_what_moderators_take_down_ends_the_order_that_is_not_paid():
    offer, order = accepted()
    Product.objects.filter(pk=offer.product_id).update(hidden_at=timezone.now())
    follow_listing(product_id=offer.product_id)
    offer.refresh_from_db()
    order.refresh_from_db()
    assert (offer.ending, order.state) == ("unlisted", "cancelled")


def test_who_bought_one_piece_may_haggle_for_another():
    offer, order = accepted(product__seller__business_verified_at=timezone.now())
    pay(order)
    note_paid(reference=f"offer:{offer.pk}")
    Product.objects.filter(pk=offer.product_id).update(state="active")
    offer.variant.__class__.objects.update(stock=3)
    again = make_offer(buyer=offer.buyer, product_id=offer.product_id, amount=aed(150_00))
    assert Offer.objects.filter(buyer=offer.buyer, product=offer.product_id).count() == 2
    assert again.state == "pending"
