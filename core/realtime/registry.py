"""What may be said over a socket, each way. Frames are checked against it, and asyncapi.yaml is written from it."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.ratelimits import Limit


@dataclass
class Caller:
    """Whose socket a command came through. Rooms that a command joins or leaves are applied when it succeeded."""

    person: Any
    session_id: uuid.UUID
    socket_id: str
    joins: list[str] = field(default_factory=list)
    leaves: list[str] = field(default_factory=list)

    def join(self, room: str) -> None:
        self.joins.append(room)

    def leave(self, room: str) -> None:
        self.leaves.append(room)


# (caller, what the shape read) -> what the `ack` says. Runs in a thread, outside a transaction: one call of an action.
Call = Callable[[Caller, dict[str, Any]], dict[str, Any] | None]


@dataclass(frozen=True)
class Command:
    """A frame that clients send. `takes` is a serializer class (strict), `answers` the shape of its ack's data."""

    name: str
    takes: Any
    call: Call
    summary: str
    limit: Limit | None  # per person, whatever the number of sockets; None: the action counts, whatever the door
    answers: Any = None


@dataclass(frozen=True)
class Announcement:
    """A frame that clients receive, on a stream ("me", "conversation:{id}", …). `numbered`: it carries a `seq`."""

    name: str
    shape: Any
    stream: str
    summary: str
    numbered: bool = False


@dataclass(frozen=True)
class Missed:
    """One frame of a stream that a client asks for again."""

    name: str
    seq: int
    data: dict[str, Any]


# (person, the stream's id, the last number the client has, how many at most) -> what came after, in order.
# Raises NotFound for streams that are not the person's.
Resumer = Callable[[Any, uuid.UUID, int, int], Sequence[Missed]]
# (person, since) -> the ids of their streams with news after that moment, newest first; a few hundred at most
Changes = Callable[[Any, datetime], Sequence[uuid.UUID]]
# (the person's id) -> when their newest news came, or None; asked at every heartbeat, so one cheap query
Newest = Callable[[uuid.UUID], datetime | None]

_commands: dict[str, Command] = {}
_announcements: dict[str, Announcement] = {}
_resumers: dict[str, Resumer] = {}
_changes: dict[str, Changes] = {}
_newest: dict[str, Newest] = {}


def command(
    name: str, *, takes: Any, summary: str, answers: Any = None, limit: str | None = "60/m"
) -> Callable[[Call], Call]:
    """Register the function below as what a client's frame `name` does. Called from an app's `consumers.py`."""

    def register(call: Call) -> Call:
        _commands[name] = Command(name, takes, call, summary, Limit.parse(limit) if limit else None, answers)
        return call

    return register


def announce(name: str, *, shape: Any, stream: str, summary: str, numbered: bool = False) -> None:
    """Declare a frame that the app tells (`core.realtime.telling`). Called from an app's `consumers.py`."""
    _announcements[name] = Announcement(name, shape, stream, summary, numbered)


def resumes(kind: str) -> Callable[[Resumer], Resumer]:
    """Register who knows what was missed on streams named `<kind>:<id>`."""

    def register(call: Resumer) -> Resumer:
        _resumers[kind] = call
        return call

    return register


def changes(kind: str) -> Callable[[Changes], Changes]:
    """Register who knows which streams `<kind>:<id>` of a person have news: a client that was away asks by a moment."""

    def register(call: Changes) -> Changes:
        _changes[kind] = call
        return call

    return register


def newest(kind: str) -> Callable[[Newest], Newest]:
    """Register who knows when a person's newest news on `<kind>:…` came. A heartbeat's answer tells it, so that a client notices
    a frame that was lost on the way and that nothing followed.
    """

    def register(call: Newest) -> Newest:
        _newest[kind] = call
        return call

    return register


def command_named(name: str) -> Command | None:
    return _commands.get(name)


def announcement_named(name: str) -> Announcement | None:
    return _announcements.get(name)


def resumer_of(kind: str) -> Resumer | None:
    return _resumers.get(kind)


def commands() -> list[Command]:
    return [_commands[name] for name in sorted(_commands)]


def announcements() -> list[Announcement]:
    return [_announcements[name] for name in sorted(_announcements)]


def changed_streams(person: Any, since: datetime) -> list[str]:
    """The person's streams with news after `since`, as the registered apps know them."""
    return [f"{kind}:{pk}" for kind in sorted(_changes) for pk in _changes[kind](person, since)]


def newest_news(person_id: uuid.UUID) -> datetime | None:
    return max((at for call in _newest.values() if (at := call(person_id)) is not None), default=None)
