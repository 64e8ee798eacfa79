import json
import threading
from collections import Counter
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import stripe

from stripe_simulator.testing import Simulator
from stripe_simulator.tests.conftest import Shop


def post(sim: Simulator, path: str, key: str, **fields: str) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers, body."""
    connection = HTTPConnection(urlsplit(sim.url).netloc, timeout=60)
    headers = {"Authorization": "Bearer sk_test_x", "Idempotency-Key": key}
    connection.request("POST", path, urlencode(fields), headers)
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, json.loads(answer.read())
    connection.close()
    return found


def test_the_same_key_gives_the_same_answer_and_does_nothing_twice(sim: Simulator, shop: Shop):
    first = post(sim, "/v1/customers", "cus:1", email="maha@souk.example")
    again = post(sim, "/v1/customers", "cus:1", email="maha@souk.example")
    assert first[2] == again[2]
    assert ("idempotent-replayed" in first[1], again[1]["idempotent-replayed"]) == (False, "true")
    assert again[1]["original-request"] == first[1]["request-id"]
    assert len(shop.api.customers.list().data) == 1
    assert len(sim.control.events("customer.created")) == 1


def test_the_same_key_for_something_else_is_an_error(sim: Simulator, shop: Shop):
    post(sim, "/v1/customers", "cus:1", email="maha@souk.example")
    status, _, body = post(sim, "/v1/customers", "cus:1", email="omar@souk.example")
    assert (status, body["error"]["type"]) == (400, "idempotency_error")
    status, _, _ = post(sim, "/v1/accounts", "cus:1", country="AE")
    assert status == 400
    assert len(shop.api.customers.list().data) == 1
    with pytest.raises(stripe.IdempotencyError):
        shop.api.customers.create({"email": "noor@souk.example"}, {"idempotency_key": "cus:1"})


def test_a_key_belongs_to_an_account(shop: Shop):
    first, second = shop.funded(5000), shop.seller()
    shop.api.transfers.create({"amount": 900, "currency": "aed", "destination": second})
    asked: Any = {"amount": 500, "currency": "aed"}
    one = shop.api.payouts.create(asked, {"stripe_account": first, "idempotency_key": "po:1"})
    other = shop.api.payouts.create(asked, {"stripe_account": second, "idempotency_key": "po:1"})
    assert one.id != other.id


def test_a_declined_card_is_kept_for_the_key(shop: Shop):
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            shop.api.payment_intents.create(
                {"amount": 500, "currency": "aed", "confirm": True, "payment_method": "pm_card_chargeDeclined",
                 "return_url": "https://a.example"},
                {"idempotency_key": "pi:1"},
            )  # fmt: skip
    assert len(shop.api.charges.list().data) == 1


def test_a_refusal_that_came_from_executing_is_kept_too(shop: Shop, sim: Simulator):
    seller = shop.seller()
    asked: Any = {"amount": 500, "currency": "aed", "destination": seller}
    with pytest.raises(stripe.InvalidRequestError):
        shop.api.transfers.create(asked, {"idempotency_key": "tr:1"})
    shop.paid(card="pm_card_bypassPending")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.transfers.create(asked, {"idempotency_key": "tr:1"})
    assert refused.value.code == "balance_insufficient"
    assert shop.api.transfers.create(asked, {"idempotency_key": "tr:2"}).amount == 500


def test_what_never_began_is_not_kept(sim: Simulator):
    assert post(sim, "/v1/customers", "cus:1", bogus="1")[0] == 400
    sim.control.fault("rate_limit_429", times=1)
    assert post(sim, "/v1/customers", "cus:1", email="a@souk.example")[0] == 429
    sim.control.fault("conflict_409", times=1)
    assert post(sim, "/v1/customers", "cus:1", email="b@souk.example")[0] == 409
    assert post(sim, "/v1/customers", "cus:1", email="c@souk.example")[0] == 200


def test_two_at_once_with_one_key_are_one(sim: Simulator, shop: Shop):
    sim.control.fault("slow", seconds=3, times=1, path_prefix="/v1/customers", method="POST")
    statuses: list[int] = []
    codes: list[str] = []

    def send() -> None:
        status, _, body = post(sim, "/v1/customers", "cus:1", email="maha@souk.example")
        statuses.append(status)
        codes.append(body.get("error", {}).get("code", ""))

    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert set(statuses) == {200, 409}
    assert Counter(codes)["idempotency_key_in_use"] == statuses.count(409)
    assert len(shop.api.customers.list().data) == 1


def test_the_library_itself_retries_through_a_conflict(sim: Simulator, shop: Shop):
    sim.control.fault("conflict_409", times=2)
    client = sim.client(max_network_retries=3)
    client.v1.customers.create({"email": "maha@souk.example"}, {"idempotency_key": "cus:1"})
    assert [kept["status"] for kept in sim.control.requests("/v1/customers")] == [409, 409, 200]
    assert len(shop.api.customers.list().data) == 1


@pytest.mark.parametrize("effect", [True, False])
def test_a_saved_500_stays_whatever_happened_behind_it(sim: Simulator, shop: Shop, effect: bool):
    sim.control.fault("error_500_saved", times=1, effect=effect)
    for _ in range(3):
        status, headers, body = post(sim, "/v1/customers", "cus:1", email="maha@souk.example")
        assert (status, body["error"]["type"], headers.get("stripe-should-retry", "false")) == (
            500,
            "api_error",
            "false",
        )
    assert len(shop.api.customers.list().data) == int(effect)
    assert post(sim, "/v1/customers", "cus:1:a2", email="maha@souk.example")[0] == 200


def test_keys_are_forgotten_after_a_day(sim: Simulator, shop: Shop):
    post(sim, "/v1/customers", "cus:1", email="maha@souk.example")
    sim.control.advance(86_399)
    post(sim, "/v1/customers", "cus:1", email="maha@souk.example")
    assert len(shop.api.customers.list().data) == 1
    sim.control.advance(2)
    post(sim, "/v1/customers", "cus:1", email="maha@souk.example")
    assert len(shop.api.customers.list().data) == 2


def test_keys_are_forgotten_on_demand(sim: Simulator, shop: Shop):
    post(sim, "/v1/customers", "cus:1", email="maha@souk.example")
    assert sim.control.prune_keys() == 1
    post(sim, "/v1/customers", "cus:1", email="maha@souk.example")
    assert len(shop.api.customers.list().data) == 2
