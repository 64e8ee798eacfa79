"""Feeds as their doors ask for them: of first pages that the formula ordered, some are noted, with what stood next in line."""

from collections.abc import Callable

from django.conf import settings

from core.geo import LatLng
from feeds import actions
from feeds.selectors import Page
from feeds.states import Feed


def noted(ask: Callable[..., Page], *, feed: Feed, place: LatLng | None, size: int, cursor: str | None) -> Page:
    """What `ask(size=, cursor=, look_ahead=)` answers."""
    look_ahead = max(size, settings.RANKING_LOOK_AHEAD) if not cursor and actions.is_sampled() else 0
    page = ask(size=size, cursor=cursor, look_ahead=look_ahead)
    if look_ahead and page.ranked is not None:
        actions.note_impressions(feed=feed, page_size=size, ranked=page.ranked, place=place)
    return page
