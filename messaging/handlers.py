"""What conversations do when something happens."""

from accounts.events import PersonBlocked
from core.events import handles
from messaging import actions
from messaging.events import MessageFlagged, MessageHeld


@handles(PersonBlocked)
def part_contacts_after_block(news: PersonBlocked) -> None:
    actions.part_contacts(blocker_id=news.blocker_id, blocked_id=news.blocked_id)


@handles(MessageHeld)
def bring_held_message_before_moderators(news: MessageHeld) -> None:
    actions.bring_before_moderators(message_id=news.message_id)


@handles(MessageFlagged)
def bring_flagged_message_before_moderators(news: MessageFlagged) -> None:
    actions.bring_before_moderators(message_id=news.message_id)
