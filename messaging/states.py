"""The words of messaging."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.states import moves

CONVERSATION_TARGET = "conversation"  # as moderation knows one person's side of a conversation
MESSAGE_TARGET = "message"  # a single message that the scanner held or brought up


class MessageKind(models.TextChoices):
    TEXT = "text", _("text")
    IMAGE = "image", _("pictures")
    OFFER = "offer", _("offer")  # a card: `reference` names what a higher app draws
    SYSTEM = "system", _("notice")  # of the house; `facts` hold its words' key and what fills them
    LOCATION = "location", _("place")  # shared by its sender on purpose; `facts` hold the coordinates


class MessageState(models.TextChoices):
    """Held ones have no place in the conversation yet: only their sender and moderators see them."""

    SENT = "sent", _("sent")
    HELD = "held", _("waits for a moderator")
    REJECTED = "rejected", _("not delivered")


MESSAGE_MOVES = moves(
    {
        MessageState.HELD: (MessageState.SENT, MessageState.REJECTED),
        MessageState.REJECTED: (MessageState.SENT, MessageState.HELD),  # only by undoing a decision
    }
)


class EntryKind(models.TextChoices):
    """What takes a number in a conversation, so that whoever was away can be told exactly what was missed."""

    NEW = "message:new", _("new message")
    UPDATED = "message:updated", _("edited, unsent, reacted to, or its card changed")


class InboxFilter(models.TextChoices):
    ALL = "all", _("all")
    UNREAD = "unread", _("unread")
    ARCHIVED = "archived", _("archived")


# One of these per person and message; a fixed set, so that nothing else can be smuggled in.
REACTIONS = ("👍", "❤️", "😂", "😮", "🙏", "👎")

# After how many seconds messages may disappear: a day, a week, 90 days.
DISAPPEAR_AFTER = (86_400, 604_800, 7_776_000)

# What people send themselves. Offers write their own cards, notices are the house's.
SENT_BY_PEOPLE = (MessageKind.TEXT, MessageKind.IMAGE, MessageKind.LOCATION)
EDITABLE = (MessageKind.TEXT, MessageKind.IMAGE)
