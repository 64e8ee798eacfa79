"""What places tell. Whoever keeps a reference to a neighbourhood listens and looks the place up again."""

from core.events import Event, event


@event("places.neighborhoods_loaded")
class NeighborhoodsLoaded(Event):
    """Boundaries of a city were added, moved or retired, so a point in that city may now lie in another neighbourhood.

    Listeners find the rows to look up again by `retired_ids` (references that no longer stand for a live
    neighbourhood) and by points within the city; `selectors.neighborhood_id_at` does it in one statement.
    """

    city: str
    source: str
    loaded_ids: list[str]  # added or changed
    retired_ids: list[str]  # made inactive because these replace them
