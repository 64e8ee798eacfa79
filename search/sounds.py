"""How names sound, whichever script they are written in: Samsung and سامسونج, Gucci and غوتشي, Alpha and ألفا.

Three consonants tell a name; vowels that Arabic leaves out may differ then. A name with fewer is told by all of its sounds: it has two
vowels, and Arabic writes both, as it does for foreign names alone. Shorter ones (Bosch, Dell, Kia) are for synonyms: بيت is no bit.
"""

import re
from collections.abc import Set as AbstractSet
from functools import lru_cache

FEWEST_CONSONANTS = 3
MOST_LEFT_OUT = 2  # vowels
FEWEST_SOUNDS, FEWEST_VOWELS = 4, 2  # of a name with fewer consonants

_CONSONANTS = {
    **dict.fromkeys("bpبپ", "b"),
    **dict.fromkeys("tتطث", "t"),
    **dict.fromkeys("dدضذظ", "d"),
    **dict.fromkeys("gjجغگ", "g"),
    **dict.fromkeys("kqكقخ", "k"),
    **dict.fromkeys("fvفڤ", "f"),
    **dict.fromkeys("szسصز", "s"),
    **dict.fromkeys("lل", "l"),
    **dict.fromkeys("mم", "m"),
    **dict.fromkeys("nن", "n"),
    **dict.fromkeys("rر", "r"),
    **dict.fromkeys("hهحعءؤئ", ""),
    "x": "ks",
    **dict.fromkeys("شچ", "S"),
}
_VOWELS = {**dict.fromkeys("aا", "a"), **dict.fromkeys("ouwو", "w"), **dict.fromkeys("eiyيى", "y")}
_SOUNDS = str.maketrans({**_CONSONANTS, **dict.fromkeys(_VOWELS, "")})
_SPOKEN = str.maketrans({**_CONSONANTS, **_VOWELS})
# Of short names h, z and q are told apart as well. ق is no k there: قانون, a law, is no Canon.
_STRICT = str.maketrans(
    {**_CONSONANTS, **_VOWELS, **dict.fromkeys("hه", "h"), **dict.fromkeys("zز", "z"), **dict.fromkeys("qق", "q")}
)
_LATIN = (
    ("tion", "Sn"), ("tech", "tek"), ("cci", "Si"), ("sch", "S"), ("sh", "S"), ("ch", "S"), ("ph", "f"), ("th", "t"), ("ck", "k")
)  # fmt: skip
_SOFT_C = re.compile("c(?=[eiy])")
_AGAIN = re.compile(r"(.)\1+")
_OUR_OWN = re.compile("[طضظصحعذثخء]")  # letters that foreign names are seldom written with
_CARRIER = re.compile("^ا(?=[وي])")  # أوميغا, آيفون: the alef only carries
_LONG_I = re.compile("ay(?=[^aywh])")  # سايكو, Seiko
_SHORT_VOWEL = re.compile(r"[aeiouy](?=([bdfglmnprst])\1)")  # curry: one that no Arabic letter stands for
_NO_SOUND = re.compile(r"(?<=[^aeiouw])e$")


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """What equal names of both scripts have in common: the consonants of a folded word, of a short one all sounds. "" where it is no
    name that can be told by its sound.
    """
    heard = _AGAIN.sub(r"\1", _as_heard(word).translate(_SOUNDS))
    return heard if len(heard) >= FEWEST_CONSONANTS else _of_short(word)


def sounds(word: str) -> AbstractSet[str]:
    """The sounds by which a name is looked for: ق is a g in the Gulf (قوتشي), and for a g somebody may have written it."""
    return {sound(reading) for reading in _readings(word)} - {""}


def is_same_name(word: str, other: str) -> bool:
    """Whether two folded words are one name in two scripts."""
    if word.isascii() == other.isascii():
        return False
    latin, arabic = (word, other) if word.isascii() else (other, word)
    return any(_is_heard(latin, reading) for reading in (arabic, arabic.replace("ق", "ج")))


def _is_heard(latin: str, arabic: str) -> bool:
    one, two = sound(latin), sound(arabic)
    if not one or one != two:
        return False
    if one == _of_short(latin):
        return True
    return _differ_little(_spoken(latin), _spoken(arabic), consonants=len(one))


def _differ_little(latin: str, arabic: str, *, consonants: int) -> bool:
    """Whether vowels differ as they do between scripts. A name of four consonants may have two that Arabic leaves out (مرسيدس)."""
    steps = distance(latin, arabic)
    if steps <= max(1, min(len(latin), len(arabic)) // 4):
        return True
    return consonants > FEWEST_CONSONANTS and steps == len(latin) - len(arabic) <= MOST_LEFT_OUT


def _readings(word: str) -> AbstractSet[str]:
    if not word.isascii():
        return {word, word.replace("ق", "ج")}
    return {word, word.replace("g", "k"), word.replace("g", "q")} if "g" in word else {word}


@lru_cache(maxsize=50_000)
def _spoken(word: str) -> str:
    """The consonants with the long vowels, which tell names with equal consonants apart."""
    return _AGAIN.sub(r"\1", _as_heard(word).translate(_SPOKEN)).removesuffix("y")


def _of_short(word: str) -> str:
    if _OUR_OWN.search(word):
        return ""
    word = (
        _CARRIER.sub("", word)
        if not word.isascii()
        else _NO_SOUND.sub("", _SHORT_VOWEL.sub("", word.replace("cci", "Si")))
    )
    heard = _LONG_I.sub("y", _AGAIN.sub(r"\1", _as_heard(word).translate(_STRICT)))
    vowels = sum(letter in "awy" for letter in heard)
    return heard if len(heard) >= FEWEST_SOUNDS and vowels >= FEWEST_VOWELS else ""


def _as_heard(word: str) -> str:
    if word.isascii():
        for letters, heard in _LATIN:
            word = word.replace(letters, heard)
        return _SOFT_C.sub("s", word).replace("c", "k")
    return word.replace("تش", "ش")


def distance(a: str, b: str) -> int:
    """Steps from one word to the other: optimal string alignment (Damerau and Levenshtein, neighbours swap once)."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        last, before = before, row
        row = [i]
        for j, other in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
