from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.factories import PASSWORD, BlockFactory, UserFactory
from catalog.errors import ProductNotFound
from catalog.models import ProductVariant, StockHold
from catalog.tests.factories import ProductFactory
from core.errors import StaleRevision
from orders import errors
from orders.actions import (
    Put,
    accept_cart_changes,
    add_to_cart,
    change_cart_item,
    clear_cart,
    forget_old_guest_carts,
    merge_guest_cart,
    open_checkout,
    remove_from_cart,
    sync_cart,
)
from orders.models import Cart, CartItem, Order
from orders.selectors import Owner, cart_changes, cart_count, cart_for, cart_lines
from orders.tests.factories import CartFactory, CartItemFactory
from orders.tests.shopping import bought, stocked
from orders.tokens import COOKIE, seal

pytestmark = pytest.mark.django_db
GUEST = Owner(None, "a-key-of-a-browser")


def lines(owner):
    return [(item.variant.product, item.quantity) for item in cart_lines(cart_for(owner))]


# --- putting in and taking out ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["person", "guest"])
def test_putting_something_in_keeps_it_with_the_price_that_was_seen(who):
    owner = Owner(UserFactory()) if who == "person" else GUEST
    product = ProductFactory(images=0)
    item = add_to_cart(owner=owner, product_id=product.pk)
    assert (item.seen_minor, item.currency) == (250_00, "AED")
    assert lines(owner) == [(product, 1)]
    assert cart_count(owner) == 1
    assert not StockHold.objects.exists()


def test_a_guests_key_is_not_in_the_table():
    add_to_cart(owner=GUEST, product_id=ProductFactory(images=0).pk)
    assert GUEST.guest_key not in Cart.objects.get().guest_key


def test_putting_the_same_in_again_adds_up_to_what_there_is():
    owner, product = Owner(UserFactory()), stocked(3)
    add_to_cart(owner=owner, product_id=product.pk, quantity=2)
    add_to_cart(owner=owner, product_id=product.pk)
    assert lines(owner) == [(product, 3)]
    with pytest.raises(errors.FewerLeft):
        add_to_cart(owner=owner, product_id=product.pk)
    assert lines(owner) == [(product, 3)]


def test_another_number_and_none():
    owner, product = Owner(UserFactory()), stocked(5)
    item = add_to_cart(owner=owner, product_id=product.pk)
    change_cart_item(owner=owner, item_id=item.pk, quantity=4)
    assert lines(owner) == [(product, 4)]
    for quantity, refusal in ((6, errors.FewerLeft), (0, errors.TooManyPieces), (100, errors.TooManyPieces)):
        with pytest.raises(refusal):
            change_cart_item(owner=owner, item_id=item.pk, quantity=quantity)
    assert lines(owner) == [(product, 4)]
    remove_from_cart(owner=owner, item_id=item.pk)
    assert lines(owner) == []


def test_nobody_reaches_into_another_cart():
    item = add_to_cart(owner=Owner(UserFactory()), product_id=stocked(3).pk)
    for owner in (Owner(UserFactory()), GUEST):
        with pytest.raises(errors.CartItemNotFound):
            change_cart_item(owner=owner, item_id=item.pk, quantity=2)
        with pytest.raises(errors.CartItemNotFound):
            remove_from_cart(owner=owner, item_id=item.pk)
    assert CartItem.objects.get().quantity == 1


def test_a_change_made_on_an_older_cart_is_refused():
    owner = Owner(UserFactory())
    item = add_to_cart(owner=owner, product_id=stocked(3).pk)
    with pytest.raises(StaleRevision):
        change_cart_item(owner=owner, item_id=item.pk, quantity=2, revision=1)
    assert CartItem.objects.get().quantity == 1


def test_own_and_invisible_things_do_not_go_in():
    product = ProductFactory(images=0)
    with pytest.raises(errors.OwnThing):
        add_to_cart(owner=Owner(product.seller), product_id=product.pk)
    buyer = UserFactory()
    BlockFactory(blocker=product.seller, blocked=buyer)
    for owner, thing in ((Owner(buyer), product), (GUEST, ProductFactory(images=0, state="paused"))):
        with pytest.raises(ProductNotFound):
            add_to_cart(owner=owner, product_id=thing.pk)
    assert not CartItem.objects.exists()


def test_a_listing_with_several_variants_wants_to_know_which():
    product = stocked(1)
    small = ProductVariant.objects.create(product=product, options={"size": "s"}, price_minor=90_00)
    with pytest.raises(errors.ChooseVariant):
        add_to_cart(owner=GUEST, product_id=product.pk)
    assert add_to_cart(owner=GUEST, product_id=product.pk, variant_id=small.pk).seen_minor == 90_00


def test_a_cart_holds_so_many_things(settings):
    settings.ORDERS = {**settings.ORDERS, "cart_lines": 2}
    owner = Owner(UserFactory())
    for _ in range(2):
        add_to_cart(owner=owner, product_id=ProductFactory(images=0).pk)
    with pytest.raises(errors.CartFull):
        add_to_cart(owner=owner, product_id=ProductFactory(images=0).pk)
    assert cart_count(owner) == 2
    clear_cart(owner=owner)
    assert cart_count(owner) == 0


# --- two devices, and arriving ----------------------------------------------------------------------------------------


def test_a_devices_things_come_in_once_and_what_cannot_be_had_is_named():
    owner = Owner(UserFactory())
    chair, lamp, gone = stocked(5), ProductFactory(images=0), ProductFactory(images=0, state="reserved")
    add_to_cart(owner=owner, product_id=chair.pk, quantity=2)
    things = [Put(chair.pk, None, 3), Put(lamp.pk), Put(gone.pk)]
    for _ in range(2):
        synced = sync_cart(owner=owner, things=things)
        assert [(thing.product_id, refusal.code) for thing, refusal in synced.left_out] == [
            (gone.pk, "orders.reserved")
        ]
        assert lines(owner) == [(chair, 3), (lamp, 1)]


def test_a_guests_things_come_along_at_sign_in():
    user, chair, lamp = UserFactory(), stocked(9), ProductFactory(images=0)
    own = ProductFactory(images=0, seller=user)
    add_to_cart(owner=Owner(user), product_id=chair.pk, quantity=1)
    for thing, quantity in ((chair, 4), (lamp, 1), (own, 1)):
        add_to_cart(owner=GUEST, product_id=thing.pk, quantity=quantity)
    assert merge_guest_cart(user=user, guest_key=GUEST.guest_key) == 2
    assert sorted(lines(Owner(user)), key=lambda line: -line[1]) == [(chair, 4), (lamp, 1)]
    assert cart_for(GUEST) is None
    assert merge_guest_cart(user=user, guest_key=GUEST.guest_key) == 0


def test_signing_in_by_a_page_brings_the_cart(client):
    user, product = UserFactory(), ProductFactory(images=0)
    add_to_cart(owner=GUEST, product_id=product.pk)
    client.cookies[COOKIE] = seal(GUEST.guest_key)
    client.post("/login", {"identifier": user.email, "password": PASSWORD})
    assert lines(Owner(user)) == [(product, 1)]


def test_signing_in_by_the_api_brings_the_cart(client):
    user, product = UserFactory(), ProductFactory(images=0)
    add_to_cart(owner=GUEST, product_id=product.pk)
    body = {"identifier": user.email, "password": PASSWORD}
    signed = client.post(
        "/api/v1/auth/login", body, content_type="application/json", headers={"Cart-Key": seal(GUEST.guest_key)}
    )
    assert signed.status_code == 200
    assert lines(Owner(user)) == [(product, 1)]


def test_a_key_that_we_did_not_sign_opens_nothing(client):
    user = UserFactory()
    add_to_cart(owner=GUEST, product_id=ProductFactory(images=0).pk)
    client.cookies[COOKIE] = GUEST.guest_key
    client.post("/login", {"identifier": user.email, "password": PASSWORD})
    assert lines(Owner(user)) == []


# --- what changed meanwhile -------------------------------------------------------------------------------------------


def changed(cart):
    return {change.item.variant.product_id: change.what for change in cart_changes(cart)}


def test_what_changed_is_told_line_by_line():
    cart = CartFactory()
    same, dearer, sold, off, fewer = (CartItemFactory(cart=cart, product=stocked(3)) for _ in range(5))
    reserved = CartItemFactory(cart=cart, product=ProductFactory(images=0))
    bought(reserved.variant.product)
    for item, fields in (
        (dearer, {"price_minor": 120_00}),
        (sold, {"state": "sold"}),
        (off, {"hidden_at": timezone.now()}),
    ):
        item.variant.product.__class__.objects.filter(pk=item.variant.product_id).update(**fields)
    CartItem.objects.filter(pk=fewer.pk).update(quantity=5)
    assert changed(cart) == {
        dearer.variant.product_id: "price",
        sold.variant.product_id: "gone",
        off.variant.product_id: "gone",
        fewer.variant.product_id: "fewer",
        reserved.variant.product_id: "reserved",
    }
    accept_cart_changes(owner=Owner(cart.user))
    assert changed(cart) == {reserved.variant.product_id: "reserved"}
    left = {item.variant.product_id: item for item in cart.items.select_related("variant")}
    assert set(left) == {i.variant.product_id for i in (same, dearer, fewer, reserved)}
    assert left[dearer.variant.product_id].seen_minor == 120_00
    assert left[fewer.variant.product_id].quantity == 3


def test_a_cart_that_changed_is_not_bought_before_it_was_looked_at():
    cart = CartFactory()
    item = CartItemFactory(cart=cart, product=stocked(3))
    ProductVariant.objects.update(price_minor=999_00)
    with pytest.raises(errors.CartChanged):
        open_checkout(buyer=cart.user)
    assert not Order.objects.exists()
    accept_cart_changes(owner=Owner(cart.user))
    checkout = open_checkout(buyer=cart.user)
    assert checkout.total_minor == 999_00
    assert not CartItem.objects.filter(pk=item.pk).exists()


def test_a_cart_of_two_sellers_becomes_two_orders_and_is_empty_then():
    cart = CartFactory()
    for _ in range(2):
        CartItemFactory(cart=cart, product=ProductFactory(images=0))
    checkout = open_checkout(buyer=cart.user)
    assert checkout.orders.count() == 2
    assert set(checkout.orders.values_list("source", flat=True)) == {"cart"}
    assert cart_count(Owner(cart.user)) == 0
    with pytest.raises(errors.CartEmpty):
        open_checkout(buyer=cart.user)


def test_guests_carts_are_forgotten_after_a_month():
    add_to_cart(owner=GUEST, product_id=ProductFactory(images=0).pk)
    CartItemFactory(product=ProductFactory(images=0))
    assert forget_old_guest_carts() == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert forget_old_guest_carts() == 1
    assert cart_for(GUEST) is None
    assert Cart.objects.count() == 1
