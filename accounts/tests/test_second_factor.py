import base64
import re
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator

from accounts import proofs
from accounts.actions import open_session
from accounts.actions.second_factor import is_set_up, pass_second_factor, remove_second_factor, set_up_second_factor
from accounts.errors import SecondFactorSetUp, WrongSecondFactor
from accounts.models import Session
from accounts.tests.factories import PASSWORD, UserFactory
from core.models import AuditEntry

pytestmark = pytest.mark.django_db
SECRET = proofs.new_totp_secret()


def app_code(secret=SECRET, ahead=0):
    return proofs.hotp(base64.b32decode(secret), int(time.time()) // 30 + ahead)


@pytest.fixture
def staff():
    return UserFactory(username="noor", staff=True, is_superuser=True)


@pytest.fixture
def session(staff):
    return open_session(user=staff, kind="web").session


def passed(session):
    session.refresh_from_db()
    return session.second_factor_at is not None


@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_rfc_6238(at, code):
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert proofs.totp_counter(secret, code, at) == at // 30


def test_setting_up_passes_the_session_and_gives_recovery_codes(staff, session):
    codes = set_up_second_factor(user=staff, secret=SECRET, code=app_code(), session_id=session.pk)
    assert len(set(codes)) == 10
    assert passed(session)
    assert is_set_up(staff)
    stored = str(list(Authenticator.objects.values("data")))
    assert SECRET not in stored
    assert AuditEntry.objects.get().action == "accounts.set_up_second_factor"
    with pytest.raises(SecondFactorSetUp):
        set_up_second_factor(user=staff, secret=SECRET, code=app_code(), session_id=session.pk)


def test_an_app_with_another_secret_is_not_tied(staff, session):
    with pytest.raises(WrongSecondFactor):
        set_up_second_factor(user=staff, secret=proofs.new_totp_secret(), code=app_code(), session_id=session.pk)
    assert not is_set_up(staff)
    assert not passed(session)


def test_each_code_works_once(staff, session):
    set_up_second_factor(user=staff, secret=SECRET, code=app_code(), session_id=session.pk)
    other = open_session(user=staff, kind="web").session
    with pytest.raises(WrongSecondFactor):
        pass_second_factor(user=staff, code=app_code(), session_id=other.pk)
    assert not passed(other)
    with time_machine.travel(time.time() + 60):
        pass_second_factor(user=staff, code=app_code(), session_id=other.pk)
        assert passed(other)
        with pytest.raises(WrongSecondFactor):
            pass_second_factor(user=staff, code=app_code(), session_id=other.pk)


def test_each_recovery_code_works_once(staff, session):
    codes = set_up_second_factor(user=staff, secret=SECRET, code=app_code(), session_id=session.pk)
    other = open_session(user=staff, kind="web").session
    pass_second_factor(user=staff, code=codes[3], session_id=other.pk)
    assert passed(other)
    with pytest.raises(WrongSecondFactor):
        pass_second_factor(user=staff, code=codes[3], session_id=other.pk)


def test_a_session_of_somebody_else_is_not_passed(staff, session):
    stranger = open_session(user=UserFactory(), kind="web").session
    set_up_second_factor(user=staff, secret=SECRET, code=app_code(), session_id=stranger.pk)
    assert not passed(stranger)


def test_a_lost_phone_is_taken_off_by_another(staff, session):
    set_up_second_factor(user=staff, secret=SECRET, code=app_code(), session_id=session.pk)
    remove_second_factor(user=staff, staff=UserFactory(staff=True), reason="phone lost")
    assert not is_set_up(staff)
    assert not passed(session)
    assert AuditEntry.objects.latest("id").reason == "phone lost"


def test_where_the_house_asks_for_it_staff_sets_it_up_before_the_console_opens(client, settings, staff):
    settings.STAFF_SECOND_FACTOR = True
    client.force_login(staff)
    sent = client.get("/admin/")
    assert sent["Location"] == "/me/second-factor?next=%2Fadmin%2F"
    page = client.get(sent["Location"]).content.decode()
    secret = re.search(r"<code dir=\"ltr\">([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    assert client.post("/me/second-factor", {"code": "000000"}).status_code == 422
    shown = client.post("/me/second-factor", {"code": app_code(secret), "next": "/admin/"}).content.decode()
    assert "recovery codes" in shown
    assert client.get("/admin/auth/group/").status_code == 200


def test_whoever_has_one_is_asked_although_the_house_does_not(client, staff, session):
    set_up_second_factor(user=staff, secret=SECRET, code=app_code(), session_id=session.pk)
    client.post("/login", {"identifier": "noor", "password": PASSWORD})
    assert client.get("/admin/auth/group/")["Location"] == "/second-factor?next=%2Fadmin%2Fauth%2Fgroup%2F"
    assert client.post("/second-factor", {"code": "000000"}).status_code == 422
    with time_machine.travel(time.time() + 60):
        done = client.post("/second-factor", {"code": app_code(), "next": "/admin/auth/group/"})
    assert done["Location"] == "/admin/auth/group/"
    assert client.get("/admin/auth/group/").status_code == 200


def test_without_it_staff_has_no_permission_anywhere(client, settings, staff):
    settings.STAFF_SECOND_FACTOR = True
    session = open_session(user=staff, kind="api").session
    staff.session_in_hand = session
    assert not staff.has_perm("accounts.suspend_user")
    assert not staff.has_module_perms("accounts")
    assert not staff.has_perms(["accounts.suspend_user"])
    Session.objects.filter(pk=session.pk).update(second_factor_at=session.created_at)
    staff.session_in_hand.refresh_from_db()
    assert staff.has_perm("accounts.suspend_user")


def test_apps_pass_it_over_the_api(api, staff, session):
    set_up_second_factor(user=staff, secret=SECRET, code=app_code(), session_id=session.pk)
    tokens = api.post("/api/v1/auth/login", {"username": "noor", "password": PASSWORD}).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    wrong = api.post("/api/v1/auth/second-factor", {"code": "000000"}, headers=headers)
    assert wrong.json()["code"] == "accounts.wrong_second_factor"
    with time_machine.travel(time.time() + 60):
        right = api.post("/api/v1/auth/second-factor", {"code": app_code()}, headers=headers)
    assert right.status_code == 204
    assert Session.objects.get(kind="api").second_factor_at is not None


def test_what_was_kept_under_another_key_fits_no_code(staff, session, settings):
    codes = set_up_second_factor(user=staff, secret=SECRET, code=app_code(), session_id=session.pk)
    Session.objects.update(second_factor_at=None)
    settings.SECRET_KEY = "another key, because the first one leaked"
    for code in (app_code(ahead=1), codes[0]):
        with pytest.raises(WrongSecondFactor):
            pass_second_factor(user=staff, code=code, session_id=session.pk)
    assert not passed(session)
