from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import proofs, selectors
from accounts.actions import change_password, open_session, request_password_reset, reset_password
from accounts.actions.passwords import check_reset_link
from accounts.errors import WeakPassword, WrongPassword, WrongResetLink
from accounts.identifiers import read_email
from accounts.models import Challenge, Session, User
from accounts.tests.factories import PASSWORD, UserFactory
from core.models import OutboxEvent

pytestmark = pytest.mark.django_db
EMAIL = read_email("layla@example.com")
NEW = "another palm grove"


def requested():
    request_password_reset(identifier=EMAIL)
    return proofs.reset_token(Challenge.objects.latest("id").pk)


def test_changing_ends_the_other_sessions_and_keeps_this_one():
    user = UserFactory()
    here, there = (open_session(user=user, kind="api").session for _n in range(2))
    change_password(user=user, old_password=PASSWORD, new_password=NEW, session_id=here.pk)
    assert User.objects.get().check_password(NEW)
    assert not selectors.fallen_sessions([here.pk])
    assert selectors.fallen_sessions([there.pk])
    assert OutboxEvent.objects.filter(name="accounts.password_changed").count() == 1


@pytest.mark.parametrize(
    ("old", "new", "refusal"), [("wrong", NEW, WrongPassword), (PASSWORD, "12345678", WeakPassword)]
)
def test_refusals_change_nothing(old, new, refusal):
    user = UserFactory()
    session = open_session(user=user, kind="api").session
    with pytest.raises(refusal):
        change_password(user=user, old_password=old, new_password=new, session_id=None)
    assert User.objects.get().check_password(PASSWORD)
    assert not selectors.fallen_sessions([session.pk])


def test_a_first_password_needs_no_old_one():
    user = UserFactory(codes_only=True)
    change_password(user=user, old_password="", new_password=NEW, session_id=None)
    assert User.objects.get().check_password(NEW)


def test_a_link_sets_the_password_once_and_signs_out_everywhere():
    user = UserFactory(email=EMAIL.value, unproven=True)
    session = open_session(user=user, kind="api").session
    token = requested()
    check_reset_link(token=token)
    message = selectors.challenge_message(Challenge.objects.get().pk)
    assert message.link.endswith(f"/reset?token={token}")
    assert message.code is None
    reset_password(token=token, new_password=NEW)
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert user.email_verified_at is not None
    assert user.session_version == 2
    assert selectors.fallen_sessions([session.pk])
    with pytest.raises(WrongResetLink):
        reset_password(token=token, new_password="a third palm grove")
    with pytest.raises(WrongResetLink):
        check_reset_link(token=token)
    assert User.objects.get().check_password(NEW)


def test_a_weak_password_leaves_the_link_usable():
    UserFactory(email=EMAIL.value)
    token = requested()
    with pytest.raises(WeakPassword):
        reset_password(token=token, new_password="12345678")
    reset_password(token=token, new_password=NEW)


def test_a_link_is_good_for_an_hour():
    UserFactory(email=EMAIL.value)
    token = requested()
    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        check_reset_link(token=token)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)), pytest.raises(WrongResetLink):
        reset_password(token=token, new_password=NEW)
    assert User.objects.get().check_password(PASSWORD)


def test_a_link_for_an_address_that_is_no_longer_theirs_is_dead():
    user = UserFactory(email=EMAIL.value)
    token = requested()
    user.email = "elsewhere@example.com"
    user.save()
    with pytest.raises(WrongResetLink):
        reset_password(token=token, new_password=NEW)
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize("mangle", ["", "x", "é", "A" * 64, "swap", "cut"])
def test_forged_links_open_nothing(mangle):
    UserFactory(email=EMAIL.value)
    token = requested()
    forged = {"swap": token[:-1] + ("A" if token[-1] != "A" else "B"), "cut": token[:-4]}.get(mangle, mangle)
    with pytest.raises(WrongResetLink):
        reset_password(token=forged, new_password=NEW)
    assert User.objects.get().check_password(PASSWORD)


def test_a_code_is_no_link_and_a_link_no_code():
    UserFactory(email=EMAIL.value)
    token = requested()
    assert proofs.code_of(Challenge.objects.get().pk) not in token


def test_for_nobody_the_same_is_done_and_nothing_sent():
    token = requested()
    assert selectors.challenge_message(Challenge.objects.get().pk) is None
    with pytest.raises(WrongResetLink):
        reset_password(token=token, new_password=NEW)
    assert not Session.objects.exists()
