import re

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Address
from accounts.tests.factories import AddressFactory, UserFactory
from catalog.models import Product, ProductVariant, StockHold
from catalog.states import ProductState
from catalog.tests.factories import ProductFactory, SellerFactory
from core.testing import counted_queries
from orders.models import Cart, CartItem, Checkout, Order
from orders.states import Delivery, OrderState, PayBy
from orders.tests.factories import VoucherFactory
from orders.tests.shopping import bought, captured, stocked
from payments.selectors.commands import WaitsBecause, charge_wait
from payments.tests.stripe import made as stripe_made

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(client):
    user = UserFactory(full_name="Omar Khalid")
    client.force_login(user, backend="accounts.backends.IdentifierBackend")
    return user


@pytest.fixture
def chair():
    return ProductFactory(title="Oak chair", images=0)


def words(answer):
    return " ".join(answer.content.decode().split())


def variant_of(product):
    return product.variants.get().pk


def box(client, product):
    return client.get(f"/l/{product.pk}/buy", headers={"HX-Request": "true"})


class TestTheBoxBesideAListing:
    def test_it_offers_to_buy_at_once_or_to_put_it_into_the_cart(self, client, chair):
        page = words(box(client, chair))
        assert "Buy now" in page
        assert "Add to cart" in page
        assert "Buyer protection" in page
        assert 'name="variant_id"' not in page

    def test_the_listing_leads_to_it_without_scripts(self, client, chair):
        assert f'href="/l/{chair.pk}/buy"' in words(client.get(f"/l/{chair.pk}"))
        assert "<h1>Buy it</h1>" in words(client.get(f"/l/{chair.pk}/buy"))

    @pytest.mark.parametrize("state", [ProductState.RESERVED, ProductState.SOLD])
    def test_what_is_reserved_or_sold_cannot_be_bought(self, client, chair, state):
        Product.objects.filter(pk=chair.pk).update(state=state)
        assert "Buy now" not in words(client.get(f"/l/{chair.pk}"))
        assert box(client, chair).content == b""
        assert "Not for sale now" in words(client.get(f"/l/{chair.pk}/buy"))

    def test_whoever_has_begun_to_buy_it_is_led_on_to_pay(self, client, me, chair):
        made = bought(chair, buyer=me)
        assert f"/checkout/{made.pk}/pay" in words(box(client, chair))
        again = client.get(f"/checkout?buy={variant_of(chair)}&quantity=1")
        assert again["Location"] == f"/checkout/{made.pk}/pay"

    def test_nobody_buys_from_themselves(self, client, me):
        mine = ProductFactory(seller=me, images=0)
        assert "Buy now" not in words(client.get(f"/l/{mine.pk}"))
        assert box(client, mine).content == b""

    def test_which_one_and_how_many_are_asked_where_there_is_a_choice(self, client, chair):
        ProductVariant.objects.filter(product=chair).update(options={"size": "M"}, stock=3)
        ProductVariant.objects.create(product=chair, options={"size": "L"}, stock=1, position=1)
        page = words(box(client, chair))
        assert 'name="variant_id"' in page
        assert 'name="quantity"' in page

    def test_buying_at_once_leads_to_the_checkout_of_this_one_thing(self, client, me, chair):
        answer = client.post(f"/l/{chair.pk}/buy", {"then": "now"})
        assert answer["Location"] == f"/checkout?buy={variant_of(chair)}&quantity=1"

    def test_it_goes_into_the_cart_in_place(self, client, me, chair):
        answer = client.post(f"/l/{chair.pk}/buy", {"then": "cart"}, headers={"HX-Request": "true"})
        assert "One of it is in your cart" in words(answer)
        assert 'id="cart-count" hx-swap-oob="true">1<' in answer.content.decode()
        assert CartItem.objects.get().cart.user == me

    def test_more_than_there_are_is_refused_in_the_form(self, client, me):
        cups = stocked(2, title="Cups")
        for _n in range(2):
            client.post(f"/l/{cups.pk}/buy", {"then": "cart"})
        answer = client.post(f"/l/{cups.pk}/buy", {"then": "cart", "quantity": "1"}, headers={"HX-Request": "true"})
        assert answer.status_code == 422
        assert "only 2 are left" in words(answer)
        assert CartItem.objects.get().quantity == 2


class TestTheCart:
    def test_an_empty_one_says_where_to_look(self, client):
        assert "Your cart is empty" in words(client.get("/cart"))

    def test_things_stand_by_seller_with_their_sum(self, client, me):
        one, other = SellerFactory(full_name="Layla Haddad"), SellerFactory(full_name="Zayn Abbas")
        for seller, price in ((one, 100_00), (one, 50_00), (other, 25_00)):
            product = ProductFactory(seller=seller, images=0, price_minor=price)
            client.post(f"/l/{product.pk}/buy", {"then": "cart"})
        page = words(client.get("/cart"))
        assert page.count("Layla H.") == 1
        assert "Zayn A." in page
        assert "175 <small>AED" in page
        assert 'href="/checkout"' in page

    def test_a_guests_cart_comes_along_when_they_sign_in(self, client, chair):
        client.post(f"/l/{chair.pk}/buy", {"then": "cart"})
        assert client.cookies["cart"]["httponly"]
        assert client.cookies["cart"].value not in Cart.objects.values_list("guest_key", flat=True)
        assert "Sign in and go on" in words(client.get("/cart"))
        user = UserFactory()
        client.force_login(user, backend="accounts.backends.IdentifierBackend")
        assert "What you put in before you signed in is in your cart too" in words(client.get("/cart"))
        assert CartItem.objects.get().cart.user == user
        assert client.cookies["cart"].value == ""

    def test_the_number_in_the_header_is_the_guests_own_cookie(self, client, chair):
        client.post(f"/l/{chair.pk}/buy", {"then": "cart"})
        with counted_queries() as found:
            page = client.get("/categories").content.decode()
        assert 'id="cart-count">1<' in page
        assert not [q for q in found if "orders_cart" in q["sql"]]

    def test_nobody_changes_the_cart_of_another(self, client, me, chair):
        client.post(f"/l/{chair.pk}/buy", {"then": "cart"})
        item = CartItem.objects.get()
        client.force_login(UserFactory(), backend="accounts.backends.IdentifierBackend")
        client.post(f"/cart/{item.pk}/remove")
        client.post(f"/cart/{item.pk}", {"quantity": "5"})
        assert CartItem.objects.get().quantity == 1

    def test_quantities_change_and_lines_go(self, client, me):
        cups = stocked(5, title="Cups")
        client.post(f"/l/{cups.pk}/buy", {"then": "cart"})
        item = CartItem.objects.get()
        client.post(f"/cart/{item.pk}", {"quantity": "3"})
        assert CartItem.objects.get().quantity == 3
        client.post(f"/cart/{item.pk}", {"typed": "4"})
        assert CartItem.objects.get().quantity == 4
        client.post(f"/cart/{item.pk}", {"typed": " ٥ "})
        assert CartItem.objects.get().quantity == 5
        client.post(f"/cart/{item.pk}/remove")
        assert not CartItem.objects.exists()

    def test_what_is_reserved_for_another_is_not_offered_to_be_accepted(self, client, me, chair):
        client.post(f"/l/{chair.pk}/buy", {"then": "cart"})
        bought(chair, buyer=UserFactory())
        page = words(client.get("/cart"))
        assert "reserved for somebody else" in page
        assert "take it out to go on" in page
        assert "/cart/accept" not in page

    @pytest.mark.parametrize("typed", ["", "abc", "-2", "1.5", "²", "99999", "9" * 5000])
    def test_what_is_no_number_changes_nothing_and_says_so(self, client, me, typed):
        cups = stocked(5, title="Cups")
        client.post(f"/l/{cups.pk}/buy", {"then": "cart", "quantity": "2"})
        item = CartItem.objects.get()
        page = words(client.post(f"/cart/{item.pk}", {"typed": typed}, follow=True))
        assert CartItem.objects.get().quantity == 2
        assert 'class="toast error"' in page

    def test_what_changed_is_said_and_accepted(self, client, me, chair):
        lamp = ProductFactory(title="Brass lamp", images=0)
        for product in (chair, lamp):
            client.post(f"/l/{product.pk}/buy", {"then": "cart"})
        Product.objects.filter(pk=chair.pk).update(price_minor=300_00)
        Product.objects.filter(pk=lamp.pk).update(state=ProductState.SOLD)
        page = words(client.get("/cart"))
        assert "Oak chair: was AED 250, is AED 300 now" in page
        assert "Brass lamp: no longer to be had" in page
        client.post("/cart/accept")
        page = words(client.get("/cart"))
        assert "Something changed" not in page
        assert "Brass lamp" not in page

    def test_it_costs_the_same_queries_with_1_and_with_20_lines(self, client, me):
        client.post(f"/l/{ProductFactory(images=0).pk}/buy", {"then": "cart"})
        client.get("/cart")
        with counted_queries() as one:
            client.get("/cart")
        for _n in range(19):
            client.post(f"/l/{ProductFactory(images=0).pk}/buy", {"then": "cart"})
        with counted_queries() as twenty:
            client.get("/cart")
        assert len(twenty) == len(one)


def at_checkout(client, product, **said):
    address = f"/checkout?buy={variant_of(product)}&quantity=1"
    return client.post(address, {"then": "buy", "delivery": "meet", "pay_by": "card"} | said)


class TestTheCheckout:
    def test_strangers_sign_in_and_come_back_to_the_same_thing(self, client, chair):
        answer = client.get(f"/checkout?buy={variant_of(chair)}&quantity=1")
        assert answer["Location"].startswith("/login?next=%2Fcheckout%3Fbuy%3D")

    def test_it_says_what_it_comes_to_and_nothing_of_our_commission(self, client, me, chair):
        page = words(client.get(f"/checkout?buy={variant_of(chair)}&quantity=1"))
        assert "250 <small>AED" in page
        assert "Buyer protection" in page
        assert "ommission" not in page
        assert not Checkout.objects.exists()

    def test_an_empty_cart_leads_back_to_the_cart(self, client, me):
        assert client.get("/checkout")["Location"] == "/cart"

    def test_by_card_it_is_set_aside_and_leads_to_paying(self, client, me, chair):
        answer = at_checkout(client, chair, note="Is the cushion included?")
        made = Checkout.objects.get()
        assert answer["Location"] == f"/checkout/{made.pk}/pay"
        assert (made.buyer, made.total_minor, made.orders.get().buyer_note) == (me, 250_00, "Is the cushion included?")
        assert StockHold.objects.filter(variant=variant_of(chair), released_at=None).exists()

    def test_in_cash_it_is_agreed_at_once(self, client, me, chair):
        answer = at_checkout(client, chair, pay_by="cash")
        order = Order.objects.get()
        assert answer["Location"] == f"/checkout/{order.checkout_id}/done"
        assert (order.state, order.pay_by) == (OrderState.CONFIRMED, PayBy.CASH)
        assert "You pay in cash when you meet" in words(client.get(answer["Location"]))

    def test_delivery_wants_an_address_which_is_kept_on_the_order(self, client, me, chair):
        answer = at_checkout(client, chair, delivery="ship")
        assert answer.status_code == 422
        assert "Say where it should be delivered" in words(answer)
        assert not Order.objects.exists()
        home = AddressFactory(user=me)
        at_checkout(client, chair, delivery="ship", address_id=str(home.pk))
        order = Order.objects.get()
        assert (order.delivery, order.address["street"]) == (Delivery.SHIP, home.street)

    def test_an_address_is_added_in_place(self, client, me, chair):
        new = {
            "new-label": "Home",
            "new-recipient": "Omar Khalid",
            "new-phone": "+971501234567",
            "new-street": "Al Marsa Street 12",
            "new-city": "Dubai",
        }
        answer = at_checkout(client, chair, then="address", delivery="ship", **new)
        made = Address.objects.get(user=me)
        assert re.search(rf'value="{made.pk}"\s+checked', answer.content.decode())
        assert not Order.objects.exists()

    def test_an_address_that_is_not_complete_is_said_beside_its_fields(self, client, me, chair):
        answer = at_checkout(client, chair, then="address", delivery="ship", **{"new-label": "Home"})
        assert answer.status_code == 422
        assert "id_new-street_errors" in answer.content.decode()
        assert not Address.objects.exists()

    def test_cash_does_not_go_with_a_carrier(self, client, me, chair):
        home = AddressFactory(user=me)
        answer = at_checkout(client, chair, delivery="ship", address_id=str(home.pk), pay_by="cash")
        assert answer.status_code == 422
        assert "paid by card" in words(answer)
        assert not Order.objects.exists()

    def test_a_voucher_is_tried_taken_off_and_used(self, client, me, chair):
        VoucherFactory(code="TEN")
        tried = words(at_checkout(client, chair, then="preview", voucher_code="ten"))
        assert "Voucher TEN" in tried
        assert "225 <small>AED" in tried
        without = words(at_checkout(client, chair, drop="TEN", then="", voucher="TEN"))
        assert "225 <small>AED" not in without
        at_checkout(client, chair, voucher="TEN")
        assert Order.objects.get().total_minor == 225_00

    def test_a_voucher_that_is_none_is_said_beside_its_field_and_the_rest_stays(self, client, me, chair):
        answer = at_checkout(client, chair, then="preview", voucher_code="NOPE")
        assert "There is no such voucher" in words(answer)
        assert "250 <small>AED" in words(answer)
        assert at_checkout(client, chair, voucher_code="NOPE").status_code == 422
        assert not Order.objects.exists()

    def test_what_somebody_else_took_meanwhile_leads_back_to_its_page(self, client, me, chair):
        bought(chair)
        answer = client.get(f"/checkout?buy={variant_of(chair)}&quantity=1", follow=True)
        assert answer.redirect_chain[0][0] == f"/l/{chair.pk}"
        assert "is reserved for somebody else" in words(answer)

    def test_a_cart_that_changed_leads_back_to_the_cart(self, client, me, chair):
        client.post(f"/l/{chair.pk}/buy", {"then": "cart"})
        Product.objects.filter(pk=chair.pk).update(price_minor=300_00)
        answer = client.post("/checkout", {"then": "buy", "delivery": "meet", "pay_by": "card"})
        assert answer["Location"] == "/cart"
        assert not Checkout.objects.exists()

    def test_a_cart_of_two_sellers_becomes_two_orders_of_one_payment(self, client, me, chair):
        for product in (chair, ProductFactory(images=0)):
            client.post(f"/l/{product.pk}/buy", {"then": "cart"})
        client.post("/checkout", {"then": "buy", "delivery": "meet", "pay_by": "card"})
        made = Checkout.objects.get()
        assert (made.orders.count(), made.total_minor) == (2, 500_00)
        assert not CartItem.objects.exists()


class TestPaying:
    @pytest.fixture
    def made(self, me, chair):
        return bought(chair, buyer=me)

    def test_it_is_its_buyers_alone(self, client, made):
        client.force_login(UserFactory(), backend="accounts.backends.IdentifierBackend")
        for page in ("pay", "done", "back"):
            assert client.get(f"/checkout/{made.pk}/{page}").status_code == 404
        assert client.post(f"/checkout/{made.pk}/cancel").status_code == 404

    def test_test_cards_stand_there_where_a_simulator_runs(self, client, made, stripe_sim):
        page = words(client.get(f"/checkout/{made.pk}/pay"))
        assert "4242 4242 4242 4242" in page
        assert "data-countdown" in page
        assert "js.stripe.com" not in page

    def test_a_card_that_pays_leads_to_the_thanks_and_the_order_is_confirmed(self, client, made, stripe_sim):
        answer = client.post(f"/checkout/{made.pk}/pay", {"then": "pay", "card": "pm_card_visa"})
        assert answer["Location"] == f"/checkout/{made.pk}/done"
        assert made.orders.get().state == OrderState.CONFIRMED
        assert "is safe with us until you have it" in words(client.get(answer["Location"]))
        assert client.get(f"/checkout/{made.pk}/pay")["Location"] == f"/checkout/{made.pk}/done"

    def test_a_card_that_is_declined_is_said_kindly_and_another_may_be_tried(self, client, made, stripe_sim):
        declined = {"then": "pay", "card": "pm_card_chargeDeclinedInsufficientFunds"}
        page = words(client.post(f"/checkout/{made.pk}/pay", declined, follow=True))
        assert "There is not enough money on this card" in page
        assert made.orders.get().state == OrderState.AWAITING_PAYMENT
        client.post(f"/checkout/{made.pk}/pay", {"then": "pay", "card": "pm_card_visa"})
        assert made.orders.get().state == OrderState.CONFIRMED

    def test_a_bank_that_asks_who_one_is_is_gone_to(self, client, made, stripe_sim):
        answer = client.post(f"/checkout/{made.pk}/pay", {"then": "pay", "card": "pm_card_authenticationRequired"})
        assert answer["Location"].startswith(stripe_sim.url)
        page = client.get(f"/checkout/{made.pk}/pay")
        assert stripe_sim.url in page["Content-Security-Policy"]

    def test_a_made_up_card_is_refused(self, client, made, stripe_sim):
        answer = client.post(f"/checkout/{made.pk}/pay", {"then": "pay", "card": "pm_card_of_mine"})
        assert answer.status_code == 422
        assert made.orders.get().state == OrderState.AWAITING_PAYMENT

    def test_a_service_that_does_not_answer_is_said_and_nothing_is_lost(self, client, made, stripe_sim):
        stripe_sim.control.fault("drop_connection_after", path_prefix="/v1/", times=50)
        page = client.get(f"/checkout/{made.pk}/pay")
        stripe_sim.control.clear_faults()
        assert "The payment service is not answering" in words(page)
        made.refresh_from_db()
        assert made.state == "open"

    @pytest.mark.parametrize("effect", [True, False])
    def test_a_failure_that_the_service_saved_keeps_nobody_waiting(self, client, made, stripe_sim, effect):
        stripe_sim.control.fault(
            "error_500_saved", path_prefix="/v1/payment_intents", method="POST", times=1, effect=effect
        )
        page = words(client.get(f"/checkout/{made.pk}/pay"))
        assert "4242 4242 4242 4242" in page
        assert 'id="away"' not in page
        client.post(f"/checkout/{made.pk}/pay", {"then": "pay", "card": "pm_card_visa"})
        assert made.orders.get().state == OrderState.CONFIRMED
        assert stripe_made(stripe_sim, "payment_intent") == stripe_made(stripe_sim, "charge") == 1

    def test_while_it_fails_the_page_says_so_and_goes_on_by_itself(self, client, made, stripe_sim):
        stripe_sim.control.fault(
            "error_500_saved", path_prefix="/v1/payment_intents", method="POST", times=2, effect=False
        )
        with time_machine.travel(timezone.now(), tick=False) as clock:
            page = words(client.get(f"/checkout/{made.pk}/pay"))
            assert "The payment service had a fault of its own" in page
            assert 'hx-trigger="load delay:2s"' in page
            looks = {"HX-Request": "true"}
            assert 'id="away"' in words(client.get(f"/checkout/{made.pk}/pay", headers=looks))  # too early
            clock.shift(2)
            gone_on = client.get(f"/checkout/{made.pk}/pay", headers=looks)
        assert (gone_on.status_code, gone_on["HX-Redirect"]) == (204, f"/checkout/{made.pk}/back")
        assert "4242" in words(client.get(f"/checkout/{made.pk}/back", follow=True))
        client.post(f"/checkout/{made.pk}/pay", {"then": "pay", "card": "pm_card_visa"})
        assert stripe_made(stripe_sim, "charge") == 1

    def test_what_failed_too_often_is_said_to_be_with_us(self, client, made, stripe_sim):
        stripe_sim.control.fault(
            "error_500_saved", path_prefix="/v1/payment_intents", method="POST", times=50, effect=False
        )
        with time_machine.travel(timezone.now(), tick=False) as clock:
            page = words(client.get(f"/checkout/{made.pk}/pay"))
            while (wait := charge_wait(made.payment)).because == WaitsBecause.FAILED:
                clock.move_to(wait.again_at)
                page = words(client.get(f"/checkout/{made.pk}/pay"))
        assert "We cannot take this payment now" in page
        assert "load delay" not in page

    def test_back_from_the_bank_the_payment_is_looked_at(self, client, made, stripe_sim):
        client.get(f"/checkout/{made.pk}/pay")
        answer = client.get(f"/checkout/{made.pk}/back")
        assert answer["Location"] == f"/checkout/{made.pk}/pay"

    def test_with_a_key_the_card_form_is_stripes_own_and_only_here(self, client, made, stripe_sim, settings):
        client.get(f"/checkout/{made.pk}/pay")
        settings.STRIPE = settings.STRIPE | {"publishable_key": "pk_live_1", "api_base": ""}
        page = client.get(f"/checkout/{made.pk}/pay")
        assert 'data-key="pk_live_1"' in page.content.decode()
        assert "https://js.stripe.com" in page["Content-Security-Policy"]
        assert "4242" not in page.content.decode()
        assert "stripe" not in client.get("/cart")["Content-Security-Policy"]

    def test_when_the_time_is_over_nothing_was_charged(self, client, made):
        Checkout.objects.filter(pk=made.pk).update(expires_at=made.created_at)
        page = words(client.get(f"/checkout/{made.pk}/pay"))
        assert "The time to pay is over" in page
        assert "Pay AED" not in page

    def test_it_can_be_called_off(self, client, made):
        client.post(f"/checkout/{made.pk}/cancel")
        made.refresh_from_db()
        assert made.state == "cancelled"
        assert made.orders.get().state == OrderState.CANCELLED

    def test_money_that_came_while_the_page_waited_is_seen(self, client, made, stripe_sim):
        captured(made)
        page = words(client.get(f"/checkout/{made.pk}/done"))
        assert "Thank you" in page or "Waiting for your bank" in page
