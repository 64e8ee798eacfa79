"""Two who block each other while deals between them wait, against somebody who trades one of their things for the other."""

import threading
import time
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from accounts.tests.factories import UserFactory
from catalog.models import Product, StockHold
from catalog.tests.factories import ProductFactory
from core.money import Money
from offers.actions import accept_offer, end_offers_between, listings, make_offer
from offers.actions.locks import lock_products
from offers.models import Offer
from orders.actions import cancel_unpaid_orders
from orders.models import Order
from tests.races.crowd import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
_WAITS_FOR_ME = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
)


def somebody_waits_for_us():
    """Until another connection waits for what this transaction holds."""
    for _ in range(1_200):
        with connection.cursor() as cursor:
            cursor.execute(_WAITS_FOR_ME)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    msg = "nobody came to wait"
    raise TimeoutError(msg)


@pytest.fixture
def haggling():
    """The first two listings are haggled about, the last two are agreed, between the same two people."""
    person, other = UserFactory(sells_since="2026-01-01T00:00:00Z"), UserFactory(sells_since="2026-01-01T00:00:00Z")
    sellers = (person, other, other, person)
    things = [ProductFactory(images=0, seller=seller) for seller in sellers]
    assert things == sorted(things, key=lambda thing: thing.pk)
    for number, thing in enumerate(things):
        buyer = other if thing.seller == person else person
        offer = make_offer(buyer=buyer, product_id=thing.pk, amount=Money(200_00, "AED"))
        if number > 1:
            accept_offer(person=thing.seller, offer_id=offer.pk)
    return person, other, things


def trade(things, held):
    """Hold the first and then take the last: as whoever trades the two locks them, in the order of the house."""
    with transaction.atomic():
        first = lock_products([things[0].pk])
        held.set()
        somebody_waits_for_us()
        return [*first, *lock_products([things[-1].pk])]


def part(person, other, held):
    assert held.wait(timeout=60)
    return end_offers_between(person_id=person.pk, other_id=other.pk)


def both(haggling):
    person, other, things = haggling
    held = threading.Event()
    return at_once([partial(trade, things, held), partial(part, person, other, held)])


def test_who_parts_and_who_trades_lock_in_one_order(haggling):
    traded, ended = both(haggling)
    assert traded == [haggling[2][0].pk, haggling[2][-1].pk]
    assert ended == 4
    assert set(Offer.objects.values_list("state", flat=True)) == {"superseded"}
    assert set(Order.objects.values_list("state", flat=True)) == {"cancelled"}
    assert set(Product.objects.values_list("state", flat=True)) == {"active"}
    assert not StockHold.objects.filter(released_at=None).exists()


def test_both_part_at_once_and_each_offer_ends_once(haggling):
    person, other, _things = haggling
    answers = at_once(
        [partial(end_offers_between, person_id=a.pk, other_id=b.pk) for a, b in ((person, other), (other, person))] * 2
    )
    assert sorted(answers) == [0, 0, 0, 4]
    assert set(Order.objects.values_list("state", flat=True)) == {"cancelled"}


def test_control_locking_the_deals_first_and_the_rest_after_them_is_a_deadlock(haggling, monkeypatch):
    monkeypatch.setattr(
        listings, "cancel_unpaid_orders", lambda *, references, also: cancel_unpaid_orders(references=references)
    )
    answers = both(haggling)
    [failed] = [answer for answer in answers if isinstance(answer, Exception)]
    assert isinstance(failed, OperationalError)
    assert "deadlock" in str(failed)
