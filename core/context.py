"""What is known of the request or job in hand, for logs and audit rows."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Trace:
    """Who asked, as far as the wire tells: the request's id and the caller's address."""

    request_id: str = ""
    ip: str | None = None


current: ContextVar[Trace] = ContextVar("souk_trace", default=Trace())  # noqa: B039 - frozen


def trace() -> Trace:
    return current.get()
