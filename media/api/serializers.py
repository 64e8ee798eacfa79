"""What signed addresses carry."""

from rest_framework import serializers

from core.rest.serializers import StrictSerializer
from media.shapes import AssetIdField, PictureOut

LAST_SECOND = 253_402_300_799  # of the year 9999, after which there are no dates


class SignedViewIn(serializers.Serializer):
    expires = serializers.IntegerField(min_value=0, max_value=LAST_SECOND, help_text="Unix seconds.")
    signature = serializers.CharField(max_length=64)


class SignedUploadIn(SignedViewIn):
    sha256 = serializers.CharField(max_length=64, required=False, default="")


class UseAsAvatarIn(StrictSerializer):
    asset_id = AssetIdField()


class AvatarOut(serializers.Serializer):
    avatar_url = serializers.CharField()
    picture = PictureOut()
