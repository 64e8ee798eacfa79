"""How sockets end."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import end_all_sessions, restrict_person, revoke_session
from accounts.models import Session
from accounts.tests.factories import UserFactory
from core.tests.callers import bearer_of, signed_in

pytestmark = pytest.mark.usefixtures("committed")


def test_a_session_that_is_revoked_takes_its_sockets_with_it_and_leaves_the_others(dial, person, deliver):
    here, there = signed_in(person), signed_in(person)
    kept, ended = dial(person, session=here), dial(person, session=there)
    revoke_session(user=person, session_id=there.pk)
    deliver()
    assert ended.closed() == 4401
    kept.send("ping")
    assert kept.hear("pong")


def test_signing_out_everywhere_ends_all_sockets(dial, person, deliver):
    phones = [dial(person), dial(person)]
    end_all_sessions(user=person, because="signed_out_everywhere")
    deliver()
    assert [phone.closed() for phone in phones] == [4401, 4401]


def test_a_suspension_ends_sockets_and_a_lesser_restriction_does_not(dial, person, deliver):
    phone = dial(person)
    restrict_person(user=person, kind="sell", reason_en="x", reason_ar="x")
    deliver()
    phone.send("ping")
    assert phone.hear("pong")
    restrict_person(user=person, kind="account", reason_en="x", reason_ar="x")
    deliver()
    assert phone.closed() == 4403


def test_without_being_told_a_socket_looks_by_itself(dial, person, settings):
    settings.REALTIME = settings.REALTIME | {"recheck_seconds": 0.5}
    phone = dial(person)
    Session.objects.filter(user=person).update(revoked_at=timezone.now())
    assert phone.closed() == 4401


def test_no_command_passes_after_the_end_even_if_nobody_was_told(dial, person, app):
    phone = dial(person)
    Session.objects.filter(user=person).update(revoked_at=timezone.now())
    assert phone.refused("test:echo", {"words": "x"})["code"] == "accounts.session_ended"
    assert phone.closed() == 4401
    assert not app.callers


def test_a_socket_ends_with_the_token_that_opened_it(exchange, person):
    bearer = bearer_of(person)
    phone = exchange.open(headers=bearer)
    phone.hear("ready")
    with time_machine.travel(timezone.now() + timedelta(minutes=15)):
        assert phone.closed() == 4401


def test_a_silent_socket_ends(dial, person, settings):
    settings.REALTIME = settings.REALTIME | {"silent_seconds": 2.0}
    silent, alive = dial(person), dial(person)
    for _ in range(30):
        alive.send("ping")
        time.sleep(0.1)
    assert silent.closed() == 4408
    assert alive.hear("pong")


def test_the_sixth_socket_ends_the_oldest(dial, person):
    other = dial(UserFactory(username=f"other{time.time_ns()}", phone=None))
    phones = [dial(person) for _ in range(6)]
    assert phones[0].closed() == 4409
    for phone in (*phones[1:], other):
        phone.send("ping")
        assert phone.hear("pong")


def test_the_oldest_goes_first_even_when_places_were_renewed_in_between(dial, exchange, person):
    phones = [dial(person) for _ in range(5)]
    exchange.hold_places()
    dial(person)
    assert phones[0].closed() == 4409
    phones[1].send("ping")
    assert phones[1].hear("pong")
