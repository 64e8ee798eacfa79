"""What the sockets ask of accounts: who is this, and do they still stand."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.errors import Refusal


@dataclass(frozen=True)
class Admission:
    """A person let in through one of their sign-ins."""

    person: Any
    session_id: uuid.UUID
    expires_at: float | None = None  # seconds since the epoch, when the proof itself runs out (a bearer token's end)


class Gatekeeper(Protocol):
    """Called in threads. What does not stand is refused with 401 (nobody is signed in by it) or 403 (suspended)."""

    def by_ticket(self, ticket: str) -> Admission:
        """Use a ticket up. Raises a Refusal: unknown, used, late, of an ended session, of somebody suspended."""

    def by_bearer(self, token: str) -> Admission:
        """Raises a Refusal."""

    def again(self, session_id: uuid.UUID) -> Any:
        """The person as they are now, before each command. Raises a Refusal when the sign-in holds no more."""

    def fallen(self, session_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Refusal]:
        """Those that hold no more, and why. Asked for all sockets of a process every minute, and when somebody says so."""


class PresenceListener(Protocol):
    """Told when a person's first socket opens and when the last has been gone for a moment. Called in a thread."""

    def came(self, person_id: uuid.UUID) -> None: ...

    def left(self, person_id: uuid.UUID) -> None: ...


_gatekeeper: Gatekeeper | None = None
_listeners: list[PresenceListener] = []


def register_gatekeeper(gatekeeper: Gatekeeper) -> None:
    """Accounts calls this when the apps are ready."""
    global _gatekeeper  # noqa: PLW0603 - a port has one answerer
    _gatekeeper = gatekeeper


def gatekeeper() -> Gatekeeper:
    if _gatekeeper is None:
        msg = "accounts has not registered its gatekeeper"
        raise RuntimeError(msg)
    return _gatekeeper


def register_presence_listener(listener: PresenceListener) -> None:
    """Apps announce themselves from the highest to the lowest; listeners are called from the lowest up, so that those above
    find written what those below write.
    """
    if listener not in _listeners:
        _listeners.insert(0, listener)


def presence_listeners() -> list[PresenceListener]:
    return list(_listeners)
