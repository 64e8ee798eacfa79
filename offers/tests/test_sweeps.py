from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from catalog.actions import take_hold
from catalog.models import StockHold
from catalog.tests.factories import ProductFactory
from config.schedule import SCHEDULE
from offers.actions import (
    accept_offer,
    archive_old_offers,
    expire_due_offers,
    release_unpaid_offers,
    stop_forgotten_clocks,
)
from offers.models import Offer
from offers.tasks import archive_offers, expire_offers
from offers.tests.factories import OfferFactory
from orders.models import Order
from orders.tests.shopping import captured

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_ends_what_nobody_answered_in_time(news, deliver):
    now = timezone.now()
    due, waiting = OfferFactory(expires_at=now), OfferFactory(expires_at=now + HOUR)
    with time_machine.travel(now, tick=False):
        assert expire_due_offers() == 1
    due.refresh_from_db()
    waiting.refresh_from_db()
    assert (due.state, due.ending, due.responded_at) == ("expired", "time", now)
    assert waiting.state == "pending"
    assert news() == ["offers.batch_expired"]  # one for many: of each it is told soon after
    deliver()
    assert news().count("offers.offer_expired") == 1


def test_leaves_stopped_clocks_and_what_is_over_alone():
    now = timezone.now()
    OfferFactory(expires_at=now, stopped_at=now - HOUR)
    for state in ("countered", "declined", "withdrawn", "superseded"):
        OfferFactory(expires_at=now, state=state, responded_at=now)
    OfferFactory(expires_at=now, accepted=True)
    assert expire_due_offers() == 0


def test_leaves_reserved_listings_alone_though_no_news_has_come():
    product = ProductFactory()
    offer = OfferFactory(product=product, expires_at=timezone.now() + HOUR)
    take_hold(variant_id=product.variants.get().pk, reference="order:1")  # somebody buys; the news is on its way
    with time_machine.travel(timezone.now() + 2 * HOUR):
        assert expire_due_offers() == 0
        assert stop_forgotten_clocks() == 1
        assert stop_forgotten_clocks() == 0
    offer.refresh_from_db()
    assert offer.state == "pending"
    assert offer.stopped_at == StockHold.objects.get().taken_at  # since it was reserved, not since we noticed


def test_goes_by_batches():
    OfferFactory.create_batch(5, expires_at=timezone.now() - HOUR)
    assert [expire_due_offers(limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_what_nobody_paid_is_let_go_with_its_hold_and_the_others_go_on():
    offer = OfferFactory()
    other = OfferFactory(product=offer.product, expires_at=timezone.now() + 10 * HOUR)
    expires_at = other.expires_at
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        accept_offer(person=offer.seller, offer_id=offer.pk)
    with time_machine.travel(start + 24 * HOUR - timedelta(seconds=1), tick=False):
        assert release_unpaid_offers() == 0
    with time_machine.travel(start + 24 * HOUR + timedelta(minutes=3), tick=False):
        assert release_unpaid_offers() == 1
        assert release_unpaid_offers() == 0
    offer.refresh_from_db()
    other.refresh_from_db()
    offer.product.refresh_from_db()
    assert (offer.state, offer.ending) == ("expired", "not_paid")
    assert StockHold.objects.get().released_at is not None
    assert offer.product.state == "active"
    assert (other.state, other.stopped_at) == ("pending", None)
    assert other.expires_at == expires_at + 24 * HOUR + timedelta(minutes=3)  # exactly what it stood


def test_a_trade_that_is_not_paid_gives_both_things_back():
    buyer_thing = ProductFactory()
    offer = OfferFactory(buyer=buyer_thing.seller, kind="mixed", trade_product=buyer_thing)
    waits_for_it = OfferFactory(product=buyer_thing)
    accept_offer(person=offer.seller, offer_id=offer.pk)
    with time_machine.travel(timezone.now() + 25 * HOUR):
        assert release_unpaid_offers() == 1
    for thing in (offer.product, buyer_thing):
        thing.refresh_from_db()
        assert thing.state == "active"
    waits_for_it.refresh_from_db()
    assert waits_for_it.stopped_at is None
    assert waits_for_it.expires_at > timezone.now() + 47 * HOUR


def test_what_was_paid_is_not_let_go():
    offer = OfferFactory()
    accept_offer(person=offer.seller, offer_id=offer.pk)
    captured(Order.objects.get().checkout)  # at the last moment: neither orders nor offers have heard of it
    with time_machine.travel(timezone.now() + 25 * HOUR):
        assert release_unpaid_offers() == 0
    offer.refresh_from_db()
    assert offer.state == "accepted"


def test_leaves_the_lists_after_thirty_days_and_the_row_stays():
    now = timezone.now()
    old = OfferFactory(state="declined", responded_at=now - timedelta(days=30, seconds=1))
    OfferFactory(state="declined", responded_at=now - timedelta(days=29))
    OfferFactory(accepted=True, responded_at=now - timedelta(days=40))
    assert archive_old_offers() == 1
    assert archive_old_offers() == 0
    old.refresh_from_db()
    assert old.archived_at is not None
    assert Offer.objects.count() == 3


def test_beat_runs_them_and_operators_can(capsys):
    assert {SCHEDULE["offers.expire_offers"]["task"], SCHEDULE["offers.archive_offers"]["task"]} == {
        expire_offers.name,
        archive_offers.name,
    }
    OfferFactory.create_batch(3, expires_at=timezone.now() - HOUR)
    told = StringIO()
    call_command("expire_offers", "--limit", "2", stdout=told)
    assert told.getvalue() == "2 nobody answered, 0 nobody paid.\n"
    unpaid = OfferFactory()
    accept_offer(person=unpaid.seller, offer_id=unpaid.pk)
    with time_machine.travel(timezone.now() + 25 * HOUR):
        expire_offers()
    archive_offers()
    assert sorted(Offer.objects.values_list("state", "ending")) == [("expired", "not_paid"), *[("expired", "time")] * 3]
