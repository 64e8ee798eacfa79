"""Messages as the page draws them: the wire's shape, with the days between and what can still be done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from core.templatetags.souk import day_of
from messaging.states import EDITABLE, SENT_BY_PEOPLE, MessageKind, MessageState

Message = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One message. `day` stands above it where a day begins; the moments say until when its writer may change or take it back."""

    message: Message
    other_name: str
    day: date | None = None
    is_first_unread: bool = False
    gone_words: str = ""  # instead of what it said
    gone_icon: str = ""
    edit_until: datetime | None = None
    unsend_until: datetime | None = None
    is_pending: bool = False

    @property
    def is_gone(self) -> bool:
        return bool(self.gone_words)

    @property
    def status(self) -> str:
        """Its tick; none for what was not delivered."""
        return self.message["status"] or ("waiting" if self.is_pending else "")


def lines_of(
    messages: Iterable[Message], *, other_name: str, read_seq: int | None = None, headed: bool = True
) -> list[Line]:
    """Messages, oldest first, as lines. `read_seq`: how far the reader had read, for the mark above what is new."""
    lines = []
    now = timezone.now()
    day: date | None = None
    is_marked = read_seq is None
    for message in messages:
        today = day_of(message["sent_at"])
        is_new = not is_marked and not message["is_mine"] and (message["seq"] or 0) > (read_seq or 0)
        is_marked = is_marked or is_new
        words, icon = _gone(message, now)
        lines.append(
            Line(
                message=message,
                other_name=other_name,
                day=today if headed and today != day else None,
                is_first_unread=is_new,
                gone_words=words,
                gone_icon=icon,
                edit_until=_until(message, EDITABLE, minutes=settings.MESSAGING["edit_minutes"]),
                unsend_until=_until(message, SENT_BY_PEOPLE, minutes=60 * settings.MESSAGING["unsend_hours"]),
            )
        )
        day = today
    return lines


def _gone(message: Message, now: datetime) -> tuple[str, str]:
    if message["unsent"]:
        mine = message["is_mine"]
        return (_("You took this message back.") if mine else _("This message was taken back."), "undo-2")
    if message["hidden"]:
        return (_("A moderator hid this message."), "eye-off")
    if message["expires_at"] is not None and message["expires_at"] <= now:
        return (_("This message has disappeared."), "timer")
    return ("", "")


def _until(message: Message, kinds: Sequence[str], *, minutes: int) -> datetime | None:
    """As `messaging.rules` will say when it is asked; here only to offer what is possible."""
    if not message["is_mine"] or message["state"] != MessageState.SENT or message["kind"] not in kinds:
        return None
    return message["sent_at"] + timedelta(minutes=minutes)


def pending_line(other_name: str) -> Line:
    """What the page's scripts draw a message from that waits to be sent."""
    empty: dict[str, Any] = {
        "id": "",
        "seq": None,
        "kind": MessageKind.TEXT,
        "state": "",
        "is_mine": True,
        "body": "",
        "images": [],
        "location": None,
        "offer": None,
        "reply_to": None,
        "reactions": [],
        "status": None,
        "client_id": "",
        "sent_at": timezone.now(),
        "edited_at": None,
        "expires_at": None,
    }
    return Line(message=empty, other_name=other_name, is_pending=True)
