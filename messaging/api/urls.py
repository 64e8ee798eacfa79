from django.urls import path

from messaging.api import conversations, messages

_CONVERSATION = "conversations/<uuid:conversation_id>"
_MESSAGE = "messages/<uuid:message_id>"

urlpatterns = [
    path("conversations", conversations.Conversations.as_view(), name="conversations"),
    path(_CONVERSATION, conversations.ConversationDetail.as_view(), name="conversation"),
    path(f"{_CONVERSATION}/messages", conversations.Messages.as_view(), name="conversation-messages"),
    path(f"{_CONVERSATION}/read", conversations.MarkRead.as_view(), name="conversation-read"),
    path(f"{_CONVERSATION}/unarchive", conversations.Unarchive.as_view(), name="conversation-unarchive"),
    path(f"{_CONVERSATION}/report", conversations.ReportConversation.as_view(), name="conversation-report"),
    path("messages/search", messages.Search.as_view(), name="messages-search"),
    path("messages/unread-count", messages.UnreadCount.as_view(), name="messages-unread-count"),
    path(_MESSAGE, messages.MessageDetail.as_view(), name="message"),
    path(f"{_MESSAGE}/reaction", messages.MessageReaction.as_view(), name="message-reaction"),
    path("presence", messages.Presence.as_view(), name="presence"),
]
