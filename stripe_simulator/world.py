"""What every call works on: the store, the clock, the settings, the news."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

import stripe

from stripe_simulator.protocol import PLATFORM, Doc, StripeError, missing, new_id
from stripe_simulator.rendering import present
from stripe_simulator.store import Store

DAY = 86_400
# The smallest charge, in minor units.
MINIMUM = {"aed": 200, "usd": 50}


@dataclass(frozen=True)
class Terms:
    """What differs between Stripe's customers and countries. Seconds, and minor units of the currency."""

    fee_basis_points: int = 290
    fee_fixed: int = 100
    dispute_fee: int = 6000
    available_after: float = 7 * DAY
    settle_after: float = 0  # until a paid charge shows its balance transaction
    refund_after: float = 0  # until a refund succeeds; at once when 0
    payout_transit_after: float = 60
    payout_standard_after: float = 2 * DAY
    payout_instant_after: float = 60


Work = TypeVar("Work", bound=Callable[..., None])
WORK: dict[str, Callable[["World", str], None]] = {}


def work(name: str) -> Callable[[Work], Work]:
    """Something that happens to an object when its time has come."""

    def keep(doing: Work) -> Work:
        WORK[name] = doing
        return doing

    return keep


class World:
    def __init__(
        self, store: Store, *, terms: Terms | None = None, manual_clock: bool = False, public_url: str = ""
    ) -> None:
        self.store = store
        self.manual_clock = manual_clock
        self.public_url = public_url.rstrip("/")
        self.first_terms = terms or Terms()
        self.request: Doc = {"id": None, "idempotency_key": None}
        self.wake_postman: Callable[[], None] = lambda: None

    # --- clock ----------------------------------------------------------------------------------------------------

    def time(self) -> float:
        """Seconds since 1970: of the machine plus what was skipped, or of a clock that stands until it is moved."""
        if not self.manual_clock:
            return time.time() + self.store.setting("clock_skipped", 0)
        standing = self.store.setting("clock_stands")
        if standing is None:
            standing = time.time()
            self.store.set("clock_stands", standing)
        return float(standing)

    def now(self) -> int:
        return int(self.time())

    def begin(self, ago: float) -> bool:
        """Let the clock begin so long ago. False: something has happened already."""
        if self.store.count("objects") or self.store.count("due"):
            return False
        if self.manual_clock:
            self.store.set("clock_stands", time.time() - ago)
        else:
            self.store.set("clock_skipped", -ago)
        return True

    def skip(self, seconds: float) -> None:
        """Move the clock on and do what became due, in its order."""
        name, start = (
            ("clock_stands", self.time())
            if self.manual_clock
            else ("clock_skipped", self.store.setting("clock_skipped", 0))
        )
        target = self.time() + seconds
        while due := self.store.rows("SELECT rowid, * FROM due WHERE at <= ? ORDER BY at, rowid LIMIT 1", target):
            ahead = max(0.0, due[0]["at"] - self.time())
            self.store.set(name, self.store.setting(name, start) + ahead)
            self._do(due[0])
        self.store.set(name, self.store.setting(name, start) + max(0.0, target - self.time()))

    def later(self, seconds: float, name: str, target: str) -> None:
        self.store.write("INSERT INTO due VALUES (?, ?, ?)", self.time() + seconds, name, target)

    def once_at(self, moment: float, name: str, target: str) -> None:
        """Like `later`, but several for the same moment are one."""
        statement = "INSERT INTO due SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM due WHERE at = ? AND work = ? AND target = ?)"
        self.store.write(statement, moment, name, target, moment, name, target)

    def do_due(self) -> None:
        for due in self.store.rows("SELECT rowid, * FROM due WHERE at <= ? ORDER BY at, rowid", self.time()):
            self._do(due)

    def _do(self, due: Any) -> None:
        if self.store.write("DELETE FROM due WHERE rowid = ?", due["rowid"]):
            WORK[due["work"]](self, due["target"])

    # --- settings -------------------------------------------------------------------------------------------------

    @property
    def terms(self) -> Terms:
        return replace(self.first_terms, **self.store.setting("terms", {}))

    def set_terms(self, changes: Doc) -> Doc:
        unknown = set(changes) - set(asdict(self.first_terms))
        if unknown:
            message = f"Unknown terms: {', '.join(sorted(unknown))}"
            raise StripeError(message)
        self.store.set("terms", self.store.setting("terms", {}) | changes)
        return asdict(self.terms)

    # --- objects --------------------------------------------------------------------------------------------------

    def get(self, kind: str, pk: str, account: str | None = None, param: str = "id") -> Doc:
        found = self.store.get(kind, pk, account)
        if found is None:
            raise missing(kind, pk, param)
        return found

    def owner(self, pk: str) -> str:
        found = self.store.find(pk)
        return found[1] if found else PLATFORM

    def announce(self, kind: str, doc: Doc, account: str, previous: Doc | None = None) -> None:
        """Write the event, and one delivery to each endpoint that listens to this account's kind."""
        data: Doc = {"object": present(self, doc)}
        if previous is not None:
            data["previous_attributes"] = previous
        event: Doc = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": stripe.api_version,
            "created": self.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": dict(self.request),
            "type": kind,
        }
        connected = account != PLATFORM
        if connected:
            event["account"] = account
        self.store.add(event, account)
        for endpoint in self.endpoints():
            if endpoint["connect"] == connected and endpoint["enabled"]:
                self.store.write("INSERT INTO deliveries (event, url) VALUES (?, ?)", event["id"], endpoint["url"])
        self.wake_postman()

    def endpoints(self) -> list[Doc]:
        return self.store.setting("endpoints", [])

    def change(self, doc: Doc, event: str | None, account: str | None = None, **fields: Any) -> Doc:
        """Save the fields and announce what they were before."""
        previous = {name: doc.get(name) for name, value in fields.items() if doc.get(name) != value}
        doc.update(fields)
        self.store.save(doc)
        if event:
            shown = {name: value for name, value in previous.items() if not name.startswith("_")}
            self.announce(event, doc, account or self.owner(doc["id"]), shown)
        return doc


def merged_metadata(old: Doc | None, given: Any) -> Doc:
    """Stripe's rule: empty unsets a key, or all. At most 50 keys of 40 characters, values of 500."""
    if given is None:
        return dict(old or {})
    if given == "":
        return {}
    found = {key: value for key, value in ({**(old or {}), **given}).items() if value != ""}
    if len(found) > 50 or any(len(key) > 40 or len(str(value)) > 500 for key, value in found.items()):
        message = "Metadata may have up to 50 keys, with key names up to 40 characters long and values up to 500 characters long."
        raise StripeError(message, param="metadata")
    return found


def fingerprint(*parts: Any) -> str:
    return json.dumps(parts, sort_keys=True, ensure_ascii=False)
