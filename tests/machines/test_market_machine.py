"""Orders, offers and payouts in any order, against a provider that fails in every way it may: in the end the provider, the ledger and
an independent accountant agree to the fils.

Reduced by default; 500 examples of 40 steps with SOUK_TEST_FULL.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import stripe
from django.conf import LazySettings
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from catalog.actions import Stock
from catalog.models import StockHold
from conftest import WEBHOOK_SECRETS
from orders.states import Delivery
from payments.actions import post_many
from payments.actions.posting import Posting
from payments.models import LedgerTransaction, ProviderCommand
from payments.states import Postings
from stripe_simulator.testing import KEY, Simulator, threaded_simulator
from tests.machines.rules import Trade

FULL = bool(os.environ.get("SOUK_TEST_FULL"))
EXAMPLES, STEPS = (500, 40) if FULL else (3, 40)
NOWHERE = "http://127.0.0.1:9"  # the market carries events itself

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with threaded_simulator(
        webhooks=[(f"{NOWHERE}/platform", WEBHOOK_SECRETS["platform"])],
        connect_webhooks=[(f"{NOWHERE}/connect", WEBHOOK_SECRETS["connect"])],
    ) as running:
        yield running


@pytest.fixture
def trade(simulator: Simulator, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Trade]:
    settings.STRIPE = settings.STRIPE | {
        "secret_key": KEY,
        "api_base": simulator.url,
        "webhook_secrets": [WEBHOOK_SECRETS["platform"]],
        "connect_webhook_secrets": [WEBHOOK_SECRETS["connect"]],
    }
    # Between its own tries the library waits for real.
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(Trade, "sim", simulator, raising=False)
    monkeypatch.setattr(Trade, "folder", tmp_path, raising=False)
    return Trade


def run(machine: type[Trade], *, examples: int = EXAMPLES, steps: int = STEPS) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=not FULL,
            phases=[Phase.generate],  # a step takes its time: to make a failure smaller would take an hour
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            database=None,
        ),
    )


def test_three_books_agree_whatever_happens(trade):
    before = trade.rested
    run(trade)
    assert trade.rested - before >= EXAMPLES  # each was seen to its end
    # And they came as far as money goes.
    assert {Postings.CAPTURE, Postings.RELEASE, Postings.PAYOUT_ORDERED, Postings.TRANSFER} <= trade.reached


# --- the machine sees what it should -------------------------------------------------------------------------------------


def a_sale_and_two_refunds(trade: type[Trade]) -> None:
    """By the rules of the machine, in a chosen order: each refund is carried out by the provider, and its answer lost."""
    state = trade()
    try:
        card, way = "pm_card_bypassPending", Delivery.MEET
        state.buy_and_pay(who=0, what=[(1, 2)], way=way, vouchers=["SHOP10"], card=card)
        state.buy_and_pay(who=1, what=[(4, 1), (2, 1)], way=way, vouchers=[], card=card)
        state.it_holds()
        state.receive(number=0)
        state.it_holds()
        state.go_wrong(fault=("timeout_after", {"seconds": 0}), where="/v1/refunds", times=3, method="POST")
        state.give_money_back(number=1, percent=33, by="seller")
        state.deliver(seed=1, limit=200)
        state.it_holds()
    finally:
        state.teardown()


def key_of_this_moment(command: ProviderCommand) -> str:
    return f"{command.idempotency_key}:{command.attempts}"


def post_captures_twice(postings: Sequence[Posting]) -> list[LedgerTransaction]:
    again = [replace(one, ref=f"{one.ref}_again") for one in postings if one.kind == Postings.CAPTURE]
    return post_many([*again, *postings])


def post_nothing(**_how: Any) -> None:
    return


def sell_nothing(_holds: Sequence[StockHold], _stock: Stock) -> None:
    return


def test_a_sale_and_two_refunds_are_one_of_the_histories(trade):
    before = trade.rested
    a_sale_and_two_refunds(trade)
    assert trade.rested == before + 1


@pytest.mark.parametrize(
    ("where", "bug"),
    [
        ("payments.actions.running.key_of", key_of_this_moment),
        ("payments.actions.results.post_many", post_captures_twice),
        ("payments.actions.holds.post", post_nothing),
        ("orders.actions.confirming.sell", sell_nothing),
    ],
    ids=["another key at each try", "captured twice", "released without posting", "sold and still there"],
)
def test_the_machine_sees_a_bug(trade, monkeypatch, where, bug):
    monkeypatch.setattr(where, bug)
    with pytest.raises(AssertionError):
        a_sale_and_two_refunds(trade)
