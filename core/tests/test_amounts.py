import pytest
from django.utils import translation

from core.amounts import amount_words, as_read, facts_as_read, money_words
from core.errors import Refusal
from core.money import Money


class TooDear(Refusal):
    code = "test.too_dear"
    detail = "At most {left} {currency}."


class TooCheap(Refusal):
    code = "test.too_cheap"
    detail = "At least {least}."


@pytest.mark.parametrize(
    ("minor", "currency", "english", "arabic"),
    [
        (3_000_00, "AED", "AED 3,000", "3,000 د.إ."),
        (12_50, "AED", "AED 12.50", "12.50 د.إ."),
        (0, "EGP", "EGP 0", "0 ج.م."),
        (1_250, "KWD", "KWD 1.250", "1.250 د.ك."),
        (-5_00, "AED", "AED -5", "-5 د.إ."),
    ],
)
def test_an_amount_stands_before_its_currency_in_arabic_and_after_it_in_english(minor, currency, english, arabic):
    money = Money(minor, currency)
    with translation.override("en"):
        assert money_words(money) == english
        assert as_read(f"{currency} {money}") == english
    with translation.override("ar"):
        assert money_words(money) == arabic
        assert as_read(f"{currency} {money}") == as_read(f"{money} {currency}") == arabic


def test_the_number_alone_has_no_fils_that_are_none():
    assert [amount_words(Money(minor, "AED")) for minor in (5, 100, 1_234_560)] == ["0.05", "1", "12,345.60"]


@pytest.mark.parametrize("fact", ["BMW 320", "AED", "300", "12.50", "AED 3,000 or so", "", 7, None, ["AED 1.00"]])
def test_what_is_no_amount_stays_as_it_is(fact):
    with translation.override("ar"):
        assert as_read(fact) == fact


def test_facts_beside_a_currency_are_read_with_it():
    with translation.override("ar"):
        said = facts_as_read({"left": "3000.00", "name": "Oak 5", "currency": "AED", "limit": 4})
    assert said == {"left": "3,000", "name": "Oak 5", "currency": "د.إ.", "limit": 4}


def test_a_refusal_speaks_the_readers_way_and_its_facts_stay_for_machines():
    dear, cheap = TooDear(left="3000.00", currency="AED"), TooCheap(least="AED 250.00")
    assert (dear.message, cheap.message) == ("At most 3,000 AED.", "At least AED 250.")
    with translation.override("ar"):
        assert (dear.message, cheap.message) == ("At most 3,000 د.إ.", "At least 250 د.إ.")
    assert (dear.facts, cheap.facts) == ({"left": "3000.00", "currency": "AED"}, {"least": "AED 250.00"})
