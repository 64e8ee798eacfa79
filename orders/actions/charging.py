"""Talking to the provider while the buyer waits. Never within a transaction: what it did cannot be rolled back."""

import uuid

from accounts.models import User
from orders.actions.confirming import confirm_paid_checkout
from orders.actions.paying import check_payable
from orders.models import Checkout
from orders.selectors.checkouts import checkout_of
from payments import actions as payments
from payments.errors import ProviderAway, ProviderError
from payments.models import Payment, ProviderCommand
from payments.states import CommandKind, PaymentState

WAIT = 3.0  # seconds, while another worker asks for the same


def make_intent(*, payment: Payment) -> Payment:
    """Have the provider make the intent of an open payment now, so that the buyer can pay in the next moment; how the payment stands
    after. Where the provider does not answer it stands as it stood, and a worker asks again.
    """
    if payment.client_secret or payment.state != PaymentState.OPEN:
        return payment
    subject = f"payment:{payment.pk}"
    ordered = ProviderCommand.objects.filter(subject=subject, kind=CommandKind.CREATE_CHARGE)
    command_id = ordered.order_by("-pk").values_list("pk", flat=True).first()
    if command_id is not None:
        payments.run_command(command_id=command_id, wait_seconds=WAIT)
    return Payment.objects.get(pk=payment.pk)


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
            raise ProviderAway
        try:
            payments.confirm_test_payment(payment_id=payment.pk, method=method)
        except ProviderError:
            raise ProviderAway from None
    return settle_checkout(buyer=buyer, checkout_id=checkout_id)
