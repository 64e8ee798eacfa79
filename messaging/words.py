"""What notices and previews say, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.amounts import facts_as_read, one_stop
from messaging.states import MessageKind

EXCERPT = 140  # characters of a message in a list, an answer or a push message

# Notices of the house, by key; `facts` fill the placeholders.
NOTICES = {
    "price_changed": _("The price is now {price}. It was {old_price}."),
    "disappearing_on": _("New messages disappear after {days} days."),
    "disappearing_on_day": _("New messages disappear after a day."),
    "disappearing_off": _("New messages stay."),
    "order_confirmed": _("Order {code} is agreed."),
    "order_dispatched": _("Order {code} was sent."),
    "order_delivered": _("Order {code} was delivered."),
    "order_completed": _("Order {code} is complete."),
    "order_cancelled": _("Order {code} is cancelled."),
    "meeting_proposed": _("A meeting was proposed for order {code}."),
    "meeting_agreed": _("A meeting is agreed for order {code}."),
    "dispute_opened": _("A problem with order {code} was reported."),
}


def notice_text(facts: Mapping[str, Any]) -> str:
    """A notice in the active language; "" for one that we no longer know."""
    words = NOTICES.get(facts.get("notice", ""))
    return one_stop(str(words).format(**facts_as_read(facts))) if words else ""


def excerpt(*, kind: str, body: str, facts: Mapping[str, Any], is_gone: bool) -> str:
    """One line of a message for lists, in the active language; "" for one whose words are gone."""
    if is_gone:
        return ""
    if kind == MessageKind.SYSTEM:
        return notice_text(facts)
    if kind == MessageKind.OFFER:
        lines = facts.get("line") or {}
        return lines.get((get_language() or "en")[:2]) or lines.get("en") or str(_("Offer"))
    words = " ".join(body.split())
    if words:
        return words if len(words) <= EXCERPT else words[: EXCERPT - 1] + "…"
    return str(_("Picture")) if kind == MessageKind.IMAGE else str(_("Place on the map"))
