"""What search has news of."""

import uuid

from core.events import Event, event


@event("search.saved_searches_matched")
class SavedSearchesMatched(Event):
    """Searches of people who want to hear at once found a listing: new, or cheaper than it was. The rows say whose."""

    product_id: uuid.UUID


@event("search.saved_search_helped_with")
class SavedSearchHelpedWith(Event):
    """Staff did something to somebody's saved search. `what`: paused, resumed, removed, restored."""

    saved_search_id: uuid.UUID
    user_id: uuid.UUID
    what: str
