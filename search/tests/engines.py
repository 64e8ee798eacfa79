"""The engines that the same searches must answer alike."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
import requests
from django.test import override_settings

from search import engines
from search.actions import copy_to_engine, index_products
from search.engines.opensearch import wire
from search.ports import Progress
from search.tests.opensearch import serving

POSTGRES, FAKE, REAL = "postgres", "opensearch, our own small server", "opensearch"
ENGINES = [
    POSTGRES,
    FAKE,
    pytest.param(
        REAL, marks=pytest.mark.skipif(not os.environ.get("OPENSEARCH_URL"), reason="needs a server in OPENSEARCH_URL")
    ),
]
quiet: Progress = lambda done, whole: None  # noqa: E731
copied: list[
    uuid.UUID
] = []  # documents that tests put beside PostgreSQL, which does not take them back with the transaction


@contextmanager
def using(name: str) -> Iterator[None]:
    """Search by this engine, which has an index of its own."""
    if name == POSTGRES:
        with override_settings(SEARCH_ENGINE="postgres"):
            yield
    elif name == FAKE:
        with serving() as server, _opensearch(server.url):
            yield
    else:
        with _opensearch(os.environ["OPENSEARCH_URL"]):
            yield


@contextmanager
def _opensearch(url: str) -> Iterator[None]:
    alias = f"souk-test-{uuid.uuid4().hex[:10]}"
    # A machine that is busy with tests is no server that is away, in whose place PostgreSQL would answer.
    patience = patch.multiple(wire, CONNECT_WITHIN=60.0, ANSWER_WITHIN=60.0)
    with patience, override_settings(SEARCH_ENGINE="opensearch", OPENSEARCH_URL=url, OPENSEARCH_ALIAS=alias):
        engines.engine().rebuild(progress=quiet)
        try:
            yield
        finally:
            for name in requests.get(f"{url}/_alias/{alias}", timeout=30).json():
                requests.delete(f"{url}/{name}", timeout=30)


def index(product_ids: list[uuid.UUID]) -> None:
    """Put listings into the search, whichever engine answers, and wait until they are found."""
    index_products(product_ids)
    if copy_to_engine():
        copied.extend(product_ids)
        _refresh()


def forget_after(number: int) -> None:
    """Take out what was copied after so many documents: its transaction is rolled back."""
    if len(copied) == number:
        return
    engine = engines.engine()
    for pk in copied[number:]:
        requests.delete(f"{engine.url}/{engine.alias}/_doc/{pk}", timeout=30).raise_for_status()
    del copied[number:]
    _refresh()


def _refresh() -> None:
    engine = engines.engine()
    requests.post(f"{engine.url}/{engine.alias}/_refresh", timeout=30).raise_for_status()
