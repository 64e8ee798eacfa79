"""What the screens of money share."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from payments.models import Payment

UUID_LENGTH = 36
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


def where_is(reference: str, words: str = "") -> SafeString:
    """To the picture of where the money of a reference is."""
    url = f"{reverse('admin:payments_ledgertransaction_where')}?q={reference}"
    return format_html(
        '<a href="{}" title="{}"><bdi dir="ltr">{}</bdi></a>', url, reference, words or shortened(reference)
    )


def shortened(reference: str) -> str:
    """ "order:…5a3c9d1e": enough to tell two from each other where a whole key would fill the line."""
    kind, _colon, key = reference.partition(":")
    return f"{kind}:…{key[-8:]}" if len(key) == UUID_LENGTH else reference


def names_of(payment: Payment) -> str:
    """What the buyer read it is for, such as the orders' numbers; else its reference."""
    return payment.description or shortened(payment.reference)


def name_of_part(payment: Payment, reference: str) -> str:
    """The same of one payee's part: where there are several, the words of the payment do not say which."""
    is_whole = payment.description and "," not in payment.description
    return payment.description if is_whole else shortened(reference)
