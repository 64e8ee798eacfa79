"""How something that was haggled for is handed over, chosen and paid in one form."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import AddressFactory, UserFactory
from catalog.actions import take_holds
from catalog.tests.factories import ProductFactory
from orders.actions import change_delivery_terms, open_order_for_offer
from orders.models import Order
from orders.tests.factories import DeliveryTermsFactory
from orders.tests.shopping import aed, everything, home_of
from payments.models import Payment, PaymentHold
from payments.selectors import audit_ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(client):
    person = UserFactory(full_name="Omar Khalid")
    client.force_login(person, backend="accounts.backends.IdentifierBackend")
    return person


@pytest.fixture
def order(buyer, stripe_sim):
    """A chair that was haggled down to AED 180; a parcel costs AED 15, from AED 200 on nothing."""
    product = ProductFactory(images=0)
    DeliveryTermsFactory(seller=product.seller)
    variant = product.variants.get()
    offer = f"offer:{uuid.uuid4()}"
    take_holds(wanted={variant.pk: 1}, reference=offer)
    return open_order_for_offer(
        reference=offer,
        buyer=buyer,
        seller=product.seller,
        variant=variant,
        amount=aed(180_00),
        expires_at=timezone.now() + timedelta(hours=24),
        channel="community",
    )


@pytest.fixture
def home(buyer):
    return home_of(buyer)


SEEN = {"seen_meet": "180.00", "seen_ship": "195.00"}


def send(client, order, **said):
    typed = {"then": "pay", "delivery": "meet", "pay_by": "card", "card": "pm_card_visa", **SEEN} | said
    return client.post(f"/checkout/{order.checkout_id}/pay", typed, follow=True)


def by_parcel(home, **said):
    return {"delivery": "ship", "address_id": str(home.pk)} | said


def stands(order):
    order = Order.objects.get(pk=order.pk)
    return order.state, order.delivery, order.total_minor


def charged():
    return list(Payment.objects.filter(state="captured").values_list("amount_minor", flat=True))


def test_one_form_says_what_each_way_comes_to_and_has_one_button(client, order, home):
    page = client.get(f"/checkout/{order.checkout_id}/pay").content.decode()
    assert page.count("data-checkout") == 1
    for words in ("Pay AED 180", "Pay AED 195", 'name="seen_meet" value="180.00"', 'name="seen_ship" value="195.00"'):
        assert words in page
    assert ">Keep<" not in page
    assert 'value="way"' not in page


def test_a_parcel_is_chosen_and_paid_in_one_step(client, order, home):
    answer = send(client, order, **by_parcel(home))
    assert answer.redirect_chain[-1][0] == f"/checkout/{order.checkout_id}/done"
    assert stands(order) == ("confirmed", "ship", 195_00)
    assert Order.objects.get(pk=order.pk).address["street"] == home.street
    assert charged() == [195_00]
    assert PaymentHold.objects.get(state="held").amount_minor == 195_00
    assert audit_ledger().holds


def test_a_hand_over_is_paid_as_it_stands(client, order):
    before = Payment.objects.count()
    send(client, order)
    assert stands(order) == ("confirmed", "meet", 180_00)
    assert charged() == [180_00]
    assert Payment.objects.count() == before  # no other attempt


def test_cash_is_agreed_on_by_the_same_button(client, order):
    answer = send(client, order, pay_by="cash", card="")
    assert answer.redirect_chain[-1][0] == f"/checkout/{order.checkout_id}/done"
    assert stands(order) == ("confirmed", "meet", 180_00)
    assert charged() == []


def test_nothing_is_charged_at_a_sum_that_was_not_seen(client, order, home):
    change_delivery_terms(seller=order.seller, ships=True, parcel=aed(40_00), free_from=None)
    answer = send(client, order, **by_parcel(home))
    assert answer.redirect_chain[-1][0] == f"/checkout/{order.checkout_id}/pay"
    page = answer.content.decode()
    assert "It comes to AED 220 now. Nothing was charged" in page
    assert 'name="seen_ship" value="220.00"' in page
    assert stands(order) == ("awaiting_payment", "ship", 220_00)
    assert charged() == []
    send(client, order, **by_parcel(home, seen_ship="220.00"))
    assert stands(order) == ("confirmed", "ship", 220_00)
    assert charged() == [220_00]


@pytest.mark.parametrize("seen", ["", "180.00", "195", "x"])
def test_a_form_that_saw_another_sum_pays_nothing(client, order, home, seen):
    send(client, order, **by_parcel(home, seen_ship=seen))
    assert stands(order)[0] == "awaiting_payment"
    assert charged() == []


@pytest.mark.parametrize(
    "said",
    [
        {"card": "pm_card_of_nobody"},
        {"delivery": "ship"},
        {"delivery": "ship", "address_id": "01912d5e-7c3a-7b1e-9f00-2a4b6c8d0e1f"},
        {"delivery": "by air"},
        {"pay_by": "shells"},
        {"delivery": "ship", "pay_by": "cash"},
    ],
)
def test_what_makes_no_sense_changes_nothing(client, order, home, said):
    client.get(f"/checkout/{order.checkout_id}/pay")
    before = everything(), stands(order)
    answer = send(client, order, **said)
    assert answer.status_code == 422
    assert (everything(), stands(order)) == before
    assert charged() == []


def test_after_a_card_that_was_declined_the_way_is_as_it_was_chosen(client, order, home):
    other = AddressFactory(user=order.buyer, street="Al Wasl Road 7")
    page = send(client, order, **by_parcel(other, card="pm_card_chargeDeclined")).content.decode()
    assert "That did not go through" in page
    assert f'value="{other.pk}"' in page
    [chosen] = [tag for tag in page.split("<input") if 'name="address_id"' in tag and "checked" in tag]
    assert str(other.pk) in chosen
    assert charged() == []
    send(client, order, **by_parcel(other))
    assert charged() == [195_00]


def test_strangers_find_no_form(client, order):
    client.force_login(UserFactory(), backend="accounts.backends.IdentifierBackend")
    assert send(client, order).status_code == 404
    assert stands(order)[0] == "awaiting_payment"


def test_with_the_providers_own_form_the_way_is_kept_alone(client, order, home, settings):
    settings.STRIPE = settings.STRIPE | {"publishable_key": "pk_live_x", "api_base": ""}
    answer = client.post(
        f"/checkout/{order.checkout_id}/pay", {"then": "pay", "card": "pm_card_visa", **SEEN, **by_parcel(home)}
    )
    assert answer.status_code == 422  # no card of the simulator's is one
    assert charged() == []
