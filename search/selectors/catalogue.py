"""The catalogue's words as searches read them: names of shelves and brands, kept for a moment because every search asks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.core.cache import cache

from catalog.models import Category, CategoryAttribute
from catalog.selectors import brands, category_tree, questions_of_all
from search import analysis
from search.analysis import Group, Way
from search.states import SuggestionKind

KEPT_FOR = 60  # seconds
_NAMES, _SHELVES = "search:names", "search:shelves"


@dataclass(frozen=True)
class Name:
    """A shelf or a brand: its names, folded, and the lexemes of each way to say one of them. `ids` are a shelf's and those below it."""

    kind: SuggestionKind
    slug: str
    name_en: str
    name_ar: str
    folded: tuple[str, ...]
    ways: tuple[Way, ...]
    ids: tuple[int, ...]


def everything(categories: Sequence[Category]) -> Iterator[Category]:
    """The categories of a tree and all below them."""
    for category in categories:
        yield category
        yield from everything(category.below)


@dataclass(frozen=True)
class Shelves:
    """The tree of categories, and by category what it asks its listings."""

    roots: list[Category]
    questions: dict[int, list[CategoryAttribute]]


def shelves() -> Shelves:
    """To be shown beside results. What narrows a search is always read anew."""
    kept = cache.get(_SHELVES)
    if kept is None:
        roots = category_tree()
        kept = Shelves(roots, questions_of_all(roots))
        cache.set(_SHELVES, kept, KEPT_FOR)
    return kept


def names() -> list[Name]:
    kept = cache.get(_NAMES)
    if kept is None:
        kept = [
            _name(SuggestionKind.CATEGORY, one, tuple(below.pk for below in everything([one])))
            for one in everything(category_tree())
        ]
        kept += [_name(SuggestionKind.BRAND, brand, ()) for brand in brands()]
        cache.set(_NAMES, kept, KEPT_FOR)
    return kept


def categories_named(groups: Sequence[Group]) -> tuple[int, ...]:
    """Ids of the categories, with what stands below them, that the words of a search name."""
    said = {way for group in groups for way in group.ways}
    together = tuple(group.ways[0][0] for group in groups if len(group.ways[0]) == 1)
    found = {
        pk
        for name in names()
        if name.kind == SuggestionKind.CATEGORY and any(way in said or way == together for way in name.ways)
        for pk in name.ids
    }
    return tuple(sorted(found))


def _name(kind: SuggestionKind, thing: object, ids: tuple[int, ...]) -> Name:
    name_en, name_ar = str(getattr(thing, "name_en", "")), str(getattr(thing, "name_ar", ""))
    said = [name for name in (name_en, name_ar) if name]
    folded = tuple(" ".join("".join(pieces) for pieces in analysis.chunks(name)) for name in said)
    # "Home & Decor" is said as either.
    parts = [part for name in said for part in name.replace("،", "&").replace(" و", "&").split("&")]
    ways = (tuple(token.lexeme for token in analysis.phrase(part)) for part in parts)
    return Name(kind, str(getattr(thing, "slug", "")), name_en, name_ar, folded, tuple(way for way in ways if way), ids)
