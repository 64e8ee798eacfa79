"""Money in words, as the reader's language writes it: "AED 250", "249.50 د.إ.". The one place for pages, refusals and notifications.

Digits are Latin in both languages; fils that are none are left out. Doors for machines say `str(money)` instead.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from babel.numbers import format_decimal, get_currency_symbol
from django.utils.translation import get_language

from core.currencies import EXPONENTS

if TYPE_CHECKING:
    from core.money import Money  # whose errors say amounts

_BIDI_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u061c"))
_CODE, _NUMBER = "|".join(EXPONENTS), r"-?\d[\d,]*(?:\.\d+)?"
_DECIMAL = re.compile(r"\d+\.\d{2,3}")  # as `str(money)` says it
_TWO_STOPS = re.compile(r"(?<=\.[\u0621-\u064a])\.\.(?!\.)")
_KEPT = re.compile(rf"(?:(?P<before>{_CODE}) )?(?P<number>{_NUMBER})(?: (?P<after>{_CODE}))?")


def amount_words(money: "Money") -> str:
    """The number alone: "2,950", "12.50"."""
    return _number(str(money))


def currency_words(currency: str) -> str:
    """The currency alone: "AED", "د.إ."."""
    if is_arabic():
        return get_currency_symbol(currency, locale="ar").translate(_BIDI_MARKS)
    return currency


def money_words(money: "Money") -> str:
    """An amount in a sentence: "AED 2,950", in Arabic "2,950 د.إ."."""
    return _together(amount_words(money), money.currency)


def as_read(fact: Any) -> Any:
    """An amount that was kept as text ("AED 250.00", "250.00 AED") in the reader's words; anything else as it is.

    What is kept knows no reader: notifications and timelines are read later, in whatever language.
    """
    kept = _KEPT.fullmatch(fact) if isinstance(fact, str) else None
    if kept is None or bool(kept["before"]) == bool(kept["after"]):
        return fact
    return _together(_number(kept["number"].replace(",", "")), kept["before"] or kept["after"])


def facts_as_read(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a sentence for its reader: amounts with their currency, or, beside a `currency`, without ("250.00")."""
    currency = facts.get("currency")
    if not isinstance(currency, str):
        return {name: as_read(fact) for name, fact in facts.items()}
    said = {
        name: _number(fact) if isinstance(fact, str) and _DECIMAL.fullmatch(fact) else fact
        for name, fact in facts.items()
    }
    return said | {"currency": currency_words(currency)}


def one_stop(sentence: str) -> str:
    """Without a second full stop where the currency at its end has one: "250 د.إ."."""
    return _TWO_STOPS.sub(".", sentence)


def is_arabic() -> bool:
    return (get_language() or "en").startswith("ar")


def _together(number: str, currency: str) -> str:
    said = currency_words(currency)
    return f"{number} {said}" if is_arabic() else f"{said} {number}"


def _number(decimal: str) -> str:
    """ "2950.00" as "2,950"."""
    rest = decimal.partition(".")[2]
    is_whole = not rest.strip("0")
    return format_decimal(decimal, format="#,##0" if is_whole else "#,##0." + "0" * len(rest), locale="en")
