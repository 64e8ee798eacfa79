"""`/api/v1/conversations`."""

import uuid

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.etags import IF_MATCH
from core.rest.query import read_query
from core.rest.tagged import TaggedView
from core.rest.views import SoukView
from messaging import actions, selectors
from messaging.api.pages import link, message_page
from messaging.api.serializers import (
    ConversationReportOut,
    HistoryIn,
    InboxIn,
    KeepConversationIn,
    ReadIn,
    ReportConversationIn,
    SayIn,
    StartConversationIn,
)
from messaging.shapes import (
    ConversationOut,
    ConversationWithMessagesOut,
    InboxOut,
    MessageOut,
    MessagePageOut,
    ReadOut,
)
from moderation.selectors import report_told

ABOUT_A_DESK = OpenApiExample(
    "About a listing",
    request_only=True,
    value={
        "other_user_id": "01912d5e-7c3a-7b1e-9f00-2a4b6c8d0e1f",
        "product_id": "01912d5e-8a11-7c02-8d31-9b7f6e5d4c3b",
        "initial_message": "Is the desk still there?",
    },
)
MESSAGES = [
    OpenApiExample(
        "Words", request_only=True, value={"content": "Is the desk still there?", "client_id": "8f14e45f-1"}
    ),
    OpenApiExample(
        "A place, on purpose",
        request_only=True,
        value={
            "message_type": "location",
            "location": {"latitude": 25.0763, "longitude": 55.1398, "label": "Marina Mall, main door"},
        },
    ),
]


def _with_messages(request: Request, conversation_id: uuid.UUID, *, status: int = 200) -> Response:
    shown = selectors.conversation_shape(request.user, conversation_id)
    newest = selectors.history(request.user, conversation_id)
    return Response(shown | {"messages": message_page(request, newest, conversation_id)}, status=status)


class Conversations(SoukView):
    @extend_schema(operation_id="conversations_list", parameters=[InboxIn], responses=InboxOut)
    def get(self, request: Request) -> Response:
        """One's conversations in which something was said, the one last written in first."""
        asked = read_query(InboxIn, request)
        page = selectors.inbox(
            request.user, asked["filter"], asked["search"], cursor=asked.get("cursor"), limit=asked["per_page"]
        )
        return Response(
            {
                "results": page.items,
                "next": link(request, page.next_cursor),
                "previous": link(request, page.previous_cursor),
            }
        )

    @extend_schema(
        operation_id="conversations_start",
        request=StartConversationIn,
        responses={
            201: ConversationWithMessagesOut,
            200: OpenApiResponse(ConversationWithMessagesOut, description="It was there already."),
        },
        examples=[ABOUT_A_DESK],
    )
    def post(self, request: Request) -> Response:
        """Begin a conversation with somebody, about a listing of theirs or about none; the one that is there is returned."""
        body = StartConversationIn(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        with transaction.atomic():  # a conversation whose first message is refused is not begun
            conversation = actions.start_conversation(
                person=request.user, other_id=asked["other_user_id"], product_id=asked["product_id"]
            )
            if asked["initial_message"]:
                actions.send_message(
                    sender=request.user,
                    conversation_id=conversation.pk,
                    body=asked["initial_message"],
                    client_id=asked["client_id"],
                    acknowledge_warning=asked["acknowledge_warning"],
                )
        return _with_messages(request, conversation.pk, status=201 if conversation.is_new else 200)


class ConversationDetail(TaggedView):
    tagged_by = (
        "id",
        "is_archived",
        "muted_until",
        "disappear_after",
    )  # what one keeps; the rest is what is said in it

    @extend_schema(operation_id="conversations_retrieve", responses=ConversationWithMessagesOut)
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """A conversation with its newest messages. Reading it marks nothing as read: `PATCH …/read` does."""
        return _with_messages(request, conversation_id)

    @extend_schema(
        operation_id="conversations_keep", parameters=[IF_MATCH], request=KeepConversationIn, responses=ConversationOut
    )
    def patch(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Put it away or take it out again, mute it, or let new messages in it disappear for both."""
        body = KeepConversationIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.keep_conversation(person=request.user, conversation_id=conversation_id, **body.validated_data)
        return Response(selectors.conversation_shape(request.user, conversation_id))

    @extend_schema(operation_id="conversations_archive", parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Put it away for oneself. Nothing is deleted: a new message brings it back."""
        actions.archive_conversation(person=request.user, conversation_id=conversation_id)
        return Response(status=204)


class Unarchive(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="conversations_unarchive", request=None, responses=ConversationOut)
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Take it out again."""
        actions.unarchive_conversation(person=request.user, conversation_id=conversation_id)
        return Response(selectors.conversation_shape(request.user, conversation_id))


class ReportConversation(SoukView):
    @extend_schema(
        operation_id="conversations_report",
        request=ReportConversationIn,
        responses={
            201: ConversationReportOut,
            200: OpenApiResponse(ConversationReportOut, description="You reported this conversation already."),
        },
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Tell the moderators what is wrong with what the other person wrote. They see an excerpt, and each look is written down."""
        body = ReportConversationIn(data=request.data)
        body.is_valid(raise_exception=True)
        report = actions.report_conversation(
            reporter=request.user, conversation_id=conversation_id, **body.validated_data
        )
        told = {
            "id": report.pk,
            "conversation_id": conversation_id,
            "message_id": report.related_id,
            "reason": report.reason,
            "description": report.description,
            "status": report_told(report).status,
            "created_at": report.created_at,
        }
        return Response(told, status=201 if report.is_new else 200)


class Messages(SoukView):
    @extend_schema(operation_id="conversations_messages", parameters=[HistoryIn], responses=MessagePageOut)
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """What was said, newest first."""
        asked = read_query(HistoryIn, request)
        cursor = asked.get("cursor")
        if not cursor and "before_message_id" in asked:
            cursor = selectors.cursor_before(request.user, conversation_id, asked["before_message_id"])
        page = selectors.history(request.user, conversation_id, cursor=cursor, limit=asked["per_page"])
        return Response(message_page(request, page, conversation_id))

    @extend_schema(
        operation_id="conversations_say",
        request=SayIn,
        responses={
            201: MessageOut,
            200: OpenApiResponse(MessageOut, description="It was sent before, with this client_id."),
        },
        examples=MESSAGES,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Say something. It is accepted once this is answered; `state: held` waits for a moderator."""
        body = SayIn(data=request.data)
        body.is_valid(raise_exception=True)
        message = actions.send_message(sender=request.user, conversation_id=conversation_id, **body.said())
        shown = message.shown or selectors.message_shape(request.user, [message])[0]
        return Response(shown, status=201 if message.is_new else 200)


class MarkRead(SoukView):
    @extend_schema(operation_id="conversations_read", request=ReadIn, responses=ReadOut)
    def patch(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Everything in it, or everything up to a number, is read. It never becomes unread again."""
        body = ReadIn(data=request.data)
        body.is_valid(raise_exception=True)
        side = actions.mark_read(
            person=request.user, conversation_id=conversation_id, seq=body.validated_data.get("seq")
        )
        return Response(
            {"conversation_id": conversation_id, "read_seq": side.read_seq, "unread_count": side.unread_count}
        )
