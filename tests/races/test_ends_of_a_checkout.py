"""A payment, those who hear of it and the clock against each other: a checkout ends once."""

import os
import threading
from functools import partial

import pytest
from django.db import transaction
from django.db.models import F

from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from core.models import OutboxEvent
from core.money import Money
from core.testing import deliver_everything
from offers.actions import accept_offer, make_offer, release_unpaid_offers
from offers.models import Offer
from orders.actions import cancel_unpaid, confirm_paid_checkout, expire_due_checkouts, open_checkout
from orders.actions import confirming as confirming_actions
from orders.models import Checkout, Order
from payments.actions import note_intent
from payments.models import Payment
from payments.tests.money import seen
from tests.races.crowd import at_once
from tests.races.sales import judge, pay, wanted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
FULL = bool(os.environ.get("SOUK_TEST_FULL"))


def test_paying_and_the_clock_at_once_leave_one_end():
    for _ in range(6 if not FULL else 50):
        product = ProductFactory(images=0)
        checkout = open_checkout(buyer=UserFactory(), lines=wanted(product))
        Checkout.objects.update(expires_at=F("created_at"))
        answers = at_once(
            [
                partial(pay, checkout),
                expire_due_checkouts,
                partial(cancel_unpaid, checkout_id=checkout.pk),
                expire_due_checkouts,
            ]
        )
        assert [a for a in answers if isinstance(a, BaseException)] == []
        deliver_everything()
        judge([], product)
        order = Order.objects.get(items__product=product)
        assert (order.state, order.payment_state) in {("confirmed", "held"), ("cancelled", "refunded")}


def test_an_offers_clock_and_its_payment_at_once_leave_one_end():
    for _ in range(4 if not FULL else 50):
        product = ProductFactory(images=0)
        offer = make_offer(buyer=UserFactory(), product_id=product.pk, amount=Money(200_00, "AED"))
        accept_offer(person=product.seller, offer_id=offer.pk)
        Offer.objects.filter(pk=offer.pk).update(payment_due_at=F("created_at"))
        checkout = Checkout.objects.get(orders__source_reference=f"offer:{offer.pk}")
        answers = at_once([partial(pay, checkout), release_unpaid_offers, release_unpaid_offers])
        assert [a for a in answers if isinstance(a, BaseException)] == []
        deliver_everything()
        judge([], product)
        offer.refresh_from_db()
        order = Order.objects.get(items__product=product)
        assert (offer.state, order.state) in {("accepted", "confirmed"), ("expired", "cancelled")}
        assert (offer.paid_at is not None) == (offer.state == "accepted")


def test_everybody_who_hears_of_a_payment_confirms_it_once():
    product = ProductFactory(images=0)
    checkout = open_checkout(buyer=UserFactory(), lines=wanted(product))
    with transaction.atomic():
        note_intent(payment_id=checkout.payment_id, view=seen(Payment.objects.get(pk=checkout.payment_id)))
    answers = at_once([partial(confirm_paid_checkout, payment_id=checkout.payment_id)] * 8)
    judge(answers, product)
    assert OutboxEvent.objects.filter(name="orders.order_confirmed").count() == 1


def test_control_without_the_checkouts_lock_a_payment_is_confirmed_twice(monkeypatch):
    product = ProductFactory(images=0)
    checkout = open_checkout(buyer=UserFactory(), lines=wanted(product))
    with transaction.atomic():
        note_intent(payment_id=checkout.payment_id, view=seen(Payment.objects.get(pk=checkout.payment_id)))
    together = threading.Barrier(2)

    def read_without_lock(checkout_id):
        row = Checkout.objects.select_related("buyer").get(pk=checkout_id)
        together.wait(timeout=30)
        return row

    monkeypatch.setattr(confirming_actions, "lock_checkout", read_without_lock)
    monkeypatch.setattr(
        confirming_actions,
        "lock_orders_of",
        lambda row: list(Order.objects.select_related("seller").filter(checkout=row)),
    )
    monkeypatch.setattr(confirming_actions, "lock_things", lambda orders: None)
    monkeypatch.setattr(confirming_actions, "is_there", lambda order, holds, stock: True)
    monkeypatch.setattr(confirming_actions, "sell", lambda holds, stock: None)
    answers = at_once([partial(confirm_paid_checkout, payment_id=checkout.payment_id)] * 2)
    with pytest.raises(AssertionError):
        judge(answers, product)
