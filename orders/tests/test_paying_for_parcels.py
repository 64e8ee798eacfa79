"""How something is handed over that was haggled for, and what that does to a payment that waits already."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from catalog.actions import take_holds
from catalog.tests.factories import ProductFactory
from orders import errors
from orders.actions import (
    change_delivery_terms,
    confirm_paid_checkout,
    make_intent,
    open_order_for_offer,
    prepare_to_pay,
)
from orders.models import Checkout, Order
from orders.tests.factories import DeliveryTermsFactory
from orders.tests.shopping import aed, captured, everything, home_of
from payments.actions import note_intent, run_due_commands
from payments.models import Payment, PaymentHold, Refund
from payments.provider import provider
from payments.selectors import audit_ledger
from payments.states import PaymentState
from payments.tests.money import seen

pytestmark = pytest.mark.django_db
OFFER = "01912d5e-7c3a-7b1e-9f00-2a4b6c8d0e1f"


@pytest.fixture
def buyer():
    return UserFactory()


@pytest.fixture
def order(buyer):
    """A chair that was haggled down to AED 180; a parcel costs AED 15, from AED 200 on nothing."""
    product = ProductFactory(images=0)
    DeliveryTermsFactory(seller=product.seller)
    variant = product.variants.get()
    take_holds(wanted={variant.pk: 1}, reference=f"offer:{OFFER}")
    return open_order_for_offer(
        reference=f"offer:{OFFER}",
        buyer=buyer,
        seller=product.seller,
        variant=variant,
        amount=aed(180_00),
        expires_at=timezone.now() + timedelta(hours=24),
        channel="community",
    )


@pytest.fixture
def home(buyer):
    return home_of(buyer).pk


def sums(order):
    """Of the order, its checkout, the payment that asks for it, and its part of that."""
    order = Order.objects.select_related("checkout__payment").get(pk=order.pk)
    payment = order.checkout.payment
    [hold] = payment.holds.all()
    return order.total_minor, order.checkout.total_minor, payment.amount_minor, hold.amount_minor


def by_parcel(order, home):
    return prepare_to_pay(buyer=order.buyer, order_id=order.pk, delivery="ship", address_id=home)


def by_hand(order):
    return prepare_to_pay(buyer=order.buyer, order_id=order.pk)


# --- the sum follows --------------------------------------------------------------------------------------------------


def test_a_parcel_adds_its_price_everywhere_and_meeting_takes_it_off_again(order, home):
    commission, payout = order.commission_minor, order.payout_minor
    assert sums(order) == (180_00, 180_00, 180_00, 180_00)
    first = order.checkout.payment
    second = by_parcel(order, home).payment
    order.refresh_from_db()
    assert sums(order) == (195_00, 195_00, 195_00, 195_00)
    assert (order.delivery_minor, order.commission_minor, order.payout_minor) == (15_00, commission, payout + 15_00)
    assert (second.attempt, second.holds.get().share_minor) == (2, payout + 15_00)
    first.refresh_from_db()
    assert (first.state, first.holds.get().state) == ("cancelled", "cancelled")
    third = by_hand(order).payment
    assert sums(order) == (180_00, 180_00, 180_00, 180_00)
    assert third.attempt == 3
    assert Payment.objects.filter(state=PaymentState.OPEN).get() == third


def test_saying_the_same_again_asks_for_nothing_anew(order, home):
    first = by_parcel(order, home).payment
    change_delivery_terms(seller=order.seller, ships=True, parcel=aed(40_00), free_from=None)
    again = prepare_to_pay(buyer=order.buyer, order_id=order.pk, delivery="ship", address_id=home, note="Ring twice")
    assert (again.payment, again.total_minor) == (first, 195_00)


def test_a_parcel_that_costs_nothing_keeps_the_payment(order, home):
    change_delivery_terms(seller=order.seller, ships=True, parcel=aed(15_00), free_from=aed(180_00))
    assert by_parcel(order, home).payment == order.checkout.payment
    assert sums(order) == (180_00, 180_00, 180_00, 180_00)


def test_in_cash_nothing_is_left_of_a_parcels_price(order, home):
    by_parcel(order, home)
    checkout = prepare_to_pay(buyer=order.buyer, order_id=order.pk, pay_by="cash")
    order.refresh_from_db()
    assert (order.state, order.delivery_minor, order.total_minor, checkout.total_minor) == (
        "confirmed",
        0,
        180_00,
        180_00,
    )
    assert not Payment.objects.filter(state=PaymentState.OPEN).exists()


def test_whoever_only_meets_refuses_and_nothing_changes(order, home):
    change_delivery_terms(seller=order.seller, ships=False, parcel=aed(15_00), free_from=None)
    before = everything()
    with pytest.raises(errors.SellerDoesNotShip):
        by_parcel(order, home)
    assert everything() == before
    order.refresh_from_db()
    assert (order.delivery, sums(order)) == ("meet", (180_00, 180_00, 180_00, 180_00))


def test_what_is_paid_keeps_its_sum(order, home):
    captured(order.checkout)
    before = everything()
    with pytest.raises(errors.AlreadyPaid):
        by_parcel(order, home)
    with pytest.raises(errors.AlreadyPaid):  # the same sum: orders have not heard of the money yet
        by_hand(order)
    assert everything() == before
    assert sums(order) == (180_00, 180_00, 180_00, 180_00)


def test_while_the_bank_is_at_it_the_sum_stays(order, home):
    payment = order.checkout.payment
    with transaction.atomic():
        note_intent(payment_id=payment.pk, view=seen(payment, "processing"))
    before = everything()
    with pytest.raises(errors.AlreadyPaying):
        by_parcel(order, home)
    assert everything() == before
    assert sums(order) == (180_00, 180_00, 180_00, 180_00)


# --- while the buyer pays in another window ---------------------------------------------------------------------------


def intent_of(order):
    return make_intent(payment=Payment.objects.get(pk=Checkout.objects.get(pk=order.checkout_id).payment_id))


def pay_in_the_other_window(payment):
    """The browser and the provider alone: we hear nothing of it."""
    provider(payment.funds_flow).confirm(payment.provider_id, method="pm_card_visa", return_url="http://localhost/")


def entered(buyer, client):
    client.force_login(buyer, backend="accounts.backends.IdentifierBackend")
    return client


def test_the_old_card_form_is_dead_before_the_new_one_lives(order, home, stripe_sim):
    old = intent_of(order)
    by_parcel(order, home)
    new = intent_of(order)
    assert (new.amount_minor, new.provider_id != old.provider_id, bool(new.client_secret)) == (195_00, True, True)
    assert provider().intent(old.provider_id).status == "canceled"
    assert provider().intent(new.provider_id).status == "requires_payment_method"


def test_on_the_page_what_was_paid_already_is_the_answer(order, home, stripe_sim, client):
    pay_in_the_other_window(intent_of(order))
    said = {"then": "way", "delivery": "ship", "address_id": str(home), "pay_by": "card"}
    answer = entered(order.buyer, client).post(f"/checkout/{order.checkout_id}/pay", said, follow=True)
    assert answer.redirect_chain[-1][0] == f"/checkout/{order.checkout_id}/done"
    order.refresh_from_db()
    assert (order.state, order.payment_state, order.delivery) == ("confirmed", "held", "meet")
    assert sums(order) == (180_00, 180_00, 180_00, 180_00)
    assert not Refund.objects.exists()
    assert audit_ledger().holds


@pytest.mark.parametrize("path", ["checkout/{checkout}/pay", "transactions"])
def test_by_the_api_what_was_paid_already_is_the_answer(order, home, stripe_sim, path):
    pay_in_the_other_window(intent_of(order))
    client = APIClient()
    client.force_authenticate(order.buyer)
    said = {"delivery": "ship", "address_id": str(home)}
    if path == "transactions":
        said["offer_id"] = OFFER
    path = path.format(checkout=order.checkout_id)
    answer = client.post(f"/api/v1/{path}", said, headers={"Idempotency-Key": "one"})
    assert (answer.status_code, answer.json()["code"]) == (409, "orders.already_paid")
    order.refresh_from_db()
    assert (order.state, order.total_minor, order.delivery) == ("confirmed", 180_00, "meet")
    assert not Refund.objects.exists()


def test_money_for_the_old_sum_that_comes_too_late_goes_back_by_itself(order, home, stripe_sim):
    old = intent_of(order)
    by_parcel(order, home)  # decided, and the provider not told yet
    pay_in_the_other_window(old)
    new = intent_of(order)
    run_due_commands()
    old.refresh_from_db()
    assert (old.state, new.state) == ("captured", "open")
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.reason, refund.state) == (180_00, "paid_twice", "succeeded")
    confirm_paid_checkout(payment_id=new.pk)
    order.refresh_from_db()
    assert (order.state, sums(order)) == ("awaiting_payment", (195_00, 195_00, 195_00, 195_00))
    pay_in_the_other_window(new)
    client = APIClient()
    client.force_authenticate(order.buyer)
    assert client.post(f"/api/v1/transactions/{order.pk}/confirm").json()["status"] == "held"
    assert PaymentHold.objects.get(state="held").amount_minor == 195_00
    assert Refund.objects.count() == 1
    assert audit_ledger().holds


def test_paying_the_new_sum_makes_the_deal(order, home, stripe_sim):
    client = APIClient()
    client.force_authenticate(order.buyer)
    intent_of(order)
    said = {"delivery": "ship", "address_id": str(home), "test_method": "pm_card_visa"}
    answer = client.post(f"/api/v1/checkout/{order.checkout_id}/pay", said, headers={"Idempotency-Key": "two"})
    assert (answer.status_code, answer.json()["state"], answer.json()["total"]) == (200, "paid", "195.00")
    [line] = answer.json()["orders"]
    assert (line["delivery_price"], line["total"]) == ("15.00", "195.00")
    assert PaymentHold.objects.get(state="held").amount_minor == 195_00
    assert audit_ledger().holds


def test_a_provider_that_is_away_keeps_nobody_from_choosing(order, home, stripe_sim, client):
    intent_of(order)
    stripe_sim.control.fault("drop_connection_after", path_prefix="/v1/", times=50)
    said = {"then": "way", "delivery": "ship", "address_id": str(home), "pay_by": "card"}
    entered(order.buyer, client).post(f"/checkout/{order.checkout_id}/pay", said)
    stripe_sim.control.clear_faults()
    order.refresh_from_db()
    assert (order.delivery, order.total_minor, order.state) == ("ship", 195_00, "awaiting_payment")
