"""How fast documents come of late: what a first guess needs (`walking`), kept for a minute."""

from django.core.cache import cache
from django.db import connection

from search.rules import LATELY

KEPT_FOR = 60  # seconds
FEWEST = 1000  # documents, of which it is worth while to guess
_PACE = "search:pace"
_READ = f"""
    SELECT count(*) FROM search_searchdocument
    WHERE availability = 'available' AND published_at BETWEEN now() - interval '{LATELY.days} days' AND now()
"""  # noqa: S608 - a number


def pace() -> float | None:
    """Documents a second; None where there are so few that nothing need be guessed."""
    lately: int | None = cache.get(_PACE)
    if lately is None:
        with connection.cursor() as cursor:
            cursor.execute(_READ)
            lately = int(cursor.fetchone()[0])
        cache.set(_PACE, lately, KEPT_FOR)
    return lately / LATELY.total_seconds() if lately >= FEWEST else None
