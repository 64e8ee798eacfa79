from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.actions import change_password, end_all_sessions, revoke_session
from accounts.models import Session
from accounts.tests.factories import PASSWORD, UserFactory
from core.testing import counted_queries

pytestmark = pytest.mark.django_db
ME = "/api/v1/auth/me"


def test_a_browser_that_signs_in_has_a_session_of_ours(client):
    user = UserFactory()
    client.force_login(user)
    session = Session.objects.get()
    assert (session.user, session.kind) == (user, "web")
    assert client.get(ME).json()["id"] == str(user.pk)
    assert [s["current"] for s in client.get("/api/v1/auth/sessions").json()["results"]] == [True]


def test_a_revoked_browser_is_signed_out_at_once(client):
    user = UserFactory()
    client.force_login(user)
    revoke_session(user=user, session_id=Session.objects.get().pk)
    assert client.get(ME).status_code == 401
    assert "_auth_user_id" not in client.session


def test_signing_out_everywhere_reaches_browsers(client):
    user = UserFactory()
    client.force_login(user)
    end_all_sessions(user=user, because="signed_out_everywhere")
    assert client.get(ME).status_code == 401


def test_a_browser_session_that_names_no_session_of_ours_is_none(client):
    client.force_login(UserFactory())
    stolen = client.session
    del stolen["souk_session"]
    stolen.save()
    assert client.get(ME).status_code == 401


def test_a_browser_cannot_name_the_session_of_somebody_else(client):
    client.force_login(UserFactory())
    other = Session.objects.get()
    client.logout()
    client.force_login(UserFactory())
    mine = client.session
    mine["souk_session"] = str(other.pk)
    mine.save()
    assert client.get(ME).status_code == 401


def test_changing_the_password_keeps_this_browser_only_when_it_says_so(client):
    user = UserFactory()
    client.force_login(user)
    change_password(user=user, old_password=PASSWORD, new_password="another palm grove", session_id=None)
    assert client.get(ME).status_code == 401


def test_the_last_use_is_dated_every_five_minutes(client):
    client.force_login(UserFactory())
    before = Session.objects.get()
    client.get(ME)
    assert Session.objects.get().last_seen_at == before.last_seen_at
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        client.get(ME)
    after = Session.objects.get()
    assert after.last_seen_at > before.last_seen_at
    assert after.expires_at > before.expires_at
    assert after.browser_key


def test_strangers_cost_no_query_for_it(client):
    with counted_queries() as queries:
        assert client.get("/healthz").status_code == 200
    assert len(queries) == 0


def test_writes_of_pages_want_the_csrf_token():
    user = UserFactory()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post(f"/api/v1/users/{UserFactory().pk}/follow").status_code == 403


def test_signing_out_by_the_api_ends_the_browsers_session_too(client):
    client.force_login(UserFactory())
    assert client.post("/api/v1/auth/logout", content_type="application/json").status_code == 204
    assert Session.objects.get().revoked_because == "signed_out"
    assert "_auth_user_id" not in client.session
