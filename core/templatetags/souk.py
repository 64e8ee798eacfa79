"""What pages say in more than one place: icons, prices, times, pictures. Strict CSP: no style attributes anywhere."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta
from django import template
from django.conf import settings
from django.core.files.storage import storages
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from core.amounts import amount_words, currency_words, is_arabic, money_words
from core.money import Money

register = template.Library()

# Best first: a browser takes the first `<source>` it knows.
_SOURCE_TYPES = {"avif": "image/avif", "webp": "image/webp"}
_FALLBACKS = ("jpeg", "jpg", "webp", "avif")
_UNSAFE_IN_SCRIPT = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.simple_tag
def icon(name: str, css: str = "", label: str = "", *, mirror: bool = False, color: str = "") -> SafeString:
    """One icon of the sprite. Hidden from screen readers unless it has a label; `mirror` turns it in right-to-left."""
    classes = " ".join(filter(None, ("icon", css, "mirror" if mirror else "")))
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    tint = format_html(' color="{}"', color) if color else ""
    return format_html(
        '<svg class="{}" {}{}><use href="{}#{}"></use></svg>', classes, spoken, tint, static("icons.svg"), name
    )


@register.simple_tag
def price(amount: Any, currency: str = "", css: str = "") -> SafeString:
    """The amount in bold Latin digits, the currency small: "2,950 AED", "12.50 AED".

    `amount` is a Money, or the decimal string of the API beside its currency.
    """
    money = amount if isinstance(amount, Money) else Money.parse(amount, currency)
    return format_html(
        '<span class="price {}">{} <small>{}</small></span>', css, amount_words(money), currency_words(money.currency)
    )


@register.filter
def minor(amount: int, currency: str) -> Money:
    """An amount in minor units with its currency, for `price` and `amount_words`."""
    return Money(amount, currency)


register.filter(amount_words)
register.filter(currency_words)
register.filter(money_words)


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """How long since: "3 hours ago", with the exact time for machines and on hover."""
    if moment is None:
        return ""
    words = format_timedelta(moment - timezone.now(), add_direction=True, threshold=0.9, locale=_locale())
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), _local(moment, "medium"), words)


@register.filter
def day(moment: datetime | None) -> SafeString | str:
    """The date in the display time zone: "3 November 2026"."""
    if moment is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), _local(moment, "long"))


@register.filter
def clock(moment: datetime | str | None) -> str:
    """The time of day in the display time zone: "14:05"."""
    at = moment_of(moment)
    return f"{at.astimezone(_zone()):%H:%M}" if at else ""


@register.filter
def daily(on: date) -> str:
    """A day as people say it: "Today", "Yesterday", "Tuesday 3 November", with the year where it is another one."""
    today = timezone.now().astimezone(_zone()).date()
    if on == today:
        return gettext("Today")
    if on == today - timedelta(days=1):
        return gettext("Yesterday")
    shape = "EEEE d MMMM" if on.year == today.year else "d MMMM y"
    return format_date(on, shape, locale=_locale()).translate(_LATIN_DIGITS)


@register.filter
def a_day(on: date | datetime | None) -> str:
    """A date without a time of day: "3 Nov 2026"."""
    if on is None:
        return ""
    local = on.astimezone(_zone()).date() if isinstance(on, datetime) else on
    return format_date(local, "d MMM y", locale=_locale()).translate(_LATIN_DIGITS)


@register.filter
def lately(moment: datetime | str | None) -> str:
    """When, in as few letters as a list has room for: "14:05" today, then "Yesterday", then "3 Nov"."""
    at = moment_of(moment)
    if at is None:
        return ""
    on, today = at.astimezone(_zone()).date(), timezone.now().astimezone(_zone()).date()
    if on == today:
        return clock(at)
    if on == today - timedelta(days=1):
        return gettext("Yesterday")
    shape = "d MMM" if on.year == today.year else "d MMM y"
    return format_date(on, shape, locale=_locale()).translate(_LATIN_DIGITS)


@register.filter
def iso(moment: datetime | str | None) -> str:
    """For machines: UTC with a Z."""
    at = moment_of(moment)
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""


def moment_of(moment: datetime | str | None) -> datetime | None:
    """A moment, also where it is written as on the wire."""
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment


def day_of(moment: datetime) -> date:
    """The date where the market is."""
    return moment.astimezone(_zone()).date()


@register.filter
def month(moment: date | None) -> str:
    """ "November 2026" of a moment (in the display time zone) or a date."""
    if moment is None:
        return ""
    local = moment.astimezone(_zone()) if isinstance(moment, datetime) else moment
    return format_date(local, "MMMM y", locale=_locale()).translate(_LATIN_DIGITS)


@register.simple_tag
def picture(
    asset: Any,
    alt: str = "",
    sizes: str = "(min-width: 800px) 220px, 46vw",
    *,
    eager: bool = False,
    icon_name: str = "image",
    color: str = "",
) -> SafeString:
    """`<picture>` of a media asset: AVIF, WebP, JPEG by width over a blurred placeholder; an icon where there is none.

    `asset` is a media asset, or what `media.selectors.picture` says of one: it needs `variants` (`[{"format", "width",
    "height", "key" or "url"}]`) and `placeholder` (a data URI). Put it in a `.pic`.
    """
    variants = list(_part(asset, "variants") or [])
    fallback = _fallback(variants)
    if fallback is None:
        tint = format_html(' color="{}"', color) if color else ""
        wash = (
            format_html('<svg class="wash" aria-hidden="true"{}><rect width="100%" height="100%"/></svg>', tint)
            if color
            else ""
        )
        return format_html('{}<span class="no-pic">{}</span>', wash, icon(icon_name or "image", color=color))
    placeholder = _part(asset, "placeholder") or ""
    blurred = (
        format_html('<img class="lqip" src="{}" alt="" aria-hidden="true">', placeholder)
        if str(placeholder).startswith("data:image/")
        else ""
    )
    sources = format_html_join(
        "",
        '<source type="{}" srcset="{}" sizes="{}">',
        ((mime, _srcset(variants, kind), sizes) for kind, mime in _SOURCE_TYPES.items() if _of(variants, kind)),
    )
    return format_html(
        '{}<picture>{}<img src="{}" srcset="{}" sizes="{}" width="{}" height="{}" alt="{}" {} decoding="async"></picture>',
        blurred,
        sources,
        _address(fallback),
        _srcset(variants, fallback["format"]),
        sizes,
        fallback["width"],
        fallback["height"],
        alt,
        mark_safe('fetchpriority="high"' if eager else 'loading="lazy"'),  # noqa: S308
    )


@register.simple_tag
def picture_url(asset: Any, width: int = 1200) -> str:
    """The address of the JPEG nearest to this width, for link previews; empty where there is none."""
    jpegs = _of(list(_part(asset, "variants") or []), "jpeg")
    return _address(min(jpegs, key=lambda v: abs(v["width"] - width))) if jpegs else ""


@register.filter
def media_url(key: str) -> str:
    return storages["default"].url(key) if key else ""


@register.filter
def json_for_script(facts: Any) -> SafeString:
    """JSON that cannot leave the script element it stands in."""
    return mark_safe(json.dumps(facts, ensure_ascii=False).translate(_UNSAFE_IN_SCRIPT))  # noqa: S308 - translated


@register.filter
def initials(name: str) -> str:
    """Up to two first letters, for a person without a picture."""
    return "".join(word[0] for word in str(name).split()[:2]).upper()


@register.simple_tag
def import_map() -> SafeString:
    """Where the modules that import each other are: their plain addresses lead to the hashed ones, so that each is loaded once."""
    imports = {f"{settings.STATIC_URL}js/{name}": static(f"js/{name}") for name in _modules()}
    return json_for_script({"imports": {plain: hashed for plain, hashed in imports.items() if plain != hashed}})


@cache
def _modules() -> tuple[str, ...]:
    return tuple(sorted(path.name for path in (settings.BASE_DIR / "static" / "js").glob("*.js")))


@register.simple_tag
def control(field: BoundField, **attributes: str) -> SafeString:
    """The input of a form field, told about its hint and errors. `autocomplete="email"` and the like pass through."""
    described = [f"{field.auto_id}_hint"] if field.help_text else []
    attrs: dict[str, str | bool] = {name.replace("_", "-"): value for name, value in attributes.items()}
    if field.errors:
        described.append(f"{field.auto_id}_errors")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attrs)


_LATIN_DIGITS = {0x0660 + n: str(n) for n in range(10)}


def _locale() -> str:
    return "ar" if is_arabic() else "en_GB"  # 3 November, as the market writes it


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.DISPLAY_TIME_ZONE)


def _local(moment: datetime, style: Any) -> str:
    return format_date(moment.astimezone(_zone()), style, locale=_locale()).translate(_LATIN_DIGITS)


def _part(asset: Any, name: str) -> Any:
    return asset.get(name) if isinstance(asset, Mapping) else getattr(asset, name, None)


def _address(variant: dict[str, Any]) -> str:
    return variant.get("url") or media_url(variant["key"])


def _of(variants: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return sorted((v for v in variants if v["format"] == kind), key=lambda v: v["width"])


def _srcset(variants: list[dict[str, Any]], kind: str) -> str:
    return ", ".join(f"{_address(v)} {v['width']}w" for v in _of(variants, kind))


def _fallback(variants: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The middle size of the most widely read format."""
    for kind in _FALLBACKS:
        if found := _of(variants, kind):
            return found[len(found) // 2]
    return None
