from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import proofs, selectors
from accounts.actions import (
    confirm_serious_step,
    prove_identifier,
    reset_password,
    send_code,
    send_confirmation_code,
    sign_in_with_code,
)
from accounts.actions.linked_accounts import link_account
from accounts.errors import (
    ConfirmationRequired,
    PhoneNotSupported,
    TooManyCodes,
    WrongCode,
    WrongPassword,
    WrongResetLink,
)
from accounts.identifiers import read_email, read_identifier, read_phone
from accounts.models import Challenge, Session, User
from accounts.tests.factories import PASSWORD, UserFactory
from core.context import Trace, current
from core.models import OutboxEvent, RateBucket
from core.testing import counted_queries

pytestmark = pytest.mark.django_db
EMAIL = read_email("layla@example.com")


def code_of(challenge):
    return proofs.code_of(challenge.pk)


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.parametrize(
    ("counter", "code"),
    list(
        enumerate(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])
    ),
)
def test_codes_are_those_of_rfc_4226(counter, code):
    assert proofs.hotp(b"12345678901234567890", counter) == code


def test_another_server_key_makes_other_codes(settings):
    challenge = Challenge(identifier="x")
    before = [proofs.code_of(challenge.pk), proofs.reset_token(challenge.pk)]
    settings.OTP_KEY = "another"
    assert proofs.code_of(challenge.pk) != before[0]
    assert proofs.reset_token(challenge.pk) != before[1]


@pytest.mark.parametrize(
    ("purpose", "identifier", "seconds"),
    [
        ("verify", "layla@example.com", 600),
        ("verify", "+971501234567", 600),
        ("login", "layla@example.com", 600),
        ("login", "+971501234567", 120),
        ("reset_password", "+971501234567", 3600),
    ],
)
def test_a_code_lives_as_long_as_its_purpose_says(purpose, identifier, seconds):
    challenge = send_code(identifier=read_identifier(identifier), purpose=purpose)
    assert (challenge.expires_at - challenge.created_at).total_seconds() == seconds


def test_proves_once():
    user = UserFactory(email=EMAIL.value, unproven=True)
    challenge = send_code(identifier=EMAIL, purpose="verify")
    assert prove_identifier(identifier=EMAIL, code=code_of(challenge)) == user
    user.refresh_from_db()
    assert user.email_verified_at is not None
    assert user.phone_verified_at is None
    with pytest.raises(WrongCode):
        prove_identifier(identifier=EMAIL, code=code_of(challenge))
    assert OutboxEvent.objects.filter(name="accounts.identifier_verified").count() == 1


def test_the_fifth_wrong_try_is_the_last():
    UserFactory(email=EMAIL.value, unproven=True)
    challenge = send_code(identifier=EMAIL, purpose="verify")
    for _try in range(5):
        with pytest.raises(WrongCode):
            prove_identifier(identifier=EMAIL, code=wrong(code_of(challenge)))
    with pytest.raises(WrongCode):
        prove_identifier(identifier=EMAIL, code=code_of(challenge))
    challenge.refresh_from_db()
    assert challenge.tries == 5
    assert not User.objects.get().is_verified


def test_a_code_runs_out():
    UserFactory(email=EMAIL.value, unproven=True)
    challenge = send_code(identifier=EMAIL, purpose="verify")
    with time_machine.travel(timezone.now() + timedelta(seconds=601)), pytest.raises(WrongCode):
        prove_identifier(identifier=EMAIL, code=code_of(challenge))
    assert not User.objects.get().is_verified


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "12 456"])
def test_what_is_no_code_is_a_wrong_code(code):
    UserFactory(email=EMAIL.value, unproven=True)
    send_code(identifier=EMAIL, purpose="verify")
    with pytest.raises(WrongCode):
        prove_identifier(identifier=EMAIL, code=code)


def test_a_code_of_one_purpose_does_nothing_else():
    UserFactory(email=EMAIL.value, unproven=True)
    challenge = send_code(identifier=EMAIL, purpose="verify")
    with pytest.raises(WrongCode):
        sign_in_with_code(identifier=EMAIL, code=code_of(challenge))
    with pytest.raises(WrongCode):
        sign_in_with_code(identifier=EMAIL, code=code_of(challenge), challenge_id=challenge.pk)


def test_the_newest_code_counts_unless_its_sending_is_named():
    UserFactory(email=EMAIL.value, unproven=True)
    first = send_code(identifier=EMAIL, purpose="verify")
    send_code(identifier=EMAIL, purpose="verify")
    with pytest.raises(WrongCode):
        prove_identifier(identifier=EMAIL, code=code_of(first))
    prove_identifier(identifier=EMAIL, code=code_of(first), challenge_id=first.pk)


def test_a_challenge_of_somebody_else_proves_nothing():
    UserFactory(email=EMAIL.value, unproven=True)
    other = UserFactory(unproven=True)
    challenge = send_code(identifier=read_email(other.email), purpose="verify")
    with pytest.raises(WrongCode):
        prove_identifier(identifier=EMAIL, code=code_of(challenge), challenge_id=challenge.pk)


def test_a_code_for_nobody_opens_nothing():
    challenge = send_code(identifier=EMAIL, purpose="login")
    assert challenge.user is None
    with pytest.raises(WrongCode):
        sign_in_with_code(identifier=EMAIL, code=code_of(challenge))


def test_signing_in_by_an_unproven_address_is_not_offered_beside_a_password():
    UserFactory(email=EMAIL.value, unproven=True)
    challenge = send_code(identifier=EMAIL, purpose="login")
    assert selectors.challenge_message(challenge.pk) is None


def test_without_a_password_the_first_code_proves_the_address_and_ends_what_was_opened_before(api):
    user = UserFactory(email=EMAIL.value, unproven=True, codes_only=True)
    api.force_login(user)
    challenge = send_code(identifier=EMAIL, purpose="login")
    assert sign_in_with_code(identifier=EMAIL, code=code_of(challenge)) == user
    assert Session.objects.get().revoked_because == "identifier_proven"
    assert User.objects.get().email_verified_at is not None


def test_the_erased_get_no_codes():
    UserFactory(email=EMAIL.value, is_active=False)
    assert send_code(identifier=EMAIL, purpose="login").user is None


def test_sms_go_to_listed_countries_only():
    with pytest.raises(PhoneNotSupported):
        send_code(identifier=read_phone("+44 7400 123456"), purpose="login")
    assert not Challenge.objects.exists()


def test_three_sends_an_hour_for_an_identifier_known_or_not(settings):
    settings.RATE_LIMITS_ENABLED = True
    for _send in range(3):
        send_code(identifier=EMAIL, purpose="login")
    with pytest.raises(TooManyCodes) as refused:
        send_code(identifier=EMAIL, purpose="verify")
    assert 0 < refused.value.retry_after <= 1200
    assert Challenge.objects.count() == 3
    assert not RateBucket.objects.filter(key__contains="layla").exists()


def test_twenty_sends_an_hour_from_one_address(settings):
    settings.RATE_LIMITS_ENABLED = True
    token = current.set(Trace(ip="192.0.2.7"))
    try:
        for n in range(20):
            send_code(identifier=read_email(f"p{n}@example.com"), purpose="login")
        with pytest.raises(TooManyCodes):
            send_code(identifier=read_email("another@example.com"), purpose="login")
    finally:
        current.reset(token)
    assert Challenge.objects.count() == 20


@pytest.mark.parametrize("purpose", ["login", "verify", "reset_password"])
def test_known_and_unknown_identifiers_cost_the_same_queries(purpose):
    UserFactory(email=EMAIL.value)
    with counted_queries() as known:
        send_code(identifier=EMAIL, purpose=purpose)
    with counted_queries() as unknown:
        send_code(identifier=read_email("nobody@example.com"), purpose=purpose)
    assert [q["sql"].split()[0] for q in known] == [q["sql"].split()[0] for q in unknown]


def test_a_wrong_code_costs_the_same_queries_for_known_and_unknown():
    UserFactory(email=EMAIL.value)
    other = read_email("nobody@example.com")
    codes = [send_code(identifier=i, purpose="login") for i in (EMAIL, other)]
    costs = []
    for challenge, identifier in zip(codes, (EMAIL, other), strict=True):
        with counted_queries() as queries, pytest.raises(WrongCode):
            sign_in_with_code(identifier=identifier, code=wrong(code_of(challenge)))
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_a_serious_step_is_confirmed_by_the_password():
    user = UserFactory()
    confirm_serious_step(user=user, password=PASSWORD)
    with pytest.raises(WrongPassword):
        confirm_serious_step(user=user, password="wrong")
    with pytest.raises(ConfirmationRequired):
        confirm_serious_step(user=user)


def test_a_serious_step_is_confirmed_by_a_code_of_ones_own():
    user, other = UserFactory(codes_only=True), UserFactory()
    challenge = send_confirmation_code(user=user)
    with pytest.raises(WrongCode):
        confirm_serious_step(user=other, code=code_of(challenge))
    confirm_serious_step(user=user, code=code_of(challenge))
    with pytest.raises(WrongCode):
        confirm_serious_step(user=user, code=code_of(challenge))


@pytest.mark.parametrize("purpose", ["login", "reset_password"])
@pytest.mark.parametrize("other_way", ["phone", "google"])
def test_an_unproven_address_is_no_way_into_an_account_that_has_another(purpose, other_way):
    """Somebody opened it with an address that is not theirs; its owner must not move in with them."""
    squatter = UserFactory(email=EMAIL.value, email_verified_at=None, codes_only=True)
    if other_way == "google":
        User.objects.update(phone_verified_at=None)
        link_account(user=squatter, provider="google", uid="g-1")
    challenge = send_code(identifier=EMAIL, purpose=purpose)
    assert challenge.user is None
    with pytest.raises(WrongCode):
        sign_in_with_code(identifier=EMAIL, code=code_of(challenge))
    assert User.objects.get().email_verified_at is None


def test_a_way_in_that_is_added_while_the_code_travels_closes_it():
    squatter = UserFactory(email=EMAIL.value, unproven=True, codes_only=True)
    challenge = send_code(identifier=EMAIL, purpose="login")
    token = proofs.reset_token(send_code(identifier=EMAIL, purpose="reset_password").pk)
    link_account(user=squatter, provider="google", uid="g-1")
    with pytest.raises(WrongCode):
        sign_in_with_code(identifier=EMAIL, code=code_of(challenge))
    with pytest.raises(WrongResetLink):
        reset_password(token=token, new_password="another palm grove")
    person = User.objects.get()
    assert person.email_verified_at is None
    assert not person.has_usable_password()
