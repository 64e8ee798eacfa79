import pytest

from accounts import selectors
from accounts.actions import register_person
from accounts.errors import (
    EmailTaken,
    IdentifierRequired,
    NotAnEmail,
    NotAPhone,
    NotAUsername,
    PhoneNotSupported,
    PhoneTaken,
    UsernameReserved,
    UsernameTaken,
    WeakPassword,
)
from accounts.models import Challenge, User
from accounts.tests.factories import PASSWORD, UserFactory
from core.models import OutboxEvent

pytestmark = pytest.mark.django_db


def test_adds_a_person_and_sends_a_code_to_each_identifier():
    user = register_person(
        username="Layla",
        email="Layla@Example.com",
        phone="050 123 4567",
        password=PASSWORD,
        full_name=" Layla  Haddad ",
    )
    user.refresh_from_db()
    assert (user.username, user.email, str(user.phone)) == ("Layla", "layla@example.com", "+971501234567")
    assert (user.full_name, user.display_name) == ("Layla Haddad", "Layla H.")
    assert user.check_password(PASSWORD)
    assert not user.is_verified
    assert user.role == "both"
    assert sorted(Challenge.objects.values_list("channel", "identifier", "purpose")) == [
        ("email", "layla@example.com", "verify"),
        ("sms", "+971501234567", "verify"),
    ]
    names = list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))
    assert names == ["accounts.code_requested"] * 2 + ["accounts.person_registered"]


def test_the_code_stands_nowhere():
    register_person(username="layla", email="layla@example.com")
    challenge = Challenge.objects.get()
    message = selectors.challenge_message(challenge.pk)
    assert message.to == "layla@example.com"
    assert len(message.code) == 6
    stored = str(list(OutboxEvent.objects.values())) + str(list(Challenge.objects.values()))
    assert message.code not in stored.replace(str(challenge.created_at), "").replace(str(challenge.pk), "")


@pytest.mark.parametrize(("role", "sells"), [("buyer", False), ("seller", True), ("both", True)])
def test_role_is_what_the_person_chose(role, sells):
    user = register_person(username="layla", email="layla@example.com", role=role)
    assert user.role == role
    assert (user.sells_since is not None) is sells


def test_identifiers_that_somebody_else_proved_get_no_code():
    user = register_person(username="layla", email="layla@example.com", proven=["email"])
    assert user.is_verified
    assert not Challenge.objects.exists()


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"username": "la"}, NotAUsername),
        ({"username": "layla!"}, NotAUsername),
        ({"username": "_layla"}, NotAUsername),
        ({"username": "ليلى"}, NotAUsername),
        ({"username": "0501234567"}, NotAUsername),
        ({"username": "Admin"}, UsernameReserved),
        ({"email": "layla"}, NotAnEmail),
        ({"email": "layla@example"}, NotAnEmail),
        ({"email": "la@" + "x" * 250 + ".com"}, NotAnEmail),
        ({"phone": "12"}, NotAPhone),
        ({"phone": "call me"}, NotAPhone),
        ({"phone": "+44 7400 123456"}, PhoneNotSupported),
        ({"email": None}, IdentifierRequired),
        ({"password": "12345678"}, WeakPassword),
        ({"password": "short"}, WeakPassword),
        ({"password": "laylalayla"}, WeakPassword),
        ({"password": "x1" * 80}, WeakPassword),
    ],
)
def test_refuses_what_is_not_valid_and_adds_nobody(given, refusal):
    with pytest.raises(refusal):
        register_person(**{"username": "laylalayla", "email": "layla@example.com", **given})
    assert not User.objects.exists()
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"username": "LAYLA"}, UsernameTaken),
        ({"email": "LAYLA@example.com"}, EmailTaken),
        ({"phone": "+971 50 123 4567"}, PhoneTaken),
    ],
)
def test_refuses_what_is_taken_in_any_spelling_and_adds_nobody(given, refusal):
    UserFactory(username="layla", email="layla@example.com", phone="+971501234567")
    with pytest.raises(refusal):
        register_person(**{"username": "other", "email": "other@example.com", **given})
    assert User.objects.count() == 1
    assert not OutboxEvent.objects.exists()
