import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar
from urllib.parse import parse_qs

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.events import CodeRequested
from accounts.models import Challenge
from accounts.tests.factories import UserFactory
from core.events import publish
from core.models import Delivery, OutboxEvent
from notifications.channels import ChannelFailed, TwilioSms
from notifications.models import DevMessage


class FakeTwilio(BaseHTTPRequestHandler):
    """Speaks as much of Twilio's Messages resource as we use."""

    seen: ClassVar[list] = []
    answer = 201

    def do_POST(self):
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.seen.append((self.path, self.headers["Authorization"], body))
        self.send_response(self.answer)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.fixture
def twilio(settings):
    FakeTwilio.seen, FakeTwilio.answer = [], 201
    server = HTTPServer(("127.0.0.1", 0), FakeTwilio)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.TWILIO_API_BASE = f"http://127.0.0.1:{server.server_port}"
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = "AC1", "secret", "Souk"
    yield FakeTwilio
    server.shutdown()


def test_twilio_gets_one_message_with_our_name(twilio):
    TwilioSms().send(to="+971501234567", text="hello")
    path, authorization, body = twilio.seen[0]
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert authorization.startswith("Basic ")
    assert body == {"To": ["+971501234567"], "From": ["Souk"], "Body": ["hello"]}


def test_what_twilio_refuses_is_tried_again(twilio):
    twilio.answer = 503
    with pytest.raises(ChannelFailed):
        TwilioSms().send(to="+971501234567", text="hello")


def test_twilio_away_is_tried_again(settings):
    settings.TWILIO_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(ChannelFailed):
        TwilioSms().send(to="+971501234567", text="hello")


@pytest.mark.django_db
@pytest.mark.parametrize(("channel", "identifier"), [("email", "mona@example.com"), ("sms", "+971501234567")])
def test_a_code_reaches_the_person_and_is_written_nowhere_else(deliver, channel, identifier):
    challenge = Challenge.objects.create(
        purpose="verify",
        channel=channel,
        identifier=identifier,
        user=UserFactory(),
        expires_at=timezone.now() + timedelta(minutes=10),
    )
    with transaction.atomic():
        publish(CodeRequested(challenge_id=challenge.pk))
    deliver()
    sent = DevMessage.objects.get()
    code = next(w for w in (sent.subject + " " + sent.body).split() if w.isdigit() and len(w) == 6)
    assert (sent.channel, sent.to) == (channel, identifier)
    assert code not in str(list(OutboxEvent.objects.values())) + str(list(Delivery.objects.values()))
