"""JSON shapes of notifications."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.states import Platform
from core.rest.serializers import StrictSerializer
from notifications.models import Notification, NotificationSettings
from notifications.selectors import kinds_with_settings, shape_of
from notifications.states import NotificationKind


class NotificationOut(serializers.Serializer):
    """`title` and `body` are in the reader's language; `data` names what it is about (`selectors.shape_of`)."""

    id = serializers.UUIDField()
    notification_type = serializers.ChoiceField(NotificationKind.choices)
    title = serializers.CharField()
    body = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]
    url = serializers.CharField()
    is_read = serializers.BooleanField()
    read_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return super().to_representation(shape_of(instance) if isinstance(instance, Notification) else instance)


class NotificationsQuery(StrictSerializer):
    unread_only = serializers.BooleanField(default=False)
    type = serializers.ChoiceField(NotificationKind.choices, required=False)
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(min_value=1, max_value=100, required=False)


class UnreadCountOut(serializers.Serializer):
    count = serializers.IntegerField(help_text="Counted to 100.")


class ReadAllOut(serializers.Serializer):
    read = serializers.IntegerField()


class SettingsOut(serializers.Serializer):
    push_enabled = serializers.BooleanField()
    email_enabled = serializers.BooleanField()
    notification_types = serializers.SerializerMethodField()

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "boolean"}})
    def get_notification_types(self, settings: NotificationSettings) -> dict[str, bool]:
        return kinds_with_settings(settings)


class ChannelSwitches(StrictSerializer):
    email = serializers.BooleanField(required=False)
    push = serializers.BooleanField(required=False)
    digest = serializers.BooleanField(
        required=False, help_text="Of price_drop, back_on_sale, product_sold: in the digest instead of at once."
    )


@extend_schema_field(
    {
        "oneOf": [
            {"type": "boolean"},
            {"type": "object", "properties": {name: {"type": "boolean"} for name in ("email", "push", "digest")}},
        ]
    }
)
class SwitchField(serializers.Field):
    """`true`, `false`, or `{"email": …, "push": …}`."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool):
            return data
        switches = ChannelSwitches(data=data)
        switches.is_valid(raise_exception=True)
        return switches.validated_data

    def to_representation(self, value: Any) -> Any:
        return value


class SettingsIn(StrictSerializer):
    push_enabled = serializers.BooleanField(required=False)
    email_enabled = serializers.BooleanField(required=False)
    notification_types = serializers.DictField(child=SwitchField(), required=False)


class RegisterDeviceIn(StrictSerializer):
    fcm_token = serializers.CharField(max_length=500)
    platform = serializers.ChoiceField(Platform.choices)
    device_id = serializers.CharField(max_length=100)


class UnregisterDeviceIn(StrictSerializer):
    device_id = serializers.CharField(max_length=100)
