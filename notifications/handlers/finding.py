"""What people are told of what their saved searches found."""

from core.events import starts_job
from notifications.actions import tell_finds
from search.events import SavedSearchesMatched


@starts_job(SavedSearchesMatched)
def tell_people_what_their_searches_found(news: SavedSearchesMatched) -> None:
    tell_finds(product_id=news.product_id)
