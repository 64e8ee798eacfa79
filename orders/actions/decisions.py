"""What our staff decide about disputes. Each is one person's word, audited; the appeal is another's."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.errors import NotAllowed
from core.events import publish
from core.money import Money
from core.states import move
from orders.actions.dispute_ends import close, start_return
from orders.actions.dispute_locks import lock_dispute, lock_to_settle
from orders.actions.timeline import note_event
from orders.errors import (
    AppealIsOver,
    ClaimedByAnother,
    DisputeAmount,
    EvidenceNeeded,
    OnlyTheLoserAppeals,
    OtherEyesNeeded,
)
from orders.events import DisputeAppealed, DisputeDecided
from orders.models import Dispute, DisputeEvidence, Order
from orders.rules import check_dispute_in, check_not_with_bank, left_of, may_appeal
from orders.states import DISPUTE_MOVES, DisputeOutcome, DisputeState, Side

MAY_DECIDE = "orders.decide_dispute"
CLAIMED_FOR = timedelta(minutes=30)
TO_DECIDE = (DisputeState.UNDER_REVIEW, DisputeState.APPEALED)


@transaction.atomic
def claim_dispute(*, staff: User, dispute_id: uuid.UUID) -> Dispute:
    """One of our staff takes a dispute on for half an hour; again for as long again.

    Raises:
        NotAllowed, DisputeNotFound, DisputeClosedAlready, OtherEyesNeeded, ClaimedByAnother.
    """
    now = timezone.now()
    order, dispute = _lock(staff, dispute_id, at=now)
    _check_eyes(order, dispute, staff)
    dispute.claimed_by, dispute.claimed_until = staff, now + CLAIMED_FOR
    dispute.save(update_fields=["claimed_by", "claimed_until", "updated_at"])
    return dispute


@transaction.atomic
def release_dispute(*, staff: User, dispute_id: uuid.UUID) -> Dispute:
    """Give it back for others. Raises NotAllowed, DisputeNotFound, DisputeClosedAlready, ClaimedByAnother."""
    _order, dispute = _lock(staff, dispute_id, at=timezone.now())
    _unclaim(dispute)
    return dispute


@transaction.atomic
def note_on_dispute(*, staff: User, dispute_id: uuid.UUID, text: str) -> DisputeEvidence:
    """A note that neither of the two ever reads. Raises NotAllowed, DisputeNotFound, EvidenceNeeded."""
    if not staff.has_perm(MAY_DECIDE):
        raise NotAllowed
    _order, dispute, _side = lock_dispute(dispute_id)
    if not text.strip():
        raise EvidenceNeeded
    return DisputeEvidence.objects.create(
        dispute=dispute, side=Side.STAFF, author=staff, text=text.strip(), is_internal=True
    )


@transaction.atomic
def decide_dispute(
    *,
    staff: User,
    dispute_id: uuid.UUID,
    outcome: str,
    refund: Money | None = None,
    needs_return: bool = False,
    words: str,
    reason: str = "",
) -> Dispute:
    """Say who gets the money: all of it back, a part, or none, and whether the thing is to be sent back first. `words` are for
    both sides, `reason` for the audit log alone.

    Nothing moves before the time to appeal is over (`accept_decision` makes it shorter), or before the thing is back. Publishes
    DisputeDecided.

    Raises:
        NotAllowed, DisputeNotFound, DisputeClosedAlready, ClaimedByAnother, WithTheBank.
        OtherEyesNeeded: their own order, or (of an appeal) their own decision.
        DisputeAmount, EvidenceNeeded (no words).
    """
    now = timezone.now()
    order, dispute = _lock(staff, dispute_id, at=now)
    check_not_with_bank(order)
    check_dispute_in(dispute, DisputeState.UNDER_REVIEW)
    _check_eyes(order, dispute, staff)
    back = _amount(order, outcome, refund)
    decision = _decision(staff, words, at=now)
    before = _as_told(dispute)
    if needs_return and back.minor:
        start_return(order, dispute, outcome, back, at=now, **decision)
    else:
        appeal_by = now + settings.ORDERS["appeal_window"]
        move(
            dispute,
            DisputeState.DECIDED,
            DISPUTE_MOVES,
            outcome=outcome,
            refund_minor=back.minor,
            needs_return=False,
            appeal_by=appeal_by,
            decide_by=None,
            **decision,
        )
    note_event(order, "dispute_decided", Side.STAFF)
    _record("orders.dispute_decided", staff, dispute, reason, before)
    publish(DisputeDecided(dispute_id=dispute.pk))
    return dispute


@transaction.atomic
def decide_appeal(
    *,
    staff: User,
    dispute_id: uuid.UUID,
    outcome: str,
    refund: Money | None = None,
    needs_return: bool = False,
    words: str,
    reason: str = "",
) -> Dispute:
    """The last word, by somebody else than the first: the money moves now, or once the thing is back. Publishes DisputeDecided,
    DisputeClosed.

    Raises:
        What `decide_dispute` refuses.
    """
    now = timezone.now()
    order, dispute = _lock(staff, dispute_id, at=now)
    check_not_with_bank(order)
    check_dispute_in(dispute, DisputeState.APPEALED)
    _check_eyes(order, dispute, staff)
    back = _amount(order, outcome, refund)
    before = _as_told(dispute)
    decision = _decision(staff, words, at=now)
    note_event(order, "appeal_decided", Side.STAFF)
    publish(DisputeDecided(dispute_id=dispute.pk))
    if needs_return and back.minor:
        start_return(order, dispute, outcome, back, at=now, **decision)
    else:
        for name, value in decision.items():
            setattr(dispute, name, value)
        dispute.save(update_fields=[*decision, "updated_at"])
        close(order, dispute, outcome, back, at=now, by=staff)
    _record("orders.appeal_decided", staff, dispute, reason, before)
    return dispute


@transaction.atomic
def appeal_dispute(*, person: User, dispute_id: uuid.UUID, text: str) -> Dispute:
    """Who lost asks for another look, once, by somebody else. Publishes DisputeAppealed.

    Raises:
        DisputeNotFound, WithTheBank, DisputeClosedAlready, AppealIsOver, OnlyTheLoserAppeals, EvidenceNeeded.
    """
    now = timezone.now()
    order, dispute, side = lock_to_settle(dispute_id, person=person)
    waiting_for_return = dispute.state == DisputeState.AWAITING_RETURN and not _on_its_way_back(order, dispute)
    if not waiting_for_return:
        check_dispute_in(dispute, DisputeState.DECIDED)
    if not may_appeal(dispute, side):
        raise OnlyTheLoserAppeals
    if (dispute.appeal_by or dispute.return_by or now) <= now:
        raise AppealIsOver
    if not text.strip():
        raise EvidenceNeeded
    move(
        dispute,
        DisputeState.APPEALED,
        DISPUTE_MOVES,
        appealed_by=side,
        appeal_text=text.strip(),
        appealed_at=now,
        first_outcome=dispute.outcome,
        first_decided_by=dispute.decided_by,
        decided_by=None,
        decide_by=now + settings.ORDERS["dispute_decision_window"],
        appeal_by=None,
        return_by=None,
    )
    note_event(order, "dispute_appealed", side, actor=person)
    publish(DisputeAppealed(dispute_id=dispute.pk))
    return dispute


@transaction.atomic
def accept_decision(*, person: User, dispute_id: uuid.UUID) -> Dispute:
    """Who lost does not want to wait for the time to appeal: the money moves now. Publishes DisputeClosed.

    Raises:
        DisputeNotFound, WithTheBank, DisputeClosedAlready, OnlyTheLoserAppeals: it is the other's to accept.
    """
    order, dispute, side = lock_to_settle(dispute_id, person=person)
    check_dispute_in(dispute, DisputeState.DECIDED)
    if not may_appeal(dispute, side) or dispute.outcome == DisputeOutcome.PARTIAL:
        raise OnlyTheLoserAppeals  # a part is half a loss of both: its time runs out
    _carry_out(order, dispute, at=timezone.now())
    return dispute


@transaction.atomic
def end_appeal_time(*, dispute_id: uuid.UUID) -> bool:
    """Nobody appealed in time: what was decided is carried out. False: somebody did, or it is over."""
    order, dispute, _side = lock_to_settle(dispute_id)
    now = timezone.now()
    if dispute.state != DisputeState.DECIDED or dispute.appeal_by is None or dispute.appeal_by > now:
        return False
    _carry_out(order, dispute, at=now)
    return True


def _carry_out(order: Order, dispute: Dispute, *, at: datetime) -> None:
    back = Money(dispute.refund_minor or 0, order.currency)
    close(order, dispute, dispute.outcome, back, at=at, by=dispute.decided_by)


def _lock(staff: User, dispute_id: uuid.UUID, *, at: datetime) -> tuple[Order, Dispute]:
    if not staff.has_perm(MAY_DECIDE):
        raise NotAllowed
    order, dispute, _side = lock_dispute(dispute_id)
    check_dispute_in(dispute, *TO_DECIDE)
    is_claimed = dispute.claimed_until is not None and dispute.claimed_until > at
    if is_claimed and dispute.claimed_by_id != staff.pk:
        raise ClaimedByAnother
    return order, dispute


def _check_eyes(order: Order, dispute: Dispute, staff: User) -> None:
    if staff.pk in (order.buyer_id, order.seller_id, dispute.first_decided_by_id):
        raise OtherEyesNeeded


def _amount(order: Order, outcome: str, refund: Money | None) -> Money:
    """What goes back by this outcome. Raises DisputeAmount."""
    left = left_of(order)
    if outcome == DisputeOutcome.FULL:
        return left
    if outcome == DisputeOutcome.NONE:
        return Money(0, order.currency)
    fits = outcome == DisputeOutcome.PARTIAL and refund is not None and refund.currency == order.currency
    if not fits or refund is None or not 0 < refund.minor < left.minor:
        raise DisputeAmount(attr="refund", most=f"{left.currency} {Money(left.minor - 1, left.currency)}")
    return refund


def _decision(staff: User, words: str, *, at: datetime) -> dict[str, Any]:
    if not words.strip():
        raise EvidenceNeeded(attr="words")
    return {
        "words": words.strip(),
        "decided_by": staff,
        "decided_at": at,
        "claimed_by": None,
        "claimed_until": None,
    }


def _unclaim(dispute: Dispute) -> None:
    dispute.claimed_by, dispute.claimed_until = None, None
    dispute.save(update_fields=["claimed_by", "claimed_until", "updated_at"])


def _on_its_way_back(order: Order, dispute: Dispute) -> bool:
    return order.shipments.filter(is_return=True, booked_at__gte=dispute.created_at).exists()


def _as_told(dispute: Dispute) -> dict[str, Any]:
    return {
        "state": dispute.state,
        "outcome": dispute.outcome,
        "refund_minor": dispute.refund_minor,
        "needs_return": dispute.needs_return,
    }


def _record(action: str, staff: User, dispute: Dispute, reason: str, before: dict[str, Any]) -> None:
    audit.record(
        action=action,
        target_kind="dispute",
        target_id=dispute.pk,
        actor=staff,
        reason=reason,
        before=before,
        after=_as_told(dispute),
    )
