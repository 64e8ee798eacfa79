import base64
import json
import uuid
from datetime import timedelta
from hashlib import sha256

import pytest
from django.conf import LazySettings
from django.utils import timezone

from media import storage
from media.storage import Announced

OPTIONS = {
    "bucket_name": "souk-public",
    "access_key": "AKIAEXAMPLE",
    "secret_key": "secret-of-the-test",
    "endpoint_url": "https://s3.example.com",
    "region_name": "me-central-1",
    "file_overwrite": False,
}


@pytest.fixture(autouse=True)
def _s3(settings: LazySettings) -> None:
    settings.MEDIA_STORE = "s3"
    backend = "storages.backends.s3.S3Storage"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": backend,
            "OPTIONS": OPTIONS | {"custom_domain": "cdn.example.com", "querystring_auth": False},
        },
        "private": {"BACKEND": backend, "OPTIONS": OPTIONS | {"bucket_name": "souk-private", "querystring_auth": True}},
    }


def announced(**how: object) -> Announced:
    wanted = {
        "asset_id": uuid.uuid4(),
        "key": "uploads/abc",
        "byte_size": 4321,
        "content_type": "image/jpeg",
        "expires_at": timezone.now() + timedelta(minutes=15),
    }
    return Announced(**(wanted | how))  # type: ignore[arg-type]


def policy_of(ticket: storage.Ticket) -> dict:
    return json.loads(base64.b64decode(ticket.fields["policy"]))


def test_the_policy_binds_key_type_and_exact_size() -> None:
    ticket = storage.ticket(announced())

    assert ticket.method == "POST"
    assert ticket.upload_url == "https://s3.example.com/souk-private"
    assert ticket.fields["key"] == "uploads/abc"
    conditions = policy_of(ticket)["conditions"]
    assert ["content-length-range", 4321, 4321] in conditions
    assert {"Content-Type": "image/jpeg"} in conditions
    assert {"bucket": "souk-private"} in conditions
    assert {"key": "uploads/abc"} in conditions
    assert not any("acl" in str(c) for c in conditions)


def test_the_policy_ends_with_the_ticket() -> None:
    expires = timezone.now().replace(microsecond=0) + timedelta(minutes=15)
    ticket = storage.ticket(announced(expires_at=expires))

    ends = policy_of(ticket)["expiration"]
    assert ends.startswith((expires - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M"))
    assert ticket.expires_at == expires


def test_a_checksum_is_bound_too() -> None:
    digest = sha256(b"x").hexdigest()
    ticket = storage.ticket(announced(sha256=digest))

    wanted = base64.b64encode(bytes.fromhex(digest)).decode()
    assert ticket.fields["x-amz-checksum-sha256"] == wanted
    assert {"x-amz-checksum-sha256": wanted} in policy_of(ticket)["conditions"]


def test_no_secret_is_in_a_ticket() -> None:
    ticket = storage.ticket(announced())

    assert "secret-of-the-test" not in json.dumps(ticket.fields)


def test_public_addresses_are_the_domains_and_private_ones_are_signed() -> None:
    assert storage.public_url("pictures/1/ab/x/320.avif") == "https://cdn.example.com/pictures/1/ab/x/320.avif"
    signed = storage.private_url("evidence/1/ab/x/640.jpg", seconds=60)
    assert "souk-private" in signed
    assert "X-Amz-Expires=60" in signed or "Expires=" in signed
