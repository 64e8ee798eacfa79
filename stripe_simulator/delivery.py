"""Webhooks: signed, at least once, with growing pauses, in no promised order."""

import contextlib
import hashlib
import hmac
import http.client
import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from sqlite3 import Row
from urllib.parse import urlsplit

from stripe_simulator.protocol import Doc
from stripe_simulator.rendering import present
from stripe_simulator.world import World

MODES = ("normal", "shuffle", "duplicate", "hold", "fail")
FIRST_PAUSE, LONGEST_PAUSE, ATTEMPTS = 2.0, 3600.0, 16
PATIENCE = 10.0  # seconds that an endpoint has for its answer
SHUFFLE_WINDOW = 0.5  # seconds that events wait for each other, to be sent in another order


def signature(body: bytes, secret: str, moment: int) -> str:
    digest = hmac.new(secret.encode(), b"%d." % moment + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


class Postman(threading.Thread):
    """The thread that delivers. Waiting deliveries lie in the store, so they also outlive the process."""

    def __init__(self, world: World) -> None:
        super().__init__(name="postman", daemon=True)
        self.world = world
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._chance = random.Random()  # noqa: S311
        world.wake_postman = self._wake.set

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self.is_alive():
            self.join(timeout=PATIENCE)

    def run(self) -> None:
        with ThreadPoolExecutor(max_workers=4, thread_name_prefix="postman") as hands:
            while not self._stopping.is_set():
                due = self.due()
                if not due:
                    self._wake.wait(0.2)
                    self._wake.clear()
                    continue
                list(hands.map(self.deliver, due))

    def mode(self) -> Doc:
        found: Doc = self.world.store.setting("deliveries", {"mode": "normal"})
        return found

    def due(self) -> list[Row]:
        """At most 20 that may be sent now, in the order of the mode."""
        mode = self.mode()
        if mode["mode"] == "hold":
            return []
        rows = self.world.store.rows(
            "SELECT * FROM deliveries WHERE state = 'waiting' AND due <= ? ORDER BY due, id LIMIT 20", time.time()
        )
        if rows and mode["mode"] == "shuffle":
            self._stopping.wait(mode.get("window", SHUFFLE_WINDOW))
            rows = self.world.store.rows("SELECT * FROM deliveries WHERE state = 'waiting' AND due <= ?", time.time())
            random.Random(mode.get("seed")).shuffle(rows)  # noqa: S311
            rows = rows[:20] if "seed" not in mode else rows
        return rows

    def deliver(self, row: Row) -> None:
        mode = self.mode()
        copies = mode.get("copies", 2) if mode["mode"] == "duplicate" else 1
        status = 0
        for _ in range(copies):
            status = 500 if mode["mode"] == "fail" else self.post(row)
        self.note(row, status)

    def post(self, row: Row) -> int:
        """The endpoint's status; 0 when it could not be reached, or is no endpoint any more."""
        endpoint = next((kept for kept in self.world.endpoints() if kept["url"] == row["url"]), None)
        found = self.world.store.find(row["event"])
        if endpoint is None or found is None:
            return 0
        body = json.dumps(present(self.world, found[0]), indent=2).encode()
        moment = int(time.time()) - row["age"]
        address = urlsplit(endpoint["url"])
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=PATIENCE)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        headers["Stripe-Signature"] = signature(body, endpoint["secret"], moment)
        try:
            connection.request("POST", address.path or "/", body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            with contextlib.suppress(OSError):
                connection.close()
        return answer.status

    def note(self, row: Row, status: int) -> None:
        attempts = row["attempts"] + 1
        missed = "waiting" if attempts < ATTEMPTS else "failed"
        state = "delivered" if 200 <= status < 300 else missed
        pause = min(LONGEST_PAUSE, float(self.mode().get("first_pause", FIRST_PAUSE)) * 2 ** (attempts - 1))
        self.world.store.write(
            "UPDATE deliveries SET state = ?, attempts = ?, status = ?, due = ?, sent = ? WHERE id = ?",
            state,
            attempts,
            status,
            time.time() + pause,
            time.time(),
            row["id"],
        )
