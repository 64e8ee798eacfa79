"""The hand-over code: the buyer shows it when they have the thing in their hands, the seller enters it and is paid."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.states import move
from orders import proofs
from orders.actions.completing import arrive, complete
from orders.actions.locks import lock_own_order
from orders.actions.timeline import note_event
from orders.errors import HandoverLocked, WrongHandoverCode
from orders.models import HandoverCode, Meeting, Order
from orders.rules import check_takes_code
from orders.states import MEETING_MOVES, FulfilmentAxis, MeetingState, OrderState, Side

LOCKED_FOR = timedelta(minutes=15)


@transaction.atomic
def show_handover_code(*, buyer: User, order_id: uuid.UUID) -> str:
    """The six digits that the seller needs. The same ones whenever they are asked for.

    Raises:
        OrderNotFound, NotYourSideOfIt, NotConfirmed, InDispute, NoCodeForThis.
    """
    order, _side = lock_own_order(person=buyer, order_id=order_id, side=Side.BUYER)
    check_takes_code(order)
    return proofs.handover_code(order.pk, _code_row(order).nonce)


def hand_over(*, seller: User, order_id: uuid.UUID, code: str) -> Order:
    """The seller has the buyer's code: what was bought is handed over, the seller is paid, the order complete. Again is the same
    answer.

    In a cash sale its stock is sold, it counts as paid, and the commission becomes a debt of the seller; in a trade both things are
    sold. Call it outside of transactions: a wrong code must stay counted. Locks the order, listings, ledger balances. Publishes
    OrderDelivered, OrderCompleted.

    Raises:
        OrderNotFound, NotYourSideOfIt, NotConfirmed, InDispute, NoCodeForThis.
        WrongHandoverCode, HandoverLocked: after five of them.
    """
    refusal, order = _try(seller=seller, order_id=order_id, code=code, at=timezone.now())
    if refusal is not None:
        raise refusal
    return order


@transaction.atomic
def _try(
    *, seller: User, order_id: uuid.UUID, code: str, at: datetime
) -> tuple[WrongHandoverCode | HandoverLocked | None, Order]:
    order, _side = lock_own_order(person=seller, order_id=order_id, side=Side.SELLER)
    if order.state == OrderState.COMPLETED and order.fulfilment_state == FulfilmentAxis.HANDED_OVER:
        return None, order
    check_takes_code(order)
    row = _code_row(order)
    if row.locked_until and row.locked_until > at:
        return _locked(row.locked_until, at), order
    if not proofs.code_matches(order.pk, row.nonce, code):
        return _wrong(order, row, at=at), order
    row.used_at, row.locked_until = at, None
    row.save(update_fields=["used_at", "locked_until"])
    keep_meeting(order)
    arrive(order, FulfilmentAxis.HANDED_OVER, kind="handed_over", side=Side.SELLER, at=at, actor=seller)
    complete(order, side=Side.SELLER, at=at, actor=seller)
    return None, order


def _wrong(order: Order, row: HandoverCode, *, at: datetime) -> WrongHandoverCode | HandoverLocked:
    row.tries += 1
    left = proofs.MAX_TRIES - row.tries
    if left <= 0:
        row.tries, row.locked_until = 0, at + LOCKED_FOR
    row.save(update_fields=["tries", "locked_until"])
    note_event(order, "wrong_code", Side.SELLER)
    return _locked(at + LOCKED_FOR, at) if left <= 0 else WrongHandoverCode(left=left)


def _locked(until: datetime, at: datetime) -> HandoverLocked:
    seconds = int((until - at).total_seconds()) + 1
    return HandoverLocked(retry_after=seconds, minutes=-(-seconds // 60))


def _code_row(order: Order) -> HandoverCode:
    """Under the order's lock, so that two who ask at once get the same."""
    row, _is_new = HandoverCode.objects.get_or_create(order=order, defaults={"nonce": proofs.new_nonce()})
    return row


def keep_meeting(order: Order) -> None:
    """The two met, whatever they had agreed on."""
    met = (MeetingState.PROPOSED, MeetingState.AGREED)
    open_one = Meeting.objects.select_for_update(of=("self",)).filter(order=order, state__in=met).first()
    if open_one is not None:
        move(open_one, MeetingState.KEPT, MEETING_MOVES)
