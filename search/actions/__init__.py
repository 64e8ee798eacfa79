"""What changes in search."""

from search.actions.copying import copy_to_engine, rebuild_engine
from search.actions.helping import (
    pause_for_owner,
    read_again_for_owner,
    remove_for_owner,
    restore_for_owner,
    resume_for_owner,
)
from search.actions.history import forget_all_searches, forget_search, remember_search
from search.actions.indexing import index_everything, index_products, index_what_changed
from search.actions.matching import (
    tell_searches_of_edit,
    tell_searches_of_listing,
    tell_searches_of_lower_price,
)
from search.actions.saving import (
    change_saved_search,
    forget_removed_searches,
    look_at_saved_search,
    read_saved_searches_again,
    remove_saved_search,
    restore_saved_search,
    save_search,
)
from search.actions.telling import note_told
from search.actions.tracking import count_popular, track_search
from search.actions.words import check_synonyms, count_words, save_synonyms, show_popular
from search.actions.worth import follow_worth

__all__ = [
    "change_saved_search",
    "check_synonyms",
    "copy_to_engine",
    "count_popular",
    "count_words",
    "follow_worth",
    "forget_all_searches",
    "forget_removed_searches",
    "forget_search",
    "index_everything",
    "index_products",
    "index_what_changed",
    "look_at_saved_search",
    "note_told",
    "pause_for_owner",
    "read_again_for_owner",
    "read_saved_searches_again",
    "rebuild_engine",
    "remember_search",
    "remove_for_owner",
    "remove_saved_search",
    "restore_for_owner",
    "restore_saved_search",
    "resume_for_owner",
    "save_search",
    "save_synonyms",
    "show_popular",
    "tell_searches_of_edit",
    "tell_searches_of_listing",
    "tell_searches_of_lower_price",
    "track_search",
]
