"""What the screens of orders share."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.desk import Part
from orders.models import Order
from orders.states import DisputeAxis, OrderState, PaymentAxis, Side
from orders.words import event_words

_TONES = {
    OrderState.COMPLETED: "palm",
    OrderState.CANCELLED: "",
    OrderState.CONFIRMED: "saffron",
    PaymentAxis.RELEASED: "palm",
    PaymentAxis.HELD: "saffron",
    DisputeAxis.OPEN: "urgent",
    DisputeAxis.CHARGEBACK: "urgent",
}


def tone(value: str) -> str:
    return _TONES.get(value, "")  # type: ignore[call-overload,no-any-return]


def order_link(order: Order) -> SafeString:
    return format_html(
        '<a href="{}"><bdi dir="ltr">{}</bdi></a>', reverse("admin:orders_order_change", args=[order.pk]), order.code
    )


def timeline(order: Order) -> Part:
    """What happened to it, as the seller reads it, with what only staff read."""
    lines = [
        {
            "at": line.at,
            "side": line.get_side_display(),
            "words": event_words(line, reader=Side.STAFF),
            "is_internal": line.is_internal,
        }
        for line in order.events.order_by("id")
    ]
    return Part(_("What happened"), "admin/orders/timeline.html", {"lines": lines})
