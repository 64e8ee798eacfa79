import pytest

from accounts import proofs, selectors
from accounts.actions import (
    confirm_identifier_change,
    open_session,
    request_identifier_change,
    request_password_reset,
    reset_password,
)
from accounts.errors import (
    ChangeNotFound,
    ConfirmationRequired,
    EmailTaken,
    WrongCode,
    WrongPassword,
    WrongResetLink,
)
from accounts.identifiers import read_email, read_phone
from accounts.models import Challenge, IdentifierChange, User
from accounts.tests.factories import PASSWORD, UserFactory
from core.models import OutboxEvent
from notifications.models import DevMessage

pytestmark = pytest.mark.django_db
NEW = read_email("new@example.com")


def code(identifier, purpose):
    return proofs.code_of(Challenge.objects.filter(identifier=identifier, purpose=purpose).latest("id").pk)


def test_both_sides_confirm_in_any_order_and_the_old_one_hears_of_it(deliver):
    user = UserFactory(email="old@example.com")
    here, there = (open_session(user=user, kind="api").session for _n in range(2))
    change = request_identifier_change(user=user, identifier=NEW)
    confirm_identifier_change(
        user=user, change_id=change.pk, side="new", code=code(NEW.value, "change_new"), session_id=here.pk
    )
    user.refresh_from_db()
    assert user.email == "old@example.com"
    confirm_identifier_change(
        user=user, change_id=change.pk, side="old", code=code("old@example.com", "change_old"), session_id=here.pk
    )
    user.refresh_from_db()
    assert user.email == NEW.value
    assert user.email_verified_at is not None
    assert not selectors.fallen_sessions([here.pk])
    assert selectors.fallen_sessions([there.pk])
    event = OutboxEvent.objects.get(name="accounts.identifier_changed")
    assert event.payload["change_id"] == str(change.pk)
    assert "old@example.com" not in str(event.payload)
    deliver()
    assert DevMessage.objects.filter(to="old@example.com", subject="Security of your account").count() == 1


def test_one_side_alone_changes_nothing():
    user = UserFactory(email="old@example.com")
    change = request_identifier_change(user=user, identifier=NEW)
    confirm_identifier_change(user=user, change_id=change.pk, side="new", code=code(NEW.value, "change_new"))
    with pytest.raises(WrongCode):
        confirm_identifier_change(user=user, change_id=change.pk, side="old", code=code(NEW.value, "change_new"))
    user.refresh_from_db()
    assert user.email == "old@example.com"


def test_without_a_proven_old_one_the_password_stands_for_it():
    user = UserFactory(phone=None, phone_verified_at=None)
    phone = read_phone("+971509999999")
    with pytest.raises(ConfirmationRequired):
        request_identifier_change(user=user, identifier=phone)
    with pytest.raises(WrongPassword):
        request_identifier_change(user=user, identifier=phone, password="wrong")
    assert not IdentifierChange.objects.exists()
    change = request_identifier_change(user=user, identifier=phone, password=PASSWORD)
    confirm_identifier_change(user=user, change_id=change.pk, side="new", code=code(phone.value, "change_new"))
    user.refresh_from_db()
    assert str(user.phone) == phone.value
    assert not OutboxEvent.objects.filter(name="accounts.identifier_changed").exists()


def test_an_address_that_somebody_has_gets_no_code_and_the_answer_does_not_tell():
    UserFactory(email=NEW.value)
    user = UserFactory(email="old@example.com")
    change = request_identifier_change(user=user, identifier=NEW)
    challenge = Challenge.objects.get(purpose="change_new")
    assert selectors.challenge_message(challenge.pk) is None
    with pytest.raises(WrongCode):
        confirm_identifier_change(user=user, change_id=change.pk, side="new", code=proofs.code_of(challenge.pk))


def test_an_address_taken_in_the_meantime_is_refused_and_nothing_changes():
    user = UserFactory(email="old@example.com")
    change = request_identifier_change(user=user, identifier=NEW)
    confirm_identifier_change(user=user, change_id=change.pk, side="old", code=code("old@example.com", "change_old"))
    UserFactory(email=NEW.value)
    with pytest.raises(EmailTaken):
        confirm_identifier_change(user=user, change_id=change.pk, side="new", code=code(NEW.value, "change_new"))
    user.refresh_from_db()
    assert user.email == "old@example.com"


def test_a_change_belongs_to_whoever_asked_for_it():
    user, other = UserFactory(email="old@example.com"), UserFactory()
    change = request_identifier_change(user=user, identifier=NEW)
    with pytest.raises(ChangeNotFound):
        confirm_identifier_change(user=other, change_id=change.pk, side="new", code=code(NEW.value, "change_new"))


def test_a_second_request_drops_the_first():
    user = UserFactory(email="old@example.com")
    first = request_identifier_change(user=user, identifier=NEW)
    request_identifier_change(user=user, identifier=read_email("newer@example.com"))
    with pytest.raises(ChangeNotFound):
        confirm_identifier_change(user=user, change_id=first.pk, side="new", code=code(NEW.value, "change_new"))


def test_a_reset_link_sent_to_the_old_address_dies_with_the_change():
    user = UserFactory(email="old@example.com")
    request_password_reset(identifier=read_email("old@example.com"))
    token = proofs.reset_token(Challenge.objects.get().pk)
    change = request_identifier_change(user=user, identifier=NEW)
    for side, address, purpose in (("new", NEW.value, "change_new"), ("old", "old@example.com", "change_old")):
        confirm_identifier_change(user=user, change_id=change.pk, side=side, code=code(address, purpose))
    with pytest.raises(WrongResetLink):
        reset_password(token=token, new_password="another palm grove")
    assert User.objects.get().check_password(PASSWORD)


def test_an_old_address_that_was_never_proven_is_not_written_to(deliver):
    user = UserFactory(email="strangers@example.com", email_verified_at=None)
    change = request_identifier_change(user=user, identifier=NEW, password=PASSWORD)
    confirm_identifier_change(user=user, change_id=change.pk, side="new", code=code(NEW.value, "change_new"))
    deliver()
    assert User.objects.get().email == NEW.value
    assert not DevMessage.objects.filter(to="strangers@example.com").exists()
