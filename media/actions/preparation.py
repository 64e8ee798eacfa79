"""What the job that prepares a file tells: begun, so far, done, refused, given up."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import audit
from core.events import publish
from core.states import move
from media.errors import FileFault, NotYourMedia, PreparationFailed
from media.events import AssetFailed, AssetReady, AssetRejected, UploadReceived
from media.models import MediaAsset
from media.states import ASSET_MOVES, AssetState

MAX_ATTEMPTS = 4


@dataclass(frozen=True)
class Prepared:
    """What became of a file. Sizes in pixels, the duration in milliseconds."""

    sha256: str
    width: int
    height: int
    perceptual_hash: str
    placeholder: str
    variants: list[dict[str, Any]] = field(default_factory=list)
    duration_ms: int | None = None


def _locked(asset_id: uuid.UUID) -> MediaAsset:
    asset = MediaAsset.objects.select_for_update(of=("self",)).filter(pk=asset_id).first()
    if asset is None:
        raise NotYourMedia
    return asset


@transaction.atomic
def start_preparation(*, asset_id: uuid.UUID) -> MediaAsset | None:
    """Take a file in hand, counting the attempt first. None where there is nothing (left) to prepare.

    A file that took its worker down too often is given up.
    """
    asset = MediaAsset.objects.select_for_update(of=("self",)).filter(pk=asset_id).first()
    if asset is None or asset.state not in (AssetState.UPLOADED, AssetState.PROCESSING, AssetState.FAILED):
        return None
    if asset.state == AssetState.FAILED and asset.attempts >= MAX_ATTEMPTS:
        return None
    if asset.state == AssetState.PROCESSING and asset.attempts >= MAX_ATTEMPTS:
        _fail(asset)
        return None
    move(asset, AssetState.PROCESSING, ASSET_MOVES, attempts=asset.attempts + 1, progress=0, failure_code="", sha256="")
    return asset


def note_source(*, asset_id: uuid.UUID, sha256: str) -> MediaAsset | None:
    """Remember which bytes are being prepared, and return a finished file of the same bytes and purpose, if there is one.

    From here on nobody deletes what is stored for these bytes. Call it under `jobs.content_lock`.
    """
    MediaAsset.objects.filter(pk=asset_id, state=AssetState.PROCESSING).update(sha256=sha256, updated_at=timezone.now())
    purpose = MediaAsset.objects.filter(pk=asset_id).values("purpose")[:1]
    return (
        MediaAsset.objects.filter(sha256=sha256, purpose=purpose, state=AssetState.READY)
        .exclude(pk=asset_id)
        .order_by("pk")
        .first()
    )


def note_progress(*, asset_id: uuid.UUID, percent: int) -> None:
    """Tell the owner how far it is. It only ever rises."""
    MediaAsset.objects.filter(pk=asset_id, state=AssetState.PROCESSING, progress__lt=percent).update(
        progress=min(percent, 99), updated_at=timezone.now()
    )


@transaction.atomic
def finish_preparation(*, asset_id: uuid.UUID, made: Prepared) -> bool:
    """Make a file ready for use. False where it was finished or thrown away in the meantime. Publishes AssetReady."""
    asset = _locked(asset_id)
    if asset.state != AssetState.PROCESSING:
        return False
    move(
        asset,
        AssetState.READY,
        ASSET_MOVES,
        sha256=made.sha256,
        width=made.width,
        height=made.height,
        perceptual_hash=made.perceptual_hash,
        placeholder=made.placeholder,
        variants=made.variants,
        duration_ms=made.duration_ms,
        progress=100,
        ready_at=timezone.now(),
    )
    publish(AssetReady(asset_id=asset.pk))
    return True


@transaction.atomic
def reject_file(*, asset_id: uuid.UUID, fault: FileFault) -> None:
    """Refuse a file for what it is; its owner is shown the code's words. Publishes AssetRejected."""
    asset = _locked(asset_id)
    if asset.state != AssetState.PROCESSING:
        return
    move(asset, AssetState.REJECTED, ASSET_MOVES, failure_code=fault.code, attached_at=None)
    publish(AssetRejected(asset_id=asset.pk))


@transaction.atomic
def give_up_preparation(*, asset_id: uuid.UUID) -> bool:
    """After a failure that was ours: True once enough attempts were made and the owner was told. Publishes AssetFailed."""
    asset = _locked(asset_id)
    if asset.state != AssetState.PROCESSING:
        return True
    if asset.attempts < MAX_ATTEMPTS:
        return False
    _fail(asset)
    return True


def _fail(asset: MediaAsset) -> None:
    move(asset, AssetState.FAILED, ASSET_MOVES, failure_code=PreparationFailed.code)
    publish(AssetFailed(asset_id=asset.pk))


@transaction.atomic
def prepare_again(*, asset_id: uuid.UUID, operator: Any) -> MediaAsset:
    """Give a failed file a fresh set of attempts. Audited. Publishes UploadReceived.

    Raises:
        WrongState: it did not fail.
    """
    asset = _locked(asset_id)
    move(asset, AssetState.PROCESSING, ASSET_MOVES, attempts=0, progress=0, failure_code="")
    audit.record(action="media.prepare_again", target_kind="media_asset", target_id=asset.pk, actor=operator)
    publish(UploadReceived(asset_id=asset.pk))
    return asset
