"""What the provider answered or told, noted: called by the runner and by the inbox inside their transaction.

Each may come twice, late, or after a newer one: states only go forward, and the ledger is posted by the provider's own ids.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from core.events import publish
from core.money import Money
from core.states import Step, move, move_all
from payments.actions.charges import call_off
from payments.actions.locks import lock_holds_of, lock_payment, lock_payout, lock_refund
from payments.actions.payout_results import bank_refused, transfer_refused
from payments.actions.posting import Line, Posting, post, post_many
from payments.actions.refunds import send_refund, take_refund_back
from payments.errors import ProviderSaysOtherwise
from payments.events import PaymentCaptured, PaymentDeclined, RefundSent
from payments.models import LedgerTransaction, Payment, PaymentHold, ProviderCommand, ProviderCustomer, Refund
from payments.ports import ChargeView, IntentView, RefundView
from payments.states import (
    HOLD_MOVES,
    PAYMENT_MOVES,
    REFUND_MOVES,
    AccountKind,
    CommandKind,
    HoldState,
    PaymentState,
    PayoutState,
    Postings,
    RefundState,
)

RANK = {"canceled": 1, "succeeded": 2}  # ends: nothing comes after the second


def note_intent(*, payment_id: uuid.UUID, view: IntentView) -> Payment:
    """A payment is as the provider sees it. Money that was taken is posted once and its holds are held.

    Locks the payment, its holds, ledger balances. Publishes PaymentCaptured, PaymentDeclined or PaymentCancelled, once each (a decline:
    once for each try).

    Raises:
        PaymentNotFound.
        ProviderSaysOtherwise: it is another intent, or another amount.
    """
    payment = lock_payment(payment_id)
    _check_same(payment, view)
    if RANK.get(view.status, 0) < RANK.get(payment.provider_status, 0):
        return payment  # an older look
    declined = bool(view.failure_code) and (view.failure_code, view.status) != (
        payment.failure_code,
        payment.provider_status,
    )
    seen = _remembered(payment, view)
    is_waiting = payment.state in (PaymentState.OPEN, PaymentState.PROCESSING)
    if view.status == "succeeded" and view.charge:
        _note_charge(payment, view.charge, seen)
        return payment
    if view.status == "canceled" and is_waiting:
        call_off(payment, **seen)
        return payment
    to = PaymentState.PROCESSING if view.status == "processing" else PaymentState.OPEN
    if is_waiting and payment.state != to:
        move(payment, to, PAYMENT_MOVES, **seen)
    else:
        _save(payment, seen)
    if declined and is_waiting:
        publish(PaymentDeclined(payment_id=payment.pk, reference=payment.reference, failure_code=view.failure_code))
    return payment


def note_refund(*, refund_id: uuid.UUID, view: RefundView) -> Refund:
    """A refund is as the provider sees it. What it took from our balance has left us; what it could not carry out is ours again.

    Locks the hold, the refund, ledger balances. Publishes RefundSent, RefundFailed, once each.

    Raises:
        RefundNotFound.
        ProviderSaysOtherwise: another amount.
    """
    hold, refund = lock_refund(refund_id)
    if view.amount_minor != refund.amount_minor:
        msg = f"refund {refund.pk}: {view.amount_minor} instead of {refund.amount_minor}"
        raise ProviderSaysOtherwise(msg)
    is_failed = view.status in ("failed", "canceled")
    is_over = refund.state in (RefundState.FAILED, RefundState.AWAITING_APPROVAL, RefundState.REFUSED)
    if is_over or (refund.state == RefundState.SUCCEEDED and not is_failed) or _is_of_earlier_try(refund, view):
        return refund
    refund.provider_id, refund.provider_status = view.id, view.status
    refund.save(update_fields=["provider_id", "provider_status", "updated_at"])
    amount = Money(refund.amount_minor, hold.currency)
    # It may wait at the provider until there is enough of our money: then nothing has left us yet.
    leaves = refund.state == RefundState.REQUESTED and (bool(view.balance_transaction_id) or view.status == "succeeded")
    has_left = leaves or refund.state != RefundState.REQUESTED
    if leaves:
        _post_refund(Postings.REFUND, view.id, hold, refund, amount)
    if is_failed:
        if has_left:
            _post_refund(Postings.REFUND_FAILED, view.id, hold, refund, Money(-amount.minor, amount.currency))
        take_refund_back(refund, hold, code=view.failure_code or view.status)
        return refund
    if leaves:
        publish(RefundSent(refund_id=refund.pk, reference=hold.reference))
    if view.status == "succeeded":
        move(refund, RefundState.SUCCEEDED, REFUND_MOVES, succeeded_at=timezone.now())
    elif leaves:
        move(refund, RefundState.PENDING, REFUND_MOVES)
    return refund


def note_customer(*, user_id: uuid.UUID, provider_id: str) -> ProviderCustomer:
    """The provider knows a payer by this id from now on; the first one stays."""
    ProviderCustomer.objects.bulk_create(
        [ProviderCustomer(user_id=user_id, provider_id=provider_id)], ignore_conflicts=True
    )
    return ProviderCustomer.objects.get(pk=user_id)


def note_command_refused(*, command: ProviderCommand, code: str) -> None:
    """The provider will never do this: what waited for it fails, and what was posted for it is taken back.

    Refused cancellations and claw-backs change nothing here: the thing itself says where it stands, and reconciliation finds the rest.
    """
    subject_id = uuid.UUID(command.subject.partition(":")[2])
    if command.kind == CommandKind.CREATE_CHARGE:
        payment = lock_payment(subject_id)
        if payment.state in (PaymentState.OPEN, PaymentState.PROCESSING):
            call_off(payment, **({"failure_code": code} if code else {}))
    elif command.kind == CommandKind.REFUND:
        hold, refund = lock_refund(subject_id)
        if refund.state == RefundState.REQUESTED:
            take_refund_back(refund, hold, code=code)
    elif command.kind == CommandKind.TRANSFER:
        _account, payout = lock_payout(subject_id)
        if payout.state == PayoutState.PENDING:
            transfer_refused(payout, code=code)
    elif command.kind == CommandKind.PAY_OUT:
        account, payout = lock_payout(subject_id)
        if payout.state == PayoutState.PROCESSING:
            bank_refused(account, payout, code=code)


def _is_of_earlier_try(refund: Refund, view: RefundView) -> bool:
    if refund.provider_id:
        return refund.provider_id != view.id
    if refund.tries == 1:
        return False
    last = (
        ProviderCommand.objects.filter(kind=CommandKind.REFUND, subject=f"refund:{refund.pk}").order_by("-pk").first()
    )
    said = view.metadata.get("command")
    of_another = bool(said) and last is not None and said != str(last.pk)
    return of_another or LedgerTransaction.objects.filter(kind=Postings.REFUND, ref=view.id).exists()


def _check_same(payment: Payment, view: IntentView) -> None:
    if payment.provider_id and payment.provider_id != view.id:
        msg = f"payment {payment.pk} is {payment.provider_id}, not {view.id}"
        raise ProviderSaysOtherwise(msg)
    if (view.amount_minor, view.currency.upper()) != (payment.amount_minor, payment.currency):
        msg = f"payment {payment.pk}: {view.amount_minor} {view.currency}"
        raise ProviderSaysOtherwise(msg)


def _remembered(payment: Payment, view: IntentView) -> dict[str, Any]:
    """What is only remembered. A secret or an address that a later look leaves out stays."""
    return {
        "provider_id": view.id,
        "provider_status": view.status,
        "client_secret": view.client_secret or payment.client_secret,
        "failure_code": view.failure_code,
        "next_action_url": view.next_action_url,
    }


def _save(payment: Payment, facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        setattr(payment, name, value)
    payment.save(update_fields=[*facts, "updated_at"])


def _note_charge(payment: Payment, charge: ChargeView, seen: dict[str, Any]) -> None:
    """The money was taken. The line in the provider's books may come after it: its fee, and from when on it can be paid out.

    All rows of its own are written first, the ledger last.
    """
    new = _of_charge(payment, charge)
    postings = []
    if "provider_fee_minor" in new and payment.provider_fee_minor is None and charge.fee_minor:
        postings.append(_fee_posting(payment, charge))
    if payment.state != PaymentState.CAPTURED:
        _capture(payment, charge, {**seen, **new}, postings)
        return
    _save(payment, {**seen, **new})
    if "available_on" in new:
        payment.holds.update(available_on=charge.available_on, updated_at=timezone.now())
    if postings:
        post_many(postings)


def _of_charge(payment: Payment, charge: ChargeView) -> dict[str, Any]:
    """What a look says of the charge that was not known yet."""
    facts: dict[str, Any] = {
        "balance_transaction_id": charge.balance_transaction_id,
        "available_on": charge.available_on,
        "method": dict(charge.method),
        "receipt_url": charge.receipt_url,
        "provider_fee_minor": charge.fee_minor,
    }
    return {
        name: value for name, value in facts.items() if value not in (None, "", {}) and value != getattr(payment, name)
    }


def _capture(payment: Payment, charge: ChargeView, facts: dict[str, Any], postings: list[Posting]) -> None:
    was_cancelled = payment.state == PaymentState.CANCELLED
    now = timezone.now()
    move(payment, PaymentState.CAPTURED, PAYMENT_MOVES, captured_at=now, charge_id=charge.id, **facts)
    holds = lock_holds_of(payment)
    # Another attempt took this one's place meanwhile: nobody above knows of this money, so it goes back by itself.
    is_second = (
        was_cancelled and Payment.objects.filter(reference=payment.reference, attempt__gt=payment.attempt).exists()
    )
    free_from = {"available_on": charge.available_on} if "available_on" in facts else {}
    if not is_second:
        move_all(holds, Step(HoldState.HELD, HOLD_MOVES), **free_from)
    elif free_from:
        payment.holds.update(**free_from, updated_at=now)
    post_many([_capture_posting(payment, charge, holds, at=now), *postings])
    if is_second:
        _give_back(holds)
        return
    publish(PaymentCaptured(payment_id=payment.pk, reference=payment.reference, was_cancelled=was_cancelled))


def _capture_posting(payment: Payment, charge: ChargeView, holds: Sequence[PaymentHold], *, at: datetime) -> Posting:
    return Posting(
        kind=Postings.CAPTURE,
        ref=charge.id,
        subject=payment.reference,
        at=at,
        lines=[
            Line(AccountKind.CLEARING, "", payment.amount),
            *(Line(AccountKind.HOLD, hold.reference, Money(-hold.amount_minor, hold.currency)) for hold in holds),
        ],
    )


def _fee_posting(payment: Payment, charge: ChargeView) -> Posting:
    fee = Money(charge.fee_minor or 0, payment.currency)
    return Posting(
        kind=Postings.PROVIDER_FEE,
        ref=charge.id,
        subject=payment.reference,
        lines=[
            Line(AccountKind.EXPENSE, "provider_fees", fee),
            Line(AccountKind.CLEARING, "", Money(-fee.minor, fee.currency)),
        ],
    )


def _give_back(holds: list[PaymentHold]) -> None:
    for hold in holds:
        refund = Refund.objects.create(
            hold=hold, amount_minor=hold.amount_minor, reason="paid_twice", state=RefundState.REQUESTED
        )
        send_refund(refund, hold, keep_state=True)


def _post_refund(kind: Postings, ref: str, hold: PaymentHold, refund: Refund, amount: Money) -> None:
    post(
        kind=kind,
        ref=ref,
        subject=hold.reference,
        lines=[
            Line(AccountKind.REFUND, str(refund.pk), amount),
            Line(AccountKind.CLEARING, "", Money(-amount.minor, amount.currency)),
        ],
    )
