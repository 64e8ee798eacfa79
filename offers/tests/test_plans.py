import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from messaging.models import Conversation
from offers import selectors
from offers.actions import archive_old_offers, expire_due_offers
from offers.actions.locks import lock_waiting
from offers.models import Offer

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def market(django_db_setup, django_db_blocker):
    """Offers of 40 people on 60 listings, most of them over; a table so small that reading it whole is switched off."""
    with django_db_blocker.unblock(), transaction.atomic():
        seller = UserFactory()
        people = [UserFactory() for _ in range(40)]
        another = UserFactory()
        things = [ProductFactory(seller=another if n % 20 else seller, images=0) for n in range(60)]
        talk = Conversation.objects.create(first=min(seller, people[0], key=lambda p: p.pk), started_by=seller,
                                           second=max(seller, people[0], key=lambda p: p.pk))  # fmt: skip
        now = timezone.now()
        for number, thing in enumerate(things):
            variant = thing.variants.get()
            rows = []
            for place, buyer in enumerate(people):
                if place == 0 and number % 7:  # the one who asks has made few
                    continue
                waits = (number + place) % 10 == 0
                row = Offer(product=thing, variant=variant, conversation=talk, buyer=buyer, seller=thing.seller, made_by="buyer",
                            amount_minor=200_00, currency="AED", asked_minor=250_00, state="pending" if waits else "declined",
                            responded_at=None if waits else now, expires_at=now + timedelta(minutes=number))  # fmt: skip
                row.negotiation_id = row.pk
                rows.append(row)
            Offer.objects.bulk_create(rows)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE offers_offer")
            cursor.execute("SET LOCAL enable_seqscan = off")
        yield seller, people[0], things[0]
        transaction.set_rollback(True)


def indexes_of(ask):
    """The indexes of offers that the (last) statement of `ask` would read, and whether it would sort."""
    sent = []

    def keep(execute, sql, params, many, context):
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep), transaction.atomic():
        ask()
        transaction.set_rollback(True)
    statements = [(sql, params) for sql, params in sent if "offers_offer" in sql]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statements[-1][0]}", statements[-1][1])
        answer = cursor.fetchone()[0]
    found = set()

    def walk(node):
        if str(node.get("Index Name", "")).startswith("offers_"):
            found.add(node["Index Name"])
        assert (node["Node Type"], node.get("Relation Name")) != ("Seq Scan", "offers_offer")
        for child in node.get("Plans", ()):
            walk(child)

    walk((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])
    return found


CASES = {
    "the sweep": (lambda s, b, p: expire_due_offers(), {"offers_due", "offers_offer_pkey"}),
    "what is not paid": (
        lambda s, b, p: selectors.due_for_payment(at=timezone.now(), limit=5),
        {"offers_payment_due"},
    ),
    "the archive": (lambda s, b, p: archive_old_offers(), {"offers_to_archive", "offers_offer_pkey"}),
    "who waits for a listing": (lambda s, b, p: list(selectors.waiting_on(p.pk)), {"offers_one_live_offer"}),
    "whom an acceptance locks": (
        lambda s, b, p: lock_waiting([p.pk], also=p.pk),
        {"offers_one_live_offer", "offers_offer_pkey"},
    ),
    "what a sale touches": (
        lambda s, b, p: list(selectors.touched_by(p.pk)),
        {"offers_one_live_offer", "offers_with_thing"},
    ),
    "a buyer's list": (lambda s, b, p: list(selectors.offers_of(b, as_buyer=True)), {"offers_of_buyer"}),
    "a seller's list": (lambda s, b, p: list(selectors.offers_of(s, as_buyer=False)), {"offers_of_seller"}),
    "what waits for a buyer": (
        lambda s, b, p: list(selectors.offers_of(b, as_buyer=True, state="pending")[:20]),
        {"offers_live_of_buyer"},
    ),
    "what waits for a seller": (
        lambda s, b, p: list(selectors.offers_of(s, as_buyer=False, state="pending")[:20]),
        {"offers_live_of_seller"},
    ),
    "a listing's negotiations": (lambda s, b, p: list(selectors.negotiations_on(p)[:20]), {"offers_on_product"}),
    "all turns of some": (lambda s, b, p: selectors.turns_of([p.pk]), {"offers_turn_once"}),
}


@pytest.mark.parametrize("what", CASES)
def test_is_read_by_its_index(market, what):
    ask, wanted = CASES[what]
    assert indexes_of(lambda: ask(*market)) == wanted


def test_both_sides_of_a_person_are_two_indexes(market):
    _seller, buyer, _thing = market
    assert indexes_of(lambda: list(selectors.live_offers_of(buyer))) == {
        "offers_live_of_buyer",
        "offers_live_of_seller",
    }
    either = Offer.objects.filter(Q(buyer=buyer) | Q(seller=buyer), archived_at=None)
    assert indexes_of(lambda: list(either)) == {"offers_of_buyer", "offers_of_seller"}


def test_a_buyers_live_offer_is_read_by_one_of_two(market):
    _seller, buyer, thing = market
    read = indexes_of(lambda: selectors.live_offer(buyer=buyer, product=thing))
    assert read <= {"offers_one_live_offer", "offers_live_of_buyer"}
