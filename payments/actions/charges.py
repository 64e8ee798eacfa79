"""Asking somebody to pay, and calling that off. What the provider answers is noted in `results`."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.events import publish
from core.money import Money
from core.states import Step, move, move_all
from payments.actions.commands import order_cancel, order_charge
from payments.actions.locks import lock_holds_of, lock_payment
from payments.errors import AlreadyCaptured, OneSellerAtATime, SellerTakesNoCard
from payments.events import PaymentCancelled
from payments.models import Payment, PaymentHold, SellerAccount
from payments.rules import HoldPart
from payments.states import HOLD_MOVES, PAYMENT_MOVES, HoldState, PaymentState

DESTINATION = "destination"  # of settings.STRIPE["funds_flow"]


def open_payment(
    *, payer: User, reference: str, amount: Money, parts: Sequence[HoldPart], description: str = ""
) -> Payment:
    """Ask `payer` for `amount`, with a hold for each payee's part of it; the provider is asked for an intent after the commit.

    The caller holds the lock on what `reference` names. While a payment for it is open, that one is the answer; after a cancelled
    one this is the next attempt.

    Raises:
        AlreadyCaptured: it is paid.
        OneSellerAtATime, SellerTakesNoCard: with destination charges, before anything is written.
        ValueError: the parts do not come to the amount.
    """
    if sum(part.amount.minor for part in parts) != amount.minor or {p.amount.currency for p in parts} != {
        amount.currency
    }:
        msg = f"the parts of {reference} do not come to {amount} {amount.currency}"
        raise ValueError(msg)
    _check_flow(parts)
    last = Payment.objects.filter(reference=reference).order_by("-attempt").first()
    if last and last.state in (PaymentState.OPEN, PaymentState.PROCESSING):
        return last
    if last and last.state == PaymentState.CAPTURED:
        raise AlreadyCaptured
    return _write_payment(payer, reference, amount, parts, description, attempt=last.attempt + 1 if last else 1)


@transaction.atomic(savepoint=False)
def _write_payment(
    payer: User, reference: str, amount: Money, parts: Sequence[HoldPart], description: str, *, attempt: int
) -> Payment:
    payment = Payment.objects.create(
        payer=payer,
        reference=reference,
        attempt=attempt,
        amount_minor=amount.minor,
        currency=amount.currency,
        description=description,
        funds_flow=settings.STRIPE["funds_flow"],
    )
    holds = PaymentHold.objects.bulk_create(
        PaymentHold(
            payment=payment,
            reference=part.reference,
            payee_id=part.payee_id,
            currency=amount.currency,
            amount_minor=part.amount.minor,
            subsidy_minor=part.subsidy.minor,
            commission_minor=part.commission.minor,
            share_minor=part.share.minor,
        )
        for part in parts
    )
    order_charge(payment=payment, holds=holds)
    return payment


def _check_flow(parts: Sequence[HoldPart]) -> None:
    """What the provider would refuse after the commit is refused while nothing is written."""
    if settings.STRIPE["funds_flow"] != DESTINATION:
        return
    if len(parts) != 1:
        raise OneSellerAtATime
    if not SellerAccount.objects.filter(pk=parts[0].payee_id).exclude(provider_id="").exists():
        raise SellerTakesNoCard


@transaction.atomic
def cancel_payment(*, reference: str) -> Payment | None:
    """Call the open payment for `reference` off, with its holds; None if there is none. Called off already is the same answer.

    The provider is asked after the commit; if it has taken the money by then, the payment is captured all the same and whoever opened
    it hears `was_cancelled`. Publishes PaymentCancelled.

    Raises:
        AlreadyCaptured.
    """
    last = Payment.objects.filter(reference=reference).order_by("-attempt").first()
    if last is None:
        return None
    payment = lock_payment(last.pk)
    if payment.state == PaymentState.CAPTURED:
        raise AlreadyCaptured
    if payment.state == PaymentState.CANCELLED:
        return payment
    call_off(payment)
    order_cancel(payment=payment)
    return payment


def call_off(payment: Payment, **facts: Any) -> None:
    """A locked payment is cancelled, with its holds; `facts` are written with it. Publishes PaymentCancelled."""
    move(payment, PaymentState.CANCELLED, PAYMENT_MOVES, cancelled_at=timezone.now(), **facts)
    move_all(lock_holds_of(payment), Step(HoldState.CANCELLED, HOLD_MOVES))
    publish(PaymentCancelled(payment_id=payment.pk, reference=payment.reference))
