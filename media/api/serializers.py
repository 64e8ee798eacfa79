"""What signed addresses carry."""

from rest_framework import serializers

from core.rest.serializers import StrictSerializer
from media.shapes import AssetIdField, PictureOut


class SignedUploadIn(serializers.Serializer):
    expires = serializers.IntegerField(min_value=0, max_value=2**40, help_text="Unix seconds.")
    sha256 = serializers.CharField(max_length=64, required=False, default="")
    signature = serializers.CharField(max_length=64)


class SignedViewIn(serializers.Serializer):
    expires = serializers.IntegerField(min_value=0, max_value=2**40, help_text="Unix seconds.")
    signature = serializers.CharField(max_length=64)


class UseAsAvatarIn(StrictSerializer):
    asset_id = AssetIdField()


class AvatarOut(serializers.Serializer):
    avatar_url = serializers.CharField()
    picture = PictureOut()
