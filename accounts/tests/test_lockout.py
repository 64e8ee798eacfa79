from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import RequestFactory
from django.utils import timezone

from accounts import proofs
from accounts.models import Challenge, Session
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
LOGIN = "/api/v1/auth/login"


@pytest.fixture(autouse=True)
def _guarded(settings):
    settings.AXES_ENABLED = True


def fail(api, times, **given):
    for _n in range(times):
        answer = api.post(LOGIN, {"identifier": "layla", "password": "wrong", **given})
    return answer


def test_ten_failures_lock_the_door_for_a_quarter_of_an_hour(api):
    UserFactory(username="layla")
    assert fail(api, 9).json()["code"] == "accounts.wrong_credentials"
    tenth = fail(api, 1)
    assert (tenth.status_code, tenth.json()["code"]) == (429, "accounts.locked_out")
    assert tenth["Content-Type"] == "application/problem+json"
    assert 0 < int(tenth["Retry-After"]) <= 900
    right = api.post(LOGIN, {"identifier": "layla", "password": PASSWORD})
    assert right.json()["code"] == "accounts.locked_out"
    assert not Session.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        assert api.post(LOGIN, {"identifier": "layla", "password": PASSWORD}).status_code == 200


def test_knocking_on_a_locked_door_does_not_keep_it_locked(api):
    UserFactory(username="layla")
    fail(api, 10)
    with time_machine.travel(timezone.now() + timedelta(minutes=14)):
        assert fail(api, 1).json()["code"] == "accounts.locked_out"
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        assert api.post(LOGIN, {"identifier": "layla", "password": PASSWORD}).status_code == 200


def test_all_names_of_a_person_count_together(api):
    UserFactory(username="layla", email="layla@example.com", phone="+971501234567")
    fail(api, 4)
    fail(api, 3, identifier="Layla@example.com")
    fail(api, 3, identifier="050 123 4567")
    assert api.post(LOGIN, {"identifier": "layla", "password": PASSWORD}).json()["code"] == "accounts.locked_out"


def test_unknown_names_are_locked_alike(api):
    assert fail(api, 9, identifier="nobody@example.com").json()["code"] == "accounts.wrong_credentials"
    assert fail(api, 1, identifier="nobody@example.com").json()["code"] == "accounts.locked_out"


def test_neither_names_nor_passwords_are_kept(api):
    UserFactory(username="layla", email="layla@example.com")
    fail(api, 1, identifier="layla@example.com")
    fail(api, 1, identifier="nobody@example.com")
    kept = str(list(AccessAttempt.objects.values()))
    assert "layla" not in kept
    assert "nobody" not in kept
    assert "wrong" not in kept


def test_another_address_is_not_locked(api):
    UserFactory(username="layla")
    fail(api, 10)
    answer = api.post(LOGIN, {"identifier": "layla", "password": PASSWORD}, REMOTE_ADDR="192.0.2.9")
    assert answer.status_code == 200


def test_success_forgets_the_failures(api):
    UserFactory(username="layla")
    fail(api, 9)
    api.post(LOGIN, {"identifier": "layla", "password": PASSWORD})
    assert not AccessAttempt.objects.exists()
    assert fail(api, 9).json()["code"] == "accounts.wrong_credentials"


def test_a_code_opens_a_door_that_passwords_locked(api):
    user = UserFactory(username="layla")
    fail(api, 10)
    api.post("/api/v1/auth/send-otp", {"email": user.email, "purpose": "login"})
    code = proofs.code_of(Challenge.objects.get().pk)
    assert api.post(LOGIN, {"email": user.email, "code": code}).status_code == 200


def test_a_new_password_unlocks(api):
    user = UserFactory(username="layla")
    fail(api, 10)
    api.post("/api/v1/auth/forgot-password", {"email": user.email})
    token = proofs.reset_token(Challenge.objects.get().pk)
    reset = api.post("/api/v1/auth/reset-password", {"token": token, "new_password": "another palm grove"})
    assert reset.status_code == 204
    assert api.post(LOGIN, {"identifier": "layla", "password": "another palm grove"}).status_code == 200


def test_many_addresses_against_one_account_are_slowed_down(api, settings):
    settings.RATE_LIMITS_ENABLED = True
    UserFactory(username="layla")
    for n in range(60):
        api.post(LOGIN, {"identifier": "layla", "password": "wrong"}, REMOTE_ADDR=f"192.0.2.{n}")
    answer = api.post(LOGIN, {"identifier": "layla", "password": PASSWORD}, REMOTE_ADDR="192.0.2.99")
    assert answer.json()["code"] == "accounts.locked_out"
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("name", ["layla", "nobody", "codes.only", "erased"])
def test_every_failure_costs_one_hash(monkeypatch, settings, name):
    settings.AXES_ENABLED = False
    UserFactory(username="layla")
    UserFactory(username="codes.only", codes_only=True)
    UserFactory(username="erased", is_active=False)
    hashed = []
    original = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *args: hashed.append(1) or original(self, *args))
    assert authenticate(RequestFactory().post("/"), username=name, password="wrong") is None
    assert len(hashed) == 1
