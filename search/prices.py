"""A price that stands among the words of a search: "iphone under 3000", "below 1k", "أقل من 500 درهم"."""

import re
from dataclasses import dataclass
from decimal import Decimal

from core.text import without_marks

_DIGITS = str.maketrans({chr(start + n): str(n) for start in (0x0660, 0x06F0) for n in range(10)})
_CURRENCY = r"(?:aed|dhs?|dirhams?|درهما?|دراهم|د\.إ\.?)"
_LESS = (
    r"under|below|less\s+than|cheaper\s+than|not\s+(?:more|over)\s+than|no\s+more\s+than"
    r"|ب?[أا]قل\s+من|[أا]رخص\s+من|تحت|دون|لا\s+[تي]زيد\s+(?:عن|على)|لا\s+[تي]تجاوز"
)
# Names of things as well (Air Max 90, up to 64 GB): with a currency alone.
_AT_MOST = r"max(?:imum)?|up\s+to|at\s+most|حتى|لحد|بحد\s+[أا]قصى"
_NUMBER = r"(?P<number>\d{1,3}(?:[,٬]\d{3})+|\d{1,7})\s?(?P<thousands>k|[أا]لف)?"
# Without a currency nothing follows the number: "under 120 cm" and "under 12 years" are no prices.
_SAID = (
    re.compile(rf"(?<!\S)(?:{_LESS}|{_AT_MOST})\s+{_NUMBER}\s*{_CURRENCY}(?!\S)", re.IGNORECASE),
    re.compile(rf"(?<!\S)(?:{_LESS}|{_AT_MOST})\s+{_CURRENCY}\s*{_NUMBER}(?!\S)", re.IGNORECASE),
    re.compile(rf"(?<!\S)(?:{_LESS})\s+{_NUMBER}\s*$", re.IGNORECASE),
)


@dataclass(frozen=True)
class SaidPrice:
    """What a search says beside its price, the price (whole units of the market's currency), and its words and number as typed."""

    q: str
    most: Decimal
    words: str
    number: str


def price_in(q: str) -> SaidPrice | None:
    """The price up to which a search wants things, where it says one and something else besides."""
    said = without_marks(q).translate(_DIGITS)
    for pattern in _SAID:
        if found := pattern.search(said):
            rest = " ".join((said[: found.start()] + " " + said[found.end() :]).split())
            most = Decimal(re.sub("[,٬]", "", found["number"])) * (1000 if found["thousands"] else 1)
            return SaidPrice(rest, most, found[0].strip(), found["number"]) if rest and most > 0 else None
    return None
