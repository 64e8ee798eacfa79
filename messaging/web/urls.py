from django.urls import path

from messaging.web import inbox, room

urlpatterns = [
    path("messages", inbox.inbox, name="messages"),
    path("messages/new", room.begin, name="begin_conversation"),
    path("messages/<uuid:conversation_id>", room.conversation, name="conversation_page"),
    path("messages/<uuid:conversation_id>/lines", room.lines, name="conversation_lines"),
    path("messages/<uuid:conversation_id>/row", inbox.row, name="conversation_row"),
    path("messages/<uuid:conversation_id>/send", room.say, name="say"),
    path("messages/<uuid:conversation_id>/read", inbox.read, name="read_conversation"),
    path("messages/<uuid:conversation_id>/archive", inbox.archive, name="archive_conversation"),
    path("messages/<uuid:conversation_id>/unarchive", inbox.unarchive, name="unarchive_conversation"),
    path("messages/<uuid:conversation_id>/mute", inbox.mute, name="mute_conversation"),
    path("messages/<uuid:conversation_id>/disappear", inbox.disappear, name="disappearing_messages"),
]
