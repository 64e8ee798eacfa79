"""What goes wrong on purpose, and how often."""

import random
import threading
from dataclasses import dataclass, field
from typing import Any

from stripe_simulator.idempotency import KEY_IN_USE
from stripe_simulator.protocol import Doc, StripeError

# Kinds that answer before anything is executed, and what they answer; None: nothing at all.
REFUSALS: dict[str, Doc] = {
    "error_500_unsaved": {
        "status": 500,
        "kind": "api_error",
        "message": "Sorry! There was an error while talking to one of our backends.",
    },
    "conflict_409": {
        "status": 409,
        "kind": "idempotency_error",
        "code": "idempotency_key_in_use",
        "message": KEY_IN_USE,
    },
    "rate_limit_429": {
        "status": 429,
        "kind": "invalid_request_error",
        "code": "rate_limit",
        "message": "Request rate limit exceeded.",
    },
}
KINDS = (*REFUSALS, "error_500_saved", "timeout_before", "timeout_after", "drop_connection_after", "slow")
# How long a call without an answer hangs unless told: longer than the SDK waits.
HANG = 90.0


@dataclass
class Fault:
    kind: str
    method: str | None = None
    path_prefix: str = ""
    times: int | None = None
    seconds: float | None = None
    probability: float = 1.0
    effect: bool = True  # error_500_saved: whether what was asked for has happened
    skip: int = 0  # let so many matching calls through first
    hits: int = 0
    chance: random.Random = field(default_factory=random.Random, repr=False)

    def strikes(self, method: str, path: str) -> bool:
        if self.times is not None and self.hits >= self.times:
            return False
        if (self.method and method != self.method) or not path.startswith(self.path_prefix):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.chance.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def refusal(self) -> StripeError | None:
        if self.kind not in REFUSALS:
            return None
        words = dict(REFUSALS[self.kind])
        return StripeError(words.pop("message"), **words)


class Faults:
    """In memory only: a restarted server has none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.plan: list[Fault] = []

    def add(self, asked: Doc) -> Fault:
        match = asked.get("match") or {}
        if asked.get("kind") not in KINDS or set(match) - {"method", "path_prefix"}:
            raise StripeError(f"kind is one of: {', '.join(KINDS)}; match has method and path_prefix", param="kind")
        known = ("times", "seconds", "probability", "effect", "skip")
        fault = Fault(asked["kind"], **match, **{name: asked[name] for name in known if name in asked})
        fault.chance = random.Random(asked.get("seed"))  # noqa: S311
        with self._lock:
            self.plan.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self.plan.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """The first fault of the plan that is meant for this call."""
        with self._lock:
            return next((fault for fault in self.plan if fault.strikes(method, path)), None)

    def shown(self) -> list[Doc]:
        hidden: Any = ("chance",)
        return [{name: value for name, value in vars(fault).items() if name not in hidden} for fault in self.plan]
