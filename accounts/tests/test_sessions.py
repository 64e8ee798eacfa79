from datetime import timedelta

import jwt
import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from accounts import selectors, tokens
from accounts.actions import end_all_sessions, open_session, revoke_session, rotate_refresh_token
from accounts.actions.housekeeping import forget_old_rows
from accounts.errors import InvalidToken, RefreshTokenUsedTwice, SessionEnded, SessionNotFound
from accounts.models import RefreshToken, Session
from accounts.tests.factories import UserFactory
from core.ids import uuid7
from core.models import AuditEntry, OutboxEvent

pytestmark = pytest.mark.django_db


def opened(user, **given):
    return open_session(user=user, kind="api", **{"user_agent": "app/1", **given})


def events(name):
    return OutboxEvent.objects.filter(name=f"accounts.{name}")


def test_the_first_session_is_no_news_and_another_device_is():
    user = UserFactory()
    opened(user, device_id="phone")
    opened(user, device_id="phone", user_agent="app/2")
    assert not events("signed_in_on_new_device").exists()
    news = opened(user, device_id="tablet")
    assert events("signed_in_on_new_device").get().payload["session_id"] == str(news.session.pk)


def test_without_a_device_id_the_browser_tells_devices_apart():
    user = UserFactory()
    opened(user)
    opened(user)
    assert not events("signed_in_on_new_device").exists()
    opened(user, user_agent="another browser")
    assert events("signed_in_on_new_device").count() == 1


def test_nobody_signs_in_who_is_gone():
    with pytest.raises(SessionEnded):
        opened(UserFactory(is_active=False))
    assert not Session.objects.exists()


def test_a_token_makes_one_child_which_is_the_same_again_within_ten_seconds():
    first = opened(UserFactory()).refresh_token
    child = rotate_refresh_token(jti=first.jti)
    again = rotate_refresh_token(jti=first.jti)
    assert child.jti == again.jti != first.jti
    user = child.session.user
    assert tokens.token_pair(user, child)["refresh_token"] == tokens.token_pair(user, again)["refresh_token"]
    assert RefreshToken.objects.count() == 2


def test_a_used_token_that_comes_back_later_ends_the_family_and_tells():
    user = UserFactory()
    signed_in = opened(user)
    child = rotate_refresh_token(jti=signed_in.refresh_token.jti)
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        with pytest.raises(RefreshTokenUsedTwice):
            rotate_refresh_token(jti=signed_in.refresh_token.jti)
        with pytest.raises(SessionEnded):
            rotate_refresh_token(jti=child.jti)
    session = Session.objects.get()
    assert (session.revoked_because, RefreshToken.objects.count()) == ("refresh_token_reused", 2)
    assert events("refresh_token_reused").get().payload["user_id"] == str(user.pk)
    assert events("session_revoked").count() == 1


def test_a_token_that_nobody_issued_is_refused():
    with pytest.raises(InvalidToken):
        rotate_refresh_token(jti=uuid7())


def test_a_token_runs_out_unused():
    token = opened(UserFactory()).refresh_token
    with time_machine.travel(timezone.now() + timedelta(days=31)), pytest.raises(SessionEnded):
        rotate_refresh_token(jti=token.jti)
    assert RefreshToken.objects.get().used_at is None


def test_the_access_check_looks_at_session_version_and_person():
    user = UserFactory()
    session = opened(user).session
    assert selectors.live_session(session.pk, user_id=user.pk, version=1).user == user
    for wrong in ({"version": 2}, {"user_id": uuid7()}):
        with pytest.raises(SessionEnded):
            selectors.live_session(session.pk, **{"user_id": user.pk, "version": 1, **wrong})
    type(user).objects.update(is_active=False)
    with pytest.raises(SessionEnded):
        selectors.live_session(session.pk, user_id=user.pk, version=1)


def test_one_ends_ones_own_sessions_only():
    user, other = UserFactory(), UserFactory()
    session = opened(user).session
    with pytest.raises(SessionNotFound):
        revoke_session(user=other, session_id=session.pk)
    assert not selectors.fallen_sessions([session.pk])
    revoke_session(user=user, session_id=session.pk)
    revoke_session(user=user, session_id=session.pk)
    assert selectors.fallen_sessions([session.pk])
    assert events("session_revoked").count() == 1


def test_ending_all_voids_every_access_token_too():
    user = UserFactory()
    sessions = [opened(user).session for _n in range(3)]
    assert end_all_sessions(user=user, because="signed_out_everywhere") == 3
    user.refresh_from_db()
    assert user.session_version == 2
    assert len(selectors.fallen_sessions([s.pk for s in sessions])) == len(sessions)
    assert not AuditEntry.objects.exists()


def test_staff_ending_somebodys_sessions_is_on_record():
    staff, user = UserFactory(staff=True), UserFactory()
    opened(user)
    end_all_sessions(user=user, because="by_staff", staff=staff, reason="stolen phone")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id, entry.reason) == ("accounts.end_all_sessions", staff.pk, "stolen phone")


def test_old_rows_are_forgotten_and_living_ones_kept():
    user = UserFactory()
    living = opened(user).refresh_token
    with time_machine.travel(timezone.now() - timedelta(days=130)):
        old = opened(user).refresh_token
    forget_old_rows()
    assert list(RefreshToken.objects.all()) == [living]
    assert not Session.objects.filter(pk=old.session_id).exists()


def test_tokens_of_another_audience_key_type_or_algorithm_are_refused():
    user = UserFactory()
    session = opened(user).session
    good = {
        "aud": "souk-api",
        "iss": "souk-loop",
        "token_type": "access",
        "exp": 4_000_000_000,
        "jti": "x",
        "sub": str(user.pk),
        "sid": str(session.pk),
        "ver": 1,
    }
    key = settings.JWT_SIGNING_KEY
    assert tokens.read_access(jwt.encode(good, key, "HS256")).user_id == user.pk
    forged = [
        jwt.encode(good | {"aud": "other"}, key, "HS256"),
        jwt.encode(good | {"iss": "other"}, key, "HS256"),
        jwt.encode(good | {"token_type": "refresh"}, key, "HS256"),
        jwt.encode(good | {"exp": 1_000_000_000}, key, "HS256"),
        jwt.encode(good, "another key that is long enough for HMAC", "HS256"),
        jwt.encode(good, key, "HS512"),
        jwt.encode(good, "", "none"),
        jwt.encode({k: v for k, v in good.items() if k != "sid"}, key, "HS256"),
        jwt.encode(good | {"sid": "1; DROP TABLE"}, key, "HS256"),
        "x",
        "",
    ]
    for token in forged:
        with pytest.raises(InvalidToken):
            tokens.read_access(token)
