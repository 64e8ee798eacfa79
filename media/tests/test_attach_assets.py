import uuid

import pytest

from accounts.models import User
from media.actions import attach_assets
from media.errors import AttachedTwice, MediaNotReady, NotYourMedia, WrongPurpose
from media.models import MediaAsset
from media.states import AssetState, Purpose
from media.tests.factories import AssetFactory, ReadyImageFactory


def attached() -> int:
    return MediaAsset.objects.exclude(attached_at=None).count()


def test_puts_files_to_use_in_the_order_asked_for(owner: User) -> None:
    first, second = ReadyImageFactory(owner=owner), ReadyImageFactory(owner=owner)

    got = attach_assets(owner=owner, asset_ids=[second.pk, first.pk], purpose=Purpose.PRODUCT)

    assert [a.pk for a in got] == [second.pk, first.pk]
    assert attached() == 2


def test_keeps_the_moment_of_first_use(owner: User) -> None:
    asset = ReadyImageFactory(owner=owner)
    (once,) = attach_assets(owner=owner, asset_ids=[asset.pk], purpose=Purpose.PRODUCT)
    (twice,) = attach_assets(owner=owner, asset_ids=[asset.pk], purpose=Purpose.PRODUCT)

    assert twice.attached_at == once.attached_at


def test_refuses_a_file_of_somebody_else_and_attaches_none(owner: User, stranger: User) -> None:
    mine, theirs = ReadyImageFactory(owner=owner), ReadyImageFactory(owner=stranger)

    with pytest.raises(NotYourMedia):
        attach_assets(owner=owner, asset_ids=[mine.pk, theirs.pk], purpose=Purpose.PRODUCT)

    assert attached() == 0


def test_refuses_a_file_that_does_not_exist(owner: User) -> None:
    with pytest.raises(NotYourMedia):
        attach_assets(owner=owner, asset_ids=[uuid.uuid4()], purpose=Purpose.PRODUCT)


@pytest.mark.parametrize("state", [s for s in AssetState if s != AssetState.READY])
def test_refuses_a_file_that_is_not_ready(owner: User, state: str) -> None:
    asset = AssetFactory(owner=owner, state=state)

    with pytest.raises(MediaNotReady):
        attach_assets(owner=owner, asset_ids=[asset.pk], purpose=Purpose.PRODUCT)

    assert attached() == 0


def test_refuses_a_file_that_was_meant_for_something_else(owner: User) -> None:
    asset = ReadyImageFactory(owner=owner, purpose=Purpose.EVIDENCE)

    with pytest.raises(WrongPurpose):
        attach_assets(owner=owner, asset_ids=[asset.pk], purpose=Purpose.PRODUCT)

    assert attached() == 0


def test_refuses_the_same_file_twice(owner: User) -> None:
    asset = ReadyImageFactory(owner=owner)

    with pytest.raises(AttachedTwice):
        attach_assets(owner=owner, asset_ids=[asset.pk, asset.pk], purpose=Purpose.PRODUCT)

    assert attached() == 0
