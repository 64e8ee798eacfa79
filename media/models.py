"""Uploads and what was made of them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ids import uuid7
from core.states import known_state
from media.states import AssetKind, AssetState, Purpose


class MediaAsset(models.Model):
    """One file of one person. `variants` are what people see; the original, with all that a camera wrote into it, stays private
    and is deleted once they are made.

    `variants` is a list of `{"format": "avif", "width": 640, "height": 800, "bytes": 51200, "key": "..."}` with keys in the public
    store (private store for evidence), for a video its playable rendition too (`"format": "mp4"`) beside the poster's pictures.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="media")
    kind = models.CharField(max_length=5, choices=AssetKind.choices)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    state = models.CharField(max_length=16, choices=AssetState.choices, default=AssetState.AWAITING)
    upload_key = models.CharField(max_length=200, unique=True)  # in the private store; made by us
    filename = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=50)  # as declared; the bytes decide
    byte_size = models.BigIntegerField()  # as declared and signed; later the real size
    sha256 = models.CharField(max_length=64, blank=True)
    perceptual_hash = models.CharField(max_length=16, blank=True)  # 64-bit difference hash, hex
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    placeholder = models.TextField(blank=True)  # data URI of a 24-pixel picture
    variants = models.JSONField(default=list, blank=True)
    failure_code = models.CharField(max_length=50, blank=True)  # code of the refusal that the owner is shown
    progress = models.PositiveSmallIntegerField(default=0)  # percent, while processing
    attempts = models.PositiveSmallIntegerField(default=0)  # to prepare it; a file that kills its worker is given up
    upload_expires_at = models.DateTimeField()
    attached_at = models.DateTimeField(null=True, blank=True)  # used by something since; None again once released
    created_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("media asset")
        verbose_name_plural = _("media assets")
        constraints = (known_state(AssetState, "media_asset_state"),)
        indexes = (
            models.Index(fields=["owner", "-id"], name="media_of_owner"),
            models.Index(fields=["created_at"], condition=models.Q(attached_at=None), name="media_unattached"),
            models.Index(
                fields=["updated_at"],
                condition=models.Q(state__in=["uploaded", "processing", "failed"]),
                name="media_in_work",
            ),
            models.Index(fields=["sha256"], condition=~models.Q(sha256=""), name="media_same_bytes"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
