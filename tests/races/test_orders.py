"""Buyers against each other for the last piece and the last use of a voucher, and against an accepted offer.

`judge` looks at everything that a round may leave behind; the controls take a guard away and show that it then finds something.
"""

import json
import os
import random
import threading
import urllib.error
import urllib.request
import uuid
from functools import partial

import pytest
from django.db import transaction
from django.db.models import F, Sum

from accounts import tokens
from accounts.actions import open_session
from accounts.states import SessionKind
from accounts.tests.factories import UserFactory
from catalog.actions import stock as catalog_stock
from catalog.models import Product, ProductVariant, StockHold
from catalog.tests.factories import ProductFactory
from core.errors import Refusal
from core.models import OutboxEvent
from core.money import Money
from core.testing import deliver_everything
from offers.actions import accept_offer, make_offer, release_unpaid_offers
from offers.actions import locks as offer_locks
from offers.models import Offer
from orders.actions import (
    cancel_unpaid,
    confirm_paid_checkout,
    expire_due_checkouts,
    open_checkout,
)
from orders.actions import confirming as confirming_actions
from orders.models import Checkout, Order, Voucher, VoucherUse
from orders.quotes import Wanted
from orders.tests.factories import VoucherFactory
from payments.actions import note_intent
from payments.models import LedgerEntry, Payment, PaymentHold
from payments.tests.money import seen
from stripe_simulator.testing import KEY, threaded_simulator
from tests.races.crowd import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
FULL = bool(os.environ.get("SOUK_TEST_FULL"))
# What somebody who came too late may hear. Anything else that comes out of a round is a bug.
LATE = {"orders.reserved", "orders.not_to_be_had", "orders.voucher_used_up", "offers.reserved_for_another"}
LATE |= {"catalog.not_for_sale", "catalog.out_of_stock"}


def wanted(product):
    return [Wanted(variant_id=product.variants.get().pk)]


def buy(buyer, lines, **said):
    """Open a checkout, have the card charged and confirm it, as three transactions of one person."""
    checkout = open_checkout(buyer=buyer, lines=lines, **said)
    pay(checkout)
    return checkout


def pay(checkout):
    with transaction.atomic():
        payment = note_intent(payment_id=checkout.payment_id, view=seen(Payment.objects.get(pk=checkout.payment_id)))
    confirm_paid_checkout(payment_id=payment.pk)


def judge(answers, product, *, pieces=1):
    """No more sold than there was, coded refusals, and nothing half-written."""
    wild = [a for a in answers if isinstance(a, BaseException) and not (isinstance(a, Refusal) and a.code in LATE)]
    assert wild == []
    assert None not in answers  # somebody still waits for a lock
    product = Product.objects.get(pk=product.pk)
    orders = list(Order.objects.filter(items__product=product))
    confirmed = [order for order in orders if order.state == "confirmed"]
    open_ones = [order for order in orders if order.state == "awaiting_payment"]
    stock = ProductVariant.objects.get(product=product).stock
    assert 0 <= stock == pieces - len([o for o in confirmed if o.payment_state == "held"])
    assert len(confirmed) + len(open_ones) <= pieces
    held = StockHold.objects.filter(variant__product=product, released_at=None, committed_at=None)
    assert (held.aggregate(n=Sum("quantity"))["n"] or 0) + stock <= pieces + len(open_ones)
    assert held.count() == len(open_ones) + len([o for o in confirmed if o.payment_state == "cash_due"])
    sold = StockHold.objects.filter(variant__product=product, committed_at__isnull=False)
    assert sorted(hold.reference for hold in sold) == sorted(
        order.source_reference or f"order:{order.pk}" for order in confirmed if order.payment_state == "held"
    )
    assert product.state == ("sold" if stock == 0 else "reserved" if held.count() == stock else "active")
    _judge_money(orders)


def _judge_money(orders):
    for order in orders:
        checkout = Checkout.objects.get(pk=order.checkout_id)
        assert (checkout.state, order.state) in {
            ("open", "awaiting_payment"),
            ("paid", "confirmed"),
            ("paid", "cancelled"),
            ("cancelled", "cancelled"),
        }
        if order.pay_by == "card":
            hold = PaymentHold.objects.get(reference=f"order:{order.pk}")
            assert (order.payment_state, hold.state) in {
                ("unpaid", "pending"),
                ("held", "held"),
                ("void", "cancelled"),
                ("refunded", "refunded"),
            }
    assert (LedgerEntry.objects.aggregate(n=Sum("amount"))["n"] or 0) == 0
    told = OutboxEvent.objects.filter(name="orders.order_confirmed").values_list("payload__order_id", flat=True)
    assert len(told) == len(set(told))


@pytest.mark.parametrize(("buyers", "rounds"), [(12, 3), pytest.param(32, 50, marks=pytest.mark.full)])
def test_of_many_who_want_the_last_one_exactly_one_gets_it(buyers, rounds):
    crowd = UserFactory.create_batch(buyers)
    for _ in range(rounds):
        product = ProductFactory(images=0)
        answers = at_once([partial(buy, buyer, wanted(product)) for buyer in crowd])
        judge(answers, product)
        assert sum(isinstance(answer, Checkout) for answer in answers) == 1
        assert Order.objects.filter(items__product=product, state="confirmed").count() == 1


@pytest.mark.parametrize(("buyers", "rounds"), [(8, 2), pytest.param(16, 20, marks=pytest.mark.full)])
def test_of_many_who_want_the_last_one_by_http_exactly_one_pays(buyers, rounds, live_server, settings):
    with threaded_simulator() as stripe_sim:
        settings.STRIPE = {**settings.STRIPE, "secret_key": KEY, "api_base": stripe_sim.url}
        callers = [caller(live_server.url, buyer) for buyer in UserFactory.create_batch(buyers)]
        for _ in range(rounds):
            product = ProductFactory(images=0)
            answers = at_once([partial(buy_by_http, call, product) for call in callers])
            assert None not in answers
            assert [a for a in answers if isinstance(a, BaseException) or a[0] >= 500] == []
            assert sorted({a[0] for a in answers}) == [200, 409]
            assert sum(a[0] == 200 and a[1]["state"] == "paid" for a in answers) == 1
            judge([], product)
            assert Order.objects.filter(items__product=product, payment_state="held").count() == 1


def caller(url, person):
    """A person's way of posting JSON: status and answer."""
    opened = open_session(user=person, kind=SessionKind.API)
    token = tokens.token_pair(person, opened.refresh_token)["access_token"]

    def post(path, body):
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{url}/api/v1/{path}",
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Idempotency-Key": uuid.uuid4().hex,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    return post


def buy_by_http(post, product):
    status, answer = post("checkout", {"items": [{"product_id": str(product.pk)}]})
    if status != 201:
        return status, answer
    return post(f"checkout/{answer['id']}/pay", {"test_method": "pm_card_visa"})


@pytest.mark.parametrize(("buyers", "rounds"), [(12, 3), pytest.param(32, 50, marks=pytest.mark.full)])
def test_of_many_who_use_the_last_of_a_voucher_exactly_one_does(buyers, rounds):
    crowd = UserFactory.create_batch(buyers)
    for _ in range(rounds):
        voucher = VoucherFactory(total_limit=1)
        things = [ProductFactory(images=0) for _ in crowd]
        answers = at_once(
            [
                partial(open_checkout, buyer=buyer, lines=wanted(thing), voucher_codes=[voucher.code])
                for buyer, thing in zip(crowd, things, strict=True)
            ]
        )
        judge_voucher(answers, voucher)
        assert sum(isinstance(answer, Checkout) for answer in answers) == 1
        for answer, thing in zip(answers, things, strict=True):
            assert Product.objects.get(pk=thing.pk).state == ("reserved" if isinstance(answer, Checkout) else "active")


def judge_voucher(answers, voucher):
    wild = [a for a in answers if isinstance(a, BaseException) and not (isinstance(a, Refusal) and a.code in LATE)]
    assert wild == []
    voucher = Voucher.objects.get(pk=voucher.pk)
    uses = VoucherUse.objects.filter(voucher=voucher, released_at=None)
    assert voucher.used == uses.count() <= (voucher.total_limit or 10**9)
    by_person = uses.values_list("user").annotate(n=Sum(F("discount_minor") * 0 + 1)).values_list("n", flat=True)
    assert all(n <= voucher.person_limit for n in by_person)


def test_one_person_at_many_windows_uses_a_voucher_once():
    buyer, voucher = UserFactory(), VoucherFactory(person_limit=1)
    things = [ProductFactory(images=0) for _ in range(8)]
    answers = at_once(
        [partial(open_checkout, buyer=buyer, lines=wanted(thing), voucher_codes=[voucher.code]) for thing in things]
    )
    refused = [a.code for a in answers if isinstance(a, Refusal)]
    assert set(refused) == {"orders.voucher_used_by_you"}
    assert len(refused) == 7
    assert Voucher.objects.get().used == 1


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.full)])
def test_of_an_accepted_offer_and_buyers_one_wins(rounds):
    dice = random.Random(20261120)
    for _ in range(rounds):
        product = ProductFactory(images=0)
        offers = [
            make_offer(buyer=UserFactory(), product_id=product.pk, amount=Money(200_00 + n, "AED")) for n in range(5)
        ]
        calls = [partial(accept_offer, person=product.seller, offer_id=offer.pk) for offer in offers]
        calls += [partial(buy, UserFactory(), wanted(product)) for _ in range(5)]
        dice.shuffle(calls)
        answers = at_once(calls)
        deliver_everything()
        judge(answers, product)
        assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
        for offer in Offer.objects.filter(product=product, state="accepted", paid_at=None):
            pay(Checkout.objects.get(orders__source_reference=f"offer:{offer.pk}"))
        deliver_everything()
        judge([], product)
        assert Order.objects.filter(items__product=product, state="confirmed").count() == 1


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


def test_carts_that_share_things_in_any_order_do_not_wait_for_ever():
    things = [ProductFactory(images=0) for _ in range(4)]
    dice = random.Random(7)
    calls = []
    for buyer in UserFactory.create_batch(10):
        some = dice.sample(things, 3)
        calls.append(partial(open_checkout, buyer=buyer, lines=[want for thing in some for want in wanted(thing)]))
    answers = at_once(calls)
    wild = [a for a in answers if isinstance(a, BaseException) and not (isinstance(a, Refusal) and a.code in LATE)]
    assert wild == []
    assert sum(isinstance(answer, Checkout) for answer in answers) == 1
    assert StockHold.objects.filter(released_at=None).count() == 3


# --- controls: the same rounds with a guard taken away are found out --------------------------------------------------


def read_without_lock(variant_ids):
    rows = ProductVariant.objects.select_related("product__seller", "product__category")
    return list(rows.filter(pk__in=set(variant_ids)))


def test_control_without_the_listings_lock_one_thing_is_sold_twice(monkeypatch):
    product = ProductFactory(images=0)
    together = threading.Barrier(2)
    take = catalog_stock._take

    def take_together(variant, **said):
        monkeypatch.setattr(catalog_stock, "_settle", lambda product: None)
        hold = take(variant, **said)
        together.wait(timeout=30)  # both have counted before either commits: what the lock rules out
        return hold

    monkeypatch.setattr("orders.actions.locks.lock_variants", read_without_lock)
    monkeypatch.setattr(catalog_stock, "lock_variants", read_without_lock)
    monkeypatch.setattr(catalog_stock, "_take", take_together)
    answers = at_once(
        [partial(open_checkout, buyer=buyer, lines=wanted(product)) for buyer in UserFactory.create_batch(2)]
    )
    assert sum(isinstance(answer, Checkout) for answer in answers) == 2
    with pytest.raises(AssertionError):
        judge(answers, product)


def test_control_without_the_listings_lock_an_accepted_offer_and_a_buyer_both_have_the_last_one(monkeypatch):
    product = ProductFactory(images=0)
    offer = make_offer(buyer=UserFactory(), product_id=product.pk, amount=Money(200_00, "AED"))
    together = threading.Barrier(2)

    def both_after(step):
        def taken(*asked, **said):
            answer = step(*asked, **said)
            together.wait(timeout=30)  # both have read before either writes it down: what the lock rules out
            return answer

        return taken

    monkeypatch.setattr("orders.actions.locks.lock_variants", read_without_lock)
    monkeypatch.setattr(catalog_stock, "lock_variants", read_without_lock)
    monkeypatch.setattr(offer_locks, "lock_products", lambda ids: Product.objects.in_bulk([pk for pk in ids if pk]))
    monkeypatch.setattr(offer_locks, "lock_stock", lambda ids: None)
    monkeypatch.setattr(catalog_stock, "_settle", lambda product: None)
    monkeypatch.setattr(catalog_stock, "_take", both_after(catalog_stock._take))
    monkeypatch.setattr(catalog_stock, "_lock_hold", both_after(catalog_stock._lock_hold))
    answers = at_once(
        [
            partial(accept_offer, person=product.seller, offer_id=offer.pk),
            partial(open_checkout, buyer=UserFactory(), lines=wanted(product)),
        ]
    )
    answers += at_once([partial(pay, checkout) for checkout in Checkout.objects.all()])
    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    assert Order.objects.filter(items__product=product, state="confirmed", payment_state="held").count() == 2
    with pytest.raises(AssertionError):
        judge([], product)


def test_control_with_a_voucher_counted_by_reading_first_it_is_used_twice(monkeypatch):
    voucher = VoucherFactory(total_limit=1)
    together = threading.Barrier(2)

    def use_by_reading(quote, *, buyer, checkout, at):
        for row, off in quote.vouchers:
            together.wait(timeout=30)
            VoucherUse.objects.create(voucher=row, user=buyer, checkout=checkout, discount_minor=off, used_at=at)
            Voucher.objects.filter(pk=row.pk).update(used=row.used + 1)

    monkeypatch.setattr("orders.actions.opening.use_vouchers", use_by_reading)
    answers = at_once(
        [
            partial(open_checkout, buyer=buyer, lines=wanted(ProductFactory(images=0)), voucher_codes=[voucher.code])
            for buyer in UserFactory.create_batch(2)
        ]
    )
    assert sum(isinstance(answer, Checkout) for answer in answers) == 2
    with pytest.raises(AssertionError):
        judge_voucher(answers, voucher)


def test_control_without_the_condition_the_database_refuses_one_use_too_many():
    voucher = VoucherFactory(total_limit=1)
    Voucher.objects.filter(pk=voucher.pk).update(used=F("used") + 1)
    with pytest.raises(Exception, match="orders_voucher_not_overused"), transaction.atomic():
        Voucher.objects.filter(pk=voucher.pk).update(used=F("used") + 1)


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
    monkeypatch.setattr(confirming_actions, "is_there", lambda order: True)
    monkeypatch.setattr(confirming_actions, "sell", lambda order: None)
    answers = at_once([partial(confirm_paid_checkout, payment_id=checkout.payment_id)] * 2)
    with pytest.raises(AssertionError):
        judge(answers, product)
