import json
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from stripe import WebhookSignature

from accounts.tests.factories import UserFactory
from conftest import WEBHOOK_SECRETS
from core.errors import NotAllowed
from core.models import OutboxEvent
from payments.actions import (
    cancel_payment,
    confirm_test_payment,
    process_due_events,
    process_event,
    process_event_again,
    refund_hold,
    run_command,
    run_due_commands,
    sweep_missed_events,
    sync_what_hangs,
)
from payments.models import Payment, ProviderCommand, ProviderEvent, SellerAccount
from payments.states import InboxState, PaymentState, RefundState
from payments.tests.money import aed, asked, part, seller_ready

pytestmark = pytest.mark.django_db

PLATFORM, CONNECT = "/api/v1/webhooks/stripe", "/api/v1/webhooks/stripe/connect"


def event(kind="payment_intent.succeeded", thing=None, **facts):
    return {
        "id": "evt_1",
        "object": "event",
        "type": kind,
        "created": int(time.time()),
        "livemode": False,
        "api_version": "2026-10-28.endive",
        "data": {"object": thing or {"id": "pi_1", "object": "payment_intent", "receipt_email": "layla@example.com"}},
        **facts,
    }


def ring(api, said, *, to=PLATFORM, secret=WEBHOOK_SECRETS["platform"], at=None, altered=False, signature=None):
    body = said if isinstance(said, str) else json.dumps(said)
    if signature is None:
        signature = WebhookSignature.generate_signature_header(body, secret, timestamp=at or int(time.time()))
    sent = body.replace("pi_1", "pi_2") if altered else body
    return api.post(to, sent, content_type="application/json", HTTP_STRIPE_SIGNATURE=signature)


def ring_all(api, stripe_sim, seen):
    """Send what the simulator has told since, as it would."""
    for said in reversed(stripe_sim.control.events()):
        if said["id"] in seen:
            continue
        seen.add(said["id"])
        to, which = (CONNECT, "connect") if said.get("account") else (PLATFORM, "platform")
        assert ring(api, said, to=to, secret=WEBHOOK_SECRETS[which]).status_code == 200


def test_a_signed_event_lies_in_the_inbox_once_without_what_it_says_of_people(api, stripe_sim):
    for _ in range(3):
        assert ring(api, event()).json() == {"received": "evt_1"}
    kept = ProviderEvent.objects.get()
    assert (kept.id, kept.type, kept.object_id) == ("evt_1", "payment_intent.succeeded", "pi_1")
    assert kept.payload == {"id": "pi_1", "object": "payment_intent"}
    assert OutboxEvent.objects.filter(name="payments.provider_event_received").count() == 1


def test_the_answer_waits_for_the_inbox_and_the_outbox_and_nothing_else(api, stripe_sim):
    asked = len(stripe_sim.control.requests())
    statements = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            assert ring(api, event()).status_code == 200
        statements.append([query["sql"].split("(")[0].split() for query in seen if "SAVEPOINT" not in query["sql"]])
    assert [words[:3] for words in statements[0]] == [
        ["INSERT", "INTO", "payments_providerevent"],
        ["WITH", "told", "AS"],
    ]
    assert [words[:3] for words in statements[1]] == [["INSERT", "INTO", "payments_providerevent"]]
    assert len(stripe_sim.control.requests()) == asked  # the thing itself is looked at by a worker
    assert ProviderEvent.objects.get().state == InboxState.RECEIVED


@pytest.mark.parametrize(
    "how",
    [
        {"at": int(time.time()) - 86400},
        {"at": int(time.time()) + 86400},
        {"altered": True},
        {"secret": WEBHOOK_SECRETS["connect"]},
        {"secret": "whsec_of_nobody"},
        {"signature": ""},
        {"signature": "t=1"},
        {"signature": "t=x,v1=y"},
    ],
    ids=["old", "future", "altered", "the other endpoint's", "nobody's", "none", "half", "nonsense"],
)
def test_what_is_not_signed_here_and_now_is_refused(api, stripe_sim, how):
    answer = ring(api, event(), **how)
    assert (answer.status_code, answer.json()["code"]) == (400, "payments.bad_event")
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize(("seconds", "status"), [(-290, 200), (290, 200), (-310, 400), (310, 400)])
def test_a_signature_is_good_for_five_minutes_both_ways(api, stripe_sim, seconds, status):
    assert ring(api, event(), at=int(time.time()) + seconds).status_code == status


def test_another_scheme_is_no_signature(api, stripe_sim):
    body = json.dumps(event())
    good = WebhookSignature.generate_signature_header(body, WEBHOOK_SECRETS["platform"])
    assert ring(api, body, signature=good.replace("v1=", "v0=")).status_code == 400


def test_both_secrets_are_good_while_one_replaces_the_other(api, stripe_sim, settings):
    settings.STRIPE = settings.STRIPE | {"webhook_secrets": ["whsec_new", WEBHOOK_SECRETS["platform"]]}
    assert ring(api, event()).status_code == 200
    assert ring(api, event(id="evt_2"), secret="whsec_new").status_code == 200


def test_what_is_no_event_is_refused(api, stripe_sim):
    assert ring(api, "no json").status_code == 400
    assert ring(api, json.dumps({"big": "x" * (1024 * 1024)})).status_code == 413
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize(
    "facts", [{"livemode": True}, {"account": "acct_1"}, {"type": "invoice.paid"}], ids=["live", "account", "kind"]
)
def test_what_is_not_ours_is_ignored(api, stripe_sim, facts):
    ring(api, event(**facts))
    assert process_event(event_id="evt_1") == InboxState.IGNORED
    assert ProviderEvent.objects.get().error


def test_an_event_of_a_thing_that_is_not_there_is_ignored(api, stripe_sim):
    ring(api, event())
    assert process_event(event_id="evt_1") == InboxState.IGNORED
    assert "resource_missing" in ProviderEvent.objects.get().error


def opened():
    payment = asked(part(UserFactory()))
    run_command(command_id=ProviderCommand.objects.get(subject=f"payment:{payment.pk}").pk)
    payment.refresh_from_db()
    return payment


def pay(stripe_sim, payment, method="pm_card_visa"):
    """In the payer's browser: we are told by the bell alone."""
    stripe_sim.client().v1.payment_intents.confirm(
        payment.provider_id,
        {"payment_method": method, "return_url": "http://testserver/"},
        {"idempotency_key": f"browser:{payment.pk}:{method}"},
    )


def test_the_bell_brings_the_capture_the_refund_and_its_failure(api, stripe_sim):
    payment, seen = opened(), set()
    pay(stripe_sim, payment)
    ring_all(api, stripe_sim, seen)
    process_due_events()
    payment.refresh_from_db()
    assert payment.state == PaymentState.CAPTURED
    assert payment.provider_fee_minor
    refund = refund_hold(
        reference=payment.holds.get().reference, amount=aed(5000), reason="asked", requested_by=None, by_staff=False
    )
    run_due_commands()
    refund.refresh_from_db()
    stripe_sim.control.refund(refund.provider_id, "failed")
    ring_all(api, stripe_sim, seen)
    process_due_events()
    refund.refresh_from_db()
    assert refund.state == RefundState.FAILED
    assert not ProviderEvent.objects.filter(state__in=("received", "failed")).exists()


def test_a_bell_that_rings_before_the_answer_is_written_down_finds_the_payment(api, stripe_sim):
    payment = asked(part(UserFactory()))
    command = ProviderCommand.objects.get(subject=f"payment:{payment.pk}")
    stripe_sim.control.fault("drop_connection_after", path_prefix="/v1/payment_intents", times=3)
    run_command(command_id=command.pk)
    assert Payment.objects.get().provider_id == ""
    made = stripe_sim.client().v1.payment_intents.list({}).data[0]
    payment.provider_id = made.id
    pay(stripe_sim, payment)
    ring_all(api, stripe_sim, set())
    process_due_events()
    payment.refresh_from_db()
    assert payment.state == PaymentState.CAPTURED
    ProviderCommand.objects.update(due_at=timezone.now())
    run_due_commands()
    assert ProviderCommand.objects.get(pk=command.pk).state == "done"


def test_while_the_provider_is_away_an_event_waits_and_staff_can_ring_again(api, stripe_sim):
    payment = opened()
    pay(stripe_sim, payment)
    ring_all(api, stripe_sim, set())
    stripe_sim.control.fault("rate_limit_429", method="GET", times=100)
    process_due_events()
    stripe_sim.control.clear_faults()
    waiting = ProviderEvent.objects.filter(state=InboxState.FAILED).first()
    assert waiting.due_at > timezone.now()
    assert waiting.attempts == 1
    with pytest.raises(NotAllowed):
        process_event_again(staff=UserFactory(is_staff=True), event_id=waiting.pk)
    for row in ProviderEvent.objects.filter(state=InboxState.FAILED):
        process_event_again(staff=UserFactory(is_superuser=True), event_id=row.pk)
    process_due_events()
    payment.refresh_from_db()
    assert payment.state == PaymentState.CAPTURED


def test_what_no_bell_told_is_swept_up(stripe_sim):
    payment = opened()
    stripe_sim.control.webhook("http://127.0.0.1:9/nowhere", "whsec_x")
    pay(stripe_sim, payment)
    assert sweep_missed_events() > 0
    assert sweep_missed_events() == 0
    process_due_events()
    payment.refresh_from_db()
    assert payment.state == PaymentState.CAPTURED


def test_a_payment_that_hangs_is_looked_at(stripe_sim):
    payment = opened()
    pay(stripe_sim, payment)
    assert sync_what_hangs(older_than=timezone.now() - timedelta(minutes=15)) == 0
    assert sync_what_hangs(older_than=timezone.now() + timedelta(minutes=1)) == 1
    payment.refresh_from_db()
    assert payment.state == PaymentState.CAPTURED


def test_a_seller_who_cuts_us_off_cannot_be_paid(api, stripe_sim):
    seller = seller_ready(provider_id="acct_1")
    said = event("account.application.deauthorized", {"id": "ca_1", "object": "application"}, account="acct_1")
    ring(api, said, to=CONNECT, secret=WEBHOOK_SECRETS["connect"])
    assert process_event(event_id="evt_1") == InboxState.PROCESSED
    account = SellerAccount.objects.get(pk=seller.pk)
    assert account.deauthorized_at
    assert not account.payouts_enabled


def test_a_warning_of_fraud_is_passed_on(api, stripe_sim):
    payment = opened()
    confirm_test_payment(payment_id=payment.pk, method="pm_card_visa")
    payment.refresh_from_db()
    stripe_sim.control.fraud_warning(payment.charge_id)
    ring_all(api, stripe_sim, set())
    process_due_events()
    told = OutboxEvent.objects.get(name="payments.fraud_warned")
    assert told.payload == {"payment_id": str(payment.pk), "reference": payment.reference}


def test_a_cancelled_payment_that_was_paid_is_captured_by_the_bell(api, stripe_sim):
    payment = opened()
    pay(stripe_sim, payment)
    cancel_payment(reference=payment.reference)
    ring_all(api, stripe_sim, set())
    process_due_events()
    payment.refresh_from_db()
    assert payment.state == PaymentState.CAPTURED
