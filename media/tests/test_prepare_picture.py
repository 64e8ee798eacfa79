import io
import time
from pathlib import Path

import pytest
from django.core.files.storage import storages
from PIL import Image

from accounts.models import User
from core.models import OutboxEvent
from media import selectors
from media.states import AssetState, Purpose
from media.tests import pictures
from media.tests.sending import prepared, stored

TELLTALES = (b"TelltaleCam", b"telltale comment", b"GPS", b"Exif", b"<?php", b"<script")


def opened(key: str) -> Image.Image:
    return Image.open(storages["default"].path(key))


def test_a_photo_becomes_every_size_in_three_formats(owner: User) -> None:
    asset = prepared(owner, pictures.jpeg(1600, 1200))

    assert asset.state == AssetState.READY
    assert (asset.width, asset.height, asset.progress) == (1600, 1200, 100)
    made = {(v["format"], v["width"]) for v in asset.variants}
    assert made == {(form, width) for form in ("avif", "webp", "jpeg") for width in (320, 640, 960, 1440)}
    for variant in asset.variants:
        picture = opened(variant["key"])
        assert picture.format == variant["format"].upper()
        assert picture.size == (variant["width"], variant["height"])
        assert Path(storages["default"].path(variant["key"])).stat().st_size == variant["bytes"]
    assert OutboxEvent.objects.filter(name="media.asset_ready").count() == 1


def test_keys_are_decided_by_the_content_and_never_by_the_sender(owner: User) -> None:
    asset = prepared(owner, pictures.jpeg(), name="../../etc/passwd.jpg")

    assert all(v["key"].startswith(f"pictures/1/{asset.sha256[:2]}/{asset.sha256}/") for v in asset.variants)
    assert len(asset.sha256) == 64
    assert len(asset.perceptual_hash) == 16


def test_the_placeholder_is_tiny(owner: User) -> None:
    asset = prepared(owner, pictures.jpeg())

    assert asset.placeholder.startswith("data:image/webp;base64,")
    assert len(asset.placeholder) < 700


def test_nothing_that_the_camera_wrote_survives(owner: User) -> None:
    content = pictures.jpeg_with_place()
    assert any(mark in content for mark in TELLTALES)

    prepared(owner, content)

    assert stored()
    for path in stored():
        assert not any(mark in path.read_bytes() for mark in TELLTALES), path
        assert not Image.open(path).getexif()


def test_the_original_is_gone_once_it_is_prepared(owner: User) -> None:
    prepared(owner, pictures.jpeg_with_place())

    assert stored("private") == []


def test_a_turned_photo_is_set_upright_before_its_exif_is_dropped(owner: User) -> None:
    asset = prepared(owner, pictures.jpeg_with_place(orientation=6))

    assert (asset.width, asset.height) == (700, 900)
    smallest = opened(selectors.picture_at(asset, width=320))
    assert smallest.width < smallest.height


@pytest.mark.parametrize(
    ("form", "content_type"),
    [("PNG", "image/png"), ("WEBP", "image/webp"), ("AVIF", "image/avif"), ("HEIF", "image/heic")],
)
def test_takes_what_phones_and_browsers_make(owner: User, form: str, content_type: str) -> None:
    asset = prepared(owner, pictures.as_bytes(pictures.drawn(), form), content_type=content_type)

    assert asset.state == AssetState.READY, asset.failure_code
    assert {v["width"] for v in asset.variants} == {320, 640, 900}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_takes_every_kind_of_png(owner: User, mode: str) -> None:
    picture = pictures.drawn().convert("L").convert("I;16") if mode == "I;16" else pictures.drawn().convert(mode)

    asset = prepared(owner, pictures.as_bytes(picture, "PNG"), content_type="image/png")

    assert asset.state == AssetState.READY, asset.failure_code


def test_takes_a_jpeg_in_printers_colours(owner: User) -> None:
    asset = prepared(owner, pictures.as_bytes(pictures.drawn().convert("CMYK"), "JPEG"))

    assert asset.state == AssetState.READY
    assert opened(asset.variants[0]["key"]).mode == "RGB"


def test_what_is_see_through_stands_on_white(owner: User) -> None:
    picture = Image.new("RGBA", (400, 400), (0, 0, 0, 0))

    asset = prepared(owner, pictures.as_bytes(picture, "PNG"), content_type="image/png")

    assert min(opened(selectors.picture_at(asset, width=320)).convert("L").getextrema()) > 250


def test_a_small_picture_is_not_enlarged(owner: User) -> None:
    asset = prepared(owner, pictures.jpeg(200, 160))

    assert {v["width"] for v in asset.variants} == {200}


def test_an_avatar_is_cropped_to_squares(owner: User) -> None:
    asset = prepared(owner, pictures.jpeg(900, 600), purpose=Purpose.AVATAR)

    assert {(v["width"], v["height"]) for v in asset.variants} == {(96, 96), (256, 256), (512, 512)}
    assert all(v["key"].startswith("avatars/") for v in asset.variants)


def test_evidence_stays_in_the_private_store(owner: User) -> None:
    asset = prepared(owner, pictures.jpeg(), purpose=Purpose.EVIDENCE)

    assert asset.state == AssetState.READY
    assert stored() == []
    assert len(stored("private")) == len(asset.variants)


def test_the_same_bytes_are_prepared_once_whoever_sends_them(owner: User, stranger: User) -> None:
    first = prepared(owner, pictures.jpeg())
    before = [(p, p.stat().st_mtime_ns) for p in stored()]

    second = prepared(stranger, pictures.jpeg())

    assert second.variants == first.variants
    assert [(p, p.stat().st_mtime_ns) for p in stored()] == before


def test_near_pictures_have_near_hashes(owner: User) -> None:
    one = prepared(owner, pictures.jpeg(900, 700))
    other = prepared(owner, pictures.jpeg(900, 700, subsampling=0))

    assert one.sha256 != other.sha256
    assert (int(one.perceptual_hash, 16) ^ int(other.perceptual_hash, 16)).bit_count() <= 4


def refused(asset: object, code: str) -> None:
    assert asset.state == AssetState.REJECTED  # type: ignore[attr-defined]
    assert asset.failure_code == code  # type: ignore[attr-defined]
    assert asset.variants == []  # type: ignore[attr-defined]
    assert stored() == []
    assert stored("private") == []


def test_a_png_bomb_is_refused_without_being_decoded(owner: User) -> None:
    bomb = pictures.png_bomb()
    assert len(bomb) < 200_000
    started = time.monotonic()

    asset = prepared(owner, bomb, content_type="image/png")

    refused(asset, "media.too_many_pixels")
    assert time.monotonic() - started < 3


def test_a_truncated_file_is_refused(owner: User) -> None:
    refused(prepared(owner, pictures.jpeg()[:9000]), "media.unreadable")


def test_noise_behind_a_good_beginning_is_refused(owner: User) -> None:
    refused(prepared(owner, pictures.jpeg()[:24] + b"\x00noise" * 900), "media.unreadable")


def test_a_file_of_another_kind_than_declared_is_refused(owner: User) -> None:
    refused(prepared(owner, pictures.jpeg(), content_type="image/png"), "media.content_mismatch")


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a" + b"\0" * 90,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>",
        b"%PDF-1.7",
        b"PK\x03\x04",
    ],
)
def test_what_only_calls_itself_a_picture_is_refused(owner: User, content: bytes) -> None:
    refused(prepared(owner, content), "media.content_mismatch")


def test_a_speck_is_refused(owner: User) -> None:
    refused(prepared(owner, pictures.jpeg(40, 40)), "media.too_few_pixels")


def test_a_polyglot_comes_out_as_a_picture_and_nothing_else(owner: User) -> None:
    payload = b"<script>alert(1)</script><?php system($_GET[0]); ?>"
    clean = pictures.jpeg(comment=payload)

    asset = prepared(owner, clean + b"PK\x03\x04" + payload)

    assert asset.state == AssetState.READY
    for path in stored():
        assert payload not in path.read_bytes()
        assert b"PK\x03\x04" not in path.read_bytes()
        Image.open(io.BytesIO(path.read_bytes())).verify()


def test_the_owner_reads_why(owner: User) -> None:
    asset = prepared(owner, pictures.jpeg(40, 40))

    assert selectors.failure(asset) == {
        "code": "media.too_few_pixels",
        "message": "This picture is too small to be of use.",
    }
