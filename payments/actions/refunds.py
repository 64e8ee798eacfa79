"""Giving money back: decided here, carried out by the provider, told by it in `results`.

Once it is decided it stands on the refund's own ledger account, on its way back to the buyer, so nobody else can be paid with it.
"""

import uuid

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from core import audit
from core.errors import NotAllowed, WrongState
from core.events import publish
from core.money import Money
from core.states import move
from payments.actions.commands import order_refund
from payments.actions.locks import lock_hold, lock_refund
from payments.actions.posting import Line, post
from payments.errors import NotCaptured, SecondPersonNeeded
from payments.events import RefundFailed, RefundRefused, RefundRequested
from payments.models import PaymentHold, Refund
from payments.rules import check_not_own, check_refund, check_refund_in_time, needs_second_person, refund_parts
from payments.states import HOLD_MOVES, REFUND_MOVES, REINSTATED, AccountKind, HoldState, Postings, RefundState


@transaction.atomic
def refund_hold(
    *, reference: str, amount: Money, reason: str, note: str = "", requested_by: User | None, by_staff: bool
) -> Refund:
    """Give some or all of a hold back to the payer, before its release or after it from the seller's balance.

    The commission and what the platform added go back with it, pro rata. From PAYMENTS["approval_from"] on, what staff ask for waits
    for a second person. `requested_by` None: the system. Locks the hold, ledger balances. Publishes RefundRequested.

    Raises:
        HoldNotFound, NotCaptured.
        AmountMustBePositive, RefundTooLarge.
        RefundTooLate: for a seller, not for staff or the system.
        OwnMoney: staff are one of the two.
    """
    hold = lock_hold(reference)
    if hold.state in (HoldState.PENDING, HoldState.CANCELLED):
        raise NotCaptured
    check_refund(hold, amount)
    if requested_by and not by_staff:
        check_refund_in_time(hold.payment, at=timezone.now())
    if by_staff and requested_by:
        check_not_own(requested_by, hold.payee_id, hold.payment.payer_id)
    waits = by_staff and needs_second_person(amount, lately=_given_alone(hold))
    refund = Refund.objects.create(
        hold=hold,
        amount_minor=amount.minor,
        reason=reason,
        note=note,
        state=RefundState.AWAITING_APPROVAL if waits else RefundState.REQUESTED,
        requested_by=requested_by,
        needs_approval=waits,
    )
    if not waits:
        send_refund(refund, hold)
    publish(RefundRequested(refund_id=refund.pk, reference=hold.reference))
    return refund


@transaction.atomic
def approve_refund(*, staff: User, refund_id: uuid.UUID) -> Refund:
    """The second person agrees: the refund is on its way. In the audit log.

    Raises:
        RefundNotFound, NotAllowed.
        SecondPersonNeeded: it is their own.
        WrongState: it does not wait.
        RefundTooLarge: meanwhile more was given back.
    """
    hold, refund = _lock_for_decision(staff, refund_id)
    check_refund(hold, Money(refund.amount_minor, hold.currency))
    move(refund, RefundState.REQUESTED, REFUND_MOVES, approved_by=staff, decided_at=timezone.now())
    send_refund(refund, hold)
    _record("payments.refund_approved", staff, refund)
    return refund


@transaction.atomic
def refuse_refund(*, staff: User, refund_id: uuid.UUID, reason: str) -> Refund:
    """The second person does not agree. In the audit log. Publishes RefundRefused.

    Raises:
        RefundNotFound, NotAllowed, SecondPersonNeeded, WrongState.
    """
    hold, refund = _lock_for_decision(staff, refund_id)
    move(refund, RefundState.REFUSED, REFUND_MOVES, decided_at=timezone.now())
    _record("payments.refund_refused", staff, refund, reason)
    publish(RefundRefused(refund_id=refund.pk, reference=hold.reference))
    return refund


@transaction.atomic
def retry_refund(*, staff: User, refund_id: uuid.UUID) -> Refund:
    """A refund that failed is sent once more, as a new request at the provider. In the audit log.

    Raises:
        RefundNotFound, NotAllowed, RefundTooLarge.
        WrongState: it did not fail, or was a bank's, which took its decision back.
    """
    if not staff.has_perm("payments.approve_refund"):
        raise NotAllowed
    hold, refund = lock_refund(refund_id)
    if refund.failure_code == REINSTATED:
        raise WrongState(state=refund.state, to=RefundState.REQUESTED.value)
    if refund.state == RefundState.FAILED:
        check_refund(hold, Money(refund.amount_minor, hold.currency))
    move(
        refund,
        RefundState.REQUESTED,
        REFUND_MOVES,
        tries=refund.tries + 1,
        provider_id="",
        provider_status="",
        failure_code="",
    )
    send_refund(refund, hold)
    _record("payments.refund_retried", staff, refund)
    return refund


def send_refund(refund: Refund, hold: PaymentHold, *, keep_state: bool = False) -> None:
    """A decided refund of a locked hold leaves it, and the provider is asked to carry it out after the commit.

    `keep_state`: a hold that was cancelled stays so (it was paid after all, by a buyer who has another).
    """
    parts = refund_parts(hold, refund.amount_minor)
    refund.commission_minor, refund.subsidy_minor = parts.commission, parts.subsidy
    refund.after_release = hold.released_at is not None
    refund.save(update_fields=["commission_minor", "subsidy_minor", "after_release", "updated_at"])
    _count(hold, parts.amount, parts.subsidy, parts.commission)
    if not hold.left_minor and not keep_state:
        move(hold, HoldState.REFUNDED, HOLD_MOVES)
    post(
        kind=Postings.REFUND_ORDERED,
        ref=f"{refund.pk}:{refund.tries}",
        subject=hold.reference,
        actor=refund.requested_by,
        lines=[*_taken_from(refund, hold), _on_its_way(refund, hold, -1)],
    )
    order_refund(refund=refund, attempt=refund.tries)


def take_refund_back(refund: Refund, hold: PaymentHold, *, code: str) -> None:
    """A refund failed: what was ordered is where it came from again. The hold and the refund are locked. Publishes RefundFailed.

    Where the money had left us already, the caller posts its return first. A hold that was released meanwhile gives it to the seller:
    then it comes out of their balance when it is tried again.
    """
    move(refund, RefundState.FAILED, REFUND_MOVES, failure_code=code)
    _count(hold, -refund.amount_minor, -refund.subsidy_minor, -refund.commission_minor)
    refund.after_release = hold.released_at is not None
    if hold.state == HoldState.REFUNDED:
        move(hold, HoldState.RELEASED if hold.released_at else HoldState.HELD, HOLD_MOVES)
    back = [Line(line.kind, line.owner, Money(-line.amount.minor, hold.currency)) for line in _taken_from(refund, hold)]
    post(
        kind=Postings.REFUND_FAILED,
        ref=f"{refund.pk}:{refund.tries}",
        subject=hold.reference,
        lines=[*back, _on_its_way(refund, hold, 1)],
    )
    publish(RefundFailed(refund_id=refund.pk, reference=hold.reference))


def _taken_from(refund: Refund, hold: PaymentHold) -> list[Line]:
    """Before the release it is still held; after it, the seller and we have had our parts."""
    if not refund.after_release:
        return [Line(AccountKind.HOLD, hold.reference, Money(refund.amount_minor, hold.currency))]
    from_seller = refund.amount_minor + refund.subsidy_minor - refund.commission_minor
    return [
        Line(AccountKind.SELLER, str(hold.payee_id), Money(from_seller, hold.currency)),
        Line(AccountKind.REVENUE, "commission", Money(refund.commission_minor, hold.currency)),
        Line(AccountKind.EXPENSE, "vouchers", Money(-refund.subsidy_minor, hold.currency)),
    ]


def _on_its_way(refund: Refund, hold: PaymentHold, sign: int) -> Line:
    return Line(AccountKind.REFUND, str(refund.pk), Money(sign * refund.amount_minor, hold.currency))


def _count(hold: PaymentHold, amount: int, subsidy: int, commission: int) -> None:
    hold.refunded_minor += amount
    hold.subsidy_returned_minor += subsidy
    hold.commission_returned_minor += commission
    hold.save(update_fields=["refunded_minor", "subsidy_returned_minor", "commission_returned_minor", "updated_at"])


def _given_alone(hold: PaymentHold) -> int:
    """What staff gave back of a hold without a second person: many small refunds are a large one."""
    alone = hold.refunds.filter(requested_by__is_staff=True, needs_approval=False).exclude(
        state__in=(RefundState.FAILED, RefundState.REFUSED)
    )
    return alone.aggregate(sum=Sum("amount_minor"))["sum"] or 0


def _lock_for_decision(staff: User, refund_id: uuid.UUID) -> tuple[PaymentHold, Refund]:
    if not staff.has_perm("payments.approve_refund"):
        raise NotAllowed
    hold, refund = lock_refund(refund_id)
    if refund.state != RefundState.AWAITING_APPROVAL:
        raise WrongState(state=refund.state, to=RefundState.REQUESTED.value)
    if refund.requested_by_id == staff.pk:
        raise SecondPersonNeeded
    check_not_own(staff, hold.payee_id, hold.payment.payer_id)
    return hold, refund


def _record(action: str, staff: User, refund: Refund, reason: str = "") -> None:
    audit.record(
        action=action,
        target_kind="refund",
        target_id=refund.pk,
        actor=staff,
        reason=reason,
        after={"amount_minor": refund.amount_minor, "currency": refund.hold.currency, "state": refund.state},
    )
