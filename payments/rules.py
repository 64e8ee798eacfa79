"""The law of money: which fee fits a sale and what it comes to, whose part a refund is, who must agree."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from core.money import Money
from payments.errors import AmountMustBePositive, FeeTableHasNoEnd, RefundTooLarge, RefundTooLate
from payments.models import FeeAmounts, FeeRule, Payment, PaymentHold


@dataclass(frozen=True)
class Sale:
    """What a fee rule looks at. `category_ids`: the thing's category and all above it."""

    channel: str
    category_ids: Collection[int]
    seller_tier: str = ""
    seller_id: object | None = None


@dataclass(frozen=True)
class Fee:
    """A fee and how it came about; amounts in the sale's currency. `bound`: which limit decided, or none."""

    fee: Money
    percent: Decimal
    fixed: Money
    minimum: Money
    maximum: Money | None
    bound: str


def fits(rule: FeeRule, sale: Sale) -> bool:
    """Every condition that the rule names is met; an empty one fits all."""
    return (
        rule.channel in ("", sale.channel)
        and (rule.category_id is None or rule.category_id in sale.category_ids)
        and rule.seller_tier in ("", sale.seller_tier)
        and (rule.seller_id is None or rule.seller_id == sale.seller_id)
    )


def first_match(ordered: Sequence[FeeRule], sale: Sale) -> FeeRule | None:
    """The first active rule that fits; `ordered` by position."""
    return next((rule for rule in ordered if rule.is_active and fits(rule, sale)), None)


def fee_of(rule: FeeRule, price: Money) -> Fee:
    """What a sale at this price costs by a rule."""
    return fee_by(rule.percent, next((a for a in rule.amounts.all() if a.currency == price.currency), None), price)


def fee_by(percent: Decimal, amounts: FeeAmounts | None, price: Money) -> Fee:
    """Percent and fixed part, rounded half up once, then raised to the minimum or lowered to the maximum."""
    fixed = Money(amounts.fixed_minor if amounts else 0, price.currency)
    minimum = Money(amounts.minimum_minor if amounts else 0, price.currency)
    maximum = Money(amounts.maximum_minor, price.currency) if amounts and amounts.maximum_minor is not None else None
    fee, bound = price.percent(percent) + fixed, "none"
    if fee < minimum:
        fee, bound = minimum, "minimum"
    elif maximum is not None and maximum < fee:
        fee, bound = maximum, "maximum"
    return Fee(fee=fee, percent=percent, fixed=fixed, minimum=minimum, maximum=maximum, bound=bound)


def check_price(price: Money) -> None:
    """Raises AmountMustBePositive."""
    if price.minor <= 0:
        raise AmountMustBePositive


def check_table_ends(ordered: Sequence[FeeRule]) -> None:
    """Some active rule must fit every sale, or some sale would have no fee. Raises FeeTableHasNoEnd."""
    if not any(
        rule.is_active and not (rule.channel or rule.category_id or rule.seller_tier or rule.seller_id)
        for rule in ordered
    ):
        raise FeeTableHasNoEnd


@dataclass(frozen=True)
class HoldPart:
    """One payee's part of a payment: what is paid for it, what the platform adds, and what it keeps. All of one currency."""

    reference: str  # "order:…"
    payee_id: uuid.UUID
    amount: Money
    subsidy: Money
    commission: Money

    @property
    def share(self) -> Money:
        return self.amount + self.subsidy - self.commission


@dataclass(frozen=True)
class RefundParts:
    """Whose part is what, in minor units: the payer gets `amount`, the platform gives `commission` back and gets `subsidy`."""

    amount: int
    commission: int
    subsidy: int

    @property
    def from_seller(self) -> int:
        return self.amount + self.subsidy - self.commission


def largest_remainder(whole: int, weights: Sequence[int]) -> list[int]:
    """Split `whole` in proportion to the weights, so that the parts come to the whole exactly: who was cut most gets a unit first."""
    total = sum(weights)
    if not total:
        return [whole, *[0] * (len(weights) - 1)]
    parts = [whole * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % total), i))
    for i in by_remainder[: whole - sum(parts)]:
        parts[i] += 1
    return parts


def returned_at(refunded: int, *, amount: int, subsidy: int, commission: int) -> tuple[int, int]:
    """What of the subsidy and of the commission is back once `refunded` of `amount` is.

    Both follow from the sum alone, so it does not matter in how many refunds it was given, and all of it gives all of them.
    """
    of_subsidy = (2 * refunded * subsidy + amount) // (2 * amount)  # half up
    of_commission = largest_remainder(refunded + of_subsidy, [commission, amount + subsidy - commission])[0]
    return of_subsidy, of_commission


def refund_parts(hold: PaymentHold, amount: int) -> RefundParts:
    """The parts of giving `amount` minor units back, beside what was given back already."""
    subsidy, commission = returned_at(
        hold.refunded_minor + amount,
        amount=hold.amount_minor,
        subsidy=hold.subsidy_minor,
        commission=hold.commission_minor,
    )
    return RefundParts(
        amount=amount,
        commission=commission - hold.commission_returned_minor,
        subsidy=subsidy - hold.subsidy_returned_minor,
    )


def share_left(hold: PaymentHold) -> int:
    """What of the seller's share no refund has taken, in minor units."""
    return hold.share_minor - hold.refunded_minor - hold.subsidy_returned_minor + hold.commission_returned_minor


def check_refund(hold: PaymentHold, amount: Money) -> None:
    """Raises RefundTooLarge, AmountMustBePositive; TypeError for another currency."""
    if amount.minor <= 0:
        raise AmountMustBePositive(attr="amount")
    left = Money(hold.left_minor, hold.currency)
    if left < amount:
        raise RefundTooLarge(left=str(left), currency=left.currency)


def check_refund_in_time(payment: Payment, *, at: datetime) -> None:
    """Sellers refund within the window; staff and the system are not bound by it. Raises RefundTooLate."""
    window: timedelta = settings.PAYMENTS["refund_window"]
    if payment.captured_at and payment.captured_at + window < at:
        raise RefundTooLate(days=window.days)


def needs_second_person(amount: Money) -> bool:
    """Whether staff must not move this much alone."""
    return not amount < Money.parse(settings.PAYMENTS["approval_from"], amount.currency)


def reserve_of(share: int, percent: int) -> int:
    """What is kept back of a new seller's share, in minor units, half up."""
    return (share * percent * 2 + 100) // 200
