"""Small parts of the moderators' pages: the deadline badge, money at risk, clock times."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_time
from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.amounts import money_words
from core.money import Money
from core.templatetags.souk import icon
from moderation import selectors
from moderation.models import Case
from moderation.states import UNDECIDED
from moderation.targets import kinds, target_of

register = template.Library()

_LATIN_DIGITS = {0x0660 + n: str(n) for n in range(10)}
SOON = 3600  # seconds: from here on the badge is saffron


@register.simple_tag
def deadline_badge(case: Case) -> SafeString:
    """How long is left, calm, soon or overdue: by colour, icon and words."""
    if case.state not in UNDECIDED:
        return format_html('<span class="badge">{}</span>', case.get_state_display())
    left = (case.due_at - timezone.now()).total_seconds()
    if left < 0:
        css, sign, words = "urgent", "timer", _("overdue by {time}").format(time=span(-left))
    else:
        css, sign, words = ("saffron" if left < SOON else ""), "timer", _("{time} left").format(time=span(left))
    return format_html('<span class="badge {}" title="{}">{} {}</span>', css, moment(case.due_at), icon(sign), words)


@register.filter
def span(seconds: float) -> str:
    """A length of time in its largest unit: "22 min", "3 h", "2 days"."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return _("under a minute")
    if minutes < 60:
        return _("{count} min").format(count=minutes)
    if minutes < 48 * 60:
        return _("{count} h").format(count=minutes // 60)
    days = minutes // (24 * 60)
    return ngettext("{count} day", "{count} days", days).format(count=days)


@register.simple_tag
def severity_badge(case: Case) -> SafeString:
    words = {1: _("low"), 2: _("medium"), 3: _("high"), 4: _("urgent")}[min(4, max(1, case.severity))]
    css = {3: "saffron", 4: "coral"}.get(case.severity, "")
    return format_html('<span class="badge severity {}">{}</span>', css, words)


@register.filter
def sign(case: Case) -> SafeString:
    """What stands for a case that has no picture: its target's own `sign`, or a picture frame."""
    target = target_of(case.target_kind) if case.target_kind in kinds() else None
    return icon(getattr(target, "sign", "image"))


@register.filter
def risk(case: Case) -> str:
    """The money at risk: "AED 2,950"; "" where there is none."""
    if not case.at_risk_currency or not case.at_risk_minor:
        return ""
    return money_words(Money(case.at_risk_minor, case.at_risk_currency))


@register.filter
def weight(value: Decimal | float) -> str:
    """3.2"""
    return f"{float(value):.1f}"


@register.filter
def clock(at: datetime) -> SafeString:
    """The time of day in the display time zone; the day too when it is not today."""
    zone, locale = ZoneInfo(settings.DISPLAY_TIME_ZONE), _locale()
    local, today = at.astimezone(zone), timezone.now().astimezone(zone).date()
    words = format_time(local, "HH:mm", locale=locale)
    if local.date() != today:
        words = f"{format_datetime(local, 'd MMM', tzinfo=zone, locale=locale)} {words}"
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), moment(at), _latin(words))


@register.filter
def moment(at: datetime | None) -> str:
    """Date and time, in full."""
    if at is None:
        return ""
    zone = ZoneInfo(settings.DISPLAY_TIME_ZONE)
    return _latin(format_datetime(at.astimezone(zone), "medium", tzinfo=zone, locale=_locale()))


@register.simple_tag
def day_words() -> str:
    """Today's date where the desk stands: "Friday, 20 November"."""
    pattern = "EEEE، d MMMM" if _locale() == "ar" else "EEEE, d MMMM"
    zone = ZoneInfo(settings.DISPLAY_TIME_ZONE)
    return _latin(format_datetime(timezone.now(), pattern, tzinfo=zone, locale=_locale()))


@register.simple_tag
def next_in_line(person: Any) -> list[Case]:
    """The five cases that press most and that this person may take."""
    if not person.has_perm("moderation.view_case"):
        return []
    return list(selectors.line_for(person, now=timezone.now())[:5])


@register.filter
def lookup(table: dict[Any, Any], key: Any) -> Any:
    return table.get(key, "")


def _latin(words: str) -> str:
    return words.translate(_LATIN_DIGITS)


def _locale() -> str:
    return "ar" if (get_language() or "en").startswith("ar") else "en"
