"""What the screens of money share."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

TONES = {
    "captured": "palm",
    "released": "palm",
    "succeeded": "palm",
    "paid": "palm",
    "done": "palm",
    "won": "palm",
    "awaiting_approval": "saffron",
    "requested": "saffron",
    "pending": "saffron",
    "processing": "saffron",
    "sent": "saffron",
    "held": "saffron",
    "open": "saffron",
    "failed": "urgent",
    "parked": "urgent",
    "lost": "urgent",
}


def state_badge(thing: Any) -> SafeString:
    return format_html('<span class="badge {}">{}</span>', TONES.get(thing.state, ""), thing.get_state_display())


def link(thing: Any, words: Any = "") -> SafeString:
    """To the page of another thing of money."""
    url = reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])
    return format_html('<a href="{}"><bdi dir="ltr">{}</bdi></a>', url, words or thing)


def where_is(reference: str) -> SafeString:
    """To the picture of where the money of a reference is."""
    url = f"{reverse('admin:payments_ledgertransaction_where')}?q={reference}"
    return format_html('<a href="{}"><bdi dir="ltr">{}</bdi></a>', url, reference)
