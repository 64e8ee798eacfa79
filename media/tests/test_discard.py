from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from core.models import OutboxEvent
from core.testing import deliver_everything
from media import actions, jobs, ports
from media.errors import MediaInUse
from media.models import MediaAsset
from media.states import AssetState, Purpose
from media.tests import pictures
from media.tests.factories import AssetFactory, ReadyImageFactory
from media.tests.sending import prepared, sent, stored


@pytest.fixture
def holder(monkeypatch: pytest.MonkeyPatch) -> set:
    """Ids that some app says it uses."""
    held: set = set()
    monkeypatch.setattr(ports, "_holders", {"test": lambda ids: held & set(ids)})
    return held


def swept(**later: float) -> int:
    with time_machine.travel(timezone.now() + timedelta(**later)):
        return actions.expire_stale_assets(now=timezone.now())


def test_its_owner_throws_a_file_away_and_its_files_go(api: APIClient, owner: User) -> None:
    asset = prepared(owner, pictures.jpeg())
    assert stored()
    api.force_authenticate(owner)

    assert api.delete(f"/api/v1/media/{asset.pk}").status_code == 204
    deliver_everything()

    asset.refresh_from_db()
    assert asset.state == AssetState.EXPIRED
    assert stored() == []


def test_files_that_another_picture_shows_stay(owner: User, stranger: User) -> None:
    first, second = prepared(owner, pictures.jpeg()), prepared(stranger, pictures.jpeg())

    actions.discard_asset(owner=owner, asset_id=first.pk)
    deliver_everything()
    assert len(stored()) == len(second.variants)

    actions.discard_asset(owner=stranger, asset_id=second.pk)
    deliver_everything()
    assert stored() == []


def test_refuses_to_throw_away_what_is_in_use(owner: User, holder: set) -> None:
    attached, kept = ReadyImageFactory(owner=owner), ReadyImageFactory(owner=owner)
    actions.attach_assets(owner=owner, asset_ids=[attached.pk], purpose=Purpose.PRODUCT)
    holder.add(kept.pk)

    for asset in (attached, kept):
        with pytest.raises(MediaInUse):
            actions.discard_asset(owner=owner, asset_id=asset.pk)

    assert MediaAsset.objects.filter(state=AssetState.READY).count() == 2
    assert not OutboxEvent.objects.exists()


def test_a_file_that_is_thrown_away_while_it_is_prepared_leaves_nothing(owner: User) -> None:
    asset = sent(owner, pictures.jpeg())
    taken = actions.start_preparation(asset_id=asset.pk)
    assert taken is not None
    actions.discard_asset(owner=owner, asset_id=asset.pk)

    deliver_everything()

    assert stored() == []
    assert stored("private") == []


def test_uploads_that_never_came_expire(owner: User) -> None:
    AssetFactory(owner=owner)

    assert swept(minutes=70) == 0
    assert swept(minutes=80) == 1
    assert MediaAsset.objects.get().state == AssetState.EXPIRED


def test_files_that_nobody_used_for_a_day_expire_and_go(owner: User) -> None:
    prepared(owner, pictures.jpeg())

    assert swept(hours=23) == 0
    assert swept(hours=25) == 1
    deliver_everything()
    assert stored() == []


def test_files_in_use_stay(owner: User, holder: set) -> None:
    attached, kept = ReadyImageFactory(owner=owner), ReadyImageFactory(owner=owner)
    actions.attach_assets(owner=owner, asset_ids=[attached.pk], purpose=Purpose.PRODUCT)
    holder.add(kept.pk)

    assert swept(days=3) == 0
    kept.refresh_from_db()
    assert kept.attached_at is not None  # so that the next sweep need not ask again


def test_released_files_go_with_the_next_sweep(owner: User) -> None:
    asset = ReadyImageFactory(owner=owner, created_at=timezone.now() - timedelta(days=9))
    actions.attach_assets(owner=owner, asset_ids=[asset.pk], purpose=Purpose.PRODUCT)
    actions.release_assets(asset_ids=[asset.pk])

    assert swept(hours=1) == 1


def test_rows_that_came_to_nothing_are_forgotten_after_a_month(owner: User) -> None:
    AssetFactory(owner=owner, state=AssetState.REJECTED)
    AssetFactory(owner=owner, state=AssetState.EXPIRED)
    ReadyImageFactory(owner=owner, attached_at=timezone.now())

    swept(days=29)
    assert MediaAsset.objects.count() == 3
    swept(days=31)
    assert MediaAsset.objects.get().state == AssetState.READY


def test_forgotten_originals_are_swept_and_waiting_ones_stay(owner: User) -> None:
    waiting = sent(owner, pictures.jpeg())
    waiting_path = stored("private")[0]
    forgotten, half = waiting_path.with_name("0" * 32), waiting_path.with_name(f"{waiting.pk.hex}.abcd.part")
    forgotten.write_bytes(b"x")
    half.write_bytes(b"x")

    assert jobs.sweep_originals(now=timezone.now()) == 0
    assert jobs.sweep_originals(now=timezone.now() + timedelta(days=2)) == 2
    assert stored("private") == [waiting_path]
