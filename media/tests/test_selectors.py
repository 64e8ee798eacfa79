from accounts.models import User
from media import selectors
from media.states import AssetState, Purpose
from media.tests.factories import AssetFactory, ReadyImageFactory, ReadyVideoFactory


def test_a_picture_has_an_address_for_every_variant_and_one_for_everybody(owner: User) -> None:
    shown = selectors.picture(ReadyImageFactory(owner=owner))

    assert shown is not None
    assert len(shown["variants"]) == 12
    assert all(v["url"].startswith("/media/pictures/1/") for v in shown["variants"])
    assert shown["url"].endswith("/640.jpg")
    assert shown["video"] is None


def test_a_video_has_its_poster_and_its_playable_file(owner: User) -> None:
    shown = selectors.picture(ReadyVideoFactory(owner=owner))

    assert shown is not None
    assert len(shown["variants"]) == 12
    assert shown["video"]["url"].endswith("/720.mp4")
    assert shown["video"]["duration_ms"] == 12_000


def test_what_is_not_ready_or_private_is_not_shown(owner: User) -> None:
    assert selectors.picture(None) is None
    assert selectors.picture(AssetFactory(owner=owner, state=AssetState.PROCESSING)) is None
    assert selectors.picture(ReadyImageFactory(owner=owner, purpose=Purpose.EVIDENCE)) is None


def test_picture_at_takes_the_smallest_that_is_wide_enough(owner: User) -> None:
    asset = ReadyImageFactory(owner=owner)

    assert selectors.picture_at(asset, width=300).endswith("/320.jpg")
    assert selectors.picture_at(asset, width=700, kind="webp").endswith("/960.webp")
    assert selectors.picture_at(asset, width=4000).endswith("/1440.jpg")
    assert selectors.picture_at(AssetFactory(owner=owner), width=300) == ""
