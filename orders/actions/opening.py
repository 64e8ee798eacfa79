"""Opening a purchase: a checkout with one order for each seller, their things set aside, their fees frozen, the money asked for.

All of it in one transaction: a refusal leaves nothing behind.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.rules import check_verified
from accounts.selectors import address_of
from catalog.actions import set_aside
from catalog.models import Product, ProductVariant
from core.events import publish_many
from core.money import Money
from core.ratelimits import Limit, take
from orders import errors, rules
from orders.actions.cancelling import call_off_earlier
from orders.actions.cart_lines import take_from_cart, wanted_in_cart
from orders.actions.cash_limits import check_may_order_in_cash
from orders.actions.confirming import confirm_at_once
from orders.actions.numbers import new_order_code
from orders.actions.timeline import note_events
from orders.actions.voucher_uses import use_vouchers
from orders.events import OrderPlaced
from orders.models import Checkout, Order, OrderItem
from orders.quotes import (
    JOINED,
    CheckoutQuote,
    Line,
    SellerPart,
    Wanted,
    quote_checkout,
    terms_of_parts,
)
from orders.selectors import seller_takes_cash
from orders.states import Delivery, OrderState, PayBy, PaymentAxis, Side, Source
from payments import actions as payments
from payments.models import Payment
from payments.rules import HoldPart

FIRST_STATE = {
    PayBy.CARD: PaymentAxis.UNPAID,
    PayBy.CASH: PaymentAxis.CASH_DUE,
    PayBy.NOTHING: PaymentAxis.NOTHING_DUE,
}


@dataclass(frozen=True)
class Terms:
    """What is the same for all orders of a checkout."""

    pay_by: str
    delivery: str
    source: str
    address: Mapping[str, str] = field(default_factory=dict)
    address_point: Any = None
    note: str = ""
    source_reference: str = ""
    expires_at: datetime | None = None


@transaction.atomic
def open_checkout(
    *,
    buyer: User,
    lines: Sequence[Wanted] | None = None,
    pay_by: str = PayBy.CARD,
    delivery: str = Delivery.MEET,
    address_id: uuid.UUID | None = None,
    voucher_codes: Sequence[str] = (),
    note: str = "",
    source: str = Source.BUY_NOW,
) -> Checkout:
    """Buy these things, or with `lines=None` what is in the buyer's cart: one order for each seller, waiting for one payment.

    By card the stock waits `ORDERS["checkout_window"]`; in cash everything is confirmed at once. An earlier checkout of the buyer's for
    the same things that waits for its payment is called off. Locks earlier checkouts and their orders, listings, stock, vouchers.
    Publishes OrderPlaced for each order (OrderConfirmed too, in cash).

    Raises:
        accounts' refusals (suspended, nothing proven), AddressNotFound, TooManyCheckouts.
        CartEmpty, CartChanged, and what `quote_checkout` refuses: naming the thing, the voucher.
        PayByCardOrCash, NotInCash, AddressNeeded, NoteTooLong, SellerTakesNoCash, CashOrdersOpen, CashAfterNoShows, AlreadyPaying.
        payments' OneSellerAtATime, SellerTakesNoCard: where the money of a card goes to one seller's own account.
    """
    now = timezone.now()
    check_verified(buyer)
    if pay_by not in (PayBy.CARD, PayBy.CASH):
        raise errors.PayByCardOrCash
    rules.check_note(note)
    rules.check_way(pay_by=pay_by, delivery=delivery, has_address=address_id is not None)
    take(f"checkouts:{buyer.pk}", Limit.parse(settings.ORDERS["checkouts_per_person"]), refusal=errors.TooManyCheckouts)
    address, point = address_snapshot(buyer, address_id)
    from_cart = lines is None
    wanted = wanted_in_cart(buyer, at=now) if lines is None else lines
    variant_ids = {want.variant_id for want in wanted}
    stock = call_off_earlier(buyer=buyer, variant_ids=variant_ids, joined=JOINED)  # and locks all that is wanted
    quote = quote_checkout(
        buyer=buyer, wanted=wanted, delivery=delivery, voucher_codes=voucher_codes, at=now, stock=stock
    )
    if pay_by == PayBy.CASH:
        if quote.platform_voucher is not None:
            raise errors.VoucherNotInCash(code=quote.platform_voucher.code)
        check_takes_cash((part.seller for part in quote.parts), currency=quote.currency)
        check_may_order_in_cash(buyer, orders=len(quote.parts), at=now)
    terms = Terms(
        pay_by=pay_by,
        delivery=delivery,
        source=Source.CART if from_cart else source,
        address=address,
        address_point=point,
        note=note,
        expires_at=now + settings.ORDERS["checkout_window"] if pay_by == PayBy.CARD else None,
    )
    purchase = _drafted(buyer=buyer, quote=quote, terms=terms, at=now)
    set_aside(
        wanted={
            rules.stock_reference(order): {line.variant.pk: line.quantity for line in part.lines}
            for order, part in zip(purchase.orders, quote.parts, strict=True)
        },
        stock=stock,
    )
    use_vouchers(quote, buyer=buyer, checkout=purchase.checkout, at=now)
    if from_cart:
        take_from_cart(buyer, variant_ids)
    _write(purchase, at=now)
    return purchase.checkout


@transaction.atomic
def open_order_for_offer(
    *,
    reference: str,
    buyer: User,
    seller: User,
    variant: ProductVariant,
    amount: Money | None,
    traded_variant: ProductVariant | None = None,
    expires_at: datetime,
    channel: str,
) -> Order:
    """Open the order that an accepted offer comes to. Its things are set aside under `reference` already, and the caller holds them.

    With money it waits for a card payment until `expires_at`, which is the caller's clock; how it is handed over the buyer says when
    paying. A trade of things alone is confirmed at once. Asking again with the same reference is the same answer. Publishes OrderPlaced
    (and OrderConfirmed).
    """
    now = timezone.now()
    there = (
        Order.objects.select_related("checkout")
        .filter(source_reference=reference)
        .exclude(state=OrderState.CANCELLED)
        .first()
    )
    if there is not None:
        return there
    line = Line(variant=variant, quantity=1, unit_minor=amount.minor if amount else 0)
    part = SellerPart(seller=seller, lines=[line])
    quote = CheckoutQuote(currency=amount.currency if amount else variant.product.currency, parts=[part])
    terms = Terms(
        pay_by=PayBy.CARD if amount else PayBy.NOTHING,
        delivery=Delivery.MEET,
        source=Source.OFFER,
        source_reference=reference,
        expires_at=expires_at if amount else None,
    )
    purchase = _drafted(buyer=buyer, quote=quote, terms=terms, at=now, channel=channel, traded=traded_variant)
    _write(purchase, at=now)
    [order] = purchase.orders
    return order


@dataclass(frozen=True)
class Purchase:
    """A checkout with its orders and their items, not written yet."""

    checkout: Checkout
    orders: list[Order]
    items: list[OrderItem]


def _drafted(
    *,
    buyer: User,
    quote: CheckoutQuote,
    terms: Terms,
    at: datetime,
    channel: str = "",
    traded: ProductVariant | None = None,
) -> Purchase:
    """A quoted purchase as it is written: one order for each part, its fees frozen. The caller holds the listings."""
    checkout = Checkout(
        buyer=buyer,
        pay_by=terms.pay_by,
        total_minor=quote.total_minor,
        currency=quote.currency,
        expires_at=terms.expires_at or at,
        created_at=at,
    )
    purchase = Purchase(checkout, [], [])
    for part, kept in zip(quote.parts, terms_of_parts(quote, is_paid=terms.pay_by != PayBy.NOTHING), strict=True):
        order = Order(
            code=new_order_code(),
            checkout=checkout,
            buyer=buyer,
            seller=part.seller,
            source=terms.source,
            source_reference=terms.source_reference,
            channel=channel or part.lines[0].product.feed_type,
            payment_state=FIRST_STATE[PayBy(terms.pay_by)],
            pay_by=terms.pay_by,
            delivery=terms.delivery,
            currency=quote.currency,
            items_minor=part.items_minor,
            delivery_minor=part.delivery_minor,
            shop_discount_minor=part.shop_discount_minor,
            platform_discount_minor=part.platform_discount_minor,
            total_minor=part.total_minor,
            commission_minor=sum(kept.fees),
            payout_minor=part.total_minor + part.platform_discount_minor - sum(kept.fees),
            fee=kept.told,
            address=dict(terms.address),
            address_point=terms.address_point,
            buyer_note=terms.note,
            is_luxury=kept.is_luxury,
            inspection_hours=rules.inspection_hours(is_luxury=kept.is_luxury),
            expires_at=terms.expires_at,
            created_at=at,
        )
        purchase.orders.append(order)
        purchase.items.extend(
            _item(order, line, commission=fee) for line, fee in zip(part.lines, kept.fees, strict=True)
        )
        if traded is not None:
            purchase.items.append(_traded_item(order, traded))
    return purchase


def _write(purchase: Purchase, *, at: datetime) -> None:
    """Write a purchase down, one statement for each kind of row. By card a payment is opened; otherwise the two are agreed now.

    Publishes OrderPlaced for each order.
    """
    checkout, orders = purchase.checkout, purchase.orders
    by_card = checkout.pay_by == PayBy.CARD
    if by_card:
        checkout.payment = open_payment_for(checkout, orders)
    checkout.save(force_insert=True)
    Order.objects.bulk_create(orders)
    OrderItem.objects.bulk_create(purchase.items)
    by_offer = orders[0].source == Source.OFFER and checkout.pay_by != PayBy.NOTHING
    kind = "placed_by_offer" if by_offer else "placed"
    note_events([(order, {}) for order in orders], kind, Side.BUYER, actor=checkout.buyer, at=at)
    publish_many([OrderPlaced(order_id=order.pk) for order in orders])
    if not by_card:
        confirm_at_once(checkout, orders, at=at)


def open_payment_for(checkout: Checkout, orders: Sequence[Order]) -> Payment:
    """Ask for the money of a locked checkout, with a part for each order."""
    return payments.open_payment(
        payer=checkout.buyer,
        reference=rules.checkout_reference(checkout),
        amount=checkout.total,
        parts=[
            HoldPart(
                reference=rules.reference_of(order),
                payee_id=order.seller_id,
                amount=order.total,
                subsidy=Money(order.platform_discount_minor, order.currency),
                commission=order.commission,
            )
            for order in orders
        ],
        description=", ".join(order.code for order in orders)[:200],
    )


def address_snapshot(buyer: User, address_id: uuid.UUID | None) -> tuple[dict[str, str], Any]:
    """An address as it is now, and its point: what the person changes later changes no order. Raises AddressNotFound."""
    if address_id is None:
        return {}, None
    row = address_of(buyer, address_id)
    words = ("recipient", "street", "building", "unit", "city", "country", "instructions")
    return {**{word: str(getattr(row, word)) for word in words}, "phone": str(row.phone)}, row.location


def check_takes_cash(sellers: Iterable[User], *, currency: str) -> None:
    """Raises SellerTakesNoCash."""
    for seller in sellers:
        if not seller_takes_cash(seller, currency):
            raise errors.SellerTakesNoCash(seller=seller.username)


def _item(order: Order, line: Line, *, commission: int) -> OrderItem:
    return OrderItem(
        order=order,
        product=line.product,
        variant=line.variant,
        quantity=line.quantity,
        unit_minor=line.unit_minor,
        commission_minor=commission,
        title=line.product.title,
        snapshot=_snapshot(line.product, line.variant),
    )


def _traded_item(order: Order, variant: ProductVariant) -> OrderItem:
    return OrderItem(
        order=order,
        product=variant.product,
        variant=variant,
        is_traded=True,
        unit_minor=0,
        title=variant.product.title,
        snapshot=_snapshot(variant.product, variant),
    )


def _snapshot(product: Product, variant: ProductVariant) -> dict[str, Any]:
    """The listing's words and picture as they were bought."""
    cover = product.cover
    return {
        "options": variant.options,
        "sku": variant.sku,
        "condition": product.condition,
        "category": product.category.slug if product.category else "",
        "brand": product.brand.slug if product.brand else "",
        "attributes": product.attributes,
        "feed_type": product.feed_type,
        "revision": product.revision,
        "asked_minor": variant.price_minor or product.price_minor,
        "cover": {
            "id": str(cover.pk),
            "kind": cover.kind,
            "width": cover.width,
            "height": cover.height,
            "placeholder": cover.placeholder,
            "variants": cover.variants,
        }
        if cover
        else None,
    }
