import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from accounts.tests.factories import UserFactory
from media.models import MediaAsset
from media.states import Purpose
from media.tests import pictures
from media.tests.factories import ReadyImageFactory

PAGE = "/me/avatar"


@pytest.fixture
def me(client: Client, db: None) -> User:
    person = UserFactory()
    client.force_login(person)
    return person


def test_strangers_sign_in_first(client: Client) -> None:
    assert client.get(PAGE).url == "/login?next=%2Fme%2Favatar"


def test_a_sent_picture_becomes_ones_own_and_goes_again(client: Client, me: User) -> None:
    asset = ReadyImageFactory(owner=me, purpose=Purpose.AVATAR)

    assert client.post(PAGE, {"asset_id": str(asset.pk)}).url == "/me/profile"
    me.refresh_from_db()
    assert me.avatar_key
    assert me.avatar_key in client.get(PAGE).content.decode()

    client.post(PAGE, {"remove": "1"})
    me.refresh_from_db()
    assert me.avatar_key == ""


def test_works_without_javascript(client: Client, me: User, deliver: object) -> None:
    photo = SimpleUploadedFile("me.jpg", pictures.jpeg(300, 300), "image/jpeg")
    assert client.post(PAGE, {"picture": photo}).url == PAGE
    assert "being prepared" in client.get(PAGE).content.decode()
    deliver()  # type: ignore[operator]
    asset = MediaAsset.objects.get()
    assert f'name="asset_id" value="{asset.pk}"' in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("https://elsewhere.example/me.jpg", "media.foreign_url"),
        ("", "media.nothing_uploaded"),
        ("01a1f894-b9b5-7cc2-83b6-5ef3b3ff8e01", "media.not_your_media"),
    ],
)
def test_what_is_no_picture_of_ones_own_is_refused(client: Client, me: User, sent: str, code: str) -> None:
    response = client.post(PAGE, {"asset_id": sent})

    assert response.status_code >= 400
    assert f'data-code="{code}"' in response.content.decode()
    me.refresh_from_db()
    assert me.avatar_key == ""


def test_the_profile_leads_here(client: Client, me: User) -> None:
    assert 'href="/me/avatar"' in client.get("/me/profile").content.decode()
