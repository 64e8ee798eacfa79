"""What is said about conversations on `/ws/v1/me/`, each way. A command is one call of an action, with the API's fields and codes."""

import uuid
from typing import Any

from rest_framework import serializers

from core.realtime import ports, registry
from core.realtime.registry import Caller, announce, command
from core.rest.serializers import StrictSerializer
from messaging import actions, selectors, shapes
from messaging.api.serializers import EditMessageIn, SayIn

A_CONVERSATION = "conversation:{id}"


class _InConversation(StrictSerializer):
    conversation_id = serializers.UUIDField()


class SendIn(SayIn):
    conversation_id = serializers.UUIDField()


class ReadUpToIn(_InConversation):
    seq = serializers.IntegerField(required=False, min_value=0, help_text="Up to this number; all without it.")
    message_id = serializers.UUIDField(required=False, help_text="Instead of a number: up to this message.")


class DeliveredUpToIn(_InConversation):
    seq = serializers.IntegerField(min_value=0)


class DeliveredUpToOut(serializers.Serializer):
    conversation_id = serializers.UUIDField()
    delivered_seq = serializers.IntegerField()


@command(
    "conversation:join",
    takes=_InConversation,
    answers=shapes.JoinedOut,
    summary="Open a conversation on the screen: everything in it is read now.",
    limit="120/m",
)
def join(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    side = actions.mark_read(person=caller.person, conversation_id=given["conversation_id"])
    typing = actions.is_typing(person_id=side.other_id, conversation_id=given["conversation_id"])
    return selectors.conversation_shape(caller.person, given["conversation_id"]) | {"other_is_typing": typing}


@command("conversation:leave", takes=_InConversation, summary="Close it; nobody types in it any more.", limit="120/m")
def leave(caller: Caller, given: dict[str, Any]) -> None:
    actions.stop_typing(person=caller.person, conversation_id=given["conversation_id"])


@command(
    "message:send",
    takes=SendIn,
    answers=shapes.MessageOut,
    summary="Say something. The `ack` is the message: it is accepted. With a `client_id` a resend is the same message.",
    limit=None,  # `send_message` counts, together with the API's
)
def send(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    message = actions.send_message(sender=caller.person, **_said(given))
    return message.shown or selectors.message_shape(caller.person, [message])[0]


def _said(given: dict[str, Any]) -> dict[str, Any]:
    sent = dict(given)
    return {"kind": sent.pop("message_type"), "body": sent.pop("content"), **sent}


@command(
    "message:read",
    takes=ReadUpToIn,
    answers=shapes.ReadOut,
    summary="Everything up to there is read. It never becomes unread again.",
    limit="240/m",
)
def read(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    seq = given.get("seq")
    if seq is None and "message_id" in given:
        seq = selectors.number_of(caller.person, given["conversation_id"], given["message_id"])
    side = actions.mark_read(person=caller.person, conversation_id=given["conversation_id"], seq=seq)
    return {
        "conversation_id": str(side.conversation_id),
        "read_seq": side.read_seq,
        "unread_count": side.unread_count,
    }


@command(
    "message:delivered",
    takes=DeliveredUpToIn,
    answers=DeliveredUpToOut,
    summary="This device has everything up to there.",
    limit="240/m",
)
def delivered(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    side = actions.mark_delivered(person=caller.person, conversation_id=given["conversation_id"], seq=given["seq"])
    return {"conversation_id": str(side.conversation_id), "delivered_seq": side.delivered_seq}


@command(
    "typing:start",
    takes=_InConversation,
    summary="Words are on their way; over by itself after 5 seconds.",
    limit="30/m",
)
def typing_start(caller: Caller, given: dict[str, Any]) -> None:
    actions.begin_typing(person=caller.person, conversation_id=given["conversation_id"])


@command("typing:stop", takes=_InConversation, summary="No, they are not.", limit="30/m")
def typing_stop(caller: Caller, given: dict[str, Any]) -> None:
    actions.stop_typing(person=caller.person, conversation_id=given["conversation_id"])


class EditIn(EditMessageIn):
    message_id = serializers.UUIDField()


class _MessageIn(StrictSerializer):
    message_id = serializers.UUIDField()


class ReactToIn(_MessageIn):
    emoji = serializers.CharField(max_length=8, allow_null=True, help_text="null takes it back.")


@command(
    "message:edit",
    takes=EditIn,
    answers=shapes.MessageOut,
    summary="Write the words of a message of yours anew, within 15 minutes.",
)
def edit(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    actions.edit_message(
        sender=caller.person,
        message_id=given["message_id"],
        body=given["content"],
        acknowledge_warning=given["acknowledge_warning"],
    )
    return selectors.message_of(caller.person, given["message_id"])


@command(
    "message:unsend",
    takes=_MessageIn,
    answers=shapes.MessageOut,
    summary="Take a message of yours back for both, within a day.",
)
def unsend(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    actions.unsend_message(sender=caller.person, message_id=given["message_id"])
    return selectors.message_of(caller.person, given["message_id"])


@command(
    "message:react",
    takes=ReactToIn,
    answers=shapes.MessageOut,
    summary="Answer a message with an emoji, with another one than before, or with none any more.",
)
def react(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    actions.react(person=caller.person, message_id=given["message_id"], emoji=given["emoji"])
    return selectors.message_of(caller.person, given["message_id"])


# --- what clients hear ------------------------------------------------------------------------------------------------

announce(
    "message:new",
    shape=shapes.MessageOut,
    stream=A_CONVERSATION,
    numbered=True,
    summary="Something was said, by the other person, by oneself on another device, or by the house.",
)
announce(
    "message:updated",
    shape=shapes.MessageOut,
    stream=A_CONVERSATION,
    numbered=True,
    summary="A message was edited, unsent, hidden, has disappeared, got a reaction, or its card changed: the message as it is now.",
)
announce("message:held", shape=shapes.MessageOut, stream="me", summary="A message of yours waits for a moderator.")
announce("message:rejected", shape=shapes.MessageOut, stream="me", summary="A message of yours is not delivered.")
announce(
    "message:delivered",
    shape=shapes.DeliveredOut,
    stream=A_CONVERSATION,
    summary="What you said reached a device of the other person.",
)
announce("message:read", shape=shapes.ReadByOtherOut, stream=A_CONVERSATION, summary="What you said was read.")
announce(
    "typing:active", shape=shapes.TypingOut, stream=A_CONVERSATION, summary="The other person types; for 5 seconds."
)
announce("typing:inactive", shape=shapes.TypingOut, stream=A_CONVERSATION, summary="The other person stopped typing.")
announce("user:online", shape=shapes.PresenceOut, stream="me", summary="Somebody you talk with is here.")
announce("user:offline", shape=shapes.PresenceOut, stream="me", summary="Somebody you talk with is gone.")
announce(
    "conversation:updated",
    shape=shapes.ConversationOut,
    stream="me",
    summary="A conversation stands differently: archived, muted, disappearing, or no longer to be written in.",
)

registry.resumes("conversation")(selectors.missed)
registry.changes("conversation")(selectors.changed_conversations)
registry.newest("conversation")(selectors.newest_change)


class Presence:
    """Tells those who may know that somebody is here, or gone (`core.realtime.ports.PresenceListener`)."""

    def came(self, person_id: uuid.UUID) -> None:
        actions.tell_contacts_of_arrival(person_id=person_id)

    def left(self, person_id: uuid.UUID) -> None:
        actions.tell_contacts_of_leaving(person_id=person_id)


ports.register_presence_listener(Presence())
