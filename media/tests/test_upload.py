import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from core.models import OutboxEvent
from media import actions
from media.errors import UnsupportedType
from media.models import MediaAsset
from media.states import AssetState
from media.tests import pictures
from media.tests.factories import AssetFactory, ReadyImageFactory
from media.tests.sending import sent, stored

PHOTO = pictures.jpeg(400, 300)


def asks(api: APIClient, owner: User, **how: object) -> Response:
    api.force_authenticate(owner)
    wanted = {"filename": "a.jpg", "content_type": "image/jpeg", "byte_size": len(PHOTO), "purpose": "product"}
    return api.post("/api/v1/media/upload-url", wanted | how)


def ticket_for(api: APIClient, owner: User, **how: object) -> dict:
    answer = asks(api, owner, **how)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def puts(ticket: dict, content: bytes = PHOTO, *, content_type: str = "image/jpeg", url: str = "") -> Response:
    """As a browser does it: without any sign-in."""
    return APIClient().put(url or ticket["upload_url"], data=content, content_type=content_type)


def tampered(url: str, **how: str) -> str:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | how
    return f"{parts.path}?{urlencode(query)}"


def code(answer: Response) -> str:
    return answer.json()["code"]


def test_a_file_goes_from_ticket_to_ready(api: APIClient, owner: User, deliver: object) -> None:
    ticket = ticket_for(api, owner)
    assert ticket["method"] == "PUT"
    assert ticket["headers"] == {"Content-Type": "image/jpeg"}
    assert ticket["max_bytes"] == len(PHOTO)
    assert puts(ticket).status_code == 204

    told = api.post(f"/api/v1/media/{ticket['asset_id']}/complete").json()
    assert told["state"] == "uploaded"
    deliver()  # type: ignore[operator]
    seen = api.get(f"/api/v1/media/{ticket['asset_id']}").json()

    assert seen["state"] == "ready"
    assert seen["failure"] is None
    assert seen["picture"]["variants"][0]["url"].startswith("/media/pictures/1/")


def test_complete_said_twice_is_heard_once(api: APIClient, owner: User) -> None:
    asset = sent(owner, PHOTO)
    api.force_authenticate(owner)

    again = api.post(f"/api/v1/media/{asset.pk}/complete")

    assert again.status_code == 200
    assert OutboxEvent.objects.filter(name="media.upload_received").count() == 1


def test_complete_waits_for_the_file(api: APIClient, owner: User) -> None:
    ticket = ticket_for(api, owner)

    assert code(api.post(f"/api/v1/media/{ticket['asset_id']}/complete")) == "media.nothing_uploaded"
    assert MediaAsset.objects.get().state == AssetState.AWAITING
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize(
    ("how", "status", "wanted"),
    [
        ({"byte_size": 30 * 1024**2}, 413, "media.too_large"),
        ({"byte_size": 101 * 1024**2, "content_type": "video/mp4"}, 413, "media.too_large"),
        ({"content_type": "image/gif"}, 400, "media.unsupported_type"),
        ({"content_type": "image/svg+xml"}, 400, "media.unsupported_type"),
        ({"content_type": "video/mp4", "purpose": "avatar"}, 400, "media.unsupported_type"),
        ({"byte_size": 0}, 400, "core.invalid"),
        ({"byte_size": "many"}, 400, "core.invalid"),
        ({"purpose": "fame"}, 400, "core.invalid"),
        ({"url": "https://elsewhere.example/x.jpg"}, 400, "core.invalid"),
        ({"sha256": "abc"}, 400, "core.invalid"),
    ],
)
def test_refuses_a_wrong_announcement_and_sets_nothing_aside(
    api: APIClient, owner: User, how: dict, status: int, wanted: str
) -> None:
    answer = asks(api, owner, **how)

    assert (answer.status_code, code(answer)) == (status, wanted)
    assert not MediaAsset.objects.exists()


def test_20_megabytes_are_just_taken(api: APIClient, owner: User) -> None:
    assert asks(api, owner, byte_size=20 * 1024**2).status_code == 201
    assert asks(api, owner, byte_size=20 * 1024**2 + 1).status_code == 413


def test_a_jpeg_by_its_other_name_is_a_jpeg(api: APIClient, owner: User) -> None:
    assert ticket_for(api, owner, content_type="image/jpg; x=y")["headers"]["Content-Type"] == "image/jpeg"


def test_strangers_get_no_ticket(api: APIClient) -> None:
    assert api.post("/api/v1/media/upload-url", {}).status_code == 401


def test_suspended_people_get_no_ticket(api: APIClient, db: None) -> None:
    assert asks(api, UserFactory(suspended=True)).status_code == 403
    assert not MediaAsset.objects.exists()


def test_unused_files_have_a_limit(api: APIClient, owner: User, settings: LazySettings) -> None:
    settings.MEDIA_LIMITS = settings.MEDIA_LIMITS | {"unused_files": 2}
    ReadyImageFactory(owner=owner, attached_at=timezone.now())
    AssetFactory(owner=owner, state=AssetState.REJECTED)
    AssetFactory.create_batch(2, owner=owner)

    answer = asks(api, owner)

    assert (answer.status_code, code(answer)) == (409, "media.too_many_unused")
    assert MediaAsset.objects.count() == 4


def nothing_came() -> bool:
    return stored("private") == [] and MediaAsset.objects.get().state == AssetState.AWAITING


def test_refuses_an_upload_that_comes_too_late(api: APIClient, owner: User) -> None:
    ticket = ticket_for(api, owner)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        answer = puts(ticket)

        assert (answer.status_code, code(answer)) == (410, "media.upload_expired")
        assert nothing_came()
        assert code(api.post(f"/api/v1/media/{ticket['asset_id']}/complete")) == "media.upload_expired"


@pytest.mark.parametrize(
    "how",
    [{"signature": "0" * 64}, {"expires": "9999999999"}, {"sha256": "0" * 64}],
    ids=["signature", "expiry", "checksum"],
)
def test_refuses_an_address_that_was_changed(api: APIClient, owner: User, how: dict) -> None:
    ticket = ticket_for(api, owner)

    answer = puts(ticket, url=tampered(ticket["upload_url"], **how))

    assert (answer.status_code, code(answer)) == (403, "media.bad_signature")
    assert nothing_came()


def test_a_signature_is_good_for_its_own_file_only(api: APIClient, owner: User) -> None:
    first, second = ticket_for(api, owner), ticket_for(api, owner)

    answer = puts(first, url=first["upload_url"].replace(first["asset_id"], second["asset_id"]))

    assert code(answer) == "media.bad_signature"
    assert stored("private") == []
    assert (
        code(puts(first, url=first["upload_url"].replace(first["asset_id"], str(uuid.uuid4()))))
        == "media.bad_signature"
    )


@pytest.mark.parametrize("content", [PHOTO + b"x", PHOTO[:-1], b""], ids=["more", "less", "none"])
def test_refuses_another_size_than_announced(api: APIClient, owner: User, content: bytes) -> None:
    answer = puts(ticket_for(api, owner), content)

    assert (answer.status_code, code(answer)) == (400, "media.wrong_size")
    assert nothing_came()


def test_refuses_another_type_than_announced(api: APIClient, owner: User) -> None:
    answer = puts(ticket_for(api, owner), content_type="text/html")

    assert (answer.status_code, code(answer)) == (400, "media.wrong_type")
    assert nothing_came()


def test_refuses_other_bytes_than_announced(api: APIClient, owner: User) -> None:
    ticket = ticket_for(api, owner, sha256=sha256(PHOTO).hexdigest())

    answer = puts(ticket, PHOTO[:-1] + b"?")

    assert (answer.status_code, code(answer)) == (400, "media.wrong_checksum")
    assert nothing_came()
    assert puts(ticket).status_code == 204


def test_refuses_a_second_upload_and_keeps_the_first(api: APIClient, owner: User) -> None:
    ticket = ticket_for(api, owner)
    puts(ticket)

    answer = puts(ticket, b"\0" * len(PHOTO))

    assert (answer.status_code, code(answer)) == (409, "media.already_uploaded")
    (path,) = stored("private")
    assert path.read_bytes() == PHOTO


def test_refuses_an_upload_after_complete(api: APIClient, owner: User) -> None:
    ticket = ticket_for(api, owner)
    puts(ticket)
    api.post(f"/api/v1/media/{ticket['asset_id']}/complete")

    assert code(puts(ticket)) == "media.already_uploaded"


def test_refuses_parameters_that_it_does_not_know(api: APIClient, owner: User) -> None:
    ticket = ticket_for(api, owner)

    assert code(puts(ticket, url=tampered(ticket["upload_url"], acl="public"))) == "core.unknown_parameter"
    assert nothing_came()


@pytest.mark.django_db(transaction=True)
def test_of_many_uploads_at_once_exactly_one_wins(api: APIClient, owner: User) -> None:
    ticket = ticket_for(api, owner)

    def put_one(_n: int) -> int:
        try:
            return puts(ticket).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(put_one, range(8)))

    assert statuses == [204] + [409] * 7
    (path,) = stored("private")
    assert path.read_bytes() == PHOTO


def test_others_see_nothing_of_a_file(api: APIClient, owner: User, stranger: User) -> None:
    asset = sent(owner, PHOTO)
    api.force_authenticate(stranger)

    for answer in (
        api.get(f"/api/v1/media/{asset.pk}"),
        api.post(f"/api/v1/media/{asset.pk}/complete"),
        api.delete(f"/api/v1/media/{asset.pk}"),
    ):
        assert (answer.status_code, code(answer)) == (404, "media.not_your_media")
    asset.refresh_from_db()
    assert asset.state == AssetState.UPLOADED


def test_a_rejected_file_says_why_in_the_readers_language(api: APIClient, owner: User, deliver: object) -> None:
    asset = sent(owner, pictures.png_bomb(8000, 8000), content_type="image/png")
    deliver()  # type: ignore[operator]
    api.force_authenticate(owner)

    seen = api.get(f"/api/v1/media/{asset.pk}").json()

    assert seen["state"] == "rejected"
    assert seen["failure"]["code"] == "media.too_many_pixels"
    assert "pixels" in seen["failure"]["message"]
    assert seen["picture"] is None


def test_a_file_is_read_in_few_queries(api: APIClient, owner: User, django_assert_max_num_queries: object) -> None:
    asset = ReadyImageFactory(owner=owner)
    api.force_authenticate(owner)

    with django_assert_max_num_queries(2):  # type: ignore[operator]
        assert api.get(f"/api/v1/media/{asset.pk}").status_code == 200


def test_a_file_of_a_form_takes_the_same_way(owner: User, deliver: object) -> None:
    asset = actions.take_file(owner=owner, file=SimpleUploadedFile("a.jpg", PHOTO, "image/jpeg"), purpose="product")
    deliver()  # type: ignore[operator]

    asset.refresh_from_db()
    assert (asset.state, asset.filename) == (AssetState.READY, "a.jpg")


def test_a_file_of_a_form_that_the_browser_cannot_name_is_known_by_its_ending(owner: User) -> None:
    content = pictures.as_bytes(pictures.drawn(), "HEIF")
    file = SimpleUploadedFile("IMG_1.HEIC", content, "application/octet-stream")

    assert actions.take_file(owner=owner, file=file, purpose="product").content_type == "image/heic"


def test_a_file_of_a_form_has_the_same_limits(owner: User) -> None:
    with pytest.raises(UnsupportedType):
        actions.take_file(owner=owner, file=SimpleUploadedFile("a.gif", b"GIF89a", "image/gif"), purpose="product")
    assert stored("private") == []
    assert not MediaAsset.objects.exists()


def test_a_ticket_beyond_all_calendars_is_refused(api, owner) -> None:
    asset = AssetFactory(owner=owner)
    answer = api.put(
        f"/api/v1/media/local-upload/{asset.pk}?expires=1099511627775&signature=x", b"x", content_type="image/jpeg"
    )
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "expires")
