"""What changes in search."""

from search.actions.history import forget_all_searches, forget_search, remember_search
from search.actions.indexing import index_everything, index_products, index_what_changed
from search.actions.tracking import count_popular, track_search
from search.actions.words import check_synonyms, count_words, save_synonyms, show_popular

__all__ = [
    "check_synonyms",
    "count_popular",
    "count_words",
    "forget_all_searches",
    "forget_search",
    "index_everything",
    "index_products",
    "index_what_changed",
    "remember_search",
    "save_synonyms",
    "show_popular",
    "track_search",
]
