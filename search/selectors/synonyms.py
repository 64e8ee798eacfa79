"""What means the same, as operators wrote it, ready for reading a search."""

from collections.abc import Sequence

from django.core.cache import cache
from django.db.models import QuerySet

from search.analysis import Synonyms, Token, Way, phrase, shown, spelling, spelling_in
from search.models import SynonymSet

_KEY = "search:synonyms:spelt"  # another name where what is kept changes its shape
KEPT_FOR = 300  # seconds; whoever changes them forgets these at once


def synonyms() -> Synonyms:
    """What phrases mean besides themselves. No query while the cache is warm."""
    kept = cache.get(_KEY)
    if kept is None:
        kept = _read()
        cache.set(_KEY, kept, KEPT_FOR)
    return kept


def forget_synonyms() -> None:
    """After they changed: the next search reads them anew."""
    cache.delete(_KEY)


def synonym_sets() -> QuerySet[SynonymSet]:
    return SynonymSet.objects.order_by("id")


def _read() -> Synonyms:
    rows = [row for row in SynonymSet.objects.filter(is_active=True).order_by("id") if row.words]
    exact: dict[Way, list[Way]] = {}
    loose: dict[Way, set[Way]] = {}  # lexemes -> spellings that have them
    for row in rows:
        if not row.one_way_from:
            _same(exact, loose, [phrase(words) for words in row.words])
    equal = {said: tuple(ways) for said, ways in exact.items()}
    equals = {
        _lexemes(phrase(words)): [_spelling(phrase(other)) for other in row.words]
        for row in rows
        for words in row.words
    }
    for row in rows:
        if row.one_way_from and (wider := phrase(row.one_way_from)):
            narrower = [
                way for said in map(phrase, row.words) for way in (_lexemes(said), *equal.get(_spelling(said), ()))
            ]
            loose.setdefault(_lexemes(wider), set()).add(_spelling(wider))
            for said in dict.fromkeys(
                [_spelling(wider), *(equals.get(_lexemes(wider), ()) if _spelling(wider) in equal else ())]
            ):
                _add(exact, said, narrower)
    sure = {lexemes: next(iter(spellings)) for lexemes, spellings in loose.items() if len(spellings) == 1}
    phrases = [(phrase(words), words) for row in rows for words in (*row.words, row.one_way_from)]
    single = {
        said[0].word: shown(said[0].word, spelling_in(words))
        for said, words in phrases
        if len(said) == 1 and _spelling(said) in exact
    }
    return Synonyms(exact, {lexemes: exact[said] for lexemes, said in sure.items() if said in exact}, single)


def _same(exact: dict[Way, list[Way]], loose: dict[Way, set[Way]], phrases: Sequence[list[Token]]) -> None:
    means = [_lexemes(said) for said in phrases if said and not _is_apart(said, phrases)]
    for said in phrases:
        if said:
            loose.setdefault(_lexemes(said), set()).add(_spelling(said))
            _add(exact, _spelling(said), [way for way in means if way != _lexemes(said)])


def _is_apart(said: Sequence[Token], phrases: Sequence[Sequence[Token]]) -> bool:
    """Whether a phrase is one of the others, written apart ("x box"). Titles are kept both ways; asked for apart, its words would be
    found a long way from each other.
    """
    whole = "".join(token.word for token in said)
    return len(said) > 1 and any(len(other) == 1 and other[0].word == whole for other in phrases)


def _add(exact: dict[Way, list[Way]], said: Way, means: Sequence[Way]) -> None:
    others = exact.setdefault(said, [])
    others.extend(way for way in dict.fromkeys(means) if way not in others)


def _lexemes(said: Sequence[Token]) -> Way:
    return tuple(token.lexeme for token in said)


def _spelling(said: Sequence[Token]) -> Way:
    return tuple(spelling(token.word) for token in said)
