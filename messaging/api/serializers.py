"""What may be asked of conversations."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.rest.serializers import LatitudeField, LongitudeField, StrictSerializer
from media.shapes import AssetIdField
from messaging.errors import OffersHaveTheirOwnDoor
from messaging.rules import MAX_LABEL
from messaging.shapes import PresenceOut
from messaging.states import DISAPPEAR_AFTER, InboxFilter, MessageKind
from moderation.states import ReportReason


class SharedPlaceIn(StrictSerializer):
    latitude = LatitudeField()
    longitude = LongitudeField()
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=MAX_LABEL, required=False, allow_blank=True, default=""
    )


class SayIn(StrictSerializer):
    """A message. `client_id` is the sender's own name for it: sent again, it is the same message."""

    message_type = serializers.ChoiceField(
        choices=MessageKind.choices,
        required=False,
        default=MessageKind.TEXT,
        help_text="`text`, `image` or `location`.",
    )
    content = serializers.CharField(required=False, allow_blank=True, default="", trim_whitespace=True)
    image_ids = serializers.ListField(
        child=AssetIdField(), required=False, default=list, help_text="Uploads of yours with the purpose `message`."
    )
    location = SharedPlaceIn(required=False, allow_null=True, default=None)
    reply_to_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    client_id = serializers.CharField(required=False, allow_blank=True, default="", max_length=64)
    acknowledge_warning = serializers.BooleanField(required=False, default=False)
    offer_data = serializers.DictField(
        required=False, write_only=True, help_text="Not taken: make offers with `POST /offers`."
    )

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        if sent.pop("offer_data", None) is not None:
            raise OffersHaveTheirOwnDoor(attr="offer_data")
        return sent

    def said(self) -> dict[str, Any]:
        """As `actions.send_message` takes it."""
        sent = dict(self.validated_data)
        return {"kind": sent.pop("message_type"), "body": sent.pop("content"), **sent}


class StartConversationIn(StrictSerializer):
    other_user_id = serializers.UUIDField()
    product_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    initial_message = serializers.CharField(required=False, allow_blank=True, default="")
    client_id = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=64, help_text="Of the initial message."
    )
    acknowledge_warning = serializers.BooleanField(required=False, default=False)


class KeepConversationIn(StrictSerializer):
    is_archived = serializers.BooleanField(required=False)
    muted_until = serializers.DateTimeField(
        required=False, allow_null=True, help_text="No push messages until then; null: they ring again."
    )
    disappear_after = serializers.ChoiceField(
        choices=DISAPPEAR_AFTER, required=False, allow_null=True, help_text="Seconds, for both; null: messages stay."
    )


class ReportConversationIn(StrictSerializer):
    reason = serializers.ChoiceField(choices=ReportReason.choices)
    message_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="The message it is about."
    )
    description = serializers.CharField(required=False, allow_blank=True, default="")
    evidence_ids = serializers.ListField(child=AssetIdField(), required=False, default=list)


class ConversationReportOut(serializers.Serializer):
    """A report as its reporter sees it; `GET /users/me/reports` tells later how it ended."""

    id = serializers.UUIDField()
    conversation_id = serializers.UUIDField()
    message_id = serializers.UUIDField(allow_null=True)
    reason = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    status = serializers.CharField()
    created_at = serializers.DateTimeField()


class EditMessageIn(StrictSerializer):
    content = serializers.CharField(allow_blank=True, trim_whitespace=True)
    acknowledge_warning = serializers.BooleanField(required=False, default=False)


class ReactIn(StrictSerializer):
    emoji = serializers.CharField(max_length=8)


class SearchIn(StrictSerializer):
    q = serializers.CharField(max_length=100)
    conversation_id = serializers.UUIDField(required=False)
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=100, default=20)


class PresenceIn(StrictSerializer):
    user_id = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=100,
        help_text="May be repeated. Without it: every contact who is here now.",
    )


class PresenceListOut(serializers.Serializer):
    results = PresenceOut(many=True)


class InboxIn(StrictSerializer):
    filter = serializers.ChoiceField(choices=InboxFilter.choices, required=False, default=InboxFilter.ALL)
    search = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=100, help_text=_("Names, titles and words.")
    )
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=100, default=20)


class HistoryIn(StrictSerializer):
    cursor = serializers.CharField(required=False)
    before_message_id = serializers.UUIDField(required=False, help_text="Instead of a cursor: what was said before it.")
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=100, default=30)


class ReadIn(StrictSerializer):
    seq = serializers.IntegerField(required=False, min_value=0, help_text="Up to this number; all without it.")


class UnreadOut(serializers.Serializer):
    unread_count = serializers.IntegerField()
    conversations = serializers.IntegerField()
