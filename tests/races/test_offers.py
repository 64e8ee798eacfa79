"""Buyers, a seller and the clock against each other on one listing.

`judge` looks at everything that a round may leave behind; the controls take a lock away and show that it then finds something.
"""

import itertools
import os
import random
import threading
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.db.models import Q
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.actions import take_holds
from catalog.models import Product, StockHold
from catalog.tests.factories import ProductFactory
from core.errors import Refusal
from core.models import OutboxEvent
from core.money import Money
from core.testing import deliver_everything
from messaging.models import Conversation, Message, StreamEntry
from offers.actions import (
    accept_offer,
    counter_offer,
    decline_offer,
    expire_due_offers,
    follow_listing,
    locks,
    make_offer,
    release_unpaid_offers,
    turns,
    withdraw_offer,
)
from offers.models import Offer
from offers.states import OFFER_MOVES, OfferState
from tests.races.crowd import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
FULL = bool(os.environ.get("SOUK_TEST_FULL"))
LIVE = Q(state__in=["pending", "accepted"])
# What somebody who was too late, or not asked, may hear. Anything else that comes out of a round is a bug.
LATE = {
    "offers.no_longer_waiting",
    "offers.reserved_for_another",
    "offers.too_late",
    "offers.not_your_turn",
    "offers.only_its_maker_withdraws",
    "offers.counter_not_higher",
    "offers.counter_not_lower",
    "offers.already_haggling",
    "offers.too_many_turns",
    "offers.traded_thing_gone",
    "catalog.not_for_sale",
    "catalog.out_of_stock",
}


def aed(minor):
    return Money(minor, "AED")


def judge(answers, product):
    """One winner at most, states of the table, coded refusals, and nothing half-written."""
    wild = [a for a in answers if isinstance(a, BaseException) and not (isinstance(a, Refusal) and a.code in LATE)]
    assert wild == []
    assert None not in answers  # somebody still waits for a lock
    product.refresh_from_db()
    offers = list(Offer.objects.filter(product=product).order_by("negotiation_id", "turn"))
    _judge_holds(product, offers)
    _judge_turns(offers)
    _judge_news(offers)
    _judge_conversations(offers)


def _judge_holds(product, offers):
    accepted = [offer for offer in offers if offer.state == OfferState.ACCEPTED]
    held = StockHold.objects.filter(variant__product=product, released_at=None, committed_at=None)
    bought = [hold.reference for hold in held if not hold.reference.startswith("offer:")]
    assert len(accepted) + len(bought) <= 1
    assert sorted(hold.reference for hold in held) == sorted([*bought, *(f"offer:{offer.pk}" for offer in accepted)])
    assert product.state == ("reserved" if accepted or bought else "active")
    waiting = [offer for offer in offers if offer.state == OfferState.PENDING]
    if not bought:  # the clocks of these follow by the outbox
        assert {offer.stopped_at is not None for offer in waiting} <= {bool(accepted)}


def _judge_turns(offers):
    negotiations = {}
    for offer in offers:
        negotiations.setdefault(offer.negotiation_id, []).append(offer)
        assert offer.state in {OfferState.PENDING, *OFFER_MOVES["pending"]}
    for said in negotiations.values():
        assert [t.turn for t in said] == list(range(said[0].turn, said[0].turn + len(said)))
        assert [t.state for t in said[:-1]] == ["countered"] * (len(said) - 1)
        assert said[-1].state != "countered"
        assert all(a.made_by != b.made_by for a, b in itertools.pairwise(said))
    assert max(Counter(o.buyer_id for o in offers if o.state in ("pending", "accepted")).values(), default=0) <= 1


ENDINGS = {
    "offers.offer_accepted": ("accepted", "expired", "superseded"),
    "offers.offer_declined": ("declined",),
    "offers.offer_withdrawn": ("withdrawn",),
    "offers.offer_expired": ("expired",),
    "offers.offer_superseded": ("superseded",),
}


def _judge_news(offers):
    told = {}
    for name, payload in OutboxEvent.objects.filter(name__in=ENDINGS).values_list("name", "payload"):
        told.setdefault(payload["offer_id"], []).append(name)
    for payload in OutboxEvent.objects.filter(name="offers.batch_expired").values_list("payload", flat=True):
        for offer_id in payload["offer_ids"]:
            told.setdefault(offer_id, []).append("offers.offer_expired")
    for offer in offers:
        names = told.get(str(offer.pk), [])
        assert len(names) == len(set(names))
        assert all(offer.state in ENDINGS[name] for name in names)
        if offer.state in ("accepted", "declined", "withdrawn", "expired", "superseded"):
            assert names


def _judge_conversations(offers):
    for conversation in Conversation.objects.filter(pk__in={offer.conversation_id for offer in offers}):
        numbers = list(
            StreamEntry.objects.filter(conversation=conversation).order_by("seq").values_list("seq", flat=True)
        )
        assert numbers == list(range(1, conversation.last_seq + 1))
    cards = Counter(Message.objects.filter(kind="offer").values_list("reference", flat=True))
    assert all(cards[offer.pk] == 1 for offer in offers)


def table_for(buyers):
    """A listing with offers by so many buyers, every other one countered by the seller; every fifth clock is about to run out."""
    product = ProductFactory(images=0)
    for number in range(buyers):
        buyer = UserFactory()
        offer = make_offer(buyer=buyer, product_id=product.pk, amount=aed(100_00 + number))
        if number % 2:
            offer = counter_offer(person=product.seller, offer_id=offer.pk, amount=aed(200_00 + number))
        if number % 5 == 0:
            Offer.objects.filter(pk=offer.pk).update(expires_at=timezone.now() + timedelta(seconds=0.2))
    return product


def last_turn(offer):
    return Offer.objects.filter(negotiation_id=offer.negotiation_id).order_by("-turn").first()


def haggle(offer, dice):
    """What one buyer and the seller do about one negotiation, each step on whatever its last turn is by then."""
    answers = []
    for step in dice.sample(["accept", "counter", "withdraw", "decline", "counter", "accept"], 3):
        turn = last_turn(offer)
        maker, other = (turn.buyer, turn.seller) if turn.made_by == "buyer" else (turn.seller, turn.buyer)
        amount = aed((turn.amount_minor or 0) + (1_00 if turn.made_by == "buyer" else -1_00))
        try:
            if step == "accept":
                answers.append(accept_offer(person=other, offer_id=turn.pk))
            elif step == "decline":
                answers.append(decline_offer(person=other, offer_id=turn.pk))
            elif step == "withdraw":
                answers.append(withdraw_offer(person=maker, offer_id=turn.pk))
            else:
                answers.append(counter_offer(person=other, offer_id=turn.pk, amount=amount))
        except Refusal as refusal:
            answers.append(refusal)
    return answers


def play(product, dice):
    """One round: everybody at once, with three sweeps among them. All that came of it, flat."""
    offers = list(Offer.objects.filter(LIVE, product=product).order_by("pk"))
    calls = [partial(haggle, offer, random.Random(dice.random())) for offer in offers]
    calls += [partial(expire_due_offers, limit=4), partial(expire_due_offers, limit=4), release_unpaid_offers]
    calls.append(partial(follow_listing, product_id=product.pk))
    dice.shuffle(calls)
    answers = []
    for answer in at_once(calls):
        answers += answer if isinstance(answer, list) else [answer]
    return answers


@pytest.mark.parametrize(
    ("buyers", "rounds"),
    [(12, 2), pytest.param(64, 5, marks=pytest.mark.full)],
)
def test_a_crowd_haggling_over_one_listing_has_one_winner_a_round(buyers, rounds):
    dice = random.Random(20261120)
    product = table_for(buyers)
    start, winners = timezone.now(), 0
    for number in range(rounds):
        with time_machine.travel(start + timedelta(hours=25 * number, seconds=1)):
            if number:  # the winner did not pay: everybody else's clock stood still meanwhile
                release_unpaid_offers()
                expire_due_offers()
                judge([], product)
            for buyer in UserFactory.create_batch(max(0, buyers - waiting(product))):
                make_offer(buyer=buyer, product_id=product.pk, amount=aed(dice.randint(100_00, 150_00)))
            answers = play(product, dice)
            judge(answers, product)
            winners += Offer.objects.filter(product=product, state="accepted").count()
    assert winners == rounds


def waiting(product):
    return Offer.objects.filter(LIVE, product=product).count()


def test_a_seller_who_accepts_two_at_once_has_accepted_one():
    product = ProductFactory(images=0)
    first, second = (make_offer(buyer=UserFactory(), product_id=product.pk, amount=aed(200_00)) for _ in range(2))
    calls = [
        partial(accept_offer, person=product.seller, offer_id=(first, second)[number % 2].pk) for number in range(16)
    ]
    answers = at_once(calls)
    judge(answers, product)
    winner = Offer.objects.get(state="accepted")
    for number, answer in enumerate(answers):
        if (first, second)[number % 2].pk == winner.pk:
            assert answer.pk == winner.pk  # again is the same answer
        else:
            assert answer.code == "offers.reserved_for_another"
    assert OutboxEvent.objects.filter(name="offers.offer_accepted").count() == 1


def test_of_accepting_and_buying_one_wins():
    product = ProductFactory(images=0)
    variant = product.variants.get()
    offers = [make_offer(buyer=UserFactory(), product_id=product.pk, amount=aed(200_00 + n)) for n in range(6)]
    calls = [partial(accept_offer, person=product.seller, offer_id=offer.pk) for offer in offers]
    calls += [partial(take_holds, wanted={variant.pk: 1}, reference=f"order:{number}") for number in range(6)]
    random.Random(3).shuffle(calls)
    answers = at_once(calls)
    judge(answers, product)
    assert StockHold.objects.count() == 1
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    deliver_everything()
    assert Offer.objects.filter(state="pending", stopped_at=None).count() == 0


def test_two_who_trade_with_each_other_at_once_do_not_wait_for_ever():
    for _ in range(3):
        one, other = ProductFactory(images=0), ProductFactory(images=0)
        there = make_offer(buyer=other.seller, product_id=one.pk, kind="trade", trade_product_id=other.pk)
        back = make_offer(buyer=one.seller, product_id=other.pk, kind="trade", trade_product_id=one.pk)
        answers = at_once(
            [partial(accept_offer, person=one.seller, offer_id=there.pk)] * 3
            + [partial(accept_offer, person=other.seller, offer_id=back.pk)] * 3
        )
        won = {answer.pk for answer in answers if isinstance(answer, Offer)}
        assert len(won) == 1
        refused = [answer for answer in answers if not isinstance(answer, Offer)]
        assert {refusal.code for refusal in refused} == {"offers.reserved_for_another"}
        assert StockHold.objects.filter(reference=f"offer:{won.pop()}").count() == 2
        StockHold.objects.update(released_at=timezone.now())


def test_nobody_has_two_live_offers_for_one_listing():
    product, buyer = ProductFactory(images=0), UserFactory()
    answers = at_once([partial(make_offer, buyer=buyer, product_id=product.pk, amount=aed(200_00))] * 8)
    judge(answers, product)
    assert Offer.objects.count() == Message.objects.count() == 1


def test_many_sweeps_end_each_offer_once():
    product = ProductFactory(images=0)
    for _ in range(20):
        make_offer(buyer=UserFactory(), product_id=product.pk, amount=aed(200_00))
    Offer.objects.update(expires_at=timezone.now())
    answers = at_once([partial(expire_due_offers, limit=7)] * 8)
    while expire_due_offers(limit=7):
        pass
    judge(answers, product)
    deliver_everything()
    assert OutboxEvent.objects.filter(name="offers.offer_expired").count() == 20


# --- controls: the same rounds with a lock taken away are found out --------------------------------------------------


def test_control_without_the_offers_lock_a_turn_is_both_accepted_and_withdrawn(monkeypatch):
    product = ProductFactory(images=0)
    offer = make_offer(buyer=UserFactory(), product_id=product.pk, amount=aed(200_00))
    together = threading.Barrier(2)

    def read_without_lock(where):
        rows = {row.pk: row for row in Offer.objects.select_related("buyer", "seller", "variant").filter(where)}
        together.wait(timeout=30)  # both have read before either writes: what the lock rules out
        return rows

    monkeypatch.setattr(locks, "lock_offers", read_without_lock)
    answers = at_once(
        [
            partial(accept_offer, person=product.seller, offer_id=offer.pk),
            partial(withdraw_offer, person=offer.buyer, offer_id=offer.pk),
        ]
    )
    with pytest.raises(AssertionError):
        judge(answers, product)


def test_control_without_the_listings_lock_somebody_joins_what_is_reserved(monkeypatch):
    product = ProductFactory(images=0)
    first = make_offer(buyer=UserFactory(), product_id=product.pk, amount=aed(200_00))
    second = make_offer(buyer=UserFactory(), product_id=product.pk, amount=aed(150_00))
    read, accepted = threading.Event(), threading.Event()
    look = locks.lock_table

    def read_and_wait(**asked):
        table = look(**asked)
        read.set()
        accepted.wait(timeout=30)  # somebody accepts between our look and our turn: what the lock rules out
        return table

    def accept_when_read():
        read.wait(timeout=30)
        answer = accept_offer(person=product.seller, offer_id=first.pk)
        accepted.set()
        return answer

    monkeypatch.setattr(locks, "lock_products", lambda ids: Product.objects.in_bulk([pk for pk in ids if pk]))
    monkeypatch.setattr(locks, "lock_stock", lambda ids: None)
    monkeypatch.setattr(locks, "lock_waiting", lambda ids, also: Offer.objects.in_bulk([also]))
    monkeypatch.setattr(turns, "lock_table", read_and_wait)
    answers = at_once(
        [partial(counter_offer, person=product.seller, offer_id=second.pk, amount=aed(220_00)), accept_when_read]
    )
    with pytest.raises(AssertionError):
        judge(answers, product)
