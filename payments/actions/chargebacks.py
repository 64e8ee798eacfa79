"""Payers who took it up with their bank. The bank takes the money from us at once and decides in weeks.

Meanwhile what is held for the sellers stays frozen. Lost, it is as if each seller's part had been refunded: out of the hold, or, once
that was released, out of their balance. What no seller's part covers is our loss, and so is the bank's fee. A bank may think again
and send the money back after it had decided for its customer: then it is as if it had been won from the beginning.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from core import audit
from core.errors import NotAllowed
from core.events import publish
from core.money import Money
from core.states import move
from payments.actions.holds import freeze_hold, unfreeze_hold
from payments.actions.locks import lock_holds_of, lock_payment
from payments.actions.posting import Line, post
from payments.errors import ChargebackClosed as DecidedAlready
from payments.errors import ChargebackNotFound, ProviderAway, ProviderError
from payments.events import ChargebackClosed, ChargebackOpened, FraudWarned
from payments.models import Chargeback, LedgerTransaction, Payment, PaymentHold, Refund
from payments.ports import DisputeView
from payments.provider import provider
from payments.rules import RefundParts, largest_remainder, refund_parts
from payments.states import (
    CHARGEBACK_MOVES,
    HOLD_MOVES,
    REFUND_MOVES,
    REINSTATED,
    AccountKind,
    ChargebackState,
    HoldState,
    Postings,
    RefundState,
)

FROZEN = "chargeback"
WON = ("won", "warning_closed")
ANSWERED = ("under_review", "warning_under_review")


@transaction.atomic
def note_dispute(*, view: DisputeView) -> Chargeback | None:
    """A chargeback is as the provider sees it; None if the charge is not ours. Safe to repeat and to come late.

    Locks the payment, its holds, the chargeback, ledger balances. Publishes ChargebackOpened and ChargebackClosed, once each.
    """
    payment = _payment_of(view)
    if payment is None:
        return None
    lock_holds_of(payment)
    chargeback = _known(payment, view)
    holds = lock_holds_of(payment)  # as it left them
    is_back = (
        view.status in WON or view.reinstated
    )  # the word may come without the money, and the money without the word
    if is_back and chargeback.state == ChargebackState.LOST:
        _take_loss_back(chargeback)
    _follow_money(chargeback, view)
    if is_back:
        _won(chargeback, holds)
    elif view.status == "lost":
        _lost(chargeback, holds)
    elif view.status in ANSWERED and chargeback.state == ChargebackState.OPEN:
        move(chargeback, ChargebackState.ANSWERED, CHARGEBACK_MOVES)
    return chargeback


def answer_chargeback(
    *, staff: User, chargeback_id: uuid.UUID, statement: str, evidence: Mapping[str, str] | None = None, submit: bool
) -> Chargeback | None:
    """Send our side to the bank; with `submit` it is the last word. Never within a transaction. In the audit log.

    `evidence`: beside the statement, by the provider's names, such as `product_description`, `shipping_tracking_number`.

    Raises:
        NotAllowed, ChargebackNotFound, ChargebackClosed.
        ProviderAway.
    """
    if not staff.has_perm("payments.approve_refund"):
        raise NotAllowed
    chargeback = Chargeback.objects.filter(pk=chargeback_id).first()
    if chargeback is None:
        raise ChargebackNotFound
    if chargeback.state not in (ChargebackState.OPEN, ChargebackState.ANSWERED):
        raise DecidedAlready
    sent = {"uncategorized_text": statement, **(evidence or {})}
    said = json.dumps([sent, submit], sort_keys=True).encode()
    try:
        view = provider().answer_dispute(
            chargeback.provider_id,
            evidence=sent,
            submit=submit,
            key=f"dp:{chargeback.pk}:{hashlib.sha256(said).hexdigest()[:24]}",
        )
    except ProviderError as error:
        raise ProviderAway from error
    with transaction.atomic(durable=True):
        audit.record(
            action="payments.chargeback_answered",
            target_kind="chargeback",
            target_id=chargeback.pk,
            actor=staff,
            after={"submitted": submit, "evidence": sorted(sent)},
        )
        return note_dispute(view=view)


@transaction.atomic
def note_fraud_warning(*, payment_id: uuid.UUID) -> None:
    """Tell whoever opened the payment that its card may be stolen. Publishes FraudWarned."""
    payment = lock_payment(payment_id)
    publish(FraudWarned(payment_id=payment.pk, reference=payment.reference))


def _payment_of(view: DisputeView) -> Payment | None:
    found = Payment.objects.filter(charge_id=view.charge_id).first() or (
        Payment.objects.filter(provider_id=view.intent_id).first() if view.intent_id else None
    )
    return lock_payment(found.pk) if found else None


def _known(payment: Payment, view: DisputeView) -> Chargeback:
    chargeback = Chargeback.objects.select_for_update(of=("self",)).filter(provider_id=view.id).first()
    if chargeback is None:
        chargeback = Chargeback.objects.create(
            payment=payment,
            provider_id=view.id,
            amount_minor=view.amount_minor,
            currency=view.currency,
            reason=view.reason,
            evidence_due_at=view.evidence_due_at,
        )
        for hold in payment.holds.filter(frozen_at=None).exclude(state=HoldState.CANCELLED).order_by("pk"):
            freeze_hold(reference=hold.reference, because=FROZEN)
        publish(ChargebackOpened(chargeback_id=chargeback.pk, reference=payment.reference))
    if chargeback.state not in (ChargebackState.WON, ChargebackState.LOST) or view.status in WON:
        chargeback.provider_status = view.status
    chargeback.evidence_due_at = view.evidence_due_at or chargeback.evidence_due_at
    chargeback.fee_minor = max(chargeback.fee_minor, view.fee_minor)
    chargeback.save(update_fields=["provider_status", "evidence_due_at", "fee_minor", "updated_at"])
    return chargeback


def _follow_money(chargeback: Chargeback, view: DisputeView) -> None:
    """What the bank took from us and gave back, each once."""
    amount, fee = _money(chargeback, chargeback.amount_minor), _money(chargeback, view.fee_minor)
    if view.withdrawn and chargeback.withdrawn_at is None:
        post(
            kind=Postings.CHARGEBACK,
            ref=view.id,
            subject=chargeback.payment.reference,
            lines=[
                Line(AccountKind.CHARGEBACK, str(chargeback.pk), amount),
                Line(AccountKind.EXPENSE, "chargeback_fees", fee),
                Line(AccountKind.CLEARING, "", _money(chargeback, -amount.minor - fee.minor)),
            ],
        )
        chargeback.withdrawn_at = timezone.now()
    if view.reinstated and chargeback.reinstated_at is None:
        post(
            kind=Postings.CHARGEBACK_WON,
            ref=view.id,
            subject=chargeback.payment.reference,
            lines=[
                Line(AccountKind.CHARGEBACK, str(chargeback.pk), _money(chargeback, -amount.minor)),
                Line(AccountKind.CLEARING, "", amount),
            ],
        )
        chargeback.reinstated_at = timezone.now()
    chargeback.save(update_fields=["withdrawn_at", "reinstated_at", "updated_at"])


def _won(chargeback: Chargeback, holds: list[PaymentHold]) -> None:
    if chargeback.state == ChargebackState.WON:
        return
    move(chargeback, ChargebackState.WON, CHARGEBACK_MOVES, closed_at=timezone.now())
    _close(chargeback, holds)


def _lost(chargeback: Chargeback, holds: list[PaymentHold]) -> None:
    if chargeback.state in (ChargebackState.LOST, ChargebackState.WON) or chargeback.withdrawn_at is None:
        return  # decided before, or its money is still to be told of: the bell rings again then
    move(chargeback, ChargebackState.LOST, CHARGEBACK_MOVES, closed_at=timezone.now())
    paid_for = [hold for hold in holds if hold.state != HoldState.CANCELLED]
    covered = min(sum(hold.left_minor for hold in paid_for), chargeback.amount_minor)
    lines = [
        Line(AccountKind.CHARGEBACK, str(chargeback.pk), _money(chargeback, -chargeback.amount_minor)),
        Line(AccountKind.EXPENSE, "losses", _money(chargeback, chargeback.amount_minor - covered)),
    ]
    parts = largest_remainder(covered, [hold.left_minor for hold in paid_for]) if covered else []
    for hold, part in zip(paid_for, parts, strict=False):
        if part:
            lines += _taken_from(hold, part, chargeback)
    post(kind=Postings.CHARGEBACK_LOST, ref=chargeback.provider_id, subject=chargeback.payment.reference, lines=lines)
    _close(chargeback, holds)


@transaction.atomic
def cover_loss(*, refund_id: uuid.UUID) -> None:
    """A refund came back to us after the bank had given the buyer the same money: it is not the seller's, it covers our loss.

    Whether the refund failed before the verdict or after it, the same comes of it. Safe to repeat. Locks the payment, its holds, ledger
    balances.
    """
    failed = Refund.objects.select_related("hold").filter(pk=refund_id, state=RefundState.FAILED).first()
    if failed is None or failed.reason == FROZEN:
        return
    payment = lock_payment(failed.hold.payment_id)
    hold = next(hold for hold in lock_holds_of(payment) if hold.pk == failed.hold_id)
    for chargeback in payment.chargebacks.filter(state=ChargebackState.LOST).order_by("pk"):
        covered = _carried_out(chargeback).aggregate(sum=Sum("amount_minor"))["sum"] or 0
        part = min(chargeback.amount_minor - covered, hold.left_minor)
        if part <= 0 or hold.state == HoldState.CANCELLED:
            continue
        post(
            kind=Postings.CHARGEBACK_LOST,
            ref=f"{chargeback.provider_id}:{failed.pk}:{failed.tries}",
            subject=payment.reference,
            lines=[
                Line(AccountKind.EXPENSE, "losses", _money(chargeback, -part)),
                *_taken_from(hold, part, chargeback, after=f":{failed.pk.hex[-12:]}:{failed.tries}"),
            ],
        )


def _carried_out(chargeback: Chargeback) -> QuerySet[Refund]:
    """What the bank gave back of sellers' parts."""
    return Refund.objects.filter(provider_id__startswith=f"{chargeback.provider_id}:", state=RefundState.SUCCEEDED)


def _taken_from(hold: PaymentHold, part: int, chargeback: Chargeback, *, after: str = "") -> list[Line]:
    """The seller's part goes back to the buyer as by a refund, which the bank carried out."""
    parts = refund_parts(hold, part)
    Refund.objects.create(
        hold=hold,
        amount_minor=part,
        commission_minor=parts.commission,
        subsidy_minor=parts.subsidy,
        after_release=hold.released_at is not None,
        reason=FROZEN,
        state=RefundState.SUCCEEDED,
        provider_id=f"{chargeback.provider_id}:{hold.pk.hex[-12:]}{after}",
        succeeded_at=timezone.now(),
    )
    _count(hold, part, parts.subsidy, parts.commission)
    if not hold.left_minor:
        move(hold, HoldState.REFUNDED, HOLD_MOVES)
    return _lines(hold, parts, 1)


def _lines(hold: PaymentHold, parts: RefundParts, sign: int) -> list[Line]:
    """Before the release a part is in the hold; after it the seller and we have had our shares of it."""

    def line(kind: AccountKind, owner: str, minor: int) -> Line:
        return Line(kind, owner, Money(sign * minor, hold.currency))

    if hold.released_at is None:
        return [line(AccountKind.HOLD, hold.reference, parts.amount)]
    return [
        line(AccountKind.SELLER, str(hold.payee_id), parts.from_seller),
        line(AccountKind.REVENUE, "commission", parts.commission),
        line(AccountKind.EXPENSE, "vouchers", -parts.subsidy),
    ]


def _take_loss_back(chargeback: Chargeback) -> None:
    """The bank thought again: what the sellers lost is theirs again, also where a refund that failed had covered our loss with it.

    It goes where it belongs by now: a hold that was released meanwhile (the bank had taken a part of it) gives it to its seller.
    """
    lines = [Line(AccountKind.CHARGEBACK, str(chargeback.pk), _money(chargeback, chargeback.amount_minor))]
    given_back = 0
    for refund in _carried_out(chargeback).select_for_update(of=("self",)).order_by("pk"):
        hold = PaymentHold.objects.select_for_update(of=("self",), no_key=True).get(pk=refund.hold_id)
        move(refund, RefundState.FAILED, REFUND_MOVES, failure_code=REINSTATED)
        parts = RefundParts(refund.amount_minor, refund.commission_minor, refund.subsidy_minor)
        _count(hold, -parts.amount, -parts.subsidy, -parts.commission)
        if hold.state == HoldState.REFUNDED:
            move(hold, HoldState.RELEASED if hold.released_at else HoldState.HELD, HOLD_MOVES)
        lines += _lines(hold, parts, -1)
        given_back += parts.amount
    lines.append(Line(AccountKind.EXPENSE, "losses", _money(chargeback, given_back - chargeback.amount_minor)))
    post(
        kind=Postings.CHARGEBACK_LOST,
        ref=f"{chargeback.provider_id}:back",
        subject=chargeback.payment.reference,
        lines=lines,
        reverses=LedgerTransaction.objects.get(kind=Postings.CHARGEBACK_LOST, ref=chargeback.provider_id),
    )


def _count(hold: PaymentHold, amount: int, subsidy: int, commission: int) -> None:
    hold.refunded_minor += amount
    hold.subsidy_returned_minor += subsidy
    hold.commission_returned_minor += commission
    hold.save(update_fields=["refunded_minor", "subsidy_returned_minor", "commission_returned_minor", "updated_at"])


def _close(chargeback: Chargeback, holds: list[PaymentHold]) -> None:
    other = Chargeback.objects.filter(
        payment_id=chargeback.payment_id, state__in=(ChargebackState.OPEN, ChargebackState.ANSWERED)
    )
    if not other.exists():
        for hold in holds:
            if hold.frozen_because == FROZEN:
                unfreeze_hold(reference=hold.reference)
    publish(ChargebackClosed(chargeback_id=chargeback.pk, reference=chargeback.payment.reference))


def _money(chargeback: Chargeback, minor: int) -> Money:
    return Money(minor, chargeback.currency)
