"""What Celery runs for the search, on beat's word (`config/schedule.py`)."""

from celery import shared_task

from core.health import beat_heart
from search import actions
from search.selectors import READ_AGAIN


@shared_task(name="search.count_popular")
def count_popular() -> None:
    actions.count_popular()


@shared_task(name="search.count_words")
def count_words() -> None:
    actions.count_words()


@shared_task(name="search.catch_up")
def catch_up() -> None:
    """Mend documents whose listing or seller changed without an event that search heard."""
    actions.index_what_changed()


@shared_task(name="search.follow_worth")
def follow_worth() -> None:
    """Let documents say how much their listings are liked and their sellers trusted by now."""
    actions.follow_worth()


@shared_task(name="search.read_saved_searches_again")
def read_saved_searches_again() -> None:
    actions.read_saved_searches_again()
    beat_heart(READ_AGAIN)


@shared_task(name="search.forget_removed_searches")
def forget_removed_searches() -> None:
    actions.forget_removed_searches()


@shared_task(name="search.copy_to_engine")
def copy_to_engine() -> None:
    """Give an engine outside the database what changed since the last time."""
    actions.copy_to_engine()
