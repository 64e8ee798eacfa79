import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import selectors
from accounts.models import Challenge, Session, User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/auth"


def login(api, **given):
    return api.post(f"{AUTH}/login", {"password": PASSWORD, **given})


def bearer(tokens):
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def code_for(identifier, purpose):
    challenge = Challenge.objects.filter(identifier=identifier, purpose=purpose).latest("id")
    return selectors.challenge_message(challenge.pk).code


def test_registers_and_is_signed_in_at_once(api):
    answer = api.post(
        f"{AUTH}/register",
        {"username": "layla", "email": "layla@example.com", "password": PASSWORD, "full_name": "Layla Haddad"},
    )
    assert answer.status_code == 201, answer.content
    tokens = answer.json()
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 900
    assert tokens["user"]["email"] == "layla@example.com"
    assert tokens["user"]["is_verified"] is False
    me = api.get(f"{AUTH}/me", headers=bearer(tokens))
    assert me.status_code == 200
    assert me.json() == tokens["user"]
    assert me["ETag"]


def test_proves_the_address_by_code(api):
    api.post(f"{AUTH}/register", {"username": "layla", "email": "layla@example.com"})
    wrong = api.post(f"{AUTH}/verify-otp", {"email": "layla@example.com", "otp_code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "accounts.wrong_code")
    assert not User.objects.get().is_verified
    code = code_for("layla@example.com", "verify")
    right = api.post(f"{AUTH}/verify-otp", {"email": "Layla@example.com", "otp_code": code})
    assert right.json() == {"verified": True, "channel": "email"}
    assert User.objects.get().is_verified
    again = api.post(f"{AUTH}/verify-otp", {"email": "layla@example.com", "otp_code": code})
    assert again.json()["code"] == "accounts.wrong_code"


@pytest.mark.parametrize(
    "name",
    [
        {"identifier": "layla@example.com"},
        {"identifier": "LAYLA"},
        {"identifier": "050 123 4567"},
        {"email": "Layla@Example.com"},
        {"username": "layla"},
        {"phone": "+971501234567"},
    ],
)
def test_signs_in_by_any_name(api, name):
    UserFactory(username="layla", email="layla@example.com", phone="+971501234567")
    answer = login(api, **name)
    assert answer.status_code == 200, answer.content
    assert answer.json()["user"]["username"] == "layla"
    assert User.objects.get().last_login is not None


@pytest.mark.parametrize(
    "given",
    [
        {"identifier": "layla", "password": "wrong"},
        {"identifier": "nobody", "password": PASSWORD},
        {"identifier": "erased", "password": PASSWORD},
        {"identifier": "codes.only", "password": PASSWORD},
    ],
)
def test_every_failed_sign_in_has_the_same_answer(api, given):
    UserFactory(username="layla")
    UserFactory(username="erased", is_active=False)
    UserFactory(username="codes.only", codes_only=True)
    answer = api.post(f"{AUTH}/login", given)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"]
    body = answer.json()
    body.pop("request_id")
    assert body == {
        "type": "https://soukloop.example/problems/accounts.wrong_credentials",
        "title": "Not signed in",
        "status": 401,
        "detail": "This name and password do not belong together.",
        "code": "accounts.wrong_credentials",
        "errors": [],
    }
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("given", "attr"),
    [
        ({"password": "x"}, "identifier"),
        ({"identifier": "a", "email": "b", "password": "x"}, "identifier"),
        ({"identifier": "a"}, "password"),
        ({"identifier": "a", "password": "x", "code": "1"}, "password"),
        ({"identifier": "a", "password": "x", "remember": True}, "remember"),
    ],
)
def test_a_sign_in_names_one_person_and_one_proof(api, given, attr):
    answer = api.post(f"{AUTH}/login", given)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == attr


def test_the_suspended_may_sign_in_and_read_why(api):
    UserFactory(username="layla", suspended=True)
    assert login(api, username="layla").json()["user"]["suspended_at"] is not None


def test_signs_in_by_code(api):
    UserFactory(username="layla", phone="+971501234567")
    sent = api.post(f"{AUTH}/send-otp", {"phone": "0501234567", "purpose": "login"})
    assert sent.status_code == 202
    assert sent.json()["expires_in"] == 120
    code = code_for("+971501234567", "login")
    answer = api.post(f"{AUTH}/login", {"phone": "+971501234567", "code": code})
    assert answer.json()["user"]["username"] == "layla"


def test_signs_in_by_code_through_verify_too(api):
    UserFactory(username="layla", email="layla@example.com")
    sent = api.post(f"{AUTH}/send-otp", {"email": "layla@example.com", "purpose": "login"}).json()
    answer = api.post(
        f"{AUTH}/verify-otp",
        {
            "email": "layla@example.com",
            "purpose": "login",
            "code": code_for("layla@example.com", "login"),
            "challenge_id": sent["challenge_id"],
        },
    )
    assert answer.json()["user"]["username"] == "layla"
    assert answer.json()["access_token"]


def test_an_unknown_identifier_gets_the_same_answer_and_no_message(api):
    UserFactory(email="layla@example.com")
    known = api.post(f"{AUTH}/send-otp", {"email": "layla@example.com", "purpose": "login"})
    unknown = api.post(f"{AUTH}/send-otp", {"email": "nobody@example.com", "purpose": "login"})
    assert known.status_code == unknown.status_code == 202
    assert known.json().keys() == unknown.json().keys()
    assert known.json()["expires_in"] == unknown.json()["expires_in"]
    assert selectors.challenge_message(unknown.json()["challenge_id"]) is None


def test_a_refresh_token_gives_its_child_and_a_used_one_ends_the_session(api):
    UserFactory(username="layla")
    first = login(api, username="layla").json()
    second = api.post(f"{AUTH}/refresh", {"refresh_token": first["refresh_token"]})
    assert second.status_code == 200
    tokens = second.json()
    assert tokens["refresh_token"] != first["refresh_token"]
    within_grace = api.post(f"{AUTH}/refresh", {"refresh_token": first["refresh_token"]}).json()
    assert within_grace["refresh_token"] == tokens["refresh_token"]
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        reused = api.post(f"{AUTH}/refresh", {"refresh_token": first["refresh_token"]})
        assert (reused.status_code, reused.json()["code"]) == (401, "accounts.refresh_token_reused")
        child = api.post(f"{AUTH}/refresh", {"refresh_token": tokens["refresh_token"]})
        assert child.json()["code"] == "accounts.session_ended"
        assert api.get(f"{AUTH}/me", headers=bearer(tokens)).json()["code"] == "accounts.session_ended"


@pytest.mark.parametrize("mangle", ["access", "rubbish", "signature"])
def test_what_is_no_refresh_token_is_refused(api, mangle):
    UserFactory(username="layla")
    tokens = login(api, username="layla").json()
    sent = {
        "access": tokens["access_token"],
        "rubbish": "abc",
        "signature": re.sub(r"\.[^.]+$", ".AAAA", tokens["refresh_token"]),
    }[mangle]
    answer = api.post(f"{AUTH}/refresh", {"refresh_token": sent})
    assert (answer.status_code, answer.json()["code"]) == (401, "accounts.invalid_token")


def test_a_stale_header_does_not_stand_in_the_way_of_signing_in(api):
    UserFactory(username="layla")
    answer = api.post(
        f"{AUTH}/login", {"username": "layla", "password": PASSWORD}, headers={"Authorization": "Bearer stale"}
    )
    assert answer.status_code == 200
