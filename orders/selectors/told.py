"""What an order tells, to whom: on the wire and on pages.

A buyer never reads what the seller gets or what we keep; a seller reads where it goes, and how to reach the buyer, once it is
confirmed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.selectors import person_brief
from core.money import Money
from media.selectors import picture, shown
from orders import rules
from orders.models import Cart, CartItem, Checkout, Order, OrderEvent, OrderItem, Voucher
from orders.selectors.carts import CartChange, asked_for
from orders.states import OrderState, PayBy, PaymentAxis, Side, VoucherKind
from orders.words import dispute_words, event_facts, event_words, fulfilment_words, money_words, order_words
from payments.models import Payment
from payments.states import PaymentState

_STATUS_WORDS = {
    OrderState.AWAITING_PAYMENT: "pending",
    OrderState.CONFIRMED: "held",
    OrderState.COMPLETED: "completed",
    OrderState.CANCELLED: "failed",
}


def reader_of(order: Order, person: User) -> Side:
    """On which side of an order a party reads."""
    return Side.BUYER if order.buyer_id == person.pk else Side.SELLER


def order_line(order: Order, *, reader: Side | str) -> dict[str, Any]:
    """An order of `with_parts` in a list, as one side reads it. No query."""
    buyer = reader == Side.BUYER
    return {
        "id": order.pk,
        "code": order.code,
        "side": str(reader),
        "checkout_id": order.checkout_id if buyer else None,
        "other": person_brief(order.seller if buyer else order.buyer),
        "source": order.source,
        "state": order.state,
        "payment_state": order.payment_state,
        "fulfilment_state": order.fulfilment_state,
        "dispute_state": order.dispute_state,
        "words": {
            "order": order_words(order, reader=reader),
            "money": money_words(order, reader=reader),
            "fulfilment": fulfilment_words(order, reader=reader),
            "dispute": dispute_words(order, reader=reader),
        },
        "pay_by": order.pay_by,
        "delivery": order.delivery,
        "items": [item_shape(item, order.currency) for item in order.items.all()],
        "delivery_price": _money(order.delivery_minor, order),
        "total": _money(order.total_minor, order),
        "currency": order.currency,
        "expires_at": order.expires_at,
        "dispatch_by": order.dispatch_by,
        "inspection_ends_at": order.inspection_ends_at,
        "created_at": order.created_at,
        "may_cancel": rules.may_cancel(order, Side(reader)),
    }


def order_lines(person: User, orders: Iterable[Order]) -> list[dict[str, Any]]:
    return [order_line(order, reader=reader_of(order, person)) for order in orders]


def order_shape(order: Order, *, reader: Side | str) -> dict[str, Any]:
    """One order with all that its page shows, as one side reads it."""
    return {
        **order_line(order, reader=reader),
        "amounts": amounts(order, reader=reader),
        "address": address_for(order, reader=reader),
        "note": order.buyer_note,
        "is_luxury": order.is_luxury,
        "inspection_hours": order.inspection_hours,
        "arrive_by": order.arrive_by,
        "confirmed_at": order.confirmed_at,
        "dispatched_at": order.dispatched_at,
        "delivered_at": order.delivered_at,
        "completed_at": order.completed_at,
        "cancelled_at": order.cancelled_at,
        "cancelled_because": order.cancelled_because,
        "cash_owed": str(order.cash_owed) if order.cash_owed_minor else None,
        "cash_back_said_at": order.cash_back_said_at,
        "cash_back_answer_by": _answer_by(order),
        "dispute_until": rules.cash_dispute_until(order) if order.pay_by == PayBy.CASH else None,
    }


def _answer_by(order: Order) -> datetime | None:
    return rules.cash_back_answer_by(order) if rules.cash_back_waits(order) else None


def amounts(order: Order, *, reader: Side | str) -> dict[str, Any]:
    """How the total comes about, in decimal strings; for the seller with what we keep and what they get."""
    told = {
        "items": _money(order.items_minor, order),
        "delivery": _money(order.delivery_minor, order),
        "discount": _money(order.shop_discount_minor + order.platform_discount_minor, order),
        "total": _money(order.total_minor, order),
        "refunded": _money(order.refunded_minor, order),
        "commission": None,
        "payout": None,
    }
    if reader == Side.SELLER:
        # What the platform's voucher took off is the platform's matter: to the seller it is as if it had been paid.
        told["discount"] = _money(order.shop_discount_minor, order)
        told["commission"] = _money(order.commission_minor, order)
        told["payout"] = _money(order.payout_minor, order)
    return told


def address_for(order: Order, *, reader: Side | str) -> dict[str, str] | None:
    """Where it goes. The seller reads it from the confirmation on, and no more once the order is cancelled."""
    if not order.address:
        return None
    if reader == Side.SELLER and (order.confirmed_at is None or order.state == OrderState.CANCELLED):
        return None
    return order.address


def item_shape(item: OrderItem, currency: str) -> dict[str, Any]:
    """A line as it was bought."""
    return {
        "id": item.pk,
        "product_id": item.product_id,
        "variant_id": item.variant_id,
        "title": item.title,
        "options": item.snapshot.get("options", {}),
        "condition": item.snapshot.get("condition", ""),
        "quantity": item.quantity,
        "unit_price": str(Money(item.unit_minor, currency)),
        "is_traded": item.is_traded,
        "picture": picture_of(item),
    }


def picture_of(item: OrderItem) -> dict[str, Any] | None:
    """The listing's cover as it was then (`media.shapes.PictureOut`)."""
    cover = item.snapshot.get("cover")
    if not cover:
        return None
    known = {name: cover[name] for name in ("id", "kind", "width", "height", "placeholder")}
    return {**known, **shown(cover["variants"]), "video": None}


def timeline(events: Sequence[OrderEvent], *, reader: Side | str) -> list[dict[str, Any]]:
    """What happened, in words for the reader. Who of a team or of our staff did it is not told."""
    return [
        {
            "id": event.pk,
            "kind": event.kind,
            "side": event.side,
            "words": event_words(event, reader=reader),
            "facts": event_facts(event, reader=reader),
            "at": event.at,
        }
        for event in events
    ]


# --- money ------------------------------------------------------------------------------------------------------------


def payment_shape(payment: Payment | None, *, with_secret: bool = False) -> dict[str, Any] | None:
    """How the payment of a checkout stands, for its payer. The secret is for the payer's browser, while there is something to pay."""
    if payment is None:
        return None
    waits = payment.state == PaymentState.OPEN
    return {
        "id": payment.pk,
        "state": payment.state,
        "client_secret": payment.client_secret or None if with_secret and waits else None,
        "failure_code": payment.failure_code or None,
        "next_action_url": payment.next_action_url or None,
        "method": payment.method or None,
        "receipt_url": payment.receipt_url or None,
    }


def checkout_shape(checkout: Checkout, orders: Sequence[Order]) -> dict[str, Any]:
    """A checkout of one's own with its orders of `with_parts`."""
    return {
        "id": checkout.pk,
        "state": checkout.state,
        "pay_by": checkout.pay_by,
        "total": str(checkout.total),
        "currency": checkout.currency,
        "expires_at": checkout.expires_at,
        "created_at": checkout.created_at,
        "payment": payment_shape(checkout.payment),
        "orders": [order_line(order, reader=Side.BUYER) for order in orders],
    }


def transaction_shape(order: Order, *, reader: Side | str) -> dict[str, Any]:
    """The money of an order as one side reads it; its id is the order's."""
    payment = order.checkout.payment
    buyer = reader == Side.BUYER
    first = order.items.all()[0]
    return {
        "id": order.pk,
        "order_code": order.code,
        "checkout_id": order.checkout_id if buyer else None,
        "side": str(reader),
        "status": status_of(order),
        "order_state": order.state,
        "payment_state": order.payment_state,
        "words": money_words(order, reader=reader),
        "product": item_shape(first, order.currency),
        "items": [item_shape(item, order.currency) for item in order.items.all()],
        "buyer": person_brief(order.buyer),
        "seller": person_brief(order.seller),
        "amount": _money(order.total_minor, order),
        "delivery_price": _money(order.delivery_minor, order),
        "refunded": _money(order.refunded_minor, order),
        "currency": order.currency,
        "platform_fee": None if buyer else _money(order.commission_minor, order),
        "seller_payout": None if buyer else _money(order.payout_minor, order),
        "pay_by": order.pay_by,
        "payment": payment_shape(payment) if buyer and order.pay_by == PayBy.CARD else None,
        "created_at": order.created_at,
        "confirmed_at": order.confirmed_at,
        "completed_at": order.completed_at,
    }


def status_of(order: Order) -> str:
    """The station of an order's money, by the one word that transactions are filtered by."""
    if order.payment_state == PaymentAxis.REFUNDED:
        return "refunded"
    return _STATUS_WORDS[OrderState(order.state)]


def voucher_shape(voucher: Voucher) -> dict[str, Any]:
    """A voucher as buyers see it."""
    currency = voucher.currency
    return {
        "id": voucher.pk,
        "code": voucher.code,
        "funder": voucher.funder,
        "shop_id": voucher.seller_id,
        "kind": voucher.kind,
        "percent": f"{voucher.percent:.2f}" if voucher.kind == VoucherKind.PERCENT else None,
        "amount": None if voucher.amount_minor is None else str(Money(voucher.amount_minor, currency)),
        "currency": currency,
        "minimum": str(Money(voucher.minimum_minor, currency)),
        "cap": None if voucher.cap_minor is None else str(Money(voucher.cap_minor, currency)),
        "starts_at": voucher.starts_at,
        "ends_at": voucher.ends_at,
    }


def own_voucher_shape(voucher: Voucher) -> dict[str, Any]:
    """A voucher as its shop sees it."""
    return {
        **voucher_shape(voucher),
        "total_limit": voucher.total_limit,
        "person_limit": voucher.person_limit,
        "used": voucher.used,
        "is_listed": voucher.is_listed,
        "is_active": voucher.is_active,
        "created_at": voucher.created_at,
    }


def _money(minor: int, order: Order) -> str:
    return str(Money(minor, order.currency))


# --- carts ------------------------------------------------------------------------------------------------------------


def cart_shape(cart: Cart | None, lines: Sequence[CartItem], changes: Sequence[CartChange]) -> dict[str, Any]:
    """A cart by seller, each line with what became of it since its person last saw it."""
    changed = {change.item.pk: change for change in changes}
    sellers: dict[Any, dict[str, Any]] = {}
    sums: dict[str, int] = {}
    for item in lines:
        product = item.variant.product
        group = sellers.setdefault(product.seller_id, {"seller": person_brief(product.seller), "items": []})
        group["items"].append(_cart_line(item, changed.get(item.pk)))
        now = asked_for(item.variant) * item.quantity
        sums[product.currency] = sums.get(product.currency, 0) + now
    return {
        "id": cart.pk if cart else None,
        "revision": cart.revision if cart else 0,
        "count": len(lines),
        "pieces": sum(item.quantity for item in lines),
        "subtotals": [{"currency": name, "amount": str(Money(minor, name))} for name, minor in sorted(sums.items())],
        "changed": len(changes),
        "sellers": list(sellers.values()),
    }


def change_shape(change: CartChange) -> dict[str, Any]:
    """What became of one line."""
    item = change.item
    product = item.variant.product
    return {
        "item_id": item.pk,
        "product_id": product.pk,
        "title": product.title,
        "what": change.what,
        "words": str(change.what.label),
        "quantity": item.quantity,
        "available": change.available,
        "seen_price": str(Money(item.seen_minor, item.currency)),
        "price": str(Money(change.now_minor, product.currency)),
        "currency": product.currency,
    }


def _cart_line(item: CartItem, change: CartChange | None) -> dict[str, Any]:
    product = item.variant.product
    price = asked_for(item.variant)
    return {
        "id": item.pk,
        "product_id": product.pk,
        "variant_id": item.variant_id,
        "title": product.title,
        "options": item.variant.options,
        "picture": picture(product.cover),
        "state": product.state,
        "quantity": item.quantity,
        "price": str(Money(price, product.currency)),
        "seen_price": str(Money(item.seen_minor, item.currency)),
        "amount": str(Money(price * item.quantity, product.currency)),
        "currency": product.currency,
        "change": change.what if change else None,
        "added_at": item.added_at,
    }
