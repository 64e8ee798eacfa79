"""OpenSearch finds candidates by words; PostgreSQL still says what each of them is and who may see it.

The documents stay in PostgreSQL, words and all, and are copied (`search.actions.copy_to_engine`). So a server that is away takes no
search with it: the database answers meanwhile, as it does for searches without words. What the server has and the documents do not
say any more falls out in our own statement.
"""

import threading
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from search.engines.literals import literal
from search.engines.opensearch import asking, documents
from search.engines.opensearch.wire import EngineAway, EngineRefused, Wire
from search.engines.postgres import PostgresEngine, wanted
from search.models import SearchDocument
from search.ports import Progress, Question, Source, Span

log = structlog.get_logger(__name__)

BATCH = 500
LEFT_ALONE_FOR = (
    5.0  # seconds without a search after a failure, so that a hanging server costs one time-out and not many
)


class OpenSearchEngine:
    """Searches an alias; the index behind it is exchanged by `rebuild`."""

    name = "opensearch"
    keeps_a_copy = True
    finds_by_marks = False

    def __init__(self, url: str, alias: str) -> None:
        self.url, self.alias = url, alias
        self._meanwhile = PostgresEngine()
        self._own = threading.local()
        self._away_until = 0.0

    @property
    def wire(self) -> Wire:
        if not hasattr(self._own, "wire"):
            self._own.wire = Wire(self.url)
        wire: Wire = self._own.wire
        return wire

    def source(self, question: Question, *, span: Span, limit: int) -> Source:
        if not question.groups or self._is_left_alone():
            return self._meanwhile.source(question, span=span, limit=limit)
        body = asking.search_body(question, span, limit)
        try:
            hits = self.wire.ask("POST", f"/{self.alias}/_search", body)["hits"]["hits"]
        except (EngineAway, EngineRefused) as error:
            self._leave_alone(error)
            return self._meanwhile.source(question, span=span, limit=limit)
        found = ", ".join(f"({literal(hit['_id'])}::uuid, {float(hit['_score'])!r}::float8)" for hit in hits)
        rows = f"(VALUES {found})" if found else "(SELECT NULL::uuid, 0::float8 WHERE false)"
        is_cut = len(hits) == body["size"] and body["size"] < asking.MOST
        return Source(
            f"{rows} AS hit (id, fit) JOIN search_searchdocument d ON d.product_id = hit.id",
            # The server may be a moment behind: what no longer has the words is no match.
            conditions=(f"d.words @@ {wanted(question.groups)}",),
            carried=("hit.fit",),
            text="least(1, d.fit)::float8",
            reached=asking.spot_of(question, hits[-1]["sort"]) if is_cut else None,
        )

    def has(self, lexemes: Sequence[str]) -> set[str]:
        if not lexemes:
            return set()
        if self._is_left_alone():
            return self._meanwhile.has(lexemes)
        try:
            answer = self.wire.ask("POST", f"/{self.alias}/_search", asking.has_body(lexemes))
        except (EngineAway, EngineRefused) as error:
            self._leave_alone(error)
            return self._meanwhile.has(lexemes)
        buckets = answer["aggregations"]["has"]["buckets"]
        return {lexeme for number, lexeme in enumerate(lexemes) if buckets[str(number)]["doc_count"]}

    def copy(self, document_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        """Raises EngineAway, EngineRefused."""
        return self._copy(self.alias, document_ids)

    def rebuild(self, *, progress: Progress) -> int:
        """Fill a new index, then let the alias name it and drop what it named before. Raises EngineAway, EngineRefused."""
        index = f"{self.alias}-{datetime.now(UTC):%Y%m%d%H%M%S}-{uuid.uuid4().hex[:6]}"
        self.wire.insist("PUT", f"/{index}", documents.MAPPING)
        try:
            done = self._fill(index, progress)
            self.wire.insist("POST", f"/{index}/_refresh")
            old = self._named()
        except (EngineAway, EngineRefused):
            self._drop(index)
            raise
        actions = [{"remove_index": {"index": name}} for name in old]
        self.wire.insist("POST", "/_aliases", {"actions": [*actions, {"add": {"index": index, "alias": self.alias}}]})
        return done

    def _fill(self, index: str, progress: Progress) -> int:
        ids = SearchDocument.objects.order_by("pk").values_list("pk", flat=True)
        whole, done, last = ids.count(), 0, None
        while page := list((ids.filter(pk__gt=last) if last else ids)[:BATCH]):
            copied = self._copy(index, page)
            if len(copied) < len(page):
                msg = f"{len(page) - len(copied)} documents were not taken"
                raise EngineRefused(msg)
            done, last = done + len(page), page[-1]
            progress(done, whole)
        return done

    def _copy(self, index: str, document_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        lines = documents.read(document_ids)
        if not lines:
            return {}
        versions = {action["index"]["_id"]: action["index"]["version"] for action, _source in lines}
        outcomes = self.wire.bulk(index, lines, is_alias=index == self.alias)
        for one in outcomes:
            if not one.is_settled:
                log.warning("search_document_not_copied", document=one.id, status=one.status, reason=one.reason)
        return {uuid.UUID(one.id): versions[one.id] for one in outcomes if one.is_settled}

    def _named(self) -> list[str]:
        """The indexes that the alias names now."""
        try:
            return sorted(self.wire.insist("GET", f"/_alias/{self.alias}"))
        except EngineRefused as refused:
            if str(refused).startswith("404"):
                return []
            raise

    def _drop(self, index: str) -> None:
        try:
            self.wire.ask("DELETE", f"/{index}")
        except (EngineAway, EngineRefused) as error:
            log.warning("search_index_left_behind", index=index, error=str(error))

    def _is_left_alone(self) -> bool:
        return time.monotonic() < self._away_until

    def _leave_alone(self, error: Exception) -> None:
        self._away_until = time.monotonic() + LEFT_ALONE_FOR
        log.warning("search_engine_left_alone", error=f"{type(error).__name__}: {error}")
