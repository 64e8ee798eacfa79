from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.actions import end_all_sessions, issue_socket_ticket, open_session, redeem_socket_ticket
from accounts.actions.housekeeping import forget_old_rows
from accounts.errors import InvalidTicket, SessionEnded, Suspended
from accounts.models import Session, SocketTicket
from accounts.states import SessionKind
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tokens import token_pair
from core.testing import counted_queries

pytestmark = pytest.mark.django_db


def session_of(person) -> Session:
    return open_session(user=person, kind=SessionKind.API).session


def test_stands_for_its_session_once():
    session = session_of(UserFactory())
    ticket = issue_socket_ticket(session=session).ticket
    assert redeem_socket_ticket(ticket=ticket) == session
    with pytest.raises(InvalidTicket):
        redeem_socket_ticket(ticket=ticket)


def test_only_its_hash_is_kept():
    ticket = issue_socket_ticket(session=session_of(UserFactory())).ticket
    row = SocketTicket.objects.get()
    assert len(ticket) >= 43  # 256 bits
    assert ticket not in str(vars(row))
    assert len(row.hash) == 64


def test_is_void_after_thirty_seconds():
    ticket = issue_socket_ticket(session=session_of(UserFactory())).ticket
    with time_machine.travel(timezone.now() + timedelta(seconds=31)), pytest.raises(InvalidTicket):
        redeem_socket_ticket(ticket=ticket)
    assert SocketTicket.objects.get().used_at is None


def test_is_void_with_its_session_and_is_not_used_up_by_the_refusal():
    person = UserFactory()
    ticket = issue_socket_ticket(session=session_of(person)).ticket
    end_all_sessions(user=person, because="signed_out_everywhere")
    with pytest.raises(SessionEnded):
        redeem_socket_ticket(ticket=ticket)
    assert SocketTicket.objects.get().used_at is None


def test_suspended_people_get_none_and_use_none():
    person = UserFactory()
    session = session_of(person)
    ticket = issue_socket_ticket(session=session).ticket
    person.suspended_at = timezone.now()
    person.save()
    with pytest.raises(Suspended):
        redeem_socket_ticket(ticket=ticket)
    session.refresh_from_db()
    with pytest.raises(Suspended):
        issue_socket_ticket(session=session)
    assert SocketTicket.objects.count() == 1


@pytest.mark.parametrize("ticket", ["", "x", "\0", "ا" * 50])
def test_nonsense_is_no_ticket(ticket):
    with pytest.raises(InvalidTicket):
        redeem_socket_ticket(ticket=ticket)


def test_redeeming_asks_the_database_three_times():
    ticket = issue_socket_ticket(session=session_of(UserFactory())).ticket
    with counted_queries() as queries:
        redeem_socket_ticket(ticket=ticket)
    assert len([q for q in queries if "SAVEPOINT" not in q["sql"]]) == 3


def test_late_ones_are_forgotten():
    issue_socket_ticket(session=session_of(UserFactory()))
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        kept = issue_socket_ticket(session=session_of(UserFactory()))
        assert forget_old_rows()["socket_tickets"] == 1
    assert SocketTicket.objects.get().expires_at == kept.expires_at


def test_an_app_gets_one_for_its_token(api):
    person = UserFactory()
    opened = open_session(user=person, kind=SessionKind.API)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token_pair(person, opened.refresh_token)['access_token']}")
    answer = api.post("/api/v1/realtime/tickets", headers={"Accept-Language": "ar"})
    assert answer.status_code == 201
    assert answer.json()["url"] == f"ws://testserver/ws/v1/me/?ticket={answer.json()['ticket']}&lang=ar"
    assert redeem_socket_ticket(ticket=answer.json()["ticket"]) == opened.session


def test_a_browser_gets_one_for_its_session_and_its_csrf_token():
    person = UserFactory()
    browser = Client(enforce_csrf_checks=True)
    browser.get("/login")
    browser.post(
        "/login",
        {
            "identifier": person.username,
            "password": PASSWORD,
            "csrfmiddlewaretoken": browser.cookies["csrftoken"].value,
        },
    )
    assert browser.post("/api/v1/realtime/tickets", content_type="application/json").status_code == 403
    token = browser.cookies["csrftoken"].value
    answer = browser.post("/api/v1/realtime/tickets", content_type="application/json", headers={"X-CSRFToken": token})
    assert answer.status_code == 201
    assert redeem_socket_ticket(ticket=answer.json()["ticket"]).kind == SessionKind.WEB


def test_a_suspended_person_is_refused_at_the_door(api):
    person = UserFactory()
    opened = open_session(user=person, kind=SessionKind.API)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token_pair(person, opened.refresh_token)['access_token']}")
    person.suspended_at = timezone.now()
    person.save()
    refused = api.post("/api/v1/realtime/tickets")
    assert (refused.status_code, refused.json()["code"]) == (403, "accounts.suspended")
    assert not SocketTicket.objects.exists()
