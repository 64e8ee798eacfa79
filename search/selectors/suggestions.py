"""What somebody who is still typing may mean: popular searches, shelves, brands, titles and sellers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import get_language

from accounts.models import User
from accounts.selectors import visible_people
from catalog.selectors import Viewer
from core.text import fold
from search import analysis
from search.engines.literals import Bound
from search.errors import QueryTooShort
from search.models import Word
from search.ports import Question
from search.rules import MOST_SUGGESTIONS, SHORTEST_SUGGESTED, folded, read_words
from search.selectors.catalogue import names
from search.selectors.pace import pace
from search.selectors.popular import popular
from search.selectors.reading import groups_of
from search.selectors.statements import seen_rows
from search.selectors.vocabulary import meant
from search.selectors.walking import Matches
from search.states import SearchSort, SuggestionKind

COMPLETIONS = 8  # words that the beginning of one may become
KEPT_FOR = 60  # seconds: completions of a beginning, the same for everybody; what is for sale is read each time
_COMMA = re.compile(r"[,،] ")
_TITLES, _SELLERS, _POPULAR, _NAMES = 60, 3, 4, 3


@dataclass(frozen=True)
class Suggestion:
    """Something to search for or to go to. `slug` of a shelf or brand, `username` of a seller."""

    kind: SuggestionKind
    text: str
    slug: str = ""
    username: str = ""


def suggestions(q: str, *, viewer: Viewer, limit: int = MOST_SUGGESTIONS) -> list[Suggestion]:
    """The best few of each kind, popular searches first.

    Raises:
        QueryTooShort, QueryTooLong, TooManyWords, QueryNotText.
    """
    said = folded(q)
    if len(said.replace(" ", "")) < SHORTEST_SUGGESTED:
        raise QueryTooShort(limit=SHORTEST_SUGGESTED)
    read_words(q)
    found = [
        *_popular(said),
        *_names(said),
        *_titles(said, viewer),
        *_sellers(said, viewer),
    ]
    return _different(found)[:limit]


def _different(found: Iterable[Suggestion]) -> list[Suggestion]:
    """Each text once; a shelf and a search of the same name are two things."""
    kept: dict[tuple[bool, str], Suggestion] = {}
    for one in found:
        kept.setdefault((bool(one.slug or one.username), fold(one.text)), one)
    return list(kept.values())


def _popular(said: str) -> Iterator[Suggestion]:
    for row in popular().filter(folded__startswith=said)[:_POPULAR]:
        yield Suggestion(SuggestionKind.POPULAR, row.q)


# --- shelves and brands -----------------------------------------------------------------------------------------------


def _names(said: str) -> list[Suggestion]:
    """Shelves and brands of which some word, in either language, begins so."""
    found = [
        Suggestion(one.kind, one.name_ar if _arabic() and one.name_ar else one.name_en, one.slug)
        for one in names()
        if any(name.startswith(said) or f" {said}" in name for name in one.folded)
    ]
    shelves = [one for one in found if one.kind == SuggestionKind.CATEGORY]
    makers = [one for one in found if one.kind == SuggestionKind.BRAND]
    return [*shelves[:_NAMES], *makers[:_NAMES]]


def _arabic() -> bool:
    return (get_language() or "en").startswith("ar")


# --- titles -----------------------------------------------------------------------------------------------------------


def _titles(said: str, viewer: Viewer) -> list[Suggestion]:
    """Titles of the newest listings with these words, the last of which may be begun or misspelt."""
    question = _completed(said)
    if question is None:
        return []
    ids = [match.id for match in Matches(question).first(_TITLES)]
    say = Bound()
    with connection.cursor() as cursor:
        viewer_id = viewer.pk if viewer is not None else None
        cursor.execute(seen_rows(question, ids, viewer_id=viewer_id, columns="p.title", say=say), say.values)
        rows = [_thing(title, said) for (title,) in cursor.fetchall()]
    times: dict[str, int] = {}
    for title in rows:
        times[fold(title)] = times.get(fold(title), 0) + 1
    rows.sort(key=lambda title: (not fold(title).startswith(said), -times[fold(title)]))
    return [Suggestion(SuggestionKind.TITLE, title) for title in rows]


def _thing(title: str, said: str) -> str:
    """A title without what follows its comma ("iPhone 14, used twice"), unless that was asked for or little would be left."""
    thing = _COMMA.split(title, maxsplit=1)[0]
    return thing if " " in thing and _begun(said, title) <= _begun(said, thing) else title


def _begun(said: str, text: str) -> set[str]:
    """Those of the words with which a word of a text begins."""
    there = f" {fold(text)}"
    return {word for word in said.split() if f" {word}" in there}


def _completed(said: str) -> Question | None:
    """A search for the words, the last one in every way it may go on."""
    chunks = analysis.tokens(said)
    if not chunks:
        return None
    *before, last = chunks
    begun = last[-1].word
    often = _completions(begun)
    if not often and begun.isalpha():
        return None
    read = groups_of([*before, last[:-1]] if len(last) > 1 else before)
    return Question(
        q=said,
        groups=(*read.groups, analysis.Group(begun, tuple((lexeme,) for lexeme in often or [begun]))),
        sort=SearchSort.RECENT,
        often={**read.often, **often},
        pace=pace(),
    )


def _completions(begun: str) -> dict[str, tuple[int, int]]:
    """The commonest words that begin so; without one, the word that was likely meant. Lexemes, as `Question.often` has them."""
    key = f"search:begins:2:{begun}"
    kept = cache.get(key)
    if kept is None:
        alike = Word.objects.filter(word__startswith=begun).order_by("-documents", "word")
        kept = _often(alike[:COMPLETIONS])
        if not kept:
            kept = _often(Word.objects.filter(word__in=[likely.word for likely in meant([begun]).values()]))
        cache.set(key, kept, KEPT_FOR)
    return kept


def _often(words: QuerySet[Word]) -> dict[str, tuple[int, int]]:
    return {lexeme: (many, lately) for lexeme, many, lately in words.values_list("lexeme", "documents", "lately")}


# --- sellers ----------------------------------------------------------------------------------------------------------


def _sellers(said: str, viewer: Viewer) -> list[Suggestion]:
    """Sellers whose username begins so, as far as the viewer may find them."""
    name = said.replace(" ", "")
    if not name.isascii():
        return []
    found = visible_people(viewer).filter(sells_since__isnull=False, listings_hidden_at=None)
    # A range of the unique index on lower(username): LIKE would need another one.
    found = found.annotate(handle=Lower("username")).filter(handle__gte=name, handle__lt=name + "\U0010ffff")
    people: list[User] = list(found.order_by("handle")[:_SELLERS])
    return [Suggestion(SuggestionKind.SELLER, p.display_name, username=p.username) for p in people]
