"""The law of money: which fee fits a sale and what it comes to, whose part a refund is, who must agree."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import User
from core.money import Money
from payments.errors import (
    AmountMustBePositive,
    FeeTableHasNoEnd,
    InstantNotOffered,
    MinimumPayoutTooHigh,
    NotEnoughToPayOut,
    NotReadyForPayouts,
    OwnMoney,
    PayoutsFrozen,
    PayoutTooSmall,
    RefundTooLarge,
    RefundTooLate,
)
from payments.models import FeeAmounts, FeeRule, Payment, PaymentHold, SellerAccount
from payments.states import Schedule

DUBAI = ZoneInfo("Asia/Dubai")  # weeks and months of payouts begin there


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


def needs_second_person(amount: Money, *, lately: int = 0) -> bool:
    """Whether staff must not move this much alone. `lately`: minor units that went the same way without a second person."""
    return not Money(amount.minor + lately, amount.currency) < Money.parse(
        settings.PAYMENTS["approval_from"], amount.currency
    )


def check_not_own(staff: User, *parties: uuid.UUID) -> None:
    """Raises OwnMoney: one of the parties is the colleague."""
    if staff.pk in parties:
        raise OwnMoney


def reserve_of(share: int, percent: int) -> int:
    """What is kept back of a new seller's share, in minor units, half up."""
    return (share * percent * 2 + 100) // 200


@dataclass(frozen=True)
class SellerBalance:
    """A seller's money with us. What is owed = available + reserved + the released part of pending - debt."""

    pending: Money  # held for orders, or released and not settled yet, or frozen
    available: Money  # can be paid out now
    reserved: Money  # kept back of a new seller's first sales, for a while
    on_the_way: Money  # to the bank
    debt: Money  # owed to us: refunds and commission that earnings have not covered yet
    total_earnings: Money  # what was earned in all, after refunds and commission
    next_payout_on: date | None = None
    schedule: str = Schedule.WEEKLY


def split_balance(
    currency: str, *, owed: int, held: int, unsettled: int, reserved: int, on_the_way: int, paid: int
) -> SellerBalance:
    """What of the ledger's sum is free, in minor units. `owed` below zero is a debt; it is covered before anything is available."""
    have = max(owed, 0)
    waits = min(unsettled, have)
    kept = min(reserved, have - waits)
    return SellerBalance(
        pending=Money(held + waits, currency),
        available=Money(have - waits - kept, currency),
        reserved=Money(kept, currency),
        on_the_way=Money(on_the_way, currency),
        debt=Money(max(-owed, 0), currency),
        total_earnings=Money(max(owed + on_the_way + paid, 0), currency),
    )


def payout_fee(amount: Money, method: str) -> Money:
    """What a payout costs its seller: nothing, or for an instant one its percentage of the whole, half up."""
    return amount.percent(Decimal(settings.PAYMENTS["instant_percent"] if method == "instant" else 0))


def smallest_payout(account: SellerAccount | None, currency: str) -> Money:
    """The platform's minimum, which a seller may raise for themselves, within bounds."""
    least = Money.parse(settings.PAYMENTS["minimum_payout"], currency)
    own = account.minimum_minor if account else None
    return least if own is None else Money(max(min(own, highest_minimum(currency).minor), least.minor), currency)


def highest_minimum(currency: str) -> Money:
    """How far a seller may raise the smallest payout."""
    return Money.parse(settings.PAYMENTS["minimum_payout_at_most"], currency)


def check_minimum(minimum: Money) -> None:
    """Raises MinimumPayoutTooHigh. One below the platform's is no fault: that counts then."""
    most = highest_minimum(minimum.currency)
    if most < minimum:
        raise MinimumPayoutTooHigh(most=str(most), currency=most.currency)


def is_payable(account: SellerAccount) -> bool:
    """Whether the provider can take this seller's money to a bank, and we let it."""
    return bool(
        account.provider_id
        and account.payouts_enabled
        and account.transfers_active
        and account.frozen_at is None
        and account.deauthorized_at is None
    )


def check_payable(account: SellerAccount) -> None:
    """Raises PayoutsFrozen, NotReadyForPayouts."""
    if account.frozen_at:
        raise PayoutsFrozen
    if not is_payable(account):
        raise NotReadyForPayouts


def check_payout(account: SellerAccount, amount: Money, *, method: str, minimum: Money) -> None:
    """What reaches the bank is at least the minimum. Raises InstantNotOffered, NotEnoughToPayOut, PayoutTooSmall."""
    if method == "instant" and not account.takes_instant:
        raise InstantNotOffered
    if amount.minor <= 0:
        raise NotEnoughToPayOut
    if amount - payout_fee(amount, method) < minimum:
        raise PayoutTooSmall(minimum=str(minimum), currency=minimum.currency)


def period_of(schedule: str, at: datetime) -> str:
    """The name of the span in which a schedule pays once: a week, a month, for instant ones an hour. By the calendar of Dubai."""
    there = at.astimezone(DUBAI)
    if schedule == Schedule.MONTHLY:
        return f"{there:%Y-%m}"
    if schedule == Schedule.INSTANT:
        return f"{there:%Y-%m-%dT%H}"
    year, week, _day = there.isocalendar()
    return f"{year}-W{week:02}"


def next_payout_on(schedule: str, at: datetime, *, is_paid: bool) -> date:
    """The day of the next payout, if there is something to pay by then. `is_paid`: this period's was made."""
    today = at.astimezone(DUBAI).date()
    if schedule == Schedule.INSTANT or not is_paid:
        return today + timedelta(days=1)  # payouts run every day
    if schedule == Schedule.MONTHLY:
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return today + timedelta(days=7 - today.weekday())
