"""What a buyer says before they pay an order that is open already: how they get it, and whether by card or in cash."""

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.rules import check_verified
from core.ratelimits import Limit, take
from core.states import move
from orders import errors, rules
from orders.actions.cash_limits import check_may_order_in_cash
from orders.actions.confirming import confirm_at_once
from orders.actions.locks import lock_checkout, lock_orders_of
from orders.actions.opening import address_snapshot, check_takes_cash, open_payment_for
from orders.actions.timeline import note_event
from orders.models import Checkout, Order
from orders.selectors.delivery import delivery_terms_of
from orders.states import PAYMENT_MOVES, CheckoutState, Delivery, PayBy, PaymentAxis, Side
from payments import actions as payments
from payments.errors import AlreadyCaptured
from payments.selectors import payments_for
from payments.states import PaymentState

PRICED = ("delivery_minor", "total_minor", "payout_minor")


@transaction.atomic
def prepare_to_pay(
    *,
    buyer: User,
    order_id: uuid.UUID,
    delivery: str = Delivery.MEET,
    address_id: uuid.UUID | None = None,
    pay_by: str = PayBy.CARD,
    note: str | None = None,
) -> Checkout:
    """Say how an unpaid order (and what is paid with it) is handed over, and how it is paid. In cash it is confirmed at once, and the
    card payment that waited is called off. A parcel adds its price, a meeting takes it off again: then the payment that asked for
    the old sum is called off and another asks for the new one. Locks the checkout, its orders, the payment.

    Raises:
        accounts' refusals (suspended, nothing proven), OrderNotFound, NotYourSideOfIt, AddressNotFound.
        NothingToPay, AlreadyPaid, CheckoutOver: it does not wait for a payment (any more).
        AlreadyPaying: the bank is at it this moment, with the old sum.
        PayByCardOrCash, NotInCash, AddressNeeded, NoteTooLong, SellerTakesNoCash, CashOrdersOpen, CashAfterNoShows, SellerDoesNotShip,
        TooManyCheckouts.
    """
    now = timezone.now()
    check_verified(buyer)
    glance = Order.objects.filter(pk=order_id).select_related("seller").first()
    if glance is None:
        raise errors.OrderNotFound
    rules.check_side(glance, buyer, Side.BUYER)
    if pay_by not in (PayBy.CARD, PayBy.CASH):
        raise errors.PayByCardOrCash
    rules.check_note(note or "")
    rules.check_way(pay_by=pay_by, delivery=delivery, has_address=address_id is not None)
    if delivery != glance.delivery:  # each sum is another intent at the provider, as each checkout is
        limit = Limit.parse(settings.ORDERS["checkouts_per_person"])
        take(f"checkouts:{buyer.pk}", limit, refusal=errors.TooManyCheckouts)
    checkout = lock_checkout(glance.checkout_id)
    orders = lock_orders_of(checkout)
    check_payable(checkout)
    address, point = address_snapshot(buyer, address_id)
    _price_way(orders, delivery)
    for order in orders:
        order.delivery, order.address, order.address_point = delivery, address, point
        if note is not None:
            order.buyer_note = note
        order.save(update_fields=[*PRICED, "delivery", "address", "address_point", "buyer_note", "updated_at"])
        note_event(order, "delivery_chosen", Side.BUYER, actor=buyer, at=now, delivery=str(delivery))
    asks_anew = _sum_up(checkout, orders)
    if pay_by == PayBy.CASH:
        _agree_on_cash(checkout, orders)
        confirm_at_once(checkout, orders, at=now)
    else:
        if asks_anew:
            _call_off_old_sum(checkout)
        _ask(checkout, orders)
    return checkout


def _price_way(orders: Sequence[Order], delivery: str) -> None:
    """Put on each order what the chosen way costs now. One that was chosen before keeps its price. Raises SellerDoesNotShip."""
    changed = [order for order in orders if order.delivery != delivery]
    terms = delivery_terms_of([order.seller_id for order in changed]) if delivery == Delivery.SHIP and changed else {}
    for order in changed:
        own = terms.get(order.seller_id)
        rules.check_ships(own, order.seller, delivery=delivery)
        base = order.items_minor - order.shop_discount_minor
        price = rules.delivery_price(own, delivery=delivery, base=base, currency=order.currency)
        more = price - order.delivery_minor
        order.delivery_minor = price
        order.total_minor += more
        order.payout_minor += more


def _sum_up(checkout: Checkout, orders: Sequence[Order]) -> bool:
    """Whether the sum of a locked checkout is another now."""
    total = sum(order.total_minor for order in orders)
    if total == checkout.total_minor:
        return False
    checkout.total_minor = total
    checkout.save(update_fields=["total_minor", "updated_at"])
    return True


def _call_off_old_sum(checkout: Checkout) -> None:
    """What is paid by it all the same goes back by itself, as payments does with every payment that another took the place of.

    Raises:
        AlreadyPaid, AlreadyPaying.
    """
    reference = rules.checkout_reference(checkout)
    if payments_for(reference).filter(state=PaymentState.PROCESSING).exists():
        raise errors.AlreadyPaying(checkout_id=str(checkout.pk))
    try:
        payments.cancel_payment(reference=reference)
    except AlreadyCaptured:
        raise errors.AlreadyPaid from None


def _ask(checkout: Checkout, orders: Sequence[Order]) -> None:
    """The payment that waits, or a new one where there is none any more."""
    try:
        payment = open_payment_for(checkout, orders)
    except AlreadyCaptured:
        raise errors.AlreadyPaid from None
    if checkout.payment_id != payment.pk:
        checkout.payment = payment
        checkout.save(update_fields=["payment", "updated_at"])


def check_payable(checkout: Checkout) -> None:
    """A checkout waits for its payment. Its clock is the sweep's: while that has not come by, the buyer may still pay.

    Raises:
        NothingToPay, AlreadyPaid, CheckoutOver.
    """
    if checkout.state == CheckoutState.CANCELLED:
        raise errors.CheckoutOver
    if checkout.pay_by != PayBy.CARD:
        raise errors.NothingToPay
    if checkout.state == CheckoutState.PAID:
        raise errors.AlreadyPaid


def _agree_on_cash(checkout: Checkout, orders: list[Order]) -> None:
    check_takes_cash((order.seller for order in orders), currency=checkout.currency)
    check_may_order_in_cash(checkout.buyer, orders=len(orders), at=timezone.now())
    if any(order.platform_discount_minor for order in orders):
        raise errors.VoucherNotInCash(code="")
    try:
        payments.cancel_payment(reference=rules.checkout_reference(checkout))
    except AlreadyCaptured:
        raise errors.AlreadyPaid from None
    checkout.pay_by = PayBy.CASH
    checkout.save(update_fields=["pay_by", "updated_at"])
    for order in orders:
        move(order, PaymentAxis.CASH_DUE, PAYMENT_MOVES, axis="payment_state", pay_by=PayBy.CASH)
