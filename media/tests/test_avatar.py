import pytest
from rest_framework.test import APIClient

from accounts.models import User
from media.models import MediaAsset
from media.states import Purpose
from media.tests import pictures
from media.tests.factories import AssetFactory, ReadyImageFactory
from media.tests.sending import prepared, stored


@pytest.fixture
def avatar(owner: User) -> MediaAsset:
    return prepared(owner, pictures.jpeg(), purpose=Purpose.AVATAR)


def sends(api: APIClient, owner: User, asset_id: object) -> object:
    api.force_authenticate(owner)
    return api.post("/api/v1/users/me/avatar", {"asset_id": str(asset_id)})


def test_a_square_picture_becomes_the_persons_own(api: APIClient, owner: User, avatar: MediaAsset) -> None:
    answer = sends(api, owner, avatar.pk)

    assert answer.status_code == 200
    owner.refresh_from_db()
    assert owner.avatar_key.endswith("/256.jpg")
    assert answer.json()["avatar_url"] == f"/media/{owner.avatar_key}"
    assert any(str(p).endswith(owner.avatar_key) for p in stored())


def test_the_picture_before_is_released(api: APIClient, owner: User, avatar: MediaAsset) -> None:
    before = ReadyImageFactory(owner=owner, purpose=Purpose.AVATAR)
    sends(api, owner, before.pk)
    sends(api, owner, avatar.pk)

    before.refresh_from_db()
    avatar.refresh_from_db()
    assert before.attached_at is None
    assert avatar.attached_at is not None


def test_a_picture_can_be_taken_away_twice(api: APIClient, owner: User, avatar: MediaAsset) -> None:
    sends(api, owner, avatar.pk)

    assert api.delete("/api/v1/users/me/avatar").status_code == 204
    assert api.delete("/api/v1/users/me/avatar").status_code == 204

    owner.refresh_from_db()
    avatar.refresh_from_db()
    assert owner.avatar_key == ""
    assert avatar.attached_at is None


def test_refuses_what_is_not_a_ready_avatar_of_ones_own(api: APIClient, owner: User, stranger: User) -> None:
    for asset, code in (
        (ReadyImageFactory(owner=owner), "media.wrong_purpose"),
        (ReadyImageFactory(owner=stranger, purpose=Purpose.AVATAR), "media.not_your_media"),
        (AssetFactory(owner=owner, purpose=Purpose.AVATAR), "media.not_ready"),
    ):
        assert sends(api, owner, asset.pk).json()["code"] == code
    owner.refresh_from_db()
    assert owner.avatar_key == ""


def test_refuses_an_address(api: APIClient, owner: User) -> None:
    answer = sends(api, owner, "https://elsewhere.example/me.jpg")

    assert (answer.status_code, answer.json()["code"]) == (400, "media.foreign_url")
    assert answer.json()["errors"][0]["attr"] == "asset_id"
