"""Who gets in at `/ws/v1/me/`."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.actions import restrict_person, revoke_session
from accounts.models import SocketTicket
from core.tests.callers import OURS, bearer_of, signed_in, ticket_of

pytestmark = pytest.mark.usefixtures("committed")


def test_the_first_frame_says_who_and_how(exchange, person):
    phone = exchange.open(headers=OURS, ticket=ticket_of(person))
    ready = phone.hear()
    assert (ready["type"], ready["stream"], ready["seq"]) == ("ready", "me", None)
    assert ready["data"]["person_id"] == str(person.pk)
    assert ready["data"]["heartbeat_seconds"] == 25
    said_at = datetime.fromisoformat(ready["data"]["server_time"])
    assert abs(said_at - timezone.now()) < timedelta(seconds=5)


def test_an_app_comes_with_its_token_and_without_an_origin(exchange, person):
    assert exchange.open(headers=bearer_of(person)).hear("ready")


@pytest.mark.parametrize(
    ("headers", "query", "code"),
    [
        (OURS, {}, 4401),
        (OURS, {"ticket": "made-up"}, 4401),
        (OURS | {"Authorization": "Bearer made-up"}, {}, 4401),
        (OURS | {"Authorization": "Basic bW9uYTpw"}, {}, 4401),
    ],
)
def test_nobody_gets_in_without_a_proof(exchange, headers, query, code):
    assert exchange.open(headers=headers, **query).closed() == code


def test_a_ticket_opens_one_socket(exchange, person):
    ticket = ticket_of(person)
    assert exchange.open(headers=OURS, ticket=ticket).hear("ready")
    assert exchange.open(headers=OURS, ticket=ticket).closed() == 4401


def test_a_ticket_is_good_for_thirty_seconds(exchange, person):
    ticket = ticket_of(person)
    SocketTicket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert exchange.open(headers=OURS, ticket=ticket).closed() == 4401


def test_a_ticket_of_an_ended_session_opens_nothing(exchange, person):
    session = signed_in(person)
    ticket = ticket_of(person, session=session)
    revoke_session(user=person, session_id=session.pk)
    assert exchange.open(headers=OURS, ticket=ticket).closed() == 4401


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://testserver.elsewhere.example", "null", None])
def test_a_ticket_is_for_our_own_pages(exchange, person, origin):
    ticket = ticket_of(person)
    phone = exchange.open(headers={"Origin": origin} if origin else {}, ticket=ticket)
    assert phone.closed() == 4403
    assert SocketTicket.objects.filter(session__user=person, used_at=None).exists()


def test_a_page_of_another_site_gets_in_with_no_token_either(exchange, person):
    assert exchange.open(headers=bearer_of(person) | {"Origin": "https://elsewhere.example"}).closed() == 4403


def test_an_origin_is_ours_by_the_host_it_asked_or_by_the_settings(exchange, person, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://souk.example", "https://*.souk.example"]
    for ours in settings.CSRF_TRUSTED_ORIGINS:
        assert exchange.open(headers={"Origin": ours.replace("*", "ar")}, ticket=ticket_of(person)).hear("ready")
    for other in ("http://ar.souk.example", "https://arsouk.example", "https://souk.example.com"):
        assert exchange.open(headers={"Origin": other}, ticket=ticket_of(person)).closed() == 4403
    settings.ALLOWED_HOSTS = ["souk.example"]
    assert exchange.open(headers=OURS, ticket=ticket_of(person)).closed() == 4403


def test_a_suspended_person_is_told_why(exchange, person):
    ticket, bearer = ticket_of(person), bearer_of(person)
    restrict_person(user=person, kind="account", reason_en="x", reason_ar="x")
    assert exchange.open(headers=OURS, ticket=ticket).closed() == 4403
    assert exchange.open(headers=bearer).closed() == 4403


def test_other_addresses_are_refused_in_the_handshake(exchange):
    assert exchange.open("/ws/v1/you/").closed() == 4404
