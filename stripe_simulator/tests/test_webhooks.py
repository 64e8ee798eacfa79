import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from stripe_simulator.testing import Simulator
from stripe_simulator.tests.conftest import Shop

SECRETS = {"/stripe": "whsec_platform", "/stripe/connect": "whsec_connect"}


class Mailbox:
    """An endpoint that keeps what it got; `answers` are the statuses of the next deliveries, then 200."""

    def __init__(self) -> None:
        self.got: list[tuple[str, bytes, str]] = []
        self.answers: list[int] = []
        box = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                box.got.append((self.path, body, self.headers["Stripe-Signature"]))
                self.send_response(box.answers.pop(0) if box.answers else 200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def events(self, path: str = "/stripe") -> list[stripe.Event]:
        """Each verified by the library with the endpoint's own secret."""
        return [
            stripe.Webhook.construct_event(body, signature, SECRETS[where])
            for where, body, signature in list(self.got)
            if where == path
        ]


@pytest.fixture
def mailbox(sim: Simulator) -> Iterator[Mailbox]:
    box = Mailbox()
    for path, secret in SECRETS.items():
        sim.control.webhook(box.url + path, secret, connect=path.endswith("connect"))
    sim.control.deliveries("normal", first_pause=0.05)
    yield box
    for path, secret in SECRETS.items():
        sim.control.webhook(box.url + path, secret, connect=path.endswith("connect"), enabled=False)
    sim.control.reset()
    box.server.shutdown()
    box.server.server_close()


def test_events_arrive_signed_and_once(sim: Simulator, shop: Shop, mailbox: Mailbox):
    intent = shop.paid()
    sim.control.wait_until_delivered()
    got = mailbox.events()
    assert sorted(event.type for event in got) == [
        "charge.succeeded",
        "payment_intent.created",
        "payment_intent.succeeded",
    ]
    paid = next(event for event in got if event.type == "payment_intent.succeeded")
    assert paid.data.object["id"] == intent.id
    assert paid.request is not None
    assert paid.request.idempotency_key
    assert shop.api.events.retrieve(paid.id).pending_webhooks == 0


def test_a_forged_or_old_message_does_not_pass(sim: Simulator, shop: Shop, mailbox: Mailbox):
    shop.api.customers.create({})
    sim.control.wait_until_delivered()
    _, body, signature = mailbox.got[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", signature, SECRETS["/stripe"])
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, SECRETS["/stripe/connect"])
    mailbox.got.clear()
    sim.control.redeliver(age=172_800)
    sim.control.wait_until_delivered()
    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        mailbox.events()


def test_what_concerns_a_seller_goes_to_the_other_endpoint(sim: Simulator, shop: Shop, mailbox: Mailbox):
    seller = shop.funded()
    shop.api.payouts.create({"amount": 500, "currency": "aed"}, {"stripe_account": seller})
    sim.control.wait_until_delivered()
    theirs = mailbox.events("/stripe/connect")
    assert {event.account for event in theirs} == {seller}
    assert {"account.updated", "capability.updated", "payout.created"} <= {event.type for event in theirs}
    assert not any("account" in event for event in mailbox.events())


def test_refused_messages_come_again_with_growing_pauses(sim: Simulator, shop: Shop, mailbox: Mailbox):
    mailbox.answers += [500, 404, 301]
    shop.api.customers.create({})
    sim.control.wait_until_delivered()
    assert [event.type for event in mailbox.events()] == ["customer.created"] * 4
    assert len({event.id for event in mailbox.events()}) == 1
    row = sim.control.deliveries()[0]
    assert (row["state"], row["attempts"], row["status"]) == ("delivered", 4, 200)


def test_undelivered_events_can_be_asked_for(sim: Simulator, shop: Shop, mailbox: Mailbox):
    shop.api.customers.create({})
    sim.control.wait_until_delivered()
    sim.control.deliveries("fail", first_pause=60)
    shop.paid()
    eventually(lambda: all(row["attempts"] for row in sim.control.deliveries()))
    missed = shop.api.events.list({"delivery_success": False, "types": ["payment_intent.succeeded", "charge.refunded"]})
    assert [event.type for event in missed.data] == ["payment_intent.succeeded"]
    assert len(shop.api.events.list({"delivery_success": False}).data) == 3
    assert [e.type for e in shop.api.events.list({"delivery_success": True}).data] == ["customer.created"]
    sim.control.deliveries("normal")
    sim.control.retry_now()
    sim.control.wait_until_delivered()
    assert shop.api.events.list({"delivery_success": False}).data == []


def test_held_messages_wait(sim: Simulator, shop: Shop, mailbox: Mailbox):
    sim.control.deliveries("hold")
    shop.api.customers.create({})
    time.sleep(0.5)
    assert mailbox.got == []
    sim.control.deliveries("normal")
    sim.control.wait_until_delivered()
    assert len(mailbox.got) == 1


def test_messages_can_come_several_times_and_in_another_order(sim: Simulator, shop: Shop, mailbox: Mailbox):
    sim.control.deliveries("duplicate", copies=3)
    shop.api.customers.create({})
    sim.control.wait_until_delivered()
    assert len(mailbox.got) == 3
    sim.control.deliveries("hold")
    made = [shop.api.customers.create({"email": f"{number}@souk.example"}).email for number in range(12)]
    mailbox.got.clear()
    sim.control.deliveries("shuffle", seed=3, window=0.1)
    sim.control.wait_until_delivered()
    came = [event.data.object["email"] for event in mailbox.events()]
    assert sorted(came) == sorted(made, key=str)
    assert came != made


def test_a_message_can_be_sent_again(sim: Simulator, shop: Shop, mailbox: Mailbox):
    shop.api.customers.create({})
    shop.api.customers.create({})
    sim.control.wait_until_delivered()
    sim.control.redeliver(json.loads(mailbox.got[0][1])["id"])
    sim.control.wait_until_delivered()
    assert len(mailbox.got) == 3
    sim.control.redeliver()
    sim.control.wait_until_delivered()
    assert len(mailbox.got) == 5


def test_events_say_what_changed(sim: Simulator, shop: Shop):
    customer = shop.api.customers.create({"email": "old@souk.example"})
    shop.api.customers.update(customer.id, {"email": "new@souk.example"})
    event = shop.api.events.list({"type": "customer.updated"}).data[0]
    assert event.data.previous_attributes.to_dict() == {"email": "old@souk.example"}
    assert event.data.object["email"] == "new@souk.example"


def test_a_list_of_events_knows_its_account(sim: Simulator, shop: Shop):
    seller = shop.seller()
    on_seller: Any = {"stripe_account": seller}
    assert {e.type for e in shop.api.events.list({"limit": 100}, on_seller).data} >= {"account.updated"}
    assert not [e for e in shop.api.events.list({"limit": 100}).data if "account" in e]


def eventually(holds: Any) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)
