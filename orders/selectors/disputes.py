"""Disputes for the two of them: everything both said and showed, and nothing of what our staff note among themselves."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import User
from core.money import Money
from media.selectors import private_picture
from orders.errors import DisputeNotFound
from orders.models import Dispute, DisputeEvidence, Order, Shipment
from orders.rules import may_appeal
from orders.states import DisputeAxis, DisputeOutcome, DisputeState, Side

_SHOWN = Prefetch(
    "evidence",
    queryset=DisputeEvidence.objects.filter(is_internal=False).select_related("picture").order_by("id"),
    to_attr="shown",
)


def disputes_of(order: Order) -> QuerySet[Dispute]:
    """The newest first. The caller knows that the reader is one of the two."""
    return Dispute.objects.filter(order=order).select_related("order").prefetch_related(_SHOWN).order_by("-id")


def dispute_for(person: User, dispute_id: uuid.UUID) -> Dispute:
    """One dispute, for its two sides. Raises DisputeNotFound."""
    theirs = Q(order__buyer=person) | Q(order__seller=person)
    found = Dispute.objects.filter(theirs, pk=dispute_id).select_related("order").prefetch_related(_SHOWN).first()
    if found is None:
        raise DisputeNotFound
    return found


def dispute_shape(dispute: Dispute, *, viewer: User) -> dict[str, Any]:
    """A dispute of `dispute_for` as one side sees it, with addresses of pictures that are signed for them. No query."""
    order = dispute.order
    reader = Side.BUYER if viewer.pk == order.buyer_id else Side.SELLER
    said: Iterable[DisputeEvidence] = dispute.shown  # type: ignore[attr-defined]  # by `_SHOWN`
    return {
        "id": dispute.pk,
        "order_id": dispute.order_id,
        "order_code": order.code,
        "side": reader.value,
        "reason": dispute.reason,
        "text": dispute.text,
        "wanted": str(Money(dispute.wanted_minor, order.currency)),
        "currency": order.currency,
        "state": dispute.state,
        "seller_answer": dispute.seller_answer,
        "offered": _amount(dispute.offered_minor, order),
        "answer_by": dispute.answer_by,
        "decide_by": dispute.decide_by,
        "appeal_by": dispute.appeal_by,
        "return_by": dispute.return_by,
        "outcome": dispute.outcome,
        "refund": _amount(dispute.refund_minor, order),
        "needs_return": dispute.needs_return,
        "words": dispute.words,
        "decided_at": dispute.decided_at,
        "appealed_by": dispute.appealed_by,
        "appeal_text": dispute.appeal_text,
        "evidence": [_evidence(piece, viewer) for piece in said],
        "actions": open_actions(dispute, reader),
        "created_at": dispute.created_at,
        "closed_at": dispute.closed_at,
    }


def open_actions(dispute: Dispute, reader: Side) -> list[str]:
    """What this side may do now, as far as the dispute itself tells."""
    buyer, state = reader == Side.BUYER, dispute.state
    found = []
    if state in (DisputeState.OPEN, DisputeState.UNDER_REVIEW, DisputeState.AWAITING_RETURN, DisputeState.APPEALED):
        found.append("evidence")
    if state == DisputeState.OPEN:
        found += ["escalate"] if dispute.seller_answer else []
        found += ["withdraw"] if buyer else ["answer"]
        found += ["settle"] if buyer and dispute.offered_minor is not None else []
    elif state == DisputeState.UNDER_REVIEW and buyer:
        found += ["withdraw", *(["settle"] if dispute.offered_minor is not None else [])]
    elif state == DisputeState.AWAITING_RETURN:
        found += ["send_back", "withdraw"] if buyer else ["confirm_return", "reject_return"]
    if state == DisputeState.DECIDED and may_appeal(dispute, reader):
        found += ["appeal", *([] if dispute.outcome == DisputeOutcome.PARTIAL else ["accept"])]
    if dispute.order.dispute_state == DisputeAxis.CHARGEBACK:  # while the bank decides nothing comes nearer to an end
        return [name for name in found if name in ("evidence", "withdraw", "send_back")]
    return found


def _evidence(piece: DisputeEvidence, viewer: User) -> dict[str, Any]:
    return {
        "id": piece.pk,
        "side": piece.side,
        "text": piece.text,
        "picture": private_picture(piece.picture, viewer=viewer) if piece.picture else None,
        "at": piece.at,
    }


def _amount(minor: int | None, order: Order) -> str | None:
    return None if minor is None else str(Money(minor, order.currency))


def shipments_of(order: Order) -> QuerySet[Shipment]:
    """Every parcel of an order, the newest first."""
    return Shipment.objects.filter(order=order).order_by("-id")


def shipment_shape(shipment: Shipment, *, reader: Side | str) -> dict[str, Any]:
    """A parcel as one side sees it. The label, which has the seller's address as well, is the seller's alone. No query."""
    return {
        "id": shipment.pk,
        "is_return": shipment.is_return,
        "adapter": shipment.adapter,
        "carrier": shipment.carrier,
        "service": shipment.service,
        "tracking_number": shipment.tracking_number,
        "tracking_url": shipment.tracking_url,
        "state": shipment.state,
        "has_label": reader == Side.SELLER and shipment.label_id is not None,
        "history": [{name: line[name] for name in ("at", "state", "place", "note")} for line in shipment.history],
        "booked_at": shipment.booked_at,
        "delivered_at": shipment.delivered_at,
    }
