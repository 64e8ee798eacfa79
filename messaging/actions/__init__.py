"""What can be done in conversations."""

from messaging.actions.beginning import start_conversation
from messaging.actions.changing import edit_message, react, touch_cards, unsend_message
from messaging.actions.hints import (
    begin_typing,
    is_typing,
    part_contacts,
    stop_typing,
    tell_contacts_of_arrival,
    tell_contacts_of_leaving,
)
from messaging.actions.keeping import (
    archive_conversation,
    keep_conversation,
    mute_conversation,
    set_disappearing,
    unarchive_conversation,
)
from messaging.actions.moderating import (
    bring_before_moderators,
    hide_messages,
    hold_message_again,
    reject_message,
    release_message,
    restore_messages,
)
from messaging.actions.reading import mark_delivered, mark_read
from messaging.actions.reports import report_conversation
from messaging.actions.retention import blank_old_messages, expire_disappearing
from messaging.actions.sending import post_card, post_notice, send_message

__all__ = [
    "archive_conversation",
    "begin_typing",
    "blank_old_messages",
    "bring_before_moderators",
    "edit_message",
    "expire_disappearing",
    "hide_messages",
    "hold_message_again",
    "is_typing",
    "keep_conversation",
    "mark_delivered",
    "mark_read",
    "mute_conversation",
    "part_contacts",
    "post_card",
    "post_notice",
    "react",
    "reject_message",
    "release_message",
    "report_conversation",
    "restore_messages",
    "send_message",
    "set_disappearing",
    "start_conversation",
    "stop_typing",
    "tell_contacts_of_arrival",
    "tell_contacts_of_leaving",
    "touch_cards",
    "unarchive_conversation",
    "unsend_message",
]
