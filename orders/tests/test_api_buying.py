import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from catalog.models import ProductVariant
from catalog.tests.factories import ProductFactory, SellerFactory
from core.models import IdempotencyRecord
from core.testing import client_of, counted_queries, key
from orders.actions import add_to_cart
from orders.models import Cart, Checkout, Order, Voucher
from orders.selectors import Owner
from orders.shapes import (
    CartChangesOut,
    CartOut,
    CheckoutOut,
    OrderEventOut,
    OrderLineOut,
    OrderOut,
    OwnVoucherOut,
    PreviewOut,
    TransactionOut,
    VoucherOut,
    VoucherWorthOut,
)
from orders.tests.factories import CartFactory, CartItemFactory, OrderFactory, VoucherFactory
from orders.tests.shopping import bought, everything, home_of, paid, stocked, the_order

pytestmark = pytest.mark.django_db
API = "/api/v1"


def keys_of(serializer):
    return set(serializer().fields)


@pytest.fixture
def buyer():
    return UserFactory(full_name="Ali Mansour")


# --- carts ------------------------------------------------------------------------------------------------------------


def test_a_cart_by_seller_with_what_changed(buyer):
    client = client_of(buyer)
    chair = stocked(5)
    added = client.post(f"{API}/cart", {"product_id": str(chair.pk), "quantity": 2})
    assert added.status_code == 201, added.json()
    assert set(added.json()) == keys_of(CartOut) - {"cart_key"}
    [group] = added.json()["sellers"]
    assert group["seller"]["username"] == chair.seller.username
    assert group["items"][0]["amount"] == "200.00"
    item_id = group["items"][0]["id"]
    changed = client.patch(f"{API}/cart/items/{item_id}", {"quantity": 3}, headers={"If-Match": added["ETag"]})
    assert changed.json()["subtotals"] == [{"currency": "AED", "amount": "300.00"}]
    stale = client.patch(f"{API}/cart/items/{item_id}", {"quantity": 4}, headers={"If-Match": added["ETag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "core.stale_revision")
    ProductVariant.objects.update(price_minor=120_00)
    check = client.get(f"{API}/cart/check").json()
    assert set(check) == keys_of(CartChangesOut)
    assert [(c["what"], c["seen_price"], c["price"]) for c in check["changes"]] == [("price", "100.00", "120.00")]
    assert client.post(f"{API}/cart/accept").json()["cart"]["changed"] == 0
    assert client.delete(f"{API}/cart/items/{item_id}").status_code == 204
    assert client.get(f"{API}/cart").json()["count"] == 0


def test_a_guest_gets_a_key_and_a_cookie_and_finds_the_cart_by_either():
    product = ProductFactory(images=0)
    client = APIClient()
    assert client.get(f"{API}/cart").json()["id"] is None
    answer = client.post(f"{API}/cart", {"product_id": str(product.pk)})
    assert answer.status_code == 201
    cookie = answer.cookies["cart"]
    assert cookie["httponly"]
    assert client.get(f"{API}/cart").json()["count"] == 1
    by_header = APIClient().get(f"{API}/cart", headers={"Cart-Key": answer.json()["cart_key"]})
    assert by_header.json()["count"] == 1
    assert APIClient().get(f"{API}/cart").json()["count"] == 0


def test_a_device_brings_its_things(buyer):
    chair, sold = stocked(3), ProductFactory(images=0, state="sold")
    body = {"items": [{"product_id": str(chair.pk), "quantity": 2}, {"product_id": str(sold.pk)}]}
    answer = client_of(buyer).post(f"{API}/cart/sync", body).json()
    assert answer["cart"]["pieces"] == 2
    assert [left["code"] for left in answer["left_out"]] == ["orders.not_to_be_had"]
    assert client_of(buyer).delete(f"{API}/cart").status_code == 204
    assert client_of(buyer).get(f"{API}/cart").json()["count"] == 0


def test_wrong_numbers_and_names_in_a_cart_are_told(buyer):
    client, product = client_of(buyer), ProductFactory(images=0)
    for body in ({}, {"product_id": "x"}, {"product_id": str(product.pk), "quantity": 0}, {"colour": "red"}):
        assert client.post(f"{API}/cart", body).status_code == 400
    assert client.get(f"{API}/cart?colour=red").json()["code"] == "core.unknown_parameter"
    assert client.post(f"{API}/cart", {"product_id": str(uuid.uuid4())}).status_code == 404
    assert not Cart.objects.exclude(items=None).exists()


# --- buying -----------------------------------------------------------------------------------------------------------


def test_a_preview_sets_nothing_aside_and_tells_no_fee(buyer):
    product = ProductFactory(images=0)
    voucher = VoucherFactory(fixed=25_00)
    before = everything()
    body = {"items": [{"product_id": str(product.pk)}], "voucher_code": voucher.code}
    answer = client_of(buyer).post(f"{API}/checkout/preview", body)
    assert answer.status_code == 200, answer.json()
    assert set(answer.json()) == keys_of(PreviewOut)
    assert (answer.json()["total"], answer.json()["discount"]) == ("225.00", "25.00")
    assert "commission" not in answer.content.decode()
    assert everything() == before


def test_buying_in_cash_is_agreed_at_once_and_asks_for_a_key(buyer):
    product = ProductFactory(images=0)
    body = {"items": [{"product_id": str(product.pk)}], "pay_by": "cash"}
    client = client_of(buyer)
    refused = client.post(f"{API}/checkout", body)
    assert (refused.status_code, refused.json()["code"]) == (400, "core.idempotency_key_required")
    assert not Checkout.objects.exists()
    same = key()
    answer = client.post(f"{API}/checkout", body, **same)
    assert answer.status_code == 201, answer.json()
    assert set(answer.json()) == keys_of(CheckoutOut)
    assert (answer.json()["state"], answer.json()["payment"]) == ("paid", None)
    assert answer["Location"] == f"{API}/checkout/{answer.json()['id']}"
    again = client.post(f"{API}/checkout", body, **same)
    assert again.json()["id"] == answer.json()["id"]
    assert Checkout.objects.count() == 1
    other = client.post(f"{API}/checkout", {**body, "note": "Ring"}, **same)
    assert other.json()["code"] == "core.idempotency_mismatch"


def test_orders_are_opened_from_the_cart_too(buyer):
    cart = CartFactory(user=buyer)
    for _ in range(2):
        CartItemFactory(cart=cart, product=ProductFactory(images=0))
    answer = client_of(buyer).post(f"{API}/orders", {"pay_by": "cash"}, **key())
    assert answer.status_code == 201
    assert len(answer.json()["orders"]) == 2
    empty = client_of(buyer).post(f"{API}/orders", {"pay_by": "cash"}, **key())
    assert (empty.status_code, empty.json()["code"]) == (409, "orders.cart_empty")


def test_refusals_name_the_thing(buyer):
    product = ProductFactory(images=0, title="Oak chair")
    bought(product)
    body = {"items": [{"product_id": str(product.pk)}], "pay_by": "cash"}
    answer = client_of(buyer).post(f"{API}/checkout", body, **key())
    assert (answer.status_code, answer.json()["code"]) == (409, "orders.reserved")
    assert answer.json()["facts"]["product_id"] == str(product.pk)
    assert "Oak chair" in answer.json()["detail"]


def test_a_checkout_is_its_buyers_alone(buyer):
    checkout = bought(buyer=buyer)
    order = the_order(checkout)
    assert client_of(buyer).get(f"{API}/checkout/{checkout.pk}").json()["total"] == "250.00"
    for person in (order.seller, UserFactory()):
        client = client_of(person)
        assert client.get(f"{API}/checkout/{checkout.pk}").status_code == 404
        assert client.post(f"{API}/checkout/{checkout.pk}/cancel").status_code == 404
        assert client.post(f"{API}/checkout/{checkout.pk}/pay", {}, **key()).status_code == 404
    assert client_of(buyer).post(f"{API}/checkout/{checkout.pk}/cancel").json()["state"] == "cancelled"
    assert client_of(buyer).post(f"{API}/checkout/{checkout.pk}/cancel").json()["state"] == "cancelled"


def test_what_is_paid_is_not_called_off_as_a_checkout(buyer):
    checkout = paid(bought(buyer=buyer))
    answer = client_of(buyer).post(f"{API}/checkout/{checkout.pk}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "orders.cannot_cancel_now")


# --- orders -----------------------------------------------------------------------------------------------------------


def test_each_side_reads_its_own_words_and_amounts(buyer):
    order = the_order(paid(bought(buyer=buyer, delivery="ship", address_id=home_of(buyer).pk)))
    mine = client_of(buyer).get(f"{API}/orders/{order.pk}").json()
    theirs = client_of(order.seller).get(f"{API}/orders/{order.pk}").json()
    assert set(mine) == set(theirs) == keys_of(OrderOut)
    assert (mine["amounts"]["commission"], mine["amounts"]["payout"]) == (None, None)
    assert (theirs["amounts"]["commission"], theirs["amounts"]["payout"]) == ("12.50", "237.50")
    assert theirs["address"]["street"] == "Al Marsa Street 12"
    assert "237.50" not in str(mine)


def test_the_seller_reads_no_address_before_it_is_paid(buyer):
    order = the_order(bought(buyer=buyer, delivery="ship", address_id=home_of(buyer).pk))
    assert client_of(order.seller).get(f"{API}/seller/orders/{order.pk}").json()["address"] is None
    assert client_of(buyer).get(f"{API}/orders/{order.pk}").json()["address"]["city"] == "Dubai"
    assert "Al Marsa" not in client_of(order.seller).get(f"{API}/seller/orders").content.decode()


def test_strangers_and_the_other_side_find_nothing(buyer):
    order = the_order(paid(bought(buyer=buyer)))
    stranger = client_of(UserFactory())
    for path in ("orders/{}", "orders/{}/events", "transactions/{}", "seller/orders/{}", "orders/{}/invoices"):
        assert stranger.get(f"{API}/{path.format(order.pk)}").status_code == 404
    assert client_of(buyer).get(f"{API}/seller/orders/{order.pk}").status_code == 404
    assert stranger.post(f"{API}/orders/{order.pk}/cancel", {}).status_code == 404
    assert client_of(order.seller).post(f"{API}/transactions/{order.pk}/confirm").status_code == 404
    order.refresh_from_db()
    assert order.state == "confirmed"


def test_cancelling_before_dispatch(buyer):
    order = the_order(paid(bought(buyer=buyer)))
    answer = client_of(buyer).post(f"{API}/orders/{order.pk}/cancel", {"reason": "Found another"})
    assert (answer.json()["state"], answer.json()["payment_state"]) == ("cancelled", "refunded")
    events = client_of(buyer).get(f"{API}/orders/{order.pk}/events").json()
    assert set(events[0]) == keys_of(OrderEventOut)
    assert [e["kind"] for e in events] == ["placed", "paid", "cancelled", "refunded"]
    assert events[2]["words"] == "You cancelled the order."


def test_lists_are_filtered_and_refuse_what_they_do_not_know(buyer):
    seller = SellerFactory()
    waiting = OrderFactory(buyer=buyer, product=ProductFactory(images=0, seller=seller))
    confirmed = OrderFactory(confirmed=True, buyer=buyer, product=ProductFactory(images=0, seller=seller))
    mine, theirs = client_of(buyer), client_of(seller)
    assert [o["id"] for o in mine.get(f"{API}/orders").json()["results"]] == [str(confirmed.pk), str(waiting.pk)]
    found = mine.get(f"{API}/orders?status=confirmed").json()["results"]
    assert [o["id"] for o in found] == [str(confirmed.pk)]
    assert set(found[0]) == keys_of(OrderLineOut)
    assert mine.get(f"{API}/seller/orders").json()["results"] == []
    by_code = theirs.get(f"{API}/seller/orders?search={waiting.code.lower()}").json()["results"]
    assert [o["id"] for o in by_code] == [str(waiting.pk)]
    assert len(theirs.get(f"{API}/seller/orders?fulfilment=waiting").json()["results"]) == 2
    for path in ("orders", "seller/orders", "transactions"):
        for wrong in ("colour=red", "status=lost", "page=2"):
            assert mine.get(f"{API}/{path}?{wrong}").status_code == 400


@pytest.mark.parametrize(
    ("path", "side"), [("orders", "buyer"), ("seller/orders", "seller"), ("transactions", "buyer")]
)
def test_lists_ask_the_same_number_of_questions_for_one_and_for_twenty(path, side, buyer):
    seller = SellerFactory()

    def one_more():
        OrderFactory(confirmed=True, buyer=buyer, product=ProductFactory(seller=seller))

    client = client_of({"buyer": buyer, "seller": seller}[side])
    one_more()
    client.get(f"{API}/{path}")
    with counted_queries() as one:
        assert len(client.get(f"{API}/{path}").json()["results"]) == 1
    for _ in range(19):
        one_more()
    with counted_queries() as twenty:
        assert len(client.get(f"{API}/{path}").json()["results"]) == 20
    assert len(twenty) == len(one) <= 3


def test_a_cart_asks_the_same_number_of_questions_for_one_and_for_twenty(buyer):
    client = client_of(buyer)

    def add():
        add_to_cart(owner=Owner(buyer), product_id=ProductFactory().pk)

    add()
    client.get(f"{API}/cart")
    with counted_queries() as one:
        assert client.get(f"{API}/cart").json()["count"] == 1
    for _ in range(19):
        add()
    with counted_queries() as twenty:
        assert client.get(f"{API}/cart").json()["count"] == 20
    assert len(twenty) == len(one) <= 5


# --- transactions -----------------------------------------------------------------------------------------------------


def test_buying_one_thing_as_a_transaction(buyer):
    product = ProductFactory(images=0)
    body = {"product_id": str(product.pk), "pay_by": "cash"}
    assert client_of(buyer).post(f"{API}/transactions", body).status_code == 400
    answer = client_of(buyer).post(f"{API}/transactions", body, **key())
    assert answer.status_code == 201, answer.json()
    assert set(answer.json()) == keys_of(TransactionOut)
    assert (answer.json()["amount"], answer.json()["platform_fee"]) == ("250.00", None)
    order = Order.objects.get()
    assert answer.json()["id"] == str(order.pk)
    theirs = client_of(product.seller).get(f"{API}/transactions?as_seller=true").json()["results"]
    assert [(t["platform_fee"], t["seller_payout"], t["checkout_id"]) for t in theirs] == [("12.50", "237.50", None)]


def test_transactions_are_found_by_where_their_money_is(buyer):
    for state, status in (
        ("confirmed", "held"),
        ("completed", "completed"),
        ("cancelled", "failed"),
        ("cash", "held"),
    ):
        order = OrderFactory(**{state: True}, buyer=buyer)
        found = client_of(buyer).get(f"{API}/transactions?as_buyer=true&status={status}").json()["results"]
        assert str(order.pk) in [t["id"] for t in found]
        assert {t["status"] for t in found} == {status}
    OrderFactory(trade=True, buyer=buyer)
    assert len(client_of(buyer).get(f"{API}/transactions").json()["results"]) == 4
    assert client_of(buyer).get(f"{API}/transactions?as_seller=true").json()["results"] == []


def test_a_transaction_wants_to_know_what_is_bought(buyer):
    answer = client_of(buyer).post(f"{API}/transactions", {"pay_by": "cash"}, **key())
    assert answer.status_code == 400
    offer = client_of(buyer).post(f"{API}/transactions", {"offer_id": str(uuid.uuid4())}, **key())
    assert offer.json()["code"] == "orders.order_not_found"
    assert not Order.objects.exists()


# --- vouchers ---------------------------------------------------------------------------------------------------------


def test_a_code_is_tried_without_being_used(buyer):
    product = ProductFactory(images=0)
    voucher = VoucherFactory(percent="10.00")
    body = {"code": voucher.code.lower(), "items": [{"product_id": str(product.pk)}]}
    answer = client_of(buyer).post(f"{API}/vouchers/validate", body)
    assert answer.status_code == 200, answer.json()
    assert set(answer.json()) == keys_of(VoucherWorthOut)
    assert (answer.json()["discount"], answer.json()["total"]) == ("25.00", "225.00")
    voucher.refresh_from_db()
    assert voucher.used == 0
    wrong = client_of(buyer).post(f"{API}/vouchers/validate", {**body, "code": "NOSUCH"})
    assert (wrong.status_code, wrong.json()["code"]) == (404, "orders.voucher_not_found")


def test_vouchers_on_show_are_those_of_the_shop_and_ours(buyer):
    product = ProductFactory(images=0)
    theirs, ours = VoucherFactory(shop=product.seller), VoucherFactory()
    VoucherFactory(shop=SellerFactory())
    VoucherFactory(is_listed=False)
    VoucherFactory(is_active=False)
    VoucherFactory(ends_at=timezone.now() - timedelta(minutes=1))
    found = client_of(buyer).get(f"{API}/vouchers/available?product_id={product.pk}").json()["results"]
    assert {v["code"] for v in found} == {theirs.code, ours.code}
    assert set(found[0]) == keys_of(VoucherOut)
    assert client_of(buyer).get(f"{API}/vouchers/available").json()["results"][0]["code"] == ours.code


def test_a_shop_keeps_its_vouchers():
    seller = SellerFactory()
    client = client_of(seller)
    body = {"code": "summer10", "kind": "percent", "percent": "10.00", "cap": "50.00", "minimum": "100.00"}
    made = client.post(f"{API}/seller/vouchers", body)
    assert made.status_code == 201, made.json()
    assert set(made.json()) == keys_of(OwnVoucherOut)
    assert (made.json()["code"], made.json()["cap"], made.json()["minimum"]) == ("SUMMER10", "50.00", "100.00")
    path = made["Location"]
    assert client.get(path)["ETag"] == made["ETag"]
    changed = client.patch(path, {"total_limit": 5, "cap": None}, headers={"If-Match": made["ETag"]})
    assert (changed.json()["total_limit"], changed.json()["cap"]) == (5, None)
    assert client.patch(path, {"total_limit": 6}, headers={"If-Match": made["ETag"]}).status_code == 412
    assert client_of(SellerFactory()).get(path).status_code == 404
    assert client_of(SellerFactory()).patch(path, {"is_active": False}).status_code == 404
    assert client.patch(path, {"percent": "101.00"}).json()["errors"][0]["attr"] == "percent"
    assert client.delete(path).status_code == 204
    assert not Voucher.objects.exists()


def test_a_shops_vouchers_are_listed_with_one_question():
    seller = SellerFactory()
    client = client_of(seller)
    VoucherFactory(shop=seller)
    client.get(f"{API}/seller/vouchers")
    with counted_queries() as one:
        client.get(f"{API}/seller/vouchers")
    for _ in range(19):
        VoucherFactory(shop=seller)
    with counted_queries() as twenty:
        assert len(client.get(f"{API}/seller/vouchers").json()["results"]) == 20
    assert len(one) == len(twenty)


def test_answers_with_a_cart_key_are_not_kept(buyer):
    body = {"product_id": str(ProductFactory(images=0).pk)}
    APIClient().post(f"{API}/cart", body, **key())
    assert not IdempotencyRecord.objects.exists()
