"""The law of haggling: pure decisions over loaded values. Amounts are compared in minor units; the time is passed in."""

import uuid
from datetime import datetime
from typing import Any

from accounts.models import User
from catalog.models import Product, ProductVariant
from catalog.states import ProductState
from core.money import Money
from offers import errors
from offers.models import Offer, OfferTerms
from offers.states import Ending, OfferKind, OfferState, Side

MESSAGE_LENGTH = 500  # the column holds no more
MAX_TURNS = 10  # ours: whoever has not agreed after five each will not
GONE = (ProductState.REMOVED, ProductState.EXPIRED, ProductState.REJECTED)


def asking_price(product: Product, variant: ProductVariant) -> Money:
    """What is asked now: the variant's own price, else the listing's."""
    return Money(variant.price_minor or product.price_minor or 0, product.currency)


def kind_of(*, amount: Money | None, trade_product_id: uuid.UUID | None) -> OfferKind:
    """What an offer of these parts is called. Raises NothingOffered."""
    if trade_product_id is None:
        if amount is None:
            raise errors.NothingOffered
        return OfferKind.CASH
    return OfferKind.TRADE if amount is None else OfferKind.MIXED


def check_parts(*, kind: str, amount: Money | None, trade_product_id: uuid.UUID | None) -> None:
    """An offer has the parts of its kind and no others. Raises NothingOffered, NoTradeNamed, NotInThisKind."""
    if kind in (OfferKind.CASH, OfferKind.MIXED) and amount is None:
        raise errors.NothingOffered
    if kind in (OfferKind.TRADE, OfferKind.MIXED) and trade_product_id is None:
        raise errors.NoTradeNamed
    if kind == OfferKind.TRADE and amount is not None:
        raise errors.NotInThisKind(attr="offered_price")
    if kind == OfferKind.CASH and trade_product_id is not None:
        raise errors.NotInThisKind(attr="trade_product_id")


def check_message(message: str) -> None:
    """Raises MessageTooLong."""
    if len(message) > MESSAGE_LENGTH:
        raise errors.MessageTooLong(limit=MESSAGE_LENGTH)


def check_amount(amount: Money, *, asked: Money, at: str) -> None:
    """Above zero and not above the asking price, in the listing's currency. `at`: the input field that said it.

    Raises:
        AmountNotPositive, AmountAboveAsked, WrongCurrency.
    """
    if amount.currency != asked.currency:
        raise errors.WrongCurrency(currency=asked.currency)
    if amount.minor <= 0:
        raise errors.AmountNotPositive(attr=at)
    if asked < amount:
        raise errors.AmountAboveAsked(attr=at, asked=str(asked), currency=asked.currency)


def check_above_fee(amount: Money, *, fee: Money, at: str) -> None:
    """Raises AmountNotAboveFee."""
    if amount <= fee:
        raise errors.AmountNotAboveFee(attr=at, amount=str(amount), fee=str(fee), currency=amount.currency)


def check_counter(
    *, by: str, amount: Money | None, trade_product_id: uuid.UUID | None, answered: Offer, at: str = "counter_price"
) -> None:
    """A counter moves towards the other: a seller's lies above what the buyer offers, a buyer's below what the seller asks.

    Where another thing is traded than before, amounts cannot be compared. No money at all counts as zero.

    Raises:
        CounterNotHigher, CounterNotLower, TooManyTurns.
    """
    if answered.turn >= MAX_TURNS:
        raise errors.TooManyTurns(limit=MAX_TURNS)
    if trade_product_id != answered.trade_product_id:
        return
    now, before = amount.minor if amount else 0, answered.amount_minor or 0
    told: dict[str, Any] = {"amount": str(Money(before, answered.currency)), "currency": answered.currency}
    if by == Side.SELLER and now <= before:
        raise errors.CounterNotHigher(attr=at, **told)
    if by == Side.BUYER and now >= before:
        raise errors.CounterNotLower(attr=at, **told)


def house_answer(terms: OfferTerms, *, kind: str, amount: Money | None, asked: Money) -> OfferState | None:
    """What the seller's terms answer to a buyer's turn at once: DECLINED, ACCEPTED, or None to wait for the seller.

    Only money can be weighed by percentages: trades always wait.
    """
    if kind != OfferKind.CASH or amount is None:
        return None
    if terms.floor_percent is not None and amount.minor * 100 < asked.minor * terms.floor_percent:
        return OfferState.DECLINED
    if terms.auto_accept_percent is not None and amount.minor * 100 >= asked.minor * terms.auto_accept_percent:
        return OfferState.ACCEPTED
    return None


def check_terms(*, floor_percent: int | None, auto_accept_percent: int | None) -> None:
    """Raises NotAPercentage, FloorAboveAcceptance."""
    for attr, value, limit in (("floor_percent", floor_percent, 99), ("auto_accept_percent", auto_accept_percent, 100)):
        if value is not None and not 1 <= value <= limit:
            raise errors.NotAPercentage(attr=attr, limit=limit)
    if floor_percent is not None and auto_accept_percent is not None and floor_percent >= auto_accept_percent:
        raise errors.FloorAboveAcceptance


def check_takes(terms: OfferTerms, *, kind: str) -> None:
    """Raises TakesNoOffers, TakesNoTrades."""
    if not terms.takes_offers:
        raise errors.TakesNoOffers
    if kind != OfferKind.CASH and not terms.takes_trades:
        raise errors.TakesNoTrades


def side_of(offer: Offer, person: User) -> Side:
    """On which side of the table a party sits. Raises OfferNotFound for everybody else."""
    if person.pk == offer.buyer_id:
        return Side.BUYER
    if person.pk == offer.seller_id:
        return Side.SELLER
    raise errors.OfferNotFound


def fate_of(product: Product) -> Ending | None:
    """Why nobody can have a listing any more; None for one that is there, reserved, or only off show for now."""
    if product.state == ProductState.SOLD:
        return Ending.SOLD
    if product.hidden_at is not None or product.state in GONE:
        return Ending.UNLISTED
    return None


def is_over_time(offer: Offer, *, at: datetime) -> bool:
    """Whether the clock of a waiting offer has run out, whether or not the sweep has come by. A stopped clock runs out never."""
    return offer.state == OfferState.PENDING and offer.stopped_at is None and offer.expires_at <= at


def check_waiting(offer: Offer) -> None:
    """Raises NoLongerWaiting."""
    if offer.state != OfferState.PENDING:
        raise errors.NoLongerWaiting(state=OfferState(offer.state).label)


def check_answers(offer: Offer, *, side: Side, at: datetime) -> None:
    """This side is to answer, and there is time. Raises NoLongerWaiting, NotYourTurn, TooLate."""
    check_waiting(offer)
    if side == offer.made_by:
        raise errors.NotYourTurn
    if is_over_time(offer, at=at):
        raise errors.TooLate


def check_price_stands(offer: Offer, *, asked: Money) -> None:
    """Nobody pays more than is asked now. Raises PriceFell."""
    if offer.amount_minor is not None and offer.amount_minor > asked.minor:
        raise errors.PriceFell(asked=str(asked), currency=asked.currency)
