"""Files on the wire. Serializers only; other apps' doors may use them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.rest.serializers import StrictSerializer
from media.errors import ForeignUrl
from media.rules import looks_foreign


@extend_schema_field({"type": "string", "format": "uuid", "description": "Id of an upload of yours, never an address."})
class AssetIdField(serializers.UUIDField):
    """The id of an upload of ours. Anything that looks like an address or a path is told so (`media.foreign_url`)."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str) and looks_foreign(data):
            raise ForeignUrl(attr=self.field_name or getattr(self.parent, "field_name", None) or "asset_id")
        return super().to_internal_value(data)


class PictureVariantOut(serializers.Serializer):
    format = serializers.ChoiceField(choices=["avif", "webp", "jpeg"])
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    url = serializers.CharField()


class ClipOut(serializers.Serializer):
    url = serializers.CharField()
    content_type = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    duration_ms = serializers.IntegerField(allow_null=True)


class PictureOut(serializers.Serializer):
    """A picture in all its sizes; for a video the poster's, with the playable file beside them."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["image", "video"])
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    placeholder = serializers.CharField(
        help_text=_("A tiny picture as a data URI, to show until the real one is there.")
    )
    url = serializers.CharField(help_text=_("A JPEG of middling size."))
    variants = PictureVariantOut(many=True)
    video = ClipOut(allow_null=True)


class FailureOut(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()


class PrivateFileOut(serializers.Serializer):
    """A file to download, for the one person that its address is signed for."""

    id = serializers.UUIDField()
    format = serializers.ChoiceField(choices=["pdf", "jpeg", "webp"])
    bytes = serializers.IntegerField()
    url = serializers.CharField()


class AssetOut(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["image", "video", "file"])
    purpose = serializers.ChoiceField(choices=["product", "avatar", "evidence", "message", "label"])
    state = serializers.CharField()
    progress = serializers.IntegerField(help_text=_("Percent of the preparation."))
    filename = serializers.CharField()
    content_type = serializers.CharField()
    byte_size = serializers.IntegerField()
    failure = FailureOut(allow_null=True)
    picture = PictureOut(allow_null=True)
    created_at = serializers.DateTimeField()
    upload_expires_at = serializers.DateTimeField()


class RequestUploadIn(StrictSerializer):
    filename = serializers.CharField(max_length=200)
    content_type = serializers.CharField(max_length=100)
    byte_size = serializers.IntegerField(min_value=1)
    purpose = serializers.ChoiceField(choices=["product", "avatar", "evidence", "message", "label"])
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", required=False, default="")


class TicketOut(serializers.Serializer):
    asset_id = serializers.UUIDField()
    upload_url = serializers.CharField()
    method = serializers.ChoiceField(choices=["PUT", "POST"])
    headers = serializers.DictField(child=serializers.CharField())
    form_fields = serializers.DictField(child=serializers.CharField())
    expires_at = serializers.DateTimeField()
    max_bytes = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field]:
        """`fields` is taken by the serializer class itself, so it gets its name here."""
        return {"fields" if name == "form_fields" else name: field for name, field in super().get_fields().items()}
