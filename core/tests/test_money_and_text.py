from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.currencies import EXPONENTS
from core.money import Money, NotAnAmount, UnknownCurrency
from core.text import fold


@given(st.integers(-(10**12), 10**12), st.sampled_from(sorted(EXPONENTS)))
def test_an_amount_survives_the_wire(minor, currency):
    money = Money(minor, currency)
    assert Money.parse(str(money), currency) == money


@pytest.mark.parametrize("text", ["abc", "", "1.234", "NaN", "Infinity", "1e40"])
def test_refuses_what_is_no_amount(text):
    with pytest.raises(NotAnAmount):
        Money.parse(text, "AED")


def test_refuses_a_currency_we_do_not_trade_in():
    with pytest.raises(UnknownCurrency):
        Money.parse("1", "XXX")


def test_currencies_do_not_mix():
    with pytest.raises(TypeError):
        Money(1, "AED") + Money(1, "USD")


@pytest.mark.parametrize(("minor", "percent", "share"), [(101, "5", 5), (110, "5", 6), (1, "50", 1), (333, "12.5", 42)])
def test_a_percentage_is_rounded_half_up_once(minor, percent, share):
    assert Money(minor, "AED").percent(Decimal(percent)).minor == share


def test_three_digits_after_the_point_for_kuwait():
    assert str(Money(1234, "KWD")) == "1.234"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("أحمد", "احمد"),
        ("مَدرَسَة", "مدرسه"),
        ("مـــرسى", "مرسي"),
        ("آيفون ١٥", "ايفون 15"),
        ("Café  CRÈME", "cafe creme"),
        ("کتاب", "كتاب"),
    ],
)
def test_spelling_variants_fold_together(one, other):
    assert fold(one) == fold(other)
