"""The words of every notification, made when they are read, in the reader's language.

`facts` are what the words need: names and titles as people wrote them, and the reasons a moderator gave in both languages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.amounts import as_read, one_stop
from notifications import order_words
from notifications.states import NotificationKind

MONEY = ("amount", "price", "old", "new", "payout", "fee", "back")  # facts that are amounts


@dataclass(frozen=True)
class Words:
    title: str
    body: str


def words_of(kind: str, facts: dict[str, Any]) -> Words:
    """What to say. Missing facts leave a gap, never an error: old rows outlive new wordings."""
    title, body = _template(kind, facts)
    filled = _Gaps({k: v for k, v in facts.items() if not isinstance(v, dict | list)})
    facts = facts | {name: as_read(facts[name]) for name in MONEY if name in facts}
    filled |= {name: facts[name] for name in MONEY if name in facts}
    filled["reason"] = _reason(facts)
    filled["why"] = filled["reason"] or what("hidden_for_now", facts)
    filled["worth"] = _worth(facts)
    filled["many"] = _many(facts)
    if kind in _OF_ORDERS:
        filled |= _words_of_orders(facts)
    filled["what"] = what(facts.get("what", ""), facts)
    return Words(one_stop(title.format_map(filled)), one_stop(body.format_map(filled).strip()))


def _template(kind: str, facts: dict[str, Any]) -> tuple[str, str]:
    """By the kind; of orders and their money by what happened to them as well."""
    found = _TEMPLATES.get(kind) or _OF_ORDERS.get(kind, {}).get(facts.get("what", ""))
    return found() if found else (_("News"), "")


def _words_of_orders(facts: dict[str, Any]) -> dict[str, str]:
    """What templates of orders name beside the plain facts: rows keep codes and times, so that these follow the reader's language."""
    language = (get_language() or "en")[:2]
    why, outcome = order_words.WHY.get(facts.get("why", "")), order_words.OUTCOMES.get(facts.get("outcome", ""))
    return {
        "until": _moment(facts.get("until", "")),
        "place": facts.get(f"place_{language}") or facts.get("place_en") or "",
        "why": why() if why else "",
        "back": order_words.back(facts.get("back", "")),
        "outcome": outcome().format_map(_Gaps(facts)) if outcome else "",
    }


def _moment(written: str) -> str:
    """A time as people in the market's time zone read it; "" for none."""
    if not written:
        return ""
    at = timezone.localtime(datetime.fromisoformat(written), ZoneInfo(settings.DISPLAY_TIME_ZONE))
    return date_format(at, "j F, H:i")


class _Gaps(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def _reason(facts: dict[str, Any]) -> str:
    language = (get_language() or "en")[:2]
    return facts.get(f"reason_{language}") or facts.get("reason_en") or ""


def _worth(facts: dict[str, Any]) -> str:
    """What an offer gives: money, something in trade, or both."""
    amount, kind = facts.get("amount", ""), facts.get("offer_kind", "cash")
    if kind == "trade":
        return _("something in trade")
    return _("{amount} and something in trade").format(amount=amount) if kind == "mixed" else amount


def _many(facts: dict[str, Any]) -> str:
    """How much a digest is about."""
    count = facts.get("count", 0)
    return ngettext("{n} listing", "{n} listings", count).format(n=count) if isinstance(count, int) else ""


def what(code: str, facts: dict[str, Any]) -> str:
    """The sentence behind `what_code`: rows keep a code, so that the sentence follows the reader's language."""
    return _WHAT[code]().format_map(_Gaps(facts)) if code in _WHAT else ""


_WHAT = {
    "password_changed": lambda: _("Your password was changed. If it was not you, reset it now and end all sessions."),
    "email_changed": lambda: _("Your email address was changed. If it was not you, write to us at once."),
    "phone_changed": lambda: _("Your phone number was changed. If it was not you, write to us at once."),
    "new_device": lambda: _("Somebody signed in to your account on a new device. If it was not you, end that session."),
    "session_ended": lambda: _("We ended a session of yours: its key was used twice, which may mean it was copied."),
    "warned": lambda: _("A moderator sends you a warning."),
    "suspended": lambda: _("Your account is suspended."),
    "restricted": lambda: _("Some of what you can do is restricted."),
    "message_delivered": lambda: _("A moderator read a message of yours that had to wait, and it is delivered now."),
    "messages_removed": lambda: _("A moderator removed what you wrote in a conversation."),
    "messaging_stopped": lambda: _("You cannot write messages for some time."),
    "said_again": lambda: _("A moderator took back an earlier decision about what you wrote."),
    "restored": lambda: _("The restriction on your account has ended."),
    "hidden_for_now": lambda: _("Several people reported it, so it is hidden until a moderator has looked at it."),
    "erasure": lambda: _("Your account will be erased in a few days. Until then you can change your mind."),
    "search_paused": lambda: _("Our staff paused your saved search “{name}”. You can let it go on at any time."),
    "search_resumed": lambda: _("Our staff let your saved search “{name}” go on."),
    "search_removed": lambda: _("Our staff deleted your saved search “{name}”. For a day you can take that back."),
    "search_restored": lambda: _("Our staff brought your saved search “{name}” back."),
    "pay_until": lambda: _("It is reserved for you for 24 hours. Pay within that time, or it goes back on sale."),
    "wait_for_payment": lambda: _("It is reserved for {name}, who has 24 hours to pay."),
    "below_floor": lambda: _("It was below what the seller considers. You can make a higher one."),
    "withdrawn": lambda: _("{name} withdrew it."),
    "not_paid": lambda: _("It was not paid in time, so the listing is for sale again."),
    "nobody_answered": lambda: _("{name} did not answer in time. You can make another one."),
    "sold_to_another": lambda: _("It was sold to somebody else. Have a look at similar listings near you."),
    "unlisted": lambda: _("The listing is no longer for sale."),
    "found_new": lambda: _("It fits your search “{name}” and costs {price}."),
    "found_cheaper": lambda: _("It fits your search “{name}” and costs {price} now."),
    "report_upheld": lambda: _("Thank you. A moderator looked at it and acted on it."),
    "report_dismissed": lambda: _("Thank you. A moderator looked at it and found no break of our rules."),
}


_TEMPLATES: dict[str, Callable[[], tuple[str, str]]] = {
    NotificationKind.NEW_FOLLOWER: lambda: (_("{name} follows you"), _("They will see your new listings.")),
    NotificationKind.LISTING_APPROVED: lambda: (_("“{title}” is for sale"), _("A moderator approved your listing.")),
    NotificationKind.LISTING_NOT_APPROVED: lambda: (
        _("“{title}” was not approved"),
        _("{reason} You can change the listing and send it in again."),
    ),
    NotificationKind.LISTING_REMOVED: lambda: (_("“{title}” is no longer shown"), "{why}"),
    NotificationKind.LISTING_RESTORED: lambda: (_("“{title}” is shown again"), _("Sorry for the trouble.")),
    NotificationKind.LISTING_EXPIRING: lambda: (
        _("“{title}” expires soon"),
        _("Renew it with one tap to keep it for sale."),
    ),
    NotificationKind.PRODUCT_SOLD: lambda: (_("“{title}” is sold"), _("Have a look at similar listings near you.")),
    NotificationKind.PRICE_DROP: lambda: (_("“{title}” costs less now"), _("{old} before, {new} now.")),
    NotificationKind.BACK_ON_SALE: lambda: (_("“{title}” is for sale again"), _("You saved it. It costs {price}.")),
    NotificationKind.SAVED_SEARCH: lambda: (_("Found: “{title}”"), "{what}"),
    NotificationKind.SEARCH_DIGEST: lambda: (_("New in what you follow"), _("{many}. {names}")),
    NotificationKind.NEW_MESSAGE: lambda: (_("{name} wrote to you"), "{title}"),
    NotificationKind.MESSAGE_NOT_DELIVERED: lambda: (
        _("A message of yours was not delivered"),
        _("A moderator read it and found that it breaks our rules. {reason}"),
    ),
    NotificationKind.NEW_OFFER: lambda: (
        _("An offer for “{title}”"),
        _("{name} offers {worth}. Answer within 24 hours."),
    ),
    NotificationKind.OFFER_COUNTERED: lambda: (
        _("A counter-offer for “{title}”"),
        _("{name} asks for {worth}. Answer within 24 hours."),
    ),
    NotificationKind.OFFER_ACCEPTED: lambda: (_("Agreed on “{title}” at {worth}"), "{what}"),
    NotificationKind.OFFER_DECLINED: lambda: (_("Your offer for “{title}” was declined"), "{what}"),
    NotificationKind.OFFER_ENDED: lambda: (_("An offer for “{title}” has ended"), "{what}"),
    NotificationKind.REPORT_OUTCOME: lambda: (_("Your report on “{title}”"), "{what}"),
    NotificationKind.ACCOUNT_NOTICE: lambda: (_("A notice about your account"), _("{what} {reason}")),
    NotificationKind.SECURITY: lambda: (_("Security of your account"), "{what}"),
    NotificationKind.DATA_EXPORT: lambda: (
        _("Your data is ready"),
        _("You can download it for a few days. Only you can open the link, after signing in."),
    ),
}

_OF_ORDERS: dict[str, dict[str, order_words.Template]] = {
    **dict.fromkeys(
        (
            NotificationKind.ORDER_PAID,
            NotificationKind.ORDER_NEWS,
            NotificationKind.ORDER_CANCELLED,
            NotificationKind.ORDER_REFUND,
        ),
        order_words.ORDERS,
    ),
    NotificationKind.MEETING: order_words.MEETINGS,
    NotificationKind.DISPUTE: order_words.DISPUTES,
    NotificationKind.PAYOUT: order_words.PAYOUTS,
}
