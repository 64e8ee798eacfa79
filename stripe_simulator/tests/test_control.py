import http.client
import json
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from stripe_simulator.app import App
from stripe_simulator.store import Store
from stripe_simulator.testing import ROOT, ControlRefusedError, Simulator, running_simulator, threaded_simulator
from stripe_simulator.tests.conftest import Shop


def test_tells_what_it_holds(shop: Shop, sim: Simulator):
    seller = shop.funded(10_000)
    state = sim.control.state()
    assert state["objects"]["transfer"] == {"count": 1, "amount": 10_000, "by_status": {}}
    assert state["objects"]["charge"]["by_status"]["succeeded"]["count"] == 1
    assert state["balances"][seller] == {"aed": {"available": 10_000, "pending": 0}}
    assert state["events"] == len(sim.control.events())


def test_forgets_everything_but_the_endpoints(shop: Shop, sim: Simulator):
    shop.paid()
    sim.control.terms(fee_fixed=7)
    sim.control.fault("slow")
    sim.control.webhook("http://127.0.0.1:9/none", "whsec_1", enabled=False)
    sim.control.reset()
    state = sim.control.state()
    assert (state["objects"], state["balances"], state["requests"], state["faults"]) == ({}, {}, 0, [])
    assert state["terms"]["fee_fixed"] == 100
    assert [kept["url"] for kept in sim.control.ask("GET", "webhooks")["webhooks"]] == ["http://127.0.0.1:9/none"]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("nonsense", {}),
        ("clock", {"advance": -5}),
        ("clock", {"advance": "long"}),
        ("clock", {"begin_ago": -5}),
        ("clock", {"begin_ago": "long"}),
        ("terms", {"generosity": 1}),
        ("payouts/po_none", {"outcome": "paid"}),
        ("payouts/po_none", {"outcome": "lost"}),
        ("refunds/re_none", {"outcome": "nothing"}),
        ("accounts/acct_none", {"outcome": "complete"}),
        ("disputes/du_none", {"outcome": "drawn"}),
        ("webhooks", {"url": "ftp://x", "secret": "y"}),
        ("webhooks", {"url": "http://x"}),
        ("deliveries", {"mode": "sometimes"}),
    ],
)
def test_refuses_what_it_cannot_do(sim: Simulator, path: str, asked: dict[str, Any]):
    with pytest.raises(ControlRefusedError):
        sim.control.ask("POST", path, asked)


def test_a_world_without_a_past_may_begin_long_ago_and_another_may_not(shop: Shop, sim: Simulator):
    began = sim.control.ask("POST", "clock", {"begin_ago": 86_400})["time"]
    assert began == pytest.approx(time.time() - 86_400, abs=60)
    seller = shop.seller()
    assert shop.api.accounts.retrieve(seller).created == pytest.approx(began, abs=60)
    before = sim.control.state()["time"]
    with pytest.raises(ControlRefusedError):
        sim.control.ask("POST", "clock", {"begin_ago": 10})
    assert sim.control.state()["time"] - before < 60


def test_the_clock_does_things_in_their_order(shop: Shop, sim: Simulator):
    sim.control.terms(payout_transit_after=10, payout_standard_after=20)
    seller = shop.funded()
    start = sim.control.state()["time"]
    on_seller: Any = {"stripe_account": seller}
    slow = shop.api.payouts.create({"amount": 500, "currency": "aed"}, on_seller)
    shop.api.payouts.create({"amount": 500, "currency": "aed", "method": "instant"}, on_seller)
    sim.control.terms(payout_instant_after=5)
    shop.api.payouts.create({"amount": 500, "currency": "aed", "method": "instant"}, on_seller)
    assert sim.control.advance(100) == start + 100
    happened = [
        (event["created"] - slow.created, event["type"].rpartition(".")[2]) for event in sim.control.events("payout.")
    ]
    assert happened[:3] == [(0, "created")] * 3
    assert happened[3:] == [(5, "updated"), (5, "paid"), (10, "updated"), (10, "updated"), (20, "paid"), (60, "paid")]


def test_a_clock_that_runs_does_what_is_due_by_itself():
    with threaded_simulator(payout_transit_after=0.2, payout_standard_after=0.5) as sim:
        shop = Shop(sim)
        seller = shop.funded()
        shop.api.payouts.create({"amount": 500, "currency": "aed"}, {"stripe_account": seller})
        until = time.monotonic() + 60
        while not sim.control.events("payout.paid"):
            assert time.monotonic() < until
            time.sleep(0.1)


def test_waiting_messages_follow_an_endpoint_that_moved(tmp_path: Path):
    def open_app(port: int) -> App:
        endpoint = {"url": f"http://127.0.0.1:{port}/hook", "secret": "whsec_1", "connect": False, "enabled": True}
        return App(tmp_path / "state", public_url="http://x", endpoints=[endpoint])

    first = open_app(1)
    with first.world.store.transaction():
        first.world.announce("balance.available", {"object": "balance"}, "acct_1SoukPlatform0000")
    first.world.store.close()
    second = open_app(2)
    assert [row["url"] for row in second.world.store.rows("SELECT url FROM deliveries")] == ["http://127.0.0.1:2/hook"]
    assert len(second.world.endpoints()) == 1
    second.world.store.close()


def test_logs_of_an_older_version_are_dropped_and_money_is_not(tmp_path: Path):
    old = sqlite3.connect(tmp_path / "state")
    old.execute("CREATE TABLE requests (id TEXT)")
    old.execute(
        "CREATE TABLE money (account TEXT, currency TEXT, available_on INTEGER, net INTEGER, balance_transaction TEXT)"
    )
    old.execute("INSERT INTO money VALUES ('acct', 'aed', 0, 5, 'txn')")
    old.commit()
    old.close()
    store = Store(tmp_path / "state")
    assert len(store.rows("SELECT * FROM money")) == 1
    assert store.rows("SELECT ignored FROM requests") == []
    store.close()


def test_listens_on_a_socket_too(tmp_path: Path):
    address = tmp_path / "stripe.sock"
    command = [sys.executable, "-m", "stripe_simulator", "--uds", str(address), "--state", str(tmp_path / "state")]
    process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603
    try:
        until = time.monotonic() + 60
        while not address.exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        connection = http.client.HTTPConnection("simulator")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(address))
        connection.request("GET", "/v1/balance", headers={"Authorization": "Bearer sk_test_x"})
        answer = connection.getresponse()
        assert json.loads(answer.read())["object"] == "balance"
        connection.close()
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_terms_and_endpoints_are_given_on_the_command_line():
    hook = "http://127.0.0.1:9/hook"
    with running_simulator(
        webhooks=[(hook, "whsec_1")], connect_webhooks=[(hook + "/c", "whsec_2")], fee_fixed=0
    ) as sim:
        assert sim.control.state()["terms"]["fee_fixed"] == 0
        found = {
            kept["url"]: (kept["connect"], kept["secret"]) for kept in sim.control.ask("GET", "webhooks")["webhooks"]
        }
        assert found == {hook: (False, "whsec_1"), hook + "/c": (True, "whsec_2")}


@pytest.mark.parametrize("wrong", ["nowhere", "http://x", "http://x="])
def test_refuses_endpoints_without_an_address_or_a_secret(tmp_path: Path, wrong: str):
    command = [sys.executable, "-m", "stripe_simulator", "--state", str(tmp_path / "state"), "--webhook", wrong]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert answer.returncode == 1
    assert "URL=SECRET" in answer.stderr
