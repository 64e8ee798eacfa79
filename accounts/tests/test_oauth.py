from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter

from accounts.actions.linked_accounts import link_account, unlink_account
from accounts.errors import LastWayIn, LinkedElsewhere, LinkNotFound
from accounts.models import Challenge, Session, User
from accounts.tests.factories import UserFactory
from accounts.tests.google import google_running

pytestmark = [pytest.mark.django_db, pytest.mark.urls("accounts.tests.urls_with_google")]
LAYLA = {
    "sub": "g-1",
    "email": "Layla.H@Example.com",
    "email_verified": True,
    "name": "Layla Haddad",
    "given_name": "Layla",
    "family_name": "Haddad",
}


@pytest.fixture
def google(monkeypatch, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {
        "google": {
            "APPS": [{"client_id": "souk", "secret": "shh", "key": ""}],
            "SCOPE": ["email"],
            "OAUTH_PKCE_ENABLED": True,
        }
    }
    with google_running() as running:
        monkeypatch.setattr(GoogleOAuth2Adapter, "access_token_url", running.address)
        yield running


def through(client, google, claims, *, code="good", query="next=/saved"):
    """Tap the button, let Google send the browser back."""
    google.claims = claims
    sent = client.post(f"/oauth/google/login/?{query}")
    there = urlsplit(sent["Location"])
    assert there.netloc == "accounts.google.com"
    state = parse_qs(there.query)["state"][0]
    assert parse_qs(there.query)["code_challenge_method"] == ["S256"]
    return client.get("/oauth/google/login/callback/", {"code": code, "state": state})


def who(client):
    return client.session.get("_auth_user_id")


def test_a_newcomer_joins_with_a_proven_address(client, google):
    back = through(client, google, LAYLA)
    assert back["Location"] == "/saved"
    user = User.objects.get()
    assert (user.username, user.email, user.full_name) == ("layla.h", "layla.h@example.com", "Layla Haddad")
    assert user.email_verified_at is not None
    assert not user.has_usable_password()
    assert who(client) == str(user.pk)
    assert Session.objects.get().kind == "web"
    assert not Challenge.objects.exists()
    account = SocialAccount.objects.get()
    assert (account.provider, account.uid, account.extra_data) == ("google", "g-1", {})
    assert google.seen[0]["code_verifier"]


def test_coming_again_is_the_same_person_whatever_the_address_is_now(client, google):
    through(client, google, LAYLA)
    client.logout()
    through(client, google, LAYLA | {"email": "moved@example.com"})
    user = User.objects.get()
    assert who(client) == str(user.pk)
    assert user.email == "layla.h@example.com"


def test_an_address_that_google_does_not_vouch_for_is_not_proven(client, google):
    through(client, google, LAYLA | {"email_verified": False})
    assert not User.objects.get().is_verified
    assert Challenge.objects.get().purpose == "verify"


def test_an_account_with_the_same_address_is_tied_when_both_sides_proved_it(client, google):
    user = UserFactory(email="layla.h@example.com")
    through(client, google, LAYLA)
    assert who(client) == str(user.pk)
    assert User.objects.count() == 1


@pytest.mark.parametrize(("ours", "theirs"), [(False, True), (True, False), (False, False)])
def test_an_account_with_an_address_that_one_side_never_proved_is_never_tied(client, google, ours, theirs):
    UserFactory(email="layla.h@example.com", unproven=not ours)
    back = through(client, google, LAYLA | {"email_verified": theirs})
    assert back["Location"] == "/login"
    assert who(client) is None
    assert not SocialAccount.objects.exists()
    assert "There is an account here with the same email address." in client.get("/login").content.decode()


def test_without_an_address_nobody_joins(client, google):
    back = through(client, google, {"sub": "g-1", "name": "Layla"})
    assert back["Location"] == "/login"
    assert not User.objects.exists()


def test_an_erased_person_does_not_come_back_through_google(client, google):
    through(client, google, LAYLA)
    client.logout()
    User.objects.update(is_active=False)
    assert through(client, google, LAYLA)["Location"] == "/login"
    assert who(client) is None


def test_a_taken_username_gets_digits(client, google):
    UserFactory(username="layla.h", email="other@example.com")
    through(client, google, LAYLA)
    assert User.objects.get(email="layla.h@example.com").username.startswith("layla.h")


def test_a_refused_code_or_a_foreign_state_opens_nothing(client, google):
    assert through(client, google, LAYLA, code="bad")["Location"] == "/login"
    google.claims = LAYLA
    foreign = client.get("/oauth/google/login/callback/", {"code": "good", "state": "forged"})
    assert foreign["Location"] == "/login"
    assert who(client) is None
    assert not User.objects.exists()


def test_turning_back_at_google_leads_to_our_sign_in_page(client, google):
    sent = client.post("/oauth/google/login/")
    state = parse_qs(urlsplit(sent["Location"]).query)["state"][0]
    back = client.get("/oauth/google/login/callback/", {"error": "access_denied", "state": state})
    assert back["Location"] == "/login"


def test_a_person_connects_google_and_signs_in_with_it(client, google):
    user = UserFactory(email="elsewhere@example.com")
    client.force_login(user)
    assert through(client, google, LAYLA, query="process=connect&next=/me/security")["Location"] == "/me/security"
    assert SocialAccount.objects.get().user == user
    assert "Disconnect" in client.get("/me/security").content.decode()
    client.logout()
    through(client, google, LAYLA)
    assert who(client) == str(user.pk)
    client.post("/me/security/google/disconnect")
    assert not SocialAccount.objects.exists()


def test_an_account_elsewhere_belongs_to_one_person():
    first, second = UserFactory(), UserFactory()
    link_account(user=first, provider="google", uid="g-1")
    link_account(user=first, provider="google", uid="g-1")
    with pytest.raises(LinkedElsewhere):
        link_account(user=second, provider="google", uid="g-1")
    assert SocialAccount.objects.get().user == first


def test_the_last_way_in_is_not_taken_away():
    user = UserFactory(codes_only=True, unproven=True)
    link_account(user=user, provider="google", uid="g-1")
    with pytest.raises(LastWayIn):
        unlink_account(user=user, provider="google")
    assert SocialAccount.objects.exists()
    with pytest.raises(LinkNotFound):
        unlink_account(user=user, provider="apple")


def test_the_button_shows_only_where_there_are_keys(client, google, settings):
    assert "Continue with Google" in client.get("/login").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "Continue with" not in client.get("/login").content.decode()


def test_signing_in_starts_by_post_only(client, google):
    page = client.get("/oauth/google/login/")
    assert page.status_code == 200
    assert "brings you back here" in page.content.decode()
    assert who(client) is None


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example"])
def test_google_never_leads_elsewhere(client, google, wanted):
    assert through(client, google, LAYLA, query=f"next={wanted}")["Location"] == "/"
