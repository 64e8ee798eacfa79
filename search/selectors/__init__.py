"""Questions to the search, by topic."""

from search.selectors.facets import Choice, Counts, Facet, counts, total
from search.selectors.finding import Answer, More, Understood, find, finds_something
from search.selectors.history import history_of
from search.selectors.pages import Results, every_id, results
from search.selectors.popular import popular, trending
from search.selectors.reading import Asked, read_groups, read_question, with_words
from search.selectors.schema import Filter, Option, Schema, search_schema
from search.selectors.suggestions import Suggestion, suggestions
from search.selectors.synonyms import forget_synonyms, synonym_sets, synonyms

__all__ = [
    "Answer",
    "Asked",
    "Choice",
    "Counts",
    "Facet",
    "Filter",
    "More",
    "Option",
    "Results",
    "Schema",
    "Suggestion",
    "Understood",
    "counts",
    "every_id",
    "find",
    "finds_something",
    "forget_synonyms",
    "history_of",
    "popular",
    "read_groups",
    "read_question",
    "results",
    "search_schema",
    "suggestions",
    "synonym_sets",
    "synonyms",
    "total",
    "trending",
    "with_words",
]
