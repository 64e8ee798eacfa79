"""How many listings each choice would leave, under all other filters, and how many there are in all.

Counted among the newest COUNTED matches, which is said with the numbers: counting more would cost more than the page. For each filter
in use the set without it is counted too, so that its other choices tell what they would show.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.selectors import SOLD_BY_SQL
from accounts.states import SellerType
from catalog.models import Brand, Category, CategoryAttribute
from catalog.selectors import Viewer, choice_name
from catalog.states import AttributeKind, Condition, FeedType, ProductState
from core.currencies import EXPONENTS
from core.money import Money
from feeds.selectors.filters import DEFAULT_CURRENCY
from search.engines.literals import Bound
from search.ports import Question
from search.rules import BAND_KM, PRICE_BANDS
from search.selectors.catalogue import Shelves, everything, shelves
from search.selectors.reading import Asked
from search.selectors.statements import visible_rows
from search.selectors.walking import Match, Matches
from search.states import Availability, DistanceBand, PriceBand, SearchSort

COUNTED = 150
COUNTED_ELSEWHERE = 20  # of what is sold where what is for sale was asked for, and the other way round
MOST_BRANDS = 20
MOST_TEXTS = 20  # different answers to a question that takes any
# Sets about what was not asked for: no more than a few months of them are looked through.
_BRIEF = ("availability", "distance")
_EVERYTHING = ""  # the set with all filters
_ATTRIBUTE = "attr_"


@dataclass(frozen=True)
class Choice:
    """One value of a filter. `count` is None where it was not counted."""

    value: str
    label: Any
    count: int | None
    is_chosen: bool = False
    parent: str = ""  # of a category


@dataclass(frozen=True)
class Facet:
    """A filter by the name of its parameter, with its choices."""

    name: str
    label: Any
    choices: tuple[Choice, ...]
    is_exact: bool
    takes_many: bool = True


@dataclass(frozen=True)
class Counts:
    """`total` is exact, or else a lower bound."""

    total: int
    is_exact: bool
    facets: tuple[Facet, ...]


Tally = dict[str, Mapping[str, int]]  # facet -> value -> listings


def counts(question: Question, asked: Asked, *, viewer: Viewer, matches: Matches | None = None) -> Counts:
    """The total and all facets. `matches`: of this very question, as far as they were read already.

    What is counted among, one statement that says what of it the viewer may see, and a small one for the names of brands.
    """
    kept = shelves()
    questions = _questions(asked, kept)
    sets = _sets(question, questions)
    tallies, sizes = _count(sets, questions, viewer, matches)
    facets = _Facets(question, asked, kept.roots, questions, tallies, sizes)
    return Counts(tallies[_EVERYTHING]["all"].get("", 0), sizes[_EVERYTHING] < _cap(_EVERYTHING), tuple(facets.all()))


def total(question: Question, *, viewer: Viewer, matches: Matches | None = None) -> tuple[int, bool]:
    """Only how many there are, and whether that is exact."""
    tallies, sizes = _count({_EVERYTHING: question}, [], viewer, matches)
    return tallies[_EVERYTHING]["all"].get("", 0), sizes[_EVERYTHING] < _cap(_EVERYTHING)


def _questions(asked: Asked, kept: Shelves) -> list[CategoryAttribute]:
    """What the category asked for asks its listings, as far as the answers can be counted."""
    if not asked.category:
        return []
    category = next((one for one in everything(kept.roots) if one.slug == asked.category), None)
    kinds = (AttributeKind.CHOICE, AttributeKind.FLAG, AttributeKind.TEXT)
    every = kept.questions[category.pk] if category else []
    return [question for question in every if question.is_filter and question.kind in kinds]


def _sets(question: Question, questions: list[CategoryAttribute]) -> dict[str, Question]:
    """What is counted: all filters, and for each facet in use all but that one."""
    filters = question.filters

    def narrowed(**changed: Any) -> Question:
        return replace(question, filters=replace(filters, **changed))

    other = Availability.SOLD if question.availability == Availability.AVAILABLE else Availability.AVAILABLE
    without: dict[str, tuple[Any, Question]] = {  # facet -> (what is chosen now, the question without it)
        "category": (filters.category_ids, narrowed(category_ids=(), attributes=())),
        "brand": (question.brand_ids, replace(question, brand_ids=())),
        "condition": (filters.conditions, narrowed(conditions=())),
        "price_band": (
            question.price_bands or filters.has_price,
            replace(narrowed(lowest=None, highest=None), price_bands=()),
        ),
        "seller_type": (filters.seller_type, narrowed(seller_type="")),
        "feed_type": (question.feed_type, replace(question, feed_type="")),
        "distance": (question.radius is not None, replace(question, radius=BAND_KM[DistanceBand.CITY] * 1000)),
        "availability": (True, replace(question, availability=other)),
    }
    for one in questions:
        rest = tuple(answer for answer in filters.attributes if answer.key != one.key)
        without[_attribute(one)] = rest != filters.attributes, narrowed(attributes=rest)
    return {_EVERYTHING: question} | {name: fewer for name, (chosen, fewer) in without.items() if chosen}


def _cap(name: str) -> int:
    return COUNTED_ELSEWHERE if name == "availability" else COUNTED


def _attribute(question: CategoryAttribute) -> str:
    return f"{_ATTRIBUTE}{question.key}"


def _count(
    sets: Mapping[str, Question], questions: list[CategoryAttribute], viewer: Viewer, matches: Matches | None
) -> tuple[dict[str, Tally], dict[str, int]]:
    """Tallies of each set, and how many documents were read for it."""
    found, sizes = _matches_of(sets, matches)
    seen = _seen(found.values(), questions, viewer)
    currency = sets[_EVERYTHING].filters.currency or DEFAULT_CURRENCY
    tallies: dict[str, Tally] = {}
    for name, rows in found.items():
        state = _STATES[sets[name].availability]
        visible = [(one, *seen[one.id]) for one in rows if one.id in seen and seen[one.id][0].state == state]
        tally: Tally = {"all": {"": len(visible)}}
        for facet, value_of in _VALUES.items():
            if name in (facet, _EVERYTHING):
                tally[facet] = _tallied(value_of(match, row) for match, row, _ in visible)
        if name in ("price_band", _EVERYTHING):
            tally["price_band"] = _tallied(_band(row, currency) for _, row, _ in visible)
        for number, one in enumerate(questions):
            if name in (_attribute(one), _EVERYTHING):
                tally[_attribute(one)] = _tallied(answers[number] for _, _, answers in visible)
        tallies[name] = tally
    return tallies, sizes


def _tallied(values: Iterable[str | None]) -> Mapping[str, int]:
    return Counter(value for value in values if value is not None)


def _matches_of(sets: Mapping[str, Question], matches: Matches | None) -> tuple[dict[str, list[Match]], dict[str, int]]:
    """What each set is counted among, and how many that are: the cap where there may be more."""
    found, sizes = {}, {}
    for name, asked in sets.items():
        known = name == _EVERYTHING and matches is not None and matches.is_by_time
        own = Matches(replace(asked, sort=SearchSort.RECENT), is_brief=name in _BRIEF)
        part = matches if matches is not None and known else own
        found[name] = part.first(_cap(name))
        sizes[name] = len(found[name]) if part.reached is None else _cap(name)
    return found, sizes


class _Seen(NamedTuple):
    """What is counted of a listing that the viewer may see. `kinds`: as what its seller sells."""

    id: uuid.UUID
    category_id: int | None
    brand_id: int | None
    condition: str
    price_minor: int
    currency: str
    feed_type: str
    state: str
    kinds: str


def _seen(
    found: Iterable[list[Match]], questions: list[CategoryAttribute], viewer: Viewer
) -> dict[uuid.UUID, tuple[_Seen, Sequence[str | None]]]:
    """The listings among these that the viewer may see, each with its answers to the questions."""
    ids = list({row.id for rows in found for row in rows})
    if not ids:
        return {}
    say = Bound()
    kinds = " || ".join(f"CASE WHEN {said} THEN ' {kind} ' ELSE '' END" for kind, said in SOLD_BY_SQL.items())
    answers = [f"p.attributes ->> {say(one.key, 'text')}" for one in questions]
    columns = [*(f"p.{name}" for name in _Seen._fields[:-1]), kinds, *answers]
    viewer_id = viewer.pk if viewer is not None else None
    with connection.cursor() as cursor:
        cursor.execute(visible_rows(ids, viewer_id=viewer_id, columns=", ".join(columns), say=say), say.values)
        return {row[0]: (_Seen(*row[: len(_Seen._fields)]), row[len(_Seen._fields) :]) for row in cursor.fetchall()}


def _band(row: _Seen, currency: str) -> str | None:
    """None for a price in another currency than the bands are in."""
    if row.currency != currency:
        return None
    return next(band for band, below in _BANDS[currency] if below is None or row.price_minor < below)


def _distance(match: Match) -> str | None:
    far = match.metres
    return None if far is None else next((str(band) for band, km in BAND_KM.items() if far <= km * 1000), None)


_STATES = {Availability.AVAILABLE: ProductState.ACTIVE, Availability.SOLD: ProductState.SOLD}
_BANDS = {  # from the lowest on: each band with what it is below, in minor units
    code: [
        (str(band), None if high is None else Money.parse(high, code).minor)
        for band, (_low, high) in PRICE_BANDS.items()
    ]
    for code in EXPONENTS
}
_VALUES: dict[str, Callable[[Match, _Seen], str | None]] = {  # of a listing, for a facet; None: it has none
    "category": lambda _, row: None if row.category_id is None else str(row.category_id),
    "brand": lambda _, row: None if row.brand_id is None else str(row.brand_id),
    "condition": lambda _, row: row.condition or None,
    "seller_type": lambda _, row: row.kinds,
    "feed_type": lambda _, row: row.feed_type,
    "distance": lambda match, _: _distance(match),
}


@dataclass(frozen=True)
class _Facets:
    """Tallies with names."""

    question: Question
    asked: Asked
    roots: list[Category]
    questions: list[CategoryAttribute]
    tallies: dict[str, Tally]
    sizes: dict[str, int]

    def all(self) -> Iterator[Facet]:
        yield self._categories()
        yield self._brands()
        yield self._fixed("condition", _("Condition"), Condition.choices, self.asked.conditions)
        yield self._fixed("price_band", _("Price"), PriceBand.choices, self.asked.price_bands)
        yield self._seller_types()
        yield self._fixed("feed_type", _("Feed"), FeedType.choices, [self.asked.feed_type], takes_many=False)
        if self.question.place is not None:
            yield self._distances()
        yield self._availability()
        for one in self.questions:
            yield self._answers(one)

    def _tally(self, name: str) -> Mapping[str, int]:
        """By value, without the facet's own filter. Where the newest of these have fewer of what is chosen than were found, so many."""
        without, found = (self.tallies[of].get(name, {}) for of in (self._set(name), _EVERYTHING))
        return {value: max(without.get(value, 0), found.get(value, 0)) for value in {**without, **found}}

    def _set(self, name: str) -> str:
        return name if name in self.tallies else _EVERYTHING

    def _is_exact(self, name: str) -> bool:
        return self.sizes[self._set(name)] < _cap(self._set(name))

    def _fixed(self, name: str, label: Any, choices: Any, chosen: Any, *, takes_many: bool = True) -> Facet:
        tally = self._tally(name)
        found = (Choice(value, said, tally.get(value, 0), value in chosen) for value, said in choices)
        return Facet(name, label, tuple(found), self._is_exact(name), takes_many)

    def _categories(self) -> Facet:
        """Every category that has something, with what stands below it counted in."""
        own = {int(pk): many for pk, many in self._tally("category").items()}
        found: list[Choice] = []

        def count(category: Category, parent: str) -> int:
            at = len(found)
            many = own.get(category.pk, 0) + sum(count(child, category.slug) for child in category.below)
            chosen = category.slug == self.asked.category
            if many or chosen:
                found.insert(at, Choice(category.slug, category.name, many, chosen, parent))
            return many

        for root in self.roots:
            count(root, "")
        return Facet("category", _("Category"), tuple(found), self._is_exact("category"), takes_many=False)

    def _brands(self) -> Facet:
        tally = {int(pk): many for pk, many in self._tally("brand").items()}
        chosen = set(self.question.brand_ids)
        top = sorted(tally, key=lambda pk: (pk not in chosen, -tally[pk], pk))[:MOST_BRANDS]
        names = {brand.pk: brand for brand in Brand.objects.filter(pk__in=[*top, *chosen])}
        found = [
            Choice(names[pk].slug, names[pk].name, tally.get(pk, 0), pk in chosen)
            for pk in dict.fromkeys([*top, *sorted(chosen)])
            if pk in names
        ]
        return Facet("brand", _("Brand"), tuple(found), self._is_exact("brand"))

    def _seller_types(self) -> Facet:
        tally = self._tally("seller_type")
        found = (
            Choice(
                kind,
                said,
                sum(many for kinds, many in tally.items() if f" {kind} " in kinds),
                kind == self.asked.seller_type,
            )
            for kind, said in SellerType.choices
        )
        return Facet("seller_type", _("Sold by"), tuple(found), self._is_exact("seller_type"), takes_many=False)

    def _distances(self) -> Facet:
        """Each band holds the nearer ones."""
        tally, within, found = self._tally("distance"), 0, []
        for band, said in DistanceBand.choices:
            within += tally.get(band, 0)
            found.append(Choice(band, said, within, band == self.asked.distance))
        return Facet("distance", _("Distance"), tuple(found), self._is_exact("distance"), takes_many=False)

    def _availability(self) -> Facet:
        now = self.question.availability
        many = {now: self.tallies[_EVERYTHING]["all"].get("", 0)}
        found = (
            Choice(
                value,
                said,
                many.get(Availability(value), self.tallies["availability"]["all"].get("", 0)),
                value == now,
            )
            for value, said in Availability.choices
            if value != Availability.NONE
        )
        exact = self._is_exact("availability") and self._is_exact(_EVERYTHING)
        return Facet("availability", _("Availability"), tuple(found), exact, takes_many=False)

    def _answers(self, question: CategoryAttribute) -> Facet:
        name = _attribute(question)
        tally = self._tally(name)
        asked = [answer for answer in self.question.filters.attributes if answer.key == question.key]
        if question.kind == AttributeKind.TEXT:
            found = _texts(tally, [text for answer in asked for text in answer.texts])
        else:
            chosen = {str(value).lower() for answer in asked for value in answer.values}
            choices = (
                [(choice["value"], choice_name(choice)) for choice in question.choices]
                if question.kind == AttributeKind.CHOICE
                else [("true", _("Yes")), ("false", _("No"))]
            )
            found = tuple(Choice(value, said, tally.get(value, 0), value in chosen) for value, said in choices)
        return Facet(name, question.name, found, self._is_exact(name))


def _texts(tally: Mapping[str, int], asked: Sequence[str]) -> tuple[Choice, ...]:
    """Answers in people's own words, those that are asked for first, then the most frequent; in capitals or not they are the same."""
    together: dict[str, Counter[str]] = {text.lower(): Counter() for text in asked}
    for text, many in tally.items():
        together.setdefault(text.lower(), Counter())[text] += many
    chosen = {text.lower(): text for text in asked}
    order = sorted(together, key=lambda key: (key not in chosen, -together[key].total(), key))

    def choice(key: str) -> Choice:
        spelt = together[key]
        text = max(spelt, key=lambda text: (spelt[text], text), default=chosen.get(key, key))
        return Choice(chosen.get(key, text), text, spelt.total(), key in chosen)

    return tuple(choice(key) for key in order[: max(MOST_TEXTS, len(chosen))])
