"""A person's picture."""

import uuid

from django.db import transaction
from django.db.models import QuerySet

from accounts.actions import set_avatar
from accounts.models import User
from media.actions.use import attach_assets, release_assets
from media.models import MediaAsset
from media.rules import AVATAR_WIDTH
from media.selectors import picture_at
from media.states import Purpose


@transaction.atomic
def use_as_avatar(*, owner: User, asset_id: uuid.UUID) -> MediaAsset:
    """Show this picture as the person's own, in place of the one before, which is released.

    Raises:
        NotYourMedia, MediaNotReady, WrongPurpose.
    """
    (asset,) = attach_assets(owner=owner, asset_ids=[asset_id], purpose=Purpose.AVATAR)
    set_avatar(user=owner, key=picture_at(asset, width=AVATAR_WIDTH))
    release_assets(asset_ids=_earlier(owner).exclude(pk=asset.pk).values_list("pk", flat=True))
    return asset


@transaction.atomic
def drop_avatar(*, owner: User) -> None:
    """Show initials again. Done twice, it is done once."""
    set_avatar(user=owner, key="")
    release_assets(asset_ids=_earlier(owner).values_list("pk", flat=True))


def _earlier(owner: User) -> QuerySet[MediaAsset]:
    return MediaAsset.objects.filter(owner=owner, purpose=Purpose.AVATAR).exclude(attached_at=None)
