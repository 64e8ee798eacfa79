"""When a buyer says that something is wrong: opened, answered, shown, settled between the two or brought before our staff.

The hold is frozen from the first word to the last, and the time to look at the thing stands as long.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.events import publish
from core.money import Money
from core.states import move
from media.actions import attach_assets
from media.states import Purpose
from orders.actions.cash_returns import forget_what_was_said
from orders.actions.dispute_ends import close, start_return
from orders.actions.dispute_locks import lock_dispute, lock_to_settle
from orders.actions.locks import lock_own_order
from orders.actions.timeline import note_event
from orders.errors import (
    DisputedBefore,
    EvidenceNeeded,
    NothingOffered,
    NotToBeEscalated,
    NotYourSideOfIt,
    ReturnUnderWay,
    TooManyPictures,
)
from orders.events import DisputeAnswered, DisputeEscalated, DisputeOpened
from orders.models import Dispute, DisputeEvidence, Order
from orders.rules import (
    DISPUTE_PICTURES,
    check_dispute_amount,
    check_dispute_in,
    check_may_dispute,
    left_of,
    reference_of,
)
from orders.states import (
    DISPUTE_AXIS_MOVES,
    DISPUTE_MOVES,
    DisputeAxis,
    DisputeOutcome,
    DisputeState,
    FulfilmentAxis,
    PayBy,
    SellerAnswer,
    Side,
)
from orders.words import in_money
from payments.actions import freeze_hold

SPOKEN_OF = (DisputeState.OPEN, DisputeState.UNDER_REVIEW, DisputeState.AWAITING_RETURN, DisputeState.APPEALED)


@transaction.atomic
def open_dispute(
    *,
    buyer: User,
    order_id: uuid.UUID,
    reason: str,
    text: str,
    wanted: Money | None = None,
    picture_ids: Sequence[uuid.UUID] = (),
) -> Dispute:
    """Report a problem with an order and ask for money back, all that is left unless `wanted` says how much. The seller answers first.

    What is held is frozen; of a cash sale nothing is. Locks the order, its hold. Publishes DisputeOpened.

    Raises:
        OrderNotFound, NotYourSideOfIt, NotConfirmed, NothingHeld, CancelInstead, InDispute, TooLateToDispute.
        DisputedBefore: our staff decided one about this order.
        DisputeAmount, EvidenceNeeded, TooManyPictures; media's refusals of the pictures.
    """
    now = timezone.now()
    order, _side = lock_own_order(person=buyer, order_id=order_id, side=Side.BUYER)
    check_may_dispute(order, at=now)
    if order.disputes.exclude(decided_by=None).exists():
        raise DisputedBefore
    wanted = wanted or left_of(order)
    check_dispute_amount(order, wanted)
    if not text.strip():
        raise EvidenceNeeded
    dispute = Dispute.objects.create(
        order=order,
        reason=reason,
        text=text.strip(),
        wanted_minor=wanted.minor,
        answer_by=now + settings.ORDERS["dispute_answer_window"],
        created_at=now,
    )
    _show(dispute, Side.BUYER, buyer, "", picture_ids)
    if order.pay_by == PayBy.CASH:  # nothing is held: what can be decided is that the seller gives it back
        forget_what_was_said(order)
    else:
        freeze_hold(reference=reference_of(order), because="dispute")
    move(order, DisputeAxis.OPEN, DISPUTE_AXIS_MOVES, axis="dispute_state")
    note_event(order, "dispute_opened", Side.BUYER, actor=buyer, amount=in_money(wanted))
    publish(DisputeOpened(dispute_id=dispute.pk))
    return dispute


@transaction.atomic
def answer_dispute(
    *,
    seller: User,
    dispute_id: uuid.UUID,
    answer: str,
    offered: Money | None = None,
    needs_return: bool = False,
    text: str = "",
    picture_ids: Sequence[uuid.UUID] = (),
) -> Dispute:
    """The seller agrees (and may want the thing back first), offers a part, or disagrees, which brings it before our staff.

    After an offer the buyer has as long to take it or to go on. Publishes DisputeAnswered; DisputeEscalated or DisputeClosed.

    Raises:
        DisputeNotFound, WithTheBank, NotYourSideOfIt, DisputeClosedAlready, DisputeAmount, TooManyPictures; media's refusals.
    """
    now = timezone.now()
    order, dispute, side = lock_to_settle(dispute_id, person=seller)
    _check_side(side, Side.SELLER)
    check_dispute_in(dispute, DisputeState.OPEN)
    if answer == SellerAnswer.OFFERS:
        check_dispute_amount(order, offered or Money(0, order.currency))
    dispute.seller_answer = answer
    dispute.offered_minor = offered.minor if offered and answer == SellerAnswer.OFFERS else None
    dispute.answer_by = now + settings.ORDERS["dispute_answer_window"]
    dispute.save(update_fields=["seller_answer", "offered_minor", "answer_by", "updated_at"])
    if text.strip() or picture_ids:
        _show(dispute, Side.SELLER, seller, text, picture_ids)
    note_event(order, "dispute_answered", Side.SELLER, actor=seller)
    publish(DisputeAnswered(dispute_id=dispute.pk))
    if answer == SellerAnswer.REFUSES:
        _bring_to_staff(order, dispute, by=Side.SELLER, at=now)
    elif answer == SellerAnswer.ACCEPTS:
        wanted = Money(dispute.wanted_minor, order.currency)
        _settle(order, dispute, wanted, needs_return=needs_return, by=seller, at=now)
    return dispute


@transaction.atomic
def take_settlement(*, buyer: User, dispute_id: uuid.UUID) -> Dispute:
    """The buyer takes the part that the seller offers, and the dispute is over. Publishes DisputeClosed.

    Raises:
        DisputeNotFound, WithTheBank, NotYourSideOfIt, DisputeClosedAlready, NothingOffered.
    """
    order, dispute, side = lock_to_settle(dispute_id, person=buyer)
    _check_side(side, Side.BUYER)
    check_dispute_in(dispute, DisputeState.OPEN, DisputeState.UNDER_REVIEW)
    if dispute.offered_minor is None:
        raise NothingOffered
    offered = Money(dispute.offered_minor, order.currency)
    _settle(order, dispute, offered, needs_return=False, by=order.seller, at=timezone.now())
    return dispute


@transaction.atomic
def withdraw_dispute(*, buyer: User, dispute_id: uuid.UUID) -> Dispute:
    """The buyer takes it back: the order goes on where it stood, with the time that was left. Publishes DisputeClosed.

    Raises:
        DisputeNotFound, NotYourSideOfIt, DisputeClosedAlready.
        ReturnUnderWay: it was sent back already.
    """
    order, dispute, side = lock_dispute(dispute_id, person=buyer)
    _check_side(side, Side.BUYER)
    check_dispute_in(dispute, DisputeState.OPEN, DisputeState.UNDER_REVIEW, DisputeState.AWAITING_RETURN)
    if order.fulfilment_state == FulfilmentAxis.RETURNING:
        raise ReturnUnderWay
    note_event(order, "dispute_withdrawn", Side.BUYER, actor=buyer)
    nothing = Money(0, order.currency)
    close(order, dispute, DisputeOutcome.WITHDRAWN, nothing, at=timezone.now(), by=buyer)
    return dispute


@transaction.atomic
def add_evidence(
    *, person: User, dispute_id: uuid.UUID, text: str = "", picture_ids: Sequence[uuid.UUID] = ()
) -> list[DisputeEvidence]:
    """One of the two shows or says something more while it is not decided.

    Raises:
        DisputeNotFound, DisputeClosedAlready, EvidenceNeeded, TooManyPictures; media's refusals of the pictures.
    """
    order, dispute, side = lock_dispute(dispute_id, person=person)
    check_dispute_in(dispute, *SPOKEN_OF)
    shown = _show(dispute, side, person, text, picture_ids)
    if not shown:
        raise EvidenceNeeded
    note_event(order, "evidence_added", side, actor=person)
    return shown


@transaction.atomic
def escalate_dispute(*, person: User, dispute_id: uuid.UUID) -> Dispute:
    """One of the two brings it before our staff: once the seller has answered, or did not in time. Again is the same answer.

    Publishes DisputeEscalated.

    Raises:
        DisputeNotFound, WithTheBank, DisputeClosedAlready, NotToBeEscalated.
    """
    now = timezone.now()
    order, dispute, side = lock_to_settle(dispute_id, person=person)
    if dispute.state == DisputeState.UNDER_REVIEW:
        return dispute
    check_dispute_in(dispute, DisputeState.OPEN)
    if not dispute.seller_answer and dispute.answer_by is not None and now < dispute.answer_by:
        raise NotToBeEscalated(until=dispute.answer_by.isoformat(timespec="minutes"))
    _bring_to_staff(order, dispute, by=side, at=now)
    return dispute


@transaction.atomic
def escalate_unanswered(*, dispute_id: uuid.UUID) -> bool:
    """Nobody answered in time: our staff look at it. False: somebody did."""
    order, dispute, _side = lock_to_settle(dispute_id)
    now = timezone.now()
    if dispute.state != DisputeState.OPEN or dispute.answer_by is None or dispute.answer_by > now:
        return False
    _bring_to_staff(order, dispute, by=Side.SYSTEM, at=now)
    return True


def _bring_to_staff(order: Order, dispute: Dispute, *, by: Side, at: datetime) -> None:
    decide_by = at + settings.ORDERS["dispute_decision_window"]
    move(dispute, DisputeState.UNDER_REVIEW, DISPUTE_MOVES, decide_by=decide_by, answer_by=None)
    note_event(order, "dispute_escalated", by)
    publish(DisputeEscalated(dispute_id=dispute.pk))


def _settle(order: Order, dispute: Dispute, back: Money, *, needs_return: bool, by: User, at: datetime) -> None:
    """The two agree."""
    if needs_return:
        start_return(order, dispute, DisputeOutcome.SETTLED, back, at=at)
    else:
        close(order, dispute, DisputeOutcome.SETTLED, back, at=at, by=by)


def _show(
    dispute: Dispute, side: Side, author: User, text: str, picture_ids: Sequence[uuid.UUID]
) -> list[DisputeEvidence]:
    if len(picture_ids) > DISPUTE_PICTURES:
        raise TooManyPictures(most=DISPUTE_PICTURES)
    pictures = attach_assets(owner=author, asset_ids=picture_ids, purpose=Purpose.EVIDENCE) if picture_ids else []
    said = [DisputeEvidence(dispute=dispute, side=side, author=author, text=text.strip())] if text.strip() else []
    shown = [DisputeEvidence(dispute=dispute, side=side, author=author, picture=picture) for picture in pictures]
    for piece in (*said, *shown):
        piece.save(force_insert=True)
    return [*said, *shown]


def _check_side(side: Side, wanted: Side) -> None:
    if side != wanted:
        raise NotYourSideOfIt
