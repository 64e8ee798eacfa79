import pytest

from accounts import proofs
from accounts.actions import open_session, request_erasure, request_export, restrict_person
from accounts.models import Block, Challenge, DataExport, Erasure, Session, User
from accounts.tests.factories import PASSWORD, AddressFactory, BlockFactory, UserFactory
from accounts.web.own import device_words
from core.testing import counted_queries
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db
HOME = {"label": "Home", "recipient": "Layla", "phone": "0501234567", "street": "Al Marsa 12", "city": "Dubai"}
PAGES = [
    "/me", "/me/profile", "/me/place", "/me/privacy", "/me/security", "/me/security/password", "/me/security/email",
    "/me/security/phone", "/me/sessions", "/me/addresses", "/me/addresses/new", "/me/blocked", "/me/export", "/me/delete",
    "/me/second-factor",
]  # fmt: skip


@pytest.fixture
def user(client):
    person = UserFactory(username="layla", full_name="Layla Haddad", email="layla@example.com")
    client.force_login(person)
    return person


def code(purpose):
    return proofs.code_of(Challenge.objects.filter(purpose=purpose).latest("id").pk)


@pytest.mark.parametrize("path", PAGES)
def test_strangers_sign_in_first_and_come_back(client, path):
    answer = client.get(path)
    assert answer["Location"] == f"/login?next={path.replace('/', '%2F')}"


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_stand_in_both_languages(client, user, path, language):
    page = client.get(path, headers={"Accept-Language": language})
    assert page.status_code == 200
    text = page.content.decode()
    assert f'lang="{language}"' in text
    assert 'style="' not in text


def test_the_hub_says_what_stands_in_the_way(client, user):
    restrict_person(user=user, kind="sell", reason_en="Counterfeit goods.", reason_ar="بضائع مقلدة.")
    request_erasure(user=user, password=PASSWORD)
    page = client.get("/me").content.decode()
    assert "Counterfeit goods." in page
    assert "Keep my account" in page
    assert "بضائع مقلدة." in client.get("/me", headers={"Accept-Language": "ar"}).content.decode()


def test_edits_the_profile(client, user):
    done = client.post("/me/profile", {"full_name": "Layla H", "username": "layla.h", "bio": "Lamps", "language": "ar"})
    assert done["Location"] == "/me/profile"
    user.refresh_from_db()
    assert (user.full_name, user.username, user.bio, user.language) == ("Layla H", "layla.h", "Lamps", "ar")


def test_a_taken_username_is_said_and_nothing_changes(client, user):
    UserFactory(username="omar")
    answer = client.post("/me/profile", {"full_name": "X", "username": "Omar", "language": "en"})
    assert answer.status_code == 422
    assert "Somebody has this username already." in answer.content.decode()
    user.refresh_from_db()
    assert (user.full_name, user.username) == ("Layla Haddad", "layla")


def test_says_where_one_lives_from_the_list_or_by_the_browser(client, user):
    area = NeighborhoodFactory(name_en="Dubai Marina")
    client.post("/me/place", {"neighborhood": area.pk, "building_name": "Gate"})
    user.refresh_from_db()
    assert (user.neighborhood, user.building_name) == (area, "Gate")
    client.post("/me/place", {"latitude": "25.08", "longitude": "55.14"})
    user.refresh_from_db()
    assert user.location.y == pytest.approx(25.08)
    client.post("/me/place", {"neighborhood": area.pk, "building_name": "Other"})
    user.refresh_from_db()
    assert user.location.y == pytest.approx(25.08)
    client.post("/me/place", {"forget": "1"})
    user.refresh_from_db()
    assert (user.location, user.neighborhood) == (None, None)


def test_chooses_who_sees_what(client, user):
    client.post("/me/privacy", {"profile_visibility": "followers", "messages_from": "nobody", "show_following": "on"})
    user.refresh_from_db()
    assert (user.profile_visibility, user.messages_from) == ("followers", "nobody")
    assert (user.show_following, user.show_neighborhood, user.show_last_seen) == (True, False, False)


def test_switches_selling_off_and_on(client, user):
    client.post("/me/selling", {"stop": "1"})
    user.refresh_from_db()
    assert user.sells_since is None
    client.post("/me/selling")
    user.refresh_from_db()
    assert user.sells_since is not None


def test_changes_the_password_and_stays_signed_in_here_only(client, user):
    other = open_session(user=user, kind="api").session
    wrong = client.post("/me/security/password", {"old_password": "wrong", "new_password": "another palm grove"})
    assert wrong.status_code == 422
    weak = client.post("/me/security/password", {"old_password": PASSWORD, "new_password": "12345678"})
    assert weak.status_code == 422
    done = client.post("/me/security/password", {"old_password": PASSWORD, "new_password": "another palm grove"})
    assert done["Location"] == "/me/security"
    assert client.get("/me").status_code == 200
    other.refresh_from_db()
    assert other.revoked_because == "password_changed"


def test_changes_the_email_from_both_sides(client, user):
    sent = client.post("/me/security/email", {"email": "new@example.com"})
    path = sent["Location"]
    assert "layla@example.com" in client.get(path).content.decode()
    assert client.post(path, {"code": "000000"}).status_code == 422
    client.post(path, {"code": code("change_old")})
    assert "new@example.com" in client.get(path).content.decode()
    assert client.post(path, {"code": code("change_new")})["Location"] == "/me/security"
    user.refresh_from_db()
    assert user.email == "new@example.com"
    assert client.get("/me").status_code == 200


def test_adds_a_phone_with_the_password(client):
    person = UserFactory(phone=None, phone_verified_at=None)
    client.force_login(person)
    assert client.post("/me/security/phone", {"phone": "0509999999", "password": "wrong"}).status_code == 422
    sent = client.post("/me/security/phone", {"phone": "0509999999", "password": PASSWORD})
    assert client.post(sent["Location"], {"code": code("change_new")})["Location"] == "/me/security"
    person.refresh_from_db()
    assert str(person.phone) == "+971509999999"


def test_adds_a_phone_with_a_code_where_there_is_no_password(client):
    person = UserFactory(phone=None, phone_verified_at=None, codes_only=True)
    client.force_login(person)
    client.post("/me/security/phone", {"send": "1"})
    sent = client.post("/me/security/phone", {"phone": "0509999999", "code": code("confirm")})
    assert sent["Location"].startswith("/me/identifier-changes/")


def test_ends_one_session_or_all(client, user):
    other = open_session(user=user, kind="api", user_agent="app/1").session
    assert "app/1" in client.get("/me/sessions").content.decode()
    client.post("/me/sessions", {"session": str(other.pk)})
    other.refresh_from_db()
    assert other.revoked_at is not None
    assert client.post("/me/sessions", {"session": "rubbish"}).status_code == 302
    assert client.post("/me/sessions", {"everywhere": "1"})["Location"] == "/login"
    assert not Session.objects.filter(revoked_at=None).exists()


def test_nobody_ends_sessions_of_others(client, user):
    other = open_session(user=UserFactory(), kind="api").session
    assert client.post("/me/sessions", {"session": str(other.pk)}).status_code == 404
    other.refresh_from_db()
    assert other.revoked_at is None


def test_keeps_addresses(client, user):
    client.post("/me/addresses/new", HOME)
    address = user.addresses.get()
    assert address.is_default
    assert client.get(f"/me/addresses/{address.pk}").status_code == 200
    client.post(f"/me/addresses/{address.pk}", HOME | {"unit": "12"})
    address.refresh_from_db()
    assert address.unit == "12"
    assert client.post("/me/addresses/new", HOME | {"phone": "12"}).status_code == 422
    client.post(f"/me/addresses/{address.pk}/remove")
    assert not user.addresses.exists()


def test_others_addresses_are_not_there(client, user):
    address = AddressFactory()
    assert client.get(f"/me/addresses/{address.pk}").status_code == 404
    assert client.post(f"/me/addresses/{address.pk}/remove").status_code == 404
    address.refresh_from_db()


def test_blocks_and_unblocks(client, user):
    person = UserFactory(username="omar")
    assert "Block" in client.get("/u/omar/block").content.decode()
    assert not Block.objects.exists()
    assert client.post("/u/omar/block")["Location"] == "/me/blocked"
    assert Block.objects.get().blocked == person
    assert "@omar" in client.get("/me/blocked").content.decode()
    client.post("/u/omar/unblock")
    assert not Block.objects.exists()


def test_asks_for_an_export_and_downloads_it(client, user, deliver):
    client.post("/me/export")
    deliver()
    page = client.get("/me/export").content.decode()
    link = page.split('href="/api/v1/users/me/exports/')[1].split('"')[0]
    got = client.get(f"/api/v1/users/me/exports/{link}")
    assert got["Content-Type"] == "application/zip"
    assert b"".join(got.streaming_content)[:2] == b"PK"


def test_a_second_export_at_once_is_refused_in_words(client, user):
    request_export(user=user)
    page = client.post("/me/export", follow=True).content.decode()
    assert "Your export is being made." in page
    assert DataExport.objects.count() == 1


def test_asks_to_be_forgotten_and_stays_after_all(client, user):
    assert client.post("/me/delete", {"password": "wrong"}).status_code == 422
    assert client.post("/me/delete", {}).status_code in (200, 422)
    assert not Erasure.objects.exists()
    client.post("/me/delete", {"password": PASSWORD})
    assert Erasure.objects.get().state == "requested"
    assert "Keep my account" in client.get("/me/delete").content.decode()
    client.post("/me/delete", {"stay": "1"})
    assert Erasure.objects.get().state == "cancelled"


def test_words_of_people_stay_words(client):
    person = UserFactory(full_name="<b>x</b><script>alert(1)</script>", bio='"><img src=x onerror=alert(1)>')
    client.force_login(person)
    for path in ("/me", "/me/profile"):
        page = client.get(path).content.decode()
        assert "<script>alert(1)</script>" not in page
        assert "<img src=x" not in page


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_cost_the_same_for_one_as_for_twenty(client, user, rows):
    AddressFactory.create_batch(rows, user=user)
    for _n in range(rows):
        open_session(user=user, kind="api")
        BlockFactory(blocker=user)
    client.get("/me")
    costs = []
    for path in ("/me/addresses", "/me/sessions", "/me/blocked", "/me/export"):
        with counted_queries() as queries:
            client.get(path)
        costs.append(len(queries))
    assert costs == [costs[0]] * 4
    assert costs[0] <= 7


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari, iPhone"),
        ("SoukLoop/3.1 okhttp", "SoukLoop/3.1 okhttp"),
        ("", "–"),
    ],
)
def test_devices_in_words(user_agent, words):
    assert device_words(user_agent) == words


def test_nobody_is_changed_by_reading(client, user):
    before = User.objects.filter(pk=user.pk).values("revision", "updated_at").get()
    for path in PAGES:
        client.get(path)
    assert User.objects.filter(pk=user.pk).values("revision", "updated_at").get() == before
