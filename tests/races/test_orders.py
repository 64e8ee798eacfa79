"""Buyers against each other for the last piece, and against an accepted offer.

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
from django.db import IntegrityError

from accounts import tokens
from accounts.actions import open_session
from accounts.states import SessionKind
from accounts.tests.factories import UserFactory
from catalog.actions import stock as catalog_stock
from catalog.models import Product, StockHold
from catalog.tests.factories import ProductFactory
from core.errors import Refusal
from core.money import Money
from core.testing import deliver_everything
from offers.actions import accept_offer, make_offer
from offers.actions import locks as offer_locks
from offers.models import Offer
from orders.actions import open_checkout
from orders.models import Checkout, Order
from stripe_simulator.testing import KEY, threaded_simulator
from tests.races.crowd import at_once
from tests.races.sales import LATE, buy, judge, pay, read_without_lock, wanted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
FULL = bool(os.environ.get("SOUK_TEST_FULL"))


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


def test_control_without_the_listings_lock_one_thing_is_sold_twice(monkeypatch):
    product = ProductFactory(images=0)
    together = threading.Barrier(2)
    take = catalog_stock._take

    def take_together(*asked, **said):
        monkeypatch.setattr(catalog_stock, "_settle", lambda *product: None)
        take(*asked, **said)
        together.wait(timeout=30)  # both have counted before either commits: what the lock rules out

    monkeypatch.setattr(catalog_stock, "lock_variants_there", read_without_lock)
    monkeypatch.setattr(catalog_stock, "lock_variants", read_without_lock)
    monkeypatch.setattr(catalog_stock, "_take", take_together)
    answers = at_once(
        [partial(open_checkout, buyer=buyer, lines=wanted(product)) for buyer in UserFactory.create_batch(2)]
    )
    assert sum(isinstance(answer, Checkout) for answer in answers) == 2
    with pytest.raises(AssertionError):
        judge(answers, product)


def test_control_without_the_listings_lock_an_accepted_offer_and_a_buyer_are_both_promised_the_last_one(monkeypatch):
    product = ProductFactory(images=0)
    offer = make_offer(buyer=UserFactory(), product_id=product.pk, amount=Money(200_00, "AED"))
    together = threading.Barrier(2)

    def both_after(step):
        def taken(*asked, **said):
            answer = step(*asked, **said)
            together.wait(timeout=30)  # both have read before either writes it down: what the lock rules out
            return answer

        return taken

    monkeypatch.setattr(catalog_stock, "lock_variants_there", read_without_lock)
    monkeypatch.setattr(catalog_stock, "lock_variants", read_without_lock)
    monkeypatch.setattr(offer_locks, "lock_products", lambda ids: Product.objects.in_bulk([pk for pk in ids if pk]))
    monkeypatch.setattr(offer_locks, "lock_stock", lambda ids: None)
    monkeypatch.setattr(catalog_stock, "_settle", lambda *product: None)
    monkeypatch.setattr(catalog_stock, "_take", both_after(catalog_stock._take))
    monkeypatch.setattr(catalog_stock, "_lock_hold", both_after(catalog_stock._lock_hold))
    answers = at_once(
        [
            partial(accept_offer, person=product.seller, offer_id=offer.pk),
            partial(open_checkout, buyer=UserFactory(), lines=wanted(product)),
        ]
    )
    answers += at_once([partial(pay, checkout) for checkout in Checkout.objects.all()])
    # The database has the last word: what is left of a thing is counted down where it stands, and not below nothing.
    assert [type(answer) for answer in answers if isinstance(answer, BaseException)] == [IntegrityError]
    assert Order.objects.filter(items__product=product).count() == 2
    with pytest.raises(AssertionError):
        judge(answers, product)
