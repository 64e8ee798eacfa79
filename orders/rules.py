"""The law of buying: pure decisions over loaded values. Amounts are minor units of one currency; the time is passed in."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import may_act_for
from catalog.models import ProductVariant
from catalog.rules import CURRENCIES
from catalog.states import ProductState
from core.amounts import amount_words, currency_words
from core.money import EXPONENTS, Money
from orders import errors
from orders.errors import NotYourSideOfIt, OrderNotFound
from orders.models import Checkout, DeliveryTerms, Dispute, Order, Voucher
from orders.states import (
    CancelledBecause,
    Change,
    Delivery,
    DisputeAxis,
    DisputeOutcome,
    FulfilmentAxis,
    OrderState,
    PayBy,
    PaymentAxis,
    Side,
    VoucherKind,
)

NOTE_LENGTH = 300  # the column holds no more
MAX_PIECES = 99  # ours: of one thing in one order
SMALLEST_CHARGE = 2  # in whole units: the provider takes no less

SCOPE = "orders"  # what a member of a seller's team needs to act on their orders
BEFORE_DISPATCH = (FulfilmentAxis.WAITING, FulfilmentAxis.PREPARING, FulfilmentAxis.READY)
MAY_BE_CALLED_OFF = (*BEFORE_DISPATCH, FulfilmentAxis.MISSED)  # nothing is on its way, or it did not arrive


# --- names under which others keep things for us ----------------------------------------------------------------------


def checkout_reference(checkout: Checkout | uuid.UUID) -> str:
    """The name of its payment."""
    return f"checkout:{checkout.pk if isinstance(checkout, Checkout) else checkout}"


def reference_of(order: Order | uuid.UUID) -> str:
    """The name of the order's part of the payment."""
    return f"order:{order.pk if isinstance(order, Order) else order}"


def stock_reference(order: Order) -> str:
    """The name under which catalog sets its things aside: that of the offer it came from, where there is one."""
    return order.source_reference or reference_of(order)


def id_in(reference: str, kind: str) -> uuid.UUID | None:
    """The key in a reference of this kind ("order", "checkout"); None where it names something else."""
    named, _, key = reference.partition(":")
    if named != kind:
        return None
    try:
        return uuid.UUID(key)
    except ValueError:
        return None


# --- whose it is ------------------------------------------------------------------------------------------------------


def side_of(order: Order, person: User) -> Side:
    """On which side a party stands; whoever acts in the seller's name stands there. Raises OrderNotFound for everybody else."""
    if person.pk == order.buyer_id:
        return Side.BUYER
    if may_act_for(actor=person, seller=order.seller, scope=SCOPE):
        return Side.SELLER
    raise OrderNotFound


def check_side(order: Order, person: User, side: Side) -> None:
    """Raises OrderNotFound (a stranger), NotYourSideOfIt (the other of the two)."""
    if side_of(order, person) != side:
        raise NotYourSideOfIt


# --- clocks -----------------------------------------------------------------------------------------------------------


def inspection_hours(*, is_luxury: bool) -> int:
    """How long a buyer has to look at what came, frozen on the order when it is bought."""
    span: timedelta = settings.ORDERS["luxury_inspection" if is_luxury else "inspection"]
    return int(span.total_seconds() // 3600)


def dispatch_due(confirmed_at: datetime) -> datetime:
    """Not sent or handed over by then: the buyer gets the money back."""
    due: datetime = confirmed_at + settings.ORDERS["dispatch_window"]
    return due


# --- what may be done -------------------------------------------------------------------------------------------------


def may_cancel(order: Order, side: Side) -> bool:
    """Before anything is on its way, either side may still call it off; what is not paid only its buyer."""
    if order.state == OrderState.AWAITING_PAYMENT:
        return side != Side.SELLER
    return order.state == OrderState.CONFIRMED and order.fulfilment_state in BEFORE_DISPATCH


def because_of(side: Side) -> CancelledBecause:
    """What a cancellation by this side is called."""
    return {
        Side.BUYER: CancelledBecause.BUYER,
        Side.SELLER: CancelledBecause.SELLER,
        Side.STAFF: CancelledBecause.STAFF,
        Side.SYSTEM: CancelledBecause.LATE,
    }[side]


def check_note(note: str) -> None:
    """Raises NoteTooLong."""
    if len(note) > NOTE_LENGTH:
        raise errors.NoteTooLong(limit=NOTE_LENGTH)


def check_pieces(quantity: int) -> None:
    """Raises TooManyPieces."""
    if not 0 < quantity <= MAX_PIECES:
        raise errors.TooManyPieces(limit=MAX_PIECES)


def check_way(*, pay_by: str, delivery: str, has_address: bool) -> None:
    """Cash only from hand to hand, and a carrier wants an address. Raises NotInCash, AddressNeeded."""
    if delivery == Delivery.SHIP:
        if pay_by == PayBy.CASH:
            raise errors.NotInCash
        if not has_address:
            raise errors.AddressNeeded


def obstacle(
    *,
    person_id: uuid.UUID | None,
    variant: ProductVariant,
    quantity: int,
    available: int,
    blocked: Collection[uuid.UUID] = frozenset(),
) -> Change | None:
    """Why somebody cannot buy so many of a variant now, whose listing and seller are loaded; None where they can.

    A block, a suspension and a listing that is gone look the same: nobody is told which it was.
    """
    product, seller = variant.product, variant.product.seller
    if seller.pk == person_id:
        return Change.OWN
    away = not seller.is_active or seller.suspended_at or seller.listings_hidden_at or seller.pk in blocked
    if away or product.hidden_at is not None or not variant.is_active:
        return Change.GONE
    all_set_aside = available <= 0 and variant.stock > 0
    if product.state == ProductState.RESERVED or (product.state == ProductState.ACTIVE and all_set_aside):
        return Change.RESERVED
    if product.state != ProductState.ACTIVE or available <= 0:
        return Change.GONE
    return Change.FEWER if quantity > available else None


# --- amounts ----------------------------------------------------------------------------------------------------------


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount in proportion, by largest remainder: the parts are whole minor units, add up, and none is above its weight
    where the amount is not above all weights together.
    """
    total = sum(weights)
    if total <= 0:
        return [0 for _ in weights]
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(amount * weights[n] % total), n))
    for n in by_remainder[: amount - sum(parts)]:
        parts[n] += 1
    return parts


def worth(voucher: Voucher, base: int) -> int:
    """What a voucher takes off an amount of minor units: never more than its cap, nor all of the amount."""
    if voucher.kind == VoucherKind.PERCENT:
        share = Decimal(base) * Decimal(str(voucher.percent)) / 100
        off = int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    else:
        off = voucher.amount_minor or 0
    if voucher.cap_minor is not None:
        off = min(off, voucher.cap_minor)
    return max(0, min(off, base - smallest_charge(voucher.currency)))


def smallest_charge(currency: str) -> int:
    """What is left to pay at least, in minor units: a payment of nothing cannot be held."""
    return SMALLEST_CHARGE * int(10 ** EXPONENTS[currency])


def delivery_price(terms: DeliveryTerms | None, *, delivery: str, base: int, currency: str) -> int:
    """What bringing one order to its buyer costs: nothing from hand to hand, nor from a certain sum of its things on.

    `base`: the things less the shop's own voucher. A sale in another currency than the terms' has no price for a parcel: it is in the
    price of the things, as without terms.
    """
    if delivery != Delivery.SHIP or terms is None or terms.currency != currency:
        return 0
    is_free = terms.free_from_minor is not None and base >= terms.free_from_minor
    return 0 if is_free else terms.parcel_minor


def check_ships(terms: DeliveryTerms | None, seller: User, *, delivery: str) -> None:
    """Raises SellerDoesNotShip, naming the seller."""
    if delivery == Delivery.SHIP and terms is not None and not terms.ships:
        raise errors.SellerDoesNotShip(seller=seller.username, name=seller.display_name)


def check_delivery_terms(parcel: Money, free_from: Money | None) -> None:
    """What a seller says of parcels fits together. Raises NotDeliveryTerms, naming the field."""
    most = Money.parse(settings.ORDERS["parcel_at_most"], parcel.currency)
    dearest = _("A parcel costs {currency} {most} at most.").format(
        currency=currency_words(most.currency), most=amount_words(most)
    )
    wrong: dict[str, tuple[bool, str]] = {
        "currency": (parcel.currency not in CURRENCIES, _("We do not trade in this currency.")),
        "parcel": (not 0 <= parcel.minor <= most.minor, dearest),
        "free_from": (
            free_from is not None and (free_from.currency != parcel.currency or free_from.minor <= 0),
            _("An amount is above zero."),
        ),
    }
    for attr, (is_wrong, why) in wrong.items():
        if is_wrong:
            raise errors.NotDeliveryTerms(attr=attr, why=why)


def check_voucher(voucher: Voucher, *, base: int, currency: str, at: datetime) -> None:
    """It is in force, in this currency, and the amount it counts for is enough.

    Raises:
        VoucherNotNow, VoucherElsewhere, VoucherBelowMinimum.
    """
    if not voucher.is_active or voucher.starts_at > at or (voucher.ends_at is not None and voucher.ends_at <= at):
        raise errors.VoucherNotNow(code=voucher.code)
    if voucher.currency != currency:
        raise errors.VoucherElsewhere(code=voucher.code)
    least = max(voucher.minimum_minor, smallest_charge(currency) + 1)
    if base < least:
        raise errors.VoucherBelowMinimum(code=voucher.code, minimum=str(Money(least, currency)), currency=currency)


def check_voucher_terms(voucher: Voucher) -> None:
    """What a voucher says fits together. Raises NotAVoucher, naming the field."""
    percent = voucher.percent
    wrong: dict[str, tuple[bool, Any]] = {
        "percent": (
            voucher.kind == VoucherKind.PERCENT and (percent is None or not 0 < Decimal(str(percent)) <= 100),
            _("A percentage is above 0 and at most 100."),
        ),
        "amount": (
            voucher.kind == VoucherKind.FIXED and not (voucher.amount_minor or 0) > 0,
            _("An amount is above zero."),
        ),
        "currency": (voucher.currency not in CURRENCIES, _("We do not trade in this currency.")),
        "minimum": (voucher.minimum_minor < 0, _("An amount is not below zero.")),
        "cap": (voucher.cap_minor is not None and voucher.cap_minor <= 0, _("An amount is above zero.")),
        "total_limit": (
            voucher.total_limit is not None and voucher.total_limit < max(1, voucher.used),
            _("It was used more often than this."),
        ),
        "person_limit": (voucher.person_limit < 1, _("Everybody uses it once at least.")),
        "ends_at": (
            voucher.ends_at is not None and voucher.ends_at <= voucher.starts_at,
            _("It ends after it begins."),
        ),
    }
    for attr, (is_wrong, why) in wrong.items():
        if is_wrong:
            raise errors.NotAVoucher(attr=attr, why=str(why))


# --- after it was paid ------------------------------------------------------------------------------------------------

HANDED_BY_CODE = (*BEFORE_DISPATCH, FulfilmentAxis.DISPATCHED, FulfilmentAxis.MISSED)
WITH_THE_BUYER = (FulfilmentAxis.DELIVERED, FulfilmentAxis.HANDED_OVER)
PROMISE_KEPT_FOR = timedelta(days=1)  # after a meeting that was agreed, to enter the code or to say that nobody came
LATE_AFTER = timedelta(minutes=30)  # somebody who is not there by then did not come
DISPUTE_PICTURES = 6  # of one side, at once


def check_confirmed(order: Order) -> None:
    """Raises NotConfirmed."""
    if order.state != OrderState.CONFIRMED:
        raise errors.NotConfirmed(state=order.get_state_display())


def check_undisputed(order: Order) -> None:
    """Raises InDispute."""
    if order.dispute_state in (DisputeAxis.OPEN, DisputeAxis.CHARGEBACK):
        raise errors.InDispute


def takes_code(order: Order) -> bool:
    """Whether a code proves the hand-over. Not where a carrier brings what was paid by card: a code would pay the seller too soon."""
    return order.delivery == Delivery.MEET or order.pay_by == PayBy.CASH


def check_takes_code(order: Order) -> None:
    """Raises NotConfirmed, InDispute, NoCodeForThis."""
    check_confirmed(order)
    check_undisputed(order)
    if not takes_code(order) or order.fulfilment_state not in HANDED_BY_CODE:
        raise errors.NoCodeForThis


def latest_meeting(order: Order) -> datetime:
    """No meeting is later: a promise may move the seller's deadline, and not for ever."""
    since = order.confirmed_at or order.created_at
    latest: datetime = since + settings.ORDERS["dispatch_window"] + settings.ORDERS["meeting_window"]
    return latest


def check_meeting_time(order: Order, starts_at: datetime, *, at: datetime) -> None:
    """Raises MeetingTimeOver, MeetingTooFar."""
    if starts_at <= at:
        raise errors.MeetingTimeOver
    if starts_at > latest_meeting(order):
        raise errors.MeetingTooFar(latest=latest_meeting(order).isoformat(timespec="minutes"))


REMIND_OF_CASH_BEFORE = timedelta(days=2)  # the end of the buyer's time to say whether they have it back


def cash_back_waits(order: Order) -> bool:
    """Whether a word of the buyer is waited for: the seller says that the cash is back, or owes it by a decision."""
    if order.cash_owed_minor > 0:
        return order.cash_owed_unpaid_at is None
    return order.payment_state == PaymentAxis.CASH_PAID and order.cash_back_said_at is not None


def cash_back_answer_by(order: Order) -> datetime | None:
    """Until when the buyer says whether the cash is back; None where the seller neither said so nor owes it."""
    owes = order.cash_owed_minor > 0 and order.cash_owed_unpaid_at is None
    since = order.cash_back_said_at or (order.cash_owed_at if owes else None)
    return None if since is None else since + settings.ORDERS["cash_back_window"]


def cash_dispute_until(order: Order) -> datetime | None:
    """How long after the hand-over the buyer of a cash sale may report a problem: as long as others have to look at what came."""
    if order.completed_at is None:
        return None
    return order.completed_at + timedelta(hours=inspection_hours(is_luxury=order.is_luxury))


def left_of(order: Order) -> Money:
    """What the buyer paid and has not got back, delivery with it: who gets all back, after a return too, gets this."""
    return Money(order.total_minor - order.refunded_minor, order.currency)


def check_may_dispute(order: Order, *, at: datetime) -> None:
    """A buyer may report a problem once it is on its way, and for some time after all was settled. What was paid in cash they may look
    at for as long after the hand-over; of a trade there is no money to decide about.

    Raises:
        NothingHeld, InDispute, CancelInstead, TooLateToDispute, NotConfirmed.
    """
    if order.pay_by == PayBy.NOTHING:
        raise errors.NothingHeld
    check_undisputed(order)
    if order.state not in (OrderState.CONFIRMED, OrderState.COMPLETED):
        raise errors.NotConfirmed(state=order.get_state_display())
    if order.state == OrderState.CONFIRMED and order.fulfilment_state in BEFORE_DISPATCH:
        raise errors.CancelInstead
    if order.pay_by == PayBy.CASH:
        if order.state == OrderState.CONFIRMED:  # missed, or not handed over yet
            raise errors.CancelInstead
        until = cash_dispute_until(order)
        is_late = until is None or at > until
    else:
        window = settings.PAYMENTS["refund_window"]
        is_late = order.state == OrderState.COMPLETED and at > (order.confirmed_at or order.created_at) + window
    if is_late or left_of(order).minor <= 0:
        raise errors.TooLateToDispute


def check_dispute_amount(order: Order, amount: Money) -> None:
    """Raises DisputeAmount."""
    most = left_of(order)
    if amount.currency != order.currency or not 0 < amount.minor <= most.minor:
        raise errors.DisputeAmount(most=f"{most.currency} {most}")


def check_not_with_bank(order: Order) -> None:
    """Raises WithTheBank."""
    if order.dispute_state == DisputeAxis.CHARGEBACK:
        raise errors.WithTheBank


def check_dispute_in(dispute: Dispute, *states: str) -> None:
    """Raises DisputeClosedAlready."""
    if dispute.state not in states:
        raise errors.DisputeClosedAlready(state=dispute.get_state_display())


def may_appeal(dispute: Dispute, side: Side) -> bool:
    """Who did not get all that they wanted; once, and only against what our staff decided."""
    if dispute.decided_by_id is None or dispute.first_decided_by_id is not None:
        return False
    lost = {DisputeOutcome.FULL: (Side.SELLER,), DisputeOutcome.NONE: (Side.BUYER,)}
    if dispute.outcome == DisputeOutcome.PARTIAL:
        return side in (Side.BUYER, Side.SELLER)
    return side in lost.get(DisputeOutcome(dispute.outcome), ())
