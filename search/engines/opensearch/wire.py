"""What we say to an OpenSearch server, and what we make of its answers.

Only JSON over HTTP, by `requests`, which is here already. The paths are those of docs.opensearch.org for versions 2 and 3.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import requests
import structlog

log = structlog.get_logger(__name__)

Line = tuple[dict[str, Any], dict[str, Any]]  # of a bulk request: an action and its source

CONNECT_WITHIN, ANSWER_WITHIN = 0.5, 2.0  # seconds, of a search: somebody waits for it
BULK_WITHIN = 30.0
TRIES = 4  # of what nobody waits for
LONGEST_PAUSE = 5.0  # seconds between them
BUSY = frozenset({429, 502, 503, 504})
STALE = 409  # the server has this version or a later one


class EngineAway(Exception):  # noqa: N818 - a fact
    """The server does not answer, or says that it cannot now."""


class EngineRefused(Exception):  # noqa: N818 - a fact
    """The server understood and will not: our mistake, or an index that is missing."""


@dataclass(frozen=True)
class Outcome:
    """What became of one line of a bulk request."""

    id: str
    status: int
    reason: str

    @property
    def is_settled(self) -> bool:
        """The server has this version of the document or a later one."""
        return self.status < 300 or self.status == STALE

    @property
    def may_pass(self) -> bool:
        """Trying again may help."""
        return self.status in BUSY


class Wire:
    """One server. Safe for threads as far as `requests.Session` is: one each, see `engine`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.session = requests.Session()

    def ask(self, method: str, path: str, body: Any = None, *, within: float | None = None) -> dict[str, Any]:
        """One try. Raises EngineAway, EngineRefused."""
        raw = None if body is None else orjson.dumps(body)
        return self._read(self._send(method, path, raw, "application/json", within or ANSWER_WITHIN))

    def insist(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The same with patience, for what nobody waits for."""
        for pause in _pauses():
            try:
                return self.ask(method, path, body, within=BULK_WITHIN)
            except EngineAway as away:
                if pause is None:
                    raise
                log.warning("search_engine_away", path=path, error=str(away))
                time.sleep(pause)
        raise EngineAway

    def bulk(self, index: str, lines: Sequence[Line], *, is_alias: bool) -> list[Outcome]:
        """Write documents and say what became of each. An alias must be there: the server would make an index of that name.

        Lines that a busy server turned away, alone or with the whole request, are sent again; those that it turned away to the last
        come back as they are. Raises EngineAway, EngineRefused.
        """
        left, done = list(lines), []
        for pause in _pauses():
            try:
                outcomes = self._bulk_once(index, left, is_alias)
            except EngineAway as away:
                if pause is None:
                    raise
                log.warning("search_engine_away", path="_bulk", error=str(away))
                time.sleep(pause)
                continue
            turned_away = {one.id for one in outcomes if one.may_pass} if pause is not None else set()
            done += [one for one in outcomes if one.id not in turned_away]
            left = [line for line in left if line[0]["index"]["_id"] in turned_away]
            if not left:
                break
            time.sleep(pause or 0)
        return done

    def _bulk_once(self, index: str, lines: Sequence[Line], is_alias: bool) -> list[Outcome]:
        raw = b"".join(orjson.dumps(part) + b"\n" for line in lines for part in line)
        sent = self._send(
            "POST",
            f"/{index}/_bulk?require_alias={'true' if is_alias else 'false'}",
            raw,
            "application/x-ndjson",
            BULK_WITHIN,
        )
        answer = self._read(sent)
        return [
            Outcome(said["_id"], int(said["status"]), str((said.get("error") or {}).get("reason", "")))
            for item in answer["items"]
            for said in item.values()
        ]

    def _send(self, method: str, path: str, raw: bytes | None, kind: str, within: float) -> requests.Response:
        try:
            return self.session.request(
                method,
                f"{self.url}{path}",
                data=raw,
                headers={"Content-Type": kind} if raw is not None else {},
                timeout=(CONNECT_WITHIN, within),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise EngineAway(type(error).__name__) from error

    def _read(self, answer: requests.Response) -> dict[str, Any]:
        if answer.status_code in BUSY:
            raise EngineAway(str(answer.status_code))
        if not answer.ok:
            msg = f"{answer.status_code} {answer.text[:300]}"
            raise EngineRefused(msg)
        try:
            found = orjson.loads(answer.content or b"{}")
        except orjson.JSONDecodeError as error:  # a proxy's page, say
            msg = "no JSON"
            raise EngineAway(msg) from error
        if not isinstance(found, dict):
            msg = "no object"
            raise EngineAway(msg)
        if found.get("timed_out") or (found.get("_shards") or {}).get("failed"):
            msg = "half an answer"
            raise EngineAway(msg)  # it would leave listings out and not say so
        return found


def _pauses() -> Iterator[float | None]:
    """Seconds to wait after each try that failed; None after the last one."""
    for nth in range(TRIES - 1):
        yield min(LONGEST_PAUSE, 0.1 * 4**nth)
    yield None
