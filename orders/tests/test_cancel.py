from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.actions import take_holds
from catalog.models import StockHold
from catalog.tests.factories import ProductFactory
from core.errors import Refusal
from core.money import Money
from orders import errors
from orders.actions import (
    cancel_order,
    cancel_unpaid,
    cancel_unpaid_order,
    confirm_paid_checkout,
    open_order_for_offer,
    prepare_to_pay,
)
from orders.models import Order
from orders.tests.factories import VoucherFactory
from orders.tests.shopping import bought, captured, everything, home_of, news, paid, stocked, the_order
from payments.models import Refund

pytestmark = pytest.mark.django_db


def refused(refusal: type[Refusal], action, **said):
    before = everything()
    with pytest.raises(refusal):
        action(**said)
    assert everything() == before


def state_of(product):
    product.refresh_from_db()
    return product.state


# --- before it is paid ------------------------------------------------------------------------------------------------


def test_a_buyer_calls_off_what_they_have_not_paid():
    product = ProductFactory(images=0)
    checkout = bought(product)
    assert cancel_unpaid(checkout_id=checkout.pk, because="buyer", person=checkout.buyer)
    assert state_of(product) == "active"
    order = the_order(checkout)
    assert (order.state, order.cancelled_because) == ("cancelled", "buyer")
    before = everything()
    assert cancel_unpaid(checkout_id=checkout.pk, because="buyer", person=checkout.buyer)
    assert everything() == before


def test_another_person_has_no_such_checkout():
    checkout = bought()
    refused(errors.CheckoutNotFound, cancel_unpaid, checkout_id=checkout.pk, person=UserFactory())


def test_cancelling_one_order_that_is_not_paid_calls_off_what_is_paid_with_it():
    chair, lamp = ProductFactory(images=0), ProductFactory(images=0)
    checkout = bought(chair, lamp)
    cancel_order(person=checkout.buyer, order_id=checkout.orders.first().pk)
    assert set(checkout.orders.values_list("state", flat=True)) == {"cancelled"}
    assert (state_of(chair), state_of(lamp)) == ("active", "active")


def test_a_seller_does_not_call_off_what_is_not_paid():
    checkout = bought()
    order = the_order(checkout)
    refused(errors.NotYourSideOfIt, cancel_order, person=order.seller, order_id=order.pk)


def test_what_is_captured_already_is_not_called_off():
    checkout = bought()
    captured(checkout)
    assert not cancel_unpaid(checkout_id=checkout.pk)
    checkout.refresh_from_db()
    assert checkout.state == "open"
    order = the_order(checkout)
    refused(errors.AlreadyPaying, cancel_order, person=checkout.buyer, order_id=order.pk)


# --- after it is paid -------------------------------------------------------------------------------------------------


def test_a_buyer_cancels_before_dispatch_and_gets_all_back_and_the_thing_is_for_sale():
    product = ProductFactory(images=0)
    order = the_order(paid(bought(product)))
    cancel_order(person=order.buyer, order_id=order.pk, reason="Found it next door")
    order.refresh_from_db()
    assert (order.state, order.payment_state, order.fulfilment_state) == ("cancelled", "refunded", "called_off")
    assert order.refunded_minor == order.total_minor
    assert Refund.objects.get().amount_minor == 250_00
    assert state_of(product) == "active"
    assert product.variants.get().stock == 1
    assert news()[-2:] == ["orders.order_cancelled", "orders.order_refunded"]
    assert order.events.get(kind="cancelled").facts == {"reason": "Found it next door"}


def test_after_a_sellers_cancellation_the_listing_waits_for_its_seller():
    product = ProductFactory(images=0)
    order = the_order(paid(bought(product)))
    cancel_order(person=product.seller, order_id=order.pk)
    order.refresh_from_db()
    assert (order.state, order.cancelled_because, order.payment_state) == ("cancelled", "seller", "refunded")
    assert state_of(product) == "paused"


def test_of_several_pieces_those_are_to_be_had_again():
    product = stocked(5)
    order = the_order(paid(bought(product)))
    assert product.variants.get().stock == 4
    cancel_order(person=product.seller, order_id=order.pk)
    assert product.variants.get().stock == 5
    assert state_of(product) == "active"


def test_a_cash_order_is_called_off_without_money():
    product = ProductFactory(images=0)
    order = the_order(bought(product, pay_by="cash"))
    cancel_order(person=order.buyer, order_id=order.pk)
    order.refresh_from_db()
    assert (order.state, order.payment_state) == ("cancelled", "void")
    assert state_of(product) == "active"
    assert not Refund.objects.exists()


def test_of_two_orders_paid_together_one_is_cancelled_alone():
    chair, lamp = ProductFactory(images=0), ProductFactory(images=0, price_minor=80_00)
    voucher = VoucherFactory(fixed=10_00)
    checkout = paid(bought(chair, lamp, voucher_codes=[voucher.code]))
    first, second = checkout.orders.order_by("pk")
    cancel_order(person=checkout.buyer, order_id=first.pk)
    second.refresh_from_db()
    assert second.state == "confirmed"
    assert Refund.objects.get().amount_minor == first.total_minor
    voucher.refresh_from_db()
    assert voucher.used == 1
    cancel_order(person=checkout.buyer, order_id=second.pk)
    voucher.refresh_from_db()
    assert voucher.used == 0


def test_cancelling_again_is_the_same_answer():
    order = the_order(paid(bought()))
    cancel_order(person=order.buyer, order_id=order.pk)
    before = everything()
    cancel_order(person=order.buyer, order_id=order.pk)
    assert everything() == before


@pytest.mark.parametrize("state", ["dispatched", "delivered", "handed_over"])
def test_what_is_on_its_way_is_not_cancelled(state):
    order = the_order(paid(bought()))
    Order.objects.filter(pk=order.pk).update(fulfilment_state=state)
    refused(errors.CannotCancelNow, cancel_order, person=order.buyer, order_id=order.pk)


def test_a_stranger_has_no_such_order():
    order = the_order(paid(bought()))
    refused(errors.OrderNotFound, cancel_order, person=UserFactory(), order_id=order.pk)


# --- orders of offers -------------------------------------------------------------------------------------------------


def of_offer(product, *, amount: int | None = 200_00, traded=None, buyer=None):
    variant = product.variants.get()
    wanted = {variant.pk: 1, **({traded.variants.get().pk: 1} if traded else {})}
    take_holds(wanted=wanted, reference="offer:1")
    return open_order_for_offer(
        reference="offer:1",
        buyer=buyer or UserFactory(),
        seller=product.seller,
        variant=variant,
        amount=Money(amount, "AED") if amount else None,
        traded_variant=traded.variants.get() if traded else None,
        expires_at=timezone.now() + timedelta(hours=24),
        channel=product.feed_type,
    )


def test_an_accepted_offer_waits_a_day_for_its_payment_at_its_own_price():
    order = of_offer(ProductFactory(images=0))
    assert (order.total_minor, order.commission_minor, order.source) == (200_00, 10_00, "offer")
    assert order.checkout.payment.amount_minor == 200_00
    assert order.expires_at - timezone.now() > timedelta(hours=23)


def test_opening_an_offers_order_again_is_the_same_answer():
    product = ProductFactory(images=0)
    order = of_offer(product)
    before = everything()
    assert of_offer(product).pk == order.pk
    assert everything() == before


def test_paying_an_offer_sells_what_was_held_under_its_name():
    product = ProductFactory(images=0)
    order = of_offer(product)
    paid(order.checkout)
    assert state_of(product) == "sold"
    assert StockHold.objects.get().committed_at is not None


def test_a_trade_with_money_sells_both_things():
    chair, lamp = ProductFactory(images=0), ProductFactory(images=0)
    order = of_offer(chair, traded=lamp, buyer=lamp.seller)
    assert order.items.filter(is_traded=True).get().product == lamp
    paid(order.checkout)
    assert (state_of(chair), state_of(lamp)) == ("sold", "sold")


def test_a_trade_of_things_alone_is_confirmed_at_once():
    chair, lamp = ProductFactory(images=0), ProductFactory(images=0)
    order = of_offer(chair, amount=None, traded=lamp, buyer=lamp.seller)
    order.refresh_from_db()
    assert (order.state, order.payment_state, order.total_minor) == ("confirmed", "nothing_due", 0)
    assert (state_of(chair), state_of(lamp)) == ("reserved", "reserved")
    cancel_order(person=order.buyer, order_id=order.pk)
    assert (state_of(chair), state_of(lamp)) == ("active", "active")


def test_an_offers_clock_calls_its_order_off_and_keeps_the_stock_for_itself():
    product = ProductFactory(images=0)
    order = of_offer(product)
    assert cancel_unpaid_order(reference="offer:1")
    order.refresh_from_db()
    assert (order.state, order.cancelled_because) == ("cancelled", "not_paid")
    assert state_of(product) == "reserved"
    assert cancel_unpaid_order(reference="offer:1")


def test_an_offers_clock_does_not_call_off_what_is_paid():
    order = of_offer(ProductFactory(images=0))
    captured(order.checkout)
    assert not cancel_unpaid_order(reference="offer:1")
    confirm_paid_checkout(payment_id=order.checkout.payment_id)
    assert not cancel_unpaid_order(reference="offer:1")


def test_there_is_nothing_to_call_off_where_no_order_was_opened():
    assert cancel_unpaid_order(reference="offer:2")


# --- before paying ----------------------------------------------------------------------------------------------------


def test_a_buyer_says_where_an_accepted_offer_goes():
    buyer = UserFactory()
    order = of_offer(ProductFactory(images=0), buyer=buyer)
    prepare_to_pay(buyer=buyer, order_id=order.pk, delivery="ship", address_id=home_of(buyer).pk, note="Ring twice")
    order.refresh_from_db()
    assert (order.delivery, order.address["city"], order.buyer_note) == ("ship", "Dubai", "Ring twice")
    assert order.state == "awaiting_payment"


def test_agreeing_on_cash_calls_the_card_payment_off_and_confirms():
    buyer = UserFactory()
    order = of_offer(ProductFactory(images=0), buyer=buyer)
    checkout = prepare_to_pay(buyer=buyer, order_id=order.pk, pay_by="cash")
    order.refresh_from_db()
    assert (order.state, order.payment_state, order.pay_by) == ("confirmed", "cash_due", "cash")
    assert checkout.payment.state == "cancelled"


def test_a_card_that_was_charged_after_all_for_a_cash_sale_is_refunded():
    buyer = UserFactory()
    order = of_offer(ProductFactory(images=0), buyer=buyer)
    checkout = prepare_to_pay(buyer=buyer, order_id=order.pk, pay_by="cash")
    payment = captured(checkout)
    confirm_paid_checkout(payment_id=payment.pk)
    confirm_paid_checkout(payment_id=payment.pk)
    assert Refund.objects.get().amount_minor == 200_00
    order.refresh_from_db()
    assert (order.state, order.payment_state) == ("confirmed", "cash_due")


def test_only_the_buyer_prepares_and_only_while_it_waits():
    order = of_offer(ProductFactory(images=0))
    refused(errors.NotYourSideOfIt, prepare_to_pay, buyer=order.seller, order_id=order.pk)
    refused(errors.OrderNotFound, prepare_to_pay, buyer=UserFactory(), order_id=order.pk)
    paid(order.checkout)
    refused(errors.AlreadyPaid, prepare_to_pay, buyer=order.buyer, order_id=order.pk)
