import json
import subprocess
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.storage import storages
from PIL import Image

from accounts.models import User
from media import video
from media.models import MediaAsset
from media.states import AssetState
from media.tests import pictures
from media.tests.sending import prepared, stored


def probed(key: str) -> dict:
    path = storages["default"].path(key)
    answer = subprocess.run(  # noqa: S603
        ["ffprobe", "-v", "error", "-print_format", "json", "-show_format", "-show_streams", path],  # noqa: S607
        check=True,
        capture_output=True,
    )
    return json.loads(answer.stdout)


def rendition(asset: MediaAsset) -> dict:
    (found,) = [v for v in asset.variants if v["format"] == "mp4"]
    return found


def refused(asset: MediaAsset, code: str) -> None:
    assert asset.state == AssetState.REJECTED
    assert asset.failure_code == code
    assert asset.variants == []
    assert stored() == []
    assert stored("private") == []


def test_a_clip_gets_a_poster_and_one_rendition_that_plays_everywhere(owner: User) -> None:
    asset = prepared(owner, pictures.clip(), content_type="video/mp4")

    assert asset.state == AssetState.READY, asset.failure_code
    assert 1900 <= asset.duration_ms <= 2200
    assert {v["width"] for v in asset.variants if v["format"] == "avif"} == {320, 640}
    assert asset.placeholder.startswith("data:image/webp")
    clip = rendition(asset)
    assert (clip["width"], clip["height"]) == (640, 360)
    found = probed(clip["key"])
    assert {s["codec_name"] for s in found["streams"]} == {"h264", "aac"}
    content = Path(storages["default"].path(clip["key"])).read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")  # plays before it is all there


def test_what_the_camera_wrote_into_a_clip_is_gone(owner: User) -> None:
    content = pictures.clip()
    assert b"telltale title" in content

    asset = prepared(owner, content, content_type="video/mp4")

    made = Path(storages["default"].path(rendition(asset)["key"])).read_bytes()
    assert b"telltale" not in made
    assert b"+25.07" not in made
    tags = probed(rendition(asset)["key"])["format"].get("tags", {})
    assert not {"title", "location"} & set(tags)


def test_takes_quicktime_and_silent_clips(owner: User) -> None:
    asset = prepared(owner, pictures.clip(form="mov", sound=False), content_type="video/quicktime")

    assert asset.state == AssetState.READY, asset.failure_code
    assert [s["codec_name"] for s in probed(rendition(asset)["key"])["streams"]] == ["h264"]


def test_a_large_upright_clip_is_brought_to_720_columns(owner: User) -> None:
    asset = prepared(owner, pictures.clip(size="1080x1920", seconds=1), content_type="video/mp4")

    assert (rendition(asset)["width"], rendition(asset)["height"]) == (720, 1280)
    assert asset.width < asset.height


def test_the_poster_shows_the_moment_at_one_second(owner: User) -> None:
    asset = prepared(owner, pictures.clip(), content_type="video/mp4")

    widest = max((v for v in asset.variants if v["format"] == "jpeg"), key=lambda v: v["width"])
    assert Image.open(storages["default"].path(widest["key"])).size == (640, 360)


def test_progress_rises_to_the_end_while_it_is_rendered(tmp_path: Path) -> None:
    source, told = tmp_path / "source", []
    source.write_bytes(pictures.clip(seconds=8))

    video.render(source, video.examine(source, folder=tmp_path), folder=tmp_path, progress=told.append)

    assert told == sorted(told)
    assert told[-1] == pytest.approx(1, abs=0.1)


def test_a_clip_filmed_on_its_side_is_set_upright(owner: User, tmp_path: Path) -> None:
    lying, turned = tmp_path / "lying.mp4", tmp_path / "turned.mp4"
    lying.write_bytes(pictures.clip())
    subprocess.run(  # noqa: S603
        ["ffmpeg", "-v", "error", "-i", str(lying), "-c", "copy", "-metadata:s:v", "rotate=90", str(turned)],  # noqa: S607
        check=True,
    )

    asset = prepared(owner, turned.read_bytes(), content_type="video/mp4")

    assert (rendition(asset)["width"], rendition(asset)["height"]) == (360, 640)
    assert asset.width < asset.height


def test_a_clip_that_is_too_long_is_refused(owner: User, settings: LazySettings) -> None:
    settings.MEDIA_LIMITS = settings.MEDIA_LIMITS | {"video_seconds": 1}

    refused(prepared(owner, pictures.clip(), content_type="video/mp4"), "media.too_long")


def test_sound_alone_is_no_clip(owner: User, tmp_path: Path) -> None:
    target = tmp_path / "tone.mp4"
    subprocess.run(  # noqa: S603
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", str(target)],  # noqa: S607
        check=True,
    )

    refused(prepared(owner, target.read_bytes(), content_type="video/mp4"), "media.no_video_stream")


def test_a_truncated_clip_is_refused(owner: User) -> None:
    content = pictures.clip()

    refused(prepared(owner, content[: len(content) // 2], content_type="video/mp4"), "media.unreadable")


def test_a_picture_that_calls_itself_a_clip_is_refused(owner: User) -> None:
    refused(prepared(owner, pictures.jpeg(), content_type="video/mp4"), "media.content_mismatch")


@pytest.mark.parametrize(
    "playlist", ["#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "ffconcat version 1.0\nfile /etc/passwd\n"]
)
def test_a_playlist_behind_the_mark_of_an_mp4_is_not_followed(owner: User, playlist: str) -> None:
    content = b"\x00\x00\x00\x18ftypisom" + playlist.encode() * 20

    refused(prepared(owner, content, content_type="video/mp4"), "media.unreadable")


def test_two_owners_of_one_clip_share_its_files(owner: User, stranger: User) -> None:
    first = prepared(owner, pictures.clip(), content_type="video/mp4")
    second = prepared(stranger, pictures.clip(), content_type="video/mp4")

    assert second.variants == first.variants
    assert second.duration_ms == first.duration_ms
