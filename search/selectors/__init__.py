"""Questions to the search, by topic."""

from search.selectors.facets import Choice, Counts, Facet, counts, total
from search.selectors.finding import Answer, More, Understood, find, finds_something, with_its_price
from search.selectors.history import history_of
from search.selectors.pages import Results, every_id, results
from search.selectors.parameters import (
    as_parameters,
    asked_from,
    fingerprint_of,
    query_of,
    rounded,
    worth_keeping,
)
from search.selectors.popular import popular, trending
from search.selectors.reading import Asked, read_groups, read_question, with_words
from search.selectors.said import Chip, Dictionary, chips, name_of
from search.selectors.saved import (
    due_finds,
    people_to_send_a_digest,
    removed_search_of,
    saved_as,
    saved_search_of,
    saved_searches,
    untold_at_once,
)
from search.selectors.schema import Filter, Option, Schema, search_schema
from search.selectors.standing import (
    DIGESTS,
    READ_AGAIN,
    Standing,
    Stuck,
    finds_for_staff,
    kept_by_frequency,
    searches_for_staff,
    standing,
    stuck_searches,
)
from search.selectors.suggestions import Suggestion, suggestions
from search.selectors.synonyms import forget_synonyms, synonym_sets, synonyms
from search.selectors.watches import FITS, candidate, documents_behind, searches_that_find, watch_columns
from search.selectors.why import WhyFound, as_ranked, why_found

__all__ = [
    "DIGESTS",
    "FITS",
    "READ_AGAIN",
    "Answer",
    "Asked",
    "Chip",
    "Choice",
    "Counts",
    "Dictionary",
    "Facet",
    "Filter",
    "More",
    "Option",
    "Results",
    "Schema",
    "Standing",
    "Stuck",
    "Suggestion",
    "Understood",
    "WhyFound",
    "as_parameters",
    "as_ranked",
    "asked_from",
    "candidate",
    "chips",
    "counts",
    "documents_behind",
    "due_finds",
    "every_id",
    "find",
    "finds_for_staff",
    "finds_something",
    "fingerprint_of",
    "forget_synonyms",
    "history_of",
    "kept_by_frequency",
    "name_of",
    "people_to_send_a_digest",
    "popular",
    "query_of",
    "read_groups",
    "read_question",
    "removed_search_of",
    "results",
    "rounded",
    "saved_as",
    "saved_search_of",
    "saved_searches",
    "search_schema",
    "searches_for_staff",
    "searches_that_find",
    "standing",
    "stuck_searches",
    "suggestions",
    "synonym_sets",
    "synonyms",
    "total",
    "trending",
    "untold_at_once",
    "watch_columns",
    "why_found",
    "with_its_price",
    "with_words",
    "worth_keeping",
]
