"""Where the words of a search stand in what a reader sees of a listing."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TypedDict

from search import analysis
from search.analysis import Group

EXCERPT = 160  # characters of a description around its first match
_INSIDE = "\u0610-\u061a\u0640\u064b-\u065f\u0670'’"  # vowel marks, tatweel and apostrophes are part of their word
_WORD = re.compile(rf"\d+|[^\W\d_](?:[^\W\d_]|[{_INSIDE}](?=[^\W\d_{_INSIDE}]|[\u064b-\u065f]|\b))*")


class Piece(TypedDict):
    """A run of text, and whether it is a match. Pieces joined are the text: pages need no markup from us."""

    text: str
    is_match: bool


def wanted(groups: Iterable[Group]) -> frozenset[str]:
    """The lexemes that make a word light up."""
    return frozenset(word for group in groups for way in group.ways for word in way)


def marked(text: str, lexemes: frozenset[str]) -> list[Piece]:
    """The whole text in pieces; neighbouring matches are one."""
    spans: list[tuple[int, int]] = []
    for word in _WORD.finditer(text):
        if _matches(word.group(), lexemes):
            if spans and not text[spans[-1][1] : word.start()].strip(" -"):
                spans[-1] = (spans[-1][0], word.end())
            else:
                spans.append((word.start(), word.end()))
    return _cut(text, spans)


def excerpt(text: str, lexemes: frozenset[str]) -> list[Piece]:
    """Some of a longer text around its first match, in pieces; none where nothing matches."""
    first = next((word for word in _WORD.finditer(text) if _matches(word.group(), lexemes)), None)
    if first is None:
        return []
    start = max(0, first.start() - EXCERPT // 3)
    if start:
        start = text.find(" ", start, first.start()) + 1 or first.start()
    end = min(len(text), start + EXCERPT)
    if end < len(text):
        end = max(text.rfind(" ", first.end(), end), first.end())
    pieces = marked(text[start:end], lexemes)
    if start:
        pieces.insert(0, {"text": "… ", "is_match": False})
    if end < len(text):
        pieces.append({"text": " …", "is_match": False})
    return pieces


def _cut(text: str, spans: list[tuple[int, int]]) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for start, end in spans:
        if start > at:
            pieces.append({"text": text[at:start], "is_match": False})
        pieces.append({"text": text[start:end], "is_match": True})
        at = end
    if at < len(text):
        pieces.append({"text": text[at:], "is_match": False})
    return pieces


def _matches(word: str, lexemes: frozenset[str]) -> bool:
    return not lexemes.isdisjoint(_forms(word))


@lru_cache(maxsize=50_000)
def _forms(word: str) -> frozenset[str]:
    return frozenset(found for _, found, _ in analysis.lexemes(word, joined=False))
