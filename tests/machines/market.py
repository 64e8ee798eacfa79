"""A market of a few people for a model machine: real actions, real rows, and a provider that is reached over HTTP.

Everything lives in one transaction, which is rolled back when the market closes. Time stands still unless it is moved.
"""

import contextlib
import itertools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import stripe
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis.stateful import precondition

from accounts.models import User
from accounts.tests.factories import AddressFactory, UserFactory
from catalog.models import Product
from catalog.tests.factories import ProductFactory
from conftest import WEBHOOK_SECRETS
from core.deliveries import carry_out
from core.errors import Refusal
from core.models import Delivery, DeliveryState
from core.money import Money
from orders.models import Checkout, Order
from orders.tests.factories import VoucherFactory
from orders.tests.shopping import stocked
from payments import actions as payments
from payments.actions.posting import Line
from payments.errors import ProviderError
from payments.models import Payment, ProviderCommand, ProviderEvent, SellerAccount
from payments.states import AccountKind, CommandState, InboxState, Postings
from payments.tests.money import seller_ready
from stripe_simulator.testing import Simulator

BEGINS = datetime(2026, 11, 2, 8, tzinfo=UTC)
OURS = ("catalog.", "messaging.", "offers.", "orders.", "payments.")  # who else is told has proofs of its own
ACCOUNT: Any = {
    "country": "AE",
    "controller": {
        "fees": {"payer": "application"},
        "losses": {"payments": "application"},
        "requirement_collection": "stripe",
        "stripe_dashboard": {"type": "express"},
    },
    "capabilities": {"transfers": {"requested": True}, "card_payments": {"requested": True}},
}
_keys = itertools.count(1)
_THERE_IS = """
    SELECT EXISTS (SELECT 1 FROM orders_checkout WHERE state = 'open') AS open_checkout,
        EXISTS (SELECT 1 FROM payments_payment WHERE provider_id <> '' AND state <> 'captured') AS intent,
        EXISTS (SELECT 1 FROM payments_payment WHERE state = 'captured') AS charge,
        EXISTS (SELECT 1 FROM orders_order WHERE state = 'awaiting_payment') AS unpaid,
        EXISTS (SELECT 1 FROM orders_order WHERE state = 'confirmed') AS confirmed,
        EXISTS (SELECT 1 FROM orders_order WHERE payment_state IN ('held', 'released')) AS held,
        EXISTS (SELECT 1 FROM orders_order) AS any_order,
        EXISTS (SELECT 1 FROM offers_offer WHERE state = 'pending') AS offer,
        EXISTS (SELECT 1 FROM orders_shipment WHERE state IN ('in_transit', 'out_for_delivery')) AS parcel,
        EXISTS (SELECT 1 FROM orders_dispute WHERE state = 'open') AS quarrel,
        EXISTS (SELECT 1 FROM orders_dispute WHERE state IN ('under_review', 'appealed')) AS case_of_staff,
        EXISTS (SELECT 1 FROM orders_dispute WHERE state IN ('decided', 'awaiting_return')) AS verdict,
        EXISTS (SELECT 1 FROM payments_refund WHERE state = 'awaiting_approval') AS refund_to_decide,
        EXISTS (SELECT 1 FROM payments_refund WHERE state = 'failed') AS refund_failed,
        EXISTS (SELECT 1 FROM payments_refund WHERE provider_id <> '') AS refund,
        EXISTS (SELECT 1 FROM payments_paymenthold WHERE released_at IS NOT NULL) AS earned,
        EXISTS (SELECT 1 FROM payments_payout WHERE state = 'awaiting_approval') AS payout_to_decide,
        EXISTS (SELECT 1 FROM payments_payout WHERE provider_id <> '') AS payout,
        EXISTS (SELECT 1 FROM payments_chargeback) AS chargeback,
        EXISTS (SELECT 1 FROM core_delivery WHERE state = 'pending') AS news,
        EXISTS (SELECT 1 FROM payments_providercommand WHERE state IN ('pending', 'sent')) AS command
"""
Thing = TypeVar("Thing")


def aed(minor: int) -> Money:
    return Money(minor, "AED")


def pick(things: Sequence[Thing], number: int) -> Thing | None:
    return things[number % len(things)] if things else None


class Market:
    """Three sellers (one new, one who is paid at once), three buyers, two of the team, and what they sell and own."""

    def __init__(self, sim: Simulator) -> None:
        self.sim, self.client = sim, sim.client(max_network_retries=0)
        sim.control.reset()
        sim.control.deliveries("hold")  # the events lie there until the market rings
        self.whole = transaction.atomic()
        self.whole._from_testcase = True  # as TestCase marks its own: durable transactions may begin within
        self.whole.__enter__()
        self.clock = time_machine.travel(BEGINS, tick=False)
        self.hands = self.clock.start()
        self.rung: set[str] = set()
        self.there_is: set[str] = set()
        self.own_charge = ""
        self.sellers = [self._seller(), self._seller(schedule="instant"), self._seller(reserve_percent=10)]
        self.buyers = [UserFactory() for _ in range(3)]
        self.homes = [AddressFactory(user=buyer) for buyer in self.buyers]
        self.team = [UserFactory(is_staff=True, is_superuser=True) for _ in range(2)]
        self.shelf = [
            stocked(count, price_minor=price, seller=self.sellers[who])
            for who, count, price in ((0, 1, 250_00), (0, 5, 33_33), (1, 3, 999_99), (1, 1, 12_34), (2, 8, 120_00))
        ]
        self.things = [ProductFactory(images=0, seller=buyer, price_minor=80_00) for buyer in self.buyers]
        self.stock = {product.pk: sum(v.stock for v in product.variants.all()) for product in self.everything}
        VoucherFactory(code="SHOP10", shop=self.sellers[0], person_limit=3)
        VoucherFactory(code="HOUSE", fixed=15_00, person_limit=2, total_limit=3)

    def close(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.whole.__exit__(None, None, None)

    @property
    def everything(self) -> list[Product]:
        return [*self.shelf, *self.things]

    def _seller(self, **facts: Any) -> User:
        made = self.client.v1.accounts.create(ACCOUNT, self.key("account"))
        self.sim.control.account(made.id)
        facts = {"reserve_percent": 0, "takes_instant": True} | facts
        seller = seller_ready(provider_id=made.id, **facts)
        payments.sync_account(seller=seller)
        return seller

    # --- what happened so far ---------------------------------------------------------------------------------------

    def orders(self, **where: Any) -> list[Order]:
        found = Order.objects.filter(**where).select_related("buyer", "seller", "checkout__payment")
        return sorted(found, key=lambda order: (order.created_at, str(order.seller.username), order.total_minor))

    def open_checkouts(self) -> list[Checkout]:
        found = Checkout.objects.filter(state="open").select_related("buyer", "payment")
        return sorted(found, key=lambda one: (one.created_at, one.buyer.username))

    def charges(self) -> list[Payment]:
        return list(Payment.objects.filter(state="captured").order_by("captured_at", "created_at"))

    def look(self) -> None:
        """What there is to do something about: asked once after each step, so that few steps are idle."""
        with connection.cursor() as cursor:
            cursor.execute(_THERE_IS)
            names = [column.name for column in cursor.description]
            self.there_is = {name for name, found in zip(names, cursor.fetchone(), strict=True) if found}

    # --- doing ------------------------------------------------------------------------------------------------------

    def key(self, what: str) -> Any:
        return {"idempotency_key": f"market:{what}:{next(_keys)}"}

    def tried(self, doing: Callable[..., Thing], **how: Any) -> Thing | None:
        """What is refused is refused; whatever else goes wrong fails the test."""
        with contextlib.suppress(Refusal):
            return doing(**how)
        return None

    def pass_time(self, **span: float) -> None:
        """At most two days at once: hourly jobs may be late, but are not forgotten for longer."""
        left = timedelta(**span)
        while left > timedelta(days=2):
            self.hands.shift(timedelta(days=2))
            left -= timedelta(days=2)
            self.hourly()
        self.hands.shift(left)

    def hourly(self) -> None:
        with contextlib.suppress(ProviderError):
            payments.sweep_missed_events()
        payments.sync_what_hangs(older_than=timezone.now() - timedelta(minutes=15))
        payments.sync_payouts_on_their_way(older_than=timezone.now() - timedelta(minutes=50))
        self.look_into_inbox()
        self.carry_out_commands()

    # --- the buyer's browser, which asks the provider by itself --------------------------------------------------------

    def confirm_in_browser(self, payment: Payment, card: str) -> None:
        with contextlib.suppress(stripe.StripeError):
            words: Any = {"payment_method": card, "return_url": "http://testserver/"}
            self.client.v1.payment_intents.confirm(payment.provider_id, words, self.key("browser"))

    def top_up(self) -> None:
        """The house puts money of its own to that at the provider: refunds wait there while too little is available."""
        words: Any = {
            "amount": 50_000_00,
            "currency": "aed",
            "confirm": True,
            "payment_method": "pm_card_bypassPending",
            "return_url": "http://testserver/",
            "automatic_payment_methods": {"enabled": True},
            "expand": ["latest_charge.balance_transaction"],
        }
        charge: Any = self.client.v1.payment_intents.create(words, self.key("top-up")).latest_charge
        net = charge.balance_transaction.net
        lines = [Line(AccountKind.CLEARING, "", aed(net)), Line(AccountKind.EQUITY, "", aed(-net))]
        payments.post(kind=Postings.ADJUSTMENT, ref=charge.id, lines=lines)
        self.own_charge = charge.id

    # --- the provider's bell --------------------------------------------------------------------------------------------

    def ring(self, dice: random.Random, *, part: float = 1.0, twice: float = 0.0) -> int:
        """Send some of the events that nobody has sent yet, in any order, some of them twice."""
        waiting = [event for event in self.sim.control.events() if event["id"] not in self.rung]
        dice.shuffle(waiting)
        chosen = [event for event in waiting if dice.random() < part]
        for event in chosen:
            self.rung.add(event["id"])
            for _again in range(2 if dice.random() < twice else 1):
                self._send(event)
        return len(chosen)

    def _send(self, event: dict[str, Any]) -> None:
        body = json.dumps(event)
        which = "connect" if event.get("account") else "platform"
        at = int(timezone.now().timestamp())
        signature = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRETS[which], timestamp=at)
        payments.receive_event(payload=body.encode(), signature=signature, endpoint=which)

    def look_into_inbox(self) -> int:
        states = (InboxState.RECEIVED, InboxState.FAILED)
        due = ProviderEvent.objects.filter(state__in=states, due_at__lte=timezone.now(), attempts__lt=12)
        found = list(due.order_by("due_at", "happened_at", "id").values_list("pk", flat=True))
        for event_id in found:
            payments.process_event(event_id=event_id)
        return len(found)

    # --- workers --------------------------------------------------------------------------------------------------------

    def carry_out_commands(self, dice: random.Random | None = None) -> int:
        """What is due, in any order."""
        open_ones = ProviderCommand.objects.filter(state__in=(CommandState.PENDING, CommandState.SENT))
        due = list(open_ones.filter(due_at__lte=timezone.now()).order_by("due_at", "pk").values_list("pk", flat=True))
        if dice:
            dice.shuffle(due)
        for command_id in due:
            payments.run_command(command_id=command_id)
        return len(due)

    def deliver(self, dice: random.Random | None = None, *, limit: int | None = None) -> int:
        """Let handlers hear what was published, in any order; one that fails, fails the test."""
        found = [one.pk for one in self.deliveries()]
        if dice:
            dice.shuffle(found)
        for delivery_id in found[:limit]:
            carry_out(delivery_id)
            row = Delivery.objects.get(pk=delivery_id)
            assert row.state == DeliveryState.DONE, f"{row.handler}: {row.last_error}"
        return len(found[:limit])

    def deliveries(self) -> Iterator[Delivery]:
        waiting = Delivery.objects.filter(state=DeliveryState.PENDING).order_by("id")
        return (one for one in waiting if one.handler.startswith(OURS))

    def account_of(self, seller: User) -> str:
        return SellerAccount.objects.values_list("provider_id", flat=True).get(pk=seller.pk)


def where(*names: str) -> Any:
    """Only while there is one of these."""
    return precondition(lambda machine: not machine.market.there_is.isdisjoint(names))
