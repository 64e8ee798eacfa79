"""A real process, killed."""

import threading
from typing import Any

import pytest
import stripe

from stripe_simulator.testing import running_simulator
from stripe_simulator.tests.conftest import Shop


def test_what_was_answered_is_there_after_a_kill():
    with running_simulator(clock="manual", available_after=100) as sim:
        shop = Shop(sim)
        seller = shop.funded(10_000)
        shop.api.customers.create({"email": "a@souk.example"}, {"idempotency_key": "cus:1"})
        payout = shop.api.payouts.create({"amount": 4000, "currency": "aed"}, {"stripe_account": seller})
        before = sim.control.state() | {"requests": None}
        sim.restart()
        assert sim.control.state() | {"requests": None} == before
        assert shop.api.customers.create({"email": "a@souk.example"}, {"idempotency_key": "cus:1"}).id
        assert len(shop.api.customers.list().data) == 1
        sim.control.advance(days=2)
        assert shop.api.payouts.retrieve(payout.id, {}, {"stripe_account": seller}).status == "paid"


def test_kills_amid_calls_neither_lose_nor_double_anything():
    with running_simulator() as sim:
        shop = Shop(sim)
        seller = shop.funded(100_000)
        stop = threading.Event()
        killer = threading.Thread(target=lambda: kill_often(sim, stop))
        killer.start()
        try:
            for number in range(60):
                send_until_answered(sim, seller, number)
        finally:
            stop.set()
            killer.join()
        sim.restart()
        found = list(shop.api.transfers.list({"limit": 100, "transfer_group": "po"}).auto_paging_iter())
        assert sorted(transfer.metadata["number"] for transfer in found) == sorted(str(number) for number in range(60))
        assert shop.balance(seller) == (100_000 + 60 * 100, 0)


def kill_often(sim: Any, stop: threading.Event) -> None:
    while not stop.wait(0.4):
        sim.restart()


def send_until_answered(sim: Any, seller: str, number: int) -> None:
    asked: Any = {
        "amount": 100,
        "currency": "aed",
        "destination": seller,
        "transfer_group": "po",
        "metadata": {"number": str(number)},
    }
    client = sim.client(max_network_retries=0)
    for _ in range(2000):
        try:
            client.v1.transfers.create(asked, {"idempotency_key": f"tr:{number}"})
        except stripe.APIConnectionError:
            stop_shortly()
        else:
            return
    pytest.fail("never answered")


def stop_shortly() -> None:
    threading.Event().wait(0.05)
