"""Talking to the provider while the buyer waits. Never within a transaction: what it did cannot be rolled back."""

import uuid
from contextlib import suppress

from django.utils import timezone

from accounts.models import User
from orders.actions.confirming import confirm_paid_checkout
from orders.actions.paying import check_payable
from orders.models import Checkout
from orders.selectors.checkouts import checkout_of
from payments import actions as payments
from payments.errors import ProviderAway, ProviderError
from payments.models import Payment, ProviderCommand
from payments.selectors import payments_for
from payments.selectors.commands import charge_command, charge_wait
from payments.states import CommandKind, CommandState, PaymentState

WAIT = 8.0  # seconds, while another worker asks for the same


def make_intent(*, payment: Payment) -> Payment:
    """Have the provider make the intent of an open payment now, so that the buyer can pay in the next moment; how the payment stands
    after. Where the provider does not answer it stands as it stood, and a worker asks again.

    What it took the place of is called off first: an old card form can then no longer be paid.
    """
    if payment.client_secret or payment.state != PaymentState.OPEN:
        return payment
    if payment.attempt > 1:
        _call_off_earlier(payment)
    command_id = charge_command(payment)
    if command_id is not None:
        payments.run_command(command_id=command_id, wait_seconds=WAIT)
    return Payment.objects.get(pk=payment.pk)


def _call_off_earlier(payment: Payment) -> None:
    earlier = payments_for(payment.reference).filter(attempt__lt=payment.attempt)
    subjects = [f"payment:{pk}" for pk in earlier.values_list("pk", flat=True)]
    waiting = ProviderCommand.objects.filter(
        subject__in=subjects, kind=CommandKind.CANCEL_CHARGE, state__in=(CommandState.PENDING, CommandState.SENT)
    )
    for command_id in waiting.order_by("pk").values_list("pk", flat=True):
        payments.run_command(command_id=command_id)


def hear_of_payment(*, buyer: User, checkout_id: uuid.UUID) -> None:
    """Before a buyer says otherwise how they get it: what they paid meanwhile in another window is confirmed, so that it holds. A
    provider that does not answer keeps nobody from it. Raises CheckoutNotFound.
    """
    payment = checkout_of(buyer, checkout_id).payment
    if payment is None or not payment.provider_id or payment.state not in (PaymentState.OPEN, PaymentState.PROCESSING):
        return
    with suppress(ProviderError):
        if payments.sync_payment(payment_id=payment.pk).state == PaymentState.CAPTURED:
            confirm_paid_checkout(payment_id=payment.pk)


def settle_checkout(*, buyer: User, checkout_id: uuid.UUID) -> Checkout:
    """The buyer came back from the card form: look at the payment now and confirm what is paid; the checkout as it stands after.

    Raises:
        CheckoutNotFound.
        ProviderAway: the provider does not answer. What it took is confirmed as soon as it is heard of.
    """
    checkout = checkout_of(buyer, checkout_id)
    if checkout.payment is None:
        return checkout
    payment = checkout.payment
    if payment.state in (PaymentState.OPEN, PaymentState.PROCESSING):
        make_intent(payment=payment)
        try:
            payment = payments.sync_payment(payment_id=payment.pk)
        except ProviderError:
            raise ProviderAway from None
    if payment.state == PaymentState.CAPTURED:
        confirm_paid_checkout(payment_id=payment.pk)
    return checkout_of(buyer, checkout_id)


def pay_by_test_method(*, buyer: User, checkout_id: uuid.UUID, method: str) -> Checkout:
    """Pay with a test method instead of a card form; only where a simulator stands in for the provider.

    Raises:
        CheckoutNotFound, NothingToPay, AlreadyPaid, CheckoutOver, payments' NotAllowed and ProviderAway.
    """
    checkout = checkout_of(buyer, checkout_id)
    check_payable(checkout)
    if checkout.payment is not None and checkout.payment.state == PaymentState.OPEN:
        payment = make_intent(payment=checkout.payment)
        if not payment.provider_id:
            wait = charge_wait(payment)
            raise ProviderAway(retry_after=wait.seconds(timezone.now()) if wait else None)
        try:
            payments.confirm_test_payment(payment_id=payment.pk, method=method)
        except ProviderError:
            raise ProviderAway from None
    return settle_checkout(buyer=buyer, checkout_id=checkout_id)
