"""An engine outside the database is given what changed. Nothing here is part of a transaction: it talks to another machine."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils import timezone

from search.engines import engine
from search.models import SearchDocument
from search.ports import Progress

BATCH = 500
OVERLAP = timedelta(minutes=10)  # longer than any transaction that writes documents


def copy_to_engine(*, batch: int = BATCH) -> int:
    """Give the engine every document that it has not got as it is now, and return how many it took.

    What it did not take stays marked and is tried again the next time. Safe to break off and for two at once: the engine keeps the
    latest version. Does nothing where the documents are the index.

    Raises:
        what the engine raises when it does not answer.
    """
    if not engine().keeps_a_copy:
        return 0
    done = 0
    for ids in _batches(batch):
        copied = engine().copy(ids)
        _mark(copied)
        done += len(copied)
    return done


def rebuild_engine(*, progress: Progress) -> int:
    """Make the engine's copy anew and return how many documents it has. What changes meanwhile is copied afterwards.

    Raises:
        what the engine raises when it does not answer; the old copy goes on answering then.
    """
    began = timezone.now() - OVERLAP
    done = engine().rebuild(progress=progress)
    if engine().keeps_a_copy:
        settled = SearchDocument.objects.filter(indexed_at__lt=began)
        settled.exclude(copied_version=F("version")).update(copied_version=F("version"))
        SearchDocument.objects.filter(indexed_at__gte=began).update(copied_version=0)
        copy_to_engine()
    return done


def _batches(size: int) -> Iterator[list[UUID]]:
    """Ids of documents that the engine has not got, each once."""
    left = SearchDocument.objects.exclude(copied_version=F("version")).order_by("pk").values_list("pk", flat=True)
    last = None
    while page := list((left.filter(pk__gt=last) if last else left)[:size]):
        yield page
        last = page[-1]


def _mark(copied: dict[UUID, int]) -> None:
    """Note the versions that the engine has. One that was written meanwhile is still to be copied."""
    if not copied:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE search_searchdocument d SET copied_version = c.version "
            "FROM unnest(%(ids)s::uuid[], %(versions)s::bigint[]) AS c (id, version) "
            "WHERE d.product_id = c.id AND d.copied_version < c.version",
            {"ids": list(copied), "versions": list(copied.values())},
        )
