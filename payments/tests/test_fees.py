"""The seeded fees, at every price that can be asked: computed here by whole numbers alone, in another way than the product does."""

from decimal import Decimal

import pytest

from core.money import Money
from payments.models import FeeRule
from payments.quotes import quote_fee
from payments.rules import fee_by, fee_of, returned_at

EVERY_PRICE = range(1, 1_000_001)  # fils
SEEDED = {"discover": (15, 5_00), "community": (5, 2_00)}  # percent, minimum in fils


def by_whole_numbers(price: int, percent: int, minimum: int) -> int:
    """Half up, once, then the minimum."""
    return max((price * percent * 2 + 100) // 200, minimum)


@pytest.mark.django_db
@pytest.mark.parametrize("channel", SEEDED)
def test_the_seeded_fee_is_right_at_every_price(channel):
    percent, minimum = SEEDED[channel]
    rule = FeeRule.objects.prefetch_related("amounts").get(
        channel=channel, category=None, seller=None, seller_tier="", is_active=True
    )
    assert rule.percent == Decimal(percent)
    # Where the minimum decides, and around every place at which the rounding steps, the product's own arithmetic; the steps repeat.
    period = 200 // percent * percent  # a multiple of every step
    near = {*range(1, 10_001), *range(999_000, 1_000_001), *range(1, 1_000_001, period + 1)}
    wrong = [
        price
        for price in near
        if fee_of(rule, Money(price, "AED")).fee.minor != by_whole_numbers(price, percent, minimum)
    ]
    assert wrong == []


@pytest.mark.full
@pytest.mark.django_db
@pytest.mark.parametrize("channel", SEEDED)
def test_the_products_own_arithmetic_at_every_price(channel):
    percent, minimum = SEEDED[channel]
    rule = FeeRule.objects.get(channel=channel, category=None, seller=None, seller_tier="", is_active=True)
    amounts = rule.amounts.get(currency="AED")  # `fee_of` looks for them each time, which the test above has seen
    for price in EVERY_PRICE:
        assert fee_by(rule.percent, amounts, Money(price, "AED")).fee.minor == by_whole_numbers(price, percent, minimum)


@pytest.mark.parametrize(
    "prices", [pytest.param(EVERY_PRICE, marks=pytest.mark.full), range(1, 50_001)], ids=["all", "some"]
)
@pytest.mark.parametrize("channel", SEEDED)
def test_whatever_was_given_back_at_every_price_everybody_has_their_own_back(channel, prices):
    percent, minimum = SEEDED[channel]
    for price in prices:
        fee = by_whole_numbers(price, percent, minimum)
        if fee >= price:
            continue  # nothing so cheap is sold
        half = price // 2
        _subsidy, first = returned_at(half, amount=price, subsidy=0, commission=fee)
        _subsidy, whole = returned_at(price, amount=price, subsidy=0, commission=fee)
        if not (whole == fee and 0 <= first <= fee and 0 <= half - first <= price - fee):
            pytest.fail(f"{price}: {first} of {fee}")


@pytest.mark.django_db
def test_the_price_of_the_specification():
    quote = quote_fee(price=Money(299_00, "AED"), channel="discover", category=None, seller=None)
    assert (quote.fee.minor, quote.payout.minor) == (44_85, 254_15)


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["14.99", "15.01"])
def test_control_another_percentage_is_found(wrong):
    percent, minimum = SEEDED["discover"]
    rule = FeeRule.objects.get(channel="discover", category=None, seller=None, seller_tier="", is_active=True)
    amounts = rule.amounts.get(currency="AED")
    found = [
        price
        for price in range(1, 50_001)
        if fee_by(Decimal(wrong), amounts, Money(price, "AED")).fee.minor != by_whole_numbers(price, percent, minimum)
    ]
    assert found
