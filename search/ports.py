"""The question that search asks an engine, and what every engine must answer.

An engine only finds: which listings have the words, in an order that it can walk, and how well they fit. Whether the viewer may see
them and whether they match every filter, one statement of ours says for all engines, of the listings themselves.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from core.geo import LatLng
from feeds.selectors import Filters
from search.analysis import Group
from search.marks import Stretch
from search.states import Availability, PriceBand, SearchSort


@dataclass(frozen=True)
class Question:
    """A search, checked and read. `groups` are the words; without any it is a list of all that the filters let pass.

    `filters` are the feeds' own (category, prices, condition, type of seller, attributes). Metres from `place`.
    """

    q: str = ""
    groups: tuple[Group, ...] = ()
    filters: Filters = field(default_factory=Filters)
    price_bands: tuple[PriceBand, ...] = ()
    brand_ids: tuple[int, ...] = ()
    feed_type: str = ""
    availability: Availability = Availability.AVAILABLE
    neighborhood_id: uuid.UUID | None = None
    place: LatLng | None = None
    radius: float | None = None
    sort: SearchSort = SearchSort.RELEVANCE
    named_categories: tuple[int, ...] = ()  # whose names are among the words: what stands elsewhere fits less
    # No part of what is asked, kept because reading it cost a query: listings for each of its words that titles, brands or shelves
    # have, and for their lexemes those of late that have it anywhere too; words that neither these nor synonyms have, and words of the
    # other script that sound like one.
    known: Mapping[str, int] = field(default_factory=dict, repr=False, compare=False, hash=False)
    often: Mapping[str, tuple[int, int]] = field(default_factory=dict, repr=False, compare=False, hash=False)
    pace: float | None = field(default=None, repr=False, compare=False, hash=False)  # documents a second of late
    strange: tuple[str, ...] = field(default=(), repr=False, compare=False, hash=False)
    alike: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False, compare=False, hash=False)


@dataclass(frozen=True)
class Spot:
    """A place in an order: just after the row with this key (as SQL reads it) and id."""

    key: str
    id: uuid.UUID


@dataclass(frozen=True)
class Span:
    """The part of a list that is asked for: what comes after a spot, up to another one and with it; nothing published after `as_of`.

    `times` (`search.marks`): only what was published in these. An engine that finds by marks uses them then, of places too; with None
    it goes by words alone.
    """

    after: Spot | None = None
    until: Spot | None = None
    as_of: datetime | None = None
    times: Stretch | None = None


@dataclass(frozen=True)
class Source:
    """Where the candidates of a question stand, as SQL without parameters.

    `rows` names relations among which is `d`, a `search_searchdocument`; `conditions` hold for candidates. When the window is cut,
    `text` says of each of its rows, `d` again, how well it fits the words, 0 to 1; it reads what `carried` names. `reached`: the engine
    looked no further than to this spot, and there may be more behind it.
    """

    rows: str
    conditions: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    text: str = "0::float8"
    reached: Spot | None = None


class Engine(Protocol):
    """Finds listings by words. Documents are copied to it from `SearchDocument`, which stays the truth."""

    name: str
    keeps_a_copy: bool  # of the documents, elsewhere: `copy` is called for what changed
    finds_by_marks: bool  # it wants to be asked by days and weeks, having no order of its own

    def source(self, question: Question, *, span: Span, limit: int) -> Source:
        """Candidates of which the caller wants `limit` in the question's order. More, and some that do not match, may be among them;
        none that matches may be missing in front of the last one. The caller says the span again in its statement.
        """

    def has(self, lexemes: Sequence[str]) -> set[str]:
        """Those of the lexemes that some listing for sale has anywhere."""

    def copy(self, document_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        """Take over documents as they stand now, also those that are not shown any more; return the versions of those that were."""

    def rebuild(self, *, progress: "Progress") -> int:
        """Make the engine's copy anew while the old one goes on answering; return how many documents it has."""


class Progress(Protocol):
    def __call__(self, done: int, whole: int) -> None: ...
