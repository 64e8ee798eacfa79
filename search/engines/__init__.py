"""The engine that is in use."""

from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from search.engines.postgres import PostgresEngine
from search.ports import Engine


def engine() -> Engine:
    """The engine that `SEARCH_ENGINE` names. Raises ImproperlyConfigured for a name that there is none of."""
    return _named(settings.SEARCH_ENGINE)


@lru_cache(maxsize=4)
def _named(name: str) -> Engine:
    if name == PostgresEngine.name:
        return PostgresEngine()
    msg = f"SEARCH_ENGINE={name!r}: there is no such engine"
    raise ImproperlyConfigured(msg)
