"""Questions that the catalogue asks and a higher app answers."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.money import Money

if TYPE_CHECKING:
    from accounts.models import User
    from catalog.models import Category


@dataclass(frozen=True)
class FeeQuote:
    """What selling at a price costs, and by which rule."""

    price: Money
    fee: Money
    payout: Money
    rule: str  # the rule's name, for people
    explanation: dict[str, Any]  # rule id, percent, fixed, which of minimum and maximum applied


@dataclass(frozen=True)
class FeeAsked:
    """A sale whose fee is asked for."""

    price: Money
    channel: str  # community, discover or live
    category_ids: frozenset[int]  # its category and all above it; empty: none
    seller: "User | None"


QuoteFee = Callable[
    ..., FeeQuote
]  # (price=Money, channel=str, category=Category | None, seller=User | None) -> FeeQuote
QuoteFees = Callable[[Sequence[FeeAsked]], list[FeeQuote]]
_quote_fee: QuoteFee | None = None
_quote_fees: QuoteFees | None = None


def register_quote_fee(answer: QuoteFee, *, many: QuoteFees) -> None:
    """Payments calls this when the apps are ready."""
    global _quote_fee, _quote_fees
    _quote_fee, _quote_fees = answer, many


def quote_fees(asked: Sequence[FeeAsked]) -> list[FeeQuote]:
    """What the platform keeps of each of these sales, by one look at the table."""
    if _quote_fees is None:
        msg = "payments has not registered quote_fees"
        raise RuntimeError(msg)
    return _quote_fees(asked)


def quote_fee(*, price: Money, channel: str, category: "Category | None", seller: "User | None") -> FeeQuote:
    """What the platform keeps of a sale at `price` (channel: community, discover or live)."""
    if _quote_fee is None:
        msg = "payments has not registered quote_fee"
        raise RuntimeError(msg)
    return _quote_fee(price=price, channel=channel, category=category, seller=seller)


@dataclass(frozen=True)
class ParcelOffer:
    """What having a seller's things sent costs; `free_from`: of so much on, nothing. All of one currency."""

    ships: bool
    price: Money
    free_from: Money | None = None

    def for_things(self, worth: Money) -> "ParcelOffer":
        """The same where things of this worth are sent alone."""
        is_free = self.free_from is not None and self.free_from <= worth
        return replace(self, price=Money(0, worth.currency), free_from=None) if is_free else self


ParcelTerms = Callable[..., ParcelOffer]  # (seller_id=UUID, currency=str) -> ParcelOffer
_parcel_offer: ParcelTerms | None = None


def register_parcel_offer(answer: ParcelTerms) -> None:
    """Orders calls this when the apps are ready."""
    global _parcel_offer  # noqa: PLW0603 - a port has one answerer
    _parcel_offer = answer


def parcel_offer(*, seller_id: uuid.UUID, currency: str) -> ParcelOffer:
    """What a listing's page says of parcels. One query."""
    if _parcel_offer is None:
        msg = "orders has not registered parcel_offer"
        raise RuntimeError(msg)
    return _parcel_offer(seller_id=seller_id, currency=currency)
