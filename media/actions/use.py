"""Files put to use by other apps, and taken out of use."""

import uuid
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from media import ports, storage
from media.errors import AttachedTwice, MediaNotReady, NotYourMedia, WrongPurpose
from media.models import MediaAsset
from media.rules import RECIPES
from media.states import AssetState, Purpose


@transaction.atomic
def attach_assets(*, owner: User, asset_ids: Sequence[uuid.UUID], purpose: str) -> list[MediaAsset]:
    """Put files of a person to use and return them in the order asked for. Locks them by primary key.

    Raises:
        NotYourMedia: one does not exist or is somebody else's.
        MediaNotReady: one is not prepared (yet).
        WrongPurpose: one was uploaded for something else.
        AttachedTwice: one is named twice.
    """
    if len(set(asset_ids)) != len(asset_ids):
        raise AttachedTwice
    rows = MediaAsset.objects.select_for_update(of=("self",)).filter(pk__in=asset_ids, owner=owner).order_by("pk")
    found = {asset.pk: asset for asset in rows}
    if len(found) != len(asset_ids):
        raise NotYourMedia
    for asset in found.values():
        if asset.purpose != purpose:
            raise WrongPurpose
        if asset.state != AssetState.READY:
            raise MediaNotReady(state=asset.get_state_display(), asset_id=asset.pk)
    now = timezone.now()
    MediaAsset.objects.filter(pk__in=[a.pk for a in found.values() if a.attached_at is None]).update(
        attached_at=now, updated_at=now
    )
    for asset in found.values():
        asset.attached_at = asset.attached_at or now
    return [found[asset_id] for asset_id in asset_ids]


@transaction.atomic
def release_assets(*, asset_ids: Iterable[uuid.UUID]) -> None:
    """Say that something uses these files no longer. The sweep takes them unless an app still holds them (`ports.held`)."""
    MediaAsset.objects.filter(pk__in=list(asset_ids)).update(attached_at=None, updated_at=timezone.now())


def open_private_file(*, asset_id: uuid.UUID, name: str, viewer: User, expires: int, signature: str) -> str:
    """Let a person look at a private file by an address that was signed for them, and return its key.

    Audited when the file is somebody else's, except where an app shows it to them anyway (`ports.is_shown_to`).

    Raises:
        BadSignature: the address was signed for somebody else, was changed, or is too old.
        NotYourMedia: there is no such file any more.
    """
    asset = MediaAsset.objects.filter(pk=asset_id, state=AssetState.READY).first()
    key = next((v["key"] for v in asset.variants if v["key"].rsplit("/", 1)[-1] == name), None) if asset else None
    if asset is None or key is None or not RECIPES[Purpose(asset.purpose)].private:
        raise NotYourMedia
    storage.check_view(signature, key=key, viewer_id=viewer.pk, expires=expires, now=timezone.now())
    if asset.owner_id != viewer.pk and not ports.is_shown_to(asset.pk, viewer.pk):
        audit.record(
            action="media.private_file_viewed",
            target_kind="media_asset",
            target_id=asset.pk,
            actor=viewer,
            after={"file": name},
        )
    return key
