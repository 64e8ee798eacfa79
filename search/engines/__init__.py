"""The engine that is in use."""

from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from search.engines.opensearch import OpenSearchEngine
from search.engines.postgres import PostgresEngine
from search.ports import Engine


def engine() -> Engine:
    """The engine that `SEARCH_ENGINE` names.

    Raises:
        ImproperlyConfigured: there is no such engine, or it needs a server that nobody named.
    """
    return _named(settings.SEARCH_ENGINE, settings.OPENSEARCH_URL, settings.OPENSEARCH_ALIAS)


@lru_cache(maxsize=4)
def _named(name: str, url: str, alias: str) -> Engine:
    if name == PostgresEngine.name:
        return PostgresEngine()
    if name == OpenSearchEngine.name:
        if not url:
            msg = "SEARCH_ENGINE=opensearch needs OPENSEARCH_URL"
            raise ImproperlyConfigured(msg)
        return OpenSearchEngine(url, alias)
    msg = f"SEARCH_ENGINE={name!r}: there is no such engine"
    raise ImproperlyConfigured(msg)
