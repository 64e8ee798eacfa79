"""`/api/v1/messages` and `/api/v1/presence`."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.etags import IF_MATCH
from core.rest.query import read_query
from core.rest.tagged import TaggedView
from core.rest.views import SoukView
from messaging import actions, selectors
from messaging.api.pages import link
from messaging.api.serializers import (
    EditMessageIn,
    PresenceIn,
    PresenceListOut,
    ReactIn,
    SearchIn,
    UnreadOut,
)
from messaging.shapes import MessageOut, MessagePageOut


class MessageDetail(TaggedView):
    tagged_by = ("id", "state", "body", "edited_at", "unsent", "hidden")  # not who reacted to it, nor signed addresses

    @extend_schema(operation_id="messages_retrieve", responses=MessageOut)
    def get(self, request: Request, message_id: uuid.UUID) -> Response:
        """One message of a conversation of yours."""
        return Response(selectors.message_of(request.user, message_id))

    @extend_schema(operation_id="messages_edit", parameters=[IF_MATCH], request=EditMessageIn, responses=MessageOut)
    def patch(self, request: Request, message_id: uuid.UUID) -> Response:
        """Write the words of a message of yours anew, within 15 minutes."""
        body = EditMessageIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.edit_message(
            sender=request.user,
            message_id=message_id,
            body=body.validated_data["content"],
            acknowledge_warning=body.validated_data["acknowledge_warning"],
        )
        return Response(selectors.message_of(request.user, message_id))

    @extend_schema(operation_id="messages_unsend", parameters=[IF_MATCH], responses=MessageOut)
    def delete(self, request: Request, message_id: uuid.UUID) -> Response:
        """Take a message of yours back for both, within a day. That there was one stays."""
        actions.unsend_message(sender=request.user, message_id=message_id)
        return Response(selectors.message_of(request.user, message_id))


class MessageReaction(SoukView):
    @extend_schema(operation_id="messages_react", request=ReactIn, responses=MessageOut)
    def put(self, request: Request, message_id: uuid.UUID) -> Response:
        """Answer a message with an emoji; another one replaces it."""
        body = ReactIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.react(person=request.user, message_id=message_id, emoji=body.validated_data["emoji"])
        return Response(selectors.message_of(request.user, message_id))

    @extend_schema(operation_id="messages_unreact", responses=MessageOut)
    def delete(self, request: Request, message_id: uuid.UUID) -> Response:
        """Take the emoji back."""
        actions.react(person=request.user, message_id=message_id, emoji=None)
        return Response(selectors.message_of(request.user, message_id))


class Search(SoukView):
    @extend_schema(operation_id="messages_search", parameters=[SearchIn], responses=MessagePageOut)
    def get(self, request: Request) -> Response:
        """Messages of your conversations in which all the words stand, the newest first. Arabic and Latin spelling variants meet."""
        asked = read_query(SearchIn, request)
        found = selectors.search(
            request.user,
            asked["q"],
            asked.get("conversation_id"),
            cursor=asked.get("cursor"),
            limit=asked["per_page"],
        )
        return Response({"results": found.items, "next": link(request, found.next_cursor), "previous": None})


class UnreadCount(SoukView):
    @extend_schema(operation_id="messages_unread_count", responses=UnreadOut)
    def get(self, request: Request) -> Response:
        """How many messages wait to be read, and in how many conversations; archived ones aside."""
        return Response(selectors.unread_count(request.user))


class Presence(SoukView):
    @extend_schema(operation_id="presence", parameters=[PresenceIn], responses=PresenceListOut)
    def get(self, request: Request) -> Response:
        """Which of the people you talk with are here. Whoever hides it, or from whom you hide yours, is left out."""
        asked = read_query(PresenceIn, request)
        return Response({"results": selectors.presence_of(request.user, asked.get("user_id"))})
