from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import storages
from django.utils import timezone

from accounts import ports
from accounts.actions import (
    block_person,
    cancel_erasure,
    follow_person,
    open_session,
    request_erasure,
    request_export,
    restrict_person,
)
from accounts.actions.erasure import carry_out_due_erasures, carry_out_erasure
from accounts.errors import ErasureBlocked, ErasureUnderWay, NoErasure, WrongPassword
from accounts.models import Address, Block, Challenge, Device, Erasure, Follow, Session, User
from accounts.tests.factories import PASSWORD, AddressFactory, DeviceFactory, UserFactory
from core.models import AuditEntry, OutboxEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_ports(monkeypatch):
    for name in ("_erasers", "_erasure_blockers"):
        monkeypatch.setattr(ports, name, dict(getattr(ports, name)))


def due():
    return time_machine.travel(timezone.now() + timedelta(days=7, seconds=1))


def asked(user):
    return request_erasure(user=user, password=PASSWORD)


def test_is_due_after_a_week_and_not_before():
    user = UserFactory()
    erasure = asked(user)
    assert erasure.due_at - erasure.requested_at == timedelta(days=7)
    assert carry_out_due_erasures() == 0
    assert carry_out_erasure(erasure_id=erasure.pk) is None
    user.refresh_from_db()
    assert user.is_active


def test_nothing_of_the_person_is_left(deliver):
    user = UserFactory(
        username="layla", email="layla@example.com", phone="+971501234567", full_name="Layla Haddad", bio="I sell lamps"
    )
    other = UserFactory()
    AddressFactory(user=user)
    DeviceFactory(user=user)
    follow_person(follower=user, followed=other)
    follow_person(follower=other, followed=user)
    block_person(blocker=user, blocked=UserFactory())
    open_session(user=user, kind="api", user_agent="app/1")
    export = request_export(user=user)
    deliver()
    export.refresh_from_db()
    erased = []
    ports.register_eraser("shop", lambda person: erased.append(person.pk) or {"drafts": 2})
    erasure = asked(user)
    with due():
        assert carry_out_due_erasures() == 1
        assert carry_out_due_erasures() == 0
    deliver()

    gone = User.objects.get(pk=user.pk)
    assert not gone.is_active
    assert gone.erased_at is not None
    assert gone.username.startswith("deleted_")
    row = str(User.objects.filter(pk=user.pk).values().get()).lower()
    for word in ("layla", "haddad", "lamps", "501234567"):
        assert word not in row
    assert not gone.has_usable_password()
    for model in (Address, Device, Follow, Block, Session, Challenge):
        assert not model.objects.exists(), model
    other.refresh_from_db()
    assert (other.followers_count, other.following_count) == (0, 0)
    assert not storages["private"].exists(export.key)
    erasure.refresh_from_db()
    assert erasure.state == "done"
    assert erasure.receipt["erased"]["shop"] == {"drafts": 2}
    assert erasure.receipt["erased"]["accounts"]["addresses"] == 1
    assert erased == [user.pk]
    assert AuditEntry.objects.filter(action="accounts.erase_person", target_id=str(user.pk)).exists()
    assert OutboxEvent.objects.filter(name="accounts.person_erased").count() == 1
    assert OutboxEvent.objects.filter(name="accounts.session_revoked").count() == 1


def test_who_cannot_be_forgotten_keeps_nobody_else_waiting():
    stubborn, other = UserFactory(), UserFactory()
    erasures = [asked(stubborn), asked(other)]

    def fail_for_one(user):
        if user.pk == stubborn.pk:
            raise ZeroDivisionError
        return ""

    ports.register_erasure_blocker("shop", fail_for_one)
    with due():
        assert carry_out_due_erasures() == 1
    for erasure in erasures:
        erasure.refresh_from_db()
    assert [erasure.state for erasure in erasures] == ["requested", "done"]


def test_the_name_can_be_taken_again():
    user = UserFactory(username="layla", email="layla@example.com", phone="+971501234567")
    asked(user)
    with due():
        carry_out_due_erasures()
    UserFactory(username="layla", email="layla@example.com", phone="+971501234567")


def test_a_suspension_outlives_the_person():
    user = UserFactory()
    restrict_person(user=user, kind="account", reason_en="Fraud.", reason_ar="احتيال.")
    asked(user)
    with due():
        carry_out_due_erasures()
    user.refresh_from_db()
    assert user.suspended_at is not None
    assert user.restrictions.count() == 1


def test_wants_the_password():
    user = UserFactory()
    with pytest.raises(WrongPassword):
        request_erasure(user=user, password="wrong")
    assert not Erasure.objects.exists()


def test_once_is_enough():
    user = UserFactory()
    asked(user)
    with pytest.raises(ErasureUnderWay):
        asked(user)
    assert Erasure.objects.count() == 1


def test_what_is_unfinished_stands_in_the_way():
    user = UserFactory()
    ports.register_erasure_blocker("orders", lambda person: "An order is open.")
    with pytest.raises(ErasureBlocked) as refused:
        asked(user)
    assert "An order is open." in refused.value.message
    assert not Erasure.objects.exists()


def test_what_begins_in_the_meantime_puts_it_off_for_a_day():
    user = UserFactory()
    erasure = asked(user)
    ports.register_erasure_blocker("orders", lambda person: "An order is open.")
    with due():
        assert carry_out_due_erasures() == 0
        erasure.refresh_from_db()
        assert erasure.state == "requested"
        assert erasure.due_at > timezone.now() + timedelta(hours=23)
    user.refresh_from_db()
    assert user.is_active


def test_one_may_change_ones_mind():
    user = UserFactory()
    erasure = asked(user)
    cancel_erasure(user=user)
    erasure.refresh_from_db()
    assert erasure.state == "cancelled"
    with due():
        assert carry_out_due_erasures() == 0
    with pytest.raises(NoErasure):
        cancel_erasure(user=user)
    asked(user)


def test_an_eraser_that_fails_leaves_everything_as_it_was():
    user = UserFactory()
    AddressFactory(user=user)
    erasure = asked(user)

    def fails(person):
        raise RuntimeError

    ports.register_eraser("zzz", fails)
    with due(), pytest.raises(RuntimeError):
        carry_out_erasure(erasure_id=erasure.pk)
    user.refresh_from_db()
    assert user.is_active
    assert Address.objects.count() == 1


def test_through_the_api(api):
    user = UserFactory()
    api.force_authenticate(user)
    path = "/api/v1/users/me/erasure"
    assert api.get(path).status_code == 404
    assert api.post(path, {}).json()["code"] == "accounts.confirmation_required"
    assert api.post(path, {"password": "wrong"}).json()["code"] == "accounts.wrong_password"
    assert api.post(path, {"password": PASSWORD}).status_code == 202
    assert api.get(path).json()["state"] == "requested"
    assert api.get("/api/v1/users/me").json()["erasure_due_at"]
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
