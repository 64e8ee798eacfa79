"""What a buyer says before they pay an order that is open already: how they get it, and whether by card or in cash."""

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.rules import check_verified
from core.states import move
from orders import errors, rules
from orders.actions.cash_limits import check_may_order_in_cash
from orders.actions.confirming import confirm_at_once
from orders.actions.locks import lock_checkout, lock_orders_of
from orders.actions.opening import address_snapshot, check_takes_cash, open_payment_for
from orders.actions.timeline import note_event
from orders.models import Checkout, Order
from orders.states import PAYMENT_MOVES, CheckoutState, Delivery, PayBy, PaymentAxis, Side
from payments import actions as payments
from payments.errors import AlreadyCaptured


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
    card payment that waited is called off. Locks the checkout and its orders.

    Raises:
        accounts' refusals (suspended, nothing proven), OrderNotFound, NotYourSideOfIt, AddressNotFound.
        NothingToPay, AlreadyPaid, CheckoutOver: it does not wait for a payment (any more).
        PayByCardOrCash, NotInCash, AddressNeeded, NoteTooLong, SellerTakesNoCash, CashOrdersOpen, CashAfterNoShows.
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
    checkout = lock_checkout(glance.checkout_id)
    orders = lock_orders_of(checkout)
    check_payable(checkout)
    address, point = address_snapshot(buyer, address_id)
    for order in orders:
        order.delivery, order.address, order.address_point = delivery, address, point
        if note is not None:
            order.buyer_note = note
        order.save(update_fields=["delivery", "address", "address_point", "buyer_note", "updated_at"])
        note_event(order, "delivery_chosen", Side.BUYER, actor=buyer, at=now, delivery=str(delivery))
    if pay_by == PayBy.CASH:
        _agree_on_cash(checkout, orders)
        confirm_at_once(checkout, orders, at=now)
    else:
        payment = open_payment_for(checkout, orders)  # the one that waits, or a new one where the provider ended that
        if checkout.payment_id != payment.pk:
            checkout.payment = payment
            checkout.save(update_fields=["payment", "updated_at"])
    return checkout


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
