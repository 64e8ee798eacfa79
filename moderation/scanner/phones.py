"""Telephone numbers, however they are written: in any digits, spelled out, cut up, or with words between.

A number is told from a price, a size or an order by the shape of what people here dial (the mobile numbers of the Emirates, Egypt
and Saudi Arabia, and whatever begins with + or 00), by the words around it, and by what it is: dates, times, prices, measures and
rows of sizes are never joined to a number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from moderation.scanner.reading import Reading, Span, Token, stems
from moderation.scanner.words import (
    BELOW_TWENTY,
    CURRENCIES,
    HUNDREDS,
    MEASURES,
    NOT_A_PHONE,
    PHONE_WORDS,
    SIZES,
    TENS,
    TIMES,
)
from moderation.states import MarkKind

LONGEST = 15  # digits, E.164
NEAR = 6  # words before or after within which a word says what a number is
LOOSE_WORDS = 4  # words that may stand between the parts of a number
WIDEST_GAP = 8  # characters between the parts of a number that are not words
SPELLED_OUT = 7  # digits in words, one after the other: nobody counts aloud

# What people here dial. The Emirates: 05x and +971 5x; Saudi Arabia: 05x and +966 5x; Egypt: 010, 011, 012, 015 and +20 1x.
DIALLED = re.compile(
    r"0?05[02-689]\d{7}|0?01[0125]\d{8}|(?:00)?97105?\d{8}|(?:00)?9715\d{8}|(?:00)?9665\d{8}|(?:00)?201[0125]\d{8}"
)
ABROAD = re.compile(r"(?:00|\+)[1-9]\d{8,14}")
SHORTENED = re.compile(r"5[024568]\d{7}|1[0125]\d{8}")  # the same without the first zero
LANDLINE = re.compile(r"0[234679][2-8]\d{6}")
PARTED_AS_PHONES_ARE = {
    (9,),
    (10,),
    (2, 7),
    (2, 3, 4),
    (3, 3, 3),
    (3, 3, 4),
    (2, 3, 2, 2),
    (3, 7),
    (1, 3, 4),
    (2, 4, 4),
    (3, 4, 3),
}
NARROW_STEP = 10  # between sizes of two digits
YEARS = range(1900, 2101)

_PIECE = re.compile(r"\d+|[^\W\d]+")
_LOOKS_LIKE_DIGITS = re.compile(r"[\doils]+|[\dه]+")
_DIGIT_FOR = str.maketrans({"o": "0", "i": "1", "l": "1", "s": "5", "ه": "5"})
_DATE = re.compile(
    r"(?<![\d./-])(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2})(?![./-]?\d)"
)
_TIME = re.compile(r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2})?(?!:?\d)")
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![,\d])")
_DECIMAL = re.compile(r"(?<![\d.])\d{1,6}\.\d{1,2}(?![.\d])(?=\s|$|\D)")
_IBAN = re.compile(r"\b(?:ae|eg|sa|kw|qa|bh|om|jo|gb|de)\d{2}(?:[ -]?[a-z\d]{4}){4,7}(?:[ -]?[a-z\d]{1,3})?\b")
IBAN_LETTERS = 4  # of the bank's code at most, beside the country's


@dataclass(frozen=True, slots=True)
class Piece:
    """A number or a word. `digits` is empty for words; `fixed` numbers are dates, prices, sizes: no part of a telephone number."""

    word: str
    digits: str
    start: int
    end: int
    spelled: bool = False
    glued: bool = False  # letters stand right before or after it
    fixed: bool = False
    plus: bool = False


def find_phones(reading: Reading) -> list[Span]:
    """Telephone numbers, in their order."""
    pieces = _without_rows(_priced(_spelled(_pieces(reading))))
    if sum(len(piece.digits) for piece in pieces) < SPELLED_OUT:
        return []
    found: list[Span] = []
    at = 0
    while at < len(pieces):
        last = _number_from(pieces, at, reading) if pieces[at].digits else None
        if last is None:
            at += 1
            continue
        start = pieces[at].start - (1 if pieces[at].plus else 0)
        found.append(Span(MarkKind.PHONE, start, pieces[last].end))
        at = last + 1
    return found


def find_accounts(reading: Reading) -> list[Span]:
    """International bank account numbers: a way to pay elsewhere."""
    return [
        Span(MarkKind.ELSEWHERE, match.start(), match.end())
        for match in _IBAN.finditer(reading.text)
        if sum(c.isalpha() for c in match.group()) <= IBAN_LETTERS + 2
    ]


# --- the pieces ----------------------------------------------------------------------------------------------------


def _pieces(reading: Reading) -> list[Piece]:
    """Numbers and words in their order."""
    text, found = reading.text, []
    fixed = _fixed_places(text)
    for token in reading.tokens:
        if token.is_word:
            for piece in _parts(token):
                plus, is_fixed = _plus_before(text, piece.start), piece.start in fixed
                found.append(replace(piece, plus=plus, fixed=is_fixed) if plus or is_fixed else piece)
    return found


def _parts(token: Token) -> Iterator[Piece]:
    if token.text == "o":
        yield Piece("o", "0", token.start, token.end, spelled=True)
    elif token.text.isdecimal() or _looks_like_digits(token.text):
        yield Piece("", token.text.translate(_DIGIT_FOR), token.start, token.end)
    else:
        for match in _PIECE.finditer(token.text):
            start, end = token.start + match.start(), token.start + match.end()
            is_number = match.group()[0].isdigit()
            glued = is_number and match.group() != token.text
            yield Piece("" if is_number else match.group(), match.group() if is_number else "", start, end, glued=glued)


def _looks_like_digits(word: str) -> bool:
    """ "O5O", "l23": letters in place of digits, with at least one digit that is one."""
    return len(word) > 2 and bool(_LOOKS_LIKE_DIGITS.fullmatch(word)) and any(c.isdecimal() for c in word)


def _plus_before(text: str, start: int) -> bool:
    """A + that begins a number and does not add one to another."""
    return start > 0 and text[start - 1] == "+" and not (start > 1 and text[start - 2].isalnum())


def _fixed_places(text: str) -> set[int]:
    """Where the numbers of dates, times and prices with their punctuation begin."""
    places: set[int] = set()
    for pattern in (_DATE, _TIME, _THOUSANDS, _DECIMAL):
        for match in pattern.finditer(text):
            places.update(match.start() + part.start() for part in re.finditer(r"\d+", match.group()))
    return places


def _spelled(pieces: list[Piece]) -> list[Piece]:
    """Number words as digits: "double five", "fifty three", "خمسة وعشرين"."""
    found: list[Piece] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        used, digits = (0, "") if piece.digits else _spoken(pieces, at)
        if used:
            found.append(Piece("", digits, piece.start, pieces[at + used - 1].end, spelled=True))
            at += used
        else:
            found.append(piece)
            at += 1
    return found


def _spoken(pieces: list[Piece], at: int) -> tuple[int, str]:
    """How many words from here on say a number, and its digits."""
    word = pieces[at].word
    if word in TIMES and at + 1 < len(pieces):
        following = pieces[at + 1]
        digit = following.digits if len(following.digits) == 1 else _unit(following.word)
        return (2, digit * TIMES[word]) if len(digit) == 1 else (0, "")
    value = _unit(word)
    if value:
        behind = pieces[at + 1].word if at + 1 < len(pieces) else ""
        if behind.startswith("و") and behind[1:] in TENS and len(value) == 1 and value != "0":
            return 2, str(TENS[behind[1:]] + int(value))
        return 1, value
    bare = next((stem for stem in _with_and(word) if stem in TENS), None)
    if bare is not None:
        unit = _unit(pieces[at + 1].word) if at + 1 < len(pieces) and bare.isascii() else ""
        return (2, str(TENS[bare] + int(unit))) if len(unit) == 1 and unit != "0" else (1, str(TENS[bare]))
    bare = next((stem for stem in _with_and(word) if stem in HUNDREDS), None)
    if bare is not None:
        used, rest = _spoken(pieces, at + 1) if at + 1 < len(pieces) and not pieces[at + 1].digits else (0, "")
        return (used + 1, str(HUNDREDS[bare] + int(rest))) if rest and int(rest) < 100 else (1, str(HUNDREDS[bare]))
    return 0, ""


def _unit(word: str) -> str:
    bare = next((stem for stem in _with_and(word) if stem in BELOW_TWENTY), None)
    return str(BELOW_TWENTY[bare]) if bare is not None else ""


def _with_and(word: str) -> tuple[str, ...]:
    return (word, word[1:]) if word.startswith("و") and len(word) > 3 else (word,)


def _priced(pieces: list[Piece]) -> list[Piece]:
    """Numbers beside a currency or a measure are fixed, unless they alone are what people dial."""
    words = ["", *(piece.word for piece in pieces), ""]
    found = []
    for piece, before, after in zip(pieces, words, words[2:], strict=False):
        told = _is(before, CURRENCIES) or _is(after, CURRENCIES) or _is(after, MEASURES) or before in SIZES
        is_fixed = piece.fixed or (told and bool(piece.digits) and not DIALLED.fullmatch(piece.digits))
        found.append(replace(piece, fixed=True) if is_fixed else piece)
    return found


def _without_rows(pieces: list[Piece]) -> list[Piece]:
    """Rows of sizes and years ("38 39 40 41", "2019 2020 2021") are fixed."""
    found = list(pieces)
    run = 1
    for at in range(1, len(found) + 1):
        step = _step(found, at)
        if run == 1 or step != _step(found, at - 1) or not step:
            if run >= 3:
                found[at - run : at] = [replace(piece, fixed=True) for piece in found[at - run : at]]
            run = 2 if step else 1
        else:
            run += 1
    return found


def _step(pieces: list[Piece], at: int) -> int:
    """By how much the number at this place is above the one before it; 0 where the two are no row."""
    if not 0 < at < len(pieces) or pieces[at].spelled or pieces[at - 1].spelled:
        return 0
    one, two = pieces[at - 1].digits, pieces[at].digits
    if not one or not two or not 2 <= len(two) <= 4 or len(one) > len(two):
        return 0
    step = int(two) - int(one)
    return step if 0 < step <= (NARROW_STEP if len(two) == 2 else int(two)) else 0


def _is(word: str, among: frozenset[str]) -> bool:
    return bool(word) and any(stem in among for stem in stems(word))


# --- the numbers ---------------------------------------------------------------------------------------------------


def _number_from(pieces: list[Piece], at: int, reading: Reading) -> int | None:
    """The place of the last piece of a telephone number that begins here."""
    first = pieces[at]
    if first.glued and not (at and pieces[at - 1].word.isalpha() and len(first.digits) >= 9):
        return None
    if first.fixed:
        return None
    joined = list(_joined(pieces, at, reading.text, words=0))
    for place, digits in joined:
        if DIALLED.fullmatch(digits) or ABROAD.fullmatch(("+" if first.plus else "") + digits):
            longer = next((p for p, d in joined if first.plus and p > place and ABROAD.fullmatch("+" + d)), None)
            return longer if longer is not None else place
    strict = _less_certain(pieces, at, joined)
    if strict is not None:
        return strict
    if first.digits[0] == "0" or first.plus or first.digits.startswith(("971", "966", "20")):
        for place, digits in _joined(pieces, at, reading.text, words=LOOSE_WORDS):
            if DIALLED.fullmatch(digits):
                return place
    return None


def _joined(pieces: list[Piece], at: int, text: str, *, words: int) -> Iterator[tuple[int, str]]:
    """The number from here on, longer by a piece each time, with at most so many words between two pieces."""
    digits, place, skipped = "", at, 0
    previous = at
    while place < len(pieces) and len(digits) <= LONGEST:
        piece = pieces[place]
        if piece.digits:
            gap = piece.start - pieces[previous].end
            wide = gap > WIDEST_GAP if not skipped else False
            if piece.fixed or wide or (place > at and piece.plus):
                return
            digits, previous, skipped = digits + piece.digits, place, 0
            if len(digits) <= LONGEST:
                yield place, digits
        else:
            skipped += 1
            if skipped > words or _is(piece.word, CURRENCIES) or _is(piece.word, MEASURES):
                return
        place += 1


def _less_certain(pieces: list[Piece], at: int, joined: list[tuple[int, str]]) -> int | None:
    """A number that its shape alone does not give away: said aloud, by the words around it, by its parts, or being all there is."""
    if not joined or (at and _continues(pieces, at)):
        return None
    last, digits = joined[-1]
    parts = pieces[at : last + 1]
    if sum(len(piece.digits) for piece in parts if piece.spelled) >= SPELLED_OUT:
        return last
    around = [piece.word for piece in pieces[max(0, at - NEAR) : last + 1 + NEAR] if piece.word]
    if any(piece.glued for piece in parts) or any(_is(word, NOT_A_PHONE) for word in around) or _has_years(parts):
        return None
    is_all = len(around) <= 1 and at == 0 and last == len(pieces) - 1
    is_called = any(_is(word, PHONE_WORDS) for word in around)
    return last if _may_be_dialled(digits, parts, is_called=is_called, is_all=is_all) else None


def _may_be_dialled(digits: str, parts: list[Piece], *, is_called: bool, is_all: bool) -> bool:
    lengths = tuple(len(piece.digits) for piece in parts)
    parted = len(parts) == 1 or lengths in PARTED_AS_PHONES_ARE
    if is_called and 7 <= len(digits) <= 12 and not digits.endswith("0000"):
        return True
    if LANDLINE.fullmatch(digits) and lengths in PARTED_AS_PHONES_ARE and not _has_years(parts, many=0):
        return True
    if digits.endswith("000"):
        return False
    if SHORTENED.fullmatch(digits) and parted and (len(parts) == 1 or not _is_row_of_prices(parts)):
        return True
    return is_all and parted and 9 <= len(digits) <= 13


def _has_years(parts: list[Piece], *, many: int = 1) -> bool:
    """More years than that; one is enough where the number is cut into many parts, as dates are."""
    years = sum(1 for piece in parts if len(piece.digits) == 4 and int(piece.digits) in YEARS)
    return years > many or (years > 0 and len(parts) > 3)


def _continues(pieces: list[Piece], at: int) -> bool:
    """The piece before this one is a number too, so that this is not where a number begins."""
    before = pieces[at - 1]
    return bool(before.digits) and not before.fixed and pieces[at].start - before.end <= WIDEST_GAP


def _is_row_of_prices(parts: list[Piece]) -> bool:
    """Numbers that are round: "50 100 1500"."""
    return sum(piece.digits.endswith("0") for piece in parts) > 1
