"""The life of an upload."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.states import moves


class AssetState(models.TextChoices):
    AWAITING = "awaiting_upload", _("waiting for the file")
    UPLOADED = "uploaded", _("received")
    PROCESSING = "processing", _("being prepared")
    READY = "ready", _("ready")
    REJECTED = "rejected", _("rejected")  # the file is not what it should be
    FAILED = "failed", _("failed")  # we could not prepare it
    EXPIRED = "expired", _("expired")  # never came, nobody used it, or its owner threw it away


ASSET_MOVES = moves(
    {
        AssetState.AWAITING: (AssetState.UPLOADED, AssetState.EXPIRED),
        AssetState.UPLOADED: (AssetState.PROCESSING, AssetState.EXPIRED),
        AssetState.PROCESSING: (
            AssetState.PROCESSING,
            AssetState.READY,
            AssetState.REJECTED,
            AssetState.FAILED,
            AssetState.EXPIRED,
        ),
        AssetState.READY: (AssetState.EXPIRED,),
        AssetState.FAILED: (AssetState.PROCESSING, AssetState.EXPIRED),
    }
)

# Still on its way to being used: what counts towards a person's allowance of unused files.
OPEN_STATES = (AssetState.AWAITING, AssetState.UPLOADED, AssetState.PROCESSING, AssetState.READY, AssetState.FAILED)


class AssetKind(models.TextChoices):
    IMAGE = "image", _("picture")
    VIDEO = "video", _("video")
    FILE = "file", _("document")  # kept as it came, never drawn


class Purpose(models.TextChoices):
    """What an upload is for; decides its limits and who may see it before it is used."""

    PRODUCT = "product", _("listing")
    AVATAR = "avatar", _("profile picture")
    EVIDENCE = "evidence", _("evidence for a report")
    MESSAGE = "message", _("picture in a message")
    LABEL = "label", _("shipping label")
