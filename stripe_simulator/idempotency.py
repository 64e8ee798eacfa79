"""Stripe's promise about Idempotency-Key: the first answer that came from executing is kept, whatever it was."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from stripe_simulator.protocol import Response, StripeError
from stripe_simulator.world import DAY, World

KEPT = DAY
KEY_IN_USE = (
    "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the"
    " other request is still going through)."
)


class KeysInUse:
    """Keys of calls that are executing at this moment. A process that dies takes them along, and its unfinished calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[tuple[str, str]] = set()

    @contextmanager
    def claim(self, account: str, key: str | None) -> Iterator[None]:
        if key is None:
            yield
            return
        with self._lock:
            if (account, key) in self._keys:
                raise StripeError(KEY_IN_USE, status=409, kind="idempotency_error", code="idempotency_key_in_use")
            self._keys.add((account, key))
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard((account, key))


def replay(world: World, account: str, key: str, fingerprint: str) -> Response | None:
    """The answer kept for the key. Raises StripeError when it was used for something else."""
    prune(world, world.time() - KEPT)
    found = world.store.rows("SELECT * FROM saved_answers WHERE account = ? AND key = ?", account, key)
    if not found:
        return None
    if found[0]["fingerprint"] != fingerprint:
        raise StripeError(
            "Keys for idempotent requests can only be used with the same parameters they were first used with."
            f" Try using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    headers = {"Idempotent-Replayed": "true", "Original-Request": found[0]["request"]}
    return Response(found[0]["status"], found[0]["body"], headers)


def keep(world: World, account: str, key: str, *, fingerprint: str, request: str, response: Response) -> None:
    world.store.write(
        "INSERT INTO saved_answers VALUES (?, ?, ?, ?, ?, ?, ?)",
        account,
        key,
        fingerprint,
        response.status,
        response.body,
        request,
        world.time(),
    )


def prune(world: World, before: float | None = None) -> int:
    """Forget keys made before then; all of them when no time is given."""
    if before is None:
        return world.store.write("DELETE FROM saved_answers")
    return world.store.write("DELETE FROM saved_answers WHERE created < ?", before)


def fingerprint_of(method: str, path: str, fields: dict[str, object]) -> str:
    return json.dumps([method, path, fields], sort_keys=True)
