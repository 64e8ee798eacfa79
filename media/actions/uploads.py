"""Files on their way in, and out again when nobody used them."""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.rules import check_not_suspended
from core.events import publish
from core.ids import uuid7
from core.states import move
from media import ports, rules, storage
from media.errors import AlreadyUploaded, BadSignature, MediaInUse, NothingUploaded, TooManyUnused, UploadExpired
from media.events import AssetDiscarded, UploadReceived
from media.models import MediaAsset
from media.selectors import own_asset
from media.states import ASSET_MOVES, OPEN_STATES, AssetState, Purpose

STUCK_AFTER = timedelta(minutes=20)  # longer than any lease
GRACE = timedelta(hours=1)  # between the end of a ticket and giving up on "complete"
ROWS_KEPT_FOR = timedelta(days=30)  # of files that came to nothing
BATCH = 1000


@transaction.atomic
def request_upload(
    *, owner: User, filename: str, content_type: str, byte_size: int, purpose: str, sha256: str = ""
) -> storage.Ticket:
    """Set a place aside for one file of a person and return the ticket to send it with.

    `byte_size` is exact; `sha256` (hex) is optional and then checked while the file comes in.

    Raises:
        Suspended.
        UnsupportedType, TooLarge: the purpose does not take such a file.
        TooManyUnused: the person has enough files that nothing uses.
    """
    check_not_suspended(owner)
    content_type = rules.plain_type(content_type)
    kind = rules.check_announced(content_type=content_type, byte_size=byte_size, purpose=Purpose(purpose))
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=owner.pk)  # counts below stay true until we commit
    limit = settings.MEDIA_LIMITS["unused_files"]
    if MediaAsset.objects.filter(owner=owner, attached_at=None, state__in=OPEN_STATES).count() >= limit:
        raise TooManyUnused(limit=limit)
    asset_id = uuid7()
    asset = MediaAsset.objects.create(
        id=asset_id,
        owner=owner,
        kind=kind,
        purpose=purpose,
        upload_key=f"{rules.UPLOADS}/{asset_id.hex}",
        filename=filename[-200:],
        content_type=content_type,
        byte_size=byte_size,
        upload_expires_at=rules.upload_deadline(timezone.now().replace(microsecond=0)),
    )
    return storage.ticket(announced(asset, sha256=sha256))


def announced(asset: MediaAsset, *, sha256: str = "") -> storage.Announced:
    return storage.Announced(
        asset_id=asset.pk,
        key=asset.upload_key,
        byte_size=asset.byte_size,
        content_type=asset.content_type,
        expires_at=asset.upload_expires_at,
        sha256=sha256,
    )


def receive_upload(
    *,
    asset_id: uuid.UUID,
    expires: int,
    sha256: str,
    signature: str,
    content_type: str,
    content_length: int | None,
    chunks: Iterable[bytes],
) -> None:
    """Write a file that comes in by a ticket of ours to the private store. Nothing in the database changes.

    Raises:
        BadSignature: the ticket is not ours, was changed, or is for a file that we do not know.
        UploadExpired, AlreadyUploaded, WrongType, WrongSize, WrongChecksum.
    """
    asset = MediaAsset.objects.filter(pk=asset_id).first()
    if asset is None:
        raise BadSignature
    claimed = replace(announced(asset, sha256=sha256), expires_at=datetime.fromtimestamp(expires, tz=UTC))
    storage.check_ticket(claimed, signature, now=timezone.now())
    if asset.state == AssetState.EXPIRED:
        raise UploadExpired
    if asset.state != AssetState.AWAITING:
        raise AlreadyUploaded
    storage.take_in(claimed, chunks, content_type=rules.plain_type(content_type), content_length=content_length)


def take_file(*, owner: User, file: UploadedFile, purpose: str) -> MediaAsset:
    """Take in a file that came with a form, for browsers without JavaScript: the same ticket, store and job as for all others.

    Raises:
        What `request_upload`, `complete_upload` and the store refuse.
    """
    ticket = request_upload(
        owner=owner,
        filename=file.name or "",
        content_type=rules.type_of_name(file.name or "", told=file.content_type or ""),
        byte_size=file.size or 0,
        purpose=purpose,
    )
    asset = MediaAsset.objects.get(pk=ticket.asset_id)
    storage.keep(announced(asset), file)
    return complete_upload(owner=owner, asset_id=asset.pk)


def complete_upload(*, owner: User, asset_id: uuid.UUID) -> MediaAsset:
    """Say that the file has arrived, so that it is examined. Said twice, it is heard once.

    The store is asked before the transaction begins. Publishes UploadReceived.

    Raises:
        NotYourMedia, UploadExpired.
        NothingUploaded: the store has no such file, or not all of it.
    """
    asset = own_asset(owner, asset_id)
    if asset.state == AssetState.EXPIRED:
        raise UploadExpired
    if asset.state == AssetState.AWAITING and storage.size_of(storage.private(), asset.upload_key) != asset.byte_size:
        raise UploadExpired if timezone.now() >= asset.upload_expires_at else NothingUploaded
    with transaction.atomic():
        asset = MediaAsset.objects.select_for_update(of=("self",)).get(pk=asset.pk)
        if asset.state == AssetState.AWAITING:
            move(asset, AssetState.UPLOADED, ASSET_MOVES)
            publish(UploadReceived(asset_id=asset.pk))
    return asset


@transaction.atomic
def discard_asset(*, owner: User, asset_id: uuid.UUID) -> MediaAsset:
    """Throw away a file that nothing uses. Publishes AssetDiscarded, whose job deletes what is stored.

    Raises:
        NotYourMedia; MediaInUse.
    """
    asset = own_asset(owner, asset_id, lock=True)
    if asset.attached_at is not None or ports.held([asset.pk]):
        raise MediaInUse
    if asset.state not in (AssetState.EXPIRED, AssetState.REJECTED):
        _expire(asset)
    return asset


def _expire(asset: MediaAsset) -> None:
    move(asset, AssetState.EXPIRED, ASSET_MOVES)
    publish(AssetDiscarded(asset_id=asset.pk))


def expire_stale_assets(*, now: datetime) -> int:
    """Give up on uploads that never came and on files that nothing used for a day, a batch at a time; return how many.

    Rows that came to nothing are forgotten after a month.
    """
    unused_since = now - timedelta(hours=settings.MEDIA_LIMITS["unused_hours"])
    never_came = Q(state=AssetState.AWAITING, upload_expires_at__lt=now - GRACE)
    not_used = Q(attached_at=None, created_at__lt=unused_since, state__in=OPEN_STATES)
    expired = 0
    while True:
        with transaction.atomic():
            found = list(
                MediaAsset.objects.select_for_update(of=("self",), skip_locked=True)
                .filter(never_came | not_used)
                .order_by("created_at")[:BATCH]
            )
            in_use = ports.held([a.pk for a in found])
            # Used after all (released by one listing, kept by another): marked again, so that the next sweep skips it.
            MediaAsset.objects.filter(pk__in=in_use).update(attached_at=now)
            for asset in found:
                if asset.pk not in in_use:
                    _expire(asset)
                    expired += 1
        if len(found) < BATCH:
            break
    MediaAsset.objects.filter(
        state__in=(AssetState.EXPIRED, AssetState.REJECTED), attached_at=None, updated_at__lt=now - ROWS_KEPT_FOR
    ).delete()
    return expired


@transaction.atomic
def requeue_stuck_assets(*, now: datetime) -> int:
    """Ask again for files whose preparation has not moved for long (their delivery was parked or lost); return how many.

    Publishes UploadReceived. One that was tried too often is given up by the job itself.
    """
    stuck = list(
        MediaAsset.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(state__in=(AssetState.UPLOADED, AssetState.PROCESSING), updated_at__lt=now - STUCK_AFTER)
        .order_by("updated_at")[:BATCH]
    )
    for asset in stuck:
        publish(UploadReceived(asset_id=asset.pk))
    MediaAsset.objects.filter(pk__in=[a.pk for a in stuck]).update(updated_at=now)
    return len(stuck)
