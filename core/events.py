"""News from below to above: an outbox in the database.

An action calls `publish(event)` inside its transaction; the row, and one delivery for each registered handler, commit or vanish with
the change itself. The relay (`manage.py relay`) hands due deliveries to Celery. Handlers run at least once; a delivery is marked
done in the same transaction as a handler's effect, so a second run does nothing.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar, dataclass_transform, get_type_hints

from django.db import connection
from django.utils import timezone

from core.context import trace
from core.models import DeliveryState, OutboxEvent

NOTIFY_CHANNEL = "souk_outbox"


class Event:
    """The base of all events: a frozen dataclass of ids, named `<app>.<past_participle>`."""

    name: ClassVar[str]


NewEvent = TypeVar("NewEvent", bound=Event)


@dataclass(frozen=True)
class Handler:
    """One reaction. `lease` is None when it runs within the delivery's transaction; else how long a job may take."""

    name: str
    event: type[Event]
    call: Callable[[Any], None]
    lease: timedelta | None = None


_events: dict[str, type[Event]] = {}
_handlers: dict[str, Handler] = {}
_by_event: dict[str, list[Handler]] = defaultdict(list)


@dataclass_transform(frozen_default=True)
def event(name: str) -> Callable[[type[NewEvent]], type[NewEvent]]:
    """Register a frozen dataclass as the event `name`."""

    def register(cls: type[NewEvent]) -> type[NewEvent]:
        made = dataclass(frozen=True)(cls)
        made.name = name  # type: ignore[attr-defined]
        _events[name] = made
        return made

    return register


def handles(event_class: type[Event]) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Register a reaction that is one call of an action, in one transaction with its delivery record."""
    return _register(event_class, lease=None)


def starts_job(
    event_class: type[Event], *, lease: timedelta = timedelta(minutes=2)
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Register a long or outside job: run outside any transaction, one at a time, again when `lease` ran out unfinished.

    The job must be safe to run twice: a worker may die after the work and before the record of it.
    """
    return _register(event_class, lease=lease)


def _register(
    event_class: type[Event], *, lease: timedelta | None
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    def register(call: Callable[[Any], None]) -> Callable[[Any], None]:
        app = call.__module__.split(".")[0]
        handler = Handler(f"{app}.{call.__name__}", event_class, call, lease)
        if handler.name in _handlers and _handlers[handler.name].call is not call:
            msg = f"two handlers are named {handler.name}"
            raise RuntimeError(msg)
        _handlers[handler.name] = handler
        _by_event[event_class.name].append(handler)
        return call

    return register


def publish(news: Event) -> None:
    """Write the event and its deliveries into the caller's transaction and nudge the relay at its commit.

    Raises:
        RuntimeError: outside a transaction, where the news could outlive the change or be lost without it.
    """
    publish_many([news])


# Events, their deliveries and the nudge in one statement: people wait for it at the end of nearly everything they do.
_TELL = """
    WITH told AS (
        INSERT INTO core_outboxevent (name, payload, request_id, occurred_at)
        SELECT n.name, n.payload, %(request_id)s::text, %(now)s::timestamptz
        FROM unnest(%(names)s::text[], %(payloads)s::jsonb[]) AS n (name, payload) RETURNING id, name
    ), given AS (
        INSERT INTO core_delivery (event_id, handler, state, attempts, due_at, last_error)
        SELECT told.id, h.handler, %(pending)s::text, 0, %(now)s::timestamptz, ''
        FROM told JOIN unnest(%(of)s::text[], %(handlers)s::text[]) AS h (name, handler) USING (name)
    )
    SELECT pg_notify(%(channel)s, '')
"""


def publish_many(news: Sequence[Event]) -> None:
    """Like `publish`, for what a sweep did to many things: one statement for all of them.

    Raises:
        RuntimeError: outside a transaction.
    """
    if not connection.in_atomic_block:
        names = ", ".join(sorted({one.name for one in news}))
        msg = f"publish({names}) outside a transaction"
        raise RuntimeError(msg)
    if not news:
        return
    handlers = sorted({(one.name, handler.name) for one in news for handler in _by_event[one.name]})
    with connection.cursor() as cursor:
        cursor.execute(
            _TELL,
            {
                "request_id": trace().request_id,
                "now": timezone.now(),
                "names": [one.name for one in news],
                "payloads": [json.dumps(_to_json(one)) for one in news],
                "of": [name for name, _ in handlers],
                "handlers": [handler for _, handler in handlers],
                "pending": str(DeliveryState.PENDING),
                "channel": NOTIFY_CHANNEL,
            },
        )


def handler_named(name: str) -> Handler | None:
    return _handlers.get(name)


def read(row: OutboxEvent) -> Event:
    """Build the event again from its row. Fields are only ever added, so unknown ones are an older reader's: skipped."""
    cls = _events[row.name]
    hints = get_type_hints(cls)
    known = {f.name for f in fields(cls)}  # type: ignore[arg-type]
    return cls(**{k: _from_json(v, hints[k]) for k, v in row.payload.items() if k in known})


def registered() -> dict[str, tuple[type[Event], list[Handler]]]:
    """Every event with its handlers, for the generated table of events."""
    return {name: (cls, list(_by_event[name])) for name, cls in sorted(_events.items())}


def _to_json(news: Any) -> dict[str, Any]:
    if not is_dataclass(news) or isinstance(news, type):
        msg = f"{news!r} is no event"
        raise TypeError(msg)
    return {k: str(v) if isinstance(v, uuid.UUID | datetime) else v for k, v in asdict(news).items()}


def _from_json(value: Any, hint: Any) -> Any:
    wanted = str(hint)
    if value is None or not isinstance(value, str):
        return value
    if "UUID" in wanted:
        return uuid.UUID(value)
    if "datetime" in wanted:
        return datetime.fromisoformat(value)
    return value
