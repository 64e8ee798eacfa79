"""Words in two languages: folding for comparison and search, and the name in the reader's language."""

import re
import unicodedata
from typing import Any

from django.utils.translation import get_language

_TASHKEEL_AND_TATWEEL = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_FOLDED = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"),
        "ى": "ي",
        "ئ": "ي",
        "ؤ": "و",
        "ة": "ه",
        "ک": "ك",
        "ی": "ي",
        **{chr(0x0660 + n): str(n) for n in range(10)},
        **{chr(0x06F0 + n): str(n) for n in range(10)},
    }
)


def without_marks(text: str) -> str:
    """The same letters without vowel marks and tatweel: what people leave away without misspelling."""
    return _TASHKEEL_AND_TATWEEL.sub("", unicodedata.normalize("NFKC", text))


def fold(text: str) -> str:
    """Fold Arabic and Latin spelling variants so that equal words compare equal.

    Vowel marks and tatweel go, alef, ya, ta marbuta and kaf forms meet, Arabic and Persian digits become Latin, Latin
    accents and case go, white space collapses.
    """
    text = without_marks(text).translate(_FOLDED)
    decomposed = unicodedata.normalize("NFD", text)
    text = unicodedata.normalize("NFC", "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f"))
    return " ".join(text.casefold().split())


def is_storable(text: str) -> bool:
    """Whether the database holds it, in a column or in JSON: it has no NUL and no half of a surrogate pair."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)


def localized(thing: Any, field: str) -> str:
    """`thing.<field>_ar` for Arabic readers where it is written, else `thing.<field>_en`."""
    language = (get_language() or "en")[:2]
    return getattr(thing, f"{field}_{language}", "") or getattr(thing, f"{field}_en")
