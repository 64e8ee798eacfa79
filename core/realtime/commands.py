"""Carrying out a frame that a client sent. Runs in a thread, in the language of its socket."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone, translation
from rest_framework.exceptions import APIException

from core.context import Trace, current
from core.errors import NotFound, Refusal, TooMany, Unavailable
from core.ids import uuid7
from core.ratelimits import take_if_known
from core.realtime import registry, telling
from core.realtime.errors import TooManyRooms, UnknownCommand
from core.realtime.meters import COMMANDS
from core.realtime.ports import gatekeeper
from core.realtime.protocol import RESUME_ALTOGETHER, RESUME_AT_MOST, Nothing
from core.rest.parsers import is_too_deep
from core.rest.problems import described

log = structlog.get_logger(__name__)

SIGNED_OUT, FORBIDDEN = 401, 403


@dataclass
class Frame:
    """A frame as it came in."""

    type: str
    ref: str | int | None
    data: Any


@dataclass
class Answer:
    """What goes out for a frame, in order; rooms to enter and leave before; and a refusal that ends the socket."""

    frames: list[bytes]
    joins: list[str] = field(default_factory=list)
    leaves: list[str] = field(default_factory=list)
    fallen: Refusal | None = None


@dataclass(frozen=True)
class Origin:
    """Which socket a frame came through."""

    person_id: uuid.UUID
    session_id: uuid.UUID
    socket_id: str
    language: str
    ip: str | None
    rooms: frozenset[str]


def carry_out(came: Frame, origin: Origin) -> Answer:
    """One frame, exactly one answer: an `ack`, a `pong`, or an `error` with the `ref` of the frame."""
    current.set(Trace(request_id=str(uuid7()), ip=origin.ip))
    with translation.override(origin.language):
        try:
            answer = _carry_out(came, origin)
            outcome = "ack"
        except _Fallen as fallen:
            answer = Answer([error_frame(fallen.refusal, came.ref)], fallen=fallen.refusal)
            outcome = "error"
        except (Refusal, APIException) as refusal:
            answer = Answer([error_frame(refusal, came.ref)])
            outcome = "error"
        except DatabaseError:
            log.exception("command_failed", command=came.type)
            answer = Answer([error_frame(Unavailable(), came.ref)])
            outcome = "failed"
        except Exception as bug:  # a bug in one command ends neither the socket nor the others on it
            log.exception("command_failed", command=came.type)
            answer = Answer([error_frame(bug, came.ref)])
            outcome = "failed"
    known = came.type if registry.command_named(came.type) else "unknown"
    COMMANDS.labels(command=known, answer=outcome).inc()
    return answer


def error_frame(error: Exception, ref: str | int | None = None) -> bytes:
    """The `error` frame that says what the API would say in a problem."""
    return telling.frame("error", described(error), ref=ref)


class _Fallen(Exception):  # noqa: N818 - carries a refusal
    """The sign-in itself stands no more."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def _carry_out(came: Frame, origin: Origin) -> Answer:
    command = registry.command_named(came.type)
    if command is None:
        raise UnknownCommand(name=came.type[:64])
    if command.limit is not None:
        take_if_known(f"socket:{command.name}:{origin.person_id}", command.limit, refusal=TooMany)
    if (
        command.name == "ping"
    ):  # without a look at the sign-in: thousands come, and the hub looks for all of them at once
        _read(command, came, None)
        return Answer([telling.frame("pong", {"newest": registry.newest_news(origin.person_id)})])
    try:
        person = gatekeeper().again(origin.session_id)
    except Refusal as refusal:
        raise _Fallen(refusal) from None
    given = _read(command, came, person)
    if command.name == "resume":
        return _resume(person, came, given)
    caller = registry.Caller(person, origin.session_id, origin.socket_id)
    said = command.call(caller, given)
    if len(origin.rooms | set(caller.joins)) > settings.REALTIME["rooms_per_socket"]:
        raise TooManyRooms(limit=settings.REALTIME["rooms_per_socket"])
    return Answer([_ack(came, said)], caller.joins, caller.leaves)


def _read(command: registry.Command, came: Frame, person: Any) -> dict[str, Any]:
    bound = (command.takes or Nothing)(data={} if came.data is None else came.data, context={"person": person})
    bound.is_valid(raise_exception=True)
    return bound.validated_data


def _ack(came: Frame, data: dict[str, Any] | None) -> bytes:
    payload = telling.frame("ack", data, ref=came.ref)
    if telling.inspect is not None:
        telling.inspect(f"ack of {came.type}", "me", None, payload)
    return payload


def _resume(person: Any, came: Frame, given: dict[str, Any]) -> Answer:
    """Send again what came after the client's numbers, in order. What is not the person's is named and keeps nobody else waiting."""
    frames: list[bytes] = []
    streams: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for stream, after in given.get("streams", {}).items():
        if len(frames) >= RESUME_ALTOGETHER:
            streams[stream] = {"seq": after, "more": True}
            continue
        try:
            missed = _missed(person, stream, after)
        except NotFound as refusal:
            refused[stream] = refusal.code
            continue
        sent = missed[:RESUME_AT_MOST]
        frames += [_again(stream, one) for one in sent]
        streams[stream] = {"seq": sent[-1].seq if sent else after, "more": len(missed) > len(sent)}
    changed = registry.changed_streams(person, given["since"]) if "since" in given else []
    known = set(given.get("streams", {}))
    answer = {"streams": streams, "changed": [s for s in changed if s not in known], "refused": refused}
    return Answer([*frames, _ack(came, answer)])


def _again(stream: str, missed: registry.Missed) -> bytes:
    payload = telling.frame(missed.name, missed.data, stream=stream, seq=missed.seq)
    if telling.inspect is not None:
        telling.inspect(missed.name, stream, missed.seq, payload)
    return payload


def _missed(person: Any, stream: str, after: int) -> list[registry.Missed]:
    kind, _, name = stream.partition(":")
    resumer = registry.resumer_of(kind)
    try:
        stream_id = uuid.UUID(name)
    except ValueError:
        raise NotFound from None
    if resumer is None:
        raise NotFound
    return list(resumer(person, stream_id, after, RESUME_AT_MOST + 1))


def ready_frame(origin: Origin) -> bytes:
    return telling.frame(
        "ready",
        {
            "socket_id": origin.socket_id,
            "person_id": origin.person_id,
            "heartbeat_seconds": settings.REALTIME["heartbeat_seconds"],
            "server_time": timezone.now(),
        },
    )


def read_frame(text: str) -> Frame | None:
    """The frame that a client sent; None when it is none."""
    try:
        sent = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(sent, dict) or not isinstance(sent.get("type"), str) or set(sent) - {"type", "ref", "data"}:
        return None
    if is_too_deep(sent):
        return None
    ref = sent.get("ref")
    if isinstance(ref, bool) or not isinstance(ref, str | int | None) or len(str(ref)) > 64:
        return None
    return Frame(sent["type"], ref, sent.get("data"))
