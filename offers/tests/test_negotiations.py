"""A machine that haggles at random and holds every step against the model, to the second."""

import os
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.tests.factories import UserFactory
from catalog.actions import commit_hold, edit_product, mark_sold, pause_product, release_hold, resume_product, take_hold
from catalog.models import StockHold
from catalog.tests.factories import ProductFactory
from core.deliveries import carry_out
from core.errors import Refusal
from core.models import Delivery, DeliveryState
from core.money import Money
from messaging.models import Message
from moderation.models import ModerationSettings
from moderation.selectors import forget_settings
from offers import actions
from offers.models import Offer
from offers.tests.factories import TermsFactory
from offers.tests.model import MAX_TURNS, Market, fee

FULL = bool(os.environ.get("SOUK_TEST_FULL"))
START = datetime.fromisoformat("2026-11-20T08:00:00+00:00")
BUYERS = st.integers(0, 2)
SIDES = st.sampled_from(["buyer", "seller"])
AMOUNTS = st.sampled_from([0, 2_00, 2_01, 60_00, 90_00, 120_00, 150_00, 180_00, 210_00, 240_00, 250_00, 300_00])
HOURS = st.sampled_from([1, 7, 23, 24, 25])


def deliver_ours():
    """Carry out what waits for the offers; others' news goes by."""
    while ids := list(
        Delivery.objects.filter(state=DeliveryState.PENDING, handler__startswith="offers.").values_list("id", flat=True)
    ):
        for delivery_id in ids:
            carry_out(delivery_id)
        assert not Delivery.objects.filter(pk__in=ids).exclude(state=DeliveryState.DONE).exists()


class Haggling(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        self.clock = time_machine.travel(START, tick=False)
        self.now = self.clock.start()
        ModerationSettings.objects.update_or_create(pk=1, defaults={"pre_moderation": "off"})
        forget_settings()
        self.product = ProductFactory(images=1)
        self.buyers = [UserFactory() for _ in range(3)]
        self.thing = ProductFactory(seller=self.buyers[0], images=0)
        self.order = None
        self.market = Market()

    def teardown(self):
        self.clock.stop()
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)
        forget_settings()

    @initialize(floor=st.sampled_from([None, 40]), accept_from=st.sampled_from([None, 95]))
    def terms(self, floor, accept_from):
        self.market.floor, self.market.accept_from = floor, accept_from
        if floor or accept_from:
            TermsFactory(product=self.product, floor_percent=floor, auto_accept_percent=accept_from)

    # --- people -----------------------------------------------------------------------------------------------------

    def says(self, call, **said):
        """The refusal's code, or nothing."""
        try:
            call(**said)
        except Refusal as refusal:
            return refusal.code
        deliver_ours()
        return ""

    def turn(self, buyer):
        return (
            Offer.objects.filter(product=self.product, buyer=self.buyers[buyer])
            .order_by("-created_at", "-turn")
            .first()
        )

    def person(self, buyer, side):
        return self.buyers[buyer] if side == "buyer" else self.product.seller

    def answer(self, call, buyer, side, **said):
        return self.says(call, person=self.person(buyer, side), offer_id=self.turn(buyer).pk, **said)

    @rule(buyer=BUYERS, amount=AMOUNTS, with_thing=st.booleans())
    def make(self, buyer, amount, with_thing):
        self.seconds_pass(1)  # so that the newest negotiation is known by its time
        with_thing = with_thing and buyer == 0
        said = {"kind": "mixed", "trade_product_id": self.thing.pk} if with_thing else {}
        done = self.says(
            actions.make_offer,
            buyer=self.buyers[buyer],
            product_id=self.product.pk,
            amount=Money(amount, "AED"),
            **said,
        )
        assert done == self.market.make(buyer, amount, with_thing=with_thing)

    @precondition(lambda self: self.market.last)
    @rule(buyer=BUYERS, side=SIDES, amount=AMOUNTS)
    def counter(self, buyer, side, amount):
        if buyer in self.market.last:
            done = self.answer(actions.counter_offer, buyer, side, amount=Money(amount, "AED"))
            assert done == self.market.counter(buyer, side, amount)

    @precondition(lambda self: self.market.pending())
    @rule(buyer=BUYERS, up=st.sampled_from([0, 1, 5_00, 20_00]))
    def counter_as_one_does(self, buyer, up):
        """A counter that mostly fits, so that long negotiations happen."""
        turn = self.market.last.get(buyer)
        if turn and turn.state == "pending":
            side, amount = ("seller", turn.amount + up) if turn.made_by == "buyer" else ("buyer", turn.amount - up)
            done = self.answer(actions.counter_offer, buyer, side, amount=Money(amount, "AED"))
            assert done == self.market.counter(buyer, side, amount)

    @precondition(lambda self: self.market.last)
    @rule(buyer=BUYERS, side=SIDES)
    def accept(self, buyer, side):
        if buyer in self.market.last:
            assert self.answer(actions.accept_offer, buyer, side) == self.market.accept(buyer, side)

    @precondition(lambda self: self.market.last)
    @rule(buyer=BUYERS, side=SIDES)
    def decline(self, buyer, side):
        if buyer in self.market.last:
            assert self.answer(actions.decline_offer, buyer, side) == self.market.decline(buyer, side)

    @precondition(lambda self: self.market.last)
    @rule(buyer=BUYERS, side=SIDES)
    def withdraw(self, buyer, side):
        if buyer in self.market.last:
            assert self.answer(actions.withdraw_offer, buyer, side) == self.market.withdraw(buyer, side)

    # --- time -------------------------------------------------------------------------------------------------------

    @rule(hours=HOURS)
    def time_passes(self, hours):
        self.seconds_pass(hours * 3600)

    def seconds_pass(self, seconds):
        self.now.shift(timedelta(seconds=seconds))
        self.market.pass_time(seconds)

    @rule()
    def sweep(self):
        actions.stop_forgotten_clocks()
        actions.expire_due_offers()
        actions.release_unpaid_offers()
        deliver_ours()
        self.market.sweep()

    # --- the listing ------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.market.state in ("active", "paused"))
    @rule(price=st.sampled_from([200_00, 250_00, 300_00]))
    def edit_price(self, price):
        edit_product(seller=self.product.seller, product_id=self.product.pk, price_minor=price)
        notices = Message.objects.filter(kind="system").count()
        deliver_ours()
        changed = price != self.market.price
        said = Message.objects.filter(kind="system").count() - notices
        assert said == (len(self.market.pending()) if changed else 0)
        self.market.price = price

    @precondition(lambda self: self.market.state == "active")
    @rule()
    def pause(self):
        pause_product(seller=self.product.seller, product_id=self.product.pk)
        deliver_ours()
        self.market.state = "paused"

    @precondition(lambda self: self.market.state == "paused")
    @rule()
    def resume(self):
        resume_product(seller=self.product.seller, product_id=self.product.pk)
        deliver_ours()
        self.market.state = "active"

    @precondition(lambda self: self.market.state == "active")
    @rule(late=st.booleans())
    def reserve_elsewhere(self, late):
        """Somebody else holds the listing. Late news: an hour passes until offers hear of it."""
        number = StockHold.objects.count()
        self.order = take_hold(variant_id=self.product.variants.get().pk, reference=f"order:{number}")
        self.market.state, self.market.bought = "reserved", True
        if late:
            self.time_passes(1)
        deliver_ours()

    @precondition(lambda self: self.market.bought)
    @rule()
    def release_elsewhere(self):
        release_hold(hold_id=self.order.pk)
        deliver_ours()
        self.market.state, self.market.bought = "active", False

    @precondition(lambda self: self.market.bought)
    @rule()
    def sell_elsewhere(self):
        commit_hold(hold_id=self.order.pk)
        deliver_ours()
        self.market.state, self.market.bought = "sold", False
        self.market.overtake("sold")

    @precondition(lambda self: self.market.thing == "active")
    @rule()
    def sell_the_thing(self):
        mark_sold(seller=self.buyers[0], product_id=self.thing.pk)
        deliver_ours()
        self.market.thing = "sold"
        self.market.overtake("sold", only_with_thing=True)

    # --- what is always so ------------------------------------------------------------------------------------------

    @invariant()
    def it_is_as_the_model_says(self):
        self.product.refresh_from_db()
        self.thing.refresh_from_db()
        assert (self.product.state, self.thing.state) == (self.market.state, self.market.thing)
        for buyer, turn in self.market.last.items():
            offer = self.turn(buyer)
            assert (offer.state, offer.ending, offer.made_by, offer.turn, offer.amount_minor) == (
                turn.state,
                turn.ending,
                turn.made_by,
                turn.number,
                turn.amount,
            )
            if offer.state == "pending":
                assert (offer.stopped_at is not None) == (self.market.state == "reserved")
                assert offer.expires_at - (offer.stopped_at or timezone.now()) == timedelta(seconds=turn.left)
            if offer.state == "accepted":
                assert offer.payment_due_at - timezone.now() == timedelta(seconds=turn.left)

    @invariant()
    def what_is_held_is_what_was_accepted(self):
        held = StockHold.objects.filter(released_at=None, committed_at=None, reference__startswith="offer:")
        accepted = list(Offer.objects.filter(state="accepted"))
        assert len(accepted) <= 1
        wanted = [f"offer:{o.pk}" for o in accepted for _ in range(2 if o.trade_product_id else 1)]
        assert sorted(held.values_list("reference", flat=True)) == sorted(wanted)

    @invariant()
    def no_amount_breaks_the_rules(self):
        before = {}
        for offer in Offer.objects.order_by("negotiation_id", "turn"):
            assert 0 < offer.amount_minor <= offer.asked_minor
            assert offer.amount_minor > fee(offer.amount_minor)
            assert offer.turn <= MAX_TURNS
            last = before.get(offer.negotiation_id)
            if last is not None:
                assert (offer.amount_minor > last) == (offer.made_by == "seller")
            before[offer.negotiation_id] = offer.amount_minor


@pytest.mark.django_db(transaction=False)
def test_haggling_follows_the_model():
    wanted = (
        {"max_examples": 400, "stateful_step_count": 40} if FULL else {"max_examples": 30, "stateful_step_count": 20}
    )
    run_state_machine_as_test(
        Haggling, settings=settings(deadline=None, suppress_health_check=list(HealthCheck), **wanted)
    )
