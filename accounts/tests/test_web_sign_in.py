import pytest

from accounts import proofs, selectors
from accounts.models import Challenge, Session, User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def code(purpose):
    return proofs.code_of(Challenge.objects.filter(purpose=purpose).latest("id").pk)


def who(client):
    return client.session.get("_auth_user_id")


def test_joins_and_proves_the_address_and_comes_back_to_where_one_was(client):
    form = {"username": "layla", "email": "layla@example.com", "password": PASSWORD, "next": "/l/1?x=2"}
    joined = client.post("/join", form)
    user = User.objects.get()
    assert who(client) == str(user.pk)
    assert joined["Location"] == "/me/verify/email?next=%2Fl%2F1%3Fx%3D2"
    page = client.get(joined["Location"]).content.decode()
    assert "layla@example.com" in page
    assert client.post("/me/verify/email", {"code": "000000"}).status_code == 422
    done = client.post("/me/verify/email", {"code": code("verify"), "next": "/l/1?x=2"})
    assert done["Location"] == "/l/1?x=2"
    user.refresh_from_db()
    assert user.email_verified_at is not None


def test_joining_with_a_phone_alone_asks_for_its_code(client):
    joined = client.post("/join", {"username": "layla", "phone": "0501234567"})
    assert joined["Location"].startswith("/me/verify/phone")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"username": "omar"}, "Somebody has this username already."),
        ({"email": "omar@example.com"}, "There is an account with this email address already."),
        ({"email": ""}, "Give an email address or a phone number"),
        ({"password": "12345678"}, "too common"),
        ({"username": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nobody_joins(client, given, words):
    UserFactory(username="omar", email="omar@example.com")
    answer = client.post("/join", {"username": "layla", "email": "layla@example.com", **given})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert User.objects.count() == 1
    assert who(client) is None


@pytest.mark.parametrize("name", ["layla", "layla@example.com", "050 123 4567"])
def test_signs_in_by_any_name_and_goes_on(client, settings, name):
    user = UserFactory(username="layla", email="layla@example.com", phone="+971501234567", language="ar")
    answer = client.post("/login", {"identifier": name, "password": PASSWORD, "next": "/saved"})
    assert answer["Location"] == "/saved"
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ar"
    assert who(client) == str(user.pk)
    assert Session.objects.get().kind == "web"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "http:///x"])
def test_signing_in_never_leads_elsewhere(client, wanted):
    UserFactory(username="layla")
    answer = client.post("/login", {"identifier": "layla", "password": PASSWORD, "next": wanted})
    assert answer["Location"] == "/"


def test_a_wrong_password_says_no_more_than_an_unknown_name(client):
    UserFactory(username="layla")
    pages = [
        client.post("/login", {"identifier": name, "password": "wrong"}).content.decode()
        for name in ("layla", "nobody")
    ]
    assert all("This name and password do not belong together." in page for page in pages)


def test_a_locked_door_says_when_to_come_back(client, settings):
    settings.AXES_ENABLED = True
    UserFactory(username="layla")
    for _n in range(10):
        answer = client.post("/login", {"identifier": "layla", "password": "wrong"})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 900
    assert "Too many sign-ins failed." in answer.content.decode()
    assert client.post("/login", {"identifier": "layla", "password": PASSWORD}).status_code == 429
    assert who(client) is None


def test_signs_in_with_a_code(client):
    user = UserFactory(email="layla@example.com")
    assert client.get("/login/code").status_code == 200
    sent = client.post("/login/code", {"identifier": "layla@example.com", "next": "/saved"})
    assert sent["Location"] == "/login/code?next=%2Fsaved"
    page = client.get(sent["Location"]).content.decode()
    assert "layla@example.com" in page
    assert client.post("/login/code", {"code": "000000", "next": "/saved"}).status_code == 422
    done = client.post("/login/code", {"code": code("login"), "next": "/saved"})
    assert done["Location"] == "/saved"
    assert who(client) == str(user.pk)


def test_an_unknown_address_sees_the_same_code_page(client):
    sent = client.post("/login/code", {"identifier": "nobody@example.com"})
    assert sent.status_code == 302
    assert "nobody@example.com" in client.get(sent["Location"]).content.decode()
    assert selectors.challenge_message(Challenge.objects.get().pk) is None
    assert client.post("/login/code", {"code": code("login")}).status_code == 422


def test_signs_out_by_post_only(client):
    client.force_login(UserFactory())
    assert client.get("/logout").status_code == 405
    assert client.post("/logout")["Location"] == "/"
    assert who(client) is None
    assert Session.objects.get().revoked_because == "signed_out"


def test_forgets_and_resets_the_password(client):
    user = UserFactory(email="layla@example.com")
    known = client.post("/forgot", {"identifier": "layla@example.com"}).content.decode()
    unknown = client.post("/forgot", {"identifier": "nobody@example.com"}).content.decode()
    assert "Look at your messages" in known
    assert "Look at your messages" in unknown
    link = selectors.challenge_message(Challenge.objects.get(user=user).pk).link
    path = link.removeprefix("http://127.0.0.1:8000")
    assert client.get(path).status_code == 200
    token = path.split("token=")[1]
    assert client.post("/reset", {"token": token, "new_password": "12345678"}).status_code == 422
    done = client.post("/reset", {"token": token, "new_password": "another palm grove"})
    assert done.status_code == 302
    assert who(client) == str(user.pk)
    used = client.get(path)
    assert used.status_code == 400
    assert "This link does not work any more" in used.content.decode()


def test_who_is_signed_in_is_sent_on(client):
    client.force_login(UserFactory())
    for path in ("/login", "/login/code", "/join"):
        assert client.get(f"{path}?next=/saved")["Location"] == "/saved"


def test_the_console_uses_our_own_door(client):
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/login?next=%2Fadmin%2F"
    UserFactory(username="layla", staff=True, is_superuser=True)
    done = client.post("/login", {"identifier": "layla", "password": PASSWORD, "next": "/admin/"})
    assert done["Location"] == "/admin/"
    assert client.get("/admin/auth/group/").status_code == 200


def test_the_console_is_closed_to_those_who_are_not_staff(client):
    client.force_login(UserFactory())
    assert client.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("path", ["/join", "/login", "/login/code", "/forgot", "/reset?token=x"])
def test_pages_stand_in_both_languages(client, path, language):
    page = client.get(path, headers={"Accept-Language": language})
    assert page.status_code in (200, 400)
    assert f'lang="{language}"' in page.content.decode()
    assert "style=" not in page.content.decode()
