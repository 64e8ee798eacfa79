import uuid

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import AddressFactory, UserFactory
from catalog.api.answers import DeliveryOut
from catalog.tests.factories import ProductFactory, SellerFactory
from core.models import AuditEntry
from core.testing import counted_queries
from orders.models import Checkout, DeliveryTerms, Order
from orders.shapes import DeliveryTermsOut
from orders.tests.factories import DeliveryTermsFactory, OrderFactory
from orders.tests.shopping import bought

pytestmark = pytest.mark.django_db
API = "/api/v1/seller/delivery"


@pytest.fixture
def me(enter):
    user = UserFactory(full_name="Omar Khalid")
    enter(user)
    return user


@pytest.fixture
def lamp():
    """For AED 100, of somebody who asks AED 15 for a parcel, from AED 200 on nothing."""
    product = ProductFactory(title="Brass lamp", images=0, price_minor=100_00)
    DeliveryTermsFactory(seller=product.seller)
    return product


def words(answer):
    return " ".join(answer.content.decode().split())


def api_of(person):
    client = APIClient()
    client.force_authenticate(person)
    return client


def at_checkout(client, product, **said):
    address = f"/checkout?buy={product.variants.get().pk}&quantity=1"
    return client.post(address, {"then": "preview", "delivery": "ship", "pay_by": "card"} | said)


# --- the seller -------------------------------------------------------------------------------------------------------


def test_by_the_api_a_seller_reads_and_says_it():
    client = api_of(SellerFactory())
    nothing_said = client.get(API).json()
    assert set(nothing_said) == set(DeliveryTermsOut().fields)
    assert nothing_said == {"ships": True, "parcel": "0.00", "free_from": None, "currency": "AED"}
    said = {"ships": True, "parcel": "15.00", "free_from": "200.00"}
    answer = client.put(API, said)
    assert (answer.status_code, answer.json()) == (200, said | {"currency": "AED"})
    assert client.get(API).json() == answer.json()
    assert client.put(API, {"ships": False}).json() == {**nothing_said, "ships": False}


@pytest.mark.parametrize(
    ("said", "attr"),
    [
        ({"parcel": "15.005"}, "parcel"),
        ({"parcel": "-1"}, "parcel"),
        ({"parcel": "9999"}, "parcel"),
        ({"free_from": "0"}, "free_from"),
        ({"currency": "XXX"}, "currency"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_by_the_api_what_makes_no_sense_is_told_by_field(said, attr):
    answer = api_of(SellerFactory()).put(API, said)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    assert not DeliveryTerms.objects.exists()


def test_by_the_api_only_who_sells_says_it():
    answer = api_of(UserFactory(sells_since=None)).put(API, {"parcel": "15.00"})
    assert answer.status_code == 403
    assert not DeliveryTerms.objects.exists()


def test_on_its_page_a_seller_says_it_and_reads_what_buyers_read(enter):
    seller = SellerFactory()
    client = enter(seller)
    assert "Free delivery" in words(client.get("/selling/delivery"))
    answer = client.post("/selling/delivery", {"ships": "yes", "parcel": "15", "free_from": "200"}, follow=True)
    assert "Delivery AED 15, free from AED 200" in words(answer)
    terms = DeliveryTerms.objects.get()
    assert (terms.seller, terms.ships, terms.parcel_minor, terms.free_from_minor) == (seller, True, 15_00, 200_00)
    client.post("/selling/delivery", {"ships": "no", "parcel": "15", "free_from": ""})
    assert "Hand-over only" in words(client.get("/selling/delivery"))
    assert AuditEntry.objects.filter(action="orders.delivery_terms_changed", actor_id=seller.pk).count() == 2
    assert 'href="/selling/delivery"' in words(client.get("/selling/orders"))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"parcel": "-5"}, "id_parcel_errors"),
        ({"parcel": "15.005"}, "id_parcel_errors"),
        ({"parcel": "301"}, "AED 300 at most"),
        ({"free_from": "0"}, "above zero"),
    ],
)
def test_on_its_page_what_makes_no_sense_stands_beside_its_field(enter, typed, says):
    answer = enter(SellerFactory()).post("/selling/delivery", {"ships": "yes", "parcel": "15", "free_from": ""} | typed)
    assert answer.status_code == 422
    assert says in words(answer)
    assert not DeliveryTerms.objects.exists()


# --- before buying ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "price", "says"),
    [
        ({}, 199_00, "Delivery AED 15, free from AED 200"),
        ({}, 200_00, "Free delivery"),
        ({"never_free": True}, 200_00, "Delivery AED 15<"),
        ({"parcel_minor": 0}, 100_00, "Free delivery"),
        ({"only_meets": True}, 200_00, "Hand-over only: you meet the seller"),
    ],
)
def test_the_listing_says_it_and_so_does_the_page_to_buy_without_scripts(client, terms, price, says):
    product = ProductFactory(images=0, price_minor=price)
    DeliveryTermsFactory(seller=product.seller, **terms)
    assert says in words(client.get(f"/l/{product.pk}"))
    assert says in words(client.get(f"/l/{product.pk}/buy"))


def test_what_is_sold_says_nothing_of_parcels(client):
    product = ProductFactory(images=0, state="sold")
    assert "Free delivery" not in words(client.get(f"/l/{product.pk}"))


@pytest.mark.parametrize(
    ("terms", "price", "says"),
    [
        ({}, 199_00, {"ships": True, "parcel": "15.00", "free_from": "200.00"}),
        ({}, 200_00, {"ships": True, "parcel": "0.00", "free_from": None}),
        ({"never_free": True}, 200_00, {"ships": True, "parcel": "15.00", "free_from": None}),
        ({"only_meets": True}, 200_00, {"ships": False, "parcel": None, "free_from": None}),
        (None, 200_00, {"ships": True, "parcel": "0.00", "free_from": None}),  # nothing said: it is in the price
    ],
)
def test_by_the_api_the_listing_says_the_same(terms, price, says):
    product = ProductFactory(images=0, price_minor=price)
    if terms is not None:
        DeliveryTermsFactory(seller=product.seller, **terms)
    told = APIClient().get(f"/api/v1/products/{product.pk}").json()["delivery"]
    assert told == {"hand_over": True, "currency": "AED", **says}
    assert DeliveryOut(data=told).is_valid(raise_exception=True)


@pytest.mark.parametrize("state", ["sold", "draft", "paused"])
def test_by_the_api_what_is_not_for_sale_says_nothing_of_parcels(state):
    product = ProductFactory(images=0, state=state)
    assert api_of(product.seller).get(f"/api/v1/products/{product.pk}").json()["delivery"] is None


def test_by_the_api_saying_it_costs_one_query(lamp):
    with counted_queries() as found:
        APIClient().get(f"/api/v1/products/{lamp.pk}")
    assert sum("orders_deliveryterms" in query["sql"] for query in found) == 1


def test_saying_it_costs_a_listing_one_query(client, lamp):
    client.get(f"/l/{lamp.pk}")
    with counted_queries() as found:
        client.get(f"/l/{lamp.pk}")
    assert sum("orders_deliveryterms" in query["sql"] for query in found) == 1


def test_the_cart_says_it_by_seller_for_one_query(client, me, lamp):
    only_met = ProductFactory(images=0)
    DeliveryTermsFactory(seller=only_met.seller, only_meets=True)
    for product in (lamp, only_met, ProductFactory(images=0)):
        client.post(f"/l/{product.pk}/buy", {"then": "cart"})
    with counted_queries() as found:
        page = words(client.get("/cart"))
    for says in ("Delivery AED 15, free from AED 200", "Hand-over only", "Free delivery"):
        assert says in page
    assert sum("orders_deliveryterms" in query["sql"] for query in found) == 1


# --- the checkout -----------------------------------------------------------------------------------------------------


def test_switching_to_a_parcel_adds_its_price_and_back_again(client, me, lamp):
    first = words(client.get(f"/checkout?buy={lamp.variants.get().pk}&quantity=1"))
    assert "100 <small>AED" in first
    assert "115 <small>AED" not in first
    assert "Delivery AED 15" in first  # what it would cost, beside the choice
    assert "115 <small>AED" in words(at_checkout(client, lamp))
    assert "115 <small>AED" not in words(at_checkout(client, lamp, delivery="meet"))
    part = client.post(
        f"/checkout?buy={lamp.variants.get().pk}&quantity=1",
        {"then": "preview", "delivery": "ship"},
        headers={"HX-Request": "true"},
    )
    assert 'id="sum"' in part.content.decode()
    assert 'id="things"' in part.content.decode()
    assert not Checkout.objects.exists()


def test_a_part_of_the_page_asks_its_browser_to_leave_when_nothing_is_left(client, me):
    answer = client.post("/checkout", {"then": "preview", "delivery": "ship"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/cart")


def test_the_order_is_opened_at_the_price_that_was_shown(client, me, lamp):
    home = AddressFactory(user=me)
    answer = at_checkout(client, lamp, then="buy", address_id=str(home.pk))
    order = Order.objects.get()
    assert answer["Location"] == f"/checkout/{order.checkout_id}/pay"
    assert (order.delivery_minor, order.total_minor) == (15_00, 115_00)


def test_from_whoever_only_meets_delivery_cannot_be_chosen(client, me):
    product = ProductFactory(images=0, seller=SellerFactory(full_name="Layla Haddad"))
    DeliveryTermsFactory(seller=product.seller, only_meets=True)
    page = words(client.get(f"/checkout?buy={product.variants.get().pk}&quantity=1"))
    assert 'value="ship" disabled' in page
    assert "Not from <bdi>Layla H.</bdi>: you meet." in page
    home = AddressFactory(user=me)
    for then in ("preview", "buy"):
        answer = at_checkout(client, product, then=then, address_id=str(home.pk))
        assert words(answer).count("Layla H. sends no parcels") == 1
        assert 'value="meet" checked' in words(answer)
    assert answer.status_code == 422
    assert not Order.objects.exists()


def test_a_preview_by_the_api_tells_what_a_parcel_would_cost(me, lamp):
    met = ProductFactory(images=0)
    DeliveryTermsFactory(seller=met.seller, only_meets=True)
    body = {"items": [{"product_id": str(lamp.pk)}], "delivery": "ship"}
    answer = api_of(me).post("/api/v1/checkout/preview", body).json()
    assert (answer["delivery"], answer["total"]) == ("15.00", "115.00")
    assert (answer["parts"][0]["delivery"], answer["parts"][0]["parcel"]) == ("15.00", "15.00")
    body = {"items": [{"product_id": str(met.pk)}]}
    assert api_of(me).post("/api/v1/checkout/preview", body).json()["parts"][0]["parcel"] is None
    refused = api_of(me).post("/api/v1/checkout/preview", body | {"delivery": "ship"})
    assert (refused.status_code, refused.json()["code"]) == (409, "orders.seller_does_not_ship")
    assert refused.json()["facts"]["seller"] == met.seller.username


def test_by_the_api_whoever_only_meets_refuses(me):
    product = ProductFactory(images=0)
    DeliveryTermsFactory(seller=product.seller, only_meets=True)
    body = {
        "items": [{"product_id": str(product.pk)}],
        "delivery": "ship",
        "address_id": str(AddressFactory(user=me).pk),
    }
    answer = api_of(me).post("/api/v1/checkout", body, headers={"Idempotency-Key": uuid.uuid4().hex})
    assert (answer.status_code, answer.json()["code"]) == (409, "orders.seller_does_not_ship")
    assert not Order.objects.exists()


# --- after buying -----------------------------------------------------------------------------------------------------


@pytest.fixture
def order():
    return OrderFactory(confirmed=True, ship=True, items_minor=100_00, delivery_minor=15_00)


def test_both_sides_read_it_on_the_page_of_the_order(enter, order):
    for side, address, sum_ in (
        (order.buyer, f"/orders/{order.pk}", "115 <small>AED"),
        (order.seller, f"/selling/orders/{order.pk}", "110 <small>AED"),  # less our commission of the things
    ):
        page = words(enter(side).get(address))
        assert '<dt>Delivery</dt><dd><span class="price ">15 <small>AED' in page
        assert sum_ in page


def test_both_sides_read_it_by_the_api(order):
    for side in (order.buyer, order.seller):
        told = api_of(side).get(f"/api/v1/orders/{order.pk}").json()
        assert (told["amounts"]["delivery"], told["delivery_price"], told["total"]) == ("15.00", "15.00", "115.00")
        told = api_of(side).get(f"/api/v1/transactions/{order.pk}").json()
        assert (told["delivery_price"], told["amount"]) == ("15.00", "115.00")


def test_whoever_pays_reads_how_the_sum_comes_about(client, me, lamp, stripe_sim):
    waiting = bought(lamp, buyer=me, delivery="ship", address_id=AddressFactory(user=me).pk)
    page = words(client.get(f"/checkout/{waiting.pk}/pay"))
    assert "<dt>Delivery</dt>" in page
    assert "Pay AED 115" in page


def test_what_was_haggled_for_says_what_a_parcel_costs_and_keeps_the_way(client, me, stripe_sim):
    product = ProductFactory(images=0)
    DeliveryTermsFactory(seller=product.seller)
    waiting = OrderFactory(product=product, buyer=me, items_minor=180_00, source="offer")
    home = AddressFactory(user=me)
    address = f"/checkout/{waiting.checkout_id}/pay"
    assert "Delivery to your address: AED 15" in words(client.get(address))
    client.post(address, {"then": "way", "delivery": "ship", "address_id": str(home.pk), "pay_by": "card"})
    assert "Pay AED 195" in words(client.get(address))
    client.post(address, {"then": "way", "delivery": "meet", "pay_by": "card"})
    assert "Pay AED 180" in words(client.get(address))


def test_what_was_haggled_for_of_whoever_only_meets_is_met(client, me, stripe_sim):
    product = ProductFactory(images=0)
    DeliveryTermsFactory(seller=product.seller, only_meets=True)
    waiting = OrderFactory(product=product, buyer=me, source="offer")
    address = f"/checkout/{waiting.checkout_id}/pay"
    page = words(client.get(address))
    assert "This seller sends no parcels" in page
    assert 'value="ship"' not in page
    answer = client.post(address, {"then": "way", "delivery": "ship", "pay_by": "card"})
    assert answer.status_code == 422
    waiting.refresh_from_db()
    assert waiting.delivery == "meet"
