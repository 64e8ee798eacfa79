"""A small server that speaks as much OpenSearch as our engine asks for, over HTTP, and fails on demand.

It carries out the queries: what it finds, it finds by the request alone. What it does not know, it refuses, as a strict server does.
"""

import json
import math
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
Answer = tuple[int, Json]
EARTH = 6_371_008.7714  # metres, as the server's own arcs have it


class Server:
    """Indexes and aliases in memory. `faults` are answers that are given instead of carrying a request out, each once."""

    def __init__(self) -> None:
        self.indexes: dict[str, dict[str, tuple[int, Json]]] = {}
        self.mappings: dict[str, Json] = {}
        self.aliases: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.faults: list[tuple[re.Pattern[str], Callable[[], Answer | None]]] = []
        self.refused_once: set[str] = set()  # ids of documents that the next bulk request turns away
        self.refused_always: set[str] = set()  # and those that none takes
        self.lock = threading.Lock()
        self.url = ""

    def fail(self, path: str, status: int, *, times: int = 1) -> None:
        self.faults += [(re.compile(path), lambda: (status, {"error": "said so"}))] * times

    def answer(self, method: str, path: str, raw: bytes) -> Answer:
        path, _, query = path.partition("?")
        self.asked.append((method, path))
        for number, (pattern, fault) in enumerate(self.faults):
            if pattern.search(path):
                del self.faults[number]
                return fault() or (500, {})
        parts = path.strip("/").split("/")
        if parts[-1] == "_bulk":
            return self._bulk(parts[0], raw, must_be_alias="require_alias=true" in query)
        body = json.loads(raw) if raw else {}
        ways: dict[str, Callable[[], Answer]] = {
            "_search": lambda: self._search(parts[0], body),
            "_refresh": lambda: (200, {}),
            "_aliases": lambda: self._move_aliases(body),
        }
        if method == "DELETE" and "_doc" in parts:
            self.indexes[self.aliases[parts[0]]].pop(parts[2], None)
            return 200, {}
        if parts[-1] in ways:
            return ways[parts[-1]]()
        if parts[0] == "_alias":
            found = {self.aliases[name]: {} for name in parts[1:] if name in self.aliases}
            return (200, found) if found else (404, {"error": "alias missing"})
        return self._index(method, parts[0], body)

    def _index(self, method: str, name: str, body: Json) -> Answer:
        if method == "PUT":
            self.indexes[name], self.mappings[name] = {}, body["mappings"]
        elif method != "DELETE" or self.indexes.pop(name, None) is None:
            return 400, {"error": f"{method} {name}"}
        return 200, {"acknowledged": True}

    def _move_aliases(self, body: Json) -> Answer:
        for action in body["actions"]:
            ((verb, said),) = action.items()
            if verb == "remove_index":
                del self.indexes[said["index"]]
            elif verb == "add" and said["index"] in self.indexes:
                self.aliases[said["alias"]] = said["index"]
            else:
                return 400, {"error": str(action)}
        return 200, {"acknowledged": True}

    def _bulk(self, name: str, raw: bytes, *, must_be_alias: bool) -> Answer:
        lines = [json.loads(line) for line in raw.splitlines()]
        items = []
        for action, source in zip(lines[::2], lines[1::2], strict=True):
            said = action["index"]
            status = self._write(name, said, source, must_be_alias=must_be_alias)
            error = {"error": {"type": "turned_away", "reason": "because"}} if status >= 300 else {}
            items.append({"index": {"_id": said["_id"], "status": status, **error}})
        return 200, {"errors": any("error" in item["index"] for item in items), "items": items}

    def _write(self, name: str, said: Json, source: Json, *, must_be_alias: bool) -> int:
        pk, version = said["_id"], said["version"]
        if must_be_alias and name not in self.aliases:
            return 404
        if pk in self.refused_once:
            self.refused_once.discard(pk)
            return 429
        index = self.aliases.get(name, name)
        known = self.mappings.get(index, {"properties": source})["properties"]
        if pk in self.refused_always or not set(source) <= set(known):
            return 400
        documents = self.indexes.setdefault(index, {})
        if said["version_type"] == "external_gte" and pk in documents and documents[pk][0] > version:
            return 409
        documents[pk] = version, source
        return 200

    def _search(self, name: str, body: Json) -> Answer:
        if name not in self.aliases:
            return 404, {"error": "index_not_found_exception"}
        hits = []
        for _version, source in self.indexes[self.aliases[name]].values():
            score = weigh(body["query"], source)
            if score is not None:
                hits.append((source, score))
        if "aggs" in body:
            asked = body["aggs"]["has"]["filters"]["filters"]
            counted = {key: sum(weigh(q, source) is not None for source, _ in hits) for key, q in asked.items()}
            buckets = {key: {"doc_count": many} for key, many in counted.items()}
            return 200, {"timed_out": False, "hits": {"hits": []}, "aggregations": {"has": {"buckets": buckets}}}
        rows = [(keys(body["sort"], source), source, score) for source, score in hits]
        for place, order in reversed(list(enumerate(ways(body["sort"])))):
            rows.sort(key=lambda row, at=place: row[0][at], reverse=order == "desc")  # type: ignore[misc]
        if "search_after" in body:
            after = body["search_after"]
            rows = [row for row in rows if is_after(row[0], after, ways(body["sort"]))]
        found = [{"_id": s["id"], "_score": score, "sort": list(key)} for key, s, score in rows[: body["size"]]]
        return 200, {"timed_out": False, "_shards": {"failed": 0}, "hits": {"hits": found}}


# --- queries ----------------------------------------------------------------------------------------------------------


def weigh(query: Json, source: Json) -> float | None:
    """The score of a document, None where it does not match."""
    ((kind, said),) = query.items()
    if kind == "bool":
        return _both(said, source)
    if kind == "dis_max":
        scores = [score for one in said["queries"] if (score := weigh(one, source)) is not None]
        return max(scores) if scores else None
    if kind == "constant_score":
        return said["boost"] if weigh(said["filter"], source) is not None else None
    return 1.0 if _matches(kind, said, source) else None


def _both(said: Json, source: Json) -> float | None:
    unknown = set(said) - {"must", "filter", "should", "minimum_should_match"}
    assert not unknown, unknown
    scores = [weigh(one, source) for one in said.get("must", [])]
    if None in scores or any(weigh(one, source) is None for one in said.get("filter", [])):
        return None
    if said.get("should") and not any(weigh(one, source) is not None for one in said["should"]):
        return None
    return sum(score for score in scores if score is not None)


def _matches(kind: str, said: Json, source: Json) -> bool:
    if kind == "geo_distance":
        return source["place"] is not None and arc(source["place"], said["place"]) <= float(said["distance"][:-1])
    ((name, wanted),) = said.items()
    value = source[name]
    values = value if isinstance(value, list) else [value]
    if kind == "term":
        return wanted in values
    if kind == "terms":
        return any(one in values for one in wanted)
    if kind == "range":
        tests = {"gte": lambda a, b: a >= b, "lte": lambda a, b: a <= b, "lt": lambda a, b: a < b}
        return all(tests[end](value, limit) for end, limit in wanted.items())
    raise AssertionError(kind)


def arc(a: Json, b: Json) -> float:
    one, two = math.radians(a["lat"]), math.radians(b["lat"])
    h = math.sin((two - one) / 2) ** 2
    h += math.cos(one) * math.cos(two) * math.sin(math.radians(b["lon"] - a["lon"]) / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(h))


def ways(sort: list[Json]) -> list[str]:
    return [said["order"] for one in sort for said in one.values()]


def keys(sort: list[Json], source: Json) -> tuple[Any, ...]:
    return tuple(
        arc(source["place"], said["place"]) if name == "_geo_distance" else source[name]
        for one in sort
        for name, said in one.items()
    )


def is_after(row: tuple[Any, ...], spot: list[Any], orders: list[str]) -> bool:
    for value, limit, order in zip(row, spot, orders, strict=True):
        if value != limit:
            return bool(value < limit) if order == "desc" else bool(value > limit)
    return False


# --- http -------------------------------------------------------------------------------------------------------------


@contextmanager
def serving() -> Iterator[Server]:
    """A server that listens until the end of the block."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for the reader's word that it has the head

        def _any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with server.lock:
                status, found = server.answer(self.command, self.path, raw)
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - http.server's names

        def log_message(self, *_: Any) -> None:
            """Tests are quiet."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{listening.server_port}"
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
