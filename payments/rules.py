"""The law of fees: which rule fits a sale, and what it comes to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.money import Money
from payments.errors import AmountMustBePositive, FeeTableHasNoEnd
from payments.models import FeeRule


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
    """Percent and fixed part, rounded half up once, then raised to the minimum or lowered to the maximum."""
    amounts = next((a for a in rule.amounts.all() if a.currency == price.currency), None)
    fixed = Money(amounts.fixed_minor if amounts else 0, price.currency)
    minimum = Money(amounts.minimum_minor if amounts else 0, price.currency)
    maximum = Money(amounts.maximum_minor, price.currency) if amounts and amounts.maximum_minor is not None else None
    fee, bound = price.percent(rule.percent) + fixed, "none"
    if fee < minimum:
        fee, bound = minimum, "minimum"
    elif maximum is not None and maximum < fee:
        fee, bound = maximum, "maximum"
    return Fee(fee=fee, percent=rule.percent, fixed=fixed, minimum=minimum, maximum=maximum, bound=bound)


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
