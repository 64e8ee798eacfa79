"""Conversations and messages on the wire: serializers for the schema, of what `messaging.selectors` makes from plain rows."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.shapes import PersonBriefOut
from media.shapes import PictureOut
from messaging.states import REACTIONS, MessageKind, MessageState


class SenderOut(serializers.Serializer):
    id = serializers.UUIDField()
    username = serializers.CharField()
    display_name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    is_verified = serializers.BooleanField()
    is_trusted = serializers.BooleanField()


class SharedPlaceOut(serializers.Serializer):
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]


class NoticeOut(serializers.Serializer):
    key = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True, help_text="In the reader's language.")


class ReplyOut(serializers.Serializer):
    """What a message answers."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=MessageKind.choices)
    excerpt = serializers.CharField(allow_blank=True)
    is_mine = serializers.BooleanField()


class ReactionOut(serializers.Serializer):
    emoji = serializers.ChoiceField(choices=[(emoji, emoji) for emoji in REACTIONS])
    count = serializers.IntegerField()
    mine = serializers.BooleanField()


@extend_schema_field({"type": ["object", "null"], "additionalProperties": True})
class CardField(serializers.Field):
    """What a higher app draws: its own document says what stands in it."""

    def to_internal_value(self, data: object) -> object:
        return data

    def to_representation(self, value: object) -> object:
        return value


class MessageOut(serializers.Serializer):
    """A message as one of the two people sees it. One whose words are gone keeps its number, sender and time."""

    id = serializers.UUIDField()
    conversation_id = serializers.UUIDField()
    seq = serializers.IntegerField(allow_null=True, help_text="Its number in the conversation; null while undelivered.")
    kind = serializers.ChoiceField(choices=MessageKind.choices)
    state = serializers.ChoiceField(
        choices=MessageState.choices, help_text="`held` and `rejected` are seen by their sender alone."
    )
    sender = SenderOut(allow_null=True, help_text="null: a notice of the house.")
    is_mine = serializers.BooleanField()
    body = serializers.CharField(allow_blank=True)
    images = PictureOut(many=True, help_text="Addresses are signed for the reader and hold for up to an hour.")
    location = SharedPlaceOut(allow_null=True)
    offer = CardField(allow_null=True, help_text="The offer's card; see `GET /offers/{id}`.")
    notice = NoticeOut(allow_null=True)
    reply_to = ReplyOut(allow_null=True)
    reactions = ReactionOut(many=True)
    status = serializers.ChoiceField(
        choices=["sent", "delivered", "read"], allow_null=True, help_text="Of one's own delivered messages only."
    )
    client_id = serializers.CharField(allow_null=True, allow_blank=True, help_text="Of one's own messages only.")
    sent_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    unsent = serializers.BooleanField()
    hidden = serializers.BooleanField(help_text="By a moderator.")
    expires_at = serializers.DateTimeField(allow_null=True, help_text="It disappears for both then.")


class MessagePageOut(serializers.Serializer):
    """Newest first. `next` leads to older ones, `previous` to newer ones."""

    results = MessageOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class OtherPersonOut(PersonBriefOut):
    """Whom one talks with, and whether they are here, where both let others know."""

    is_online = serializers.BooleanField()
    last_seen_at = serializers.DateTimeField(allow_null=True)


class TalkedAboutOut(serializers.Serializer):
    """The listing that a conversation is about."""

    id = serializers.UUIDField()
    title = serializers.CharField(allow_blank=True)
    price = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    state = serializers.CharField(help_text="A listing's state; “unavailable” when it is off show for this reader.")
    picture = PictureOut(allow_null=True)


class LastMessageOut(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=MessageKind.choices)
    excerpt = serializers.CharField(allow_blank=True)
    is_mine = serializers.BooleanField()
    sent_at = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=["sent", "delivered", "read"], allow_null=True)


class ConversationOut(serializers.Serializer):
    id = serializers.UUIDField()
    other = OtherPersonOut()
    product = TalkedAboutOut(allow_null=True)
    last_message = LastMessageOut(allow_null=True)
    unread_count = serializers.IntegerField()
    last_seq = serializers.IntegerField(
        help_text="The number of the newest entry; resume from the last one that you have."
    )
    read_seq = serializers.IntegerField()
    other_read_seq = serializers.IntegerField()
    other_delivered_seq = serializers.IntegerField()
    is_archived = serializers.BooleanField()
    muted_until = serializers.DateTimeField(allow_null=True)
    disappear_after = serializers.IntegerField(allow_null=True, help_text="Seconds; new messages only.")
    can_write = serializers.BooleanField()
    cannot_write_because = serializers.CharField(allow_null=True, help_text="The code of the refusal.")
    created_at = serializers.DateTimeField()


class ConversationWithMessagesOut(ConversationOut):
    messages = MessagePageOut(help_text="The newest ones.")


class InboxOut(serializers.Serializer):
    results = ConversationOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


# --- frames -----------------------------------------------------------------------------------------------------------


class DeliveredOut(serializers.Serializer):
    """The other person's devices have everything up to `seq`."""

    conversation_id = serializers.UUIDField()
    seq = serializers.IntegerField()
    message_id = serializers.UUIDField(help_text="The newest message of yours among it.")
    user_id = serializers.UUIDField(help_text="Who received it.")
    delivered_at = serializers.DateTimeField()


class ReadByOtherOut(serializers.Serializer):
    """The other person has read everything up to `seq`."""

    conversation_id = serializers.UUIDField()
    seq = serializers.IntegerField()
    message_id = serializers.UUIDField(help_text="The newest message of yours among it.")
    user_id = serializers.UUIDField(help_text="Who read it.")
    read_at = serializers.DateTimeField()


class TypingOut(serializers.Serializer):
    user_id = serializers.UUIDField()
    conversation_id = serializers.UUIDField()


class PresenceOut(serializers.Serializer):
    user_id = serializers.UUIDField()
    is_online = serializers.BooleanField()
    last_seen_at = serializers.DateTimeField(allow_null=True)


class ReadOut(serializers.Serializer):
    """How far the reader themselves got."""

    conversation_id = serializers.UUIDField()
    read_seq = serializers.IntegerField()
    unread_count = serializers.IntegerField()


class JoinedOut(ConversationOut):
    other_is_typing = serializers.BooleanField()
