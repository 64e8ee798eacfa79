from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.storage import storages
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from core.models import AuditEntry
from media import selectors
from media.models import MediaAsset
from media.states import Purpose
from media.tests import pictures
from media.tests.factories import ReadyImageFactory
from media.tests.sending import prepared

KEY = f"clips/1/ab/{'ab' * 32}/clip.mp4".replace("clips", "pictures")


@pytest.fixture
def clip() -> bytes:
    content = bytes(range(256)) * 8
    path = Path(storages["default"].path(KEY))
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return content


def test_a_public_file_is_served_whole_and_for_long(client: Client, clip: bytes) -> None:
    answer = client.get(f"/media/{KEY}")

    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == clip
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Accept-Ranges"] == "bytes"
    assert "immutable" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-99", 0, 99), ("bytes=100-", 100, 2047), ("bytes=-48", 2000, 2047), ("bytes=2000-9999", 2000, 2047)],
)
def test_parts_are_served(client: Client, clip: bytes, asked: str, first: int, last: int) -> None:
    answer = client.get(f"/media/{KEY}", headers={"Range": asked})

    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{last}/2048"
    assert b"".join(answer.streaming_content) == clip[first : last + 1]


@pytest.mark.parametrize("asked", ["bytes=2048-", "bytes=5-2", "bytes=-0"])
def test_a_part_that_is_not_there_is_416(client: Client, clip: bytes, asked: str) -> None:
    answer = client.get(f"/media/{KEY}", headers={"Range": asked})

    assert answer.status_code == 416
    assert answer["Content-Range"] == "bytes */2048"


@pytest.mark.parametrize(
    "key", ["../private/uploads/abc", "uploads/abc", KEY.replace("mp4", "html"), "pictures/1/ab/x.part"]
)
def test_only_keys_of_ours_are_served(client: Client, clip: bytes, key: str) -> None:
    assert client.get(f"/media/{key}").status_code == 404


@pytest.fixture
def evidence(owner: User) -> MediaAsset:
    return prepared(owner, pictures.jpeg(), purpose=Purpose.EVIDENCE)


def address(asset: MediaAsset, viewer: User) -> str:
    shown = selectors.private_picture(asset, viewer=viewer)
    assert shown is not None
    return shown["url"]


def test_a_moderator_looks_at_evidence_and_it_is_written_down(
    api: APIClient, evidence: MediaAsset, stranger: User
) -> None:
    api.force_authenticate(stranger)

    answer = api.get(address(evidence, stranger))

    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target_id, entry.actor_id) == (
        "media.private_file_viewed",
        str(evidence.pk),
        stranger.pk,
    )


def test_an_owner_looks_at_their_own_without_a_record(api: APIClient, evidence: MediaAsset, owner: User) -> None:
    api.force_authenticate(owner)
    url = api.get(f"/api/v1/media/{evidence.pk}").json()["picture"]["url"]

    assert api.get(url).status_code == 200
    assert not AuditEntry.objects.exists()


def test_an_address_is_good_for_one_person_for_five_minutes(
    api: APIClient, evidence: MediaAsset, owner: User, stranger: User
) -> None:
    url = address(evidence, stranger)

    api.force_authenticate(owner)
    assert api.get(url).json()["code"] == "media.bad_signature"
    api.force_authenticate(stranger)
    assert api.get(url.replace("/960.jpg", "/640.jpg").replace("/900.jpg", "/640.jpg")).status_code == 403
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert api.get(url).status_code == 403
    api.force_authenticate(None)
    assert api.get(url).status_code == 401
    assert not AuditEntry.objects.exists()


def test_nginx_hands_private_files_out_where_it_stands_in_front(
    api: APIClient, evidence: MediaAsset, owner: User, settings: LazySettings
) -> None:
    settings.MEDIA_X_ACCEL = True
    api.force_authenticate(owner)

    answer = api.get(address(evidence, owner))

    assert answer["X-Accel-Redirect"].startswith("/protected-media/evidence/1/")
    assert answer.content == b""


def test_public_pictures_have_no_private_address(owner: User) -> None:
    assert selectors.private_picture(ReadyImageFactory(owner=owner), viewer=owner) is None
